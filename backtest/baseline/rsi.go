package baseline

import (
	"context"
	"fmt"
	"math"

	"finmem/agent"
	"finmem/data/indicator"
)

// RSI buys what has fallen too fast and sells what has risen too fast: it goes
// in below the low mark, out above the high one, and holds between them.
//
// Source: Wilder, J. W. (1978), New Concepts in Technical Trading Systems;
// [Standard] takes his 14 sessions and marks at 30 and 70.
type RSI struct {
	period    int
	low, high float64
}

// NewRSI takes the index over period sessions, at least 2, with marks
// 0 ≤ low < high ≤ 100.
func NewRSI(period int, low, high float64) (RSI, error) {
	if period < 2 || !(low >= 0 && low < high && high <= 100) {
		return RSI{}, fmt.Errorf("RSI of %d sessions with marks at %v and %v: want at least 2, and marks from 0 to 100 in order", period, low, high)
	}
	return RSI{period, low, high}, nil
}

func (r RSI) Name() string { return fmt.Sprintf("RSI %d, %v/%v", r.period, r.low, r.high) }
func (r RSI) Bars() int    { return r.period + 1 }

func (r RSI) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	rsi := indicator.RSI(closes(obs), r.period)
	if math.IsNaN(rsi) {
		return waiting(r, obs)
	}
	return decide(fade(rsi, r.low, r.high), "RSI(%d) %.2f", r.period, rsi)
}
