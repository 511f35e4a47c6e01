package published_test

import (
	"math"
	"strings"
	"testing"

	"finmem/backtest/metrics"
	"finmem/backtest/published"
	"finmem/data"
)

// B63: a value given before the first session is part of every figure; without
// it the first row stands for it, even on a day without trading.
func TestB63Sample(t *testing.T) {
	rows := metrics.EquityCurve{
		{Session: "2024-01-05", Value: 90}, {Session: "2024-01-06", Value: 90}, {Session: "2024-01-07", Value: 91}, {Session: "2024-01-08", Value: 75},
	}
	s, err := published.Sample(rows, 100, data.NYSE())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Sessions) != 3 || s.Sessions[0].Session != "2024-01-04" || metrics.MaxDrawdown(s.Sessions.Values()) != 0.25 {
		t.Errorf("sessions %+v", s.Sessions)
	}
	if len(s.OffCalendar) != 2 || len(s.Moves) != 1 || s.Moves[0] != "2024-01-07" {
		t.Errorf("off calendar %v, moves %v", s.OffCalendar, s.Moves)
	}
	late, err := published.Sample(rows[1:], math.NaN(), data.NYSE())
	if err != nil || len(late.Sessions) != 2 || late.Sessions[0].Session != "2024-01-06" {
		t.Errorf("from a Saturday: %+v, %v", late.Sessions, err)
	}
	for name, r := range map[string]metrics.EquityCurve{"nothing": nil, "a weekend": rows[1:3]} {
		if _, err := published.Sample(r, math.NaN(), data.NYSE()); err == nil || !strings.Contains(err.Error(), "is a session of NYSE") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := published.Sample(metrics.EquityCurve{{Session: "1950-01-03", Value: 1}}, 100, data.NYSE()); err == nil {
		t.Error("a date the calendar does not know was taken")
	}
}

func TestCheckCurve(t *testing.T) {
	rows := metrics.EquityCurve{{Session: "2024-01-02", Value: 101}, {Session: "2024-01-03", Value: 100}, {Session: "2024-01-04", Value: 103}, {Session: "2024-01-05", Value: 102}}
	s, err := published.Sample(rows, 100, data.NYSE())
	if err != nil {
		t.Fatal(err)
	}
	later := metrics.Returns(rows.Values())
	check := func(figure published.Figure, stated float64) published.Finding {
		t.Helper()
		findings := published.CheckCurve(s, published.Row{Figures: map[published.Figure]float64{figure: stated}}, 0.03, 252, 1e-9)
		if len(findings) != 1 {
			t.Fatalf("%s: %+v", figure, findings)
		}
		return findings[0]
	}
	for _, tt := range []struct {
		figure  published.Figure
		stated  float64
		holds   bool
		reading string
	}{
		{published.CumulativeReturn, 0.02, true, "from before the first session"},
		{published.CumulativeReturn, 0.0099, false, "no reading gives it"},
		{published.AnnualVolatility, metrics.Volatility(later, 252), true, "the first session's return left out"},
		{published.DailyDeviation, metrics.Volatility(later, 1), true, "the first session's return left out"},
		{published.Sharpe, metrics.Sharpe(metrics.Returns([]float64{100, 101, 100, 103, 102}), 0.03, 252), true, "all sessions"},
		{published.Sortino, metrics.SortinoOfLosses(later, 0.03, 252), true, "the first session's return left out, over the deviation of the losing returns"},
		{published.FinalValue, 102, true, "the curve's last value"},
		{published.FinalValue, 101.5, false, "the curve ends -0.50 from it"},
	} {
		f := check(tt.figure, tt.stated)
		if f.Holds != tt.holds || !strings.HasPrefix(f.Reading, tt.reading) {
			t.Errorf("%s %g: %+v", tt.figure, tt.stated, f)
		}
	}
	flat, err := published.Sample(metrics.EquityCurve{{Session: "2024-01-02", Value: 100}, {Session: "2024-01-03", Value: 100}}, 100, data.NYSE())
	if err != nil {
		t.Fatal(err)
	}
	f := published.CheckCurve(flat, published.Row{Figures: map[published.Figure]float64{published.Sharpe: 0}}, 0, 252, 1e-9)
	if len(f) != 1 || f[0].Holds || !math.IsNaN(f[0].Ours) || !strings.Contains(f[0].Reading, "undefined") {
		t.Errorf("Sharpe of a flat curve: %+v", f)
	}
}
