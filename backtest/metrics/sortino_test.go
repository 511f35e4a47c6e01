package metrics_test

import (
	"math"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

func TestSortino(t *testing.T) {
	// √((0.005² + 0.004²)/5)·√252 = 0.0454577; mean 0.002·252 = 0.504.
	near(t, "DownsideDeviation", metrics.DownsideDeviation(b64, 0, 252), 0.0454577, 1e-7)
	near(t, "Sortino", metrics.Sortino(b64, 0, 252), 0.504/0.0454577, 1e-4)
}

func TestSortinoUndefined(t *testing.T) {
	undefined(t, "Sortino of gains only", metrics.Sortino([]float64{0.01, 0.02}, 0, 252))
	undefined(t, "Sortino of a loss that is only rounding", metrics.Sortino([]float64{0.01, 0.02, -1e-16}, 0, 252))
	undefined(t, "Sortino of nothing", metrics.Sortino(nil, 0, 252))
	undefined(t, "DownsideDeviation of nothing", metrics.DownsideDeviation(nil, 0, 252))
	undefined(t, "DownsideDeviation over a gap", metrics.DownsideDeviation([]float64{0.01, math.NaN()}, 0, 252))
	near(t, "DownsideDeviation of gains only", metrics.DownsideDeviation([]float64{0.01, 0.02}, 0, 252), 0, 0)
	// B66: a curve that never varies has none, also below a rate.
	undefined(t, "Sortino of one loss", metrics.Sortino([]float64{-0.01}, 0, 252))
	undefined(t, "Sortino of a flat curve below the rate", metrics.Sortino(constant(0, 10), 0.03, 252))
}

func TestSortinoProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := someReturns(2).Draw(t, "returns")
		k := rapid.Float64Range(0.1, 10).Draw(t, "scale")
		if metrics.DownsideDeviation(returns, 0, 252) < 1e-9 {
			t.Skip("hardly a loss")
		}
		if a, b := metrics.Sortino(returns, 0, 252), metrics.Sortino(scaled(returns, k), 0, 252); !same(a, b) {
			t.Fatalf("scaled by %g: %g, want %g", k, b, a)
		}
		if a, b := metrics.DownsideDeviation(returns, 0, 252), metrics.DownsideDeviation(scaled(returns, k), 0, 252); !same(k*a, b) {
			t.Fatalf("downside deviation scaled by %g: %g, want %g", k, b, k*a)
		}
		// A higher rate leaves more below it.
		if a, b := metrics.DownsideDeviation(returns, 0, 252), metrics.DownsideDeviation(returns, 0.05, 252); b < a {
			t.Fatalf("downside deviation fell from %g to %g with the rate", a, b)
		}
	})
}
