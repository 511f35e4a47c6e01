package data

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// FeedOptions set when a session's decision is taken.
type FeedOptions struct {
	// CutoffBefore is how long before the close a session's cut-off lies. Zero
	// means at the close. It must not be negative, nor reach back before the
	// open of a half day.
	CutoffBefore time.Duration
}

// A Feed hands out the days of one symbol, each with all that was public at its
// cut-off and nothing later.
//
//   - A document with a time belongs to the first session whose cut-off lies
//     after it. One stamped exactly at a cut-off belongs to the next session;
//     weekends and holidays roll forward.
//   - News of which only the date is known belongs to that date's session, or
//     the next if there is none. It counts as known only after that close; where
//     the cut-off lies before the close, it belongs to the session after.
//   - A filing of which only the date is known belongs to the next session after
//     its date.
//
// Every document belongs to exactly one session, whichever sessions are asked
// for. News and filings without a word say nothing and are left out, and so are
// bars on dates that are no sessions; [Check] counts both. A Feed may be used
// from several goroutines.
type Feed struct {
	calendar *Calendar
	history  History
	before   time.Duration
	news     map[Session][]News
	filings  map[Session][]Filing
}

// NewFeed assigns the documents of a history to the sessions of a calendar. A
// document outside the calendar is an error: it could not be shown on any day.
func NewFeed(calendar *Calendar, h History, opts FeedOptions) (*Feed, error) {
	f := &Feed{
		calendar: calendar,
		history:  h,
		before:   opts.CutoffBefore,
		news:     make(map[Session][]News),
		filings:  make(map[Session][]Filing),
	}
	if shortest := calendar.shortest(); opts.CutoffBefore < 0 || opts.CutoffBefore >= shortest {
		return nil, fmt.Errorf("cut-off %s before the close: want at least 0 and less than %s, the shortest session", opts.CutoffBefore, shortest)
	}
	bars, err := sessionBars(calendar, h)
	if err != nil {
		return nil, err
	}
	f.history.Bars = bars
	for _, n := range h.News {
		if n.blank() {
			continue
		}
		s, err := f.newsSession(n)
		if err != nil {
			return nil, fmt.Errorf("news of %s %q: %w", h.Symbol, n.Title, err)
		}
		f.news[s] = append(f.news[s], n)
	}
	for s, news := range f.news {
		f.news[s] = foldNews(news)
	}
	for _, x := range h.Filings {
		if x.blank() {
			continue
		}
		s, err := f.filingSession(x)
		if err != nil {
			return nil, fmt.Errorf("filing %s of %s: %w", x.Form, h.Symbol, err)
		}
		f.filings[s] = append(f.filings[s], x)
	}
	for _, filings := range f.filings {
		slices.SortStableFunc(filings, compareFilings)
	}
	return f, nil
}

// sessionBars are the bars of a history without those on dates on which the
// exchange does not trade. Bars before the calendar begins are past prices like
// any other and stay.
func sessionBars(calendar *Calendar, h History) ([]Bar, error) {
	first, last := calendar.Bounds()
	stray := func(b Bar) bool {
		return b.Session >= first && b.Session <= last && !calendar.IsSession(b.Session)
	}
	bars := h.Bars
	for i, b := range h.Bars {
		if i > 0 && b.Session <= h.Bars[i-1].Session {
			return nil, fmt.Errorf("bars of %s: %s follows %s; want each session once, oldest first", h.Symbol, b.Session, h.Bars[i-1].Session)
		}
	}
	if slices.ContainsFunc(bars, stray) {
		bars = slices.DeleteFunc(slices.Clone(bars), stray)
	}
	return bars, nil
}

// newsSession is the session on which an item may first be used.
func (f *Feed) newsSession(n News) (Session, error) { return f.calendar.NewsSession(n, f.before) }

// NewsSession is the session to which a [Feed] whose cut-off lies before ahead of
// the close gives an item.
func (c *Calendar) NewsSession(n News, before time.Duration) (Session, error) {
	if !n.DateOnly {
		return c.SessionFor(n.Time, before)
	}
	date := SessionOf(n.Time.UTC())
	if before > 0 {
		return c.Next(date)
	}
	return c.RollDate(date)
}

// filingSession is the session on which a filing may first be used.
func (f *Feed) filingSession(x Filing) (Session, error) {
	if !x.DateOnly {
		return f.calendar.SessionFor(x.Accepted, f.before)
	}
	return f.calendar.Next(SessionOf(x.Accepted.UTC()))
}

// Day is what may be seen at the cut-off of session s. News is in the order of
// time, title and text, each content once; filings in the order of acceptance.
// A date on which the calendar has no session is an error. The slices are the
// feed's own and must not be changed.
func (f *Feed) Day(s Session) (Day, error) {
	if !f.calendar.IsSession(s) {
		return Day{}, fmt.Errorf("%s is not a session of the %s calendar", s, f.calendar.Name())
	}
	day := Day{
		Session: s,
		Symbol:  f.history.Symbol,
		Cutoff:  f.calendar.Cutoff(s, f.before),
		News:    f.news[s],
		Filings: f.filings[s],
	}
	if i, ok := f.find(s); ok {
		day.Bar, day.HasBar = f.history.Bars[i], true
	}
	return day, nil
}

// Bars are the bars up to and including session upTo, oldest first. The slice is
// part of the feed's own and must not be changed.
func (f *Feed) Bars(upTo Session) []Bar {
	i, ok := f.find(upTo)
	if ok {
		i++
	}
	return f.history.Bars[:i:i]
}

// find is the place of session s among the bars, or where it would be.
func (f *Feed) find(s Session) (int, bool) {
	return sort.Find(len(f.history.Bars), func(i int) int { return strings.Compare(string(s), string(f.history.Bars[i].Session)) })
}

// foldNews sorts items and folds those of the same content into the earliest of
// them. Syndicated copies of a story are one story, not many confirmations.
func foldNews(items []News) []News {
	slices.SortStableFunc(items, compareNews)
	kept := items[:0:0]
	place := make(map[string]int, len(items))
	for _, n := range items {
		key := n.ContentKey()
		if i, seen := place[key]; seen {
			kept[i].Copies += max(n.Copies, 1)
			continue
		}
		n.Copies = max(n.Copies, 1)
		place[key] = len(kept)
		kept = append(kept, n)
	}
	return kept
}

// ContentKey is equal for items whose title and text differ only in case and
// white space: a [Feed] shows such items of one session as one.
func (n News) ContentKey() string { return foldText(n.Title) + "\x00" + foldText(n.Text) }

// blank reports whether the item has no word to read.
func (n News) blank() bool {
	return strings.TrimSpace(n.Title) == "" && strings.TrimSpace(n.Text) == ""
}

// blank reports whether the filing has no word to read.
func (f Filing) blank() bool { return strings.TrimSpace(f.Text) == "" }

func foldText(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// compareNews orders by time, title and text; source and address only break
// what would else be ties between different items.
func compareNews(a, b News) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Title, b.Title), cmp.Compare(a.Text, b.Text),
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.URL, b.URL))
}

func compareFilings(a, b Filing) int {
	return cmp.Or(a.Accepted.Compare(b.Accepted), cmp.Compare(a.Form, b.Form), cmp.Compare(a.Period, b.Period), cmp.Compare(a.Text, b.Text))
}
