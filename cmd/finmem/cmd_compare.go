package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/journal"
	"finmem/internal/printable"
)

type compareOptions struct {
	runsDir string
	actions []string
	data    string
	rankBy  string
	json    bool
}

func newCompareCmd(s *streams) *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:   "compare RUN...",
		Short: "Show finished runs and outside agents side by side",
		Long: `compare shows runs side by side, symbol by symbol, with what the first of them was
compared with, and how often two agents decided alike.

Only what was earned on the same data, in the same windows, at the same costs is
ranked. A run that differs in one of these says so in its row, gets no rank, and
is tested against nothing. What else differs is listed.

A pair of rows is tested by Wilcoxon's signed-rank test on the daily returns; the
column Holm corrects its p-value for how many pairs there are.`,
		Example: `  finmem compare a b
  finmem compare a --actions other=decisions.csv
  finmem compare a-s1 a-s2 b-s1 --rank-by return --json`,
		Args: args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			return runCompare(cmd.Context(), cmd, s, names, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.runsDir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	f.StringArrayVar(&o.actions, "actions", nil, "`name=file` of an outside agent's decisions in CSV, traded with the first run's fills and costs; repeatable")
	f.StringVar(&o.data, "data", "", "dataset `folder` of the first run, where it has been moved; read for --actions only")
	f.StringVar(&o.rankBy, "rank-by", "sharpe", "figure to rank by: "+strings.Join(rankNames(), ", "))
	f.BoolVar(&o.json, "json", false, "print the results as JSON")
	return cmd
}

func runCompare(ctx context.Context, cmd *cobra.Command, s *streams, names []string, o compareOptions) error {
	if len(names)+len(o.actions) < 2 {
		return usagef(cmd, "%s is nothing to compare: name another run, or decisions with --actions", names[0])
	}
	by, err := findRank(o.rankBy)
	if err != nil {
		return usagef(cmd, "--rank-by: %v", err)
	}
	var runs []keptRun
	for _, name := range names {
		r, err := readKeptRun(ctx, o.runsDir, name)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(runs, func(x keptRun) bool { return x.dir == r.dir }); i >= 0 {
			return usagef(cmd, "%s and %s are the same run", runs[i].name, name)
		}
		runs = append(runs, r)
	}
	outside, warnings, err := tradeOutside(ctx, runs[0], names, o)
	if err != nil {
		return err
	}
	r := compareRuns(runs, outside, by)
	r.Warnings = append(r.Warnings, warnings...)
	if o.json {
		return writeJSON(s.out, r)
	}
	printCompared(s.out, r)
	return nil
}

// A keptRun is a finished run as it was read back.
type keptRun struct {
	name, dir string
	report    report
	settings  map[string]string
	decided   map[string][]agent.Action // by symbol
}

func readKeptRun(ctx context.Context, runsDir, name string) (r keptRun, err error) {
	dir, err := findRun(runsDir, name)
	if err != nil {
		return r, err
	}
	r = keptRun{name: printable.Line(name), dir: filepath.Clean(dir), decided: map[string][]agent.Action{}}
	r.report, err = readReport(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return r, hinted{fmt.Errorf("run %s is not finished", name), "run its command again with --resume"}
	}
	if err != nil {
		return r, err
	}
	if err := readEquity(dir, r.report); err != nil {
		return r, err
	}
	j, err := journal.Read(ctx, dir)
	if err != nil {
		return r, err
	}
	meta, err := j.Meta(ctx)
	if err := errors.Join(err, j.Close()); err != nil {
		return r, err
	}
	r.settings = meta.Settings
	for _, a := range r.report.Agent {
		if r.decided[a.Symbol], err = decisionsOf(ctx, dir, a.Symbol); err != nil {
			return r, err
		}
	}
	return r, nil
}

// An outsideResult is what an outside agent's decisions earned.
type outsideResult struct {
	result  backtest.Result
	decided []agent.Action
}

// tradeOutside trades the files of decisions as the first run traded, from the
// data that it was made of.
func tradeOutside(ctx context.Context, first keptRun, names []string, o compareOptions) ([]outsideResult, []string, error) {
	if len(o.actions) == 0 {
		return nil, nil, nil
	}
	c, err := readConfig(filepath.Join(first.dir, journal.ConfigName))
	if err != nil {
		return nil, nil, err
	}
	if o.data != "" {
		c.Data = o.data
	}
	// Who traded has no part in it: neither the profiles nor the model need be
	// there any more.
	c.Profile.Files, c.Model = nil, defaultConfig().Model
	p, err := newPlan(ctx, c)
	if err != nil {
		return nil, nil, hintData(err, c)
	}
	for _, symbol := range p.symbols {
		if differs := incomparable(first.settings, p.settings, symbol); len(differs) > 0 {
			return nil, nil, fmt.Errorf("%s was made from something else than what is there now: its %s of %s differs", first.name, strings.Join(differs, ", "), symbol)
		}
	}
	known := len(p.warnings)
	taken := append([]string{agentName}, names...)
	for _, b := range first.report.Baselines {
		taken = append(taken, b.Trader)
	}
	traders, err := p.readOutside(o.actions, taken)
	if err != nil {
		return nil, nil, err
	}
	var results []outsideResult
	for _, symbol := range slices.Sorted(maps.Keys(traders)) {
		for _, trader := range traders[symbol] {
			records, err := p.tradeFile(ctx, symbol, trader)
			if err != nil {
				return nil, nil, err
			}
			results = append(results, outsideResult{p.evaluate(symbol, trader.Name(), records), decidedIn(records)})
		}
	}
	return results, p.warnings[known:], nil
}
