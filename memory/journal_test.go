package memory_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"finmem/memory"
)

// What happens to three events over two sessions, change by change.
func TestChanges(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 1)
	remember(t, s,
		memory.Event{ID: "stays", Importance: 40},
		memory.Event{ID: "rises", Importance: 62},
		memory.Event{ID: "fades", Importance: 5.4})
	s.MarkRecalled("TSLA", session(0), []string{"rises"})
	if _, err := s.Feedback("TSLA", session(0), []string{"rises"}, 1); err != nil {
		t.Fatal(err)
	}
	night(t, s, 0) // 67 × 0.9117 = 61.08; 5.4 × 0.9117 = 4.92
	night(t, s, 1)
	s.MarkRecalled("TSLA", session(1), []string{"stays"}) // after its night

	var got []string
	for _, c := range s.TakeChanges("TSLA") {
		if c.Symbol != "TSLA" || (c.Op == memory.OpAdd) != (c.Event != nil) {
			t.Errorf("change %+v", c)
		}
		got = append(got, fmt.Sprintf("%s %s %s night=%v points=%d %s %.4f %.4f age=%d access=%d recalled=%d",
			c.Session, c.Op, c.ID, c.AfterNight, c.Points, c.Layer, c.Importance, c.Recency, c.Age, c.Access, c.Recalled))
	}
	want := []string{
		"2020-01-01 add stays night=false points=0 short 40.0000 1.0000 age=0 access=0 recalled=0",
		"2020-01-01 add rises night=false points=0 short 62.0000 1.0000 age=0 access=0 recalled=0",
		"2020-01-01 add fades night=false points=0 short 5.4000 1.0000 age=0 access=0 recalled=0",
		"2020-01-01 recall rises night=false points=0 short 62.0000 1.0000 age=0 access=0 recalled=1",
		"2020-01-01 feedback rises night=false points=1 short 67.0000 1.0000 age=0 access=1 recalled=1",
		"2020-01-01 purge fades night=true points=0 short 4.9232 0.9311 age=1 access=0 recalled=0",
		"2020-01-01 promote rises night=true points=0 mid 61.0839 1.0000 age=0 access=1 recalled=1",
		"2020-01-02 recall stays night=true points=0 short 33.2479 0.8669 age=2 access=0 recalled=1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("changes:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if again := s.TakeChanges("TSLA"); len(again) != 0 {
		t.Errorf("changes come twice: %v", again)
	}
	if of := s.TakeChanges("NFLX"); len(of) != 0 {
		t.Errorf("a symbol without memory has changes: %v", of)
	}
}

