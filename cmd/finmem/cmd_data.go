package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"finmem/backtest/metrics"
	"finmem/data"
	"finmem/data/importer"
	"finmem/data/sample"
	"finmem/data/sentiment"
	"finmem/internal/printable"
)

func newDataCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{Use: "data", Short: "Import, check, show and shorten market data"}
	cmd.AddCommand(newDataImportCmd(s), newDataCheckCmd(s), newDataShowCmd(s), newDataSampleCmd(s), newDataSummarizeCmd(s))
	return group(cmd)
}

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
	for _, k := range []struct {
		name, short string
		read        func(ctx context.Context, path, symbol string, calendar *data.Calendar) (importer.Result, error)
	}{
		{"finmem", "Import FinMem's env_data.pkl", func(ctx context.Context, path, symbol string, c *data.Calendar) (importer.Result, error) {
			return importer.Pickle(ctx, path, symbol, importer.EnvOptions{Calendar: c})
		}},
		{"investorbench", "Import INVESTOR-BENCH JSON", func(ctx context.Context, path, symbol string, c *data.Calendar) (importer.Result, error) {
			return importer.InvestorBench(ctx, path, symbol, importer.EnvOptions{Calendar: c})
		}},
		{"yahoo", "Import prices from a Yahoo or yfinance CSV", func(ctx context.Context, path, symbol string, c *data.Calendar) (importer.Result, error) {
			return importer.Yahoo(ctx, path, symbol, importer.CSVOptions{Calendar: c})
		}},
		{"csv", "Import prices from a plain CSV", func(ctx context.Context, path, symbol string, c *data.Calendar) (importer.Result, error) {
			return importer.CSV(ctx, path, symbol, importer.CSVOptions{Calendar: c})
		}},
	} {
		cmd.AddCommand(newImportKindCmd(s, k.name, k.short, k.read))
	}
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
	fmt.Fprintf(s.out, "Dataset %s: calendar %s, prices %s\n", o.out, ds.Meta.Calendar, ds.Meta.PriceKind)
	return nil
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

func newDataSampleCmd(s *streams) *cobra.Command {
	var out string
	var seed uint64
	cmd := &cobra.Command{
		Use:   "sample",
		Short: "Write the synthetic sample market to a folder",
		Long: `sample writes the small synthetic market that finmem backtest uses without --data:
fictional companies with prices, news and filings, made from a seed. docs/sample.md
says which effects are planted in it.`,
		Example: "  finmem data sample --out sample",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef(cmd, "--out is needed: the dataset folder to write")
			}
			ds, err := sample.Generate(seed)
			if err != nil {
				return err
			}
			if err := data.WriteDataset(cmd.Context(), out, ds, data.WriteOptions{}); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "Wrote %s to %s: %s\n", ds.Meta.Name, out, strings.Join(ds.Symbols(), ", "))
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "dataset `folder` to write")
	cmd.Flags().Uint64Var(&seed, "seed", sample.DefaultSeed, "seed of the market")
	return cmd
}

func newDataShowCmd(s *streams) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show [DATASET] SYMBOL SESSION",
		Short: "Show what the agent may see on one session, and nothing else",
		Long: `show prints what may be seen of a symbol at a session's cut-off: the bar, the news
since the cut-off before, the filings that became visible. Without DATASET it is
the synthetic sample.`,
		Example: "  finmem data show ds TSLA 2025-10-23",
		Args:    args(cobra.RangeArgs(2, 3)),
		RunE: func(cmd *cobra.Command, a []string) error {
			if len(a) == 3 {
				dir, a = a[0], a[1:]
			}
			day, err := showDay(cmd.Context(), cmd, dir, a[0], a[1])
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.out, dayToJSON(day))
			}
			printDay(s, day)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showDay(ctx context.Context, cmd *cobra.Command, dir, symbol, date string) (data.Day, error) {
	symbol, err := data.Canonical(symbol)
	if err != nil {
		return data.Day{}, usagef(cmd, "%v", err)
	}
	session, err := data.ParseSession(date)
	if err != nil {
		return data.Day{}, usagef(cmd, "%v", err)
	}
	ds, err := openDataset(ctx, dir)
	if err != nil {
		return data.Day{}, err
	}
	calendar, err := data.CalendarByName(ds.Meta.Calendar)
	if err != nil {
		return data.Day{}, err
	}
	h, err := ds.History(symbol)
	if err != nil {
		return data.Day{}, err
	}
	feed, err := data.NewFeed(calendar, h, data.FeedOptions{})
	if err != nil {
		return data.Day{}, err
	}
	return feed.Day(session)
}

