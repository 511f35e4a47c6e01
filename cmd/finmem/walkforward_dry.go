package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"

	"finmem/agent/cost"
)

// A dryWalk is what a walk-forward would do.
type dryWalk struct {
	Name    string      `json:"name"`
	Model   string      `json:"model"`
	Windows []dryWindow `json:"windows"`
	// Estimate is of all windows together, without ablations; see docs/cost.md.
	Estimate usageLine   `json:"estimate"`
	Prices   usagePrices `json:"prices"`
	Warnings []string    `json:"warnings"`
}

type dryWindow struct {
	Run      string    `json:"run"`
	Window   window    `json:"window"`
	Estimate usageLine `json:"estimate"`
}

// dry shows the windows and what they might cost, without calling anything or
// writing a file.
func (p *schedule) dry(ctx context.Context, s *streams, c config, o walkforwardOptions, spending *spending) error {
	d := dryWalk{Name: p.name, Model: c.Model.Name, Prices: spending.prices(), Warnings: append([]string{}, p.warnings...)}
	var total cost.Tally
	for i, w := range p.windows {
		tally, err := estimateOf(ctx, c.in(w))
		if err != nil {
			return fmt.Errorf("window %s, test %s to %s: %w", p.names[i], w.From, w.To, err)
		}
		total = total.Plus(tally)
		d.Windows = append(d.Windows, dryWindow{p.names[i], window(w), usageLine{tally, spending.rates.USD(tally)}})
	}
	d.Estimate = usageLine{total, spending.rates.USD(total)}
	if o.json {
		return writeJSON(s.out, d)
	}
	d.print(s.out)
	return nil
}

// estimateOf is what a run of c is likely to take.
func estimateOf(ctx context.Context, c config) (tally cost.Tally, err error) {
	p, err := newPlan(ctx, c)
	if err != nil {
		return tally, err
	}
	defer func() { err = errors.Join(err, p.connection.Close()) }()
	e, err := p.rehearse(ctx)
	if err != nil {
		return tally, err
	}
	return e.from(0), nil
}

func (d dryWalk) print(w io.Writer) {
	fmt.Fprintf(w, "Would run %s, %s, with %s:\n\n", d.Name, count(len(d.Windows), "window"), d.Model)
	t := newTable(w)
	t.AppendHeader(table.Row{"window", "warm-up from", "test from", "to", "model calls", "cost"})
	right(t, 5, 6)
	for _, x := range d.Windows {
		t.AppendRow(table.Row{x.Run, x.Window.WarmupFrom, x.Window.From, x.Window.To, x.Estimate.Calls, shortDollars(x.Estimate.USD)})
	}
	t.Render()
	fmt.Fprintln(w)
	paragraph(w, "Estimate: %s; cost about %s%s.", expected(d.Estimate.Tally), dollars(d.Estimate.USD), pricesAsOf(d.Prices))
	for _, line := range d.Warnings {
		paragraph(w, "Note: %s.", line)
	}
}
