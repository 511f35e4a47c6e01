package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"finmem/backtest"
	"finmem/backtest/decisions"
	"finmem/backtest/evaluation"
	"finmem/backtest/metrics"
	"finmem/backtest/published"
	"finmem/data"
	"finmem/internal/printable"
)

// A curveReport is what --equity prints.
type curveReport struct {
	Finmem         string        `json:"finmem"`
	Calendar       string        `json:"calendar"`
	PeriodsPerYear float64       `json:"periodsPerYear"`
	RiskFree       float64       `json:"riskFree"`
	Curves         []curveResult `json:"curves"`
	Warnings       []string      `json:"warnings"`
}

type curveResult struct {
	Name        string              `json:"name"`
	Curve       string              `json:"curve"` // the column
	From        data.Session        `json:"from"`
	To          data.Session        `json:"to"`
	Rows        int                 `json:"rows"`
	OffCalendar []data.Session      `json:"offCalendar"`
	Moves       []data.Session      `json:"movesOffCalendar"`
	Performance metrics.Performance `json:"performance"`
	Stated      []statedOnCurve     `json:"stated,omitempty"`
}

type statedOnCurve struct {
	Figure  published.Figure `json:"figure"`
	Stated  float64          `json:"stated"`
	Ours    metrics.Figure   `json:"ours"`
	Holds   bool             `json:"holds"`
	Sound   bool             `json:"sound"`
	Reading string           `json:"reading"`
}

func evaluateEquity(s *streams, cmd *cobra.Command, o evaluateOptions) error {
	name := o.calendar
	if name == "" {
		name = "NYSE"
	}
	calendar, err := data.CalendarByName(name)
	if err != nil {
		return err
	}
	var stated []published.Row
	if o.stated != "" {
		if stated, err = readStated(o.stated); err != nil {
			return err
		}
	}
	r := curveReport{Finmem: version, Calendar: name, PeriodsPerYear: backtest.PeriodsPerYear(name), RiskFree: o.riskFree, Curves: []curveResult{}, Warnings: []string{}}
	for _, value := range o.equity {
		name, path, err := namedFile(cmd, "equity", value)
		if err != nil {
			return err
		}
		curves, err := readCurves(path)
		if err != nil {
			return err
		}
		for _, c := range curves {
			if o.symbol != "" && !evaluation.SameName(o.symbol, c.Name) {
				continue
			}
			result, err := r.measure(name, c, calendar, stated, o)
			if err != nil {
				return fmt.Errorf("%s, column %q: %w", path, c.Name, err)
			}
			r.Curves = append(r.Curves, result)
		}
	}
	if len(r.Curves) == 0 {
		return fmt.Errorf("no curve named %q in the files", o.symbol)
	}
	if o.json {
		return writeJSON(s.out, r)
	}
	printCurves(s.out, r, o)
	return nil
}

func readCurves(path string) ([]decisions.Curve, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading equity curves: %w", err)
	}
	defer f.Close()
	return decisions.ReadEquity(f, path)
}

