package metrics

import "math"

// TrackingError is the yearly deviation of the difference to the benchmark:
//
//	√N · stdev(r - b)
//
// NaN for fewer than two sessions or series of different length.
func TrackingError(returns, benchmark []float64, periodsPerYear float64) float64 {
	return deviation(difference(returns, benchmark)) * math.Sqrt(periodsPerYear)
}

// InformationRatio is the mean difference to the benchmark over its deviation,
// per year:
//
//	√N · mean(r - b) / stdev(r - b)
//
// NaN where [TrackingError] is, and where the difference never varies: a
// strategy that is its benchmark has none. Source: Grinold, R. C. and Kahn, R. N.
// (1999), "Active Portfolio Management".
func InformationRatio(returns, benchmark []float64, periodsPerYear float64) float64 {
	d := difference(returns, benchmark)
	return quotient(mean(d), deviation(d)) * math.Sqrt(periodsPerYear)
}

// Treynor is the mean excess return per year for one unit of market risk:
//
//	N · mean(r - f) / β
//
// with β of [Regress]. NaN where β is or is zero. Source: Treynor, J. L. (1965),
// "How to Rate Management of Investment Funds", Harvard Business Review 43(1).
func Treynor(returns, benchmark []float64, riskFree, periodsPerYear float64) float64 {
	beta := Regress(returns, benchmark, riskFree, periodsPerYear).Beta
	return quotient(mean(excess(returns, riskFree, periodsPerYear))*periodsPerYear, beta)
}

// UpCapture is the geometric mean return over the sessions on which the
// benchmark rose, over the benchmark's own on the same sessions: 0.8 is 80 % of
// the rise. NaN where it never rose, for series of different length, and where
// those sessions lost everything.
func UpCapture(returns, benchmark []float64) float64 {
	return capture(returns, benchmark, func(b float64) bool { return b > 0 })
}

// DownCapture is [UpCapture] over the sessions on which the benchmark fell: 0.8
// is 80 % of the fall, below 0 is a gain while it fell.
func DownCapture(returns, benchmark []float64) float64 {
	return capture(returns, benchmark, func(b float64) bool { return b < 0 })
}

func capture(returns, benchmark []float64, counts func(b float64) bool) float64 {
	if len(returns) != len(benchmark) || anyNaN(returns) || anyNaN(benchmark) {
		return math.NaN()
	}
	var own, market []float64
	for i, b := range benchmark {
		if counts(b) {
			own, market = append(own, returns[i]), append(market, b)
		}
	}
	return quotient(AnnualReturn(own, 1), AnnualReturn(market, 1))
}

// difference is returns less benchmark; nothing where they differ in length,
// because then they are not of the same sessions.
func difference(returns, benchmark []float64) []float64 {
	if len(returns) != len(benchmark) {
		return nil
	}
	d := make([]float64, len(returns))
	for i := range d {
		d[i] = returns[i] - benchmark[i]
	}
	return d
}
