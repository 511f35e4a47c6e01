package audit

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"finmem/backtest"
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

// A Cut says behind which session a history is spoiled, and what stays there.
type Cut struct {
	// After is the last session of which all stays.
	After data.Session
	// Lesson is the session up to whose close a warm-up session is told the move,
	// "" for none. That move stays: of the bar of that session the close, and the
	// corporate actions on the way to it.
	Lesson data.Session
	// Last is the session of the window's last price: its bar is never removed,
	// only replaced. An order that no price is left to fill is not placed, so that
	// there is a later price at all is not news to a run.
	Last data.Session
	// Seed is that of the rubbish.
	Seed uint64
}

// CutAfter is the cut behind session t of a run over a window: what is left there
// is what the run may use of the time after t.
func CutAfter(t data.Session, w backtest.Window, h data.History, calendar *data.Calendar, seed uint64) Cut {
	cut := Cut{After: t, Seed: seed}
	for _, b := range h.Bars {
		if !calendar.IsSession(b.Session) || b.Session > w.To {
			continue
		}
		if cut.Lesson == "" && b.Session > t && b.Session < w.From {
			cut.Lesson = b.Session
		}
		cut.Last = b.Session
	}
	return cut
}

// Spoil gives a history that is the same up to the cut and rubbish after it. Of
// everything that was not yet public at the close of cut.After a quarter is gone and
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
//   - what is stamped before the close of the session is known, at it or later is
//     not;
//   - news with a date only is known if the date is not after the session, a
//     filing with a date only if its date is before it.
//
// The same arguments give the same rubbish. h is not changed.
func Spoil(h data.History, calendar *data.Calendar, cut Cut) (data.History, Change, error) {
	key := fnv.New64a()
	fmt.Fprintf(key, "%s %s", h.Symbol, cut.After)
	s := spoiler{
		random: rand.New(rand.NewPCG(cut.Seed, key.Sum64())),
		end:    calendar.Close(cut.After),
		last:   cut.After,
	}
	unmoved := max(cut.After, cut.Lesson)
	next, err := calendar.Next(unmoved)
	if err != nil {
		return data.History{}, Change{}, err
	}
	spoiled := data.History{
		Symbol:  h.Symbol,
		Bars:    s.bars(h.Bars, cut),
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

func (s *spoiler) bars(bars []data.Bar, cut Cut) []data.Bar {
	var out []data.Bar
	for _, b := range bars {
		switch {
		case b.Session <= s.last:
			out = append(out, b)
			continue
		case b.Session == cut.Lesson:
			out = append(out, s.bar(b, b.Close))
		case !s.gone() || b.Session == cut.Last:
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