// B26, B27: a memory that is closed and opened again is the same to the last
// bit, whenever that happens, and goes on the same. So is an earlier state.
func TestB26RestoreIsBitIdentical(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := preset(t, rapid.SampledFrom([]string{"layered", "paper", "reference"}).Draw(rt, "preset"))
		sessions := rapid.IntRange(1, 25).Draw(rt, "sessions")
		closing := rapid.IntRange(0, sessions-1).Draw(rt, "closing")
		type step struct {
			events   []memory.Event
			recalled []string
			feedback []string
			points   int
		}
		// Ids come from a small range, so that known ones come again.
		id := rapid.Custom(func(rt *rapid.T) string { return eventID(rapid.IntRange(0, 40).Draw(rt, "id")) })
		var steps []step
		for n := range sessions {
			st := step{
				recalled: rapid.SliceOfN(id, 0, 5).Draw(rt, "recalled"),
				feedback: rapid.SliceOfN(id, 0, 5).Draw(rt, "feedback"),
				points:   rapid.SampledFrom([]int{-1, 1, 1, 2}).Draw(rt, "points"),
			}
			for range rapid.IntRange(0, 4).Draw(rt, "added") {
				e := memory.Event{
					ID: id.Draw(rt, "id"), Symbol: "TSLA", Text: "text", Vector: []float32{1, float32(n)},
					Layer: memory.Layer(rapid.IntRange(0, 3).Draw(rt, "layer")), Importance: rapid.Float64Range(0, 100).Draw(rt, "importance"),
				}
				// Some are old, some known only in sessions to come.
				offset := rapid.IntRange(-5, 5).Draw(rt, "offset")
				e.Session, e.Age = session(n+offset), max(-offset, 0)
				st.events = append(st.events, e)
			}
			steps = append(steps, st)
		}
		run := func(s *memory.Store, n int) {
			st := steps[n]
			if _, err := s.Remember(t.Context(), session(n), st.events); err != nil {
				rt.Fatal(err)
			}
			s.MarkRecalled("TSLA", session(n), st.recalled)
			if _, err := s.Feedback("TSLA", session(n), st.feedback, st.points); err != nil {
				rt.Fatal(err)
			}
			if _, err := s.Night(t.Context(), "TSLA", session(n)); err != nil {
				rt.Fatal(err)
			}
		}

		unbroken := newStore(t, c, 2)
		var journal []memory.Change
		var nights []string
		var reopened *memory.Store
		var closed memory.State
		for n := range sessions {
			run(unbroken, n)
			changes := unbroken.TakeChanges("TSLA")
			journal, nights = append(journal, changes...), append(nights, session(n))
			if reopened != nil {
				run(reopened, n)
				if again := reopened.TakeChanges("TSLA"); !slices.EqualFunc(changes, again, sameChange) {
					rt.Fatalf("session %d: changes\n%+v\nafter reopening\n%+v", n, changes, again)
				}
			}
			if n == closing {
				var err error
				if closed, err = memory.Fold(journal, nights); err != nil {
					rt.Fatal(err)
				}
				reopened = newStore(t, c, 2)
				if err := reopened.Restore(t.Context(), "TSLA", closed.Events, closed.Forgotten); err != nil {
					rt.Fatal(err)
				}
			}
			if reopened != nil {
				sameState(rt, t, reopened, unbroken, session(n))
			}
		}

		// The state as of the closing session can be had from the whole journal.
		past := slices.IndexFunc(journal, func(c memory.Change) bool { return c.Session > session(closing) })
		if past < 0 {
			past = len(journal)
		}
		state, err := memory.Fold(journal[:past], nights[:closing+1])
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(closed, state); diff != "" {
			rt.Fatalf("the state as of %s (-then +now):\n%s", session(closing), diff)
		}
	})
}

func sameChange(a, b memory.Change) bool {
	same := (a.Event == nil) == (b.Event == nil) && (a.Event == nil || a.Event.ID == b.Event.ID && slices.Equal(a.Event.Vector, b.Event.Vector))
	a.Event, b.Event = nil, nil
	return same && a == b
}

// sameState compares the events bit for bit, and what is recalled of them.
func sameState(rt *rapid.T, t *testing.T, got, want *memory.Store, asOf string) {
	sameEvents(rt, got.Live("TSLA"), want.Live("TSLA"))
	q := memory.Query{Symbol: "TSLA", AsOf: asOf, Vector: []float32{1, 3}}
	g, err := got.Recall(t.Context(), q)
	if err != nil {
		rt.Fatal(err)
	}
	w, err := want.Recall(t.Context(), q)
	if err != nil {
		rt.Fatal(err)
	}
	if !slices.EqualFunc(g, w, func(a, b memory.Hit) bool { return a.Event.ID == b.Event.ID && a.Score == b.Score }) {
		rt.Fatalf("recall %v, want %v", ids(g), ids(w))
	}
	for n := range 41 {
		if id := eventID(n); got.Knows("TSLA", id) != want.Knows("TSLA", id) {
			rt.Fatalf("Knows(%s) = %v, want %v", id, got.Knows("TSLA", id), want.Knows("TSLA", id))
		}
	}
}

