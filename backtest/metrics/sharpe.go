package metrics

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Sharpe is the annualised Sharpe ratio of returns:
//
//	SR = √N · mean(r - f) / stdev(r - f),   f = (1 + riskFree)^(1/N) - 1
//
// returns are simple returns per period (0.01 is +1 %), N is the number of
// periods in a year (252 for daily US equities), riskFree is a yearly rate
// (0.01 is 1 % a year) and stdev is the sample deviation (n-1). √N holds for
// returns that are close to uncorrelated; Lo (2002), "The Statistics of Sharpe
// Ratios", gives the correction for others.
//
// NaN for fewer than two returns, or returns that are all the same.
//
// Source: Sharpe, W. F. (1994), "The Sharpe Ratio", Journal of Portfolio
// Management 21(1). backtesting.py differs: it divides the compound yearly
// return by a yearly volatility.
func Sharpe(returns []float64, riskFree, periodsPerYear float64) float64 {
	return quotient(mean(excess(returns, riskFree, periodsPerYear)), deviation(returns)) * math.Sqrt(periodsPerYear)
}

// PeriodRate is the rate per period that compounds to a yearly rate over N
// periods: (1 + rate)^(1/N) - 1.
func PeriodRate(yearly, periodsPerYear float64) float64 {
	return math.Pow(1+yearly, 1/periodsPerYear) - 1
}

// excess is returns less the risk-free rate of a period.
func excess(returns []float64, riskFree, periodsPerYear float64) []float64 {
	f := PeriodRate(riskFree, periodsPerYear)
	e := make([]float64, len(returns))
	for i, r := range returns {
		e[i] = r - f
	}
	return e
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return stat.Mean(values, nil)
}

// quotient is a/b, NaN where b is zero.
func quotient(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}
