package memory_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"finmem/memory"
	"finmem/memory/embed"
)

// B28: nothing of a later session is offered, whatever was remembered first.
func TestB28NoLessonsFromTheFuture(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 1)
	for i, e := range []memory.Event{
		{ID: "march", Session: "2024-03-15"},
		{ID: "january", Session: "2024-01-12"},
		// What 2024-01-12 taught was known on the 16th only.
		{ID: "lesson", Layer: memory.Reflection, Session: "2024-01-16"},
	} {
		e.Symbol, e.Text, e.Vector = "TSLA", fmt.Sprint("text ", i), []float32{1}
		if _, err := s.Remember(t.Context(), e.Session, []memory.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	for asOf, want := range map[string][]string{
		"2024-01-11": nil,
		"2024-01-12": {"january"},
		"2024-01-15": {"january"},
		"2024-01-16": {"january", "lesson"},
		"2024-03-14": {"january", "lesson"},
		"2024-03-15": {"january", "march", "lesson"},
	} {
		hits, err := s.Recall(t.Context(), memory.Query{Symbol: "TSLA", AsOf: asOf, Vector: []float32{1}})
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(hits); !slices.Equal(got, want) {
			t.Errorf("as of %s: %v, want %v", asOf, got, want)
		}
	}
}

// B35: an event of a later session is not offered and does not outrank by its
// negative age.
func TestB35TheFutureIsNoStronger(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 1)
	remember(t, s, memory.Event{ID: "future", Session: session(7), Age: -7, Importance: 55}, memory.Event{ID: "today"})
	for n := range 7 {
		hits, err := s.Recall(t.Context(), memory.Query{Symbol: "TSLA", AsOf: session(n), Vector: []float32{1}})
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(hits); !slices.Equal(got, []string{"today"}) {
			t.Errorf("session %d is offered %v", n, got)
		}
		if applied, err := s.Feedback("TSLA", session(n), []string{"future"}, 1); err != nil || applied != nil {
			t.Errorf("session %d gave feedback to %v, %v", n, applied, err)
		}
		s.MarkRecalled("TSLA", session(n), []string{"future"})
		night(t, s, n)
		if e, _ := s.Get("TSLA", "future"); e.Age != 0 || e.Recency != 1 || e.Importance != 55 || e.Recalled != 0 || e.Layer != memory.Short {
			t.Errorf("after session %d: %+v, want it untouched", n, e)
		}
	}
	hits, err := s.Recall(t.Context(), memory.Query{Symbol: "TSLA", AsOf: session(7), Vector: []float32{1}, K: 1})
	if err != nil || len(hits) != 1 || hits[0].Event.ID != "future" || hits[0].Score.Recency != 1 {
		t.Errorf("on its day: %+v, %v", hits, err)
	}
	night(t, s, 7)
	if e, _ := s.Get("TSLA", "future"); e.Age != 1 {
		t.Errorf("age %d after the night of its own session, want 1", e.Age)
	}
}

// B34: fewer events than asked for.
func TestB34FewerThanK(t *testing.T) {
	for _, n := range []int{0, 1, 4, 5, 6} {
		s := newStore(t, preset(t, "layered"), 1)
		for i := range n {
			remember(t, s, memory.Event{ID: eventID(i)})
		}
		for _, q := range []struct {
			name string
			memory.Query
			want int
		}{
			{"k 5", memory.Query{K: 5}, min(n, 5)},
			{"the configured k", memory.Query{}, min(n, 5)},
			{"k 2", memory.Query{K: 2}, min(n, 2)},
			{"a layer that matches none", memory.Query{Layers: []memory.Layer{memory.Long}}, 0},
			{"no layers", memory.Query{Layers: []memory.Layer{}}, 0},
			{"a session before all", memory.Query{AsOf: "2019-12-31"}, 0},
			{"a threshold none reaches", memory.Query{MinRelevancy: ref(1.5)}, 0},
			{"another symbol", memory.Query{Symbol: "TSL"}, 0},
		} {
			query := q.Query
			query.Symbol, query.AsOf = cmp.Or(query.Symbol, "TSLA"), cmp.Or(query.AsOf, session(0))
			query.Vector = []float32{2}
			hits, err := s.Recall(t.Context(), query)
			if err != nil || len(hits) != q.want {
				t.Errorf("%d events, %s: %d hits, %v, want %d", n, q.name, len(hits), err, q.want)
			}
		}
	}
}

func ref(x float64) *float64 { return &x }

