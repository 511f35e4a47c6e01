package metrics_test

import (
	"math"
	"slices"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

func TestUlcer(t *testing.T) {
	// Drawdowns 0.10, 0.25, 0: √(0.0725/3).
	near(t, "Ulcer", metrics.Ulcer([]float64{100, 90, 75, 110}), math.Sqrt(0.0725/3), 1e-12)
	near(t, "Ulcer of a rise", metrics.Ulcer([]float64{100, 101}), 0, 0)
	for _, equity := range [][]float64{nil, {100}, {0, 1}, {100, math.NaN()}} {
		undefined(t, "Ulcer", metrics.Ulcer(equity))
	}
}

func TestUlcerProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		equity := metrics.Compounded(100, someReturns(1).Draw(t, "returns"))
		kept := slices.Clone(equity)
		u := metrics.Ulcer(equity)
		if u < 0 || u > metrics.MaxDrawdown(equity)+1e-12 {
			t.Fatalf("Ulcer index %g, max drawdown %g", u, metrics.MaxDrawdown(equity))
		}
		if !same(metrics.Ulcer(scaled(equity, 9)), u) {
			t.Fatal("Ulcer index depends on the size of the account")
		}
		if !slices.Equal(equity, kept) {
			t.Fatal("input changed")
		}
	})
}