func TestFoldRefuses(t *testing.T) {
	add := memory.Change{Session: session(0), Symbol: "TSLA", ID: "a", Op: memory.OpAdd, Event: &memory.Event{ID: "a"}}
	with := func(op memory.Op) memory.Change {
		c := add
		c.Op, c.Event = op, nil
		return c
	}
	for _, tt := range []struct {
		name    string
		changes []memory.Change
		nights  []string
		expect  string
	}{
		{"twice", []memory.Change{add, add}, nil, `change 1 adds event "a" a second time`},
		{"after it was forgotten", []memory.Change{add, with(memory.OpPurge), add}, nil, `change 2 adds event "a" a second time`},
		{"unknown", []memory.Change{with(memory.OpRecall)}, nil, `change 0, recall, is of event "a", which is not live`},
		{"forgotten", []memory.Change{add, with(memory.OpPurge), with(memory.OpFeedback)}, nil, `change 2, feedback, is of event "a", which is not live`},
		{"no event", []memory.Change{with(memory.OpAdd)}, nil, `change 0 adds event "a" without saying what it is`},
		{"nights", []memory.Change{add}, []string{session(1), session(0)}, "nights are not in order"},
	} {
		if state, err := memory.Fold(tt.changes, tt.nights); err == nil || !strings.Contains(err.Error(), tt.expect) {
			t.Errorf("%s: %+v, %v, want an error with %q", tt.name, state, err, tt.expect)
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	good := memory.RestoredEvent{Event: memory.Event{
		ID: "a", Symbol: "TSLA", Session: session(0), Text: "text", Importance: 40, Recency: 1, Vector: []float32{1, 0},
	}}
	for _, tt := range []struct {
		name      string
		spoil     func(*memory.RestoredEvent)
		forgotten []string
		expect    string
	}{
		{"no id", func(r *memory.RestoredEvent) { r.ID = "" }, nil, "no id"},
		{"layer", func(r *memory.RestoredEvent) { r.Layer = 5 }, nil, "layer(5) does not exist"},
		{"nights", func(r *memory.RestoredEvent) { r.Nights = -1 }, nil, "-1 nights"},
		{"symbol", func(r *memory.RestoredEvent) { r.Symbol = "NFLX" }, nil, "it belongs to NFLX"},
		{"B33 dimension", func(r *memory.RestoredEvent) { r.Vector = []float32{1, 0, 0} }, nil, "vector has 3 dimensions, embedder is test (2 dimensions)"},
		{"twice", func(r *memory.RestoredEvent) { r.ID = "b" }, nil, "it is there twice"},
		{"forgotten", func(r *memory.RestoredEvent) {}, []string{"a"}, "forgotten as well"},
		{"dead by now", func(r *memory.RestoredEvent) { r.Nights = 23 }, nil, "it cannot have stayed in short through night 23"},
		{"risen by now", func(r *memory.RestoredEvent) { r.Nights, r.Importance = 1, 90 }, nil, "it cannot have stayed in short through night 1"},
		{"NaN", func(r *memory.RestoredEvent) { r.Importance = math.NaN() }, nil, "importance NaN"},
	} {
		s := newStore(t, preset(t, "layered"), 2)
		bad, other := good, good
		other.ID = "b"
		tt.spoil(&bad)
		err := s.Restore(t.Context(), "TSLA", []memory.RestoredEvent{other, bad}, tt.forgotten)
		if err == nil || !strings.Contains(err.Error(), tt.expect) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.expect)
		}
		if len(s.Live("TSLA")) != 0 || s.Knows("TSLA", "a") {
			t.Errorf("%s: left %v", tt.name, s.Live("TSLA"))
		}
	}
	s := newStore(t, preset(t, "layered"), 2)
	for i := range 2 {
		err := s.Restore(t.Context(), "TSLA", []memory.RestoredEvent{good}, nil)
		if (err != nil) != (i == 1) {
			t.Errorf("restore %d: %v", i, err)
		}
	}
	if n := s.Counts("TSLA")[memory.Short]; n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

// B33: another embedder is refused by name and dimension.
func TestB33AnotherEmbedder(t *testing.T) {
	written := memory.Identity{Name: "offline-hash-v1", Dim: 3}
	if err := written.Check(written); err != nil {
		t.Error(err)
	}
	for _, other := range []memory.Identity{{Name: "offline-hash-v1", Dim: 4}, {Name: "nomic", Dim: 3}} {
		err := other.Check(written)
		if err == nil || !strings.Contains(err.Error(), written.String()) || !strings.Contains(err.Error(), other.String()) {
			t.Errorf("Check of %s = %v, want both named", other, err)
		}
	}
	for _, bad := range []memory.Identity{{}, {Name: "x"}, {Dim: 3}, {Name: "x", Dim: -1}} {
		if _, err := memory.NewStore(preset(t, "layered"), 1, bad, memory.NewExact()); err == nil {
			t.Errorf("a store with embedder %+v: no error", bad)
		}
	}
	if _, err := memory.NewStore(preset(t, "layered"), 1, written, nil); err == nil {
		t.Error("a store without an index: no error")
	}
	if _, err := memory.NewStore(memory.Config{}, 1, written, memory.NewExact()); err == nil {
		t.Error("a store without constants: no error")
	}
}
