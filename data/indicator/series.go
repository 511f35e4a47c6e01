package indicator

import "math"

// clean is the part of xs after its last value that is not finite.
func clean(xs []float64) []float64 {
	for i := len(xs) - 1; i >= 0; i-- {
		if !finite(xs[i]) {
			return xs[i+1:]
		}
	}
	return xs
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func last(xs []float64) float64 { return xs[len(xs)-1] }
