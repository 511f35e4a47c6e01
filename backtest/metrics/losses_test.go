package metrics_test

import (
	"math"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

func TestSortinoOfLosses(t *testing.T) {
	// Losses -0.005 and -0.004: sample deviation 0.0005·√2.
	near(t, "LossDeviation", metrics.LossDeviation(b64, 252), 0.0005*math.Sqrt2*math.Sqrt(252), 1e-12)
	near(t, "SortinoOfLosses", metrics.SortinoOfLosses(b64, 0, 252), 0.002*math.Sqrt(252)/(0.0005*math.Sqrt2), 1e-8)
	undefined(t, "one loss", metrics.SortinoOfLosses([]float64{0.01, -0.01}, 0, 252))
	undefined(t, "equal losses", metrics.SortinoOfLosses([]float64{0.01, -0.01, -0.01}, 0, 252))
	undefined(t, "no loss", metrics.SortinoOfLosses([]float64{0.01}, 0, 252))
	undefined(t, "nothing", metrics.SortinoOfLosses(nil, 0, 252))
	undefined(t, "a gap", metrics.LossDeviation([]float64{-0.01, -0.02, math.NaN()}, 252))
}

func TestSortinoOfLossesProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := someReturns(2).Draw(t, "returns")
		if !(metrics.LossDeviation(returns, 1) > 1e-6) {
			t.Skip("losses that are hardly unlike")
		}
		if a, b := metrics.SortinoOfLosses(returns, 0, 252), metrics.SortinoOfLosses(scaled(returns, 3), 0, 252); !same(a, b) {
			t.Fatalf("depends on scale: %g, %g", a, b)
		}
	})
}
