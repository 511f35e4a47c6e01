package metrics

import "math"

// DownsideDeviation is the yearly deviation of the returns below the risk-free
// rate:
//
//	√N · √( Σ min(r - f, 0)² / n ),   f = (1 + riskFree)^(1/N) - 1
//
// n counts all returns, not only the losing ones. NaN for no returns, 0 where
// none lies below the rate by more than rounding leaves.
func DownsideDeviation(returns []float64, riskFree, periodsPerYear float64) float64 {
	if len(returns) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, e := range excess(returns, riskFree, periodsPerYear) {
		if e < 0 || math.IsNaN(e) {
			sum += float64(e * e)
		}
	}
	return beyondNoise(math.Sqrt(sum/float64(len(returns))), returns) * math.Sqrt(periodsPerYear)
}

// Sortino is the annualised mean excess return over the downside deviation:
//
//	N · mean(r - f) / DownsideDeviation
//
// NaN where no return lies below the rate, and where all are the same: a curve
// that never varies has no risk to divide by. Source: Sortino, F. A. and van der
// Meer, R. (1991), "Downside Risk", Journal of Portfolio Management 17(4). Tools
// that divide by the deviation of the losing returns alone give another figure.
func Sortino(returns []float64, riskFree, periodsPerYear float64) float64 {
	if !(deviation(returns) > 0) {
		return math.NaN()
	}
	m := mean(excess(returns, riskFree, periodsPerYear))
	return quotient(m*periodsPerYear, DownsideDeviation(returns, riskFree, periodsPerYear))
}
