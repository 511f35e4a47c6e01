package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"finmem/paper"
)

type paperOptions struct {
	run     runFlags
	dir     string
	once    bool
	replay  string
	speed   string
	fromRun string
	runsDir string
	watch   watchFlags
}

func newPaperRunCmd(s *streams) *cobra.Command {
	var o paperOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the loop: wait for each session's decision time, decide, order, sleep",
		Long: `run waits for each session's decision time, runs the session a backtest would run,
sends its order and sleeps. Everything is kept in one folder, from which the same
command goes on after it was stopped or killed. Ctrl-C stops between sessions: one
that has begun is finished; a second Ctrl-C stops at once. Nothing is lost either way.

With --replay the same loop is played over the sessions of a dataset, with a
simulated clock and a simulated account.

Exit codes: 0 done, 3 done but with error days or missed sessions, 130 stopped.`,
		Example: `  finmem paper run --config paper.toml
  finmem paper run --config paper.toml --once
  finmem paper run --replay ds --from 2025-01-02 --to 2025-03-31 --speed max`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.replay != "" {
				if cmd.Flags().Changed("data") {
					return usagef(cmd, "--replay names the dataset: leave --data out")
				}
				o.run.data = o.replay
			}
			c, err := o.run.config(cmd)
			if err != nil {
				return err
			}
			if o.replay != "" {
				c.Data = o.replay
			}
			if c.Paper == nil {
				c.Paper = new(paperConfig)
				*c.Paper = defaultPaper()
			}
			return runPaper(cmd.Context(), s, cmd, c, o)
		},
	}
	o.run.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", "", "`folder` of the loop; default below paper, named for the configuration file")
	f.BoolVar(&o.once, "once", false, "do what is due now, missed sessions included, and exit")
	f.StringVar(&o.replay, "replay", "", "play the loop over the sessions of this dataset `folder`")
	f.StringVar(&o.speed, "speed", "max", "how many seconds pass in one, with --replay: max, or a number")
	f.StringVar(&o.fromRun, "from-run", "", "start with the memory of this finished `run`")
	o.watch.add(cmd)
	f.StringVar(&o.runsDir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	return cmd
}

// folder is that of the loop.
func (o paperOptions) folder() string {
	if o.dir != "" {
		return o.dir
	}
	name := strings.TrimSuffix(filepath.Base(o.run.file), filepath.Ext(o.run.file))
	if o.run.file == "" {
		name = "loop"
	}
	if o.replay != "" {
		name = "replay_" + name
	}
	return filepath.Join("paper", name)
}

// pace is the speed of a replay, 0 for as fast as it goes.
func (o paperOptions) pace(cmd *cobra.Command) (float64, error) {
	if o.speed == "max" {
		return 0, nil
	}
	speed, err := strconv.ParseFloat(o.speed, 64)
	if err != nil || !(speed > 0 && speed <= 1e9) {
		return 0, usagef(cmd, "--speed %q: want max, or how many seconds pass in one", o.speed)
	}
	return speed, nil
}

func runPaper(ctx context.Context, s *streams, cmd *cobra.Command, c config, o paperOptions) error {
	speed, err := o.pace(cmd)
	if err != nil {
		return err
	}
	if o.replay == "" && cmd.Flags().Changed("speed") {
		return usagef(cmd, "--speed is for --replay: the market has its own")
	}
	if o.replay != "" && (o.once || o.fromRun != "") {
		return usagef(cmd, "--once and --from-run are for a market that is still open, not for --replay")
	}
	hard, done := secondSignal(ctx)
	defer done()
	l, err := openPaper(hard, s, c, o, speed)
	if err != nil {
		return err
	}
	err = l.run(hard, ctx, o.once)
	if err == nil && o.replay != "" {
		err = l.report(hard, s)
	}
	if err == nil && o.once {
		err = l.tellNext(s.out)
	}
	if err := errors.Join(err, l.Close()); err != nil {
		return l.stopped(err)
	}
	return l.counted()
}

// stopped says how to go on.
func (l *paperLoop) stopped(err error) error {
	var missing *paper.ShortOfCash
	var other *paper.OtherAccount
	switch {
	case errors.As(err, &other):
		return hinted{err, "set the keys of the first account; where it is gone, begin with another --dir: --from-run carries the memory over"}
	case errors.As(err, &missing):
		return hinted{err, "set broker.cash, which each symbol starts with, to what the account has for it"}
	case errors.Is(err, context.Canceled):
		return hinted{stoppedLoop{}, fmt.Sprintf("all is kept in %s; the same command goes on from there", l.dir)}
	}
	return err
}

// stoppedLoop says that somebody ended a loop.
type stoppedLoop struct{}

func (stoppedLoop) Error() string { return "stopped" }
func (stoppedLoop) Unwrap() error { return context.Canceled }
