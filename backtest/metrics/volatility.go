package metrics

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Volatility is the yearly deviation of returns:
//
//	σ = √N · stdev(r)
//
// with the sample deviation (n-1) and N periods in a year. The square root
// holds for returns that are close to uncorrelated. NaN for fewer than two
// returns; 0 for returns that are all the same.
func Volatility(returns []float64, periodsPerYear float64) float64 {
	return deviation(returns) * math.Sqrt(periodsPerYear)
}

// deviation is the sample deviation, with rounding noise taken for the zero it
// stands for: a curve that grows by exactly 0.1 % a day comes back from
// division with a deviation of some 1e-16, and a ratio over it would be 1e14.
func deviation(values []float64) float64 {
	if len(values) < 2 {
		return math.NaN()
	}
	return beyondNoise(stat.StdDev(values, nil), values)
}

// beyondNoise is what a figure says of values, or 0 where it is no larger than
// what rounding leaves of them. A return is E[t+1]/E[t] - 1, a difference of
// numbers near 1, so its error does not shrink with the return: that is the
// constant part.
func beyondNoise(figure float64, values []float64) float64 {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	if figure <= 1e-14+1e-12*largest {
		return 0
	}
	return figure
}
