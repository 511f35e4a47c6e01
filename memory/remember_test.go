package memory_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"finmem/memory"
)

func TestNewID(t *testing.T) {
	id := memory.NewID("TSLA", "news", "2026-01-02", "Tesla beats")
	if len(id) != 16 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("NewID = %q, want 16 hexadecimal digits", id)
	}
	if want := "118f678a22f6f662"; id != want {
		t.Errorf("NewID = %q, want %q as ever", id, want)
	}
	for _, text := range []string{"tesla BEATS", " Tesla\n\tbeats ", "Tesla\u00a0beats"} {
		if got := memory.NewID("TSLA", "news", "2026-01-02", text); got != id {
			t.Errorf("NewID of %q = %q, want %q: case and white space do not count", text, got, id)
		}
	}
	for _, other := range []string{
		memory.NewID("TSL", "Anews", "2026-01-02", "Tesla beats"),
		memory.NewID("TSLA", "new", "s2026-01-02", "Tesla beats"),
		memory.NewID("TSLA", "news", "2026-01-03", "Tesla beats"),
		memory.NewID("TSLA", "news", "2026-01-02", "Teslabeats"),
		memory.NewID("TSLA", "news", "", "2026-01-02 Tesla beats"),
		memory.NewID("", "TSLA", "news", "2026-01-02 Tesla beats"),
	} {
		if other == id {
			t.Errorf("another event has the id %q too", id)
		}
	}
}

func TestInitialImportance(t *testing.T) {
	c := preset(t, "layered")
	const n = 20_000
	for _, l := range memory.Layers() {
		counts := map[float64]int{}
		for i := range n {
			counts[c.InitialImportance(1, eventID(i), l)]++
		}
		for _, d := range c.Layer(l).Initial {
			// Five standard deviations of a share of n draws.
			off := math.Abs(float64(counts[d.Importance])/n - d.Probability)
			if off > 5*math.Sqrt(d.Probability*(1-d.Probability)/n) {
				t.Errorf("%s: importance %v drawn %d of %d times, want a share of %v", l, d.Importance, counts[d.Importance], n, d.Probability)
			}
		}
	}
	differ := 0
	for i := range 1000 {
		if c.InitialImportance(1, eventID(i), memory.Short) != c.InitialImportance(2, eventID(i), memory.Short) {
			differ++
		}
	}
	if differ < 100 {
		t.Errorf("two seeds differ in %d of 1000 draws, want about a third", differ)
	}
}

func TestRememberDrawsAndAges(t *testing.T) {
	c := preset(t, "layered")
	s := newStore(t, c, 2)
	tone := -0.5
	given := memory.Event{
		ID: "a", Symbol: "TSLA", Layer: memory.Mid, Source: "10-Q", Session: session(0), Text: "全文", Part: "1/2",
		Tone: &tone, Copies: 3, Vector: []float32{3, 4}, Age: 45, Access: 9, Recalled: 9,
	}
	if _, err := s.Remember(t.Context(), session(60), []memory.Event{given}); err != nil {
		t.Fatal(err)
	}
	given.Vector[0], tone = 0, 1
	got, ok := s.Get("TSLA", "a")
	if !ok {
		t.Fatal("the event is not there")
	}
	if got.Importance != c.InitialImportance(1, "a", memory.Mid) {
		t.Errorf("importance %v is not the drawn one", got.Importance)
	}
	if want := math.Exp(-45.0 / 90); !near(got.Recency, want) || got.Age != 45 {
		t.Errorf("age %d and recency %v, want 45 and %v", got.Age, got.Recency, want)
	}
	if got.Access != 0 || got.Recalled != 0 {
		t.Errorf("access %d, recalled %d, want none", got.Access, got.Recalled)
	}
	if got.Vector[0] != 0.6 || got.Vector[1] != 0.8 {
		t.Errorf("vector %v, want length 1 and the caller's slice not kept", got.Vector)
	}
	if *got.Tone != -0.5 || got.Part != "1/2" || got.Copies != 3 || got.Source != "10-Q" || got.Text != "全文" {
		t.Errorf("provenance changed: %+v", got)
	}
}

// B36: an event that is loaded late is as old as it is.
func TestB36AgeCountsFromTheEvent(t *testing.T) {
	for _, tt := range []struct {
		stability float64
		age       int
		want      float64
	}{
		{365, 0, 1}, {365, 365, 0.36787944117144233}, {14, 0, 1}, {14, 365, 4.756882632224e-12},
	} {
		c := preset(t, "layered")
		c.Short.Stability = tt.stability
		s := newStore(t, c, 1)
		remember(t, s, memory.Event{ID: "a", Session: "2019-01-02", Age: tt.age})
		e, _ := s.Get("TSLA", "a")
		if math.Abs(e.Recency-tt.want) > 1e-4*tt.want {
			t.Errorf("recency at age %d, stability %v = %v, want %v", tt.age, tt.stability, e.Recency, tt.want)
		}
	}
}

