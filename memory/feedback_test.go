package memory_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"finmem/memory"
)

// B31, the memory's part: what was not offered gets no credit, and nobody gets
// it twice.
func TestB31OnlyKnownIDsGetFeedback(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 1)
	for _, id := range []string{"0", "1", "2", "3", "4"} {
		remember(t, s, memory.Event{ID: id, Importance: 40})
	}
	applied, err := s.Feedback("TSLA", session(0), []string{"2", "12", "2", "-5", "x"}, 1)
	if err != nil || !slices.Equal(applied, []string{"2"}) {
		t.Errorf("applied to %v, %v, want 2 alone", applied, err)
	}
	for _, e := range s.Live("TSLA") {
		wantImportance, wantAccess := 40.0, 0
		if e.ID == "2" {
			wantImportance, wantAccess = 45, 1
		}
		if e.Importance != wantImportance || e.Access != wantAccess {
			t.Errorf("event %s: importance %v, access %d, want %v, %d", e.ID, e.Importance, e.Access, wantImportance, wantAccess)
		}
	}
}

func TestFeedback(t *testing.T) {
	for _, tt := range []struct {
		points         int
		wantImportance float64
		wantApplied    int
	}{
		{1, 45, 1}, {-1, 35, 1}, {3, 55, 1}, {-10, -10, 1}, {0, 40, 0},
	} {
		s := newStore(t, preset(t, "layered"), 1)
		remember(t, s, memory.Event{ID: "a", Importance: 40})
		s.TakeChanges("TSLA")
		applied, err := s.Feedback("TSLA", session(0), []string{"a"}, tt.points)
		if err != nil || len(applied) != tt.wantApplied {
			t.Errorf("%d points: applied %v, %v", tt.points, applied, err)
		}
		if e, _ := s.Get("TSLA", "a"); e.Importance != tt.wantImportance || e.Access != tt.points {
			t.Errorf("%d points: importance %v, access %d, want %v, %d", tt.points, e.Importance, e.Access, tt.wantImportance, tt.points)
		}
		if changes := s.TakeChanges("TSLA"); len(changes) != tt.wantApplied {
			t.Errorf("%d points: changes %v", tt.points, changes)
		}
		// Below 0, importance counts as 0 in a score.
		hits, err := s.Recall(t.Context(), memory.Query{Symbol: "TSLA", AsOf: session(0), Vector: []float32{1}})
		if err != nil || hits[0].Score.Importance != max(tt.wantImportance, 0)/100 {
			t.Errorf("%d points: score %+v, %v", tt.points, hits[0].Score, err)
		}
	}
}

func TestFeedbackRefuses(t *testing.T) {
	s := newStore(t, preset(t, "layered"), 1)
	remember(t, s, memory.Event{ID: "a"})
	night(t, s, 3)
	for _, tt := range []struct{ session, expect string }{
		{"", `session ""`},
		{session(2), "session 2020-01-03 is past: the night of 2020-01-04 is over"},
	} {
		if applied, err := s.Feedback("TSLA", tt.session, []string{"a"}, 1); err == nil || !strings.Contains(err.Error(), tt.expect) {
			t.Errorf("session %q: %v, %v, want an error with %q", tt.session, applied, err, tt.expect)
		}
	}
	if applied, err := s.Feedback("NFLX", session(4), []string{"a"}, 1); err != nil || applied != nil {
		t.Errorf("a symbol without memory: %v, %v", applied, err)
	}
}

// The published code lost sight of an event once it had changed layer.
func TestMovedEventsStillGetFeedback(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStore(t, preset(t, rapid.SampledFrom([]string{"layered", "paper", "reference"}).Draw(rt, "preset")), 1)
		n := rapid.IntRange(1, 8).Draw(rt, "n")
		for i := range n {
			remember(t, s, memory.Event{
				ID: eventID(i), Layer: memory.Layer(rapid.IntRange(0, 3).Draw(rt, "layer")),
				Importance: rapid.Float64Range(5, 120).Draw(rt, "importance"),
			})
		}
		for day := range rapid.IntRange(1, 30).Draw(rt, "nights") {
			night(t, s, day)
			points := rapid.SampledFrom([]int{-1, 1}).Draw(rt, "points")
			for _, e := range s.Live("TSLA") {
				applied, err := s.Feedback("TSLA", session(day+1), []string{e.ID}, points)
				if err != nil || !slices.Equal(applied, []string{e.ID}) {
					rt.Fatalf("day %d: feedback to %s in %s reached %v, %v", day, e.ID, e.Layer, applied, err)
				}
				after, _ := s.Get("TSLA", e.ID)
				if after.Importance != e.Importance+5*float64(points) || after.Access != e.Access+points {
					rt.Fatalf("day %d: %+v became %+v by %d", day, e, after, points)
				}
			}
		}
	})
}
