package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/experiment"
	"finmem/backtest/journal"
	"finmem/backtest/metrics"
	"finmem/internal/atomicfile"
)

// mostRepeats keeps a slip of the finger from starting a month of work.
const mostRepeats = 1000

// A repeatsReport is what several runs that differ in nothing but the seed come
// to.
type repeatsReport struct {
	Finmem      string         `json:"finmem"`
	Name        string         `json:"name"`
	Dataset     string         `json:"dataset"`
	Synthetic   bool           `json:"synthetic"`
	Model       string         `json:"model"`
	Embedder    string         `json:"embedder"`
	Memory      string         `json:"memory"`
	Window      window         `json:"window"`
	Conventions conventions    `json:"conventions"`
	Runs        []repeatRun    `json:"runs"`
	Symbols     []repeatSymbol `json:"symbols"`
	Warnings    []string       `json:"warnings"`
}

// A repeatRun is one of the runs, with its results by symbol.
type repeatRun struct {
	Run    string            `json:"run"`
	Seed   uint64            `json:"seed"`
	Digest string            `json:"digest"`
	Agent  []backtest.Result `json:"agent"`
}

// A repeatSymbol is what the runs have in common about one symbol.
type repeatSymbol struct {
	Symbol string `json:"symbol"`
	// Agreement is that of the agent's decisions over the runs.
	Agreement experiment.Agreement `json:"agreement"`
	Traders   []repeatTrader       `json:"traders"`
}

// A repeatTrader is the agent, or a trader that every run was compared with.
type repeatTrader struct {
	Trader string `json:"trader"`
	// Figures has a spread for each figure, by its name in metrics.json.
	Figures map[string]experiment.Spread `json:"figures"`
}

// runRepeats runs the same backtest with one seed after another, each as a run of
// its own, and shows what they have in common.
func runRepeats(ctx context.Context, s *streams, c config, o backtestOptions) error {
	switch {
	case o.repeats < 2 || o.repeats > mostRepeats:
		return usagef(nil, "--repeats %d: want 2 to %d runs", o.repeats, mostRepeats)
	case c.Run.Seed > math.MaxUint64-uint64(o.repeats-1):
		return usagef(nil, "--repeats %d: seeds from %d on would pass the largest there is", o.repeats, c.Run.Seed)
	}
	if o.budget.dryRun {
		return usagef(nil, "--dry-run shows a single run: leave out --repeats; each of the runs is likely to cost as much")
	}
	if o.name == "" {
		p, err := newPlan(ctx, c)
		if err != nil {
			return err
		}
		o.name = p.id()
		if err := p.connection.Close(); err != nil {
			return err
		}
	}
	var err error
	if o.spending, err = o.budget.spending(c.Model.Name, c.Model.Embedder); err != nil {
		return err
	}
	names := make([]string, o.repeats)
	for i := range names {
		names[i] = fmt.Sprintf("%s-s%d", o.name, c.Run.Seed+uint64(i))
	}
	if err := o.refuseKept(names); err != nil {
		return err
	}
	var reports []report
	var dirs []string
	for i, name := range names {
		one, oc := o, c.reseeded(i)
		one.name = name
		r, dir, err := execute(ctx, s, oc, one)
		if err != nil {
			return fmt.Errorf("run %d of %d: %w", i+1, o.repeats, err)
		}
		reports, dirs = append(reports, r), append(dirs, dir)
	}
	r, err := summariseRepeats(ctx, o.name, reports, dirs)
	if err != nil {
		return err
	}
	path := filepath.Join(o.runsDir, o.name+"-repeats.json")
	if err := atomicfile.WriteFile(path, func(w io.Writer) error { return writeJSON(w, r) }); err != nil {
		return err
	}
	if o.json {
		err = writeJSON(s.out, r)
	} else {
		printRepeats(s.out, r)
		fmt.Fprintf(s.out, "\nRuns kept in %s, their summary in %s\n", strings.Join(dirs, ", "), path)
	}
	if err != nil {
		return err
	}
	return missed(reports)
}

// reseeded is c with the n-th next seed, and the n-th next one for the model's
// sampling where that is seeded.
func (c config) reseeded(n int) config {
	c.Run.Seed += uint64(n)
	if c.Model.Seed != nil {
		seed := *c.Model.Seed + int64(n)
		c.Model.Seed = &seed
	}
	return c
}

