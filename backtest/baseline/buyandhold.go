package baseline

import (
	"context"

	"finmem/agent"
)

// BuyAndHold says buy on every session, so that it goes in on the first session
// on which any trader could, pays the same costs for it, and stays in. It is the
// same for every profile, model and seed.
//
// It says so every time, rather than hold, because that is what an agent that
// never changes its mind would say: the same orders follow, also where money
// left over from the first buy pays for another share later, and where a
// protocol takes hold for flat.
type BuyAndHold struct{}

func (BuyAndHold) Name() string { return "buy and hold" }
func (BuyAndHold) Bars() int    { return 0 }

func (BuyAndHold) Decide(context.Context, agent.Observation) (agent.Decision, error) {
	return decide(agent.Buy, "always in the market")
}
