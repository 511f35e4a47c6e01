package main

import (
	"context"
	"fmt"
	"slices"

	"finmem/agent"
	"finmem/agent/llm"
	"finmem/backtest"
	"finmem/data"
	"finmem/memory"
)

// An ablation is the agent with a part of its memory taken away.
type ablation struct {
	name   string
	change func(*agent.Config)
}

// noMemory is offered nothing at all: it sees prices and its account.
func noMemory() ablation {
	return ablation{agentName + ", no memory", func(c *agent.Config) { c.Layers = []memory.Layer{} }}
}

// allAblations takes away all of the memory, then what is older than the session,
// then each layer, then the choice of what is recalled.
func allAblations(seed uint64) []ablation {
	list := []ablation{
		noMemory(),
		{agentName + ", today's texts only", func(c *agent.Config) { c.Recall = agent.RecallToday }},
	}
	for _, off := range memory.Layers() {
		list = append(list, ablation{agentName + ", no " + off.String(), func(c *agent.Config) {
			c.Layers = slices.DeleteFunc(memory.Layers(), func(l memory.Layer) bool { return l == off })
		}})
	}
	return append(list, ablation{agentName + ", shuffled recall", func(c *agent.Config) {
		c.Recall, c.RecallSeed = agent.RecallShuffled, seed
	}})
}

// chooseAblations reads --ablations. They ask the model as often as the run
// itself, so a model that costs money is asked only where the flag says so.
func (p *plan) chooseAblations(f baselineFlags) ([]ablation, error) {
	switch f.ablations {
	case "":
		if f.set == "all" && p.config.Model.Name == llm.Offline {
			return []ablation{noMemory()}, nil
		}
		return nil, nil
	case "none":
		return nil, nil
	case "memory":
		return []ablation{noMemory()}, nil
	case "all":
		return allAblations(p.config.Run.Seed), nil
	}
	return nil, usagef(nil, "--ablations %q: want none, memory or all", f.ablations)
}

// ablate runs the whole agent once more, from the first warm-up session on, with
// a memory of its own, and scores it by symbol. Nothing of it is kept, but what it
// takes of the model counts towards the budget of the run.
func (p *plan) ablate(ctx context.Context, a ablation) (map[string]backtest.Result, error) {
	books, _, _, err := p.agentBooks(a.change)
	if err != nil {
		return nil, err
	}
	tape := &tape{}
	if err := p.spending.next().run(ctx, p.engine, p.sessions, books, tape, func(data.Session, []backtest.Record) {}); err != nil {
		return nil, fmt.Errorf("the agent again, as %q: %w", a.name, err)
	}
	results := map[string]backtest.Result{}
	for _, s := range p.symbols {
		results[s] = p.evaluate(s, a.name, tape.of(s))
	}
	return results, nil
}

// next follows another run that shares the budget of this one.
func (s *spending) next() *spending {
	return &spending{rates: s.rates, budget: s.budget, counters: map[string]*tokenCounter{}}
}
