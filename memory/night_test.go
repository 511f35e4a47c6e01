package memory_test

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"finmem/memory"
)

// Worked by hand for the layered preset: short decays by 0.9117, rises at 60;
// mid by 0.9697, between 10 and 80; long by 0.99243, sinks below 10.
func TestNight(t *testing.T) {
	for _, tt := range []struct {
		name       string
		layer      memory.Layer
		importance float64
		age        int
		want       memory.Layer
		wantImp    float64
		wantAge    int
		wantRec    float64
		why        string // "" if it lives on
	}{
		{"ages", memory.Short, 40, 3, memory.Short, 36.468, 4, math.Exp(-4.0 / 14), ""},
		{"at the threshold after the decay", memory.Short, 65.82, 3, memory.Mid, 60.008094, 0, 1, ""},
		{"below the threshold after the decay", memory.Short, 65.8, 3, memory.Short, 59.98986, 4, math.Exp(-4.0 / 14), ""},
		{"two layers up", memory.Short, 100, 3, memory.Long, 91.17, 0, 1, ""},
		{"one up", memory.Mid, 90, 50, memory.Long, 87.273, 0, 1, ""},
		{"one down keeps age and the old layer's recency", memory.Mid, 10.2, 20, memory.Short, 9.89094, 21, math.Exp(-21.0 / 90), ""},
		{"two down", memory.Long, 10.05, 300, memory.Short, 9.9739215, 301, math.Exp(-301.0 / 365), ""},
		{"reflections stay", memory.Reflection, 100, 9, memory.Reflection, 99.243, 10, math.Exp(-10.0 / 365), ""},
		{"trivial", memory.Reflection, 5.03, 9, memory.Reflection, 4.9919229, 10, math.Exp(-10.0 / 365), memory.ByImportance},
		{"old", memory.Short, 40, 41, memory.Short, 36.468, 42, math.Exp(-3), memory.ByRecency},
		{"old and trivial", memory.Short, 5, 41, memory.Short, 4.5585, 42, math.Exp(-3), memory.ByBoth},
		{"old but important: forgotten before it could rise", memory.Short, 100, 41, memory.Short, 91.17, 42, math.Exp(-3), memory.ByRecency},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t, preset(t, "layered"), 1)
			remember(t, s, memory.Event{ID: "a", Layer: tt.layer, Importance: tt.importance, Age: tt.age, Session: "2018-01-02"})
			s.TakeChanges("TSLA")
			tr := night(t, s, 0)
			changes := s.TakeChanges("TSLA")
			e, live := s.Get("TSLA", "a")
			if tt.why != "" {
				if live || len(tr.Removed) != 1 || tr.Removed[0] != (memory.Removal{ID: "a", Layer: tt.layer, Why: tt.why}) {
					t.Fatalf("%+v, live %v, want it removed by %s", tr, live, tt.why)
				}
				c := changes[0]
				e = memory.Event{Layer: c.Layer, Importance: c.Importance, Age: c.Age, Recency: c.Recency}
			} else if tt.want != tt.layer && !slices.Equal(tr.Moved, []memory.Move{{ID: "a", From: tt.layer, To: tt.want}}) {
				t.Errorf("%+v, want a move from %s to %s", tr, tt.layer, tt.want)
			}
			if e.Layer != tt.want || !near(e.Importance, tt.wantImp) || e.Age != tt.wantAge || !near(e.Recency, tt.wantRec) {
				t.Errorf("became %+v, want %s, importance %v, age %d, recency %v", e, tt.want, tt.wantImp, tt.wantAge, tt.wantRec)
			}
			if eventful := tt.why != "" || tt.want != tt.layer; eventful != (len(changes) == 1) {
				t.Errorf("changes %+v", changes)
			}
		})
	}
}

// B40: the last night that keeps an untouched event and the first that forgets
// it, by recency alone.
func TestB40NothingStaysForEver(t *testing.T) {
	for _, tt := range []struct {
		stability  float64
		kept, gone int
	}{{14, 41, 42}, {90, 269, 270}, {365, 1093, 1094}} {
		c := preset(t, "layered")
		c.Short.Stability, c.Short.Decay, c.ShortUp = tt.stability, 1, 1000
		s := newStore(t, c, 1)
		remember(t, s, memory.Event{ID: "a", Importance: 40})
		for n := range tt.kept {
			night(t, s, n)
		}
		if _, live := s.Get("TSLA", "a"); !live {
			t.Errorf("stability %v: gone before age %d", tt.stability, tt.kept)
		}
		night(t, s, tt.gone-1)
		if _, live := s.Get("TSLA", "a"); live {
			t.Errorf("stability %v: still there at age %d", tt.stability, tt.gone)
		}
	}
}

