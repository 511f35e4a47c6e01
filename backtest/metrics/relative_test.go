package metrics_test

import (
	"math"
	"slices"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

func TestRelative(t *testing.T) {
	own := []float64{0.02, -0.01, 0.03, 0.00}
	market := []float64{0.01, -0.02, 0.01, -0.01}
	// Differences 0.01, 0.01, 0.02, 0.01: mean 0.0125, deviation 0.005.
	near(t, "TrackingError", metrics.TrackingError(own, market, 252), 0.005*math.Sqrt(252), 1e-12)
	near(t, "InformationRatio", metrics.InformationRatio(own, market, 252), 2.5*math.Sqrt(252), 1e-9)
	// β = Σ(x·y)/Σx² about the means: 0.0008/0.000675; mean 0.01 a session.
	near(t, "Treynor", metrics.Treynor(own, market, 0, 252), 2.52*0.000675/0.0008, 1e-9)
	// Up sessions: own √(1.02·1.03)-1 over 0.01. Down: √(0.99·1.00)-1 over
	// √(0.98·0.99)-1.
	near(t, "UpCapture", metrics.UpCapture(own, market), (math.Sqrt(1.02*1.03)-1)/0.01, 1e-9)
	near(t, "DownCapture", metrics.DownCapture(own, market), (math.Sqrt(0.99)-1)/(math.Sqrt(0.98*0.99)-1), 1e-9)
}

// B68: a benchmark over other sessions is no benchmark.
func TestB68BenchmarkOverOtherSessions(t *testing.T) {
	undefined(t, "TrackingError", metrics.TrackingError(b64, b64[1:], 252))
	undefined(t, "InformationRatio", metrics.InformationRatio(b64, b64[1:], 252))
	undefined(t, "Treynor", metrics.Treynor(b64, b64[1:], 0, 252))
	undefined(t, "UpCapture", metrics.UpCapture(b64, b64[1:]))
	undefined(t, "DownCapture", metrics.DownCapture(b64, b64[1:]))
}

func TestRelativeUndefined(t *testing.T) {
	near(t, "TrackingError of itself", metrics.TrackingError(b64, b64, 252), 0, 0)
	undefined(t, "InformationRatio of itself", metrics.InformationRatio(b64, b64, 252))
	undefined(t, "Treynor at rest", metrics.Treynor(constant(0.001, 5), b64, 0, 252))
	undefined(t, "UpCapture without a rise", metrics.UpCapture([]float64{0.01}, []float64{-0.01}))
	undefined(t, "DownCapture without a fall", metrics.DownCapture([]float64{0.01}, []float64{0.01}))
	undefined(t, "UpCapture of nothing", metrics.UpCapture(nil, nil))
	undefined(t, "UpCapture over a gap", metrics.UpCapture([]float64{math.NaN()}, []float64{0.01}))
	undefined(t, "TrackingError of one session", metrics.TrackingError([]float64{0.01}, []float64{0.02}, 252))
}

func TestRelativeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		market := someReturns(3).Draw(t, "market")
		noise := rapid.SliceOfN(rapid.Float64Range(-0.05, 0.05), len(market), len(market)).Draw(t, "noise")
		own := slices.Clone(market)
		for i := range own {
			own[i] += noise[i]
		}
		keptOwn, keptMarket := slices.Clone(own), slices.Clone(market)
		if metrics.Volatility(noise, 1) > 1e-6 {
			ir := metrics.InformationRatio(own, market, 252)
			if !same(ir, metrics.Sharpe(noise, 0, 252)) && math.Abs(ir-metrics.Sharpe(noise, 0, 252)) > 1e-5*math.Abs(ir) {
				t.Fatalf("information ratio %g, Sharpe of the difference %g", ir, metrics.Sharpe(noise, 0, 252))
			}
			if !same(metrics.TrackingError(own, market, 252), metrics.TrackingError(market, own, 252)) {
				t.Fatal("tracking error depends on who leads")
			}
		}
		for _, c := range []float64{metrics.UpCapture(market, market), metrics.DownCapture(market, market)} {
			if !math.IsNaN(c) && !same(c, 1) {
				t.Fatalf("the benchmark captures %g of itself", c)
			}
		}
		if !slices.Equal(own, keptOwn) || !slices.Equal(market, keptMarket) {
			t.Fatal("input changed")
		}
	})
}
