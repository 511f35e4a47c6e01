package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"finmem/data"
	"finmem/data/importer"
	"finmem/data/sentiment"
	"finmem/internal/printable"
)

type importOptions struct {
	symbols  []string
	out      string
	name     string
	calendar string
	replace  bool
	json     bool
}

func newDataImportCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Turn a file of another program into a dataset folder",
	}
	filingsOnDate := false
	for _, k := range []struct {
		name, short string
		read        func(ctx context.Context, path, symbol string, calendar *data.Calendar) (importer.Result, error)
	}{
		{"finmem", "Import FinMem's env_data.pkl", func(ctx context.Context, path, symbol string, c *data.Calendar) (importer.Result, error) {
			return importer.Pickle(ctx, path, symbol, importer.EnvOptions{Calendar: c, FilingsOnDate: filingsOnDate})
		}},
		{"investorbench", "Import INVESTOR-BENCH JSON", func(ctx context.Context, path, symbol string, c *data.Calendar) (importer.Result, error) {
			return importer.InvestorBench(ctx, path, symbol, importer.EnvOptions{Calendar: c, FilingsOnDate: filingsOnDate})
		}},
		{"yahoo", "Import prices from a Yahoo or yfinance CSV", func(ctx context.Context, path, symbol string, c *data.Calendar) (importer.Result, error) {
			return importer.Yahoo(ctx, path, symbol, importer.CSVOptions{Calendar: c})
		}},
		{"csv", "Import prices from a plain CSV", func(ctx context.Context, path, symbol string, c *data.Calendar) (importer.Result, error) {
			return importer.CSV(ctx, path, symbol, importer.CSVOptions{Calendar: c})
		}},
	} {
		kind := newImportKindCmd(s, k.name, k.short, k.read)
		if k.name == "finmem" || k.name == "investorbench" {
			kind.Flags().BoolVar(&filingsOnDate, "filings-on-date", false, "filings may be seen on the date they stand at, as finmem data export writes them, and not from the next session on")
		}
		cmd.AddCommand(kind)
	}
	cmd.AddCommand(newDataImportNewsCmd(s), newDataImportFilingsCmd(s))
	return group(cmd)
}

// symbolsIn says which symbols a file names, where its format names any.
func symbolsIn(ctx context.Context, format, path string) string {
	if format != "finmem" {
		return ""
	}
	symbols, err := importer.PickleSymbols(ctx, path)
	if err != nil || len(symbols) == 0 {
		return "" // the import itself will say what is wrong with the file
	}
	return "; the file has " + printable.Line(strings.Join(symbols, ", "))
}

type reader func(ctx context.Context, path, symbol string, calendar *data.Calendar) (importer.Result, error)

func newImportKindCmd(s *streams, name, short string, read reader) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   name + " FILE",
		Short: short,
		Long: short + `.

The symbol is added to the dataset folder, which is made if it is not there. What
was read, kept and left out is reported with the reason for each. Texts without a
sentiment get one by VADER with a finance lexicon.`,
		Example: fmt.Sprintf("  finmem data import %s FILE --symbol TSLA --out ds", name),
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			if o.out == "" {
				return usagef(cmd, "--out is needed: the dataset folder to write")
			}
			if len(o.symbols) == 0 {
				return usagef(cmd, "--symbol is needed: which symbol to import%s", symbolsIn(cmd.Context(), name, a[0]))
			}
			symbols, err := canonicalSymbols(o.symbols)
			if err != nil {
				return usagef(cmd, "--symbol: %v", err)
			}
			var calendar *data.Calendar
			if o.calendar != "" {
				if calendar, err = data.CalendarByName(o.calendar); err != nil {
					return usagef(cmd, "--calendar: %v", err)
				}
			}
			return runImport(cmd.Context(), s, a[0], symbols, calendar, read, o)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.symbols, "symbol", nil, "`symbol` to import (repeatable, or comma-separated, where the file has several)")
	f.StringVar(&o.out, "out", "", "dataset `folder` to write or add to")
	f.StringVar(&o.name, "dataset-name", "", "`name` of a new dataset; default the folder's")
	f.StringVar(&o.calendar, "calendar", "", "NYSE or 24/7; default found out from the dates")
	f.BoolVar(&o.replace, "replace", false, "replace the symbol where the dataset has it already")
	f.BoolVar(&o.json, "json", false, "print the report as JSON")
	return cmd
}

func runImport(ctx context.Context, s *streams, path string, symbols []string, calendar *data.Calendar, read reader, o importOptions) error {
	analyzer := sentiment.New()
	var reports []importer.Report
	var histories []data.History
	var meta data.Meta
	for _, symbol := range symbols {
		r, err := read(ctx, path, symbol, calendar)
		if err != nil {
			return fmt.Errorf("import %s: %w", symbol, err)
		}
		if _, err := analyzer.Fill(ctx, &r.History); err != nil {
			return err
		}
		meta = r.Meta
		histories = append(histories, r.History)
		reports = append(reports, r.Report)
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
	if err := data.WriteDataset(ctx, o.out, ds, data.WriteOptions{Replace: o.replace}); err != nil {
		return err
	}
	if o.json {
		return writeJSON(s.out, reports)
	}
	for i, r := range reports {
		h := histories[i]
		fmt.Fprintf(s.out, "%s: %s %s to %s, %d news, %s; %d records read, %d kept, %d skipped\n", r.Symbol,
			count(len(h.Bars), "session"), h.Bars[0].Session, h.Bars[len(h.Bars)-1].Session, len(h.News), forms(h.Filings), r.Read, r.Kept, len(r.Skipped))
		printDetails(s, r)
	}
	fmt.Fprintf(s.out, "Dataset %s: calendar %s, prices %s\n", o.out, ds.Meta.Calendar, ds.Meta.PriceKind)
	return nil
}

// printDetails says what was left out and what else to know.
func printDetails(s *streams, r importer.Report) {
	for j, skip := range r.Skipped {
		if j == 20 {
			fmt.Fprintf(s.out, "  … and %d more; --json lists all\n", len(r.Skipped)-j)
			break
		}
		fmt.Fprintf(s.out, "  skipped %s\n", printable.Line(skip.String()))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(s.out, "  note: %s\n", printable.Line(n))
	}
}

// forms counts filings by form: "2 10-K, 4 10-Q".
func forms(filings []data.Filing) string {
	if len(filings) == 0 {
		return "no filings"
	}
	counts := map[string]int{}
	var order []string
	for _, f := range filings {
		if counts[f.Form] == 0 {
			order = append(order, f.Form)
		}
		counts[f.Form]++
	}
	parts := make([]string, len(order))
	for i, form := range order {
		parts[i] = fmt.Sprintf("%d %s", counts[form], form)
	}
	return strings.Join(parts, ", ")
}
