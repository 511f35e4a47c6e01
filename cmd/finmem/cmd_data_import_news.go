package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/data"
	"finmem/data/importer"
	"finmem/data/sentiment"
	"finmem/internal/printable"
)

type importNewsOptions struct {
	out         string
	symbols     []string
	fields      []string
	zone        string
	dates       string
	calendar    string
	name        string
	replace     bool
	noSentiment bool
	json        bool
}

func newDataImportNewsCmd(s *streams) *cobra.Command {
	var o importNewsOptions
	cmd := &cobra.Command{
		Use:   "news FILE...",
		Short: "Import news from JSON, JSON Lines, CSV or Parquet of any size",
		Long: `news reads files of news into a dataset folder and adds them to those that are
there. The format is told from the content, the fields by the names in use at
Alpaca, Alpha Vantage, Finnhub, Tiingo, IEX, FNSPID, Kaggle and others, or by
--map. HTML becomes text. Items of one symbol and session with the same words are
folded into the earliest, with the number of copies. Items without a sentiment get
one by VADER with a finance lexicon.

Files can be larger than memory and in any order. A file that can be read in two
ways is refused: times without a zone need --zone, dates such as 03/04/2024 need
--dates. What cannot be used is left out and reported with the reason.

Without --symbol the news of all symbols that the dataset has prices of are taken;
where it has none, the one symbol that the files are about. docs/news.md says more.`,
		Example: `  finmem data import news news.jsonl --out ds
  finmem data import news articles.csv --symbol TSLA --out ds --map time=posted,title=what --zone America/New_York`,
		Args: args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error {
			opts, err := o.options(cmd)
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), s, files, opts)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "dataset `folder` to write or add to")
	f.StringSliceVar(&o.symbols, "symbol", nil, "take the news of this `symbol` (repeatable, or comma-separated); default those with prices")
	f.StringSliceVar(&o.fields, "map", nil, "`PART=FIELD`, which field of the file holds a part: "+strings.Join(importer.NewsParts(), ", "))
	f.StringVar(&o.zone, "zone", "", "`zone` of times that have none, such as America/New_York or UTC")
	f.StringVar(&o.dates, "dates", "", "dmy or mdy: the order in dates such as 03/04/2024")
	f.StringVar(&o.calendar, "calendar", "", "NYSE or 24/7 for a new dataset; default by the symbol")
	f.StringVar(&o.name, "dataset-name", "", "`name` of a new dataset; default the folder's")
	f.BoolVar(&o.replace, "replace", false, "drop the news that the dataset has of these symbols")
	f.BoolVar(&o.noSentiment, "no-sentiment", false, "leave items without a sentiment as they are")
	f.BoolVar(&o.json, "json", false, "print the report as JSON")
	return cmd
}

// options are the settings that the flags make.
func (o *importNewsOptions) options(cmd *cobra.Command) (importer.NewsOptions, error) {
	opts := importer.NewsOptions{Name: o.name, Replace: o.replace, DateOrder: importer.DateOrder(o.dates)}
	if o.out == "" {
		return opts, usagef(cmd, "--out is needed: the dataset folder to write")
	}
	var err error
	if opts.Symbols, err = canonicalSymbols(o.symbols); err != nil {
		return opts, usagef(cmd, "--symbol: %v", err)
	}
	if opts.Fields, err = importer.ParseNewsMap(o.fields); err != nil {
		return opts, usagef(cmd, "--map: %v", err)
	}
	switch opts.DateOrder {
	case importer.DateOrderAuto, importer.DayMonthYear, importer.MonthDayYear:
	default:
		return opts, usagef(cmd, "--dates %q: want dmy or mdy", o.dates)
	}
	if o.zone != "" {
		if opts.Zone, err = zoneNamed(o.zone); err != nil {
			return opts, usagef(cmd, "--zone %v", err)
		}
	}
	if o.calendar != "" {
		if opts.Calendar, err = data.CalendarByName(o.calendar); err != nil {
			return opts, usagef(cmd, "--calendar: %v", err)
		}
	}
	if !o.noSentiment {
		opts.Score = sentiment.New().Score
	}
	return opts, nil
}

