package metrics_test

import (
	"math"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

func TestOmega(t *testing.T) {
	near(t, "Omega", metrics.Omega(b64, 0, 252), 0.019/0.009, 1e-12)
	f := metrics.PeriodRate(0.01, 252)
	near(t, "Omega with a rate", metrics.Omega(b64, 0.01, 252), (0.019-3*f)/(0.009+2*f), 1e-12)
	undefined(t, "Omega of gains", metrics.Omega([]float64{0.01}, 0, 252))
	undefined(t, "Omega of a loss that is only rounding", metrics.Omega([]float64{0.01, -1e-16}, 0, 252))
	undefined(t, "Omega of nothing", metrics.Omega(nil, 0, 252))
	undefined(t, "Omega over a gap", metrics.Omega([]float64{-0.01, math.NaN()}, 0, 252))
	near(t, "Omega of losses", metrics.Omega([]float64{-0.01}, 0, 252), 0, 0)
}

func TestOmegaProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := someReturns(1).Draw(t, "returns")
		omega := metrics.Omega(returns, 0, 252)
		if !(metrics.DownsideDeviation(returns, 0, 1) > 1e-9 && metrics.DownsideDeviation(scaled(returns, -1), 0, 1) > 1e-9) {
			t.Skip("hardly a loss, or hardly a gain")
		}
		k := rapid.Float64Range(0.1, 10).Draw(t, "scale")
		if !same(metrics.Omega(scaled(returns, k), 0, 252), omega) {
			t.Fatal("Omega depends on scale")
		}
		if turned := metrics.Omega(scaled(returns, -1), 0, 252); omega > 0 && !math.IsNaN(turned) && !same(turned*omega, 1) {
			t.Fatalf("Omega %g, sign turned %g", omega, turned)
		}
		if !math.IsNaN(omega) && math.Abs(meanOf(returns)) > 1e-9 && (omega > 1) != (meanOf(returns) > 0) {
			t.Fatalf("Omega %g with mean %g", omega, meanOf(returns))
		}
	})
}
