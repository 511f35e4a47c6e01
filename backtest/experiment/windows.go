package experiment

import (
	"fmt"

	"finmem/backtest"
	"finmem/data"
)

// ShortestTest is the least number of sessions that a test window may have: what
// is decided on the first is filled on the second.
const ShortestTest = 2

// Windows are the rolling pairs of a walk-forward over sessions: the k-th,
// counted from 0, studies train sessions from the k·step-th on and scores the
// test sessions after them.
//
//	sessions   0 1 2 3 4 5 6 7 8 9      train 4, test 2, step 2
//	1st        s s s s T T
//	2nd            s s s s T T
//	3rd                s s s s T T
//
// Scored sessions never overlap, so step is at least test; a larger step leaves
// sessions between the tests unscored. What is left at the end makes a shorter
// last window if it is at least [ShortestTest] sessions. train may be 0.
func Windows(sessions []data.Session, train, test, step int) ([]backtest.Window, error) {
	switch {
	case train < 0:
		return nil, fmt.Errorf("%d sessions of warm-up: want 0 or more", train)
	case test < ShortestTest:
		return nil, fmt.Errorf("%d scored sessions a window: want %d or more, since a decision is filled in the next session", test, ShortestTest)
	case step < test:
		return nil, fmt.Errorf("windows of %d scored sessions every %d sessions would overlap, so that some count twice: want a step of %d or more", test, step, test)
	case len(sessions)-train < ShortestTest:
		return nil, fmt.Errorf("%d sessions are too few for a warm-up of %d and %d scored ones", len(sessions), train, ShortestTest)
	}
	var windows []backtest.Window
	for from := train; len(sessions)-from >= ShortestTest; from += step {
		to := min(from+test, len(sessions))
		windows = append(windows, backtest.Window{WarmupFrom: sessions[from-train], From: sessions[from], To: sessions[to-1]})
	}
	return windows, nil
}
