package metrics_test

import (
	"math"
	"slices"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

// B74: a sum of log returns is not a cumulative return.
func TestB74SimpleAndLogReturns(t *testing.T) {
	for _, tt := range []struct {
		equity      []float64
		simple, log float64
	}{
		{[]float64{100, 110, 121}, 0.21, 0.1906203596},
		{[]float64{100, 50}, -0.5, -0.6931471806},
		{[]float64{100, 100}, 0, 0},
	} {
		near(t, "CumulativeReturn", metrics.CumulativeReturn(tt.equity), tt.simple, 1e-12)
		near(t, "LogReturn", metrics.LogReturn(tt.equity), tt.log, 1e-9)
	}
}

func TestReturns(t *testing.T) {
	got := metrics.Returns([]float64{100, 110, 99})
	near(t, "first", got[0], 0.10, 1e-12)
	near(t, "second", got[1], -0.10, 1e-12)
	logs := metrics.LogReturns([]float64{100, 110, 99})
	near(t, "first log", logs[0], 0.0953101798, 1e-9)
	near(t, "second log", logs[1], -0.1053605157, 1e-9)
}

func TestReturnsUndefined(t *testing.T) {
	for _, equity := range [][]float64{nil, {100}} {
		if r := metrics.Returns(equity); len(r) != 0 {
			t.Errorf("Returns(%v) = %v, want none", equity, r)
		}
		undefined(t, "CumulativeReturn", metrics.CumulativeReturn(equity))
		undefined(t, "LogReturn", metrics.LogReturn(equity))
	}
	undefined(t, "return after ruin", metrics.Returns([]float64{0, 10})[0])
	undefined(t, "log return of ruin", metrics.LogReturn([]float64{10, 0}))
	near(t, "return of ruin", metrics.CumulativeReturn([]float64{10, 0}), -1, 0)
	undefined(t, "CumulativeReturn over a gap", metrics.CumulativeReturn([]float64{100, math.NaN(), 110}))
	undefined(t, "LogReturn over a gap", metrics.LogReturn([]float64{100, math.NaN(), 110}))
}

func TestReturnsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := someReturns(1).Draw(t, "returns")
		start := rapid.Float64Range(1, 1e6).Draw(t, "start")
		equity := metrics.Compounded(start, returns)
		kept := slices.Clone(equity)

		for i, r := range metrics.Returns(equity) {
			if !same(r, returns[i]) {
				t.Fatalf("return %d came back as %g, was %g", i, r, returns[i])
			}
		}
		sum := 0.0
		for _, l := range metrics.LogReturns(equity) {
			sum += l
		}
		if !same(sum, metrics.LogReturn(equity)) {
			t.Fatalf("log returns add up to %g, want %g", sum, metrics.LogReturn(equity))
		}
		if !same(math.Expm1(sum), metrics.CumulativeReturn(equity)) {
			t.Fatalf("cumulative return %g, want %g", metrics.CumulativeReturn(equity), math.Expm1(sum))
		}
		if !same(metrics.CumulativeReturn(scaled(equity, 3)), metrics.CumulativeReturn(equity)) {
			t.Fatal("cumulative return depends on the size of the account")
		}
		if !slices.Equal(equity, kept) {
			t.Fatal("input changed")
		}
	})
}
