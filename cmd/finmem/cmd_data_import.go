package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/printable"
)

type importOptions struct {
	symbols    []string // canonical once the flags are read
	out        string
	name       string
	calendar   string
	replace    bool
	merge      bool
	json       bool
	adjustment string
	dates      string
	decimal    string
	onDate     bool // filings may be seen on their date
	zone       string
}

func newDataImportCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Turn files of other programs into a dataset folder",
	}
	cmd.AddCommand(newDataImportAutoCmd(s))
	for _, f := range importFormats() {
		if !f.own {
			cmd.AddCommand(newImportFormatCmd(s, f))
		}
	}
	cmd.AddCommand(newDataImportNewsCmd(s), newDataImportFilingsCmd(s))
	return group(cmd)
}

// newImportFormatCmd imports one file of a format that was said.
func newImportFormatCmd(s *streams, format importFormat) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   format.name + " FILE",
		Short: format.short,
		Long: format.short + `.

The symbols are added to the dataset folder, which is made if it is not there. What
was read, kept and left out is reported with the reason for each. Texts without a
sentiment get one by VADER with a finance lexicon. The file may be packed with gzip
or zip. The folder changes at one instant and only if all went well.`,
		Example: fmt.Sprintf("  finmem data import %s FILE --symbol TSLA --out ds", format.name),
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error {
			ask, err := o.check(cmd)
			if err != nil {
				return err
			}
			if len(o.symbols) == 0 && !format.prices {
				return usagef(cmd, "--symbol is needed: which symbol to import%s", symbolsIn(cmd.Context(), format.name, files[0]))
			}
			err = o.run(cmd.Context(), s, []importFile{{path: files[0], format: format}}, ask)
			if errors.Is(err, importer.ErrNoSymbol) {
				return usagef(cmd, "%v", err)
			}
			return err
		},
	}
	o.addFlags(cmd, format.prices, !format.prices)
	return cmd
}

// addFlags adds the flags of an import, with those of price files and of files of
// FinMem's kind where they are read.
func (o *importOptions) addFlags(cmd *cobra.Command, prices, env bool) {
	f := cmd.Flags()
	f.StringSliceVar(&o.symbols, "symbol", nil, "`symbol` to import (repeatable, or comma-separated, where there are several)")
	f.StringVar(&o.out, "out", "", "dataset `folder` to write or add to")
	f.StringVar(&o.name, "dataset-name", "", "`name` of a new dataset; default the folder's")
	f.StringVar(&o.calendar, "calendar", "", "NYSE or 24/7; default found out from the dates")
	f.BoolVar(&o.replace, "replace", false, "replace the symbols that the dataset has already, each as a whole")
	f.BoolVar(&o.merge, "merge", false, "add to what the dataset has of the symbols; what contradicts it is refused")
	f.BoolVar(&o.json, "json", false, "print the report as JSON")
	if prices {
		f.StringVar(&o.adjustment, "adjustment", "", "what the prices contain: raw, split, total or unknown; default what the columns tell")
		f.StringVar(&o.dates, "dates", "", "dmy, mdy or ymd: the order in dates such as 03/04/2024; default found out")
		f.StringVar(&o.decimal, "decimal", "", "`mark` before decimals, . or a comma; default found out")
	}
	if env {
		f.BoolVar(&o.onDate, "filings-on-date", false, "filings may be seen on the date they stand at, as finmem data export writes them, and not from the next session on")
	}
}

// check reads the flags.
func (o *importOptions) check(cmd *cobra.Command) (importAsk, error) {
	if o.out == "" {
		return importAsk{}, usagef(cmd, "--out is needed: the dataset folder to write")
	}
	if o.replace && o.merge {
		return importAsk{}, usagef(cmd, "--replace and --merge are two ways; choose one")
	}
	var err error
	if o.symbols, err = canonicalSymbols(o.symbols); err != nil {
		return importAsk{}, usagef(cmd, "--symbol: %v", err)
	}
	ask := importAsk{filingsOnDate: o.onDate, prices: importer.CSVOptions{
		Adjustment: data.Adjustment(o.adjustment), DateOrder: importer.DateOrder(o.dates), Decimal: importer.DecimalMark(o.decimal),
	}}
	if o.calendar != "" {
		if ask.calendar, err = data.CalendarByName(o.calendar); err != nil {
			return importAsk{}, usagef(cmd, "--calendar: %v", err)
		}
	}
	if o.zone != "" {
		if ask.zone, err = zoneNamed(o.zone); err != nil {
			return importAsk{}, usagef(cmd, "--zone %v", err)
		}
	}
	ask.prices.Calendar = ask.calendar
	if err := ask.prices.Validate(); err != nil {
		return importAsk{}, usagef(cmd, "%v", err)
	}
	return ask, nil
}

// zoneNamed is the zone of a --zone flag. "Local" is that of the host, on which no
// result may depend.
func zoneNamed(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("%q: want a name such as America/New_York or UTC", name)
	}
	return zone, nil
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
