package significance

import (
	"math"

	"finmem/backtest/metrics"
)

// Settings are what a [Summary] rests on besides the returns.
type Settings struct {
	Basis     metrics.Basis
	Seed      uint64
	Resamples int
	Level     float64 // of the intervals, such as 0.95
	// Trials is the number of variants that were tried, those not shown
	// included. TrialDeviation is that of their yearly Sharpe ratios; NaN lets
	// the error of the ratio itself stand for it.
	Trials         int
	TrialDeviation float64
}

// Evidence is what one strategy earned, session by session.
type Evidence struct {
	Returns []float64 // simple, after costs
	// Rewards are what the protocol counts, additive: log returns.
	Rewards []float64
	// Benchmark is Rewards of the benchmark on the same sessions, nil for none.
	Benchmark []float64
	// Positions and Earn are for the test by shifting; nil where the protocol
	// has no positions that can be moved.
	Positions []float64
	Earn      func(positions []float64) float64
	// Free are the simple returns without costs, and Traded the units traded,
	// for the break-even cost; nil where there are none.
	Free, Traded []float64
}

// A Summary says how far a result may be luck. Figures that the evidence does
// not allow are null.
type Summary struct {
	Level       float64        `json:"level"`
	Block       float64        `json:"block"` // mean length of a block, sessions
	Resamples   int            `json:"resamples"`
	Seed        uint64         `json:"seed"`
	ReturnLow   metrics.Figure `json:"returnLow"`
	ReturnHigh  metrics.Figure `json:"returnHigh"`
	SharpeLow   metrics.Figure `json:"sharpeLow"`
	SharpeHigh  metrics.Figure `json:"sharpeHigh"`
	Undefined   int            `json:"resamplesWithoutSharpe"`
	PSR         metrics.Figure `json:"probabilisticSharpe"` // against a ratio of 0
	DSR         metrics.Figure `json:"deflatedSharpe"`
	Trials      int            `json:"trials"`
	TrackRecord metrics.Figure `json:"minimumTrackRecord"` // sessions, at the level
	// Wilcoxon is of the rewards against the benchmark's.
	WilcoxonStatistic metrics.Figure `json:"wilcoxonStatistic"`
	WilcoxonP         metrics.Figure `json:"wilcoxonP"`
	WilcoxonPairs     int            `json:"wilcoxonPairs"`
	WilcoxonExact     bool           `json:"wilcoxonExact"`
	ShiftP            metrics.Figure `json:"circularShiftP"`
	BreakEvenBps      metrics.Figure `json:"breakEvenBps"`
	LogReturn         metrics.Figure `json:"logReturn"`
	WithoutBest5      metrics.Figure `json:"logReturnWithoutBest5"`
	WithoutBest10     metrics.Figure `json:"logReturnWithoutBest10"`
	Best5Share        metrics.Figure `json:"best5Share"`
	Best10Share       metrics.Figure `json:"best10Share"`
}

// Summarise runs every test that the evidence allows.
func Summarise(e Evidence, s Settings) Summary {
	nan := metrics.Figure(math.NaN())
	out := Summary{Level: s.Level, Resamples: s.Resamples, Seed: s.Seed, Trials: s.Trials, ShiftP: nan, BreakEvenBps: nan, WilcoxonStatistic: nan, WilcoxonP: nan}

	b := Bootstrap{Resamples: s.Resamples, Seed: s.Seed}
	growth := b.Interval(e.Returns, s.Level, func(r []float64) float64 {
		return metrics.CumulativeReturn(metrics.Compounded(1, r))
	})
	sharpe := b.Interval(e.Returns, s.Level, func(r []float64) float64 {
		return metrics.Sharpe(r, s.Basis.RiskFree, s.Basis.PeriodsPerYear)
	})
	out.Block, out.Undefined = growth.Block, sharpe.Undefined
	out.ReturnLow, out.ReturnHigh = metrics.Figure(growth.Low), metrics.Figure(growth.High)
	out.SharpeLow, out.SharpeHigh = metrics.Figure(sharpe.Low), metrics.Figure(sharpe.High)

	// Excess returns, so that the ratios tested are those shown.
	f := metrics.PeriodRate(s.Basis.RiskFree, s.Basis.PeriodsPerYear)
	excess := make([]float64, len(e.Returns))
	for i, r := range e.Returns {
		excess[i] = r - f
	}
	m := MomentsOf(excess)
	deviation := s.TrialDeviation / math.Sqrt(s.Basis.PeriodsPerYear)
	if math.IsNaN(deviation) {
		deviation = m.Error()
	}
	out.PSR = metrics.Figure(ProbabilisticSharpe(m, 0))
	out.DSR = metrics.Figure(DeflatedSharpe(m, s.Trials, deviation))
	out.TrackRecord = metrics.Figure(MinimumTrackRecord(m, 0, s.Level))

	if e.Benchmark != nil {
		w := Wilcoxon(e.Rewards, e.Benchmark)
		out.WilcoxonStatistic, out.WilcoxonP = metrics.Figure(w.Statistic), metrics.Figure(w.P)
		out.WilcoxonPairs, out.WilcoxonExact = w.Pairs, w.Exact
	}
	if e.Earn != nil {
		out.ShiftP = metrics.Figure(CircularShift(e.Positions, e.Earn))
	}
	if e.Traded != nil {
		out.BreakEvenBps = metrics.Figure(BreakEvenCost(e.Free, e.Traded))
	}
	out.LogReturn = metrics.Figure(WithoutBest(e.Rewards, 0))
	out.WithoutBest5, out.WithoutBest10 = metrics.Figure(WithoutBest(e.Rewards, 5)), metrics.Figure(WithoutBest(e.Rewards, 10))
	out.Best5Share, out.Best10Share = metrics.Figure(BestShare(e.Rewards, 5)), metrics.Figure(BestShare(e.Rewards, 10))
	return out
}
