package backtest

import (
	"fmt"
	"math"

	"finmem/data"
)

// A Limit stands between a decision and the order: it says how much of what was
// wished for is allowed. It works on weights: the value of the position over
// equity, negative for a short one.
//
// The engine asks the limits of Config.Limits in their order, once on every
// scored session with a price, whether a decision was reached or not: on an
// error day and on a hold the wish is the weight that is held. Each is given what
// the one before it allowed. A limit can only bring a wish nearer to zero. What
// it says beyond that is cut back, and what is no number counts as zero.
type Limit interface {
	// Name is what the record and the reports call it.
	Name() string
	// Apply gives the weight that is allowed, and why where that is not wish.
	// What it needs on later sessions it keeps in memory, which goes into the
	// run's record; it keeps nothing itself.
	Apply(at Standing, memory *LimitMemory, wish float64) (allowed float64, reason string)
}

// A Standing is where an account stands at a session's close: what a limit may
// look at.
type Standing struct {
	Session data.Session
	Equity  float64
	// Weight is what is held: the largest number there is, with its sign, where
	// shares are held and equity is not above zero.
	Weight float64
	// TargetWeight is what a buy goes up to without limits.
	TargetWeight float64
	// Bars are the bars up to this session, in the shares of this session,
	// oldest first; all that the source has. Not to be changed or kept.
	Bars []data.Bar
	// Lost reports that a round trip has ended with a loss since the limits were
	// last asked.
	Lost bool
}

// LimitMemory is what one limit remembers from session to session.
type LimitMemory struct {
	Peak float64 `json:"peak,omitempty"` // highest equity seen
	Left int     `json:"left,omitempty"` // sessions it still holds
}

// A Limited is a change that a limit made on one session.
type Limited struct {
	Limit   string  `json:"limit"`
	Wish    float64 `json:"wish"`    // weight asked for, after the limits before this one
	Allowed float64 `json:"allowed"` // between 0 and Wish
	Reason  string  `json:"reason"`
}

// toward is allowed, cut to between zero and wish.
func toward(wish, allowed float64) float64 {
	if math.IsNaN(allowed) || math.Signbit(allowed) != math.Signbit(wish) {
		return 0
	}
	return math.Copysign(min(math.Abs(allowed), math.Abs(wish)), wish)
}

// inertia is how far a position may be from the weight that limits allow, as a
// share of it, before it is traded for that alone. A weight moves with every
// price; without it a limit would trade a few shares on every session. Source:
// Carver, R. (2015), "Systematic Trading", position inertia of 10 %.
const inertia = 0.1

// near reports whether held is as good as allowed.
func near(held, allowed float64) bool {
	return held*allowed > 0 && math.Abs(held-allowed) <= inertia*math.Abs(allowed)
}

// apply asks limits in turn and notes each that changed something.
func apply(limits []Limit, at Standing, memory map[string]LimitMemory, wish float64) (float64, []Limited) {
	var changes []Limited
	for _, l := range limits {
		m := memory[l.Name()]
		allowed, reason := l.Apply(at, &m, wish)
		memory[l.Name()] = m
		if allowed = toward(wish, allowed); allowed != wish {
			changes = append(changes, Limited{Limit: l.Name(), Wish: wish, Allowed: allowed, Reason: reason})
		}
		wish = allowed
	}
	return wish, changes
}

// LimitSettings are the limits that finmem has, by their numbers. Zero switches
// a limit off.
type LimitSettings struct {
	// VolTarget is the yearly volatility above which the target weight is scaled
	// down, see [VolTarget].
	VolTarget float64
	// MaxWeight is the largest weight of a position, see [MaxWeight].
	MaxWeight float64
	// CoolDown is for how many sessions nothing is bought after a losing trade,
	// see [CoolDown].
	CoolDown int
	// DrawdownStop is the drawdown at which the account goes flat, StopSessions
	// for how many sessions, see [DrawdownStop].
	DrawdownStop float64
	StopSessions int
}

// Limits are the limits that are on, in the order in which they apply: the
// weight is scaled, then capped, and the two that can forbid trading come last.
// periodsPerYear is for the volatility.
func (s LimitSettings) Limits(periodsPerYear float64) ([]Limit, error) {
	for _, r := range []struct {
		name   string
		value  float64
		wanted string
		ok     bool
	}{
		{"volatility target", s.VolTarget, "a yearly volatility from 0, as a fraction", s.VolTarget >= 0 && s.VolTarget <= 100},
		{"largest weight", s.MaxWeight, "a share of equity from 0.0001 to 1, or 0 for none", s.MaxWeight == 0 || s.MaxWeight >= 0.0001 && s.MaxWeight <= 1},
		{"cool-down", float64(s.CoolDown), "a number of sessions from 0", s.CoolDown >= 0},
		{"drawdown stop", s.DrawdownStop, "a fraction from 0 to below 1", s.DrawdownStop >= 0 && s.DrawdownStop < 1},
		{"length of a drawdown stop", float64(s.StopSessions), "a number of sessions from 1", s.DrawdownStop == 0 || s.StopSessions >= 1},
	} {
		if !r.ok {
			return nil, fmt.Errorf("%s of %v: want %s", r.name, r.value, r.wanted)
		}
	}
	var limits []Limit
	if s.VolTarget > 0 {
		limits = append(limits, VolTarget{Yearly: s.VolTarget, PeriodsPerYear: periodsPerYear})
	}
	if s.MaxWeight > 0 {
		limits = append(limits, MaxWeight{Weight: s.MaxWeight})
	}
	if s.CoolDown > 0 {
		limits = append(limits, CoolDown{Sessions: s.CoolDown})
	}
	if s.DrawdownStop > 0 {
		limits = append(limits, DrawdownStop{Depth: s.DrawdownStop, Sessions: s.StopSessions})
	}
	return limits, nil
}
