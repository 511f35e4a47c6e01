package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"finmem/backtest/journal"
	"finmem/internal/printable"
)

type backtestOptions struct {
	run      runFlags
	runsDir  string
	name     string
	resume   bool
	parallel int
	repeats  int
	compare  baselineFlags
	budget   budgetFlags
	// spending, if not nil, is of several runs that share one budget.
	spending *spending
	json     bool
}

func newBacktestCmd(s *streams) *cobra.Command {
	var o backtestOptions
	cmd := &cobra.Command{
		Use:   "backtest",
		Short: "Let the agent trade history, one session after another",
		Long: `backtest lets the agent study a warm-up window and trade a test window, session
by session, and keeps the run in a folder of its own: what it remembered, what it
was shown, what it decided and why, orders, fills and the ledger.

Without --data it runs on a small synthetic market with the offline analyst:
no network, no key, no model.`,
		Example: `  finmem backtest
  finmem backtest --data ds --symbol TSLA --warmup-from 2025-02-03 --from 2026-01-02 --to 2026-06-01
  finmem backtest --data ds --symbol TSLA --from 2026-01-02 --resume`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.run.config(cmd)
			if err != nil {
				return err
			}
			if o.parallel < 1 {
				return usagef(cmd, "--parallel %d: want at least 1", o.parallel)
			}
			if o.repeats != 1 {
				return runRepeats(cmd.Context(), s, c, o)
			}
			if o.budget.dryRun {
				return runDry(cmd.Context(), s, c, o)
			}
			return runBacktest(cmd.Context(), s, c, o)
		},
	}
	o.run.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.runsDir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	f.StringVar(&o.name, "name", "", "`name` of the run's folder; default says who, when and which model")
	f.BoolVar(&o.resume, "resume", false, "go on with the run where it stopped; starts it if there is none")
	f.IntVar(&o.parallel, "parallel", runtime.GOMAXPROCS(0), "symbols to work on at once; results do not depend on it")
	f.IntVar(&o.repeats, "repeats", 1, "runs to make, each with the next seed, and to show the mean and spread of")
	o.compare.add(cmd)
	o.budget.add(cmd)
	f.BoolVar(&o.json, "json", false, "print the results as JSON")
	return cmd
}

func runBacktest(ctx context.Context, s *streams, c config, o backtestOptions) error {
	r, dir, err := execute(ctx, s, c, o)
	if err != nil {
		return err
	}
	if o.json {
		err = writeJSON(s.out, r)
	} else {
		printReport(s.out, r)
		fmt.Fprintf(s.out, "\nRun kept in %s\n", dir)
	}
	if err != nil {
		return err
	}
	return r.errorDays()
}

// execute runs one backtest from its start, or from where it stopped, to the
// files beside it, and returns its results and its folder.
func execute(ctx context.Context, s *streams, c config, o backtestOptions) (r report, dir string, err error) {
	p, err := newPlan(ctx, c)
	if err != nil {
		return report{}, "", err
	}
	defer func() { err = errors.Join(err, p.connection.Close()) }()
	p.engine.Parallel = o.parallel
	name := o.name
	if name == "" {
		name = p.id()
	}
	if dir, err = runDir(o.runsDir, name); err != nil {
		return report{}, "", err
	}
	against, err := p.comparison(o.compare)
	if err != nil {
		return report{}, "", err
	}
	if o.spending != nil {
		p.spending = o.spending.next()
	} else if p.spending, err = o.budget.spending(p.config.Model.Name, p.config.Model.Embedder); err != nil {
		return report{}, "", err
	}
	r, err = p.execute(ctx, s, dir, name, o.resume, against)
	return r, dir, err
}

func (p *plan) execute(ctx context.Context, s *streams, dir, name string, resume bool, against comparison) (report, error) {
	books, store, agents, err := p.agentBooks(nil)
	if err != nil {
		return report{}, err
	}
	j, done, err := p.openJournal(ctx, dir, resume)
	if err != nil {
		return report{}, err
	}
	defer j.Close()
	if err := writeProfiles(dir, p.profiles); err != nil {
		return report{}, err
	}
	if done > 0 {
		if err := p.restore(ctx, j, books, store, agents); err != nil {
			return report{}, fmt.Errorf("resuming %s: %w", dir, err)
		}
	}
	if done > 0 {
		if err := p.spending.resume(ctx, j, p.symbols); err != nil {
			return report{}, err
		}
	}
	if err := p.announce(ctx, s.err, done); err != nil {
		return report{}, err
	}
	progress := newProgress(s.err, p.sessions, done)
	progress.spent = p.spending
	err = p.spending.run(ctx, p.engine, p.sessions[done:], books, j, progress.session)
	progress.end()
	if err != nil {
		return report{}, stopped(err, dir)
	}

	r, err := p.report(ctx, j, name, against)
	if err != nil {
		return report{}, err
	}
	if err := j.Finish(ctx); err != nil {
		return report{}, err
	}
	if err := writePage(ctx, j, r); err != nil {
		return report{}, err
	}
	return r, writeArtifacts(dir, r)
}

// stopped adds to the error that ended a run how to go on with it.
func stopped(err error, dir string) error {
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("interrupted: %w", err)
	}
	return hinted{err, fmt.Sprintf("all finished sessions are kept in %s; the same command with --resume goes on from there", dir)}
}

