package experiment_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"finmem/backtest"
	"finmem/backtest/experiment"
	"finmem/data"
)

// days are n dates from 2024-01-01 on; here any dates in order will do.
func days(n int) []data.Session {
	list := make([]data.Session, n)
	for i := range list {
		list[i] = data.Session("2024-01-01").AddDays(i)
	}
	return list
}

// write shows windows by the days of January they start and end on.
func write(windows []backtest.Window) string {
	var parts []string
	for _, w := range windows {
		parts = append(parts, fmt.Sprintf("%s-%s-%s", w.WarmupFrom[8:], w.From[8:], w.To[8:]))
	}
	return strings.Join(parts, " ")
}

func TestWindows(t *testing.T) {
	for _, tt := range []struct {
		sessions, train, test, step int
		want                        string
	}{
		{10, 4, 2, 2, "01-05-06 03-07-08 05-09-10"},
		{11, 4, 2, 2, "01-05-06 03-07-08 05-09-10"}, // one session over: too short for a window
		{12, 4, 3, 3, "01-05-07 04-08-10 07-11-12"}, // two over: a shorter one
		{12, 4, 2, 4, "01-05-06 05-09-10"},          // 07, 08, 11 and 12 are not scored
		{6, 0, 3, 3, "01-01-03 04-04-06"},
		{6, 4, 20, 20, "01-05-06"},
	} {
		windows, err := experiment.Windows(days(tt.sessions), tt.train, tt.test, tt.step)
		if err != nil {
			t.Fatal(err)
		}
		if got := write(windows); got != tt.want {
			t.Errorf("Windows(%d sessions, %d, %d, %d) = %s, want %s", tt.sessions, tt.train, tt.test, tt.step, got, tt.want)
		}
	}
}

func TestWindowsRefused(t *testing.T) {
	for _, tt := range []struct {
		sessions, train, test, step int
		want                        string
	}{
		{10, -1, 2, 2, "want 0 or more"},
		{10, 4, 1, 1, "want 2 or more"},
		{10, 4, 3, 2, "overlap"},
		{10, 9, 2, 2, "too few"},
		{0, 0, 2, 2, "too few"},
	} {
		if _, err := experiment.Windows(days(tt.sessions), tt.train, tt.test, tt.step); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Windows(%d sessions, %d, %d, %d): %v, want an error with %q", tt.sessions, tt.train, tt.test, tt.step, err, tt.want)
		}
	}
}

// No session is scored twice, every warm-up ends where its test begins, and with
// a step of the test's length all sessions but the first train, and one at most
// at the end, are scored.
func TestWindowsCoverOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		train, test := rapid.IntRange(0, 30).Draw(t, "train"), rapid.IntRange(2, 20).Draw(t, "test")
		gap := rapid.IntRange(0, 10).Draw(t, "gap")
		sessions := days(train + rapid.IntRange(2, 120).Draw(t, "scored"))
		windows, err := experiment.Windows(sessions, train, test, test+gap)
		if err != nil {
			t.Fatal(err)
		}
		scored, last := 0, -1
		for i, w := range windows {
			warmup, from, to := slices.Index(sessions, w.WarmupFrom), slices.Index(sessions, w.From), slices.Index(sessions, w.To)
			if from-warmup != train {
				t.Errorf("window %d studies %d sessions, want %d", i, from-warmup, train)
			}
			if n := to - from + 1; n > test || n < 2 || n < test && i < len(windows)-1 {
				t.Errorf("window %d of %d scores %d sessions, want %d", i, len(windows), n, test)
			}
			if from <= last {
				t.Errorf("window %d scores session %d again", i, from)
			}
			scored, last = scored+to-from+1, to
		}
		if left := len(sessions) - train - scored; gap == 0 && left > 1 {
			t.Errorf("%d sessions are not scored", left)
		}
	})
}
