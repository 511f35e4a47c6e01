package memory_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"finmem/memory"
)

// drawEvents are n events of one layer, the later ones nearer to the query (1, 0).
func drawEvents(n int) []memory.Event {
	events := make([]memory.Event, n)
	for i := range events {
		events[i] = memory.Event{ID: eventID(i), Vector: []float32{float32(i + 1), float32(n)}}
	}
	return events
}

// recallIDs asks as of session n and gives the ids, after checking that each hit
// has the score that recall by score gives it and that they are in order.
func recallIDs(t rapid.TB, s *memory.Store, n int, q memory.Query) []string {
	t.Helper()
	q.Symbol, q.AsOf, q.Vector = "TSLA", session(n), []float32{1, 0}
	hits, err := s.Recall(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	q.Shuffle, q.K = nil, 1000
	all, err := s.Recall(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	rank := -1
	for _, h := range hits {
		at := slices.IndexFunc(all, func(x memory.Hit) bool { return x.Event.ID == h.Event.ID })
		if at < 0 || all[at].Score != h.Score {
			t.Errorf("%s has the score %+v, by score it is %+v", h.Event.ID, h.Score, all)
		}
		if at <= rank {
			t.Errorf("%s is out of order", h.Event.ID)
		}
		rank = at
	}
	return ids(hits)
}

// Over many sessions every event is drawn about as often as any other, the best
// no more than the worst.
func TestShuffleDrawsEvenly(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 2)
	remember(t, s, drawEvents(10)...)
	const sessions = 2000
	drawn := map[string]int{}
	for n := range sessions {
		got := recallIDs(t, s, n, memory.Query{K: 3, Shuffle: new(uint64)})
		if len(got) != 3 {
			t.Fatalf("session %d draws %v, want 3", n, got)
		}
		for _, id := range got {
			drawn[id]++
		}
	}
	// 600 of 2000 each; the deviation of a count is about 20.
	for i := range 10 {
		if n := drawn[eventID(i)]; math.Abs(float64(n)-600) > 100 {
			t.Errorf("event %d was drawn %d times of %d, want about 600", i, n, sessions)
		}
	}
}

// A draw follows from seed, session and ids: not from the order in which events
// came or what else is asked.
func TestShuffleIsSeeded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawEvents(rapid.IntRange(0, 20).Draw(rt, "events"))
		seed, k := rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(1, 8).Draw(rt, "k")
		a, b := newStore(t, preset(t, "layered"), 2), newStore(t, preset(t, "layered"), 2)
		remember(t, a, events...)
		shuffled := rapid.Permutation(events).Draw(rt, "order")
		remember(t, b, shuffled...)
		q := memory.Query{K: k, Shuffle: &seed}
		first := recallIDs(rt, a, 3, q)
		if again := recallIDs(rt, b, 3, q); !slices.Equal(first, again) {
			rt.Errorf("drew %v, then %v", first, again)
		}
		if len(first) != min(k, len(events)) {
			rt.Errorf("drew %d of %d, want %d", len(first), len(events), k)
		}
	})
	s := newStore(t, preset(t, "layered"), 2)
	remember(t, s, drawEvents(20)...)
	one, two := uint64(1), uint64(2)
	q := memory.Query{K: 5, Shuffle: &one}
	if a, b := recallIDs(t, s, 0, q), recallIDs(t, s, 0, memory.Query{K: 5, Shuffle: &two}); slices.Equal(a, b) {
		t.Errorf("seeds 1 and 2 both draw %v", a)
	}
	if a, b := recallIDs(t, s, 0, q), recallIDs(t, s, 1, q); slices.Equal(a, b) {
		t.Errorf("two sessions both draw %v", a)
	}
}

// A draw keeps to what may be offered: nothing of a later session (B28), of
// another layer or symbol, or below the least relevancy.
func TestShuffleKeepsToTheQuery(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 2)
	remember(t, s,
		memory.Event{ID: "near", Vector: []float32{1, 0}},
		memory.Event{ID: "far", Vector: []float32{0, 1}},
		memory.Event{ID: "later", Session: session(4), Vector: []float32{1, 0}},
		memory.Event{ID: "filing", Layer: memory.Long, Vector: []float32{1, 0}},
		memory.Event{ID: "other", Symbol: "TSL", Vector: []float32{1, 0}},
	)
	for _, tt := range []struct {
		q    memory.Query
		want []string
	}{
		{memory.Query{}, []string{"near", "far", "filing"}},
		{memory.Query{Layers: []memory.Layer{memory.Long}}, []string{"filing"}},
		{memory.Query{Layers: []memory.Layer{}}, nil},
		{memory.Query{MinRelevancy: ref(0.5)}, []string{"near", "filing"}},
		{memory.Query{Since: session(1)}, nil},
	} {
		tt.q.Shuffle = new(uint64)
		if got := recallIDs(t, s, 3, tt.q); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.q, got, tt.want)
		}
	}
}

// Since leaves out earlier sessions, its own not.
func TestRecallSince(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 2)
	for n := range 5 {
		remember(t, s, memory.Event{ID: fmt.Sprint("day ", n), Session: session(n), Importance: 40, Vector: []float32{1, 0}})
	}
	for since, want := range map[string][]string{
		"":         {"day 0", "day 1", "day 2", "day 3"},
		session(0): {"day 0", "day 1", "day 2", "day 3"},
		session(2): {"day 2", "day 3"},
		session(3): {"day 3"},
		session(4): nil,
	} {
		if got := recallIDs(t, s, 3, memory.Query{K: 9, Since: since}); !slices.Equal(got, want) {
			t.Errorf("since %q: %v, want %v", since, got, want)
		}
	}
	if _, err := s.Recall(t.Context(), memory.Query{Symbol: "TSLA", AsOf: session(3), Since: "yesterday", Vector: []float32{1, 0}}); err == nil {
		t.Error("a session that is no date was taken")
	}
}
