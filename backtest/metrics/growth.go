package metrics

import (
	"math"
	"time"
)

// DaysPerYear is the length of a calendar year in [CAGR].
const DaysPerYear = 365.25

// CAGR is the compound growth per calendar year between the first and the last
// date of a curve:
//
//	CAGR = (E[last]/E[first])^(365.25/d) - 1,   d = calendar days between them
//
// The value is the end value, not the gain, and the year is counted in calendar
// days, so 100 to 121 over 730 days is 10.01 % a year. [AnnualReturn] counts
// sessions instead; over full years the two agree.
//
// NaN for fewer than two points, dates that do not advance, or an equity at
// either end that is not above zero. A short curve is raised to a high power:
// below a quarter of a year the figure says little.
func CAGR(curve EquityCurve) float64 {
	if len(curve) < 2 {
		return math.NaN()
	}
	first, last := curve[0], curve[len(curve)-1]
	days := last.Session.In(time.UTC).Sub(first.Session.In(time.UTC)).Hours() / 24
	return compoundRate(1+CumulativeReturn(curve.Values()), DaysPerYear/days)
}

// AnnualReturn is the compound growth per year of n returns, a year being
// periodsPerYear of them:
//
//	((1+r[1])·…·(1+r[n]))^(periodsPerYear/n) - 1
//
// NaN for no returns and where all is lost or owed.
func AnnualReturn(returns []float64, periodsPerYear float64) float64 {
	growth := 1.0
	for _, r := range returns {
		growth *= 1 + r
	}
	return compoundRate(growth, periodsPerYear/float64(len(returns)))
}

func compoundRate(growth, exponent float64) float64 {
	if !(growth > 0) || !(exponent > 0) || math.IsInf(exponent, 0) {
		return math.NaN()
	}
	return math.Pow(growth, exponent) - 1
}
