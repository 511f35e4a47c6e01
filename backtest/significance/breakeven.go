package significance

import "math"

// BreakEvenCost is the cost in basis points of the value traded, per side, at
// which nothing is left of a result: the k that solves
//
//	Π (1 + r[t] - k/10000 · traded[t]) = 1
//
// r are simple returns without costs, traded the units traded to take each
// position. NaN where nothing is traded, where the result is a loss without any
// cost, and for series of different length.
func BreakEvenCost(rewards, traded []float64) float64 {
	if len(rewards) != len(traded) {
		return math.NaN()
	}
	growth := func(cost float64) float64 {
		sum := 0.0
		for i, r := range rewards {
			sum += math.Log(1 + r - float64(cost*traded[i]))
		}
		return sum
	}
	// At the cost that takes all on some session, nothing is left.
	ruin := math.Inf(1)
	for i, t := range traded {
		if t > 0 {
			ruin = min(ruin, (1+rewards[i])/t)
		}
	}
	if math.IsInf(ruin, 1) || !(growth(0) >= 0) {
		return math.NaN()
	}
	// Growth falls with cost throughout, so halving finds the one place where
	// it is zero; 100 halvings are more than a float64 can tell apart.
	low, high := 0.0, ruin
	for range 100 {
		middle := low + (high-low)/2
		if growth(middle) >= 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return low * 1e4
}
