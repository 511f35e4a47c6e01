package metrics

import "math"

// ExposureTime is the share of sessions with a position, in [0, 1]. positions
// are shares, weights or units at the close of each session; a short one counts
// as a position. NaN for no sessions.
func ExposureTime(positions []float64) float64 {
	if len(positions) == 0 || anyNaN(positions) {
		return math.NaN()
	}
	held := 0
	for _, p := range positions {
		if p != 0 {
			held++
		}
	}
	return float64(held) / float64(len(positions))
}

// AverageExposure is the mean of the absolute exposures, where an exposure is
// the market value of the positions over equity at a close (0.8 is 80 %, -1 is
// fully short). NaN for no sessions.
func AverageExposure(exposures []float64) float64 {
	abs := make([]float64, len(exposures))
	for i, e := range exposures {
		abs[i] = math.Abs(e)
	}
	return mean(abs)
}
