package baseline

import (
	"context"
	"fmt"
	"math"

	"finmem/agent"
	"finmem/data/indicator"
)

// Momentum is in the market while the price is above where it was some sessions
// ago, and out while it is below.
//
// Source: Moskowitz, T., Ooi, Y. H. and Pedersen, L. H. (2012), "Time series
// momentum", Journal of Financial Economics 104(2). They look back one to 48
// months; [Standard] takes their shortest, 20 sessions, because an agent's test
// window is often no more than half a year.
type Momentum struct{ sessions int }

// NewMomentum looks back a number of sessions, at least 1.
func NewMomentum(sessions int) (Momentum, error) {
	if sessions < 1 {
		return Momentum{}, fmt.Errorf("momentum over %d sessions: want at least 1", sessions)
	}
	return Momentum{sessions}, nil
}

func (m Momentum) Name() string { return fmt.Sprintf("momentum %d", m.sessions) }
func (m Momentum) Bars() int    { return m.sessions + 1 }

func (m Momentum) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	moved := indicator.Momentum(closes(obs), m.sessions)
	if math.IsNaN(moved) {
		return waiting(m, obs)
	}
	return decide(follow(1+moved, 1), "%+.2f %% over %d sessions", 100*moved, m.sessions)
}
