package main

import (
	"context"
	"slices"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/memory"
	"finmem/memory/chromem"
)

// agentBooks opens one book per symbol for the agent, with one memory store
// between them that keeps the symbols apart. change, if not nil, makes another
// agent of it.
func (p *plan) agentBooks(change func(*agent.Config)) ([]*backtest.Book, *memory.Store, map[string]*agent.Agent, error) {
	embedder, err := p.embedder()
	if err != nil {
		return nil, nil, nil, err
	}
	model, err := p.newModel()
	if err != nil {
		return nil, nil, nil, err
	}
	store, err := memory.NewStore(p.config.Memory, p.config.Run.Seed, embedder.Identity(), chromem.New())
	if err != nil {
		return nil, nil, nil, err
	}
	cfg := p.config.agent()
	if change != nil {
		change(&cfg)
	}
	var books []*backtest.Book
	agents := map[string]*agent.Agent{}
	for _, s := range p.symbols {
		a, err := agent.New(cfg, p.profiles[s], store, embedder, model, p.calendar)
		if err != nil {
			return nil, nil, nil, usagef(nil, "%v", err)
		}
		agents[s] = a
		books = append(books, backtest.NewBook(s, p.feeds[s], p.actions[s], asker{a}, p.engine))
	}
	return books, store, agents, nil
}

// restore puts books, memory and agents back to where the journal's last session
// left them.
func (p *plan) restore(ctx context.Context, j *journal.Journal, books []*backtest.Book, store *memory.Store, agents map[string]*agent.Agent) error {
	if err := p.remember(ctx, j, books, store, agents); err != nil {
		return err
	}
	return p.restoreBooks(ctx, j, books)
}

// remember puts memory and agents back to where the journal's last session left
// them.
func (p *plan) remember(ctx context.Context, j *journal.Journal, books []*backtest.Book, store *memory.Store, agents map[string]*agent.Agent) error {
	for _, b := range books {
		if err := j.RestoreMemory(ctx, store, b.Symbol, ""); err != nil {
			return err
		}
		records, err := j.Records(ctx, b.Symbol)
		if err != nil {
			return err
		}
		if err := agents[b.Symbol].Restore(backtest.Past(records)); err != nil {
			return err
		}
	}
	return nil
}

// restoreBooks puts accounts and orders back to where the journal's last session
// left them.
func (p *plan) restoreBooks(ctx context.Context, j *journal.Journal, books []*backtest.Book) error {
	for _, b := range books {
		records, err := j.Records(ctx, b.Symbol)
		if err != nil {
			return err
		}
		if err := b.Restore(records[len(records)-1].State); err != nil {
			return err
		}
	}
	return nil
}

// evaluate scores the records of one trader.
func (p *plan) evaluate(symbol, trader string, records []backtest.Record) backtest.Result {
	return backtest.Evaluate(symbol, trader, p.before, p.engine.Cash.InexactFloat64(),
		p.config.Run.RiskFree, backtest.PeriodsPerYear(p.meta.Calendar), records)
}

// A tape keeps the records of a run in memory, without what the agent remembered:
// that is needed only to go on with a run.
type tape struct{ records []backtest.Record }

func (t *tape) Commit(_ context.Context, _ data.Session, records []backtest.Record) error {
	for _, r := range records {
		r.Memory = nil
		t.records = append(t.records, r)
	}
	return nil
}

// of are the records of one symbol.
func (t *tape) of(symbol string) []backtest.Record {
	return slices.DeleteFunc(slices.Clone(t.records), func(r backtest.Record) bool { return r.Symbol != symbol })
}
