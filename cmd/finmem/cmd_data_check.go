package main

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/data"
	"finmem/internal/printable"
)

func newDataCheckCmd(s *streams) *cobra.Command {
	var asJSON bool
	var o data.CheckOptions
	var from, to string
	cmd := &cobra.Command{
		Use:   "check DATASET",
		Short: "Say what a dataset holds, what is missing and what looks wrong",
		Long: `check counts what a dataset holds and names what a person should know: sessions
without a bar, jumps without a corporate action, series that end early or stand
still, volumes of zero or of another unit, adjusted closes that do not fit the
dividends, two feeds joined into one series, repeated documents, and the news and
filings of each month.

A note is a fact. A warning makes results wrong unless it is meant. An error says
that the data contradicts itself or its description; with one the exit code is 1.
docs/check.md lists them.`,
		Example: `  finmem data check ds
  finmem data check ds --symbol TSLA --from 2025-01-02 --to 2026-06-01 --json`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			var err error
			if o.From, err = sessionFlag(cmd, "from", from); err != nil {
				return err
			}
			if o.To, err = sessionFlag(cmd, "to", to); err != nil {
				return err
			}
			ds, err := data.ReadDataset(cmd.Context(), a[0])
			if err != nil {
				return err
			}
			r, err := data.Check(ds, o)
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(s.out, r)
			} else {
				printCheck(s, r)
			}
			if n := r.Errors(); err == nil && n > 0 {
				err = fmt.Errorf("%s has %s", a[0], count(n, "error"))
			}
			return err
		},
	}
	cmd.Flags().StringSliceVar(&o.Symbols, "symbol", nil, "only this `symbol`")
	cmd.Flags().StringVar(&from, "from", "", "first `date` that should be covered; default the first bar")
	cmd.Flags().StringVar(&to, "to", "", "last `date` that should be covered; default the last bar")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printCheck(s *streams, r data.Report) {
	m := r.Dataset
	fmt.Fprintf(s.out, "%s: calendar %s, prices %s, adjustment %s", printable.Line(m.Name), m.Calendar, m.PriceKind, m.Adjustment)
	if m.AsOf != "" {
		fmt.Fprintf(s.out, ", as of %s", m.AsOf)
	}
	fmt.Fprintln(s.out)
	if len(m.Sources) > 0 {
		fmt.Fprintf(s.out, "sources: %s\n", printable.Line(strings.Join(m.Sources, "; ")))
	}
	fmt.Fprintln(s.out)
	t := newTable(s.out)
	t.AppendHeader(table.Row{"symbol", "bars", "first", "last", "sessions", "missing", "news", "filings", "splits", "dividends"})
	right(t, 5, 10)
	for _, x := range r.Symbols {
		t.AppendRow(table.Row{x.Symbol, x.Bars, x.First, x.Last, x.ExpectedSessions, x.MissingCount, x.News.Items, x.Filings.Items, x.Splits, x.Dividends})
	}
	t.Render()
	printFindings(s, "dataset", r.Findings)
	for _, x := range r.Symbols {
		printFindings(s, x.Symbol, x.Findings)
	}
	fmt.Fprintln(s.out, "\nCoverage by month, news / filings; months without either are left out:")
	for _, x := range r.Symbols {
		var parts []string
		for _, m := range x.Coverage {
			if m.News > 0 || m.Filings > 0 {
				parts = append(parts, fmt.Sprintf("%s %d/%d", m.Month, m.News, m.Filings))
			}
		}
		if parts == nil {
			parts = []string{"none"}
		}
		fmt.Fprintf(s.out, "%s: %s\n", x.Symbol, strings.Join(parts, "  "))
	}
}

func printFindings(s *streams, about string, findings []data.Finding) {
	if len(findings) == 0 {
		return
	}
	fmt.Fprintf(s.out, "\n%s\n", about)
	for _, f := range findings {
		kind := "note"
		switch {
		case f.Error:
			kind = "error"
		case f.Warning:
			kind = "warning"
		}
		fmt.Fprintf(s.out, "  %s: %s\n", kind, printable.Line(f.Text))
	}
}
