package backtest

import (
	"fmt"
	"math"

	"finmem/backtest/metrics"
	"finmem/backtest/significance"
)

// The settings of every assessment. 2,000 resamples put an end of a 95 %
// interval where 50 of them lie beyond it.
const (
	resamples       = 2000
	confidenceLevel = 0.95
)

// Assess sets r.Significance to how far the result may be luck, against a
// benchmark scored on the same sessions. seed is that of the resampling;
// variants counts every configuration that was tried before this one was shown,
// this one included.
//
//   - Intervals, Sharpe ratios and their errors are of the returns after costs.
//   - The test against the benchmark and the share of the best days are of the
//     daily log returns.
//   - The test by shifting moves the exposures at each close along the sessions
//     and lets them earn [Step].Market, without costs: a shift trades as much,
//     and would pay as much.
//   - The break-even cost takes the costs paid out of the returns and leaves the
//     shares as they were.
func (r *Result) Assess(benchmark Result, seed uint64, variants int) error {
	if variants < 1 {
		return fmt.Errorf("%d variants tried: want at least 1, the one that is shown", variants)
	}
	if err := r.sameSessions(benchmark); err != nil {
		return err
	}
	e := significance.Evidence{
		Returns:   metrics.Returns(r.Curve.Values()),
		Rewards:   metrics.LogReturns(r.Curve.Values()),
		Benchmark: metrics.LogReturns(benchmark.Curve.Values()),
		Positions: make([]float64, len(r.Steps)),
		Free:      make([]float64, len(r.Steps)),
		Traded:    make([]float64, len(r.Steps)),
	}
	for i, s := range r.Steps {
		e.Positions[i], e.Free[i], e.Traded[i] = s.Exposure, e.Returns[i]+s.Cost, s.Traded
	}
	e.Earn = func(positions []float64) float64 {
		growth := 1.0
		for i, p := range positions {
			growth *= 1 + float64(p*r.Steps[i].Market)
		}
		return growth - 1
	}
	s := significance.Summarise(e, significance.Settings{Basis: r.Basis, Seed: seed, Resamples: resamples,
		Level: confidenceLevel, Trials: variants, TrialDeviation: math.NaN()})
	r.Significance = &s
	return nil
}
