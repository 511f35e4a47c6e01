package metrics

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// Turnover is how many times a year the mean equity is traded:
//
//	Σ|traded value| / mean(equity) · N/n
//
// traded is the value bought plus the value sold in each of the n sessions,
// equity the value at each close, N the number of sessions in a year. Buying
// and selling the whole account once within a year is a turnover of 2. NaN for
// no sessions, or a mean equity that is not above zero.
func Turnover(traded, equity []float64, periodsPerYear float64) float64 {
	if len(traded) == 0 {
		return math.NaN()
	}
	return ratio(floats.Norm(traded, 1), mean(equity)) * periodsPerYear / float64(len(traded))
}
