package backtest

import (
	"context"
	"math"

	"finmem/backtest/broker"
	"finmem/data"
)

// An Executor says what became of orders. It is asked once a session for each
// book's open order, also on sessions without a price. Books ask at the same
// time.
type Executor interface {
	// Settle reports an order's end by the time that day's decision is taken.
	// Where ended is false the order stays open and is asked for again in the
	// next session. h is what the account holds.
	Settle(ctx context.Context, o broker.Order, day data.Day, h broker.Holdings) (result broker.Result, ended bool, err error)
}

// bySim fills orders at the day's own prices. A session without a price fills
// nothing: the order waits for the next one that has one.
type bySim struct{ broker.Sim }

func (e bySim) Settle(_ context.Context, o broker.Order, day data.Day, h broker.Holdings) (broker.Result, bool, error) {
	if !day.HasBar {
		return broker.Result{}, false, nil
	}
	result, err := e.Fill(o, day.Bar, h)
	return result, err == nil, err
}

// executor is the one that cfg asks for.
func (cfg Config) executor() Executor {
	if cfg.Executor != nil {
		return cfg.Executor
	}
	return bySim{cfg.Sim}
}

// A Gate has the last word on an order once it has been sized: it lets it pass,
// makes it smaller, or refuses it. What it changed it says as [Limited], with the
// weight of the position that the order was for and the one that it allows. Books
// ask at the same time, unless Config.Parallel is 1: then in their order.
type Gate interface {
	Pass(p Proposal) (o broker.Order, ok bool, changes []Limited)
}

// A Proposal is an order that is about to be recorded.
type Proposal struct {
	Order broker.Order
	// Close is the last close seen, by which the order was sized, and Equity the
	// account's at that price.
	Close, Equity float64
	Holdings      broker.Holdings
	Lot           broker.Decimal // zero for one share
}

// Weight is what a position of shares is of the account's equity: as
// [Standing.Weight] has it, the largest number there is, with the sign of shares,
// where equity is not above zero. It goes into the record, which holds no NaN.
func (p Proposal) Weight(shares broker.Decimal) float64 {
	switch {
	case shares.IsZero():
		return 0
	case p.Equity <= 0:
		return math.Copysign(math.MaxFloat64, shares.InexactFloat64())
	}
	return shares.InexactFloat64() * p.Close / p.Equity
}

// After is the position once the order has filled.
func (p Proposal) After() broker.Decimal {
	if p.Order.Side == broker.Sell {
		return p.Holdings.Shares().Sub(p.Order.Shares)
	}
	return p.Holdings.Shares().Add(p.Order.Shares)
}