func TestNightRefuses(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 1)
	remember(t, s, memory.Event{ID: "a"})
	night(t, s, 3)
	for _, tt := range []struct{ session, expect string }{
		{"monday", `session "monday"`},
		{session(3), "session 2020-01-04 is not after 2020-01-04, whose night is over"},
		{session(2), "session 2020-01-03 is not after 2020-01-04"},
	} {
		if _, err := s.Night(t.Context(), "TSLA", tt.session); err == nil || !strings.Contains(err.Error(), tt.expect) {
			t.Errorf("session %q: %v, want an error with %q", tt.session, err, tt.expect)
		}
	}
	if e, _ := s.Get("TSLA", "a"); e.Age != 1 {
		t.Errorf("age %d, want 1", e.Age)
	}
	remember(t, s, memory.Event{ID: "rises", Symbol: "NFLX", Importance: 90})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if tr, err := s.Night(ctx, "NFLX", session(0)); err == nil {
		t.Errorf("cancelled: %+v and no error", tr)
	}
	if e, _ := s.Get("NFLX", "rises"); e.Layer != memory.Short || e.Age != 0 {
		t.Errorf("a cancelled night left %+v", e)
	}
}

// The rules are stated layer by layer: all of a layer decay, all that must are
// purged, and twice over the layers, all that must move. This does just that.
func TestNightByEventEqualsNightByLayer(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := preset(t, "layered")
		number := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(rt, name) }
		c.ShortUp, c.MidUp = number("short up", 20, 100), number("mid up", 20, 100)
		c.MidLow = number("mid low", 0, math.Min(c.ShortUp, c.MidUp))
		c.LongLow = number("long low", 0, c.MidUp)
		s := newStore(t, c, 1)
		var model []memory.Event
		for i := range rapid.IntRange(0, 30).Draw(rt, "n") {
			e := memory.Event{
				ID: eventID(i), Layer: memory.Layer(rapid.IntRange(0, 3).Draw(rt, "layer")), Session: "2010-01-04",
				Importance: number("importance", 4, 130), Age: rapid.IntRange(0, 60).Draw(rt, "age"),
			}
			remember(t, s, e)
		}
		model = s.Live("TSLA")
		for n := range rapid.IntRange(1, 20).Draw(rt, "nights") {
			night(t, s, n)
			model = nightByLayer(c, model)
			live := s.Live("TSLA")
			if len(live) != len(model) {
				rt.Fatalf("night %d: %d live, want %d", n, len(live), len(model))
			}
			for i, e := range live {
				w := model[i]
				if e.ID != w.ID || e.Layer != w.Layer || e.Age != w.Age || !near(e.Importance, w.Importance) || !near(e.Recency, w.Recency) {
					rt.Fatalf("night %d: %+v, want %+v", n, e, w)
				}
			}
		}
	})
}

func nightByLayer(c memory.Config, events []memory.Event) []memory.Event {
	layers := map[memory.Layer][]memory.Event{}
	for _, e := range events {
		layers[e.Layer] = append(layers[e.Layer], e)
	}
	for _, l := range memory.Layers() {
		var kept []memory.Event
		for _, e := range layers[l] {
			e.Age++
			e.Importance *= c.Layer(l).Decay
			e.Recency = math.Exp(-float64(e.Age) / c.Layer(l).Stability)
			if e.Recency >= c.PurgeRecency && e.Importance >= c.PurgeImportance {
				kept = append(kept, e)
			}
		}
		layers[l] = kept
	}
	pass := func(from, to memory.Layer, goes func(importance float64) bool) {
		var stay []memory.Event
		for _, e := range layers[from] {
			if !goes(e.Importance) {
				stay = append(stay, e)
				continue
			}
			if e.Layer = to; to > from {
				e.Age, e.Recency = 0, 1
			}
			layers[to] = append(layers[to], e)
		}
		layers[from] = stay
	}
	for range 2 {
		pass(memory.Short, memory.Mid, func(x float64) bool { return x >= c.ShortUp })
		pass(memory.Mid, memory.Long, func(x float64) bool { return x >= c.MidUp })
		pass(memory.Mid, memory.Short, func(x float64) bool { return x < c.MidLow })
		pass(memory.Long, memory.Mid, func(x float64) bool { return x < c.LongLow })
	}
	var all []memory.Event
	for _, l := range memory.Layers() {
		all = append(all, layers[l]...)
	}
	slices.SortFunc(all, func(a, b memory.Event) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func TestRetention(t *testing.T) {
	for _, tt := range []struct{ age, stability, want float64 }{
		{0, 14, 1}, {14, 14, 0.36787944117144233}, {7, 14, 0.6065306597126334}, {-7, 14, 1},
		{14 * math.Ln2, 14, 0.5}, {365, 365, 0.36787944117144233}, {1, 3, 0.7165313105737893},
	} {
		if got := memory.Retention(tt.age, tt.stability); math.Abs(got-tt.want) > 1e-15 {
			t.Errorf("Retention(%v, %v) = %v, want %v", tt.age, tt.stability, got, tt.want)
		}
	}
	for x := 0.0; x < 700; x += 0.37 {
		if got, want := memory.Retention(x, 1), math.Exp(-x); math.Abs(got-want) > 2e-13*want {
			t.Errorf("Retention(%v, 1) = %v, want %v", x, got, want)
		}
	}
	if got := memory.Retention(1e9, 1); got != 0 {
		t.Errorf("Retention(1e9, 1) = %v, want 0", got)
	}
}
