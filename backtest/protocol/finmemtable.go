package protocol

import (
	"math"

	"finmem/backtest/metrics"
)

// SessionsPerYear is the year of the published tables.
const SessionsPerYear = 252

// A FinMemTable is the columns of the FinMem paper's tables.
type FinMemTable struct {
	// LogReturn is Σ reward. The paper calls it cumulative return and shows it
	// as per cent.
	LogReturn metrics.Figure `json:"logReturn"`
	// Sharpe is (LogReturn/(n/252)) / AnnualVolatility, n being the number of
	// prices, which is one more than there are rewards. No risk-free rate.
	Sharpe metrics.Figure `json:"sharpe"`
	// DailyDeviation is the sample deviation of the rewards.
	DailyDeviation metrics.Figure `json:"dailyDeviation"`
	// AnnualVolatility is DailyDeviation · √252.
	AnnualVolatility metrics.Figure `json:"annualVolatility"`
	// MaxDrawdown is that of the curve that starts at 1 and compounds the
	// rewards as if they were simple returns.
	MaxDrawdown metrics.Figure `json:"maxDrawdown"`
}

// NewFinMemTable computes the paper's columns from an outcome of [LogRewards].
// Undefined without a reward; Sharpe also where the rewards never vary, as for
// an agent that always holds.
func NewFinMemTable(o Outcome) FinMemTable {
	nan := metrics.Figure(math.NaN())
	if len(o.Rewards) == 0 {
		return FinMemTable{nan, nan, nan, nan, nan}
	}
	sum := 0.0
	for _, r := range o.Rewards {
		sum += r
	}
	years := float64(len(o.Rewards)+1) / SessionsPerYear
	t := FinMemTable{
		LogReturn:        metrics.Figure(sum),
		Sharpe:           nan,
		DailyDeviation:   metrics.Figure(metrics.Volatility(o.Rewards, 1)),
		AnnualVolatility: metrics.Figure(metrics.Volatility(o.Rewards, SessionsPerYear)),
		MaxDrawdown:      metrics.Figure(metrics.MaxDrawdown(o.Equity())),
	}
	if t.AnnualVolatility > 0 {
		t.Sharpe = metrics.Figure(sum/years) / t.AnnualVolatility
	}
	return t
}
