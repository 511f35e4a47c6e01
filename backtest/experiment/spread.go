package experiment

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"finmem/backtest/metrics"
)

// A Spread is one figure over several runs.
type Spread struct {
	// Runs counts the runs in which the figure is defined; only these are in the
	// others.
	Runs int `json:"runs"`
	// Mean and SD, the sample deviation (n-1), are undefined for fewer than two
	// runs: a single run is no mean.
	Mean metrics.Figure `json:"mean"`
	SD   metrics.Figure `json:"sd"`
	Min  metrics.Figure `json:"min"`
	Max  metrics.Figure `json:"max"`
}

// SpreadOf summarises the values of one figure, one per run. Undefined values are
// left out, not counted as 0.
func SpreadOf(values []metrics.Figure) Spread {
	nan := metrics.Figure(math.NaN())
	s := Spread{Mean: nan, SD: nan, Min: nan, Max: nan}
	var defined []float64
	for _, v := range values {
		if !v.Defined() {
			continue
		}
		defined = append(defined, float64(v))
		if s.Runs == 0 || v < s.Min {
			s.Min = v
		}
		if s.Runs == 0 || v > s.Max {
			s.Max = v
		}
		s.Runs++
	}
	if s.Runs < 2 {
		return s
	}
	if s.Min == s.Max {
		s.Mean, s.SD = s.Min, 0 // not what rounding makes of it
		return s
	}
	mean, sd := stat.MeanStdDev(defined, nil)
	s.Mean, s.SD = metrics.Figure(mean), metrics.Figure(sd)
	return s
}
