package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"finmem/data"
	"finmem/data/exporter"
	"finmem/internal/atomicfile"
)

type exportOptions struct {
	symbols         []string
	out             string
	from, to        string
	price           string
	shape           string
	sentiment       bool
	replace, asJSON bool
}

func newDataExportCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{Use: "export", Short: "Write a dataset in the files of other programs"}
	cmd.AddCommand(
		newExportKindCmd(s, "finmem", "Write FinMem's env_data.pkl", "pkl", func(w io.Writer, e exporter.Env, o exportOptions) error {
			return exporter.FinMem(w, e, exporter.Shape(o.shape))
		}),
		newExportKindCmd(s, "investorbench", "Write INVESTOR-BENCH JSON", "json", func(w io.Writer, e exporter.Env, _ exportOptions) error {
			return exporter.InvestorBench(w, e)
		}),
	)
	return group(cmd)
}

func newExportKindCmd(s *streams, name, short, extension string, write func(io.Writer, exporter.Env, exportOptions) error) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   name + " DATASET",
		Short: short,
		Long: short + ` from a dataset folder.

Each session with a price becomes a date with its price and with the news and
filings that may first be seen at its close; that is what finmem data show prints.
A document therefore stands at the session on which it may be used, not at the
date it carries. docs/export.md says what becomes of the rest.

Read the file again with finmem data import ` + name + ` --filings-on-date.`,
		Example: fmt.Sprintf("  finmem data export %s ds --symbol TSLA --out tsla.%s", name, extension),
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			if o.out == "" {
				return usagef(cmd, "--out is needed: the file to write")
			}
			if len(o.symbols) == 0 {
				return usagef(cmd, "--symbol is needed: which symbol to export")
			}
			symbols, err := canonicalSymbols(o.symbols)
			if err != nil {
				return usagef(cmd, "--symbol: %v", err)
			}
			if name == "investorbench" && len(symbols) > 1 {
				return usagef(cmd, "--symbol: INVESTOR-BENCH has one symbol a file")
			}
			if shape := exporter.Shape(o.shape); shape != exporter.Dicts && shape != exporter.Tuples {
				return usagef(cmd, "--shape %q: want %s or %s", o.shape, exporter.Dicts, exporter.Tuples)
			}
			c := exporter.Options{Price: exporter.Price(o.price), Sentiment: o.sentiment}
			if c.Price != exporter.Close && c.Price != exporter.AdjClose {
				return usagef(cmd, "--price %q: want %s or %s", o.price, exporter.Close, exporter.AdjClose)
			}
			if c.From, err = sessionFlag(cmd, "from", o.from); err != nil {
				return err
			}
			if c.To, err = sessionFlag(cmd, "to", o.to); err != nil {
				return err
			}
			if c.From != "" && c.To != "" && c.From > c.To {
				return usagef(cmd, "--from %s is after --to %s", c.From, c.To)
			}
			return o.export(cmd.Context(), s, a[0], symbols, c, write)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.symbols, "symbol", nil, "`symbol` to export (repeatable, or comma-separated, where the format takes several)")
	f.StringVar(&o.out, "out", "", "`file` to write")
	f.StringVar(&o.from, "from", "", "first `date`; default the first bar")
	f.StringVar(&o.to, "to", "", "last `date`; default the last bar")
	f.StringVar(&o.price, "price", string(exporter.Close), "price of a date: close or adj-close")
	f.BoolVar(&o.sentiment, "sentiment", false, "append the tone of each news text to it, as the format writes it")
	f.BoolVar(&o.replace, "replace", false, "replace the file where it is there already")
	f.BoolVar(&o.asJSON, "json", false, "print the report as JSON")
	o.shape = string(exporter.Dicts)
	if name == "finmem" {
		f.StringVar(&o.shape, "shape", o.shape, "what a date holds: dict or tuple, the two forms of FinMem's files")
	}
	return cmd
}

// sessionFlag is the session that a flag names, "" where it was not given.
func sessionFlag(cmd *cobra.Command, flag, text string) (data.Session, error) {
	if text == "" {
		return "", nil
	}
	s, err := data.ParseSession(text)
	if err != nil {
		return "", usagef(cmd, "--%s: %v", flag, err)
	}
	return s, nil
}

func (o exportOptions) export(ctx context.Context, s *streams, dir string, symbols []string, c exporter.Options, write func(io.Writer, exporter.Env, exportOptions) error) error {
	if _, err := os.Stat(o.out); err == nil && !o.replace {
		return hinted{fmt.Errorf("%s is there already", o.out), "--replace replaces it"}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--out: %w", err)
	}
	ds, err := data.ReadDataset(ctx, dir, symbols...)
	if err != nil {
		return err
	}
	env, reports, err := exporter.Collect(ctx, ds, symbols, c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(o.out), 0o755); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := atomicfile.WriteFile(o.out, func(w io.Writer) error { return write(w, env, o) }); err != nil {
		return err
	}
	if o.asJSON {
		return writeJSON(s.out, reports)
	}
	for _, r := range reports {
		printExport(s.out, r, o)
	}
	fmt.Fprintf(s.out, "Wrote %s: %s, %s\n", o.out, count(len(env.Dates), "date"), count(len(reports), "symbol"))
	return nil
}

func printExport(w io.Writer, r exporter.Report, o exportOptions) {
	fmt.Fprintf(w, "%s: %s %s to %s, %d news, %d 10-Q, %d 10-K\n", r.Symbol, count(r.Dates, "date"), r.First, r.Last, r.News, r.Quarterly, r.Annual)
	note := func(n int, text string) {
		if n > 0 {
			fmt.Fprintf(w, "  note: %d %s\n", n, text)
		}
	}
	if r.Restated {
		fmt.Fprintf(w, "  note: prices before a split are in the shares of %s, since the format has no splits\n", r.Last)
	}
	if o.sentiment {
		note(r.News-r.WithSentiment, "news have no tone to append")
	}
	note(r.OtherForms, "filings of other forms stand among the news")
	note(r.Moved, "documents of sessions without a price stand at the next one that has one")
	note(r.Folded, "news repeat another of their session and stand there once")
	note(r.NewsLeftOut, "news are blank or belong to no date of the export, and are left out")
	note(r.FilingsLeftOut, "filings are blank or belong to no date of the export, and are left out")
}
