package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// streams are where a command reads and writes: out is for the answer, err for
// progress, warnings and errors.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

func newRootCmd(s *streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "finmem",
		Short: "A trading agent with a layered memory",
		Long: `finmem reads each session's prices, news and filings, remembers what matters
for as long as it matters, asks a model for one decision, and learns from what
that decision earned.

Try it: finmem backtest   (a synthetic market; no network, no key, no model)`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef(cmd, "%v", err)
	})
	root.AddCommand(
		newAuditCmd(s),
		newBacktestCmd(s),
		newCompareCmd(s),
		newConfigCmd(s),
		newDataCmd(s),
		newEvaluateCmd(s),
		newExplainCmd(s),
		newLLMCacheCmd(s),
		newMemoryCmd(s),
		newModelsCmd(s),
		newPaperCmd(s),
		newProfileCmd(s),
		newReportCmd(s),
		newRunsCmd(s),
		newVersionCmd(s),
		newWalkforwardCmd(s),
	)
	group(root)
	return root
}

// group makes cmd refuse sub-commands it does not have; cobra alone would print
// the help and exit 0.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		msg := fmt.Sprintf("unknown command %q", args[0])
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			msg += fmt.Sprintf("; did you mean %s?", strings.Join(near, " or "))
		}
		return usagef(cmd, "%s", msg)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// args turns an argument check into one whose failure is wrong use: exit code 2
// and the usage line.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, a []string) error {
		if err := check(cmd, a); err != nil {
			return usagef(cmd, "%v", err)
		}
		return nil
	}
}
