package significance

import (
	"math"
	"slices"
)

// WithoutBest is the sum of log rewards without the k highest. With k of all or
// more it is 0, what an account earns on no day. NaN for no rewards.
func WithoutBest(logRewards []float64, k int) float64 {
	if len(logRewards) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(logRewards))
	sum := 0.0
	for _, r := range sorted[:max(len(sorted)-k, 0)] {
		sum += r
	}
	return sum
}

// BestShare is the part of the log return that the k best sessions earned:
//
//	Σ(k highest) / Σ(all)
//
// Above 1 where the rest lost. NaN where the whole is not a gain.
func BestShare(logRewards []float64, k int) float64 {
	whole := WithoutBest(logRewards, 0)
	if !(whole > 0) {
		return math.NaN()
	}
	return 1 - WithoutBest(logRewards, k)/whole
}
