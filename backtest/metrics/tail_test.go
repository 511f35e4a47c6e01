package metrics_test

import (
	"math"
	"slices"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

// hundred is -0.50, -0.49, … +0.49, shuffled by a fixed stride.
func hundred() []float64 {
	r := make([]float64, 100)
	for i := range r {
		r[i] = float64((i*37)%100-50) / 100
	}
	return r
}

func TestTail(t *testing.T) {
	near(t, "VaR of 100", metrics.ValueAtRisk(hundred(), 0.05), 0.46, 1e-12)
	near(t, "CVaR of 100", metrics.ConditionalValueAtRisk(hundred(), 0.05), 0.48, 1e-12)
	near(t, "VaR of 20", metrics.ValueAtRisk(hundred()[:20], 0.05), 0.50, 1e-12)
	near(t, "VaR of 21", metrics.ValueAtRisk([]float64{-0.3, -0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, 0.05), 0.2, 1e-12)
	near(t, "VaR of gains", metrics.ValueAtRisk([]float64{0.01, 0.02}, 0.05), -0.01, 1e-12)
	for _, share := range []float64{0, -1, 1.1, math.NaN()} {
		undefined(t, "VaR", metrics.ValueAtRisk(b64, share))
		undefined(t, "CVaR", metrics.ConditionalValueAtRisk(b64, share))
	}
	undefined(t, "VaR of nothing", metrics.ValueAtRisk(nil, 0.05))
	undefined(t, "CVaR of nothing", metrics.ConditionalValueAtRisk(nil, 0.05))
	undefined(t, "VaR over a gap", metrics.ValueAtRisk([]float64{0.01, math.NaN()}, 0.05))
}

func TestTailProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := someReturns(1).Draw(t, "returns")
		kept := slices.Clone(returns)
		value, conditional := metrics.ValueAtRisk(returns, 0.05), metrics.ConditionalValueAtRisk(returns, 0.05)
		if conditional < value-1e-12 {
			t.Fatalf("CVaR %g below VaR %g", conditional, value)
		}
		if worst := -slices.Min(returns); value > worst {
			t.Fatalf("VaR %g beyond the worst session %g", value, worst)
		}
		shifted := slices.Clone(returns)
		for i := range shifted {
			shifted[i] += 0.01
		}
		if !same(metrics.ValueAtRisk(shifted, 0.05), value-0.01) || !same(metrics.ConditionalValueAtRisk(shifted, 0.05), conditional-0.01) {
			t.Fatal("a shift of the returns does not shift the loss")
		}
		if !same(metrics.ConditionalValueAtRisk(returns, 1), -meanOf(returns)) {
			t.Fatal("CVaR of all sessions is not the mean")
		}
		if !slices.Equal(returns, kept) {
			t.Fatal("input changed")
		}
	})
}

func meanOf(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
