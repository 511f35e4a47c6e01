package audit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/audit"
	"finmem/data"
)

// busy is a world with something on every session: news by day and in the
// evening, filings with and without a time, a dividend and a split.
func busy(t *testing.T) *world {
	w := newWorld(t, follower())
	later, err := nyse.Range(w.sessions[0], "2024-02-15")
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range later {
		tone := float64(i%3-1) / 2
		w.news(s, "11:30:00", fmt.Sprintf("Order %d for anvils", i), tone)
		w.news(s, "18:05:00", fmt.Sprintf("Evening report %d", i), -tone)
	}
	w.history.Filings = []data.Filing{
		{Accepted: w.sessions[3].In(nyse.Location()).Add(10 * time.Hour), Form: "10-Q", Period: "2023-12-31", Text: "Quarterly: anvils sold well."},
		{Accepted: w.sessions[12].In(time.UTC), DateOnly: true, Form: "10-K", Text: "Annual: iron was dear."},
	}
	w.history.Actions = []data.Action{{Session: w.sessions[6], Dividend: 0.4}, {Session: w.sessions[14], Split: 2, Dividend: 0.2}}
	return w
}

// No session of an honest run depends on what comes after it, whichever session
// is looked at, whatever the prices contain.
func TestHonestRun(t *testing.T) {
	for _, adjustment := range []data.Adjustment{data.SplitAdjusted, data.Raw} {
		w := busy(t)
		w.config.Adjustment = adjustment
		subject := w.run()
		for i := range w.sessions[:len(w.sessions)-1] {
			p := w.probe(subject, i, uint64(i))
			if len(p.Differences) != 0 || p.Later != 0 {
				t.Errorf("%s, session %d: %+v", adjustment, i, p.Differences)
			}
			if phase := subject.Records[symbol][i].Phase; p.Phase != phase || p.Compared != i+1 {
				t.Errorf("session %d: %d compared, phase %s, want %d and %s", i, p.Compared, p.Phase, i+1, phase)
			}
			if c := p.Changed; c.Bars == 0 || c.News == 0 || c.Filings == 0 || c.Actions == 0 {
				t.Errorf("session %d: nothing to leak: %+v", i, c)
			}
		}
	}
}

// A session without a price, also as the one after a warm-up session, is no leak.
func TestHonestRunWithMissingPrices(t *testing.T) {
	w := busy(t)
	var bars []data.Bar
	for _, b := range w.history.Bars {
		if b.Session != w.sessions[4] && b.Session != w.sessions[5] && b.Session != w.sessions[9] && b.Session != w.sessions[13] && b.Session != w.sessions[19] {
			bars = append(bars, b)
		}
	}
	w.history.Bars = bars
	subject := w.run()
	for i := range w.sessions[:len(w.sessions)-1] {
		if p := w.probe(subject, i, 1); len(p.Differences) != 0 {
			t.Errorf("session %d: %+v", i, p.Differences)
		}
	}
}

// An earlyFeed hands out tomorrow's news a session early: published after the
// cut-off, filed under the session before.
type earlyFeed struct{ *data.Feed }

func (f earlyFeed) Day(s data.Session) (data.Day, error) {
	day, err := f.Feed.Day(s)
	if err != nil {
		return day, err
	}
	next, err := nyse.Next(s)
	if err != nil {
		return day, err
	}
	late, err := f.Feed.Day(next)
	day.News = append(append([]data.News{}, day.News...), late.News...)
	return day, err
}

// A periodFeed shows a filing from the end of the period it reports on.
type periodFeed struct {
	*data.Feed
	filings []data.Filing
}

func (f periodFeed) Day(s data.Session) (data.Day, error) {
	day, err := f.Feed.Day(s)
	day.Filings = nil
	for _, x := range f.filings {
		if x.Period == string(s) {
			day.Filings = append(day.Filings, x)
		}
	}
	return day, err
}

// A backAdjusted feed divides prices by splits that are still to come.
type backAdjusted struct {
	*data.Feed
	actions []data.Action
}

func (f backAdjusted) Bars(upTo data.Session) []data.Bar {
	return data.RestateBars(f.Feed.Bars(upTo), f.actions, "2024-02-15")
}

