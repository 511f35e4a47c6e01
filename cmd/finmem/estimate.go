package main

import (
	"context"
	"fmt"
	"io"

	"finmem/agent"
	"finmem/agent/cost"
	"finmem/agent/llm"
	"finmem/agent/llm/calls"
	"finmem/backtest"
	"finmem/data"
	"finmem/memory/embed"
)

const (
	// rehearsedSessions are enough for the memory to fill up, after which prompts
	// keep their length.
	rehearsedSessions = 120
	// typicalSessions are the last of those, by which the rest is estimated.
	typicalSessions = 20
	// typicalAnswer is how many tokens an answer is taken to have: the mean of 510
	// answers of GPT-4.1-mini, by EstimateTokens.
	typicalAnswer = 250
)

// An estimate is what a run is likely to take, by a rehearsal of its first
// sessions.
type estimate struct {
	sessions []cost.Tally // one for each session of the plan, over all symbols
	// first is the first prompt, in the session and of the symbol that it is for.
	// session is "" where no session asks anything.
	first   agent.Trace
	session data.Session
	symbol  string
}

// rehearse runs the first sessions with the offline analyst and the offline
// embedder, in memory alone, and estimates from the prompts that come up what the
// whole run takes. The texts are the run's own, so the estimate is off by what
// EstimateTokens is off, and by answers that are longer or have to be repeated.
func (p *plan) rehearse(ctx context.Context) (estimate, error) {
	q := *p
	q.config.Model = modelConfig{Name: llm.Offline, Embedder: offlineEmbedder, ContextTokens: p.config.Model.ContextTokens}
	q.embedder = func() (embedder, error) { return embed.NewHashing(), nil }
	books, _, _, err := q.agentBooks(nil)
	if err != nil {
		return estimate{}, err
	}
	q.engine.MaxErrorDays = 0
	var e estimate
	counters := map[string]*tokenCounter{}
	for _, s := range p.symbols {
		counters[s] = &tokenCounter{}
	}
	first := p.sessions[:min(rehearsedSessions, len(p.sessions))]
	err = backtest.Run(ctx, q.engine, first, books, &tape{}, func(session data.Session, records []backtest.Record) {
		var t cost.Tally
		for _, r := range records {
			one := counters[r.Symbol].count(r)
			one.OutputTokens = one.Calls * typicalAnswer
			t = t.Plus(one)
			if e.session == "" && r.Decision != nil {
				e.first, e.session, e.symbol = r.Decision.Trace, session, r.Symbol
			}
		}
		e.sessions = append(e.sessions, t)
	})
	if err != nil {
		return e, fmt.Errorf("estimating what the run takes: %w", err)
	}
	typical := e.sessions[max(len(e.sessions)-typicalSessions, 0):]
	for i := len(e.sessions); i < len(p.sessions); i++ {
		e.sessions = append(e.sessions, typical[i%len(typical)])
	}
	return e, nil
}

// from is what the sessions from the given number on are likely to take.
func (e estimate) from(done int) cost.Tally {
	var t cost.Tally
	for _, one := range e.sessions[done:] {
		t = t.Plus(one)
	}
	return t
}

// announce says on w what a run that costs something is likely to cost.
func (p *plan) announce(ctx context.Context, w io.Writer, done int) error {
	if p.spending.rates.Free() || done == len(p.sessions) || p.config.calling.mode == calls.Replay {
		return nil
	}
	e, err := p.rehearse(ctx)
	if err != nil {
		return err
	}
	t := e.from(done)
	fmt.Fprintf(w, "note: the %s to come will take about %s; cost about %s%s\n", count(len(p.sessions)-done, "session"), expected(t),
		dollars(p.spending.rates.USD(t)), pricesAsOf(p.spending.prices()))
	return nil
}

// expected is an estimated tally in words.
func expected(t cost.Tally) string {
	return fmt.Sprintf("%s, %d tokens in and %d out; %s to embed, %d tokens",
		count(t.Calls, "model call"), t.InputTokens, t.OutputTokens, count(t.EmbeddedTexts, "text"), t.EmbeddingTokens)
}

func (s *spending) prices() usagePrices {
	return usagePrices{Model: priceOf(s.rates.Model), Embedder: priceOf(s.rates.Embedder)}
}
