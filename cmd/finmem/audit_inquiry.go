package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"finmem/agent"
	"finmem/agent/cost"
	"finmem/backtest"
	"finmem/backtest/audit"
	"finmem/backtest/journal"
	"finmem/data"
)

// An inquiry is an audit that has been prepared as far as it can be without
// asking a model.
type inquiry struct {
	plan      *plan
	subject   audit.Subject
	chosen    []data.Session // up to which the run is repeated
	kinds     []audit.Kind
	maskNames []string
	questions map[string][]audit.Question // by symbol, where there are kinds
	agents    map[string]asker
}

// newInquiry reads the run and its data. The caller closes the plan's connection.
func newInquiry(ctx context.Context, j *journal.Journal, c config, o auditOptions, kinds []audit.Kind) (*inquiry, error) {
	p, err := newPlan(ctx, c)
	if err != nil {
		return nil, hintData(err, c)
	}
	i := &inquiry{plan: p, kinds: kinds, maskNames: o.maskNames, questions: map[string][]audit.Question{}, agents: map[string]asker{}}
	if err := i.prepare(ctx, j, o); err != nil {
		return nil, errors.Join(err, p.connection.Close())
	}
	return i, nil
}

func (i *inquiry) prepare(ctx context.Context, j *journal.Journal, o auditOptions) error {
	p := i.plan
	if err := p.isOf(ctx, j); err != nil {
		return err
	}
	p.engine.Parallel = runtime.GOMAXPROCS(0)
	var err error
	if p.spending, err = (&budgetFlags{prices: o.prices}).spending(p.config.Model.Name, p.config.Model.Embedder); err != nil {
		return err
	}
	if i.subject, err = p.subject(ctx, j); err != nil {
		return err
	}
	recorded, err := j.Sessions(ctx)
	if err != nil {
		return err
	}
	i.chosen = audit.Sessions(recorded, p.config.Window.From, o.sessions, o.seed)
	if len(i.kinds) == 0 {
		return nil
	}
	books, _, agents, err := p.agentBooks(nil)
	if err != nil {
		return err
	}
	for _, book := range books {
		symbol := book.Symbol
		i.agents[symbol] = asker{agents[symbol]}
		if i.questions[symbol], err = audit.Questions(i.subject.Records[symbol], book, p.engine); err != nil {
			return err
		}
	}
	return nil
}

// Reconsider asks for the session that is gone back to.
func (a asker) Reconsider(ctx context.Context, r agent.Revisit) (agent.Decision, error) {
	return a.Agent.Reconsider(asking(ctx, r.Day), r)
}

// expected is what the model will be asked, in words, and what that is likely to
// cost, going by what the run itself took. Calls that were kept cost nothing.
func (i *inquiry) expected() string {
	var again, other cost.Tally
	for _, symbol := range i.subject.Symbols {
		for _, t := range i.chosen {
			counter := tokenCounter{}
			for _, r := range i.subject.Records[symbol] {
				if r.Session <= t {
					again = again.Plus(counter.count(r))
				}
			}
		}
		for range i.kinds {
			for _, r := range i.subject.Records[symbol] {
				if r.Phase == backtest.Test && r.Decision != nil {
					one := (&tokenCounter{}).count(r)
					one.EmbeddedTexts, one.EmbeddingTokens = 0, 0
					other = other.Plus(one)
				}
			}
		}
	}
	all := again.Plus(other)
	text := fmt.Sprintf("model %s about %s: %d to repeat the run up to %s, %d for %s", i.plan.config.Model.Name, count(all.Calls, "question"),
		again.Calls, count(len(i.chosen), "session"), other.Calls, count(len(i.kinds), "counterfactual"))
	if i.plan.spending.rates.Free() {
		return text + "; this costs nothing"
	}
	return fmt.Sprintf("%s; %d tokens in and %d out, %d to embed; cost about %s%s, less what is kept of earlier calls", text,
		all.InputTokens, all.OutputTokens, all.EmbeddingTokens, dollars(i.plan.spending.rates.USD(all)), pricesAsOf(i.plan.spending.prices()))
}
