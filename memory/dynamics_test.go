package memory_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"finmem/memory"
)

// Each figure follows from the constants by hand: the night in which the
// importance born × decay^n passes a threshold, or the age at which
// exp(-age/stability) falls below 0.05.
func TestDynamics(t *testing.T) {
	for _, tt := range []struct {
		preset string
		want   []string
	}{
		{"reference", []string{
			// Stability 3: below 5 % at age 9.
			"short 50 (0.50): forgotten in night 9 from short by recency",
			"short 70 (0.45): night 1 short to mid, night 4 mid to short, forgotten in night 10 from short by recency",
			"short 90 (0.05): night 1 short to long, night 4 long to mid, night 13 mid to short, forgotten in night 14 from short by recency",
			// 60 × 0.967 is below the floor of 60, and then the short layer's
			// clock decides.
			"mid 40 (0.05): night 1 mid to short, forgotten in night 9 from short by recency",
			"mid 60 (0.80): night 1 mid to short, forgotten in night 9 from short by recency",
			"mid 80 (0.15): night 9 mid to short, forgotten in night 10 from short by recency",
			// 80 × 0.988 is below the floor of 80; 79.04 × 0.967^9 is below 60.
			"long 40 (0.05): night 1 long to short, forgotten in night 9 from short by recency",
			"long 60 (0.15): night 1 long to short, forgotten in night 9 from short by recency",
			"long 80 (0.80): night 1 long to mid, night 10 mid to short, forgotten in night 11 from short by recency",
			"reflection 40 (0.05): forgotten in night 173 from reflection by importance",
			"reflection 60 (0.15): forgotten in night 206 from reflection by importance",
			"reflection 80 (0.80): forgotten in night 230 from reflection by importance",
		}},
		{"layered", []string{
			"short 40 (0.80): forgotten in night 23 from short by importance",
			"short 60 (0.15): forgotten in night 27 from short by importance",
			"short 80 (0.05): night 1 short to mid, night 66 mid to short, forgotten in night 67 from short by recency",
			"mid 40 (0.05): night 46 mid to short, forgotten in night 47 from short by recency",
			"mid 60 (0.80): night 59 mid to short, forgotten in night 60 from short by recency",
			"mid 80 (0.15): night 68 mid to short, forgotten in night 69 from short by recency",
			"long 40 (0.05): night 183 long to short, forgotten in night 184 from short by recency",
			"long 60 (0.15): night 236 long to short, forgotten in night 237 from short by recency",
			"long 80 (0.80): night 274 long to short, forgotten in night 275 from short by recency",
			"reflection 40 (0.05): forgotten in night 274 from reflection by importance",
			"reflection 60 (0.15): forgotten in night 328 from reflection by importance",
			"reflection 80 (0.80): forgotten in night 365 from reflection by importance",
		}},
	} {
		var got []string
		for _, l := range preset(t, tt.preset).Dynamics().Layers {
			for _, life := range l.Lives {
				got = append(got, tell(l.Layer, life))
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%s\nwant:\n%s", tt.preset, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

func tell(l memory.Layer, life memory.Life) string {
	s := fmt.Sprintf("%s %g (%.2f): ", l, life.Importance, life.Probability)
	for _, m := range life.Moves {
		s += fmt.Sprintf("night %d %s to %s, ", m.Night, m.From, m.To)
	}
	if life.Dies == nil {
		return s + fmt.Sprintf("stays in %s", life.EndsIn)
	}
	return s + fmt.Sprintf("forgotten in night %d from %s by %s", *life.Dies, life.EndsIn, life.Why)
}

// In the published configuration most filings leave their layer on the first
// night and live for some ten sessions.
func TestDynamicsWarn(t *testing.T) {
	for _, tt := range []struct {
		preset          string
		moved, meanLife [4]float64
		warnings        []string
	}{
		{"layered", [4]float64{0.05, 0, 0, 0}, [4]float64{25.8, 60.7, 264.75, 354.9}, []string{
			"5 % of new short events change layer on their first night (importance 80 rises to mid)",
		}},
		{"paper", [4]float64{0.05, 0.85, 1, 0}, [4]float64{21.15, 26, 32, 223.55}, []string{
			"5 % of new short events change layer on their first night (importance 80 rises to mid)",
			"85 % of new mid events change layer on their first night (importance 40 sinks to short, 60 sinks to short)",
			"100 % of new long events change layer on their first night (importance 40 sinks to short, 60 sinks to short, 80 sinks to mid)",
		}},
		{"reference", [4]float64{0.5, 0.85, 1, 0}, [4]float64{9.7, 9.15, 10.6, 223.55}, []string{
			"50 % of new short events change layer on their first night (importance 70 rises to mid, 90 rises to long)",
			"85 % of new mid events change layer on their first night (importance 40 sinks to short, 60 sinks to short)",
			"100 % of new long events change layer on their first night (importance 40 sinks to short, 60 sinks to short, 80 sinks to mid)",
			"a new mid event lives 9.2 nights on average, no longer than a short one (9.7)",
		}},
	} {
		d := preset(t, tt.preset).Dynamics()
		if d.Preset != tt.preset || !slices.Equal(d.Warnings, tt.warnings) {
			t.Errorf("%s warns:\n%s\nwant:\n%s", d.Preset, strings.Join(d.Warnings, "\n"), strings.Join(tt.warnings, "\n"))
		}
		for i, l := range d.Layers {
			if !near(l.FirstNightMoved, tt.moved[i]) || l.FirstNightForgotten != 0 || l.MeanLife == nil || !near(*l.MeanLife, tt.meanLife[i]) {
				t.Errorf("%s %s: %v moved, %v forgotten, mean life %v, want %v, 0, %v",
					tt.preset, l.Layer, l.FirstNightMoved, l.FirstNightForgotten, l.MeanLife, tt.moved[i], tt.meanLife[i])
			}
		}
	}
}

func TestDynamicsOfTheExtremes(t *testing.T) {
	c := preset(t, "layered")
	c.PurgeRecency = 0
	c.Mid.Decay = 1
	c.Short.Initial = []memory.Draw{{Importance: 3, Probability: 0.25}, {Importance: 40, Probability: 0.75}, {Importance: 4, Probability: 0}}
	d := c.Dynamics()
	mid := d.Layers[memory.Mid]
	if got := tell(memory.Mid, mid.Lives[1]); got != "mid 60 (0.80): stays in mid" || mid.MeanLife != nil {
		t.Errorf("%s, mean life %v, want neither an end nor a mean", got, mid.MeanLife)
	}
	short := d.Layers[memory.Short]
	if math.Abs(short.FirstNightForgotten-0.25) > 1e-12 {
		t.Errorf("forgotten on the first night: %v, want 0.25", short.FirstNightForgotten)
	}
	if want := "25 % of new short events are forgotten on their first night (importance 3)"; !slices.Contains(d.Warnings, want) {
		t.Errorf("warnings %q, want %q", d.Warnings, want)
	}
	b, err := json.Marshal(mid.Lives[1])
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"importance":60,"probability":0.8,"moves":[],"dies":null,"endsIn":"mid","why":""}`; string(b) != want {
		t.Errorf("JSON %s, want %s", b, want)
	}
}

// The table is what happens: an event in a store lives the life told.
func TestDynamicsAreWhatNightsDo(t *testing.T) {
	for _, name := range []string{"layered", "paper", "reference"} {
		c := preset(t, name)
		for _, l := range c.Dynamics().Layers {
			for _, life := range l.Lives {
				s := newStore(t, c, 1)
				remember(t, s, memory.Event{ID: "a", Layer: l.Layer, Importance: life.Importance})
				seen := memory.Life{Importance: life.Importance, Probability: life.Probability}
				for n := 1; seen.Dies == nil; n++ {
					tr := night(t, s, n)
					for _, m := range tr.Moved {
						seen.Moves = append(seen.Moves, memory.LifeMove{Night: n, From: m.From, To: m.To})
					}
					for _, r := range tr.Removed {
						seen.Dies, seen.EndsIn, seen.Why = &n, r.Layer, r.Why
					}
				}
				if got, want := tell(l.Layer, seen), tell(l.Layer, life); got != want {
					t.Errorf("%s: %s, want %s", name, got, want)
				}
			}
		}
	}
}
