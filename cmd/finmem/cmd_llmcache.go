package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/agent/llm/calls"
	"finmem/internal/atomicfile"
)

func newLLMCacheCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "llm-cache",
		Short: "Look after the kept calls to models",
		Long: `Every call to a language model or an embedder is kept with its answer in one file,
by default ` + calls.FileName + ` in the folder of the runs, so that a run can be repeated
without a network and free of charge: finmem backtest … --llm-cache replay.
The file holds no keys.`,
	}
	cmd.AddCommand(newLLMCacheStatsCmd(s), newLLMCachePruneCmd(s), newLLMCacheExportCmd(s), newLLMCacheImportCmd(s))
	return group(cmd)
}

// callFileFlags name the file of kept calls.
type callFileFlags struct{ file, runs string }

func (f *callFileFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "llm-cache-file", "", "`file` that keeps model calls; default "+calls.FileName+" in the folder of the runs")
	cmd.Flags().StringVar(&f.runs, "runs", defaultRunsDir, "`folder` that runs are kept in")
}

// read opens the file to look at it.
func (f *callFileFlags) read(cmd *cobra.Command) (*calls.Store, error) {
	return calls.OpenReadOnly(cmd.Context(), callFile(cmd, f.file))
}

// filterFlags pick calls.
type filterFlags struct {
	provider, model, kind, before string
	faulty                        bool
}

func (f *filterFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.provider, "provider", "", "only calls to this `provider`")
	fl.StringVar(&f.model, "model", "", "only calls to this `model`, without its provider")
	fl.StringVar(&f.kind, "kind", "", "only calls of this `kind`: chat, embedding, or vector (what an embedding said of one text)")
	fl.StringVar(&f.before, "before", "", "only calls made before this `date`, in UTC")
	fl.BoolVar(&f.faulty, "faulty", false, "only calls whose answer cannot be used")
}

func (f *filterFlags) filter(cmd *cobra.Command) (calls.Filter, error) {
	filter := calls.Filter{Provider: f.provider, Model: f.model, Faulty: f.faulty}
	if f.kind != "" {
		var err error
		if filter.Kind, err = calls.ParseKind(f.kind); err != nil {
			return filter, usagef(cmd, "--kind: %v", err)
		}
	}
	if f.before != "" {
		t, err := time.Parse(time.DateOnly, f.before)
		if err != nil {
			return filter, usagef(cmd, "--before %q: want a date such as 2026-01-31", f.before)
		}
		filter.Before = t
	}
	return filter, nil
}

func newLLMCacheStatsCmd(s *streams) *cobra.Command {
	var f callFileFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count the kept calls by model",
		Args:  args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := f.read(cmd)
			if err != nil {
				return err
			}
			defer store.Close()
			counts, err := store.Stats(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.out, counts)
			}
			t := newTable(s.out)
			t.AppendHeader(table.Row{"provider", "model", "kind", "calls", "faulty", "tokens in", "tokens out", "bytes", "mean s", "last (UTC)"})
			right(t, 4, 9)
			for _, c := range counts {
				t.AppendRow(table.Row{c.Provider, c.Model, c.Kind, c.Calls, c.Faulty, c.InputTokens, c.OutputTokens, c.Bytes, fmt.Sprintf("%.2f", c.LatencySeconds), c.Last})
			}
			t.Render()
			return nil
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newLLMCachePruneCmd(s *streams) *cobra.Command {
	var f callFileFlags
	var pick filterFlags
	var all, dryRun bool
	cmd := &cobra.Command{
		Use:     "prune",
		Short:   "Delete kept calls",
		Long:    "prune deletes the calls that the flags pick. Runs that used them can then no longer be replayed.",
		Example: "  finmem llm-cache prune --faulty\n  finmem llm-cache prune --before 2026-01-01 --dry-run",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, err := pick.filter(cmd)
			if err != nil {
				return err
			}
			if none := filter == (calls.Filter{}); none != all {
				return usagef(cmd, "say what to delete with --provider, --model, --kind, --before or --faulty, or everything with --all")
			}
			if dryRun {
				store, err := f.read(cmd)
				if err != nil {
					return err
				}
				defer store.Close()
				n, err := store.Number(cmd.Context(), filter)
				if err != nil {
					return err
				}
				fmt.Fprintf(s.out, "would delete %s\n", count(n, "call"))
				return nil
			}
			path := callFile(cmd, f.file)
			if _, err := os.Stat(path); err != nil {
				return fmt.Errorf("opening the file of kept calls: %w", err)
			}
			store, err := calls.Open(cmd.Context(), path)
			if err != nil {
				return err
			}
			defer store.Close()
			n, err := store.Prune(cmd.Context(), filter)
			if err != nil {
				return err
			}
			fmt.Fprintf(s.out, "deleted %s\n", count(n, "call"))
			return nil
		},
	}
	f.add(cmd)
	pick.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "delete every call")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only count what would be deleted")
	return cmd
}

func newLLMCacheExportCmd(s *streams) *cobra.Command {
	var f callFileFlags
	var pick filterFlags
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write kept calls as JSON Lines, - for stdout",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			filter, err := pick.filter(cmd)
			if err != nil {
				return err
			}
			store, err := f.read(cmd)
			if err != nil {
				return err
			}
			defer store.Close()
			n := 0
			write := func(w io.Writer) (err error) {
				n, err = store.Export(cmd.Context(), w, filter)
				return err
			}
			if a[0] == "-" {
				buffered := bufio.NewWriter(s.out)
				if err := write(buffered); err != nil {
					return err
				}
				return buffered.Flush()
			}
			if err := atomicfile.WriteFile(a[0], write); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "exported %s to %s\n", count(n, "call"), a[0])
			return nil
		},
	}
	f.add(cmd)
	pick.add(cmd)
	return cmd
}

func newLLMCacheImportCmd(s *streams) *cobra.Command {
	var f callFileFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Add calls that were exported, - for stdin",
		Long: `import adds the calls of an export. One that is there already stays as it is. A
line whose content does not fit its key is refused, and then nothing is added.`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			from, name := s.in, "stdin"
			if a[0] != "-" {
				file, err := os.Open(a[0])
				if err != nil {
					return err
				}
				defer file.Close()
				from, name = file, a[0]
			}
			store, err := calls.Open(cmd.Context(), callFile(cmd, f.file))
			if err != nil {
				return err
			}
			defer store.Close()
			done, err := store.Import(cmd.Context(), from, name)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.out, done)
			}
			fmt.Fprintf(s.out, "added %s, %d were there already\n", count(done.Added, "call"), done.Known)
			return nil
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
