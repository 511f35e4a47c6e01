package main

import (
	"context"
	"fmt"
	"io"

	"finmem/agent/cost"
	"finmem/agent/llm"
	"finmem/agent/llm/calls"
	"finmem/agent/llm/transport"
	"finmem/agent/summary"
	"finmem/data"
)

// A summaryDryRun is what data summarize would do.
type summaryDryRun struct {
	Dataset string `json:"dataset"`
	// Symbols count what would be summarised; left is the most that may be left.
	Symbols []summary.SymbolReport `json:"symbols"`
	Model   string                 `json:"model"`
	// Estimate is of all that would be asked, kept answers included; see
	// docs/summaries.md.
	Estimate usageLine   `json:"estimate"`
	Prices   usagePrices `json:"prices"`
	// First is the first prompt, null where no model is asked.
	First *summaryPrompt `json:"firstPrompt"`
}

type summaryPrompt struct {
	Item   string `json:"item"`
	System string `json:"system"`
	Prompt string `json:"prompt"`
	Schema string `json:"schema"`
}

// rehearse estimates what the summaries of a dataset take, and says what would be
// done.
func (o *summarizeOptions) rehearse(ctx context.Context, ds *data.Dataset, m modelConfig, spent *spending) (summaryDryRun, error) {
	d := summaryDryRun{Dataset: ds.Meta.Name, Model: m.Name, Prices: spent.prices()}
	if _, _, err := transport.SplitName(m.Name); err != nil && m.Name != llm.Offline {
		return d, usagef(nil, "%v", err)
	}
	r, err := summary.NewRehearsal(m.Name, m.ContextTokens)
	if err != nil {
		return d, usagef(nil, "--context-tokens: %v", err)
	}
	_, report, err := summary.Dataset(ctx, ds, r, summary.Options{Over: o.over, Symbols: o.symbols})
	if err != nil {
		return d, err
	}
	d.Symbols = report.Symbols
	var total cost.Tally
	if remote(m.Name) {
		total = summaryTally(report.Tally)
	}
	if first, item := r.First(); first != nil && remote(m.Name) {
		d.First = &summaryPrompt{Item: item.String(), System: first.System, Prompt: first.Prompt, Schema: string(first.Schema)}
	}
	d.Estimate = usageLine{total, spent.rates.USD(total)}
	return d, nil
}

// announce says on w what summaries that cost something are likely to cost.
func (o *summarizeOptions) announce(ctx context.Context, w io.Writer, ds *data.Dataset, m modelConfig, c calling, spent *spending) error {
	if !remote(m.Name) || spent.rates.Free() || c.mode == calls.Replay {
		return nil
	}
	d, err := o.rehearse(ctx, ds, m, spent)
	if err != nil {
		return err
	}
	t := d.Estimate
	fmt.Fprintf(w, "note: this takes up to %s, less what is kept; cost up to %s%s\n", askedFor(t.Tally), dollars(t.USD), pricesAsOf(d.Prices))
	return nil
}

// askedFor is an estimated tally in words.
func askedFor(t cost.Tally) string {
	return fmt.Sprintf("%s, about %d tokens in and %d out", count(t.Calls, "model call"), t.InputTokens, t.OutputTokens)
}

func (d summaryDryRun) print(w io.Writer) {
	news, filings := summary.Count{}, summary.Count{}
	for _, s := range d.Symbols {
		news.All, news.Summarized = news.All+s.News.All, news.Summarized+s.News.Summarized
		filings.All, filings.Summarized = filings.All+s.Filings.All, filings.Summarized+s.Filings.Summarized
	}
	fmt.Fprintf(w, "Would summarize %d of %d news and %d of %d filings of %s, model %s\n", news.Summarized, news.All, filings.Summarized, filings.All, d.Dataset, d.Model)
	if d.First == nil {
		fmt.Fprintln(w, "No model is asked anything.")
		return
	}
	fmt.Fprintf(w, "Estimate: up to %s; cost up to %s%s.\n", askedFor(d.Estimate.Tally), dollars(d.Estimate.USD), pricesAsOf(d.Prices))
	fmt.Fprintf(w, "\nThe first prompt, of %s:\n\n--- system ---\n%s\n--- prompt ---\n%s\n", d.First.Item, d.First.System, d.First.Prompt)
}
