package audit

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"finmem/data"
)

// A Change counts what was replaced, removed and added behind a session.
type Change struct {
	Bars    int `json:"bars"`
	News    int `json:"news"`
	Filings int `json:"filings"`
	Actions int `json:"actions"`
}

// plus is the sum of two changes.
func (c Change) plus(d Change) Change {
	return Change{c.Bars + d.Bars, c.News + d.News, c.Filings + d.Filings, c.Actions + d.Actions}
}

// Spoil gives a history that is the same up to session t and rubbish after it.
// Of everything that was not yet public at the close of t a quarter is gone and
// the rest says something else: prices lie at least a fifth away from the true
// ones, texts and their sentiment are drawn from a few words.
//
// What comes right after the close is added to, so that there is something to
// leak whatever the data holds: news and a filing stamped at the close itself,
// news and a filing of which only the date is known, and a split before the next
// open.
//
// What is public is told by the stamps alone, by the rules of docs/formats.md,
// and not by asking a [data.Feed], whose work is what is being audited:
//
//   - a bar counts as known from its own session's close on, an action from its
//     date on;
//   - what is stamped before the close of t is known, at it or later is not;
//   - news with a date only is known if the date is not after t, a filing with a
//     date only if its date is before t.
//
// lesson is the session up to whose close a warm-up session t is told the move,
// "" for none. That move stays: of the bar of that session the close, and the
// corporate actions on the way to it. The rest of that bar, and everything else
// after t, is rubbish all the same.
//
// The same arguments give the same rubbish. h is not changed.
func Spoil(h data.History, calendar *data.Calendar, t, lesson data.Session, seed uint64) (data.History, Change, error) {
	key := fnv.New64a()
	fmt.Fprintf(key, "%s %s", h.Symbol, t)
	s := spoiler{
		random: rand.New(rand.NewPCG(seed, key.Sum64())),
		end:    calendar.Close(t),
		last:   t,
	}
	unmoved := max(t, lesson)
	next, err := calendar.Next(unmoved)
	if err != nil {
		return data.History{}, Change{}, err
	}
	spoiled := data.History{
		Symbol:  h.Symbol,
		Bars:    s.bars(h.Bars, lesson),
		News:    s.news(h.News),
		Filings: s.filings(h.Filings),
		Actions: s.actions(h.Actions, unmoved, next),
	}
	return spoiled, s.change, nil
}

// A spoiler draws the rubbish for one symbol and session.
type spoiler struct {
	random *rand.Rand
	end    time.Time    // the close of the last session that stays
	last   data.Session // that session
	change Change
}

// gone decides whether something is removed.
func (s *spoiler) gone() bool { return s.random.IntN(4) == 0 }

func (s *spoiler) bars(bars []data.Bar, lesson data.Session) []data.Bar {
	var out []data.Bar
	for _, b := range bars {
		switch {
		case b.Session <= s.last:
			out = append(out, b)
			continue
		case b.Session == lesson:
			out = append(out, s.bar(b, b.Close))
		case !s.gone():
			out = append(out, s.bar(b, b.Close*s.factor()))
		}
		s.change.Bars++
	}
	return out
}

// factor is between a fifth and a factor of four away from 1, up or down.
func (s *spoiler) factor() float64 {
	f := 1.25 + 2.75*s.random.Float64()
	if s.random.IntN(2) == 0 {
		return 1 / f
	}
	return f
}

// bar is another bar of the same session with the given close. What b does not
// have it does not have either.
func (s *spoiler) bar(b data.Bar, price float64) data.Bar {
	open, spread := price*s.factor(), 1.01+0.2*s.random.Float64()
	volume := math.Round(1e6 * s.random.Float64())
	out := data.Bar{
		Session: b.Session, Open: open, Close: price,
		High: max(open, price) * spread, Low: min(open, price) / spread,
		AdjClose: price * s.factor(), Volume: volume,
	}
	for _, field := range []struct{ had, has *float64 }{
		{&b.Open, &out.Open}, {&b.High, &out.High}, {&b.Low, &out.Low}, {&b.AdjClose, &out.AdjClose}, {&b.Volume, &out.Volume},
	} {
		if math.IsNaN(*field.had) {
			*field.has = math.NaN()
		}
	}
	return out
}

func (s *spoiler) news(items []data.News) []data.News {
	var out []data.News
	for _, n := range items {
		if n.DateOnly && data.SessionOf(n.Time.UTC()) <= s.last || !n.DateOnly && n.Time.Before(s.end) {
			out = append(out, n)
			continue
		}
		if !s.gone() {
			out = append(out, s.item(n.Time, n.DateOnly))
		}
		s.change.News++
	}
	s.change.News += 2
	return append(out, s.item(s.end, false), s.item(s.last.AddDays(1).In(time.UTC), true))
}

// item is news without a true word in it.
func (s *spoiler) item(when time.Time, dateOnly bool) data.News {
	share := s.random.Float64()
	return data.News{
		Time: when, DateOnly: dateOnly, Title: s.text(), Text: s.text(), Source: "audit", Copies: 1,
		Sentiment: &data.Sentiment{Positive: share, Negative: 1 - share, Compound: 2*share - 1, Method: "audit"},
	}
}

var rubbishWords = []string{
	"bankruptcy", "breakthrough", "collapse", "default", "downgrade", "fraud", "guidance", "loss", "plunge",
	"probe", "profit", "rally", "recall", "record", "soar", "split", "surge", "takeover", "upgrade", "warning",
}

func (s *spoiler) text() string {
	text := fmt.Sprintf("Rubbish %d:", s.random.Uint32())
	for range 6 {
		text += " " + rubbishWords[s.random.IntN(len(rubbishWords))]
	}
	return text
}

func (s *spoiler) filings(filings []data.Filing) []data.Filing {
	var out []data.Filing
	for _, f := range filings {
		if f.DateOnly && data.SessionOf(f.Accepted.UTC()) < s.last || !f.DateOnly && f.Accepted.Before(s.end) {
			out = append(out, f)
			continue
		}
		if !s.gone() {
			f.Text, f.Period = s.text(), ""
			out = append(out, f)
		}
		s.change.Filings++
	}
	s.change.Filings += 2
	return append(out,
		data.Filing{Accepted: s.end, Form: "10-K", Text: s.text()},
		data.Filing{Accepted: s.last.In(time.UTC), DateOnly: true, Form: "10-Q", Text: s.text()})
}

// actions spoils the corporate actions after session unmoved, which next follows.
func (s *spoiler) actions(actions []data.Action, unmoved, next data.Session) []data.Action {
	var out []data.Action
	for _, a := range actions {
		if a.Session <= unmoved {
			out = append(out, a)
			continue
		}
		if a.Session != next && !s.gone() {
			out = append(out, data.Action{Session: a.Session, Split: a.Split * s.factor(), Dividend: a.Dividend * s.factor()})
		}
		s.change.Actions++
	}
	s.change.Actions++
	out = append(out, data.Action{Session: next, Split: 7})
	slices.SortFunc(out, func(a, b data.Action) int { return cmp.Compare(a.Session, b.Session) })
	return out
}

// LessonOf is the session whose close is told to a warm-up session t: the next
// one with a price, as long as it lies before the test window, which starts on
// from. It is "" where there is none and for sessions of the test window.
func LessonOf(h data.History, calendar *data.Calendar, t, from data.Session) data.Session {
	for _, b := range h.Bars {
		if b.Session > t && calendar.IsSession(b.Session) {
			if b.Session < from {
				return b.Session
			}
			return ""
		}
	}
	return ""
}
