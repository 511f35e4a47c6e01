package metrics_test

import (
	"math"
	"testing"

	"finmem/backtest/metrics"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMonths(t *testing.T) {
	c := metrics.EquityCurve{
		{"2023-12-28", 100}, {"2023-12-29", 110}, {"2024-01-02", 99}, {"2024-01-31", 121}, {"2024-03-01", 121}, {"2024-03-04", 60.5},
	}
	within := cmp.Comparer(func(a, b metrics.Figure) bool { return math.Abs(float64(a-b)) < 1e-12 })
	for _, tt := range []struct {
		name      string
		got, want []metrics.PeriodReturn
	}{
		{"Monthly", metrics.Monthly(c), []metrics.PeriodReturn{{"2023-12", 0.10, 1}, {"2024-01", 0.10, 2}, {"2024-03", -0.50, 2}}},
		{"Yearly", metrics.Yearly(c), []metrics.PeriodReturn{{"2023", 0.10, 1}, {"2024", -0.45, 4}}},
		{"Daily", metrics.Daily(c)[:2], []metrics.PeriodReturn{{"2023-12-29", 0.10, 1}, {"2024-01-02", -0.10, 1}}},
	} {
		if diff := cmp.Diff(tt.want, tt.got, within); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if best, ok := metrics.Best(metrics.Monthly(c)); !ok || best.Label != "2023-12" {
		t.Errorf("best month %+v, want the first of two equal ones", best)
	}
	if worst, ok := metrics.Worst(metrics.Daily(c)); !ok || worst.Label != "2024-03-04" {
		t.Errorf("worst day %+v", worst)
	}
}

func TestMonthsOfNothing(t *testing.T) {
	for _, c := range []metrics.EquityCurve{nil, curve(100)} {
		if m := metrics.Monthly(c); len(m) != 0 {
			t.Errorf("months of %v: %v", c, m)
		}
		if _, ok := metrics.Best(metrics.Daily(c)); ok {
			t.Error("nothing has a best day")
		}
	}
	if _, ok := metrics.Worst(metrics.Daily(curve(0, 0))); ok {
		t.Error("an undefined return is the worst day")
	}
}

func TestMonthsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := rapid.SliceOfN(rapid.Float64Range(-0.1, 0.1), 1, 500).Draw(t, "returns")
		c := curve(metrics.Compounded(100, returns)...)
		for name, periods := range map[string][]metrics.PeriodReturn{"days": metrics.Daily(c), "months": metrics.Monthly(c), "years": metrics.Yearly(c)} {
			growth, sessions := 1.0, 0
			for i, p := range periods {
				growth *= 1 + float64(p.Return)
				sessions += p.Sessions
				if i > 0 && p.Label <= periods[i-1].Label {
					t.Fatalf("%s out of order: %q after %q", name, p.Label, periods[i-1].Label)
				}
			}
			if !same(growth-1, metrics.CumulativeReturn(c.Values())) || sessions != len(returns) {
				t.Fatalf("%s compound to %g over %d sessions, want %g over %d", name, growth-1, sessions, metrics.CumulativeReturn(c.Values()), len(returns))
			}
		}
	})
}