// B39: neither a live event nor a forgotten one comes in twice, and the first
// copy stays as it is.
func TestB39TheSameEventTwice(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 1)
	first := memory.Event{ID: "a", Symbol: "TSLA", Session: session(0), Text: "first", Importance: 50, Vector: []float32{1}}
	second := first
	second.Text, second.Session, second.Importance, second.Copies = "second", session(1), 70, 9
	second.Vector = nil // no need to embed what is known

	if added, err := s.Remember(t.Context(), session(0), []memory.Event{first, first}); added != 1 || err != nil {
		t.Fatalf("Remember twice in one call = %d, %v, want 1", added, err)
	}
	s.MarkRecalled("TSLA", session(0), []string{"a"})
	if _, err := s.Feedback("TSLA", session(0), []string{"a"}, 1); err != nil {
		t.Fatal(err)
	}
	before, _ := s.Get("TSLA", "a")
	if added, err := s.Remember(t.Context(), session(1), []memory.Event{second}); added != 0 || err != nil {
		t.Errorf("Remember again = %d, %v, want 0", added, err)
	}
	after, _ := s.Get("TSLA", "a")
	if after.Text != "first" || after.Session != before.Session || after.Importance != 55 || after.Recalled != 1 || after.Access != 1 || after.Copies != 1 {
		t.Errorf("the first copy became %+v", after)
	}

	for n := 0; s.Counts("TSLA")[memory.Short] > 0; n++ {
		night(t, s, n)
	}
	if added, err := s.Remember(t.Context(), session(90), []memory.Event{second}); added != 0 || err != nil {
		t.Errorf("Remember a forgotten event = %d, %v, want 0", added, err)
	}
	if !s.Knows("TSLA", "a") || s.Knows("TSLA", "b") || s.Knows("NFLX", "a") {
		t.Error("Knows is not right about live, forgotten and strange ids")
	}
}

// B41: blank text is never stored, and what has no direction is refused.
func TestB41BlankText(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 2)
	var events []memory.Event
	for i, text := range []string{"", "   ", "\n\t", "\u00a0\u2003", "words"} {
		events = append(events, memory.Event{ID: eventID(i), Symbol: "TSLA", Session: session(0), Text: text, Vector: []float32{1, 0}})
	}
	if added, err := s.Remember(t.Context(), session(0), events); added != 1 || err != nil {
		t.Errorf("Remember = %d, %v, want 1", added, err)
	}
	if live := s.Live("TSLA"); len(live) != 1 || live[0].Text != "words" {
		t.Errorf("live: %+v", live)
	}
}

func TestRememberRefuses(t *testing.T) {
	nan := math.NaN()
	tone := func(x float64) *float64 { return &x }
	for _, tt := range []struct {
		name   string
		spoil  func(*memory.Event)
		asOf   string
		expect string
	}{
		{"no id", func(e *memory.Event) { e.ID = "" }, session(5), "no id"},
		{"no symbol", func(e *memory.Event) { e.Symbol = "" }, session(5), "no symbol"},
		{"layer", func(e *memory.Event) { e.Layer = 4 }, session(5), "layer(4) does not exist"},
		{"B46 cut character", func(e *memory.Event) { e.Text = "全文"[:4] }, session(5), "text is not valid UTF-8"},
		{"NaN importance", func(e *memory.Event) { e.Importance = nan }, session(5), "importance NaN"},
		{"negative importance", func(e *memory.Event) { e.Importance = -1 }, session(5), "importance -1"},
		{"tone", func(e *memory.Event) { e.Tone = tone(1.5) }, session(5), "tone 1.5"},
		{"NaN tone", func(e *memory.Event) { e.Tone = tone(nan) }, session(5), "tone NaN"},
		{"copies", func(e *memory.Event) { e.Copies = -1 }, session(5), "copies -1"},
		{"session", func(e *memory.Event) { e.Session = "2020-02-30" }, session(5), `session "2020-02-30"`},
		{"no session", func(e *memory.Event) { e.Session = "" }, session(5), `session ""`},
		{"as of", func(e *memory.Event) {}, "yesterday", `session "yesterday"`},
		{"B35 negative age", func(e *memory.Event) { e.Age = -7 }, session(5), "age -7"},
		{"age of the future", func(e *memory.Event) { e.Session, e.Age = session(9), 3 }, session(5), "age 3, but its session 2020-01-10 is after 2020-01-06"},
		{"B33 dimension", func(e *memory.Event) { e.Vector = []float32{1, 0, 0} }, session(5), "vector has 3 dimensions, embedder is test (2 dimensions)"},
		{"no vector", func(e *memory.Event) { e.Vector = nil }, session(5), "vector has 0 dimensions"},
		{"zero vector", func(e *memory.Event) { e.Vector = []float32{0, 0} }, session(5), "vector is all zero"},
		{"NaN vector", func(e *memory.Event) { e.Vector[1] = float32(nan) }, session(5), "vector has NaN in dimension 1"},
		{"a night that is over", func(e *memory.Event) {}, session(2), "session 2020-01-03 is past: the night of 2020-01-04 is over"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t, preset(t, "layered"), 2)
			night(t, s, 3)
			good := memory.Event{ID: "good", Symbol: "TSLA", Session: session(0), Text: "text", Vector: []float32{1, 0}}
			bad := good
			bad.ID, bad.Vector = "bad", []float32{1, 0}
			tt.spoil(&bad)
			added, err := s.Remember(t.Context(), tt.asOf, []memory.Event{good, bad})
			if err == nil || !strings.Contains(err.Error(), tt.expect) {
				t.Errorf("error %v, want %q in it", err, tt.expect)
			}
			if added != 0 || len(s.Live("TSLA")) != 0 || len(s.TakeChanges("TSLA")) != 0 {
				t.Errorf("an error left something behind: added %d, live %v", added, s.Live("TSLA"))
			}
		})
	}
}

