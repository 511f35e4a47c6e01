package decisions

import (
	"context"
	"fmt"

	"finmem/agent"
	"finmem/data"
)

// A Trader repeats decisions that were taken elsewhere, so that an outside agent
// is filled, charged and scored like any other. A session without a decision is
// an error day, not a hold.
type Trader struct {
	name    string
	actions map[data.Session]agent.Action
}

// NewTrader makes a trader of decisions laid against sessions.
func NewTrader(name string, s Series, sessions []data.Session) Trader {
	t := Trader{name: name, actions: make(map[data.Session]agent.Action, len(sessions))}
	for i, a := range s.Actions {
		if a != "" {
			t.actions[sessions[i]] = a
		}
	}
	return t
}

// Name is what reports call it.
func (t Trader) Name() string { return t.name }

// Decide is the decision of the observation's session.
func (t Trader) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	a, ok := t.actions[obs.Day.Session]
	if !ok {
		return agent.Decision{}, &agent.Failure{Session: obs.Day.Session, Reason: "the file has no decision"}
	}
	return agent.Decision{Action: a, Reason: fmt.Sprintf("%s decided so", t.name)}, nil
}
