package memory_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"finmem/memory"
	"finmem/memory/chromem"
)

const benchDim = 384

// filled is a store with n events of TSLA, spread over the layers as a year of
// news and filings would be, on an index from open.
func filled(b *testing.B, n int, index memory.Index) *memory.Store {
	b.Helper()
	s, err := memory.NewStore(preset(b, "layered"), 1, memory.Identity{Name: "test", Dim: benchDim}, index)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	events := make([]memory.Event, n)
	for i := range events {
		layer := memory.Short
		switch i % 20 {
		case 0:
			layer = memory.Mid
		case 1:
			layer = memory.Long
		case 2:
			layer = memory.Reflection
		}
		events[i] = memory.Event{
			ID: fmt.Sprintf("%016x", r.Uint64()), Symbol: "TSLA", Layer: layer, Session: session(0), Text: "text",
			Age: r.IntN(20), Vector: randomVector(r),
		}
	}
	if added, err := s.Remember(b.Context(), session(0), events); err != nil || added != n {
		b.Fatal(added, err)
	}
	s.TakeChanges("TSLA")
	return s
}

func randomVector(r *rand.Rand) []float32 {
	v := make([]float32, benchDim)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func BenchmarkRecall(b *testing.B) {
	for _, index := range []struct {
		name string
		open func() memory.Index
	}{
		{"chromem", func() memory.Index { return chromem.New() }},
		{"exact", func() memory.Index { return memory.NewExact() }},
	} {
		for _, n := range []int{1_000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("index=%s/events=%d", index.name, n), func(b *testing.B) {
				s := filled(b, n, index.open())
				q := memory.Query{Symbol: "TSLA", AsOf: session(0), Vector: randomVector(rand.New(rand.NewPCG(3, 4)))}
				b.ReportAllocs()
				for b.Loop() {
					if hits, err := s.Recall(b.Context(), q); err != nil || len(hits) != 20 {
						b.Fatal(len(hits), err)
					}
				}
			})
		}
	}
}

// A night, with its decay, purges and moves. Every night is a new one to the same
// events, so that the later ones have fewer of them; all are refilled when half
// are gone.
func BenchmarkNight(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			s := filled(b, n, chromem.New())
			night := 0
			b.ReportAllocs()
			for b.Loop() {
				if s.Counts("TSLA")[memory.Short] < n/2 {
					b.StopTimer()
					s, night = filled(b, n, chromem.New()), 0
					b.StartTimer()
				}
				if _, err := s.Night(b.Context(), "TSLA", session(night)); err != nil {
					b.Fatal(err)
				}
				night++
			}
		})
	}
}
