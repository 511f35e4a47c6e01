package metrics

import "math"

// Ulcer is the Ulcer index: the root mean square of the drawdown at the close
// of each session,
//
//	√( Σ D[t]² / n ),   D[t] = 1 - E[t]/max(E[0..t])
//
// as a fraction of the peak; 0.05 is what the literature writes as 5. The value
// before the first session can be a peak but is not one of the n. NaN where
// [MaxDrawdown] is. Source: Martin, P. and McCann, B. (1989), "The Investor's
// Guide to Fidelity Funds".
func Ulcer(equity []float64) float64 {
	if len(equity) < 2 || !(equity[0] > 0) || anyNaN(equity) {
		return math.NaN()
	}
	peak, sum := equity[0], 0.0
	for _, e := range equity[1:] {
		peak = max(peak, e)
		fall := 1 - e/peak
		sum += float64(fall * fall)
	}
	return math.Sqrt(sum / float64(len(equity)-1))
}