// A peeker buys where the next bar is higher.
type peeker struct {
	*agent.Agent
	bars []data.Bar
}

func (p peeker) Decide(ctx context.Context, obs agent.Observation) (agent.Decision, error) {
	d, err := p.Agent.Decide(ctx, obs)
	d.Action = agent.Sell
	for _, b := range p.bars {
		if b.Session > obs.Day.Session {
			if b.Close > obs.Day.Bar.Close {
				d.Action = agent.Buy
			}
			break
		}
	}
	return d, err
}

// Each planted leak is found at a session that it reaches, and named.
func TestPlantedLeaks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		plant  func(*world)
		at     int
		aspect string
	}{
		{"news of the next session, in the warm-up", func(w *world) {
			w.feed = func(f *data.Feed, _ data.History) backtest.Feed { return earlyFeed{f} }
		}, 5, "prompt"},
		{"news of the next session, in the test", func(w *world) {
			w.feed = func(f *data.Feed, _ data.History) backtest.Feed { return earlyFeed{f} }
		}, 14, "offered memories"},
		{"news of the test, on the last session of the warm-up", func(w *world) {
			w.feed = func(f *data.Feed, _ data.History) backtest.Feed { return earlyFeed{f} }
		}, 9, "memory"},
		{"a filing from the end of its period on (B09)", func(w *world) {
			w.history.Filings = []data.Filing{{Accepted: w.sessions[18].In(nyse.Location()), Form: "10-Q", Period: string(w.sessions[12]), Text: "Quarterly: anvils sold well."}}
			w.feed = func(f *data.Feed, h data.History) backtest.Feed { return periodFeed{f, h.Filings} }
		}, 12, "memory"},
		{"prices adjusted for a split to come (B25)", func(w *world) {
			w.history.Actions = []data.Action{{Session: "2024-02-01", Split: 2}}
			w.feed = func(f *data.Feed, h data.History) backtest.Feed { return backAdjusted{f, h.Actions} }
		}, 12, "prompt"},
		{"a trader that knows the next close", func(w *world) {
			w.trader = func(a *agent.Agent, h data.History) backtest.Trader { return peeker{a, h.Bars} }
		}, 12, "decision"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := busy(t)
			tt.plant(w)
			subject := w.run()
			// A price may by chance lie on the same side as before, so the leak is
			// looked for with a few kinds of rubbish, as with a few sessions.
			var found []string
			for seed := range uint64(4) {
				p := w.probe(subject, tt.at, seed)
				found = append(found, differing(p))
				if strings.Contains(differing(p), tt.aspect) {
					if d := p.Differences[0]; d.Symbol != symbol || d.Session > w.sessions[tt.at] || d.Recorded == d.Rerun {
						t.Errorf("the difference is %+v", d)
					}
					return
				}
			}
			t.Errorf("found differences in %q, want one in %q", found, tt.aspect)
		})
	}
}

// An item that carries a wrong time, too early, is what the dataset says was
// known: an audit cannot know better.
func TestWrongStampIsNotFound(t *testing.T) {
	w := newWorld(t, follower())
	w.news(w.sessions[12], "11:00:00", "Merger of tomorrow evening", 0.9)
	subject := w.run()
	for i := range w.sessions[:len(w.sessions)-1] {
		if p := w.probe(subject, i, 1); len(p.Differences) != 0 {
			t.Errorf("session %d: %+v", i, p.Differences)
		}
	}
}

func TestLookAheadFailsWithTheRun(t *testing.T) {
	w := busy(t)
	subject := w.run()
	w.model = &reader{decide: func(string) agent.Action { return "" }}
	p := w.probe(subject, 12, 1)
	if !strings.Contains(differing(p), "decision") || p.Differences[0].Session != w.sessions[10] || p.Later != 2 {
		t.Errorf("error days instead of decisions are %+v and %d more", p.Differences, p.Later)
	}
	broken := func(map[string]data.History) ([]*backtest.Book, error) { return nil, errFeed }
	if _, err := audit.LookAhead(t.Context(), subject, w.sessions[3], 1, broken, nil); !errors.Is(err, errFeed) {
		t.Errorf("error = %v, want %v", err, errFeed)
	}
}
