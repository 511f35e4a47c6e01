package metrics

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Skew is the sample skewness of returns, corrected for bias (gonum's
// stat.Skew, the G1 of Joanes and Gill 1998): below 0 where the losses have the
// longer tail. NaN for fewer than three returns, or returns that are all the
// same.
func Skew(returns []float64) float64 {
	if len(returns) < 3 || deviation(returns) == 0 {
		return math.NaN()
	}
	return stat.Skew(returns, nil)
}

// Kurtosis is the sample excess kurtosis of returns, corrected for bias (gonum's
// stat.ExKurtosis, the G2 of Joanes and Gill 1998): 0 for a normal
// distribution, above 0 where extreme sessions are more frequent. NaN for fewer
// than four returns, or returns that are all the same.
func Kurtosis(returns []float64) float64 {
	if len(returns) < 4 || deviation(returns) == 0 {
		return math.NaN()
	}
	return stat.ExKurtosis(returns, nil)
}
