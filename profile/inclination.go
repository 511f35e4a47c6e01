package profile

import (
	"fmt"
	"math"
	"slices"
)

// An Inclination is an attitude to risk.
type Inclination string

const (
	RiskSeeking Inclination = "risk-seeking"
	RiskAverse  Inclination = "risk-averse"
	// SelfAdaptive is risk-seeking or risk-averse by the account's recent
	// return; see [Profile.InclinationOn].
	SelfAdaptive Inclination = "self-adaptive"
	// Neutral says nothing about risk.
	Neutral Inclination = "neutral"
)

var inclinations = []Inclination{RiskSeeking, RiskAverse, SelfAdaptive, Neutral}

func (i Inclination) check() error {
	if !slices.Contains(inclinations, i) {
		return fmt.Errorf("inclination %q: want %s", string(i), oneOf(inclinations))
	}
	return nil
}

// InclinationOn is the attitude in force at a session: RiskSeeking, RiskAverse
// or Neutral, never SelfAdaptive.
//
// trailingReturn is the simple return of the trader's own account in the symbol
// over the last [Profile.AdaptiveWindow] sessions,
//
//	E[t]/E[t-N] - 1
//
// with E the equity at the close and t the session that is being decided. A
// self-adaptive trader seeks risk while it is at or above zero and avoids it
// below. Only a self-adaptive trader looks at it.
//
// nil, and NaN, mean that there are no N sessions to look back on yet. An
// account that has neither gained nor lost has a return of zero, so such a
// trader starts out risk-seeking, as the paper's does.
//
// Source: Yu et al. (2023), arXiv:2311.13743, section 3.1.1, which switches on
// the cumulative return of three days.
func (p Profile) InclinationOn(trailingReturn *float64) Inclination {
	if p.Inclination != SelfAdaptive {
		return p.Inclination
	}
	if trailingReturn == nil || math.IsNaN(*trailingReturn) || *trailingReturn >= 0 {
		return RiskSeeking
	}
	return RiskAverse
}
