package backtest

import (
	"cmp"
	"math"
	"slices"

	"finmem/agent"
	"finmem/backtest/broker"
	"finmem/backtest/metrics"
	"finmem/backtest/portfolio"
	"finmem/backtest/significance"
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

// deepest is how many drawdowns a result lists.
const deepest = 5

// A Result is the scored part of one trader's run on one symbol. The figures
// are those of docs/metrics.md; an undefined one is null.
type Result struct {
	Symbol string `json:"symbol"`
	Trader string `json:"trader"`

	FirstSession  data.Session `json:"firstSession"`
	LastSession   data.Session `json:"lastSession"`
	StaleSessions int          `json:"staleSessions"` // without a price; equity carried

	InitialEquity float64 `json:"initialEquity"`
	FinalEquity   float64 `json:"finalEquity"`
	// Performance is that of Curve; of its drawdowns the deepest, the deepest
	// first.
	metrics.Performance
	// The deepest drawdown's dates, "" where there was none; Recovery is also ""
	// where it is not over.
	DrawdownStart    data.Session   `json:"drawdownStart"`
	DrawdownTrough   data.Session   `json:"drawdownTrough"`
	DrawdownRecovery data.Session   `json:"drawdownRecovery"`
	ExposureTime     metrics.Figure `json:"exposureTime"`
	AverageExposure  metrics.Figure `json:"averageExposure"`
	Turnover         metrics.Figure `json:"turnover"`

	// TradeSummary is of the closed round trips.
	metrics.TradeSummary
	OpenTrades int `json:"openTrades"`

	Buys      int `json:"buys"`
	Sells     int `json:"sells"`
	Holds     int `json:"holds"`
	ErrorDays int `json:"errorDays"`

	Fills    int `json:"fills"`
	Clamped  int `json:"clampedOrders"`
	Rejected int `json:"rejectedOrders"`
	// Ruined is the first session at whose close the account was worth nothing or
	// less, "" where it never was. A broker would have closed it; what follows
	// is arithmetic.
	Ruined data.Session `json:"ruined"`
	// Limited counts, by the limit's name, the sessions on which it changed what
	// was wished for.
	Limited map[string]int `json:"limitedSessions"`

	Fees     float64 `json:"fees"`
	Slippage float64 `json:"slippage"`

	// PriceReturn is the last close over the first in the scored window: buying
	// and holding seen from close to close, without costs, dividends or cash.
	PriceReturn metrics.Figure `json:"priceReturn"`

	// Relative is set by [Result.CompareWith], Significance by [Result.Assess].
	Relative     *Comparison           `json:"relative"`
	Significance *significance.Summary `json:"significance"`

	Basis  metrics.Basis       `json:"-"` // of the yearly figures
	Curve  metrics.EquityCurve `json:"-"`
	Steps  []Step              `json:"-"`
	Closed []portfolio.Trade   `json:"-"`
	Open   *portfolio.Trade    `json:"-"`
}

// A Step is what one scored session adds to a result.
type Step struct {
	Session data.Session
	// Exposure is the value of the position over equity at the close; negative
	// for a short one. The session's order has been filled by then.
	Exposure float64
	// Market is what a share gained from the price at which this session's order
	// filled, or would have, to that of the next session; on the last session to
	// its close. Dividends are not in it.
	Market float64
	// Traded is the value bought or sold, and Cost the fee and slippage paid,
	// over equity at the close before.
	Traded, Cost float64
}

// Evaluate scores the records of one trader on one symbol. before is the session
// before the test window, at whose close the account held initial; records of
// the warm-up are passed over.
func Evaluate(symbol, trader string, before data.Session, initial float64, riskFree, periodsPerYear float64, records []Record) Result {
	r := Result{Symbol: symbol, Trader: trader, InitialEquity: initial, Limited: map[string]int{},
		Basis: metrics.Basis{RiskFree: riskFree, PeriodsPerYear: periodsPerYear},
		Curve: metrics.EquityCurve{{Session: before, Value: initial}}}
	var positions, exposures, traded []float64
	var fills []broker.Fill
	var adjustments []portfolio.Adjustment
	first, last := math.NaN(), math.NaN()
	var at, close float64 // the last session's price to fill at, and its close
	for _, rec := range records {
		if rec.Phase != Test {
			continue
		}
		adjustments = append(adjustments, rec.Adjustments...)
		if r.FirstSession == "" {
			r.FirstSession = rec.Session
		}
		r.LastSession = rec.Session
		if rec.Split != 0 {
			first, last, at = first/rec.Split, last/rec.Split, at/rec.Split
		}
		if rec.HasBar {
			if math.IsNaN(first) {
				first = rec.Close
			}
			last = rec.Close
		} else {
			r.StaleSessions++
		}
		equity := r.Curve[len(r.Curve)-1].Value
		value, cost := r.settle(rec.Settled, &fills)
		step := Step{Session: rec.Session, Exposure: rec.Account.Shares * rec.Close / rec.Account.Equity,
			Traded: value / equity, Cost: cost / equity}
		if n := len(r.Steps); n > 0 {
			r.Steps[n-1].Market = move(at, rec.fillPrice())
		}
		at, close = rec.fillPrice(), rec.Close
		r.Steps = append(r.Steps, step)
		if r.Ruined == "" && rec.Account.Equity <= 0 {
			r.Ruined = rec.Session
		}
		r.Curve = append(r.Curve, metrics.Point{Session: rec.Session, Value: rec.Account.Equity})
		positions = append(positions, rec.Account.Shares)
		exposures = append(exposures, step.Exposure)
		traded = append(traded, value)
		r.count(rec)
	}
	if n := len(r.Steps); n > 0 {
		r.Steps[n-1].Market = move(at, close)
	}
	r.Performance = metrics.Measure(r.Curve, r.Basis)
	equity := r.Curve.Values()
	r.FinalEquity = equity[len(equity)-1]
	if d, ok := metrics.DeepestDrawdown(r.Curve); ok {
		r.DrawdownStart, r.DrawdownTrough, r.DrawdownRecovery = d.Start, d.Trough, d.Recovery
	}
	slices.SortStableFunc(r.Drawdowns, func(a, b metrics.Drawdown) int { return cmp.Compare(b.Depth, a.Depth) })
	r.Drawdowns = r.Drawdowns[:min(len(r.Drawdowns), deepest)]
	r.ExposureTime = metrics.Figure(metrics.ExposureTime(positions))
	r.AverageExposure = metrics.Figure(metrics.AverageExposure(exposures))
	r.Turnover = metrics.Figure(metrics.Turnover(traded, equity[1:], periodsPerYear))
	r.PriceReturn = metrics.Figure(last/first - 1)
	r.trade(fills, adjustments)
	return r
}

// move is the simple return from a price to another, 0 before there are prices.
func move(from, to float64) float64 {
	if !(from > 0) {
		return 0
	}
	return to/from - 1
}

// settle books an order's end and returns the value that was traded and what
// that cost.
func (r *Result) settle(s *Settlement, fills *[]broker.Fill) (value, cost float64) {
	switch {
	case s == nil:
		return 0, 0
	case s.Fill == nil:
		r.Rejected++
		return 0, 0
	case s.Clamped:
		r.Clamped++
	}
	fee, slippage := s.Fill.Fee.InexactFloat64(), s.Fill.Slippage.InexactFloat64()
	r.Fills++
	r.Fees += fee
	r.Slippage += slippage
	*fills = append(*fills, *s.Fill)
	return s.Fill.Value().InexactFloat64(), fee + slippage
}

// trade gathers the fills into round trips.
func (r *Result) trade(fills []broker.Fill, adjustments []portfolio.Adjustment) {
	r.Closed, r.Open = portfolio.Trades(fills, adjustments...)
	if r.Open != nil {
		r.OpenTrades = 1
	}
	outcomes := make([]metrics.Trade, len(r.Closed))
	for i, t := range r.Closed {
		outcomes[i] = metrics.Trade{Profit: t.PnL.InexactFloat64(), Return: t.Return, Sessions: t.Sessions(r.Curve.Sessions())}
	}
	r.TradeSummary = metrics.MeasureTrades(outcomes)
}

func (r *Result) count(rec Record) {
	if rec.Status == StatusError {
		r.ErrorDays++
	}
	for _, l := range rec.Limited {
		r.Limited[l.Limit]++
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
