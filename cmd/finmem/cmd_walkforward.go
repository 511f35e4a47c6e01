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
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"finmem/backtest"
	"finmem/backtest/experiment"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/internal/atomicfile"
)

// walkforwardFile is written last: a walk-forward that has it is finished.
const walkforwardFile = "walkforward.json"

// equityFile holds curves, of a run or of a walk-forward.
const equityFile = "equity.csv"

// What regimes can be told from.
const (
	regimesByWindow  = "window"
	regimesByQuarter = "quarter"
)

type walkforwardOptions struct {
	run               runFlags
	train, test, step int
	regimes           string
	rule              experiment.Rule
	runsDir           string
	name              string
	resume            bool
	parallel          int
	compare           baselineFlags
	budget            budgetFlags
	json              bool
}

func newWalkforwardCmd(s *streams) *cobra.Command {
	o := walkforwardOptions{rule: experiment.DefaultRule()}
	cmd := &cobra.Command{
		Use:   "walkforward",
		Short: "Backtest window after window and join what was out of sample",
		Long: `walkforward cuts history into rolling pairs of a warm-up window and a test window,
runs a backtest of its own on each, with a memory that starts empty, and joins the
tests into one curve. The market's regimes, up, side and down, are shown as rows
of their own.

--train, --test and --step count sessions. --from is the first scored session, by
default the first that has a whole warm-up before it.

Each window is kept as a run, w01 and so on, in the folder of the walk-forward;
with --resume the finished ones are not run again.`,
		Example: `  finmem walkforward --train 60 --test 20
  finmem walkforward --data ds --symbol TSLA --train 120 --test 60 --from 2024-01-02 --baselines all
  finmem compare myrun/w01 myrun/w02`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.run.config(cmd)
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("step") {
				o.step = o.test
			}
			return runWalkforward(cmd.Context(), s, c, o)
		},
	}
	o.run.add(cmd)
	f := cmd.Flags()
	f.IntVar(&o.train, "train", 0, "`sessions` of warm-up before each test; 0 for none")
	f.IntVar(&o.test, "test", 0, "scored `sessions` a window")
	f.IntVar(&o.step, "step", 0, "`sessions` from one window to the next; default the length of a test")
	f.StringVar(&o.regimes, "regimes", regimesByWindow, "what a regime is told from: the price over each window, or each calendar quarter")
	f.Float64Var(&o.rule.Move, "regime-move", o.rule.Move, fmt.Sprintf("move of the price, as a fraction, from which %d sessions are up or down; over others it grows with the root of their number", o.rule.Sessions))
	f.StringVar(&o.runsDir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	f.StringVar(&o.name, "name", "", "`name` of the folder; default says who, when, which model and which windows")
	f.BoolVar(&o.resume, "resume", false, "go on where it stopped; starts it if there is none")
	f.IntVar(&o.parallel, "parallel", runtime.GOMAXPROCS(0), "symbols to work on at once; results do not depend on it")
	o.compare.add(cmd)
	o.budget.add(cmd)
	f.BoolVar(&o.json, "json", false, "print the results as JSON")
	return cmd
}

func runWalkforward(ctx context.Context, s *streams, c config, o walkforwardOptions) error {
	if o.regimes != regimesByWindow && o.regimes != regimesByQuarter {
		return usagef(nil, "--regimes %q: want window or quarter", o.regimes)
	}
	if err := o.rule.Validate(); err != nil {
		return usagef(nil, "--regime-move: %v", err)
	}
	plan, err := newSchedule(ctx, c, o)
	if err != nil {
		return err
	}
	dir, err := runDir(o.runsDir, plan.name)
	if err != nil {
		return err
	}
	if err := plan.check(dir, o.resume); err != nil {
		return err
	}
	spending, err := o.budget.spending(c.Model.Name, c.Model.Embedder)
	if err != nil {
		return err
	}
	if o.budget.dryRun {
		return plan.dry(ctx, s, c, o, spending)
	}
	var reports []report
	for i, w := range plan.windows {
		// Whether to go on with what is there has been settled above.
		r, _, err := execute(ctx, s, c.in(w), backtestOptions{runsDir: dir, name: plan.names[i], resume: true, parallel: o.parallel, compare: o.compare, spending: spending})
		if err != nil {
			return fmt.Errorf("window %s, test %s to %s: %w", plan.names[i], w.From, w.To, err)
		}
		reports = append(reports, r)
	}
	r, err := plan.join(reports, o)
	if err != nil {
		return err
	}
	if err := writeWalkforward(dir, r); err != nil {
		return err
	}
	if o.json {
		err = writeJSON(s.out, r)
	} else {
		printWalkforward(s.out, r)
		fmt.Fprintf(s.out, "\nWindows kept in %s\n", dir)
	}
	if err != nil {
		return err
	}
	return missed(reports)
}