// failing fails on the nth write to the index.
type failing struct {
	memory.Index
	after *int
}

var errIndex = errors.New("index is broken")

func (f failing) step() error {
	*f.after--
	if *f.after < 0 {
		return errIndex
	}
	return nil
}

func (f failing) Put(ctx context.Context, symbol string, l memory.Layer, id string, v []float32) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.Index.Put(ctx, symbol, l, id, v)
}

func (f failing) Remove(ctx context.Context, symbol string, l memory.Layer, id string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.Index.Remove(ctx, symbol, l, id)
}

// B58, the memory's part: a call that fails half-way leaves the events as they
// were, and can be made again.
func TestB58FailureLeavesNoTrace(t *testing.T) {
	c := preset(t, "reference")
	after := math.MaxInt
	s, err := memory.NewStore(c, 1, memory.Identity{Name: "test", Dim: 1}, failing{memory.NewExact(), &after})
	if err != nil {
		t.Fatal(err)
	}
	events := []memory.Event{
		{ID: "stays", Symbol: "TSLA", Session: session(0), Text: "text", Importance: 40, Vector: []float32{1}},
		{ID: "rises", Symbol: "TSLA", Session: session(0), Text: "text", Importance: 90, Vector: []float32{1}},
		{ID: "sinks", Symbol: "TSLA", Session: session(0), Text: "text", Layer: memory.Mid, Importance: 40, Vector: []float32{1}},
		{ID: "dies", Symbol: "TSLA", Session: session(0), Text: "text", Importance: 5, Vector: []float32{1}},
	}
	for n := range len(events) {
		after = n
		if added, err := s.Remember(t.Context(), session(0), events); added != 0 || !errors.Is(err, errIndex) {
			t.Errorf("Remember failing at %d = %d, %v", n, added, err)
		}
		if len(s.Live("TSLA")) != 0 || len(s.TakeChanges("TSLA")) != 0 {
			t.Errorf("Remember failing at %d left %v", n, s.Live("TSLA"))
		}
	}
	after = math.MaxInt
	remember(t, s, events...)
	before := s.Live("TSLA")
	s.TakeChanges("TSLA")
	for n := range 5 { // 2 put, 3 removed
		after = n
		if tr, err := s.Night(t.Context(), "TSLA", session(0)); !errors.Is(err, errIndex) {
			t.Errorf("Night failing at %d = %v, %v", n, tr, err)
		}
		sameEvents(t, s.Live("TSLA"), before)
		if changes := s.TakeChanges("TSLA"); len(changes) != 0 {
			t.Errorf("Night failing at %d made changes %v", n, changes)
		}
	}
	after = math.MaxInt
	tr := night(t, s, 0)
	if len(tr.Removed) != 1 || len(tr.Moved) != 2 {
		t.Errorf("the night after all: %+v", tr)
	}
	hits, err := s.Recall(t.Context(), memory.Query{Symbol: "TSLA", AsOf: session(0), Vector: []float32{1}})
	if err != nil || len(hits) != 3 {
		t.Errorf("recall after all = %v, %v, want 3 events", hits, err)
	}
}