// B37: one candidate, or equal ones, keep their worth; ties go by id.
func TestB37NothingIsScaledToTheOthers(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 2)
	query := memory.Query{Symbol: "TSLA", AsOf: session(0), Vector: []float32{1, 0}, MinRelevancy: ref(0.79)}
	var want []string
	for i, id := range []string{"b", "c", "a"} {
		remember(t, s, memory.Event{ID: id, Vector: []float32{0.8, 0.6}, Importance: 40})
		want = append(want, id)
		slices.Sort(want)
		for range 20 {
			hits, err := s.Recall(t.Context(), query)
			if err != nil || !slices.Equal(ids(hits), want) {
				t.Fatalf("%d equal events: %v, %v, want %v", i+1, ids(hits), err, want)
			}
			for _, h := range hits {
				if math.Abs(h.Score.Relevancy-0.8) > 1e-7 || math.Abs(h.Score.Total-2.2) > 1e-7 {
					t.Fatalf("score %+v, want relevancy 0.8, total 0.8 + 1 + 0.4", h.Score)
				}
			}
		}
	}
}

// B47: the similarity shown is the raw one, however poor the best is.
func TestB47TheBestOfNothingIsPoor(t *testing.T) {
	texts := []string{
		"Chip maker raises its forecast as data centres order more accelerators",
		"New foundry to make three nanometre wafers from next spring",
		"Memory prices climb while handset demand for processors stays weak",
		"wheat harvest",
	}
	vectors, err := embed.NewHashing().Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	s := newStore(t, preset(t, "layered"), embed.Dimensions)
	for i, text := range texts[:3] {
		remember(t, s, memory.Event{ID: eventID(i), Text: text, Vector: vectors[i]})
	}
	query := memory.Query{Symbol: "TSLA", AsOf: session(0), Vector: vectors[3]}
	hits, err := s.Recall(t.Context(), query)
	if err != nil || len(hits) != 3 {
		t.Fatalf("%d hits, %v", len(hits), err)
	}
	for _, h := range hits {
		if h.Score.Relevancy > 0.2 {
			t.Errorf("%q is %v relevant to a wheat harvest", h.Event.Text, h.Score.Relevancy)
		}
	}
	query.MinRelevancy = ref(0.3)
	if hits, err = s.Recall(t.Context(), query); err != nil || len(hits) != 0 {
		t.Errorf("above 0.3: %v, %v, want none", ids(hits), err)
	}
}

// B43: symbols know nothing of each other, even where one's name begins with
// the other's.
func TestB43SymbolsAreApart(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 1)
	symbols := []string{"A", "AA", "AAA", "BBB", "A/A"}
	for _, symbol := range symbols {
		remember(t, s, memory.Event{ID: memory.NewID(symbol, "news", "", "same text"), Symbol: symbol, Text: "same text"})
		remember(t, s, memory.Event{ID: "same id", Symbol: symbol, Importance: 50})
	}
	for _, symbol := range symbols {
		own := memory.NewID(symbol, "news", "", "same text")
		hits, err := s.Recall(t.Context(), memory.Query{Symbol: symbol, AsOf: session(0), Vector: []float32{1}})
		if err != nil || len(hits) != 2 {
			t.Fatalf("%s: %v, %v", symbol, ids(hits), err)
		}
		for _, h := range hits {
			if h.Event.Symbol != symbol || h.Event.ID != own && h.Event.ID != "same id" {
				t.Errorf("%s is offered %+v", symbol, h.Event)
			}
		}
		if live := s.Live(symbol); len(live) != 2 {
			t.Errorf("%s has %d events, want 2", symbol, len(live))
		}
	}
	other := memory.NewID("BBB", "news", "", "same text")
	if applied, err := s.Feedback("A", session(0), []string{other, "same id"}, 1); err != nil || !slices.Equal(applied, []string{"same id"}) {
		t.Errorf("feedback of A reached %v, %v", applied, err)
	}
	if e, _ := s.Get("AA", "same id"); e.Importance != 50 {
		t.Errorf("feedback of A changed AA: %+v", e)
	}
	if _, ok := s.Get("A", other); ok {
		t.Error("A can get an event of BBB")
	}
}