func (o *importNewsOptions) run(ctx context.Context, s *streams, files []string, opts importer.NewsOptions) error {
	progress := newImportProgress(s.err)
	opts.Progress = progress.show
	report, err := importer.ImportNews(ctx, o.out, files, opts)
	progress.end()
	if err != nil {
		return newsHint(err)
	}
	if o.json {
		return writeJSON(s.out, report)
	}
	printNewsReport(s, report)
	fmt.Fprintf(s.out, "Dataset %s\n", o.out)
	return nil
}

// newsHint adds what to do about files that are not understood.
func newsHint(err error) error {
	var layout *importer.NewsLayoutError
	var several *importer.NewsSymbolError
	switch {
	case errors.Is(err, importer.ErrNoZone):
		return hinted{err, "say which zone they are in: --zone America/New_York, --zone UTC"}
	case errors.Is(err, importer.ErrDateOrder):
		return hinted{err, "say so with --dates dmy or --dates mdy"}
	case errors.Is(err, importer.ErrSymbolNeeded):
		return hinted{err, "say which with one --symbol"}
	case errors.As(err, &several):
		return hinted{err, "say which to take with --symbol " + strings.Join(several.Symbols[:min(len(several.Symbols), 3)], ",")}
	case errors.As(err, &layout) && layout.Prices:
		return hinted{err, "finmem data import csv reads prices; a column of sentiment beside them is not read"}
	case errors.As(err, &layout) && layout.Answers:
		return hinted{err, "answers are no news and have no place in a dataset"}
	case errors.As(err, &layout):
		return hinted{err, "say which fields hold what: --map time=FIELD,title=FIELD,text=FIELD"}
	}
	return err
}

func printNewsReport(s *streams, r importer.NewsReport) {
	for _, f := range r.Files {
		fmt.Fprintf(s.out, "%s: %s, %s read (%s)\n", printable.Line(f.File), f.Format, count(f.Read, "item"), printable.Line(fieldList(f.Fields)))
		if len(f.Unused) > 0 {
			fmt.Fprintf(s.out, "  fields not read: %s\n", printable.Line(strings.Join(f.Unused[:min(len(f.Unused), 20)], ", ")))
		}
	}
	fmt.Fprintf(s.out, "%s read: %d used, %d of other symbols, %d left out\n", count(r.Read, "item"), r.Used, r.OfOthers, r.SkippedCount)
	for _, reason := range r.Reasons {
		fmt.Fprintf(s.out, "  left out %d: %s\n", reason.Count, reason.Reason)
	}
	for _, skip := range r.Skipped {
		fmt.Fprintf(s.out, "    %s\n", printable.Line(skip.String()))
	}
	if n := r.SkippedCount - len(r.Skipped); n > 0 {
		fmt.Fprintf(s.out, "    … and %d more\n", n)
	}
	t := newTable(s.out)
	t.AppendHeader(table.Row{"symbol", "before", "new", "folded", "items", "date only", "first", "last"})
	right(t, 2, 6)
	for _, x := range r.Symbols {
		t.AppendRow(table.Row{x.Symbol, x.There, x.New, x.Folded, x.Items, x.DateOnly, orNone(x.First), orNone(x.Last)})
	}
	t.Render()
	for _, n := range r.Notes {
		fmt.Fprintf(s.out, "note: %s\n", printable.Line(n))
	}
}

// fieldList says which field was taken for what: "time datetime, title headline".
func fieldList(fields map[string][]string) string {
	var parts []string
	for _, part := range importer.NewsParts() {
		if names := fields[part]; len(names) > 0 {
			parts = append(parts, part+" "+strings.Join(names, "/"))
		}
	}
	return strings.Join(parts, ", ")
}