// measure is one curve on the sessions of the calendar, with what stands in the
// way of it said.
func (r *curveReport) measure(name string, c decisions.Curve, calendar *data.Calendar, stated []published.Row, o evaluateOptions) (curveResult, error) {
	sample, err := published.Sample(c.Points, o.initial, calendar)
	if err != nil {
		return curveResult{}, err
	}
	basis := metrics.Basis{RiskFree: r.RiskFree, PeriodsPerYear: r.PeriodsPerYear}
	out := curveResult{Name: name, Curve: c.Name, From: c.Points[0].Session, To: c.Points[len(c.Points)-1].Session, Rows: len(c.Points),
		OffCalendar: append([]data.Session{}, sample.OffCalendar...), Moves: append([]data.Session{}, sample.Moves...), Performance: metrics.Measure(sample.Sessions, basis)}
	warn := func(format string, a ...any) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s %s: ", name, c.Name)+fmt.Sprintf(format, a...))
	}
	if n := len(sample.OffCalendar); n > 0 {
		warn("%d of %d rows are on days without trading; they are left out here, and yearly figures that take them for sessions do not compare", n, len(c.Points))
	}
	if n := len(sample.Moves); n > 0 {
		warn("on %d of these days the equity changes (%s): something was filled or marked while nothing traded", n, span(sample.Moves))
	}
	if n := len(c.Gaps); n > 0 {
		warn("%s without a value (%s): returns reach across them", count(n, "date"), span(c.Gaps))
	}
	for _, row := range stated {
		if (row.Symbol != "" && !evaluation.SameName(row.Symbol, c.Name)) || (row.Name != "" && !evaluation.SameName(row.Name, name)) {
			continue
		}
		for _, f := range published.CheckCurve(sample, row, r.RiskFree, r.PeriodsPerYear, o.tolerance) {
			out.Stated = append(out.Stated, statedOnCurve{f.Figure, f.Stated, metrics.Figure(f.Ours), f.Holds, f.Sound, f.Reading})
		}
	}
	return out, nil
}

func printCurves(w io.Writer, r curveReport, o evaluateOptions) {
	var rows []table.Row
	for _, c := range r.Curves {
		p := c.Performance
		rows = append(rows, table.Row{rowName(c.Name), rowName(c.Curve), p.Sessions, percent(p.CumulativeReturn), percent(p.AnnualReturn), percent(p.Volatility),
			ratio(p.Sharpe), ratio(p.Sortino), ratio(p.Calmar), percent(p.MaxDrawdown)})
	}
	t := newTable(w)
	t.AppendHeader(table.Row{"name", "curve", "sessions", "return %", "annual %", "vol %", "Sharpe", "Sortino", "Calmar", "max DD %"})
	right(t, 3, 10)
	t.AppendRows(rows)
	t.Render()
	fmt.Fprintln(w)
	for _, c := range r.Curves {
		printStatedOnCurve(w, c)
	}
	if o.detail {
		for _, c := range r.Curves {
			printDetail(w, rowName(c.Name)+" "+rowName(c.Curve), c.Performance, nil)
		}
	}
	paragraph(w, "Conventions: sessions of %s only; the value before the first session counts (--initial, or else the first row); sample deviation (n-1), %g sessions a year, risk-free rate %g a year compounded to a session. A stated figure is unsound where it comes out only by a reading that cannot be defended. Undefined is n/a.", r.Calendar, r.PeriodsPerYear, r.RiskFree)
	for _, line := range r.Warnings {
		paragraph(w, "Note: %s.", line)
	}
}

// printStatedOnCurve says of every published figure whether it follows from the
// curve, and by which reading.
func printStatedOnCurve(w io.Writer, c curveResult) {
	if len(c.Stated) == 0 {
		return
	}
	fmt.Fprintf(w, "%s %s: stated figures against the curve\n", rowName(c.Name), rowName(c.Curve))
	t := newTable(w)
	t.AppendHeader(table.Row{"figure", "stated", "ours", "holds", "reading, or why not"})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 3, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 5, WidthMax: 40, WidthMaxEnforcer: text.WrapSoft},
	})
	for _, x := range c.Stated {
		t.AppendRow(table.Row{x.Figure, number(metrics.Figure(x.Stated), 6), number(x.Ours, 6), verdict(x), printable.Line(x.Reading)})
	}
	t.Render()
	fmt.Fprintln(w)
}

func verdict(x statedOnCurve) string {
	switch {
	case x.Holds && x.Sound:
		return "yes"
	case x.Holds:
		return "unsound"
	}
	return "no"
}

// deepest is the n deepest drawdowns, deepest first.
func deepest(list []metrics.Drawdown, n int) []metrics.Drawdown {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b metrics.Drawdown) int { return cmp.Compare(b.Depth, a.Depth) })
	return sorted[:min(n, len(sorted))]
}
