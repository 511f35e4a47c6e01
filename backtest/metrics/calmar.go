package metrics

import "math"

// Calmar is the compound yearly return over the largest drawdown. Either return
// per year may be given, [CAGR] or [AnnualReturn]. NaN without a drawdown; one of
// less than 1e-12 is what rounding leaves of a curve that never falls.
// Source: Young, T. W. (1991), "Calmar Ratio: A Smoother Tool", Futures; here
// over the whole curve, not the last 36 months.
func Calmar(annualReturn, maxDrawdown float64) float64 {
	if maxDrawdown < 1e-12 {
		return math.NaN()
	}
	return annualReturn / maxDrawdown
}
