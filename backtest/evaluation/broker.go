package evaluation

import (
	"context"
	"fmt"
	"math"

	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/backtest/decisions"
	"finmem/backtest/metrics"
	"finmem/backtest/significance"
	"finmem/data"
)

// scoreBroker walks the window with the engine that backtests use, the decisions
// taking the trader's place.
func (r Request) scoreBroker(ctx context.Context, row *Row, s decisions.Series) (metrics.EquityCurve, error) {
	first, last := r.Prices.Sessions[0], r.Prices.Sessions[len(r.Prices.Sessions)-1]
	sessions, err := r.Market.Calendar.Range(first, last)
	if err != nil {
		return nil, err
	}
	before, err := r.Market.Calendar.Prev(first)
	if err != nil {
		return nil, fmt.Errorf("the session before the window: %w", err)
	}
	feed, err := data.NewFeed(r.Market.Calendar, data.History{Symbol: r.Symbol, Bars: r.Market.History.Bars}, data.FeedOptions{})
	if err != nil {
		return nil, err
	}
	actions, err := r.Market.Calendar.OnSessions(r.Market.History.Actions)
	if err != nil {
		return nil, err
	}
	cfg := backtest.Config{
		Window: backtest.Window{WarmupFrom: first, From: first, To: last},
		Cash:   r.Account.Cash,
		Sim: broker.Sim{
			Costs: broker.Costs{CommissionBps: r.CommissionBps, SlippageBps: r.SlippageBps},
			Lot:   r.Account.Lot, Short: r.Short,
		},
		Sizing:     broker.Sizing{TargetWeight: 1, Short: r.Short},
		Adjustment: r.Market.Adjustment,
		LookBack:   1,
	}
	if err := cfg.Sim.Validate(); err != nil {
		return nil, err
	}
	trader := decisions.NewTrader(row.Name, s, r.Prices.Sessions)
	tape := &tape{}
	book := backtest.NewBook(r.Symbol, feed, actions, trader, cfg)
	if err := backtest.Run(ctx, cfg, sessions, []*backtest.Book{book}, tape, nil); err != nil {
		return nil, err
	}
	result := backtest.Evaluate(r.Symbol, row.Name, before, r.Account.Cash.InexactFloat64(), r.Basis.RiskFree, r.Basis.PeriodsPerYear, tape.records)
	row.Broker = &result
	closed := make([]metrics.Trade, len(result.Closed))
	for i, t := range result.Closed {
		closed[i] = metrics.Trade{Profit: t.PnL.InexactFloat64(), Return: t.Return, Sessions: t.Sessions(sessions)}
	}
	trading := metrics.MeasureTrades(closed)
	row.Trading = &trading
	returns := metrics.Returns(result.Curve.Values())
	row.evidence = significance.Evidence{Returns: returns}
	for _, x := range returns {
		row.evidence.Rewards = append(row.evidence.Rewards, math.Log1p(x))
	}
	return result.Curve, nil
}

// A tape keeps the records of one book in memory.
type tape struct{ records []backtest.Record }

func (t *tape) Commit(_ context.Context, _ data.Session, records []backtest.Record) error {
	t.records = append(t.records, records...)
	return nil
}
