package metrics_test

import (
	"math"
	"slices"
	"testing"

	"finmem/backtest/metrics"
	"finmem/data"

	"pgregory.net/rapid"
)

// b64 are the returns of case B64: +1.0, -0.5, +0.7, +0.2, -0.4 %.
var b64 = []float64{0.010, -0.005, 0.007, 0.002, -0.004}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(want) != math.IsNaN(got) || math.Abs(got-want) > tolerance {
		t.Errorf("%s = %.10g, want %.10g", what, got, want)
	}
}

func undefined(t *testing.T, what string, got float64) {
	t.Helper()
	if !math.IsNaN(got) {
		t.Errorf("%s = %g, want undefined", what, got)
	}
}

// curve dates values with consecutive calendar days from 2024-01-01.
func curve(values ...float64) metrics.EquityCurve {
	c := make(metrics.EquityCurve, len(values))
	for i, v := range values {
		c[i] = metrics.Point{Session: data.Session("2024-01-01").AddDays(i), Value: v}
	}
	return c
}

// someReturns draws daily returns of a usual size, at least atLeast of them.
func someReturns(atLeast int) *rapid.Generator[[]float64] {
	return rapid.SliceOfN(rapid.Float64Range(-0.2, 0.25), atLeast, 60)
}

func scaled(values []float64, by float64) []float64 {
	s := slices.Clone(values)
	for i := range s {
		s[i] *= by
	}
	return s
}

func constant(v float64, n int) []float64 { return slices.Repeat([]float64{v}, n) }

// close to: relative for large figures, absolute for small ones.
func same(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.IsNaN(a) && math.IsNaN(b)
	}
	return math.Abs(a-b) <= 1e-8*max(1, math.Abs(a), math.Abs(b))
}
