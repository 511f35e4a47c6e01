package protocol

import "finmem/backtest/metrics"

// A CarryTable is the columns of the replication study on 2026 data, for
// positions that are carried and filled at the same close.
type CarryTable struct {
	CumulativeReturn metrics.Figure `json:"cumulativeReturn"` // compounded
	AnnualReturn     metrics.Figure `json:"annualReturn"`     // compounded over 252/n
	AnnualVolatility metrics.Figure `json:"annualVolatility"`
	Sharpe           metrics.Figure `json:"sharpe"`  // no risk-free rate
	Sortino          metrics.Figure `json:"sortino"` // over the sample deviation of the losing returns
	MaxDrawdown      metrics.Figure `json:"maxDrawdown"`
	Alpha            metrics.Figure `json:"alpha"` // per year, intercept · 252
	Beta             metrics.Figure `json:"beta"`  // on one unit long without costs
	Turnover         metrics.Figure `json:"turnover"`
	// ShareLong is the share of decisions after which the position was long,
	// the last session's included where it has one.
	ShareLong metrics.Figure `json:"shareLong"`
}

// NewCarryTable computes the columns from an outcome of [Execute].
func NewCarryTable(o Outcome) CarryTable {
	fit := metrics.Regress(o.Rewards, o.Market, 0, SessionsPerYear)
	long := make([]float64, len(o.Positions))
	for i, p := range o.Positions {
		long[i] = max(p, 0)
	}
	return CarryTable{
		CumulativeReturn: metrics.Figure(metrics.CumulativeReturn(o.Equity())),
		AnnualReturn:     metrics.Figure(metrics.AnnualReturn(o.Rewards, SessionsPerYear)),
		AnnualVolatility: metrics.Figure(metrics.Volatility(o.Rewards, SessionsPerYear)),
		Sharpe:           metrics.Figure(metrics.Sharpe(o.Rewards, 0, SessionsPerYear)),
		Sortino:          metrics.Figure(metrics.SortinoOfLosses(o.Rewards, 0, SessionsPerYear)),
		MaxDrawdown:      metrics.Figure(metrics.MaxDrawdown(o.Equity())),
		Alpha:            metrics.Figure(fit.Alpha),
		Beta:             metrics.Figure(fit.Beta),
		Turnover:         metrics.Figure(o.Turnover()),
		ShareLong:        metrics.Figure(metrics.ExposureTime(long)),
	}
}
