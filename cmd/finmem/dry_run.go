package main

import (
	"context"
	"fmt"
	"io"

	"finmem/agent/llm/calls"
	"finmem/data"
)

// A dryRun is what a backtest would do.
type dryRun struct {
	Run      string   `json:"run"`
	Dataset  string   `json:"dataset"`
	Symbols  []string `json:"symbols"`
	Model    string   `json:"model"`
	Embedder string   `json:"embedder"`
	Window   window   `json:"window"`
	Warmup   int      `json:"warmupSessions"`
	Test     int      `json:"testSessions"`
	// Estimate is of the whole run; see docs/cost.md.
	Estimate usageLine   `json:"estimate"`
	Prices   usagePrices `json:"prices"`
	Warnings []string    `json:"warnings"`
	// First is the first prompt, null where no session asks anything.
	First *firstPrompt `json:"firstPrompt"`
}

type firstPrompt struct {
	Session data.Session `json:"session"`
	Symbol  string       `json:"symbol"`
	System  string       `json:"system"`
	Prompt  string       `json:"prompt"`
	Schema  string       `json:"schema"`
}

// runDry shows what a backtest would do, without calling anything or writing a
// file.
func runDry(ctx context.Context, s *streams, c config, o backtestOptions) error {
	c.calling.mode = calls.Off
	p, err := newPlan(ctx, c)
	if err != nil {
		return err
	}
	if p.spending, err = o.budget.spending(c.Model.Name, c.Model.Embedder); err != nil {
		return err
	}
	e, err := p.rehearse(ctx)
	if err != nil {
		return err
	}
	total := e.from(0)
	d := dryRun{
		Run: o.name, Dataset: p.meta.Name, Symbols: p.symbols, Model: c.Model.Name, Embedder: c.Model.Embedder,
		Window: window(p.config.Window), Estimate: usageLine{total, p.spending.rates.USD(total)},
		Prices: p.spending.prices(), Warnings: append([]string{}, p.warnings...),
	}
	if d.Run == "" {
		d.Run = p.id()
	}
	for _, session := range p.sessions {
		if session < p.config.Window.From {
			d.Warmup++
		} else {
			d.Test++
		}
	}
	if e.session != "" {
		d.First = &firstPrompt{Session: e.session, Symbol: e.symbol, System: e.first.System, Prompt: e.first.Prompt, Schema: string(e.first.Schema)}
	}
	if o.json {
		return writeJSON(s.out, d)
	}
	d.print(s.out)
	return nil
}

func (d dryRun) print(w io.Writer) {
	fmt.Fprintf(w, "Would run %s: %s of %s, model %s, embedder %s\n", d.Run, count(len(d.Symbols), "symbol"), d.Dataset, d.Model, d.Embedder)
	fmt.Fprintf(w, "Warm-up from %s: %s. Test %s to %s: %s.\n", d.Window.WarmupFrom, count(d.Warmup, "session"), d.Window.From, d.Window.To, count(d.Test, "session"))
	fmt.Fprintf(w, "Estimate: %s; cost about %s%s.\n", expected(d.Estimate.Tally), dollars(d.Estimate.USD), pricesAsOf(d.Prices))
	for _, line := range d.Warnings {
		fmt.Fprintf(w, "Note: %s.\n", line)
	}
	if d.First == nil {
		fmt.Fprintln(w, "\nNo session asks the model anything.")
		return
	}
	fmt.Fprintf(w, "\nThe first prompt, of session %s and %s:\n\n--- system ---\n%s\n--- prompt ---\n%s\n", d.First.Session, d.First.Symbol, d.First.System, d.First.Prompt)
}
