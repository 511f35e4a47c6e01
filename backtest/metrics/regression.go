package metrics

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// A Regression is the straight line through the excess returns of a strategy
// over those of its benchmark. T is the estimate over its standard error, P the
// two-sided probability of one at least as large if the true value were zero,
// by Student's t with Observations - 2 degrees of freedom.
type Regression struct {
	Alpha          float64 // per year: the intercept times periodsPerYear
	AlphaT, AlphaP float64
	Beta           float64
	BetaT, BetaP   float64
	RSquared       float64
	Observations   int
}

// Regress fits, by ordinary least squares,
//
//	r - f = α + β·(b - f),   f = (1 + riskFree)^(1/N) - 1
//
// to the returns of the same sessions. Alpha is α·N, without compounding. The
// errors are taken as independent and of equal size.
//
// Everything is NaN for fewer than three sessions, series of different length
// (they cannot be of the same sessions), or a benchmark that never varies. T and
// P are NaN where the line passes through every point, as for a strategy that is
// the benchmark.
func Regress(returns, benchmark []float64, riskFree, periodsPerYear float64) Regression {
	nan := math.NaN()
	fit := Regression{nan, nan, nan, nan, nan, nan, nan, len(returns)}
	n := len(returns)
	if n < 3 || n != len(benchmark) || !(deviation(benchmark) > 0) {
		return fit
	}
	y, x := excess(returns, riskFree, periodsPerYear), excess(benchmark, riskFree, periodsPerYear)
	alpha, beta := stat.LinearRegression(x, y, nil, false)
	if deviation(returns) == 0 {
		// What never varies does not move with the market; the slope that
		// rounding leaves would be mistaken for one.
		alpha, beta = mean(y), 0
	}
	fit.Alpha, fit.Beta = alpha*periodsPerYear, beta

	squares := 0.0 // of what the line leaves
	for i := range y {
		left := y[i] - alpha - float64(beta*x[i])
		squares += float64(left * left)
	}
	meanX, varX := stat.MeanVariance(x, nil)
	sumX := varX * float64(n-1)
	sigma := math.Sqrt(squares / float64(n-2))
	if deviation(returns) > 0 {
		fit.RSquared = 1 - squares/(stat.Variance(y, nil)*float64(n-1))
	}
	if beyondNoise(sigma, y) == 0 {
		return fit
	}
	fit.AlphaT = alpha / (sigma * math.Sqrt(1/float64(n)+float64(meanX*meanX)/sumX))
	fit.BetaT = beta / (sigma / math.Sqrt(sumX))
	fit.AlphaP, fit.BetaP = twoSided(fit.AlphaT, n-2), twoSided(fit.BetaT, n-2)
	return fit
}

func twoSided(t float64, freedom int) float64 {
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(freedom)}.Survival(math.Abs(t))
}
