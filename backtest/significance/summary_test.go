package significance_test

import (
	"encoding/json"
	"math"
	"testing"

	"finmem/backtest/metrics"
	"finmem/backtest/significance"
)

// Every figure of a Summary is that of the test it is named for.
func TestSummarise(t *testing.T) {
	returns := normal(9, 60, 0.002, 0.02)
	logs := make([]float64, len(returns))
	for i, r := range returns {
		logs[i] = math.Log1p(r)
	}
	market := normal(10, 60, 0, 0.02)
	traded := make([]float64, len(returns))
	traded[0], traded[30] = 1, 2
	positions := make([]float64, len(returns))
	positions[3] = 1
	earn := func(p []float64) float64 { return p[3] }
	settings := significance.Settings{
		Basis: metrics.Basis{RiskFree: 0.02, PeriodsPerYear: 252}, Seed: 4, Resamples: 200, Level: 0.9, Trials: 7, TrialDeviation: 0.8,
	}
	got := significance.Summarise(significance.Evidence{
		Returns: returns, Rewards: logs, Benchmark: market, Positions: positions, Earn: earn, Free: returns, Traded: traded,
	}, settings)

	excess := make([]float64, len(returns))
	for i, r := range returns {
		excess[i] = r - metrics.PeriodRate(0.02, 252)
	}
	m := significance.MomentsOf(excess)
	growth := significance.Bootstrap{Resamples: 200, Seed: 4}.Interval(returns, 0.9, func(r []float64) float64 {
		return metrics.CumulativeReturn(metrics.Compounded(1, r))
	})
	w := significance.Wilcoxon(logs, market)
	for name, pair := range map[string][2]float64{
		"low":      {float64(got.ReturnLow), growth.Low},
		"high":     {float64(got.ReturnHigh), growth.High},
		"psr":      {float64(got.PSR), significance.ProbabilisticSharpe(m, 0)},
		"dsr":      {float64(got.DSR), significance.DeflatedSharpe(m, 7, 0.8/math.Sqrt(252))},
		"record":   {float64(got.TrackRecord), significance.MinimumTrackRecord(m, 0, 0.9)},
		"wilcoxon": {float64(got.WilcoxonP), w.P},
		"shift":    {float64(got.ShiftP), 1.0 / 60},
		"cost":     {float64(got.BreakEvenBps), significance.BreakEvenCost(returns, traded)},
		"best 5":   {float64(got.Best5Share), significance.BestShare(logs, 5)},
		"best 10":  {float64(got.WithoutBest10), significance.WithoutBest(logs, 10)},
	} {
		if math.IsNaN(pair[0]) != math.IsNaN(pair[1]) || math.Abs(pair[0]-pair[1]) > 0 {
			t.Errorf("%s = %g, want %g", name, pair[0], pair[1])
		}
	}
	if !(got.SharpeLow < got.SharpeHigh) {
		t.Errorf("Sharpe from %v to %v", got.SharpeLow, got.SharpeHigh)
	}
	settings.TrialDeviation = math.NaN()
	own := significance.Summarise(significance.Evidence{Returns: returns, Rewards: logs}, settings)
	if want := significance.DeflatedSharpe(m, 7, m.Error()); float64(own.DSR) != want {
		t.Errorf("deflated by its own error: %v, want %g", own.DSR, want)
	}
	if own.ShiftP.Defined() || own.WilcoxonP.Defined() || own.BreakEvenBps.Defined() {
		t.Errorf("tests without evidence: %+v", own)
	}
}

func TestSummariseNothing(t *testing.T) {
	got := significance.Summarise(significance.Evidence{}, significance.Settings{Basis: metrics.Basis{PeriodsPerYear: 252}, Resamples: 10, Level: 0.95, Trials: 1, TrialDeviation: math.NaN()})
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
	for name, f := range map[string]metrics.Figure{"return": got.ReturnLow, "Sharpe": got.SharpeHigh, "PSR": got.PSR, "DSR": got.DSR, "best": got.Best5Share, "log": got.LogReturn} {
		if f.Defined() {
			t.Errorf("%s of nothing is %v", name, f)
		}
	}
}
