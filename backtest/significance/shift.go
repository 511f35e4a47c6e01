package significance

import "math"

// CircularShift asks whether the timing of positions mattered. It moves them
// along the sessions by 1, 2, … n-1, what falls off the end coming back at the
// start, which keeps their number, their runs and their turnover, and counts how
// often the shifted ones earn at least as much:
//
//	p = (1 + #{k : earn(shifted by k) ≥ earn(positions)}) / n
//
// The positions as they were count as one of the n. earn gets a slice it must
// not keep. Shifts that only repeat the positions, as of a position that never
// changes, count as earning as much; then p is 1. NaN for no positions or an
// undefined earning.
func CircularShift(positions []float64, earn func(positions []float64) float64) float64 {
	n := len(positions)
	if n == 0 {
		return math.NaN()
	}
	own := earn(positions)
	if math.IsNaN(own) {
		return math.NaN()
	}
	shifted := make([]float64, n)
	asGood := 1
	for k := 1; k < n; k++ {
		copy(shifted, positions[n-k:])
		copy(shifted[k:], positions)
		if earn(shifted) >= own {
			asGood++
		}
	}
	return float64(asGood) / float64(n)
}
