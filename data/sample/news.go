package sample

import (
	"fmt"
	"strings"
	"time"

	"finmem/data"
)

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// news gives the notices words. Items and notices have the same numbers; copies
// come after all of them.
func (c company) news(seed uint64, t timetable, notices []notice) []data.News {
	s := newStream(seed, c.number, forNewsWords)
	items := make([]data.News, 0, len(notices))
	var copies []data.News
	for i, n := range notices {
		item := c.item(s, n)
		item.URL = fmt.Sprintf("https://news.example/%s/%d", strings.ToLower(c.symbol), i+1)
		items = append(items, item)
		// One item in twenty-five is spread again by others within an hour and a half.
		if s.chance(4) && !n.dateOnly {
			again := syndicated(s, item)
			if _, ok := t.instant(again.Time); ok {
				copies = append(copies, again)
			}
		}
	}
	return append(items, copies...)
}

func (c company) item(s stream, n notice) data.News {
	chosen := pick(s, n.stories())
	f := newFiller(s, c)
	f.used["quarter"] = n.quarter
	text := chosen.text
	if s.chance(60) {
		text += " " + pick(s, asides)
	}
	source := pick(s, newsSources)
	if n.subject == rumour {
		source = pick(s, rumourSources)
	}
	return data.News{
		Time:     n.published,
		DateOnly: n.dateOnly,
		Title:    f.fill(chosen.title),
		Text:     f.fill(text),
		Source:   source,
	}
}

// syndicated is a copy of an item as another site prints it: later, with another
// address, other spacing and the title in capitals.
func syndicated(s stream, item data.News) data.News {
	item.Time = item.Time.Add(minutes(s.between(5, 90)))
	item.URL += "/copy"
	item.Source = "Copy & Paste Press"
	item.Title = strings.ToUpper(item.Title)
	item.Text = strings.ReplaceAll(item.Text, ". ", ".  ")
	return item
}
