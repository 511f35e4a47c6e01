package baseline

import (
	"context"

	"finmem/agent"
)

// Flat never trades. It says hold on every session: it starts without a
// position, and sell would mean a short one where those are allowed.
type Flat struct{}

func (Flat) Name() string { return "flat" }
func (Flat) Bars() int    { return 0 }

func (Flat) Decide(context.Context, agent.Observation) (agent.Decision, error) {
	return decide(agent.Hold, "never in the market")
}
