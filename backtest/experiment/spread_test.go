package experiment_test

import (
	"math"
	"testing"

	"finmem/backtest/experiment"
	"finmem/backtest/metrics"
)

func TestSpread(t *testing.T) {
	nan := metrics.Figure(math.NaN())
	for _, tt := range []struct {
		name   string
		values []metrics.Figure
		want   experiment.Spread
	}{
		{"three runs", []metrics.Figure{0.1, -0.2, 0.4}, experiment.Spread{Runs: 3, Mean: 0.1, SD: 0.3, Min: -0.2, Max: 0.4}},
		{"an undefined figure is not zero", []metrics.Figure{1, nan, 3}, experiment.Spread{Runs: 2, Mean: 2, SD: math.Sqrt2, Min: 1, Max: 3}},
		{"all the same", []metrics.Figure{0.1, 0.1, 0.1}, experiment.Spread{Runs: 3, Mean: 0.1, SD: 0, Min: 0.1, Max: 0.1}},
		{"a single run is no mean", []metrics.Figure{0.1}, experiment.Spread{Runs: 1, Mean: nan, SD: nan, Min: 0.1, Max: 0.1}},
		{"one of two defined is no mean", []metrics.Figure{nan, 0.1}, experiment.Spread{Runs: 1, Mean: nan, SD: nan, Min: 0.1, Max: 0.1}},
		{"none", nil, experiment.Spread{Mean: nan, SD: nan, Min: nan, Max: nan}},
	} {
		got := experiment.SpreadOf(tt.values)
		if got.Runs != tt.want.Runs || !near(float64(got.Mean), float64(tt.want.Mean)) || !near(float64(got.SD), float64(tt.want.SD)) ||
			!near(float64(got.Min), float64(tt.want.Min)) || !near(float64(got.Max), float64(tt.want.Max)) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
