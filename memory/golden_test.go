package memory_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"testing"

	"finmem/internal/shared"
	"finmem/memory"
)

const golden = 1e-9

func near(got, want float64) bool { return math.Abs(got-want) <= golden }

// readGolden decodes a golden file into v, or skips the test.
func readGolden(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(shared.Path(t, "golden", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

type trace struct {
	Layers map[string]struct {
		Stability float64 `json:"stability_days"`
		Decay     float64 `json:"importance_decay"`
	}
	Thresholds struct {
		ShortUp float64 `json:"short_up"`
		MidLow  float64 `json:"mid_low"`
		MidUp   float64 `json:"mid_up"`
		LongLow float64 `json:"long_low"`
	}
	Purge struct {
		Recency    float64 `json:"recency_below"`
		Importance float64 `json:"importance_below"`
	}
	FeedbackPoints float64 `json:"feedback_points"`
	Steps          []struct {
		Day    int
		Events []struct {
			Op         string
			ID         int
			IDs        []int
			Symbol     string
			Layer      memory.Layer
			Importance float64
			Feedback   int
		}
		Removed []int
		Moved   []struct {
			ID       int
			From, To memory.Layer
		}
		Count int
		State []struct {
			ID         int
			Symbol     string
			Layer      memory.Layer
			Importance float64
			Recency    float64
			Age        int
			Access     int
		}
	}
}

// The traces are the published code's own, its three known defects mended.
func TestLifecycleIsThatOfThePublishedCode(t *testing.T) {
	for _, name := range []string{"reference", "layered"} {
		t.Run(name, func(t *testing.T) {
			var tr trace
			readGolden(t, "memory_trace_"+name+".json", &tr)
			c := preset(t, name)
			checkConstants(t, c, tr)
			s := newStore(t, c, 2)

			compared := 0
			for _, step := range tr.Steps {
				for _, e := range step.Events {
					switch e.Op {
					case "add":
						_, err := s.Remember(t.Context(), session(step.Day), []memory.Event{{
							ID: eventID(e.ID), Symbol: e.Symbol, Layer: e.Layer, Session: session(step.Day),
							Text: "text", Importance: e.Importance, Vector: []float32{1, 1},
						}})
						if err != nil {
							t.Fatal(err)
						}
					case "feedback":
						var ids []string
						for _, id := range e.IDs {
							ids = append(ids, eventID(id))
						}
						if _, err := s.Feedback(e.Symbol, session(step.Day), ids, e.Feedback); err != nil {
							t.Fatal(err)
						}
					default:
						t.Fatalf("day %d: op %q", step.Day, e.Op)
					}
				}

				var removed []string
				moved := map[string]memory.Move{}
				count := 0
				for _, symbol := range []string{"NFLX", "TSLA"} {
					tn, err := s.Night(t.Context(), symbol, session(step.Day))
					if err != nil {
						t.Fatal(err)
					}
					for _, r := range tn.Removed {
						removed = append(removed, r.ID)
					}
					for _, m := range tn.Moved {
						moved[m.ID] = m
					}
					for _, n := range s.Counts(symbol) {
						count += n
					}
				}

				var wantRemoved []string
				for _, id := range step.Removed {
					wantRemoved = append(wantRemoved, eventID(id))
				}
				slices.Sort(removed)
				slices.Sort(wantRemoved)
				if !slices.Equal(removed, wantRemoved) {
					t.Fatalf("day %d: removed %v, want %v", step.Day, removed, wantRemoved)
				}
				wantMoved := map[string]memory.Move{}
				for _, m := range step.Moved {
					wantMoved[eventID(m.ID)] = memory.Move{ID: eventID(m.ID), From: m.From, To: m.To}
				}
				if !maps.Equal(moved, wantMoved) {
					t.Fatalf("day %d: moved %v, want %v", step.Day, moved, wantMoved)
				}
				if count != step.Count {
					t.Fatalf("day %d: %d live, want %d", step.Day, count, step.Count)
				}
				if step.State != nil && len(step.State) != count {
					t.Fatalf("day %d: %d live, want %d", step.Day, count, len(step.State))
				}
				for _, w := range step.State {
					g, ok := s.Get(w.Symbol, eventID(w.ID))
					if !ok || g.Symbol != w.Symbol || g.Layer != w.Layer || g.Age != w.Age || g.Access != w.Access ||
						!near(g.Importance, w.Importance) || !near(g.Recency, w.Recency) {
						t.Fatalf("day %d: event %d is %+v, want %+v", step.Day, w.ID, g, w)
					}
					compared++
				}
			}
			if compared < 2000 {
				t.Errorf("compared only %d states", compared)
			}
		})
	}
}

func checkConstants(t *testing.T, c memory.Config, tr trace) {
	t.Helper()
	for _, l := range memory.Layers() {
		w := tr.Layers[l.String()]
		if g := c.Layer(l); g.Stability != w.Stability || g.Decay != w.Decay {
			t.Errorf("layer %s: stability %v and decay %v, want %v and %v", l, g.Stability, g.Decay, w.Stability, w.Decay)
		}
	}
	if c.ShortUp != tr.Thresholds.ShortUp || c.MidLow != tr.Thresholds.MidLow ||
		c.MidUp != tr.Thresholds.MidUp || c.LongLow != tr.Thresholds.LongLow {
		t.Errorf("thresholds %v %v %v %v, want %+v", c.ShortUp, c.MidLow, c.MidUp, c.LongLow, tr.Thresholds)
	}
	if c.PurgeRecency != tr.Purge.Recency || c.PurgeImportance != tr.Purge.Importance || c.FeedbackPoints != tr.FeedbackPoints {
		t.Errorf("purge %v %v, points %v, want %+v, %v", c.PurgeRecency, c.PurgeImportance, c.FeedbackPoints, tr.Purge, tr.FeedbackPoints)
	}
}

func TestRecallIsThatOfThePublishedCode(t *testing.T) {
	var g struct {
		Memories []struct {
			ID         int
			Importance float64
			Age        int
			Stability  float64 `json:"stability_days"`
			Vector     []float32
		}
		Queries []struct {
			Vector []float32
			Top    []struct {
				ID         int
				Score      float64
				Similarity float64
				Recency    float64
				Importance float64
			}
		}
	}
	readGolden(t, "retrieval.json", &g)
	s := newStore(t, preset(t, "layered"), len(g.Memories[0].Vector))
	var events []memory.Event
	for _, m := range g.Memories {
		if m.Stability != 14 {
			t.Fatalf("memory %d has stability %v", m.ID, m.Stability)
		}
		events = append(events, memory.Event{
			ID: eventID(m.ID), Symbol: "TSLA", Layer: memory.Short, Session: session(100 - m.Age), Age: m.Age,
			Text: "text", Importance: m.Importance, Vector: m.Vector,
		})
	}
	if _, err := s.Remember(t.Context(), session(100), events); err != nil {
		t.Fatal(err)
	}
	for i, q := range g.Queries {
		hits, err := s.Recall(t.Context(), memory.Query{Symbol: "TSLA", AsOf: session(100), Vector: q.Vector, K: len(q.Top)})
		if err != nil {
			t.Fatal(err)
		}
		if len(hits) != len(q.Top) {
			t.Fatalf("query %d: %d hits, want %d", i, len(hits), len(q.Top))
		}
		for rank, w := range q.Top {
			h := hits[rank]
			if h.Event.ID != eventID(w.ID) || !near(h.Score.Total, w.Score) || !near(h.Score.Relevancy, w.Similarity) ||
				!near(h.Score.Recency, w.Recency) || !near(h.Score.Importance, w.Importance) {
				t.Errorf("query %d rank %d: %s %+v, want %+v", i, rank, h.Event.ID, h.Score, w)
			}
		}
	}
}

// decay.json leaves layer changes aside, so here no threshold is ever met.
func TestDecayIsThatOfThePublishedCode(t *testing.T) {
	var rows []struct {
		Layer      string
		Stability  float64 `json:"stability_days"`
		Decay      float64 `json:"importance_decay"`
		Initial    float64 `json:"initial_importance"`
		FirstPurge int     `json:"first_purge_day"`
		Why        string
		Samples    []struct {
			Day        int
			Recency    float64
			Importance float64
		}
	}
	readGolden(t, "decay.json", &rows)
	for _, row := range rows {
		c := preset(t, "layered")
		c.ShortUp, c.MidUp, c.MidLow, c.LongLow = 1000, 1000, 0, 0
		c.Short.Stability, c.Short.Decay = row.Stability, row.Decay
		first, why := firstPurge(t, c, row.Initial)
		if first != row.FirstPurge || why != row.Why {
			t.Errorf("%s importance %v: forgotten in night %d by %s, want %d by %s", row.Layer, row.Initial, first, why, row.FirstPurge, row.Why)
		}

		c.PurgeRecency, c.PurgeImportance = 0, 0
		s := newStore(t, c, 1)
		remember(t, s, memory.Event{ID: "a", Importance: row.Initial})
		for _, sample := range row.Samples {
			for e, _ := s.Get("TSLA", "a"); e.Age < sample.Day; e, _ = s.Get("TSLA", "a") {
				night(t, s, e.Age)
			}
			e, _ := s.Get("TSLA", "a")
			if e.Age != sample.Day || !near(e.Recency, sample.Recency) || !near(e.Importance, sample.Importance) {
				t.Errorf("%s importance %v: %+v, want %+v", row.Layer, row.Initial, e, sample)
			}
		}
	}
}

// firstPurge is the night, counted from 1, in which an event of the short layer
// is forgotten.
func firstPurge(t *testing.T, c memory.Config, importance float64) (int, string) {
	t.Helper()
	s := newStore(t, c, 1)
	remember(t, s, memory.Event{ID: "a", Importance: importance})
	for n := 0; ; n++ {
		if removed := night(t, s, n).Removed; len(removed) > 0 {
			return n + 1, removed[0].Why
		}
	}
}
