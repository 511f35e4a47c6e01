package metrics

import (
	"math"
	"slices"
)

// ValueAtRisk is the loss of one session that the worst of the given share of
// sessions reach or pass (0.05 for the 95 % value at risk), from the returns as
// they were:
//
//	-r(k),   r(1) ≤ r(2) ≤ …,   k = ⌈share·n⌉
//
// A loss is positive; the figure is negative where even the k-th worst session
// gained. With fewer than 1/share returns it is the worst one. NaN for no
// returns or a share outside (0, 1].
func ValueAtRisk(returns []float64, share float64) float64 {
	worst := worstReturns(returns, share)
	if len(worst) == 0 {
		return math.NaN()
	}
	return -worst[len(worst)-1]
}

// ConditionalValueAtRisk is the mean loss of the sessions that [ValueAtRisk]
// speaks of, also called expected shortfall: minus the mean of the ⌈share·n⌉
// lowest returns. Never below ValueAtRisk. NaN where that is.
func ConditionalValueAtRisk(returns []float64, share float64) float64 {
	return -mean(worstReturns(returns, share))
}

// worstReturns is the ⌈share·n⌉ lowest returns, ascending; none where the figure
// is not defined.
func worstReturns(returns []float64, share float64) []float64 {
	if !(share > 0 && share <= 1) || anyNaN(returns) {
		return nil
	}
	sorted := slices.Sorted(slices.Values(returns))
	// 0.05·20 is a hair above 1 in binary; without the allowance it would be
	// rounded up to 2.
	k := int(math.Ceil(share*float64(len(sorted)) - 1e-9))
	return sorted[:k]
}
