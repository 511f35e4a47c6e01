package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"finmem/agent/cost"
	"finmem/backtest"
	"finmem/backtest/journal"
	"finmem/data"
)

// budgetFlags say what a run may cost. They decide no result: a run that was
// stopped goes on with others.
type budgetFlags struct {
	limits cost.Limits
	prices string
	dryRun bool
}

func (f *budgetFlags) add(cmd *cobra.Command) {
	f.addTotals(cmd, "session")
	cmd.Flags().IntVar(&f.limits.TokensPerDay, "max-tokens-per-day", 0, "stop after a session that took more tokens; 0 for no limit")
}

// addTotals adds the flags that are about a run as a whole, which does one unit after
// the other.
func (f *budgetFlags) addTotals(cmd *cobra.Command, unit string) {
	fl := cmd.Flags()
	fl.Float64Var(&f.limits.USD, "max-usd", 0, "stop before a "+unit+" that might bring the run's cost above this; 0 for no limit")
	fl.IntVar(&f.limits.Tokens, "max-tokens", 0, "stop before a "+unit+" that might bring the run above so many tokens; 0 for no limit")
	fl.StringVar(&f.prices, "prices", "", "`file` of prices that lie over the built-in ones; finmem config prices prints those")
	fl.BoolVar(&f.dryRun, "dry-run", false, "show what would be run, what it might cost, and the first prompt; call no model")
}

// table is the built-in prices with the user's own over them.
func (f *budgetFlags) table() (cost.Table, error) {
	if f.prices == "" {
		return cost.Default(), nil
	}
	text, err := os.ReadFile(f.prices)
	if err != nil {
		return cost.Table{}, fmt.Errorf("reading the prices: %w", err)
	}
	own, err := cost.Parse(string(text), f.prices)
	if err != nil {
		return cost.Table{}, usagef(nil, "%v", err)
	}
	return own.Over(cost.Default()), nil
}

// A spending follows what a run costs, and stops it in time.
type spending struct {
	rates    cost.Rates
	budget   *cost.Budget
	counters map[string]*tokenCounter
	total    cost.Tally
}

// spending begins to follow a run with a model and an embedder of these names.
func (f *budgetFlags) spending(model, embedder string) (*spending, error) {
	table, err := f.table()
	if err != nil {
		return nil, err
	}
	s := &spending{rates: table.RatesOf(model, embedder), counters: map[string]*tokenCounter{}}
	if s.budget, err = cost.NewBudget(f.limits, s.rates); err != nil {
		if verr := f.limits.Validate(); verr == nil {
			return nil, hinted{usagef(nil, "--max-usd needs the prices of %s and %s", model, embedder), "give what is missing in a file to --prices, or use --max-tokens"}
		}
		return nil, usagef(nil, "%v", err)
	}
	return s, nil
}

// session takes in a session that is recorded.
func (s *spending) session(session data.Session, records []backtest.Record) {
	var t cost.Tally
	for _, r := range records {
		c := s.counters[r.Symbol]
		if c == nil {
			c = &tokenCounter{}
			s.counters[r.Symbol] = c
		}
		t = t.Plus(c.count(r))
	}
	s.total = s.total.Plus(t)
	s.budget.Spend(string(session), t)
}

// resume takes in the sessions that a run has behind it.
func (s *spending) resume(ctx context.Context, j *journal.Journal, symbols []string) error {
	var bySymbol [][]backtest.Record
	for _, symbol := range symbols {
		records, err := recordsWithMemory(ctx, j, symbol)
		if err != nil {
			return err
		}
		bySymbol = append(bySymbol, records)
	}
	for i := range bySymbol[0] {
		records := make([]backtest.Record, len(symbols))
		for k := range symbols {
			records[k] = bySymbol[k][i]
		}
		s.session(records[0].Session, records)
	}
	return nil
}

// run walks the sessions and stops between two of them where the budget says so.
func (s *spending) run(ctx context.Context, cfg backtest.Config, sessions []data.Session, books []*backtest.Book, rec backtest.Recorder, progress func(data.Session, []backtest.Record)) error {
	if len(sessions) > 0 {
		if err := s.budget.Check(); err != nil {
			return err
		}
	}
	within, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	err := backtest.Run(within, cfg, sessions, books, rec, func(session data.Session, records []backtest.Record) {
		s.session(session, records)
		progress(session, records)
		if err := s.budget.Check(); err != nil {
			stop(err)
		}
	})
	var exhausted *cost.Exhausted
	if errors.Is(err, context.Canceled) && errors.As(context.Cause(within), &exhausted) {
		return exhausted
	}
	return err
}
