package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/experiment"
	"finmem/backtest/journal"
	"finmem/backtest/metrics"
)

// decisionsOf are the decisions of a run about one symbol.
func decisionsOf(ctx context.Context, dir, symbol string) (actions []agent.Action, err error) {
	j, err := journal.Read(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	records, err := j.Records(ctx, symbol)
	if err != nil {
		return nil, err
	}
	return decidedIn(records), nil
}

// decidedIn are the decisions of records, one per scored session, "" where none
// was reached.
func decidedIn(records []backtest.Record) []agent.Action {
	actions := []agent.Action{}
	for _, r := range records {
		switch {
		case r.Phase != backtest.Test:
		case r.Decision == nil:
			actions = append(actions, "")
		default:
			actions = append(actions, r.Decision.Action)
		}
	}
	return actions
}

// agreementLine says an agreement in words.
func agreementLine(a experiment.Agreement) string {
	if !a.Share.Defined() {
		return "no session on which two runs decided"
	}
	return fmt.Sprintf("two runs decide alike on %s %% of the sessions (mean over all pairs, %s); Fleiss' kappa %s over %s",
		percent(a.Share), count(a.Sessions, "session"), ratio(a.Kappa), count(a.Whole, "session"))
}

// shown is a figure of a result, its name, its unit and how it is written.
type shown struct {
	name, key string
	of        func(backtest.Result) metrics.Figure
	write     func(metrics.Figure) string
}

// shownFigures are those that several results are held against each other by.
func shownFigures() []shown {
	return []shown{
		{"return %", "cumulativeReturn", func(r backtest.Result) metrics.Figure { return r.CumulativeReturn }, percent},
		{"CAGR %", "cagr", func(r backtest.Result) metrics.Figure { return r.CAGR }, percent},
		{"vol %", "volatility", func(r backtest.Result) metrics.Figure { return r.Volatility }, percent},
		{"Sharpe", "sharpe", func(r backtest.Result) metrics.Figure { return r.Sharpe }, ratio},
		{"Sortino", "sortino", func(r backtest.Result) metrics.Figure { return r.Sortino }, ratio},
		{"max DD %", "maxDrawdown", func(r backtest.Result) metrics.Figure { return r.MaxDrawdown }, percent},
		{"exposed %", "exposureTime", func(r backtest.Result) metrics.Figure { return r.ExposureTime }, percent},
		{"turnover/y", "turnover", func(r backtest.Result) metrics.Figure { return r.Turnover }, ratio},
		{"trades", "trades", func(r backtest.Result) metrics.Figure { return metrics.Figure(r.Trades) }, whole},
		{"error days", "errorDays", func(r backtest.Result) metrics.Figure { return metrics.Figure(r.ErrorDays) }, whole},
	}
}

// whole is a count, with a decimal where it is a mean of counts.
func whole(f metrics.Figure) string {
	if f.Defined() && float64(f) == math.Trunc(float64(f)) {
		return fmt.Sprintf("%.0f", float64(f))
	}
	return ratio(f)
}
