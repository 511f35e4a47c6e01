package metrics_test

import (
	"math"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

func TestExposure(t *testing.T) {
	near(t, "ExposureTime", metrics.ExposureTime([]float64{0, 10, -5, 0}), 0.5, 0)
	near(t, "AverageExposure", metrics.AverageExposure([]float64{0, 0.8, -1, 0}), 0.45, 1e-12)
	undefined(t, "ExposureTime of nothing", metrics.ExposureTime(nil))
	undefined(t, "AverageExposure of nothing", metrics.AverageExposure(nil))
	undefined(t, "ExposureTime over a gap", metrics.ExposureTime([]float64{1, math.NaN()}))
}

func TestTurnover(t *testing.T) {
	// 1,000 bought and sold within two sessions on a mean equity of 1,000.
	near(t, "Turnover", metrics.Turnover([]float64{1000, -1000}, []float64{990, 1010}, 252), 252, 1e-9)
	near(t, "Turnover of no trade", metrics.Turnover([]float64{0, 0}, []float64{100, 100}, 252), 0, 0)
	undefined(t, "Turnover of nothing", metrics.Turnover(nil, nil, 252))
	undefined(t, "Turnover of ruin", metrics.Turnover([]float64{1}, []float64{0}, 252))
}

func TestExposureProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.SliceOfN(rapid.Float64Range(-1, 1), 1, 40).Draw(t, "weights")
		share, average := metrics.ExposureTime(w), metrics.AverageExposure(w)
		if share < 0 || share > 1 || average > share+1e-12 {
			t.Fatalf("exposure time %g, average %g", share, average)
		}
		if metrics.ExposureTime(scaled(w, -1)) != share || metrics.AverageExposure(scaled(w, -1)) != average {
			t.Fatal("a short position counts otherwise than a long one")
		}
		equity := constant(1000, len(w))
		k := rapid.Float64Range(0.1, 10).Draw(t, "scale")
		if a, b := metrics.Turnover(w, equity, 252), metrics.Turnover(scaled(w, k), scaled(equity, k), 252); !same(a, b) {
			t.Fatalf("turnover depends on the size of the account: %g, %g", a, b)
		}
	})
}