// errorDays is an error if the agent missed any decision.
func (r report) errorDays() error {
	n := 0
	for _, a := range r.Agent {
		n += a.ErrorDays
	}
	if n > 0 {
		return errorDays{n}
	}
	return nil
}

// openJournal starts the run, or opens it to go on, and returns the number of
// sessions that are done. Going on with other settings is refused, naming each
// difference.
func (p *plan) openJournal(ctx context.Context, dir string, resume bool) (*journal.Journal, int, error) {
	if resume {
		j, err := journal.Resume(ctx, dir)
		if err == nil {
			done, err := p.resumable(ctx, j)
			if err != nil {
				return nil, 0, errors.Join(err, j.Close())
			}
			return j, done, nil
		}
		if !errors.Is(err, journal.ErrNoRun) {
			return nil, 0, err
		}
	}
	embedder, err := p.embedder()
	if err != nil {
		return nil, 0, err
	}
	text, err := p.config.TOML()
	if err != nil {
		return nil, 0, err
	}
	j, err := journal.Create(ctx, dir, journal.Meta{Version: version, Config: text, Embedder: embedder.Identity(), Settings: p.settings})
	if errors.Is(err, journal.ErrExists) {
		return nil, 0, hinted{err, "add --resume to go on with it, or --name for another run beside it; finmem runs rm removes it"}
	}
	return j, 0, err
}

// resumable checks that going on with the run means the same run, and returns
// the number of sessions that are done.
func (p *plan) resumable(ctx context.Context, j *journal.Journal) (int, error) {
	if err := p.sameRun(ctx, j); err != nil {
		return 0, err
	}
	sessions, err := j.Sessions(ctx)
	if err != nil {
		return 0, err
	}
	for i, s := range sessions {
		if i >= len(p.sessions) || p.sessions[i] != s {
			return 0, fmt.Errorf("%s: session %d is %s, which is not where this run would be", j.Dir(), i+1, s)
		}
	}
	return len(sessions), nil
}

// sameRun refuses to go on with a run under other settings, or with another
// embedder, naming each difference.
func (p *plan) sameRun(ctx context.Context, j *journal.Journal) error {
	meta, err := j.Meta(ctx)
	if err != nil {
		return err
	}
	embedder, err := p.embedder()
	if err != nil {
		return err
	}
	if err := embedder.Identity().Check(meta.Embedder); err != nil {
		return hinted{fmt.Errorf("%s: %w", j.Dir(), err),
			fmt.Sprintf("finmem memory reembed %s --embedder %s --out NAME copies the run with its memory embedded anew", filepath.Base(j.Dir()), p.config.Model.Embedder)}
	}
	if diff := journal.Differences(meta.Settings, p.settings); len(diff) > 0 {
		parts := make([]string, len(diff))
		for i, d := range diff {
			parts[i] = fmt.Sprintf("%s was %q, is %q", d.Setting, d.Was, d.Is)
			if strings.HasPrefix(d.Setting, contentOf) && d.Was != "" && d.Is != "" {
				parts[i] = d.Setting + " is another" // digests tell a person nothing
			}
		}
		return hinted{
			fmt.Errorf("%s cannot be resumed with other settings: %s", j.Dir(), strings.Join(parts, "; ")),
			fmt.Sprintf("--config %s --resume goes on with the settings it was started with; --name starts another run", filepath.Join(j.Dir(), journal.ConfigName)),
		}
	}
	return nil
}

// report reads the finished run back and scores it beside what it is compared with.
func (p *plan) report(ctx context.Context, j *journal.Journal, name string, against comparison) (report, error) {
	r := report{
		Finmem: version, Run: name, Dataset: p.meta.Name, Synthetic: p.meta.Synthetic,
		Model: p.config.Model.Name, Embedder: p.config.Model.Embedder, Memory: p.config.Memory.Preset, Seed: p.config.Run.Seed,
		Window: window(p.config.Window), Conventions: p.conventions(), Warnings: append([]string{}, p.warnings...),
	}
	for _, s := range p.symbols {
		records, err := j.Records(ctx, s)
		if err != nil {
			return r, err
		}
		r.Agent = append(r.Agent, p.evaluate(s, agentName, records))
	}
	var err error
	if r.Baselines, err = p.baselines(ctx, against, r.Agent); err != nil {
		return r, err
	}
	if err := p.assess(&r); err != nil {
		return r, err
	}
	if r.Usage, err = readUsage(ctx, j, p.symbols, p.spending.rates); err != nil {
		return r, err
	}
	r.Digest, err = j.Digest(ctx)
	return r, err
}

// defaultRunsDir is where runs are kept unless told otherwise.
const defaultRunsDir = "runs"

// runDir is the folder of a run by name. A name is one folder below the runs,
// never a way out of them.
func runDir(runs, name string) (string, error) {
	if name == "" || name == "." || name == ".." || filepath.Base(name) != name || printable.Line(name) != name || strings.ContainsAny(name, `/\`+"\x00") || len(name) > 200 {
		return "", usagef(nil, "run name %q: want one name without slashes and control characters, of at most 200 characters", name)
	}
	return filepath.Join(runs, name), nil
}

// findRun is the folder of a run that is there: given by name, or as a path.
func findRun(runs, run string) (string, error) {
	for _, dir := range []string{filepath.Join(runs, run), run} {
		if _, err := os.Stat(filepath.Join(dir, journal.FileName)); err == nil {
			return dir, nil
		}
	}
	return "", hinted{fmt.Errorf("no run %q in %s", run, runs), "finmem runs list shows those there are"}
}