// in is c on the window w.
func (c config) in(w backtest.Window) config {
	c.Window = windowConfig(w)
	return c
}

// A schedule is a walk-forward that has been checked as far as it can be without
// asking a model.
type schedule struct {
	name     string
	names    []string // of the windows' folders
	windows  []backtest.Window
	symbols  []string
	moves    map[string]map[data.Session]float64 // of the prices, by symbol
	warnings []string
}

// newSchedule lays the windows over the sessions for which all symbols have
// prices.
func newSchedule(ctx context.Context, c config, o walkforwardOptions) (*schedule, error) {
	if c.Window.WarmupFrom != "" {
		return nil, usagef(nil, "each window studies the --train sessions before its test: leave out --warmup-from, or say with --from where the first test starts")
	}
	ds, err := openDataset(ctx, c.Data)
	if err != nil {
		return nil, err
	}
	calendar, err := data.CalendarByName(ds.Meta.Calendar)
	if err != nil {
		return nil, err
	}
	p := &schedule{symbols: c.Symbols, moves: map[string]map[data.Session]float64{}}
	if len(p.symbols) == 0 {
		p.symbols = ds.Symbols()
	}
	var first, last data.Session
	histories := make([]data.History, len(p.symbols))
	for i, symbol := range p.symbols {
		h, err := ds.History(symbol)
		if err != nil {
			return nil, err
		}
		if len(h.Bars) == 0 {
			return nil, fmt.Errorf("no prices for %s in the dataset", symbol)
		}
		if h.Actions, err = calendar.OnSessions(h.Actions); err != nil {
			return nil, fmt.Errorf("%s: %w", symbol, err)
		}
		histories[i] = h
		first = max(first, h.Bars[0].Session)
		if end := h.Bars[len(h.Bars)-1].Session; last == "" || end < last {
			last = end
		}
		p.moves[symbol] = priceMoves(h, ds.Meta.Adjustment)
	}
	sessions, err := p.sessions(calendar, first, last, c.Window, o.train)
	if err != nil {
		return nil, err
	}
	if p.windows, err = experiment.Windows(sessions, o.train, o.test, o.step); err != nil {
		return nil, usagef(nil, "%v", err)
	}
	if err := p.covered(histories); err != nil {
		return nil, err
	}
	p.leftOut(sessions, o)
	for i := range p.windows {
		p.names = append(p.names, fmt.Sprintf("w%0*d", max(2, len(fmt.Sprint(len(p.windows)))), i+1))
	}
	if p.name = o.name; p.name == "" {
		c.Window = windowConfig{From: p.windows[0].From, To: p.windows[len(p.windows)-1].To}
		whole := plan{config: c, symbols: p.symbols}
		p.name = fmt.Sprintf("%s_walk-%d-%d-%d", whole.id(), o.train, o.test, o.step)
	}
	return p, nil
}

// sessions are those that the windows are laid over: from train sessions before
// the first scored one on.
func (p *schedule) sessions(calendar *data.Calendar, first, last data.Session, w windowConfig, train int) ([]data.Session, error) {
	to := last
	if w.To != "" && w.To < last {
		to = w.To
	}
	if w.To > last {
		p.warnings = append(p.warnings, fmt.Sprintf("prices of all symbols end on %s: so does the last window", last))
	}
	if first > to {
		return nil, fmt.Errorf("no session with prices of %s up to %s: all of them have prices from %s to %s", strings.Join(p.symbols, ", "), to, first, last)
	}
	sessions, err := calendar.Range(first, to)
	if err != nil {
		return nil, usagef(nil, "%v", err)
	}
	if w.From == "" {
		return sessions, nil
	}
	if w.From > to {
		return nil, usagef(nil, "the windows run from %s to %s, which is backwards", w.From, to)
	}
	at := slices.IndexFunc(sessions, func(s data.Session) bool { return s >= w.From })
	if at < train {
		hint := "leave out --from to start as early as possible"
		if train < len(sessions) {
			hint = fmt.Sprintf("the first test can start on %s", sessions[train])
		}
		return nil, hinted{fmt.Errorf("a warm-up of %s before %s reaches back beyond %s, the first with prices of %s", count(train, "session"), w.From, first, strings.Join(p.symbols, ", ")), hint}
	}
	return sessions[at-train:], nil
}

