package exporter

import (
	"context"
	"fmt"
	"math"

	"finmem/data"
)

// A collector takes one symbol out of a dataset.
type collector struct {
	calendar   *data.Calendar
	adjustment data.Adjustment
	options    Options
	history    data.History
	report     Report
}

// collect is what stands at each session that has a price, oldest first.
func (c *collector) collect(ctx context.Context) ([]data.Session, []Entry, error) {
	feed, err := data.NewFeed(c.calendar, c.history, data.FeedOptions{})
	if err != nil {
		return nil, nil, err
	}
	bars, err := c.bars(feed)
	if err != nil {
		return nil, nil, err
	}
	first, last := bars[0].Session, bars[len(bars)-1].Session
	c.report = Report{Symbol: c.history.Symbol, Dates: len(bars), First: first, Last: last}
	prices, err := c.prices(bars)
	if err != nil {
		return nil, nil, err
	}
	earliest, _ := c.calendar.Bounds()
	from := c.options.From
	if from == "" {
		from = first
	}
	sessions, err := c.calendar.Range(max(from, earliest), last)
	if err != nil {
		return nil, nil, err
	}
	dates := make([]data.Session, 0, len(bars))
	entries := make([]Entry, 0, len(bars))
	copies, waiting := 0, Entry{Symbol: c.history.Symbol}
	for _, s := range sessions {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		day, err := feed.Day(s)
		if err != nil {
			return nil, nil, err
		}
		for _, n := range day.News {
			copies += n.Copies
		}
		c.add(&waiting, day)
		if !day.HasBar {
			c.report.Moved += len(day.News) + len(day.Filings)
			continue
		}
		waiting.Price = prices[len(entries)]
		dates, entries = append(dates, s), append(entries, waiting)
		waiting = Entry{Symbol: c.history.Symbol}
	}
	news := 0
	for _, n := range c.history.News {
		news += max(n.Copies, 1)
	}
	c.report.Folded = copies - c.report.News
	c.report.NewsLeftOut = news - copies
	c.report.FilingsLeftOut = len(c.history.Filings) - c.report.Quarterly - c.report.Annual - c.report.OtherForms
	return dates, entries, nil
}

// bars are those of the sessions in the window; a bar before the calendar begins
// is on no session.
func (c *collector) bars(feed *data.Feed) ([]data.Bar, error) {
	earliest, latest := c.calendar.Bounds()
	from, to := max(c.options.From, earliest), latest
	if c.options.To != "" {
		to = min(c.options.To, latest)
	}
	bars := feed.Bars(to)
	for len(bars) > 0 && bars[0].Session < from {
		bars = bars[1:]
	}
	if len(bars) == 0 {
		return nil, fmt.Errorf("no prices in [%s, %s]", from, to)
	}
	return bars, nil
}

// prices are those that stand in the export.
func (c *collector) prices(bars []data.Bar) ([]float64, error) {
	prices := make([]float64, len(bars))
	if c.options.Price == AdjClose {
		for i, b := range bars {
			if math.IsNaN(b.AdjClose) {
				return nil, fmt.Errorf("%s has no adjusted close; export the close instead", b.Session)
			}
			prices[i] = b.AdjClose
		}
		return prices, nil
	}
	restated := bars
	if c.adjustment == data.Raw {
		actions, err := c.calendar.OnSessions(c.history.Actions)
		if err != nil {
			return nil, err
		}
		restated = data.RestateBars(bars, actions, bars[len(bars)-1].Session)
	}
	for i, b := range restated {
		prices[i] = b.Close
		c.report.Restated = c.report.Restated || b.Close != bars[i].Close
	}
	return prices, nil
}

// add puts the documents of a day into an entry. A filing that is neither an
// annual nor a quarterly report is news: that is how long the agent keeps it, and
// the formats have no other place.
func (c *collector) add(e *Entry, day data.Day) {
	for _, n := range day.News {
		e.News = append(e.News, Text{clean(n.Content()), n.Sentiment})
		c.report.News++
		if n.Sentiment != nil {
			c.report.WithSentiment++
		}
	}
	for _, f := range day.Filings {
		text := clean(f.Text)
		switch {
		case f.Quarterly():
			e.Quarterly = append(e.Quarterly, text)
			c.report.Quarterly++
		case f.Annual():
			e.Annual = append(e.Annual, text)
			c.report.Annual++
		default:
			e.News = append(e.News, Text{Text: text})
			c.report.OtherForms++
		}
	}
}
