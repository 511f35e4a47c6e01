package metrics_test

import (
	"math"
	"slices"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

// B64, B65: the rate is per year, the year has 252 sessions, the deviation is
// that of a sample.
func TestB64B65Sharpe(t *testing.T) {
	near(t, "Sharpe without a rate", metrics.Sharpe(b64, 0, 252), 4.8138, 5e-5)
	near(t, "Sharpe with 1 % a year", metrics.Sharpe(b64, 0.01, 252), 4.7187, 5e-5)
	near(t, "Sharpe over 365 days", metrics.Sharpe(b64, 0, 365), 5.7934, 5e-5)
	near(t, "daily rate of 1 % a year", metrics.PeriodRate(0.01, 252), 0.00003949, 5e-9)
	near(t, "Volatility", metrics.Volatility(b64, 252), 0.10470, 5e-6)
}

// B66: a curve without variation has no Sharpe ratio, float noise or not.
func TestB66ZeroVolatility(t *testing.T) {
	steady := metrics.Compounded(100_000, constant(0.001, 10))
	for name, equity := range map[string][]float64{
		"ten flat days":     constant(100_000, 11),
		"+0.1 % every day":  steady,
		"-0.1 % every day":  metrics.Compounded(100_000, constant(-0.001, 10)),
		"1 day":             {100_000, 101_000},
		"0 days":            {100_000},
		"no value":          nil,
		"a year of +0.01 %": metrics.Compounded(100_000, constant(0.0001, 252)),
	} {
		undefined(t, "Sharpe of "+name, metrics.Sharpe(metrics.Returns(equity), 0, 252))
	}
	if v := metrics.Volatility(metrics.Returns(steady), 252); v != 0 {
		t.Errorf("Volatility of +0.1 %% every day = %g, want 0", v)
	}
	undefined(t, "Volatility of one day", metrics.Volatility([]float64{0.01}, 252))
	undefined(t, "Volatility of no day", metrics.Volatility(nil, 252))
}

func TestSharpeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := someReturns(2).Draw(t, "returns")
		kept := slices.Clone(returns)
		s := metrics.Sharpe(returns, 0, 252)
		if math.IsInf(s, 0) {
			t.Fatal("Sharpe is infinite")
		}
		k := rapid.Float64Range(0.1, 10).Draw(t, "scale")
		if metrics.Volatility(returns, 252) > 1e-6 {
			if got := metrics.Sharpe(scaled(returns, k), 0, 252); !same(got, s) {
				t.Fatalf("scaled by %g: %g, want %g", k, got, s)
			}
			if got := metrics.Sharpe(scaled(returns, -1), 0, 252); !same(got, -s) {
				t.Fatalf("sign turned: %g, want %g", got, -s)
			}
			// Adding the risk-free rate to every return gives what a rate of
			// zero gave before.
			rate := rapid.Float64Range(-0.02, 0.08).Draw(t, "rate")
			shifted := slices.Clone(returns)
			for i := range shifted {
				shifted[i] += metrics.PeriodRate(rate, 252)
			}
			if got := metrics.Sharpe(shifted, rate, 252); !same(got, s) {
				t.Fatalf("shifted: %g, want %g", got, s)
			}
			if got := metrics.Volatility(shifted, 252); !same(got, metrics.Volatility(returns, 252)) {
				t.Fatalf("volatility moved with a shift: %g", got)
			}
		}
		if !slices.Equal(returns, kept) {
			t.Fatal("input changed")
		}
	})
}
