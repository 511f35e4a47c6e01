package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"finmem/data"
	"finmem/data/importer"
)

type importFilingsOptions struct {
	symbols  []string
	out      string
	name     string
	calendar string
	form     string
	date     string
	accepted string
	period   string
	whole    bool
	zone     string
	dates    string
	json     bool
}

func newDataImportFilingsCmd(s *streams) *cobra.Command {
	var o importFilingsOptions
	cmd := &cobra.Command{
		Use:     "filings FILE",
		Aliases: []string{"filing"},
		Short:   "Import filings from a table or a document",
		Long: `filings adds filings to a dataset folder, to the symbols it has as well. What is
there stays, and what is there already is not added again.

FILE is a table of filings (Parquet, JSON, JSON Lines or CSV, such as those of
FinMem's pipeline), told from its content, or one document in HTML, Markdown or
plain text. A document does not say what it is: --form does, with --accepted for
the instant of its acceptance or --date where only the date is known. Of a 10-K
and a 10-Q the risk factors, management's discussion and the disclosures about
market risk are kept, and --whole keeps all.

A filing is seen from its acceptance on, one with a date only from the next
session on; the period it reports on decides nothing. docs/filings.md says more.`,
		Example: `  finmem data import filings filings.parquet --symbol TSLA,NFLX --out ds
  finmem data import filings tsla-20211231.htm --symbol TSLA --out ds --form 10-K --accepted 2022-02-04T20:11:27-05:00`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			symbols, opts, err := o.options(cmd)
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), s, a[0], symbols, opts)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.symbols, "symbol", nil, "`symbol` whose filings to import (repeatable, or comma-separated, where the file has several)")
	f.StringVar(&o.out, "out", "", "dataset `folder` to write or add to")
	f.StringVar(&o.form, "form", "", "`form` of a document, such as 10-K")
	f.StringVar(&o.date, "date", "", "`date` on which a document was accepted, where the time is not known")
	f.StringVar(&o.accepted, "accepted", "", "`time` at which a document was accepted, with its zone: 2022-02-04T20:11:27-05:00")
	f.StringVar(&o.period, "period", "", "last `date` of the period that a document reports on")
	f.BoolVar(&o.whole, "whole", false, "keep all of a document, not only the items of a 10-K or 10-Q")
	f.StringVar(&o.zone, "zone", "", "`zone` of times in a table that have none, such as America/New_York or UTC")
	f.StringVar(&o.dates, "dates", "", "dmy or mdy: the order in dates such as 03/04/2024 in a table")
	f.StringVar(&o.calendar, "calendar", "", "NYSE or 24/7 for a new dataset; default by the symbol")
	f.StringVar(&o.name, "dataset-name", "", "`name` of a new dataset; default the folder's")
	f.BoolVar(&o.json, "json", false, "print the report as JSON")
	cmd.MarkFlagsMutuallyExclusive("date", "accepted")
	return cmd
}

// options are the settings that the flags make.
func (o *importFilingsOptions) options(cmd *cobra.Command) ([]string, importer.FilingOptions, error) {
	opts := importer.FilingOptions{Form: o.form, Period: o.period, Whole: o.whole, DateOrder: importer.DateOrder(o.dates)}
	fail := func(format string, a ...any) ([]string, importer.FilingOptions, error) {
		return nil, opts, usagef(cmd, format, a...)
	}
	if o.out == "" {
		return fail("--out is needed: the dataset folder to write")
	}
	if len(o.symbols) == 0 {
		return fail("--symbol is needed: whose filings to import")
	}
	symbols, err := canonicalSymbols(o.symbols)
	if err != nil {
		return fail("--symbol: %v", err)
	}
	switch {
	case o.date != "":
		session, err := data.ParseSession(o.date)
		if err != nil {
			return fail("--date: %v", err)
		}
		opts.Accepted, opts.DateOnly = session.In(time.UTC), true
	case o.accepted != "":
		if opts.Accepted, err = time.Parse(time.RFC3339, o.accepted); err != nil {
			return fail("--accepted %q: want a time with its zone, such as 2022-02-04T20:11:27-05:00", o.accepted)
		}
		opts.Accepted = opts.Accepted.UTC()
	}
	if o.form == "" && (o.date+o.accepted+o.period != "" || o.whole) {
		return fail("--date, --accepted, --period and --whole are about a document, and need its --form")
	}
	if o.period != "" {
		if _, err := data.ParseSession(o.period); err != nil {
			return fail("--period: %v", err)
		}
	}
	switch opts.DateOrder {
	case importer.DateOrderAuto, importer.DayMonthYear, importer.MonthDayYear:
	default:
		return fail("--dates %q: want dmy or mdy", o.dates)
	}
	if o.zone != "" {
		if opts.Zone, err = zoneNamed(o.zone); err != nil {
			return fail("--zone %v", err)
		}
	}
	if o.calendar != "" {
		if opts.Calendar, err = data.CalendarByName(o.calendar); err != nil {
			return fail("--calendar: %v", err)
		}
	}
	return symbols, opts, nil
}

// filingsJSON is what --json prints.
type filingsJSON struct {
	Reports []importer.Report `json:"reports"`
	Merged  []data.Merged     `json:"merged"`
}

func (o *importFilingsOptions) run(ctx context.Context, s *streams, path string, symbols []string, opts importer.FilingOptions) error {
	var out filingsJSON
	var histories []data.History
	var meta data.Meta
	for _, symbol := range symbols {
		r, err := importer.Filings(ctx, path, symbol, opts)
		if err != nil {
			return filingsHint(fmt.Errorf("import %s: %w", symbol, err))
		}
		meta = r.Meta
		histories = append(histories, r.History)
		out.Reports = append(out.Reports, r.Report)
	}
	if o.name != "" {
		meta.Name = o.name
	} else if abs, err := filepath.Abs(o.out); err == nil {
		meta.Name = filepath.Base(abs)
	}
	ds, err := data.NewDataset(meta, histories...)
	if err != nil {
		return fmt.Errorf("import %s: %w", path, err)
	}
	if out.Merged, err = data.MergeDataset(ctx, o.out, ds); err != nil {
		return err
	}
	if o.json {
		return writeJSON(s.out, out)
	}
	for i, r := range out.Reports {
		h, err := ds.History(r.Symbol)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s: %s; %d records read, %d kept, %d skipped; %d added, %d there already\n", r.Symbol,
			forms(h.Filings), r.Read, r.Kept, len(r.Skipped), out.Merged[i].Filings.Added, out.Merged[i].Filings.Same)
		printDetails(s, r)
	}
	fmt.Fprintf(s.out, "Dataset %s\n", o.out)
	return nil
}

// filingsHint adds what to do about a file that is not understood.
func filingsHint(err error) error {
	switch {
	case errors.Is(err, importer.ErrFilingForm):
		return hinted{err, "say what it is: --form 10-K --accepted 2022-02-04T20:11:27-05:00, or --date 2022-02-04 where only the date is known"}
	case errors.Is(err, importer.ErrNoZone):
		return hinted{err, "say which zone they are in: --zone America/New_York, --zone UTC"}
	case errors.Is(err, importer.ErrDateOrder):
		return hinted{err, "say so with --dates dmy or --dates mdy"}
	}
	return err
}