func printDay(s *streams, d data.Day) {
	fmt.Fprintf(s.out, "%s, session %s, cut-off %s\n\n", d.Symbol, d.Session, d.Cutoff.Format("2006-01-02 15:04 MST"))
	if d.HasBar {
		fmt.Fprintf(s.out, "bar      open %s  high %s  low %s  close %s  volume %s\n", price(d.Bar.Open), price(d.Bar.High), price(d.Bar.Low), price(d.Bar.Close), price(d.Bar.Volume))
	} else {
		fmt.Fprintln(s.out, "bar      none: no price this session")
	}
	fmt.Fprintf(s.out, "news     %d\n", len(d.News))
	for _, n := range d.News {
		stamp := n.Time.In(d.Cutoff.Location()).Format("2006-01-02 15:04 MST")
		if n.DateOnly {
			stamp = n.Time.Format(time.DateOnly) + " (no time)"
		}
		tone := ""
		if n.Sentiment != nil {
			tone = fmt.Sprintf("  tone %+.2f (%s)", n.Sentiment.Compound, printable.Line(n.Sentiment.Method))
		}
		if n.Copies > 1 {
			tone += fmt.Sprintf("  %d copies", n.Copies)
		}
		fmt.Fprintf(s.out, "\n  %s%s%s\n  %s\n", stamp, tone, summaryOf(n.Summary), printable.Line(strings.TrimSpace(n.Title+" "+n.Text)))
	}
	fmt.Fprintf(s.out, "\nfilings  %d\n", len(d.Filings))
	for _, f := range d.Filings {
		stamp := f.Accepted.In(d.Cutoff.Location()).Format("2006-01-02 15:04 MST")
		if f.DateOnly {
			stamp = f.Accepted.Format(time.DateOnly) + " (no time)"
		}
		fmt.Fprintf(s.out, "\n  %s accepted %s, %d characters%s\n  %s\n", printable.Line(f.Form), stamp, len([]rune(f.Text)), summaryOf(f.Summary), printable.Cut(printable.Line(f.Text), 400))
	}
}

// summaryOf says that a text is a summary, and of how much.
func summaryOf(s *data.Summary) string {
	if s == nil {
		return ""
	}
	by := s.Method
	if s.Model != "" {
		by = s.Model
	}
	return fmt.Sprintf("  summary of %d characters (%s)", s.Characters, printable.Line(by))
}

// price is a number of a bar, or n/a where the source has none.
func price(v float64) string {
	if v != v {
		return "n/a"
	}
	return fmt.Sprintf("%.10g", v)
}

// dayJSON is a day as --json shows it; what the source does not have is null.
type dayJSON struct {
	Symbol  string       `json:"symbol"`
	Session data.Session `json:"session"`
	Cutoff  time.Time    `json:"cutoff"`
	Bar     *barJSON     `json:"bar"`
	News    []newsJSON   `json:"news"`
	Filings []filingJSON `json:"filings"`
}

type barJSON struct {
	Open     metrics.Figure `json:"open"`
	High     metrics.Figure `json:"high"`
	Low      metrics.Figure `json:"low"`
	Close    metrics.Figure `json:"close"`
	AdjClose metrics.Figure `json:"adjClose"`
	Volume   metrics.Figure `json:"volume"`
}

type newsJSON struct {
	Time      string          `json:"time"` // RFC 3339, or a date where no time is known
	Title     string          `json:"title"`
	Text      string          `json:"text"`
	Source    string          `json:"source"`
	URL       string          `json:"url"`
	Sentiment *data.Sentiment `json:"sentiment"`
	Copies    int             `json:"copies"`
	Summary   *data.Summary   `json:"summary"` // null where the text is the source's
}

type filingJSON struct {
	Accepted string        `json:"accepted"`
	Form     string        `json:"form"`
	Period   string        `json:"period"`
	Text     string        `json:"text"`
	Summary  *data.Summary `json:"summary"`
}

func dayToJSON(d data.Day) dayJSON {
	out := dayJSON{Symbol: d.Symbol, Session: d.Session, Cutoff: d.Cutoff, News: []newsJSON{}, Filings: []filingJSON{}}
	if d.HasBar {
		b := d.Bar
		out.Bar = &barJSON{metrics.Figure(b.Open), metrics.Figure(b.High), metrics.Figure(b.Low), metrics.Figure(b.Close), metrics.Figure(b.AdjClose), metrics.Figure(b.Volume)}
	}
	for _, n := range d.News {
		out.News = append(out.News, newsJSON{stamp(n.Time, n.DateOnly), n.Title, n.Text, n.Source, n.URL, n.Sentiment, n.Copies, n.Summary})
	}
	for _, f := range d.Filings {
		out.Filings = append(out.Filings, filingJSON{stamp(f.Accepted, f.DateOnly), f.Form, f.Period, f.Text, f.Summary})
	}
	return out
}

// stamp is an instant, or only its date where that is all that is known.
func stamp(t time.Time, dateOnly bool) string {
	if dateOnly {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}
