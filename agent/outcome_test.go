package agent_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/memory"
	"finmem/profile"
)

// B29: a decision is judged when its look-back is over and not before. With
// closes 100, 90, 95, 100, 105, 110 and five sessions a buy on the first is
// still open at 90 and has earned 10 % at 110.
func TestFeedbackWaitsForItsWindow(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name     string
		action   agent.Action
		closes   []float64
		lookBack int
		due      int // session on which the first decision is judged, -1 for none
		ret      float64
		points   int
	}{
		{"buy earned", agent.Buy, []float64{100, 90, 95, 100, 105, 110}, 5, 5, 0.10, 1},
		{"sell lost", agent.Sell, []float64{100, 90, 95, 100, 105, 110}, 5, 5, -0.10, -1},
		{"buy lost after one session", agent.Buy, []float64{100, 90, 95}, 1, 1, -0.10, -1},
		{"sell earned after one session", agent.Sell, []float64{100, 90, 95}, 1, 1, 0.10, 1},
		{"hold says nothing", agent.Hold, []float64{100, 90, 95, 100, 105, 110}, 5, 5, 0, 0},
		{"unchanged says nothing", agent.Buy, []float64{100, 90, 95, 100, 105, 100}, 5, 5, 0, 0},
		{"still open", agent.Buy, []float64{100, 90, 95, 100, 105}, 5, -1, 0, 0},
		{"sessions without a price do not count", agent.Buy, []float64{100, nan, 95, nan, 120}, 2, 4, 0.20, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sessions := sessionsFrom(t, 60)
			h := history(sessions, tt.closes)
			h.News = append(h.News, item(sessions[0], "Anvils sell"))
			first := true
			model := &modelFunc{answer: func(int, agent.Request) (string, error) {
				if first {
					first = false
					return saying(tt.action, "x", 0), nil
				}
				return saying(agent.Hold, "y"), nil
			}}
			w := newWorld(t, h, model, func(c *agent.Config, _ *profile.Profile) { c.LookBack = tt.lookBack })
			var cited []string
			judged := -1
			for i, c := range tt.closes {
				if math.IsNaN(c) {
					w.observe(i)
					continue
				}
				d := w.decide(i)
				if i == 0 {
					cited = d.Cited
				}
				for _, f := range d.Trace.Feedback {
					if f.Decided != sessions[0] {
						continue
					}
					judged = i
					if math.Abs(f.Return-tt.ret) > 1e-12 || f.Points != tt.points {
						t.Errorf("feedback %+v, want return %v and %d points", f, tt.ret, tt.points)
					}
					if want := cited; tt.points != 0 && fmt.Sprint(f.IDs) != fmt.Sprint(want) || tt.points == 0 && len(f.IDs) != 0 {
						t.Errorf("feedback reached %v, cited were %v", f.IDs, want)
					}
				}
			}
			if judged != tt.due {
				t.Errorf("judged on session %d, want %d", judged, tt.due)
			}
			if len(cited) != 1 {
				t.Errorf("cited %v, want the one item", cited)
			}
		})
	}
}

// Every ReflectEvery decisions are summed up once, when the outcome of the last
// of them is known.
func TestExtendedReflection(t *testing.T) {
	sessions := sessionsFrom(t, 60)
	closes := []float64{100, 110, 121, 121, 110, 99, 99, 99}
	actions := []agent.Action{agent.Buy, agent.Sell, agent.Hold, agent.Buy, agent.Buy, agent.Buy, agent.Buy, agent.Buy}
	n := 0
	model := &modelFunc{answer: func(int, agent.Request) (string, error) {
		n++
		return saying(actions[n-1], fmt.Sprintf("because %d", n)), nil
	}}
	w := newWorld(t, history(sessions, closes), model, func(c *agent.Config, _ *profile.Profile) { c.LookBack, c.ReflectEvery = 2, 3 })
	got := map[int]string{}
	for i := range closes {
		w.decide(i)
		for _, e := range added(w.changes()) {
			if e.Source == "extended reflection" {
				got[i] = e.Text
				if e.Layer != memory.Long || e.Session != string(sessions[i]) {
					t.Errorf("review %+v, want it in the long layer", e)
				}
			}
		}
	}
	want := map[int]string{
		// Decisions 1 to 3, the last judged two sessions later.
		4: "My last 3 decisions, 2024-01-02 to 2024-01-04: 1 earned, 1 lost, 1 neither.\n" +
			"2024-01-02: buy, earned 21.00 % over 2 sessions. Reason: because 1\n" +
			"2024-01-03: sell, lost 10.00 % over 2 sessions. Reason: because 2\n" +
			"2024-01-04: hold, price -9.09 % over 2 sessions. Reason: because 3",
		7: "My last 3 decisions, 2024-01-05 to 2024-01-09: 0 earned, 2 lost, 1 neither.\n" +
			"2024-01-05: buy, lost 18.18 % over 2 sessions. Reason: because 4\n" +
			"2024-01-08: buy, lost 10.00 % over 2 sessions. Reason: because 5\n" +
			"2024-01-09: buy, earned 0.00 % over 2 sessions. Reason: because 6",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("reviews:\n%v\nwant\n%v", got, want)
	}
}

// Long reasons share the space of one passage.
func TestExtendedReflectionStaysShort(t *testing.T) {
	closes := constantCloses(12, 100)
	w := newWorld(t, history(sessionsFrom(t, 60), closes), always(saying(agent.Buy, strings.Repeat("very long reason ", 100))))
	for i := range closes {
		w.decide(i)
	}
	reviews := 0
	for _, e := range added(w.changes()) {
		if e.Source == "extended reflection" {
			reviews++
			if e.Part != "" {
				t.Errorf("the review is split: %s", e.Part)
			}
		}
	}
	if reviews != 1 {
		t.Errorf("%d reviews, want 1", reviews)
	}
}

// A self-adaptive profile avoids risk while the account lost over the last three
// sessions.
func TestInclinationFollowsTheAccount(t *testing.T) {
	w := newWorld(t, history(sessionsFrom(t, 60), constantCloses(8, 100)), always(saying(agent.Hold, "x")))
	want := []string{"risk-seeking", "risk-seeking", "risk-seeking", "risk-averse", "risk-seeking"}
	for i, equity := range []float64{10_000, 9_000, 9_500, 9_900, 9_100} {
		w.account.Equity = equity
		d := w.decide(i)
		if d.Trace.Inclination != want[i] || !strings.Contains(d.Trace.Prompt, "Attitude to risk: "+want[i]) {
			t.Errorf("session %d: %s, want %s", i, d.Trace.Inclination, want[i])
		}
	}
}

// A decision whose session has fallen out of the bars is not judged in silence.
func TestTooFewBars(t *testing.T) {
	w := newWorld(t, history(sessionsFrom(t, 60), constantCloses(8, 100)), always(saying(agent.Buy, "x")))
	w.decide(0)
	w.decide(1)
	obs := w.observation(2)
	obs.Bars = obs.Bars[1:]
	if _, err := w.agent.Decide(t.Context(), obs); err == nil || !strings.Contains(err.Error(), "put more bars into an observation") {
		t.Errorf("error = %v, want one about the bars", err)
	}
	if got := agent.DefaultConfig().Bars(); got != 50 {
		t.Errorf("Bars() = %d, want 50", got)
	}
}
