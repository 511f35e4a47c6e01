package metrics_test

import (
	"slices"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

// Anscombe (1973), "Graphs in Statistical Analysis", first set: y = 3.00 +
// 0.500x, t of the slope 4.24, R² 0.667.
func TestRegressAnscombe(t *testing.T) {
	x := []float64{10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5}
	y := []float64{8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68}
	fit := metrics.Regress(y, x, 0, 1)
	near(t, "alpha", fit.Alpha, 3.0000909, 1e-7)
	near(t, "beta", fit.Beta, 0.5000909, 1e-7)
	near(t, "alpha t", fit.AlphaT, 2.667, 1e-3)
	near(t, "alpha p", fit.AlphaP, 0.02573, 1e-5)
	near(t, "beta t", fit.BetaT, 4.241, 1e-3)
	near(t, "beta p", fit.BetaP, 0.00217, 1e-5)
	near(t, "R²", fit.RSquared, 0.66654, 1e-5)
	if fit.Observations != 11 {
		t.Errorf("%d observations, want 11", fit.Observations)
	}
	near(t, "alpha per year", metrics.Regress(y, x, 0, 252).Alpha, 252*3.0000909, 1e-4)
}

func TestRegressUndefined(t *testing.T) {
	for name, fit := range map[string]metrics.Regression{
		"nothing":             metrics.Regress(nil, nil, 0, 252),
		"two sessions":        metrics.Regress([]float64{0.01, 0.02}, []float64{0.02, 0.01}, 0, 252),
		"other sessions":      metrics.Regress(b64, b64[:4], 0, 252),
		"a benchmark at rest": metrics.Regress(b64, constant(0.001, 5), 0, 252),
	} {
		for _, v := range []float64{fit.Alpha, fit.Beta, fit.AlphaT, fit.AlphaP, fit.BetaT, fit.BetaP, fit.RSquared} {
			undefined(t, name, v)
		}
	}
	self := metrics.Regress(b64, b64, 0, 252)
	near(t, "beta on itself", self.Beta, 1, 1e-12)
	near(t, "alpha on itself", self.Alpha, 0, 1e-12)
	undefined(t, "t of a perfect fit", self.BetaT)
	flat := metrics.Regress(constant(0.001, 5), b64, 0, 252)
	near(t, "beta at rest", flat.Beta, 0, 0)
	near(t, "alpha at rest", flat.Alpha, 0.252, 1e-12)
}

func TestRegressProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		market := someReturns(5).Draw(t, "market")
		if metrics.Volatility(market, 1) < 1e-3 {
			t.Skip("a market that hardly moves")
		}
		a, b := rapid.Float64Range(-0.01, 0.01).Draw(t, "a"), rapid.Float64Range(-2, 2).Draw(t, "b")
		own := slices.Clone(market)
		for i := range own {
			own[i] = a + b*market[i]
		}
		fit := metrics.Regress(own, market, 0, 252)
		if !same(fit.Beta, b) || !same(fit.Alpha, a*252) {
			t.Fatalf("line %g + %g·x came back as %g + %g·x", a, b, fit.Alpha/252, fit.Beta)
		}
	})
}
