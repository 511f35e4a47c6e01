package backtest

import (
	"context"

	"finmem/agent"
)

// A Trader says, at the close of one session, what to hold from the next.
//
// The engine calls Decide once per session in date order and never
// concurrently. All of obs was public by obs.AsOf(); a Trader reads no other
// source of market facts and no clock.
//
// To keep the position, return a Decision whose Action is Hold. An
// [*agent.Failure] means that no decision was reached, which is never the same
// as Hold: the engine records an error day, leaves the position alone and goes
// on until Config.MaxErrorDays of them come in a row. Any other error stops the
// run before anything of the session is kept.
//
// A Trader may keep state from call to call but must not change obs or keep its
// slices.
type Trader interface {
	Decide(ctx context.Context, obs agent.Observation) (agent.Decision, error)
}

// A Learner is a [Trader] that also studies sessions whose outcome is known.
//
// The engine calls Learn in the warm-up window only, so that the return inside
// a Lesson cannot reach Decide in a scored session. Observe is called on
// sessions on which nothing is to be decided: those without a price, and the
// last of the warm-up, whose outcome lies in the scored window.
type Learner interface {
	Trader
	Learn(ctx context.Context, lesson agent.Lesson) (agent.Decision, error)
	Observe(ctx context.Context, obs agent.Observation) error
}
