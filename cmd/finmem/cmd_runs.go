package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/backtest"
	"finmem/backtest/journal"
	"finmem/data"
)

func newRunsCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{Use: "runs", Short: "List, show and remove kept runs"}
	cmd.AddCommand(newRunsListCmd(s), newRunsShowCmd(s), newRunsRmCmd(s))
	return group(cmd)
}

// runInfo is one line of the list.
type runInfo struct {
	Run      string            `json:"run"`
	State    string            `json:"state"` // "finished", "unfinished", "unreadable: …"
	Sessions int               `json:"sessions"`
	Last     data.Session      `json:"lastSession"`
	Agent    []backtest.Result `json:"agent,omitempty"`
}

func newRunsListCmd(s *streams) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the kept runs",
		Args:  args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			runs, err := listRuns(cmd.Context(), dir)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.out, runs)
			}
			if len(runs) == 0 {
				fmt.Fprintf(s.err, "no runs in %s\n", dir)
				return nil
			}
			t := newTable(s.out)
			t.AppendHeader(table.Row{"run", "state", "sessions", "last session", "return %"})
			right(t, 3, 5)
			for _, r := range runs {
				returns := "n/a"
				for i, a := range r.Agent {
					if i == 0 {
						returns = ""
					} else {
						returns += ", "
					}
					returns += a.Symbol + " " + percent(a.CumulativeReturn)
				}
				t.AppendRow(table.Row{r.Run, r.State, r.Sessions, r.Last, returns})
			}
			t.Render()
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// listRuns looks at every folder that holds a run, in the order of names, the
// windows of a walk-forward among them. One that cannot be read is listed with the
// reason.
func listRuns(ctx context.Context, dir string) ([]runInfo, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return []runInfo{}, nil
	}
	if err != nil {
		return nil, err
	}
	runs := []runInfo{}
	add := func(name string) {
		info := runInfo{Run: name}
		if err := info.read(ctx, filepath.Join(dir, name)); err != nil {
			info.State = "unreadable: " + err.Error()
		}
		runs = append(runs, info)
	}
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(dir, e.Name(), journal.FileName)); err == nil {
			add(e.Name())
			continue
		}
		windows, err := keptWindows(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		for _, w := range windows {
			add(e.Name() + "/" + w)
		}
	}
	return runs, nil
}

func (r *runInfo) read(ctx context.Context, dir string) error {
	j, err := journal.Read(ctx, dir)
	if err != nil {
		return err
	}
	defer j.Close()
	sessions, err := j.Sessions(ctx)
	if err != nil {
		return err
	}
	r.Sessions = len(sessions)
	if len(sessions) > 0 {
		r.Last = sessions[len(sessions)-1]
	}
	rep, err := readReport(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.State = "unfinished"
		return nil
	case err != nil:
		return err
	}
	r.State, r.Agent = "finished", rep.Agent
	return nil
}

func newRunsShowCmd(s *streams) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show RUN",
		Short: "Show the results of a run again",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			path, err := findRun(dir, a[0])
			if err != nil {
				return err
			}
			r, err := readReport(path)
			if errors.Is(err, fs.ErrNotExist) {
				return hinted{fmt.Errorf("run %s is not finished", a[0]), "run its command again with --resume; finmem memory looks into it as it is"}
			}
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.out, r)
			}
			printReport(s.out, r)
			fmt.Fprintf(s.out, "\nDigest of all decisions, memory, orders and ledgers: %s\n", r.Digest)
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newRunsRmCmd(s *streams) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "rm RUN...",
		Short: "Remove kept runs, and walk-forwards with all their windows",
		Args:  args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, names []string) error {
			for _, name := range names {
				path, err := runDir(dir, name)
				if err != nil {
					return err
				}
				if err := removeRun(path); err != nil {
					return err
				}
				fmt.Fprintf(s.err, "removed %s\n", path)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	return cmd
}
