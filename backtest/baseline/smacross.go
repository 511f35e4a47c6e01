package baseline

import (
	"context"
	"fmt"
	"math"

	"finmem/agent"
	"finmem/data/indicator"
)

// SMACross is in the market while the fast moving average of the closes is above
// the slow one, and out while it is below.
//
// Source: Brock, W., Lakonishok, J. and LeBaron, B. (1992), "Simple technical
// trading rules and the stochastic properties of stock returns", Journal of
// Finance 47(5), the variable-length moving average without a band. They use
// slow averages of 50 to 200 sessions; [Standard] takes 20 and 50.
type SMACross struct{ fast, slow int }

// NewSMACross compares averages over fast and slow sessions, 1 ≤ fast < slow.
func NewSMACross(fast, slow int) (SMACross, error) {
	if fast < 1 || slow <= fast {
		return SMACross{}, fmt.Errorf("moving averages of %d and %d sessions: want at least 1, and the second longer", fast, slow)
	}
	return SMACross{fast, slow}, nil
}

func (s SMACross) Name() string { return fmt.Sprintf("SMA cross %d/%d", s.fast, s.slow) }
func (s SMACross) Bars() int    { return s.slow }

func (s SMACross) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	prices := closes(obs)
	fast, slow := indicator.SMA(prices, s.fast), indicator.SMA(prices, s.slow)
	if math.IsNaN(fast) || math.IsNaN(slow) {
		return waiting(s, obs)
	}
	return decide(follow(fast, slow), "SMA(%d) %.4f, SMA(%d) %.4f", s.fast, fast, s.slow, slow)
}
