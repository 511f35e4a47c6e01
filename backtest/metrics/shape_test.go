package metrics_test

import (
	"math"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

func TestShape(t *testing.T) {
	// 1, 2, 3, 10: mean 4, Σd² 50, Σd³ 180, Σd⁴ 1394. With m2 = 12.5, m3 = 45:
	// g1 = 45/12.5^1.5 = 1.01823, G1 = g1·√12/2 = 1.76363. With m4 = 348.5:
	// g2 = 348.5/156.25 - 3 = -0.7696, G2 = 3/(2·1)·(5·g2 + 6) = 3.228.
	sample := []float64{1, 2, 3, 10}
	near(t, "Skew", metrics.Skew(sample), 1.76363, 1e-5)
	near(t, "Kurtosis", metrics.Kurtosis(sample), 3.228, 1e-9)
	near(t, "Skew of a symmetric sample", metrics.Skew([]float64{-2, -1, 1, 2}), 0, 1e-12)
}

func TestShapeUndefined(t *testing.T) {
	undefined(t, "Skew of two", metrics.Skew([]float64{1, 2}))
	undefined(t, "Kurtosis of three", metrics.Kurtosis([]float64{1, 2, 4}))
	undefined(t, "Skew of a constant", metrics.Skew(constant(0.001, 10)))
	undefined(t, "Kurtosis of a constant", metrics.Kurtosis(constant(0.001, 10)))
	undefined(t, "Skew over a gap", metrics.Skew([]float64{1, 2, math.NaN()}))
}

func TestShapeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := someReturns(4).Draw(t, "returns")
		if metrics.Volatility(returns, 1) < 1e-3 {
			t.Skip("hardly any variation")
		}
		skew, kurtosis := metrics.Skew(returns), metrics.Kurtosis(returns)
		if !same(metrics.Skew(scaled(returns, -2)), -skew) {
			t.Fatal("skew does not turn with the sign")
		}
		if !same(metrics.Kurtosis(scaled(returns, -2)), kurtosis) {
			t.Fatal("kurtosis changes with scale or sign")
		}
	})
}
