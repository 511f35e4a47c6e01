package experiment

import (
	"errors"
	"fmt"

	"finmem/backtest/metrics"
)

// Join chains curves of windows that follow each other into one: each goes on
// from where the one before ended.
//
//	J = first, then J[end] · E[t]/E[0] for each E after it
//
// The returns of the joined curve are those of the curves one after the other.
// The first point of every curve but the first is its starting value and is left
// out. Between curves nothing is added: sessions that no curve has are not in
// the joined one either.
//
// It is an error if a curve has no session, starts at nothing, or has a session
// that does not come after all before it: a session must not count twice.
func Join(curves ...metrics.EquityCurve) (metrics.EquityCurve, error) {
	if len(curves) == 0 {
		return nil, errors.New("there is no curve to join")
	}
	var joined metrics.EquityCurve
	for i, c := range curves {
		switch {
		case len(c) < 2:
			return nil, fmt.Errorf("curve %d of %d has no session", i+1, len(curves))
		case !(c[0].Value > 0):
			return nil, fmt.Errorf("curve %d of %d starts at %v", i+1, len(curves), c[0].Value)
		}
		scale := 1.0
		if i == 0 {
			joined = append(joined, c[0])
		} else {
			scale = joined[len(joined)-1].Value / c[0].Value
		}
		for _, p := range c[1:] {
			if last := joined[len(joined)-1].Session; p.Session <= last {
				return nil, fmt.Errorf("session %s of curve %d does not come after %s: it would count twice", p.Session, i+1, last)
			}
			joined = append(joined, metrics.Point{Session: p.Session, Value: p.Value * scale})
		}
	}
	return joined, nil
}
