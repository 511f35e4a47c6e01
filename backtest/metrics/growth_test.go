package metrics_test

import (
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

// B67: the year is counted in calendar days, the end value is the value.
func TestB67CAGR(t *testing.T) {
	twoYears := metrics.EquityCurve{{Session: "2022-01-03", Value: 100}, {Session: "2024-01-03", Value: 121}}
	near(t, "CAGR over 730 days", metrics.CAGR(twoYears), 0.1001, 5e-5)

	// +283.41 % over 21 years is 6.61 % a year, not 5.09 %.
	long := metrics.EquityCurve{{Session: "2000-01-01", Value: 100}, {Session: "2021-01-01", Value: 383.41}}
	near(t, "CAGR over 21 years", metrics.CAGR(long), 0.0661, 5e-5)

	near(t, "AnnualReturn over two years of sessions", metrics.AnnualReturn(metrics.Returns(growing(504)), 252), 0.10, 1e-9)
}

// growing is 100 to 121 in n equal steps.
func growing(n int) []float64 {
	returns := constant(metrics.PeriodRate(0.21, float64(n)), n)
	return metrics.Compounded(100, returns)
}

func TestGrowthUndefined(t *testing.T) {
	undefined(t, "CAGR of nothing", metrics.CAGR(nil))
	undefined(t, "CAGR of one point", metrics.CAGR(curve(100)))
	undefined(t, "CAGR within one day", metrics.CAGR(metrics.EquityCurve{{"2024-01-02", 100}, {"2024-01-02", 101}}))
	undefined(t, "CAGR of ruin", metrics.CAGR(curve(100, 0)))
	undefined(t, "AnnualReturn of nothing", metrics.AnnualReturn(nil, 252))
	undefined(t, "AnnualReturn of ruin", metrics.AnnualReturn([]float64{-1}, 252))
	near(t, "CAGR of a flat curve", metrics.CAGR(curve(100, 100, 100)), 0, 0)
	near(t, "AnnualReturn of one day", metrics.AnnualReturn([]float64{0.001}, 252), 0.2864338, 1e-6)
}

func TestGrowthProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := someReturns(1).Draw(t, "returns")
		c := curve(metrics.Compounded(100, returns)...)
		bigger := curve(scaled(c.Values(), 7)...)
		if !same(metrics.CAGR(c), metrics.CAGR(bigger)) {
			t.Fatal("CAGR depends on the size of the account")
		}
		// On consecutive calendar days, 365.25 sessions are a year.
		if a, b := metrics.CAGR(c), metrics.AnnualReturn(returns, metrics.DaysPerYear); !same(a, b) {
			t.Fatalf("CAGR %g, AnnualReturn %g", a, b)
		}
	})
}
