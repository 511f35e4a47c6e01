package metrics

// Omega is what the returns above the risk-free rate add up to, over what those
// below it add up to:
//
//	Σ max(r - f, 0) / Σ max(f - r, 0),   f = (1 + riskFree)^(1/N) - 1
//
// Above 1 where the mean return beats the rate. NaN for no returns and where
// none lies below the rate. Source: Keating, C. and Shadwick, W. F. (2002), "A
// Universal Performance Measure", Journal of Performance Measurement 6(3).
func Omega(returns []float64, riskFree, periodsPerYear float64) float64 {
	var above, below float64
	for _, e := range excess(returns, riskFree, periodsPerYear) {
		// A NaN goes into the sum, so that it is not lost.
		if e < 0 {
			below -= e
		} else {
			above += e
		}
	}
	return quotient(above, beyondNoise(below, returns))
}
