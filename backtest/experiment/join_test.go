package experiment_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"finmem/backtest/experiment"
	"finmem/backtest/metrics"
	"finmem/data"
)

// curve has its starting value on from and the others on the days after.
func curve(from data.Session, values ...float64) metrics.EquityCurve {
	var c metrics.EquityCurve
	for i, v := range values {
		c = append(c, metrics.Point{Session: from.AddDays(i), Value: v})
	}
	return c
}

// Up 10 %, then, from the initial 100 again, down 10 % and up 20 %: 110, 99,
// 118.8.
func TestJoin(t *testing.T) {
	got, err := experiment.Join(curve("2024-01-01", 100, 110), curve("2024-01-02", 100, 90, 108))
	if err != nil {
		t.Fatal(err)
	}
	want := curve("2024-01-01", 100, 110, 99, 118.8)
	if !slices.EqualFunc(got, want, func(a, b metrics.Point) bool {
		return a.Session == b.Session && math.Abs(a.Value-b.Value) < 1e-9
	}) {
		t.Errorf("joined %v, want %v", got, want)
	}
}

func TestJoinRefused(t *testing.T) {
	for _, tt := range []struct {
		curves []metrics.EquityCurve
		want   string
	}{
		{nil, "no curve"},
		{[]metrics.EquityCurve{curve("2024-01-01", 100)}, "no session"},
		{[]metrics.EquityCurve{curve("2024-01-01", 0, 100)}, "starts at 0"},
		{[]metrics.EquityCurve{curve("2024-01-01", 100, 110, 120), curve("2024-01-02", 100, 110)}, "session 2024-01-03 of curve 2 does not come after 2024-01-03"},
		{[]metrics.EquityCurve{curve("2024-01-05", 100, 110), curve("2024-01-01", 100, 110)}, "twice"},
	} {
		got, err := experiment.Join(tt.curves...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Join(%v) = %v, %v, want an error with %q", tt.curves, got, err, tt.want)
		}
	}
}

// The joined returns are the windows' returns in a row, however much each window
// started with.
func TestJoinKeepsReturns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var curves []metrics.EquityCurve
		var want []float64
		from := data.Session("2024-01-01")
		for range rapid.IntRange(1, 5).Draw(t, "windows") {
			returns := rapid.SliceOfN(rapid.Float64Range(-0.2, 0.2), 1, 10).Draw(t, "returns")
			values := metrics.Compounded(rapid.Float64Range(1, 1e6).Draw(t, "initial"), returns)
			curves = append(curves, curve(from, values...))
			from = from.AddDays(len(returns))
			want = append(want, returns...)
		}
		joined, err := experiment.Join(curves...)
		if err != nil {
			t.Fatal(err)
		}
		got := metrics.Returns(joined.Values())
		if !slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("returns %v, want %v", got, want)
		}
		if joined[0] != curves[0][0] {
			t.Errorf("starts at %v, want %v", joined[0], curves[0][0])
		}
	})
}