// B38: looking changes nothing; only decisions count.
func TestB38LookingIsNotUse(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 1)
	remember(t, s, memory.Event{ID: "a"}, memory.Event{ID: "b"})
	s.MarkRecalled("TSLA", session(0), []string{"a", "a", "gone"})
	before := s.Live("TSLA")
	if before[0].Recalled != 1 || before[1].Recalled != 0 {
		t.Errorf("recalled %d and %d, want 1 and 0", before[0].Recalled, before[1].Recalled)
	}
	s.TakeChanges("TSLA")
	for range 10 {
		hits, err := s.Recall(t.Context(), memory.Query{Symbol: "TSLA", AsOf: session(0), Vector: []float32{1}})
		if err != nil {
			t.Fatal(err)
		}
		hits[0].Event.Vector[0] = 9
		e, _ := s.Get("TSLA", "a")
		e.Vector[0] = 9
		s.Live("TSLA")[0].Vector[0] = 9
		s.Counts("TSLA")[memory.Short] = 9
		s.Knows("TSLA", "a")
	}
	sameEvents(t, s.Live("TSLA"), before)
	if changes := s.TakeChanges("TSLA"); len(changes) != 0 {
		t.Errorf("looking made changes: %v", changes)
	}
}

func TestRecallRefuses(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 2)
	remember(t, s, memory.Event{ID: "a", Vector: []float32{1, 0}})
	good := memory.Query{Symbol: "TSLA", AsOf: session(0), Vector: []float32{1, 0}}
	for _, tt := range []struct {
		name   string
		spoil  func(*memory.Query)
		expect string
	}{
		{"as of", func(q *memory.Query) { q.AsOf = "" }, `session ""`},
		{"dimension", func(q *memory.Query) { q.Vector = []float32{1} }, "vector has 1 dimensions, embedder is test (2 dimensions)"},
		{"zero vector", func(q *memory.Query) { q.Vector = []float32{0, 0} }, "all zero"},
		{"k", func(q *memory.Query) { q.K = -1 }, "k -1"},
		{"layer", func(q *memory.Query) { q.Layers = []memory.Layer{7} }, "layer(7) does not exist"},
	} {
		q := good
		tt.spoil(&q)
		if hits, err := s.Recall(t.Context(), q); err == nil || !strings.Contains(err.Error(), tt.expect) {
			t.Errorf("%s: %v, %v, want an error with %q", tt.name, hits, err, tt.expect)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if hits, err := s.Recall(ctx, good); err == nil {
		t.Errorf("cancelled: %v and no error", hits)
	}
}

// forgetful is an index that lost an event.
type forgetful struct{ memory.Index }

func (f forgetful) Put(ctx context.Context, symbol string, l memory.Layer, id string, v []float32) error {
	if id == "lost" {
		return nil
	}
	return f.Index.Put(ctx, symbol, l, id, v)
}

func TestRecallNoticesALossyIndex(t *testing.T) {
	s, err := memory.NewStore(preset(t, "layered"), 1, memory.Identity{Name: "test", Dim: 1}, forgetful{memory.NewExact()})
	if err != nil {
		t.Fatal(err)
	}
	remember(t, s, memory.Event{ID: "a"}, memory.Event{ID: "lost"})
	if hits, err := s.Recall(t.Context(), memory.Query{Symbol: "TSLA", AsOf: session(0), Vector: []float32{1}}); err == nil || !strings.Contains(err.Error(), "lacks 1 of 2") {
		t.Errorf("recall = %v, %v, want an error", hits, err)
	}
}

// rough is an index that is off by as much as an index may be, at random.
type rough struct {
	memory.Index
	random *rand.Rand
	off    float64
}

func (r rough) Similar(ctx context.Context, symbol string, l memory.Layer, query []float32) ([]memory.Similarity, error) {
	all, err := r.Index.Similar(ctx, symbol, l, query)
	for i := range all {
		all[i].Cosine += r.off * (2*r.random.Float64() - 1)
	}
	return all, err
}

// Recall is what scoring everything would give, from any index that keeps its
// promise, and in whatever order the events came.
func TestRecallEqualsBruteForce(t *testing.T) {
	const dim = 3
	rapid.Check(t, func(rt *rapid.T) {
		c := preset(t, "layered")
		seed := rapid.Uint64().Draw(rt, "seed")
		random := rand.New(rand.NewPCG(seed, 0))
		// Vectors a hair apart make scores that only double precision tells
		// apart, and equal ones make ties.
		component := rapid.SampledFrom([]float32{-1, 0, 1, 1 + 1e-6, 1 + 2e-6, 1 - 1e-6})
		vector := rapid.Custom(func(rt *rapid.T) []float32 {
			return []float32{component.Draw(rt, "x"), component.Draw(rt, "y"), 1}
		})
		n := rapid.IntRange(0, 60).Draw(rt, "n")
		var events []memory.Event
		for i := range n {
			age := rapid.IntRange(0, 2).Draw(rt, "age")
			at := rapid.IntRange(0, 12).Draw(rt, "session")
			if at > 10 {
				age = 0
			}
			events = append(events, memory.Event{
				ID: eventID(i), Symbol: "TSLA", Layer: memory.Layer(rapid.IntRange(0, 3).Draw(rt, "layer")),
				Session: session(at), Age: age, Text: "text", Vector: vector.Draw(rt, "vector"),
				Importance: rapid.SampledFrom([]float64{0, 40, 120}).Draw(rt, "importance"),
			})
		}
		var stores []*memory.Store
		for _, index := range []memory.Index{
			memory.NewExact(),
			rough{memory.NewExact(), random, (2*dim + 16) / float64(1<<24) / 2},
		} {
			s, err := memory.NewStore(c, 1, memory.Identity{Name: "test", Dim: dim}, index)
			if err != nil {
				rt.Fatal(err)
			}
			if added, err := s.Remember(t.Context(), session(10), events); added != n || err != nil {
				rt.Fatal(added, err)
			}
			random.Shuffle(n, func(i, j int) { events[i], events[j] = events[j], events[i] })
			stores = append(stores, s)
		}

		q := memory.Query{
			Symbol: "TSLA", AsOf: session(rapid.IntRange(8, 12).Draw(rt, "as of")), Vector: vector.Draw(rt, "query"),
			K: rapid.IntRange(1, 8).Draw(rt, "k"),
		}
		unit, err := memory.Unit(q.Vector)
		if err != nil {
			rt.Fatal(err)
		}
		if n > 0 && rapid.Bool().Draw(rt, "threshold") {
			// Right at the similarity of one of the events.
			q.MinRelevancy = ref(dot(unit, stores[0].Live("TSLA")[rapid.IntRange(0, n-1).Draw(rt, "which")].Vector))
		}
		want := bruteForce(stores[0].Live("TSLA"), unit, q)
		for i, s := range stores {
			hits, err := s.Recall(t.Context(), q)
			if err != nil {
				rt.Fatal(err)
			}
			if len(hits) != len(want) {
				rt.Fatalf("store %d: %d hits, want %d", i, len(hits), len(want))
			}
			for j, h := range hits {
				if h.Event.ID != want[j].Event.ID || h.Score != want[j].Score {
					rt.Fatalf("store %d hit %d: %s %+v, want %s %+v", i, j, h.Event.ID, h.Score, want[j].Event.ID, want[j].Score)
				}
			}
		}
	})
}

func dot(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return min(max(sum, -1), 1)
}

func bruteForce(live []memory.Event, unit []float32, q memory.Query) []memory.Hit {
	var best []memory.Hit
	for _, l := range memory.Layers() {
		var hits []memory.Hit
		for _, e := range live {
			cosine := dot(unit, e.Vector)
			if e.Layer != l || e.Session > q.AsOf || q.MinRelevancy != nil && cosine < *q.MinRelevancy {
				continue
			}
			importance := math.Min(e.Importance, 100) / 100
			hits = append(hits, memory.Hit{Event: e, Score: memory.Score{
				Total: cosine + e.Recency + importance, Relevancy: cosine, Recency: e.Recency, Importance: importance,
			}})
		}
		slices.SortFunc(hits, func(a, b memory.Hit) int {
			return cmp.Or(cmp.Compare(b.Score.Total, a.Score.Total), strings.Compare(a.Event.ID, b.Event.ID))
		})
		best = append(best, hits[:min(q.K, len(hits))]...)
	}
	return best
}

// B77: symbols are used side by side; for the race detector.
func TestB77SymbolsSideBySide(t *testing.T) {
	s := newStore(t, preset(t, "reference"), 2)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			symbol := fmt.Sprint("S", i)
			for n := range 20 {
				event := memory.Event{ID: eventID(n), Symbol: symbol, Session: session(n), Text: "text", Vector: []float32{1, float32(n)}}
				if _, err := s.Remember(t.Context(), session(n), []memory.Event{event}); err != nil {
					t.Error(err)
				}
				hits, err := s.Recall(t.Context(), memory.Query{Symbol: symbol, AsOf: session(n), Vector: []float32{1, 0}})
				if err != nil {
					t.Error(err)
				}
				s.MarkRecalled(symbol, session(n), ids(hits))
				if _, err := s.Feedback(symbol, session(n), ids(hits), 1); err != nil {
					t.Error(err)
				}
				if _, err := s.Night(t.Context(), symbol, session(n)); err != nil {
					t.Error(err)
				}
				s.TakeChanges(symbol)
				s.Live(symbol)
			}
		})
	}
	wg.Wait()
	for i := range 8 {
		if got, want := s.Live(fmt.Sprint("S", i)), s.Live("S0"); len(got) != len(want) {
			t.Errorf("S%d has %d events, S0 %d", i, len(got), len(want))
		}
	}
}
