package backtest

import (
	"math"

	"finmem/agent"
	"finmem/backtest/broker"
	"finmem/backtest/metrics"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// sessionsPerYear turns daily figures into yearly ones: US stocks trade on about
// 252 days, markets that never close on 365.
const (
	sessionsPerYear     = 252
	sessionsPerYearOpen = 365
)

// PeriodsPerYear is how many sessions the calendar has in a year.
func PeriodsPerYear(calendar string) float64 {
	if calendar == "24/7" {
		return sessionsPerYearOpen
	}
	return sessionsPerYear
}

// A Result is the scored part of one trader's run on one symbol. The figures
// are those of docs/metrics.md; an undefined one is null.
type Result struct {
	Symbol string `json:"symbol"`
	Trader string `json:"trader"`

	Sessions      int          `json:"sessions"` // scored
	FirstSession  data.Session `json:"firstSession"`
	LastSession   data.Session `json:"lastSession"`
	StaleSessions int          `json:"staleSessions"` // without a price; equity carried

	InitialEquity    float64        `json:"initialEquity"`
	FinalEquity      float64        `json:"finalEquity"`
	CumulativeReturn metrics.Figure `json:"cumulativeReturn"`
	CAGR             metrics.Figure `json:"cagr"`
	Volatility       metrics.Figure `json:"volatility"`
	Sharpe           metrics.Figure `json:"sharpe"`
	Sortino          metrics.Figure `json:"sortino"`
	Calmar           metrics.Figure `json:"calmar"`
	MaxDrawdown      metrics.Figure `json:"maxDrawdown"`
	// The deepest drawdown's dates, "" where there was none; Recovery is also ""
	// where it is not over.
	DrawdownStart    data.Session   `json:"drawdownStart"`
	DrawdownTrough   data.Session   `json:"drawdownTrough"`
	DrawdownRecovery data.Session   `json:"drawdownRecovery"`
	ExposureTime     metrics.Figure `json:"exposureTime"`
	AverageExposure  metrics.Figure `json:"averageExposure"`
	Turnover         metrics.Figure `json:"turnover"`

	Trades     int            `json:"trades"` // closed round trips
	OpenTrades int            `json:"openTrades"`
	WinRate    metrics.Figure `json:"winRate"`

	Buys      int `json:"buys"`
	Sells     int `json:"sells"`
	Holds     int `json:"holds"`
	ErrorDays int `json:"errorDays"`

	Fills    int     `json:"fills"`
	Clamped  int     `json:"clampedOrders"`
	Rejected int     `json:"rejectedOrders"`
	Fees     float64 `json:"fees"`
	Slippage float64 `json:"slippage"`

	// PriceReturn is the last close over the first in the scored window: buying
	// and holding seen from close to close, without costs or cash.
	PriceReturn metrics.Figure `json:"priceReturn"`

	Curve  metrics.EquityCurve `json:"-"`
	Closed []portfolio.Trade   `json:"-"`
	Open   *portfolio.Trade    `json:"-"`
}

// Evaluate scores the records of one trader on one symbol. before is the session
// before the test window, at whose close the account held initial; records of
// the warm-up are passed over.
func Evaluate(symbol, trader string, before data.Session, initial float64, riskFree, periodsPerYear float64, records []Record) Result {
	r := Result{Symbol: symbol, Trader: trader, InitialEquity: initial, FinalEquity: initial,
		Curve: metrics.EquityCurve{{Session: before, Value: initial}}}
	var positions, exposures, traded []float64
	var fills []broker.Fill
	var adjustments []portfolio.Adjustment
	var sessions []data.Session
	first, last := math.NaN(), math.NaN()
	for _, rec := range records {
		if rec.Phase != Test {
			continue
		}
		r.Sessions++
		sessions = append(sessions, rec.Session)
		adjustments = append(adjustments, rec.Adjustments...)
		if r.FirstSession == "" {
			r.FirstSession = rec.Session
		}
		r.LastSession = rec.Session
		if rec.HasBar {
			if math.IsNaN(first) {
				first = rec.Close
			}
			last = rec.Close
		} else {
			r.StaleSessions++
		}
		r.Curve = append(r.Curve, metrics.Point{Session: rec.Session, Value: rec.Account.Equity})
		positions = append(positions, rec.Account.Shares)
		exposures = append(exposures, rec.Account.Shares*rec.Close/rec.Account.Equity)
		traded = append(traded, r.settle(rec.Settled, &fills))
		r.count(rec)
	}
	equity := r.Curve.Values()
	returns := metrics.Returns(equity)
	r.FinalEquity = equity[len(equity)-1]
	r.CumulativeReturn = metrics.Figure(metrics.CumulativeReturn(equity))
	r.CAGR = metrics.Figure(metrics.CAGR(r.Curve))
	r.Volatility = metrics.Figure(metrics.Volatility(returns, periodsPerYear))
	r.Sharpe = metrics.Figure(metrics.Sharpe(returns, riskFree, periodsPerYear))
	r.Sortino = metrics.Figure(metrics.Sortino(returns, riskFree, periodsPerYear))
	r.MaxDrawdown = metrics.Figure(metrics.MaxDrawdown(equity))
	r.Calmar = metrics.Figure(metrics.Calmar(float64(r.CAGR), float64(r.MaxDrawdown)))
	if d, ok := metrics.DeepestDrawdown(r.Curve); ok {
		r.DrawdownStart, r.DrawdownTrough, r.DrawdownRecovery = d.Start, d.Trough, d.Recovery
	}
	r.ExposureTime = metrics.Figure(metrics.ExposureTime(positions))
	r.AverageExposure = metrics.Figure(metrics.AverageExposure(exposures))
	r.Turnover = metrics.Figure(metrics.Turnover(traded, equity[1:], periodsPerYear))
	r.PriceReturn = metrics.Figure(last/first - 1)

	r.Closed, r.Open = portfolio.Trades(fills, adjustments...)
	r.Trades = len(r.Closed)
	if r.Open != nil {
		r.OpenTrades = 1
	}
	outcomes := make([]metrics.Trade, len(r.Closed))
	for i, t := range r.Closed {
		outcomes[i] = metrics.Trade{Profit: t.PnL.InexactFloat64(), Return: t.Return, Sessions: t.Sessions(sessions)}
	}
	r.WinRate = metrics.Figure(metrics.WinRate(outcomes))
	return r
}

// settle books an order's end and returns the value that was traded.
func (r *Result) settle(s *Settlement, fills *[]broker.Fill) float64 {
	switch {
	case s == nil:
		return 0
	case s.Fill == nil:
		r.Rejected++
		return 0
	case s.Clamped:
		r.Clamped++
	}
	r.Fills++
	r.Fees += s.Fill.Fee.InexactFloat64()
	r.Slippage += s.Fill.Slippage.InexactFloat64()
	*fills = append(*fills, *s.Fill)
	return s.Fill.Value().InexactFloat64()
}

func (r *Result) count(rec Record) {
	if rec.Status == StatusError {
		r.ErrorDays++
	}
	if rec.Decision == nil {
		return
	}
	switch rec.Decision.Action {
	case agent.Buy:
		r.Buys++
	case agent.Sell:
		r.Sells++
	case agent.Hold:
		r.Holds++
	}
}
