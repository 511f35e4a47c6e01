package baseline

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"finmem/agent"
)

// Random changes sides on randomly drawn sessions: from out of the market to in,
// from in to out. It knows nothing, so what an agent earns beyond many seeds of
// it, at the agent's own turnover, is not luck of trading often.
type Random struct {
	seed     uint64
	turnover float64
}

// NewRandom draws with seed. turnover is the expected share of sessions on which
// it trades, in [0, 1]; to compare it with an agent, give the agent's number of
// fills over its number of sessions.
func NewRandom(seed uint64, turnover float64) (Random, error) {
	if !(turnover >= 0 && turnover <= 1) {
		return Random{}, fmt.Errorf("turnover %v of the random baseline: want a number from 0 to 1", turnover)
	}
	return Random{seed, turnover}, nil
}

func (r Random) Name() string { return fmt.Sprintf("random, seed %d", r.seed) }
func (Random) Bars() int      { return 0 }

func (r Random) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	u := r.draw(obs)
	switch {
	case u >= r.turnover:
		return decide(agent.Hold, "drew %.6f, not below %.6f", u, r.turnover)
	case obs.Account.Shares > 0:
		return decide(agent.Sell, "drew %.6f, below %.6f, while in the market", u, r.turnover)
	}
	return decide(agent.Buy, "drew %.6f, below %.6f, while out of the market", u, r.turnover)
}

// draw is a number in [0, 1) that depends on seed, symbol and session only, not
// on what was drawn before: a resumed run draws the same, and several symbols do
// not disturb each other. A hash is the same in every release of Go, which a
// generator of the standard library need not be.
func (r Random) draw(obs agent.Observation) float64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%s", r.seed, obs.Day.Symbol, obs.Day.Session))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}
