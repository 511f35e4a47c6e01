package metrics

import "math"

// Returns is the simple return of each session of an equity curve:
//
//	r[t] = E[t+1]/E[t] - 1
//
// It has one value less than equity, none for fewer than two. After an equity
// of zero or below a return has no meaning and is NaN.
func Returns(equity []float64) []float64 {
	if len(equity) < 2 {
		return nil
	}
	r := make([]float64, len(equity)-1)
	for i := range r {
		r[i] = ratio(equity[i+1], equity[i]) - 1
	}
	return r
}

// LogReturns is the natural logarithm of the growth of each session,
// ln(E[t+1]/E[t]). NaN where either value is not above zero.
func LogReturns(equity []float64) []float64 {
	if len(equity) < 2 {
		return nil
	}
	r := make([]float64, len(equity)-1)
	for i := range r {
		r[i] = logRatio(equity[i+1], equity[i])
	}
	return r
}

// Compounded is the equity curve that starts at initial and earns returns:
//
//	E[0] = initial,  E[t+1] = E[t] · (1 + r[t])
//
// It is the inverse of [Returns].
func Compounded(initial float64, returns []float64) []float64 {
	e := make([]float64, len(returns)+1)
	e[0] = initial
	for i, r := range returns {
		e[i+1] = e[i] * (1 + r)
	}
	return e
}

// CumulativeReturn is the growth over the whole curve, E[last]/E[first] - 1.
// NaN for fewer than two points, when no session has passed.
func CumulativeReturn(equity []float64) float64 {
	if len(equity) < 2 || anyNaN(equity) {
		return math.NaN()
	}
	return ratio(equity[len(equity)-1], equity[0]) - 1
}

// LogReturn is ln(E[last]/E[first]), the sum of the log returns. FinMem's paper
// and code call such a sum "cumulative return"; it is not one: 100, 110, 121 is
// a cumulative return of 21.00 % and a log return of 19.06 %.
func LogReturn(equity []float64) float64 {
	if len(equity) < 2 || anyNaN(equity) {
		return math.NaN()
	}
	return logRatio(equity[len(equity)-1], equity[0])
}

// ratio is a/b, NaN unless b is above zero: growth from nothing has no rate.
func ratio(a, b float64) float64 {
	if !(b > 0) {
		return math.NaN()
	}
	return a / b
}

func logRatio(a, b float64) float64 {
	if !(a > 0) {
		return math.NaN()
	}
	return math.Log(ratio(a, b))
}

func anyNaN(values []float64) bool {
	for _, v := range values {
		if math.IsNaN(v) {
			return true
		}
	}
	return false
}
