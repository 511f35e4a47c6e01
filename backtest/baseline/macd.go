package baseline

import (
	"context"
	"fmt"
	"math"

	"finmem/agent"
	"finmem/data/indicator"
)

// MACD is in the market while the MACD line is above its signal, and out while
// it is below.
//
// Source: Appel, G. (2005), Technical Analysis: Power Tools for Active
// Investors; [Standard] takes his 12, 26 and 9 sessions.
type MACD struct{ fast, slow, signal int }

// NewMACD compares averages over fast and slow sessions, 1 ≤ fast < slow, with
// their difference averaged over signal sessions.
func NewMACD(fast, slow, signal int) (MACD, error) {
	if fast < 1 || slow <= fast || signal < 1 {
		return MACD{}, fmt.Errorf("MACD of %d, %d and %d sessions: want at least 1 each, and the second longer than the first", fast, slow, signal)
	}
	return MACD{fast, slow, signal}, nil
}

func (m MACD) Name() string { return fmt.Sprintf("MACD %d/%d/%d", m.fast, m.slow, m.signal) }
func (m MACD) Bars() int    { return m.slow + m.signal - 1 }

func (m MACD) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	prices := closes(obs)
	c := indicator.MACD(prices, m.fast, m.slow, m.signal)
	if math.IsNaN(c.Histogram) {
		return waiting(m, obs)
	}
	last := prices[len(prices)-1] // both are differences of prices, and rounded like them
	return decide(follow(last+c.Line, last+c.Signal), "line %.4f, signal %.4f", c.Line, c.Signal)
}
