package metrics

import "math"

// LossDeviation is the yearly sample deviation (n-1) of the negative returns
// alone:
//
//	√N · stdev(r where r < 0)
//
// Much published work puts it under the mean in place of [DownsideDeviation] and
// calls the result Sortino. It says how unlike each other the losses are, not
// how large: equal losses have none, however bad. NaN for fewer than two.
func LossDeviation(returns []float64, periodsPerYear float64) float64 {
	if anyNaN(returns) {
		return math.NaN()
	}
	var losses []float64
	for _, r := range returns {
		if r < 0 {
			losses = append(losses, r)
		}
	}
	return Volatility(losses, periodsPerYear)
}

// SortinoOfLosses is the mean excess return over [LossDeviation]:
//
//	N · mean(r - f) / LossDeviation
//
// It is here to recompute published figures. NaN for fewer than two losses, or
// losses that are all the same.
func SortinoOfLosses(returns []float64, riskFree, periodsPerYear float64) float64 {
	m := mean(excess(returns, riskFree, periodsPerYear))
	return quotient(m*periodsPerYear, LossDeviation(returns, periodsPerYear))
}