// covered refuses a test window in which a symbol has no price, before any window
// is run.
func (p *schedule) covered(histories []data.History) error {
	for _, h := range histories {
		for _, w := range p.windows {
			if !slices.ContainsFunc(h.Bars, func(b data.Bar) bool { return b.Session >= w.From && b.Session <= w.To }) {
				return fmt.Errorf("no prices for %s in the test window %s to %s", h.Symbol, w.From, w.To)
			}
		}
	}
	return nil
}

// leftOut says which sessions are in no test.
func (p *schedule) leftOut(sessions []data.Session, o walkforwardOptions) {
	if n := o.step - o.test; n > 0 && len(p.windows) > 1 {
		p.warnings = append(p.warnings, fmt.Sprintf("not scored: %s between one test and the next, which the joined curve passes over", count(n, "session")))
	}
	end := slices.Index(sessions, p.windows[len(p.windows)-1].To)
	if rest := sessions[end+1:]; len(rest) > 0 {
		p.warnings = append(p.warnings, fmt.Sprintf("not scored: %s at the end, too few for another test (%s)", count(len(rest), "session"), span(rest)))
	}
}

// priceMoves are the returns from close to close of every session with a price, in
// prices that splits do not cut; NaN on the first.
func priceMoves(h data.History, adjustment data.Adjustment) map[data.Session]float64 {
	bars := h.Bars
	if adjustment == data.Raw {
		bars = data.RestateBars(bars, h.Actions, bars[len(bars)-1].Session)
	}
	moves := make(map[data.Session]float64, len(bars))
	moves[bars[0].Session] = math.NaN()
	for i := 1; i < len(bars); i++ {
		moves[bars[i].Session] = bars[i].Close/bars[i-1].Close - 1
	}
	return moves
}

var windowName = regexp.MustCompile(`^w[0-9]+$`)

// keptWindows are the windows that a folder holds, none where it is not that of a
// walk-forward.
func keptWindows(dir string) ([]string, error) {
	if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var windows []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(dir, e.Name(), journal.FileName)); err == nil && windowName.MatchString(e.Name()) {
			windows = append(windows, e.Name())
		}
	}
	return windows, nil
}

// check refuses a folder that holds something else, and one that holds windows
// already, unless they are to be gone on with.
func (p *schedule) check(dir string, resume bool) error {
	if _, err := os.Stat(filepath.Join(dir, journal.FileName)); err == nil {
		return hinted{fmt.Errorf("%s is a run, not a walk-forward", dir), "give the walk-forward another --name"}
	}
	kept, err := keptWindows(dir)
	if err != nil {
		return err
	}
	for _, name := range kept {
		if !resume {
			return hinted{fmt.Errorf("%s: there is a walk-forward already", dir), "add --resume to go on with it, or --name for another beside it; finmem runs rm removes it"}
		}
		if !slices.Contains(p.names, name) {
			return hinted{fmt.Errorf("%s holds window %s, and this walk-forward ends with %s", dir, name, p.names[len(p.names)-1]), "use the windows it was started with, or --name to start another"}
		}
	}
	return nil
}

// removeRun deletes a run with its folder, or a walk-forward with all its windows.
func removeRun(dir string) error {
	windows, err := keptWindows(dir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, journal.FileName)); err == nil || len(windows) == 0 {
		return journal.Remove(dir)
	}
	for _, w := range windows {
		if err := journal.Remove(filepath.Join(dir, w)); err != nil {
			return err
		}
	}
	for _, name := range []string{equityFile, walkforwardFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// What else somebody put there is not ours to delete.
	return os.Remove(dir)
}

// writeWalkforward puts the joined results beside the windows.
func writeWalkforward(dir string, r walkforwardReport) error {
	var curves []backtest.Result
	for _, s := range r.Symbols {
		for _, t := range s.Traders {
			curves = append(curves, backtest.Result{Symbol: s.Symbol, Trader: t.Trader, Curve: t.curve})
		}
	}
	if err := atomicfile.WriteFile(filepath.Join(dir, equityFile), func(w io.Writer) error { return writeEquity(w, curves) }); err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, walkforwardFile), func(w io.Writer) error { return writeJSON(w, r) })
}
