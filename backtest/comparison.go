package backtest

import (
	"fmt"
	"slices"

	"finmem/backtest/metrics"
)

// A Comparison holds a result against that of a benchmark, session by session.
type Comparison struct {
	Benchmark string `json:"benchmark"` // its trader
	// ExcessReturn is the cumulative return less the benchmark's.
	ExcessReturn metrics.Figure `json:"excessReturn"`
	metrics.Relative
}

// CompareWith sets r.Relative to how r did against a benchmark. Both must be
// scored on the same sessions: figures of different windows do not compare.
func (r *Result) CompareWith(benchmark Result) error {
	if err := r.sameSessions(benchmark); err != nil {
		return err
	}
	returns, market := metrics.Returns(r.Curve.Values()), metrics.Returns(benchmark.Curve.Values())
	r.Relative = &Comparison{
		Benchmark:    benchmark.Trader,
		ExcessReturn: r.CumulativeReturn - benchmark.CumulativeReturn,
		Relative:     metrics.Compare(returns, market, r.Basis),
	}
	return nil
}

// sameSessions refuses a benchmark that was scored on other sessions. A result
// read back from JSON has no curve to compare.
func (r *Result) sameSessions(benchmark Result) error {
	own, other := r.Curve.Sessions(), benchmark.Curve.Sessions()
	switch {
	case len(own) == 0 || len(other) == 0:
		return fmt.Errorf("comparing %s of %s with %s: a curve is missing", r.Trader, r.Symbol, benchmark.Trader)
	case !slices.Equal(own, other):
		return fmt.Errorf("comparing %s of %s, scored on %d sessions from %s to %s, with %s, scored on %d from %s to %s: want the same sessions",
			r.Trader, r.Symbol, len(own), own[0], own[len(own)-1], benchmark.Trader, len(other), other[0], other[len(other)-1])
	}
	return nil
}
