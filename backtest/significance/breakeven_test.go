package significance_test

import (
	"math"
	"testing"

	"finmem/backtest/significance"

	"pgregory.net/rapid"
)

func TestBreakEvenCost(t *testing.T) {
	// One entry that earns 1 %: gone at 100 basis points.
	near(t, "one trade", significance.BreakEvenCost([]float64{0.01}, []float64{1}), 100, 1e-9)
	near(t, "twice the turnover", significance.BreakEvenCost([]float64{0.01}, []float64{2}), 50, 1e-9)
	near(t, "nothing earned", significance.BreakEvenCost([]float64{0, 0}, []float64{1, 0}), 0, 1e-9)
	for name, got := range map[string]float64{
		"no trade":       significance.BreakEvenCost([]float64{0.01}, []float64{0}),
		"a loss":         significance.BreakEvenCost([]float64{-0.01}, []float64{1}),
		"nothing":        significance.BreakEvenCost(nil, nil),
		"ruin":           significance.BreakEvenCost([]float64{-1}, []float64{1}),
		"other sessions": significance.BreakEvenCost([]float64{0.01}, nil),
	} {
		if !math.IsNaN(got) {
			t.Errorf("%s: %g", name, got)
		}
	}
}

func TestBreakEvenCostProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rewards := rapid.SliceOfN(rapid.Float64Range(-0.1, 0.12), 1, 30).Draw(t, "rewards")
		traded := rapid.SliceOfN(rapid.SampledFrom([]float64{0, 1, 2}), len(rewards), len(rewards)).Draw(t, "traded")
		cost := significance.BreakEvenCost(rewards, traded)
		if math.IsNaN(cost) {
			t.Skip("no break-even")
		}
		growth := 1.0
		for i, r := range rewards {
			growth *= 1 + r - cost/1e4*traded[i]
		}
		if math.Abs(growth-1) > 1e-9 {
			t.Fatalf("at %g bp the account ends at %g", cost, growth)
		}
	})
}
