// Package memorytest checks that an implementation of [memory.Index] keeps the
// promises the store relies on.
package memorytest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"finmem/memory"
)

// TestIndex runs every check, each on an empty index from open.
func TestIndex(t *testing.T, open func() memory.Index) {
	checks := []struct {
		name string
		run  func(*testing.T, memory.Index)
	}{
		{"B34 an empty layer has nothing similar", emptyLayer},
		{"similarities are cosines", cosines},
		{"put replaces", replaces},
		{"remove", removes},
		{"B43 symbols and layers are apart", apart},
		{"B33 another dimension is refused and does no harm", otherDimension},
		{"B41 a vector without direction is refused and does no harm", noDirection},
		{"the vector is not kept", notKept},
		{"extreme lengths", extremeLengths},
		{"a cancelled context is an error", cancelled},
		{"B77 symbols side by side", sideBySide},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, open()) })
	}
}

const symbol = "TSLA"

func emptyLayer(t *testing.T, x memory.Index) {
	if got := similar(t, x, symbol, memory.Short, []float32{1, 0}); len(got) != 0 {
		t.Errorf("Similar on an empty index = %v, want nothing", got)
	}
	put(t, x, symbol, memory.Short, "a", []float32{1, 0})
	remove(t, x, symbol, memory.Short, "a")
	if got := similar(t, x, symbol, memory.Short, []float32{1, 0}); len(got) != 0 {
		t.Errorf("Similar on an emptied layer = %v, want nothing", got)
	}
}

// cosines compares with double precision, in many dimensions and with vectors
// of any length.
func cosines(t *testing.T, x memory.Index) {
	const dim, n = 384, 300
	r := rand.New(rand.NewPCG(1, 2))
	random := func() []float32 {
		v := make([]float32, dim)
		size := math.Exp(6 * r.NormFloat64())
		for i := range v {
			v[i] = float32(size * (r.NormFloat64() + 0.3))
		}
		return v
	}
	vectors := map[string][]float32{}
	for i := range n {
		id := fmt.Sprintf("%03d", i)
		vectors[id] = random()
		put(t, x, symbol, memory.Mid, id, vectors[id])
	}
	query := random()
	got := similar(t, x, symbol, memory.Mid, query)
	if len(got) != n {
		t.Fatalf("Similar gave %d similarities, want %d", len(got), n)
	}
	for id, v := range vectors {
		var dot, vv, qq float64
		for i := range v {
			dot += float64(v[i]) * float64(query[i])
			vv += float64(v[i]) * float64(v[i])
			qq += float64(query[i]) * float64(query[i])
		}
		want := dot / math.Sqrt(vv*qq)
		if off := math.Abs(got[id] - want); !(off <= (2*dim+16)/float64(1<<24)) {
			t.Errorf("similarity of %s = %v, want %v", id, got[id], want)
		}
	}
}

func replaces(t *testing.T, x memory.Index) {
	put(t, x, symbol, memory.Short, "a", []float32{1, 0})
	put(t, x, symbol, memory.Short, "a", []float32{0, 1})
	want(t, similar(t, x, symbol, memory.Short, []float32{1, 0}), map[string]float64{"a": 0})
}

func removes(t *testing.T, x memory.Index) {
	put(t, x, symbol, memory.Long, "a", []float32{1, 0})
	put(t, x, symbol, memory.Long, "b", []float32{-1, 0})
	remove(t, x, symbol, memory.Long, "a")
	remove(t, x, symbol, memory.Long, "a")
	remove(t, x, symbol, memory.Long, "never there")
	remove(t, x, "OTHER", memory.Long, "b")
	want(t, similar(t, x, symbol, memory.Long, []float32{1, 0}), map[string]float64{"b": -1})
}

// apart uses names that run into each other when joined carelessly.
func apart(t *testing.T, x memory.Index) {
	symbols := []string{"A", "AA", "a", "A/B", "B", "short", "short/A", "", "A short", "TSLA.mid", "../A", "ÄÖ"}
	for i, s := range symbols {
		for _, l := range memory.Layers() {
			put(t, x, s, l, fmt.Sprintf("%d in %s", i, l), []float32{1, 0})
			put(t, x, s, l, "same", []float32{0, 1})
		}
	}
	for i, s := range symbols {
		for _, l := range memory.Layers() {
			want(t, similar(t, x, s, l, []float32{1, 0}),
				map[string]float64{fmt.Sprintf("%d in %s", i, l): 1, "same": 0})
		}
	}
}

func otherDimension(t *testing.T, x memory.Index) {
	put(t, x, symbol, memory.Short, "a", []float32{1, 0, 0})
	for _, layer := range []memory.Layer{memory.Short, memory.Mid} {
		if err := x.Put(t.Context(), symbol, layer, "b", []float32{1, 0, 0, 0}); err == nil {
			t.Errorf("Put of 4 dimensions into %s of an index of 3: no error", layer)
		}
	}
	if _, err := x.Similar(t.Context(), symbol, memory.Short, []float32{1, 0}); err == nil {
		t.Error("Similar with 2 dimensions in an index of 3: no error")
	}
	want(t, similar(t, x, symbol, memory.Short, []float32{1, 0, 0}), map[string]float64{"a": 1})
}

