package metrics

import (
	"math"

	"finmem/data"
)

// A Drawdown is one spell below an earlier peak.
type Drawdown struct {
	Start    data.Session `json:"start"`    // the peak, the last one where several are equal
	Trough   data.Session `json:"trough"`   // the lowest point, the first one where several are equal
	Recovery data.Session `json:"recovery"` // first session back at the peak; "" where that has not come
	Depth    Figure       `json:"depth"`    // 1 - trough/peak, above 0
	// Sessions is the length: from the peak to the recovery, or to the end of
	// the curve where there is none.
	Sessions int `json:"sessions"`
}

// Drawdowns lists all spells below a peak in order of time. A curve that only
// rises has none. The first point of the curve is the value before the first
// session, so a loss on the first session is a drawdown.
func Drawdowns(curve EquityCurve) []Drawdown {
	var list []Drawdown
	peak, trough := 0, 0
	end := func(last int, recovery data.Session) {
		if trough > peak {
			list = append(list, Drawdown{
				Start:    curve[peak].Session,
				Trough:   curve[trough].Session,
				Recovery: recovery,
				Depth:    Figure(1 - ratio(curve[trough].Value, curve[peak].Value)),
				Sessions: last - peak,
			})
		}
	}
	for i, p := range curve {
		switch {
		case p.Value >= curve[peak].Value:
			end(i, p.Session)
			peak, trough = i, i
		case trough == peak || p.Value < curve[trough].Value:
			trough = i
		}
	}
	end(len(curve)-1, "")
	return list
}

// DeepestDrawdown is the deepest spell, the earliest where several are equally
// deep. ok is false where the curve never fell.
func DeepestDrawdown(curve EquityCurve) (d Drawdown, ok bool) {
	for _, x := range Drawdowns(curve) {
		if !ok || x.Depth > d.Depth {
			d, ok = x, true
		}
	}
	return d, ok
}

// MaxDrawdown is the largest fall below an earlier peak as a positive fraction
// of that peak:
//
//	max over t of 1 - E[t]/max(E[0..t])
//
// In [0, 1] for a curve that stays above zero, above 1 for one that falls below
// it. 0 for a curve that never falls. NaN for fewer than two points or a first
// value that is not above zero.
func MaxDrawdown(equity []float64) float64 {
	if len(equity) < 2 || !(equity[0] > 0) || anyNaN(equity) {
		return math.NaN()
	}
	peak, worst := equity[0], 0.0
	for _, e := range equity {
		peak = max(peak, e)
		worst = max(worst, 1-e/peak)
	}
	return worst
}