// refuseKept says before the first run that one of them is there already.
func (o backtestOptions) refuseKept(names []string) error {
	for _, name := range names {
		dir, err := runDir(o.runsDir, name)
		if err != nil {
			return err
		}
		if o.resume {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, journal.FileName)); err == nil {
			return hinted{fmt.Errorf("%s: %w", dir, journal.ErrExists), "add --resume to go on with the runs there are, or --name for others beside them"}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// missed is an error if the agent missed a decision in any of the runs.
func missed(reports []report) error {
	n := 0
	for _, r := range reports {
		var days errorDays
		if errors.As(r.errorDays(), &days) {
			n += days.n
		}
	}
	if n > 0 {
		return errorDays{n}
	}
	return nil
}

func summariseRepeats(ctx context.Context, name string, reports []report, dirs []string) (repeatsReport, error) {
	first := reports[0]
	out := repeatsReport{Finmem: version, Name: name, Dataset: first.Dataset, Synthetic: first.Synthetic, Model: first.Model,
		Embedder: first.Embedder, Memory: first.Memory, Window: first.Window, Conventions: first.Conventions, Warnings: first.Warnings}
	for _, r := range reports {
		out.Runs = append(out.Runs, repeatRun{Run: r.Run, Seed: r.Seed, Digest: r.Digest, Agent: r.Agent})
	}
	for i, a := range first.Agent {
		s := repeatSymbol{Symbol: a.Symbol}
		var decided [][]agent.Action
		for _, dir := range dirs {
			actions, err := decisionsOf(ctx, dir, a.Symbol)
			if err != nil {
				return out, err
			}
			decided = append(decided, actions)
		}
		s.Agreement = experiment.Agree(decided...)
		var own []backtest.Result
		for _, r := range reports {
			own = append(own, r.Agent[i])
		}
		s.Traders = append(s.Traders, spreadOf(agentName, own))
		for k, b := range first.Baselines {
			if b.Symbol != a.Symbol {
				continue
			}
			// The runs were compared with the same traders in the same order; only
			// the name of the random one tells its seed.
			var same []backtest.Result
			for _, r := range reports {
				same = append(same, r.Baselines[k])
			}
			name, _, _ := strings.Cut(b.Trader, ", seed ")
			s.Traders = append(s.Traders, spreadOf(name, same))
		}
		out.Symbols = append(out.Symbols, s)
	}
	return out, nil
}

// spreadOf is each figure of one trader over the runs.
func spreadOf(name string, results []backtest.Result) repeatTrader {
	t := repeatTrader{Trader: name, Figures: map[string]experiment.Spread{}}
	for _, f := range shownFigures() {
		var values []metrics.Figure
		for _, r := range results {
			values = append(values, f.of(r))
		}
		t.Figures[f.key] = experiment.SpreadOf(values)
	}
	return t
}

func printRepeats(w io.Writer, r repeatsReport) {
	first, last := r.Runs[0], r.Runs[len(r.Runs)-1]
	paragraph(w, "%s", r.report().title())
	paragraph(w, "model %s, embedder %s, memory %s", r.Model, r.Embedder, r.Memory)
	fmt.Fprintf(w, "%d runs with seeds %d to %d\n", len(r.Runs), first.Seed, last.Seed)
	for i, s := range r.Symbols {
		fmt.Fprintf(w, "\n%s, run by run\n\n", s.Symbol)
		figures := shownFigures()
		t := newTable(w)
		header := table.Row{"run", "seed"}
		for _, f := range figures {
			header = append(header, f.name)
		}
		t.AppendHeader(header)
		right(t, 2, len(header))
		for _, run := range r.Runs {
			row := table.Row{run.Run, run.Seed}
			for _, f := range figures {
				row = append(row, f.write(f.of(run.Agent[i])))
			}
			t.AppendRow(row)
		}
		t.Render()
		fmt.Fprintf(w, "\n%s, over the %d runs\n\n", s.Symbol, len(r.Runs))
		printSpreads(w, s, len(r.Runs))
		fmt.Fprintln(w)
		paragraph(w, "Agreement: %s.", agreementLine(s.Agreement))
	}
	fmt.Fprintln(w)
	paragraph(w, "sd is the sample deviation (n-1) of a figure over the runs.")
	paragraph(w, "%s", r.Conventions)
	for _, note := range r.report().notes() {
		paragraph(w, "Note: %s.", note)
	}
}

// report is what all runs have in common.
func (r repeatsReport) report() report {
	return report{Dataset: r.Dataset, Synthetic: r.Synthetic, Model: r.Model,
		Window: r.Window, Warnings: r.Warnings}
}

// spreadFigures are those that the table of spreads shows; the file has all.
var spreadFigures = []string{"cumulativeReturn", "sharpe", "maxDrawdown", "turnover"}

func printSpreads(w io.Writer, s repeatSymbol, runs int) {
	t := newTable(w)
	header := table.Row{"trader"}
	var notes []string
	for _, f := range shownFigures() {
		if slices.Contains(spreadFigures, f.key) {
			header = append(header, f.name+": mean", "sd", "min", "max")
		}
	}
	t.AppendHeader(header)
	right(t, 2, len(header))
	for _, trader := range s.Traders {
		row := table.Row{trader.Trader}
		for _, f := range shownFigures() {
			if !slices.Contains(spreadFigures, f.key) {
				continue
			}
			x := trader.Figures[f.key]
			row = append(row, f.write(x.Mean), f.write(x.SD), f.write(x.Min), f.write(x.Max))
			if x.Runs > 0 && x.Runs < runs {
				notes = append(notes, fmt.Sprintf("%s of %s is defined in %d of the %d runs; the others are left out of its row", f.name, trader.Trader, x.Runs, runs))
			}
		}
		t.AppendRow(row)
	}
	t.Render()
	for _, n := range notes {
		paragraph(w, "Note: %s.", n)
	}
}
