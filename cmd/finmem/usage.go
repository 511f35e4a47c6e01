package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"finmem/agent"
	"finmem/agent/cost"
	"finmem/backtest"
	"finmem/backtest/journal"
	"finmem/data"
)

// A usageReport is what a run took of its models, calls that were kept before
// included: what it would cost to make the run from nothing.
type usageReport struct {
	// Prices are those of the model and of the embedder, in US dollars for a
	// million tokens; null where they are not known.
	Prices  usagePrices   `json:"prices"`
	Total   usageLine     `json:"total"`
	Symbols []symbolUsage `json:"symbols"`

	days []dayUsage // by session, then symbol
}

type usagePrices struct {
	Model    *usagePrice `json:"model"`
	Embedder *usagePrice `json:"embedder"`
}

type usagePrice struct {
	Input  float64 `json:"input"`
	Output float64 `json:"output"`
	AsOf   string  `json:"asOf"`
}

// A usageLine is a tally and its price, null where that is not known.
type usageLine struct {
	cost.Tally
	USD *float64 `json:"usd"`
}

type symbolUsage struct {
	Symbol string `json:"symbol"`
	usageLine
}

type dayUsage struct {
	session data.Session
	symbol  string
	usageLine
}

// readUsage counts what a recorded run took.
func readUsage(ctx context.Context, j *journal.Journal, symbols []string, rates cost.Rates) (usageReport, error) {
	r := usageReport{Prices: usagePrices{Model: priceOf(rates.Model), Embedder: priceOf(rates.Embedder)}, Symbols: []symbolUsage{}}
	var total cost.Tally
	bySymbol := map[string][]cost.Tally{}
	var sessions []data.Session
	for _, s := range symbols {
		records, err := recordsWithMemory(ctx, j, s)
		if err != nil {
			return r, fmt.Errorf("counting the tokens of %s: %w", s, err)
		}
		c := tokenCounter{}
		var sum cost.Tally
		sessions = sessions[:0]
		for _, rec := range records {
			t := c.count(rec)
			bySymbol[s] = append(bySymbol[s], t)
			sum = sum.Plus(t)
			sessions = append(sessions, rec.Session)
		}
		r.Symbols = append(r.Symbols, symbolUsage{s, usageLine{sum, rates.USD(sum)}})
		total = total.Plus(sum)
	}
	r.Total = usageLine{total, rates.USD(total)}
	for i, session := range sessions {
		for _, s := range symbols {
			t := bySymbol[s][i]
			r.days = append(r.days, dayUsage{session, s, usageLine{t, rates.USD(t)}})
		}
	}
	return r, nil
}

func priceOf(p *cost.Price) *usagePrice {
	if p == nil {
		return nil
	}
	return &usagePrice{Input: p.Input, Output: p.Output, AsOf: p.AsOf}
}

// recordsWithMemory reads the records of a symbol with what each remembered.
func recordsWithMemory(ctx context.Context, j *journal.Journal, symbol string) ([]backtest.Record, error) {
	records, err := j.Records(ctx, symbol)
	if err != nil {
		return nil, err
	}
	changes, err := j.Changes(ctx, symbol, "")
	if err != nil {
		return nil, err
	}
	for i := range records {
		n := 0
		for n < len(changes) && data.Session(changes[n].Session) == records[i].Session {
			n++
		}
		records[i].Memory, changes = changes[:n], changes[n:]
	}
	return records, nil
}

// A tokenCounter counts what the sessions of one symbol took, in order.
type tokenCounter struct {
	asked string // the query that has a vector
}

// count tallies a session: the model's answers by what the provider said of
// them, and what had to be placed, new events and a query that is not that of
// the session before, by an estimate. The journal holds all of it, so a replayed
// or resumed run counts the same.
func (c *tokenCounter) count(r backtest.Record) cost.Tally {
	var t cost.Tally
	var trace agent.Trace
	switch {
	case r.Decision != nil:
		trace = r.Decision.Trace
	case r.Failure != nil:
		trace = r.Failure.Trace
	}
	for _, a := range trace.Answers {
		t.Calls++
		t.InputTokens += a.Usage.InputTokens
		t.OutputTokens += a.Usage.OutputTokens
		if a.Usage.Estimated {
			t.EstimatedCalls++
		}
	}
	place := func(text string) {
		t.EmbeddedTexts++
		t.EmbeddingTokens += agent.EstimateTokens(text)
	}
	if trace.Query != "" && trace.Query != c.asked {
		c.asked = trace.Query
		place(trace.Query)
	}
	for _, change := range r.Memory {
		if change.Event != nil {
			place(change.Event.Text)
		}
	}
	return t
}

// writeUsage writes what each session and symbol took.
func writeUsage(w io.Writer, r usageReport) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"date", "symbol", "calls", "estimated_calls", "input_tokens", "output_tokens", "embedded_texts", "embedding_tokens", "usd"}}
	for _, d := range r.days {
		usd := ""
		if d.USD != nil {
			usd = strconv.FormatFloat(*d.USD, 'f', -1, 64)
		}
		row := []string{string(d.session), d.symbol}
		for _, n := range []int{d.Calls, d.EstimatedCalls, d.InputTokens, d.OutputTokens, d.EmbeddedTexts, d.EmbeddingTokens} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, append(row, usd))
	}
	return out.WriteAll(rows)
}

// printUsage writes what a run took in words.
func printUsage(w io.Writer, r usageReport) {
	fmt.Fprintf(w, "Usage: %s; cost %s%s.\n", tallied(r.Total.Tally), dollars(r.Total.USD), pricesAsOf(r.Prices))
}

// tallied is a tally in words.
func tallied(t cost.Tally) string {
	return fmt.Sprintf("%s, %d tokens in and %d out%s; %s embedded, about %d tokens",
		count(t.Calls, "model call"), t.InputTokens, t.OutputTokens, estimatedCalls(t), count(t.EmbeddedTexts, "text"), t.EmbeddingTokens)
}

// estimatedCalls says in words of how many calls the tokens are an estimate.
func estimatedCalls(t cost.Tally) string {
	switch {
	case t.EstimatedCalls == 0:
		return ""
	case t.EstimatedCalls == t.Calls:
		return " (estimated)"
	}
	return fmt.Sprintf(" (estimated for %d of them)", t.EstimatedCalls)
}

// dollars is an amount, or n/a where it is not known.
func dollars(usd *float64) string {
	if usd == nil {
		return "n/a (no price known; --prices gives one)"
	}
	return fmt.Sprintf("$%.4f", *usd)
}

// shortDollars is an amount in few characters.
func shortDollars(usd *float64) string {
	if usd == nil {
		return "n/a"
	}
	return fmt.Sprintf("$%.2f", *usd)
}

func pricesAsOf(p usagePrices) string {
	for _, one := range []*usagePrice{p.Model, p.Embedder} {
		if one != nil && (one.Input > 0 || one.Output > 0) {
			return ", prices of " + one.AsOf
		}
	}
	return ""
}