func noDirection(t *testing.T, x memory.Index) {
	put(t, x, symbol, memory.Short, "a", []float32{1, 0})
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, v := range [][]float32{{0, 0}, {nan, 1}, {inf, 1}, {}, nil} {
		if err := x.Put(t.Context(), symbol, memory.Short, "b", v); err == nil {
			t.Errorf("Put of %v: no error", v)
		}
		if _, err := x.Similar(t.Context(), symbol, memory.Short, v); err == nil {
			t.Errorf("Similar to %v: no error", v)
		}
	}
	want(t, similar(t, x, symbol, memory.Short, []float32{1, 0}), map[string]float64{"a": 1})
}

func notKept(t *testing.T, x memory.Index) {
	v := []float32{1, 0}
	put(t, x, symbol, memory.Short, "a", v)
	v[0], v[1] = 0, 1
	want(t, similar(t, x, symbol, memory.Short, []float32{1, 0}), map[string]float64{"a": 1})
	query := []float32{3, 4}
	similar(t, x, symbol, memory.Short, query)
	if query[0] != 3 || query[1] != 4 {
		t.Errorf("Similar changed its query to %v", query)
	}
}

// extremeLengths has squares that single precision cannot hold.
func extremeLengths(t *testing.T, x memory.Index) {
	put(t, x, symbol, memory.Short, "huge", []float32{1e30, 0})
	put(t, x, symbol, memory.Short, "tiny", []float32{1e-30, 0})
	put(t, x, symbol, memory.Short, "denormal", []float32{1e-44, 0})
	want(t, similar(t, x, symbol, memory.Short, []float32{2e-38, 0}), map[string]float64{"huge": 1, "tiny": 1, "denormal": 1})
}

func cancelled(t *testing.T, x memory.Index) {
	put(t, x, symbol, memory.Short, "a", []float32{1, 0})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.Put(ctx, symbol, memory.Short, "b", []float32{1, 0}); err == nil {
		t.Error("Put: no error")
	}
	if err := x.Remove(ctx, symbol, memory.Short, "a"); err == nil {
		t.Error("Remove: no error")
	}
	if got, err := x.Similar(ctx, symbol, memory.Short, []float32{1, 0}); err == nil {
		t.Errorf("Similar = %v and no error", got)
	}
	want(t, similar(t, x, symbol, memory.Short, []float32{1, 0}), map[string]float64{"a": 1})
}

// sideBySide is for the race detector.
func sideBySide(t *testing.T, x memory.Index) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s := fmt.Sprintf("S%d", i)
			for n := range 20 {
				put(t, x, s, memory.Short, fmt.Sprint(n), []float32{1, float32(n)})
				remove(t, x, s, memory.Short, fmt.Sprint(n-3))
				if got := similar(t, x, s, memory.Short, []float32{1, 0}); len(got) != min(n+1, 3) {
					t.Errorf("%s after %d: %d similarities, want %d", s, n, len(got), min(n+1, 3))
				}
			}
		})
	}
	wg.Wait()
}

func put(t *testing.T, x memory.Index, symbol string, layer memory.Layer, id string, v []float32) {
	t.Helper()
	if err := x.Put(t.Context(), symbol, layer, id, v); err != nil {
		t.Errorf("Put %s %s %s: %v", symbol, layer, id, err)
	}
}

func remove(t *testing.T, x memory.Index, symbol string, layer memory.Layer, id string) {
	t.Helper()
	if err := x.Remove(t.Context(), symbol, layer, id); err != nil {
		t.Errorf("Remove %s %s %s: %v", symbol, layer, id, err)
	}
}

// similar gives the similarities by id and reports an id that came twice.
func similar(t *testing.T, x memory.Index, symbol string, layer memory.Layer, query []float32) map[string]float64 {
	t.Helper()
	all, err := x.Similar(t.Context(), symbol, layer, query)
	if err != nil {
		t.Errorf("Similar %s %s: %v", symbol, layer, err)
	}
	byID := map[string]float64{}
	for _, s := range all {
		if _, twice := byID[s.ID]; twice {
			t.Errorf("Similar %s %s gave %s twice", symbol, layer, s.ID)
		}
		byID[s.ID] = s.Cosine
	}
	return byID
}

func want(t *testing.T, got, want map[string]float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("similarities %v, want %v", got, want)
		return
	}
	for id, w := range want {
		if g, ok := got[id]; !ok || math.Abs(g-w) > 1e-5 {
			t.Errorf("similarities %v, want %v", got, want)
			return
		}
	}
}
