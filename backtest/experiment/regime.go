package experiment

import (
	"fmt"
	"math"
	"time"

	"finmem/backtest/metrics"
	"finmem/data"
)

// A Regime is what the market did over a stretch of sessions.
type Regime string

const (
	Up   Regime = "up"
	Side Regime = "side"
	Down Regime = "down"
)

// A Rule tells regimes apart by the benchmark's return m over the n sessions of a
// stretch:
//
//	up    m >  Move·√(n/Sessions)
//	down  m < -Move·√(n/Sessions)
//	side  otherwise
//
// Move is the threshold for a stretch of so many Sessions. It grows with the root
// of the length because that is how fast returns that do not depend on each other
// spread: without it every long stretch would be up or down and every short one
// side.
type Rule struct {
	Move     float64 `json:"move"` // a fraction, at least 0
	Sessions int     `json:"sessions"`
}

// DefaultRule is 5 % over 63 sessions, which is a quarter of a year: 2.8 % over a
// month of 20 sessions, 10 % over a year of 252.
func DefaultRule() Rule { return Rule{Move: 0.05, Sessions: 63} }

// Validate refuses thresholds without meaning.
func (r Rule) Validate() error {
	if !(r.Move >= 0) || math.IsInf(r.Move, 0) || r.Sessions < 1 {
		return fmt.Errorf("a regime threshold of %v over %d sessions: want a fraction of 0 or more, over 1 session or more", r.Move, r.Sessions)
	}
	return nil
}

// Threshold is the move above which a stretch of n sessions is up.
func (r Rule) Threshold(n int) float64 { return r.Move * math.Sqrt(float64(n)/float64(r.Sessions)) }

// Of is the regime of a stretch of n sessions over which the benchmark moved by
// move; "" where that is not known.
func (r Rule) Of(move float64, n int) Regime {
	switch threshold := r.Threshold(n); {
	case math.IsNaN(move):
		return ""
	case move > threshold:
		return Up
	case move < -threshold:
		return Down
	}
	return Side
}

// A Span names the sessions with the indices [From, To) of a series.
type Span struct {
	Name     string
	From, To int
}

// Quarters cuts sessions, which are in order, at the ends of calendar quarters.
// They are called 2024Q1 and so on; the first and last need not be whole.
func Quarters(sessions []data.Session) []Span {
	var spans []Span
	for i, s := range sessions {
		date := s.In(time.UTC)
		name := fmt.Sprintf("%04dQ%d", date.Year(), (int(date.Month())+2)/3)
		if n := len(spans); n > 0 && spans[n-1].Name == name {
			spans[n-1].To = i + 1
			continue
		}
		spans = append(spans, Span{name, i, i + 1})
	}
	return spans
}

// A Stretch is a span with its regime.
type Stretch struct {
	Span   Span
	Move   float64 // of the benchmark, simple; NaN if one of its returns is
	Regime Regime
}

// Classify finds the regime of each span from the benchmark's simple returns,
// one per session.
func (r Rule) Classify(spans []Span, benchmark []float64) []Stretch {
	stretches := make([]Stretch, len(spans))
	for i, s := range spans {
		move := growth(benchmark[s.From:s.To])
		stretches[i] = Stretch{Span: s, Move: move, Regime: r.Of(move, s.To-s.From)}
	}
	return stretches
}

// A RegimeRow is what a trader earned in the stretches of one regime, put one
// after the other.
type RegimeRow struct {
	Regime    Regime `json:"regime"`
	Stretches int    `json:"stretches"`
	// Ahead counts the stretches in which the trader returned more than the
	// benchmark.
	Ahead            int            `json:"ahead"`
	Sessions         int            `json:"sessions"`
	CumulativeReturn metrics.Figure `json:"cumulativeReturn"`
	Benchmark        metrics.Figure `json:"benchmark"` // its return over the same sessions
	Volatility       metrics.Figure `json:"volatility"`
	Sharpe           metrics.Figure `json:"sharpe"`
}

// ByRegime splits a trader's simple returns, one per session, by the regimes of
// stretches. It gives a row for up, side and down each, of undefined figures for
// a regime that did not occur. Stretches without a regime count nowhere.
//
// The sessions of a row need not follow each other, so it has no drawdown.
func ByRegime(stretches []Stretch, returns, benchmark []float64, b metrics.Basis) []RegimeRow {
	var rows []RegimeRow
	for _, regime := range []Regime{Up, Side, Down} {
		row := RegimeRow{Regime: regime}
		var own, market []float64
		for _, s := range stretches {
			if s.Regime != regime {
				continue
			}
			row.Stretches++
			r := returns[s.Span.From:s.Span.To]
			if growth(r) > s.Move {
				row.Ahead++
			}
			own, market = append(own, r...), append(market, benchmark[s.Span.From:s.Span.To]...)
		}
		row.Sessions = len(own)
		row.CumulativeReturn, row.Benchmark = metrics.Figure(growth(own)), metrics.Figure(growth(market))
		row.Volatility = metrics.Figure(metrics.Volatility(own, b.PeriodsPerYear))
		row.Sharpe = metrics.Figure(metrics.Sharpe(own, b.RiskFree, b.PeriodsPerYear))
		rows = append(rows, row)
	}
	return rows
}

// growth is the simple return of returns in a row, NaN for none.
func growth(returns []float64) float64 {
	return metrics.CumulativeReturn(metrics.Compounded(1, returns))
}
