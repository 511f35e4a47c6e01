package experiment

import (
	"math"
	"slices"
)

// Holm corrects the p-values of m tests for there being m of them: the k-th
// smallest becomes (m-k+1)·p, at most 1 and at least the one before. Each is then
// the level at which its test is significant while the chance of any false
// discovery among all stays at that level.
//
// NaN, a test that could not be made, stays NaN and does not count as a test.
// Source: Holm, S. (1979), "A simple sequentially rejective multiple test
// procedure", Scandinavian Journal of Statistics 6(2).
func Holm(p []float64) []float64 {
	var order []int
	for i, x := range p {
		if !math.IsNaN(x) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	adjusted := slices.Clone(p)
	before := 0.0
	for k, i := range order {
		before = max(before, min(1, float64(len(order)-k)*p[i]))
		adjusted[i] = before
	}
	return adjusted
}
