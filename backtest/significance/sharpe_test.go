package significance_test

import (
	"math"
	"testing"

	"finmem/backtest/metrics"
	"finmem/backtest/significance"

	"pgregory.net/rapid"
)

// The numerical example of Bailey and López de Prado (2014): 1250 daily returns
// with a yearly Sharpe ratio of 2.5 (250 days), skew -3, kurtosis 10; 100 trials
// whose yearly ratios have a variance of 1/2. The expected maximum is 0.1132 a
// day and the deflated ratio 0.9004.
func TestDeflatedSharpePublished(t *testing.T) {
	m := significance.Moments{Sharpe: 2.5 / math.Sqrt(250), Skew: -3, Kurtosis: 10, Returns: 1250}
	deviation := math.Sqrt(0.5 / 250)
	near(t, "expected maximum", significance.ExpectedMaximum(100, deviation), 0.1132, 5e-5)
	near(t, "deflated Sharpe", significance.DeflatedSharpe(m, 100, deviation), 0.9004, 5e-5)
	// With one trial nothing is deflated.
	near(t, "one trial", significance.DeflatedSharpe(m, 1, deviation), significance.ProbabilisticSharpe(m, 0), 0)
}

func TestMomentsOf(t *testing.T) {
	// 1, 2, 3, 10: m2 12.5, m3 45, m4 348.5, mean 4, sample deviation √(50/3).
	m := significance.MomentsOf([]float64{1, 2, 3, 10})
	near(t, "Sharpe", m.Sharpe, 4/math.Sqrt(50.0/3), 1e-12)
	near(t, "skew", m.Skew, 45/math.Pow(12.5, 1.5), 1e-12)
	near(t, "kurtosis", m.Kurtosis, 348.5/156.25, 1e-12)
	near(t, "error", significance.Moments{Sharpe: 0.1, Kurtosis: 3, Returns: 101}.Error(), math.Sqrt(1.005/100), 1e-12)
}

func TestSharpeUndefined(t *testing.T) {
	for name, returns := range map[string][]float64{"nothing": nil, "one": {0.01}, "constant": {0.001, 0.001, 0.001}} {
		m := significance.MomentsOf(returns)
		for what, f := range map[string]float64{
			"probabilistic": significance.ProbabilisticSharpe(m, 0),
			"deflated":      significance.DeflatedSharpe(m, 10, 0.1),
			"track record":  significance.MinimumTrackRecord(m, 0, 0.95),
			"error":         m.Error(),
		} {
			if !math.IsNaN(f) {
				t.Errorf("%s of %s: %g", what, name, f)
			}
		}
	}
	losing := significance.MomentsOf([]float64{-0.01, 0.001, -0.02})
	if f := significance.MinimumTrackRecord(losing, 0, 0.95); !math.IsNaN(f) {
		t.Errorf("a loss proves itself after %g sessions", f)
	}
	if f := significance.ExpectedMaximum(0, 1); !math.IsNaN(f) {
		t.Errorf("the best of none is %g", f)
	}
}

func TestSharpeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := rapid.SliceOfN(rapid.Float64Range(-0.1, 0.12), 5, 60).Draw(t, "returns")
		if metrics.Volatility(returns, 1) < 1e-4 {
			t.Skip("hardly any variation")
		}
		m := significance.MomentsOf(returns)
		p := significance.ProbabilisticSharpe(m, 0)
		if p < 0 || p > 1 || math.Abs(significance.ProbabilisticSharpe(m, m.Sharpe)-0.5) > 1e-12 {
			t.Fatalf("probability %g", p)
		}
		if significance.ProbabilisticSharpe(m, 0.1) > p || significance.DeflatedSharpe(m, 20, 0.1) > p {
			t.Fatal("a higher bar is easier to clear")
		}
		if m.Sharpe > 0.01 {
			// A record of just the minimum length reaches the confidence.
			n := significance.MinimumTrackRecord(m, 0, 0.95)
			z := m.Sharpe * math.Sqrt(n-1) / (m.Error() * math.Sqrt(float64(m.Returns-1)))
			if math.Abs(z-1.6448536269514722) > 1e-9 {
				t.Fatalf("z %g at the minimum track record", z)
			}
		}
	})
}
