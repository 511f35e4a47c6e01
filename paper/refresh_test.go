package paper_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"finmem/agent"
	"finmem/backtest"
	"finmem/data"
	"finmem/paper"
)

// A source that is out of order is asked again. Within the tolerance the session
// is decided late; beyond it the session is missed, and read once the source is
// back, with all its news. What was fetched after a session's time is not fetched
// again for it, so a warm-up fetches once.
func TestRefresh(t *testing.T) {
	for _, tt := range []struct {
		name   string
		down   time.Duration // after the close of 2024-11-20
		status backtest.Status
		missed []string
		at     string // of the commit, UTC
	}{
		{"in order", 0, backtest.StatusDecided, nil, "21:15:00"},
		{"out of order for a while", 20 * time.Minute, backtest.StatusDecided, nil, "21:20:15"},
		{"for hours", 3 * time.Hour, backtest.StatusMissed, []string{"session 2024-11-20 was to be decided"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "2024-11-11", "2024-11-18", "2024-11-22", "AAA")
			w.settings.GiveUp = false
			back := nyse.Close("2024-11-20").Add(tt.down)
			var fetched []data.Session
			w.market = func(m paper.Market) paper.Market {
				return &paper.Refreshed{Market: m, Clock: w.clock, Final: w.settings.Deadline, Refresh: func(_ context.Context, s data.Session) error {
					if s == "2024-11-20" && w.clock.Now().Before(back) {
						return errors.New("the vendor is out of order")
					}
					fetched = append(fetched, s)
					return nil
				}}
			}
			if err := w.run(); err != nil {
				t.Fatal(err)
			}
			// One for the warm-up, one for each session of the test; where it came back
			// hours later, for that one too.
			if len(fetched) != 6 || fetched[0] != "2024-11-11" {
				t.Errorf("fetched for %v, want once for the warm-up and once a session", fetched)
			}
			wantTexts(t, w, paper.Missed, tt.missed...)
			for _, r := range w.records("AAA") {
				if r.Session == "2024-11-20" && (r.Status != tt.status || !r.HasBar) {
					t.Errorf("session %s: %s, price %t; want %s with its price", r.Session, r.Status, r.HasBar, tt.status)
				}
				if r.Session == "2024-11-21" && r.Status != backtest.StatusDecided {
					t.Errorf("the session after: %s", r.Status)
				}
			}
			for _, e := range w.notes.events {
				if e.Kind == paper.Decided && e.Session == "2024-11-20" && e.At.Format(time.TimeOnly) != tt.at {
					t.Errorf("decided at %s, want %s", e.At.Format(time.TimeOnly), tt.at)
				}
			}
		})
	}
}

// A decision that comes late because the model was out of order for longer than
// the tolerance is none: the session is missed, and the books are as the journal
// has them.
func TestModelOutOfOrder(t *testing.T) {
	w := newWorld(t, "2024-11-18", "2024-11-18", "2024-11-22", "AAA")
	w.settings.GiveUp = false
	back := nyse.Close("2024-11-20").Add(2 * time.Hour)
	w.trader = func(x backtest.Trader) backtest.Trader {
		return remembering{sick{x.(backtest.Learner), w.clock, back}, x.(backtest.Rememberer)}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Missed, "session 2024-11-20")
	records := w.records("AAA")
	if len(records) != 5 || records[2].Status != backtest.StatusMissed || records[3].Status != backtest.StatusDecided {
		t.Errorf("%d sessions, %s then %s; want the third missed and the fourth decided", len(records), records[2].Status, records[3].Status)
	}
}

// A sick trader fails on one session until a time.
type sick struct {
	backtest.Learner
	clock paper.Clock
	back  time.Time
}

func (s sick) Decide(ctx context.Context, obs agent.Observation) (agent.Decision, error) {
	if obs.Day.Session == "2024-11-20" && s.clock.Now().Before(s.back) {
		return agent.Decision{}, errors.New("asking the model: connection refused")
	}
	return s.Learner.Decide(ctx, obs)
}
