package metrics_test

import (
	"math"
	"testing"

	"finmem/backtest/metrics"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// B63: the first session's loss is part of the drawdown.
func TestB63DrawdownFromTheFirstSession(t *testing.T) {
	near(t, "MaxDrawdown", metrics.MaxDrawdown([]float64{100_000, 90_000, 75_000}), 0.25, 1e-12)
	d, ok := metrics.DeepestDrawdown(curve(100_000, 90_000, 75_000))
	if !ok || d.Start != "2024-01-01" || d.Trough != "2024-01-03" || d.Recovery != "" || d.Sessions != 2 {
		t.Errorf("drawdown %+v", d)
	}
}

func TestDrawdowns(t *testing.T) {
	got := metrics.Drawdowns(curve(100, 100, 90, 95, 100, 110, 99, 88, 88, 120, 114))
	want := []metrics.Drawdown{
		{Start: "2024-01-02", Trough: "2024-01-03", Recovery: "2024-01-05", Depth: 0.10, Sessions: 3},
		{Start: "2024-01-06", Trough: "2024-01-08", Recovery: "2024-01-10", Depth: 0.20, Sessions: 4},
		{Start: "2024-01-10", Trough: "2024-01-11", Depth: 0.05, Sessions: 1},
	}
	within := cmp.Comparer(func(a, b metrics.Figure) bool { return math.Abs(float64(a-b)) < 1e-12 })
	if diff := cmp.Diff(want, got, within); diff != "" {
		t.Errorf("drawdowns (-want +got):\n%s", diff)
	}
}

func TestDrawdownUndefined(t *testing.T) {
	for _, equity := range [][]float64{nil, {100}, {0, 100}, {100, math.NaN()}} {
		undefined(t, "MaxDrawdown", metrics.MaxDrawdown(equity))
	}
	near(t, "MaxDrawdown of a rise", metrics.MaxDrawdown([]float64{100, 101, 102}), 0, 0)
	near(t, "MaxDrawdown of ruin", metrics.MaxDrawdown([]float64{100, 0}), 1, 0)
	near(t, "MaxDrawdown into debt", metrics.MaxDrawdown([]float64{100, -20}), 1.2, 1e-12)
	if _, ok := metrics.DeepestDrawdown(curve(100, 101)); ok {
		t.Error("a rise has a drawdown")
	}
	undefined(t, "Calmar without a drawdown", metrics.Calmar(0.1, 0))
	undefined(t, "Calmar of a fall that is only rounding", metrics.Calmar(0.1, 1e-16))
	near(t, "Calmar", metrics.Calmar(0.1, 0.25), 0.4, 1e-12)
	near(t, "Calmar of a loss", metrics.Calmar(-0.1, 0.25), -0.4, 1e-12)
}

func TestDrawdownProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		equity := metrics.Compounded(100, someReturns(1).Draw(t, "returns"))
		worst := metrics.MaxDrawdown(equity)
		if worst < 0 || worst > 1 {
			t.Fatalf("max drawdown %g outside [0, 1]", worst)
		}
		if !same(metrics.MaxDrawdown(scaled(equity, 5)), worst) {
			t.Fatal("max drawdown depends on the size of the account")
		}
		deepest := 0.0
		end := metrics.EquityCurve(curve(equity...))[0].Session
		for _, d := range metrics.Drawdowns(curve(equity...)) {
			if d.Start < end || d.Trough <= d.Start || d.Depth <= 0 || (d.Recovery != "" && d.Recovery <= d.Trough) {
				t.Fatalf("drawdown out of order: %+v", d)
			}
			if d.Recovery != "" {
				end = d.Recovery
			}
			deepest = max(deepest, float64(d.Depth))
		}
		if deepest != worst {
			t.Fatalf("deepest in the list %g, max drawdown %g", deepest, worst)
		}
	})
}
