package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"finmem/memory"
	"finmem/memory/chromem"
)

// session is the n-th day after 2020-01-01. Memory knows no calendar, so any
// ascending dates will do.
func session(n int) string {
	return time.Date(2020, 1, 1+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

func eventID(n int) string { return fmt.Sprintf("%06d", n) }

func preset(t testing.TB, name string) memory.Config {
	t.Helper()
	c, err := memory.Preset(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newStore(t testing.TB, c memory.Config, dim int) *memory.Store {
	t.Helper()
	s, err := memory.NewStore(c, 1, memory.Identity{Name: "test", Dim: dim}, chromem.New())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// remember adds events of TSLA to session 0 unless they say otherwise.
func remember(t testing.TB, s *memory.Store, events ...memory.Event) {
	t.Helper()
	for _, e := range events {
		if e.Symbol == "" {
			e.Symbol = "TSLA"
		}
		if e.Session == "" {
			e.Session = session(0)
		}
		if e.Text == "" {
			e.Text = "text " + e.ID
		}
		if e.Vector == nil {
			e.Vector = []float32{1}
		}
		added, err := s.Remember(t.Context(), session(0), []memory.Event{e})
		if err != nil || added != 1 {
			t.Fatalf("Remember %s = %d, %v", e.ID, added, err)
		}
	}
}

// night ends session n of TSLA.
func night(t testing.TB, s *memory.Store, n int) memory.Transitions {
	t.Helper()
	tr, err := s.Night(t.Context(), "TSLA", session(n))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// sameEvents compares two states bit for bit.
func sameEvents(t rapid.TB, got, want []memory.Event) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
}

// ids are those of hits, in order.
func ids(hits []memory.Hit) []string {
	var all []string
	for _, h := range hits {
		all = append(all, h.Event.ID)
	}
	return all
}
