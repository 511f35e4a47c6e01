package agent

import (
	"context"
	"fmt"

	"finmem/memory"
	"finmem/profile"
)

// A Revisit is a test session that is over, and how to show it again: as it was,
// or with something about it changed.
type Revisit struct {
	Observation
	Inclination profile.Inclination
	// Hits are the memories to show, in the order of their numbers.
	Hits []memory.Hit
	// Mask hides the symbol, MaskNames and dates, whatever Config.Mask says.
	Mask      bool
	MaskNames []string
}

// Restate gives the question of a test session once more, without asking it. It
// depends on r and on what the agent was made with, not on what the agent went
// through, and it changes nothing.
func (a *Agent) Restate(r Revisit) (Trace, error) {
	c, err := a.restate(r)
	if err != nil {
		return Trace{}, err
	}
	return *c.trace, nil
}

func (a *Agent) restate(r Revisit) (*composition, error) {
	if r.Day.Symbol != a.profile.Symbol || !r.Day.HasBar {
		return nil, fmt.Errorf("session %s of %q is none on which the agent of %s decides", r.Day.Session, r.Day.Symbol, a.profile.Symbol)
	}
	teller := *a
	if r.Mask {
		teller.mask = newMask(append([]string{a.profile.Symbol}, r.MaskNames...))
	}
	trace := &Trace{Inclination: string(r.Inclination), Schema: a.anyOf.Schema()}
	return teller.compose(r.Observation, technicalOf(r.Bars), r.Inclination, question{template: promptDecide, format: a.anyOf}, r.Hits, trace)
}

// Reconsider asks the question that [Agent.Restate] gives and reads the answer,
// under the same rules as [Agent.Decide], a [*Failure] included. Nothing of it is
// remembered.
func (a *Agent) Reconsider(ctx context.Context, r Revisit) (Decision, error) {
	c, err := a.restate(r)
	if err != nil {
		return Decision{}, err
	}
	answer, flt, err := a.ask(ctx, c)
	if err != nil {
		return Decision{}, err
	}
	if flt != nil {
		return Decision{}, unusable(r.Observation, *c.trace, flt)
	}
	d := Decision{Action: answer.Decision, Reason: answer.Reason, Confidence: answer.Confidence, Trace: *c.trace}
	var warnings []string
	d.Cited, warnings = cited(answer, d.Trace.Offered)
	d.Trace.Warnings = append(d.Trace.Warnings, warnings...)
	return d, nil
}
