package memory_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"finmem/memory"
)

// An event that is remembered late ends up, bit for bit, as one that was there
// all the time, and one that the nights between would have forgotten is not
// added.
func TestRememberLate(t *testing.T) {
	presets := []memory.Config{preset(t, "layered"), preset(t, "paper"), preset(t, "reference")}
	rapid.Check(t, func(rt *rapid.T) {
		cfg := rapid.SampledFrom(presets).Draw(rt, "constants")
		nights := rapid.IntRange(0, 40).Draw(rt, "nights")
		layer := rapid.SampledFrom(memory.Layers()).Draw(rt, "layer")
		session := func(i int) string { return fmt.Sprintf("2024-%02d-%02d", 1+i/28, 1+i%28) }
		e := memory.Event{ID: "x", Symbol: "AAA", Layer: layer, Source: "reflection", Session: session(0), Text: "words", Copies: 1, Vector: []float32{0.6, 0.8}}

		newStore := func() *memory.Store {
			s, err := memory.NewStore(cfg, 3, memory.Identity{Name: "two", Dim: 2}, memory.NewExact())
			if err != nil {
				rt.Fatal(err)
			}
			return s
		}
		punctual, late := newStore(), newStore()
		if _, err := punctual.Remember(t.Context(), session(0), []memory.Event{e}); err != nil {
			rt.Fatal(err)
		}
		for i := range nights {
			for _, s := range []*memory.Store{punctual, late} {
				if _, err := s.Night(t.Context(), "AAA", session(i)); err != nil {
					rt.Fatal(err)
				}
			}
		}
		added, err := late.RememberLate(t.Context(), session(nights), []memory.Event{e}, nights)
		if err != nil {
			rt.Fatal(err)
		}
		want, live := punctual.Get("AAA", "x")
		got, there := late.Get("AAA", "x")
		if live != there || live != (added == 1) {
			rt.Fatalf("after %d nights live is %t, late %t, %d added", nights, live, there, added)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("after %d nights (-punctual +late):\n%s", nights, diff)
		}
		if changes := late.TakeChanges("AAA"); live && (len(changes) != 1 || changes[0].Session != session(nights) || changes[0].Importance != got.Importance || changes[0].Layer != got.Layer) {
			rt.Fatalf("changes %+v, want one that tells how it stands", changes)
		}
	})
}
