package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"finmem/agent/llm"
	"finmem/backtest"
	"finmem/backtest/metrics"
)

// newTable is a plain aligned table: no boxes, a rule under the header.
func newTable(w io.Writer) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(trimmed{w})
	style := table.StyleDefault
	style.Options = table.Options{SeparateHeader: true}
	style.Box = table.BoxStyle{MiddleHorizontal: "-", MiddleVertical: " ", PaddingRight: " "}
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	return t
}

// trimmed takes the padding off the ends of lines, so that a table is no wider
// than what is in it.
type trimmed struct{ w io.Writer }

func (t trimmed) Write(p []byte) (int, error) {
	lines := strings.Split(string(p), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	if _, err := io.WriteString(t.w, strings.Join(lines, "\n")); err != nil {
		return 0, err
	}
	return len(p), nil
}

// right aligns all columns from the given one on (counted from 1).
func right(t table.Writer, from, to int) {
	var c []table.ColumnConfig
	for i := from; i <= to; i++ {
		c = append(c, table.ColumnConfig{Number: i, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(c)
}

// percent is a fraction as per cent with two decimals, or n/a.
func percent(f metrics.Figure) string {
	if !f.Defined() {
		return "n/a"
	}
	return fmt.Sprintf("%.2f", 100*float64(f))
}

// ratio is a figure without a unit, or n/a.
func ratio(f metrics.Figure) string {
	if !f.Defined() {
		return "n/a"
	}
	return fmt.Sprintf("%.2f", float64(f))
}

// printReport writes the table at the end of a run: per symbol the agent and the
// baselines, then the conventions and warnings.
func printReport(w io.Writer, r report) {
	paragraph(w, "%s", r.title())
	paragraph(w, "model %s, embedder %s, memory %s, seed %d", r.Model, r.Embedder, r.Memory, r.Seed)
	fmt.Fprintln(w)

	t := newTable(w)
	t.AppendHeader(table.Row{"symbol", "trader", "return %", "CAGR %", "vol %", "Sharpe", "Sortino", "Calmar", "max DD %", "exposed %", "turnover/y", "trades", "won %", "error days"})
	right(t, 3, 14)
	baselines := map[string][]backtest.Result{}
	for _, b := range r.Baselines {
		baselines[b.Symbol] = append(baselines[b.Symbol], b)
	}
	for i, a := range r.Agent {
		if i > 0 {
			t.AppendSeparator()
		}
		for _, x := range append([]backtest.Result{a}, baselines[a.Symbol]...) {
			t.AppendRow(table.Row{x.Symbol, x.Trader, percent(x.CumulativeReturn), percent(x.CAGR), percent(x.Volatility),
				ratio(x.Sharpe), ratio(x.Sortino), ratio(x.Calmar), percent(x.MaxDrawdown), percent(x.ExposureTime),
				ratio(x.Turnover), trades(x), percent(x.WinRate), x.ErrorDays})
		}
	}
	t.Render()

	fmt.Fprintln(w)
	for _, a := range r.Agent {
		fmt.Fprintf(w, "%s: %s scored; decided buy %d, sell %d, hold %d; price close to close %s %%; deepest drawdown %s\n",
			a.Symbol, count(a.Sessions, "session"), a.Buys, a.Sells, a.Holds, exact(a.PriceReturn), drawdown(a))
	}
	for _, a := range r.Agent {
		printCertainty(w, a)
	}
	fmt.Fprintln(w)
	paragraph(w, "%s", r.Conventions)
	printLimits(w, r)
	for _, x := range slices.Concat(r.Agent, r.Baselines) {
		if x.Ruined != "" {
			paragraph(w, "Note: %s, %s: worth nothing or less at the close of %s. A broker would have closed the account; what follows is arithmetic.", x.Symbol, x.Trader, x.Ruined)
		}
	}
	for _, line := range r.Warnings {
		paragraph(w, "Note: %s.", line)
	}
	if r.Model == llm.Offline {
		paragraph(w, "Note: the offline analyst is a set of rules, not a language model; its results say nothing about one.")
	} else {
		printUsage(w, r.Usage)
	}
}

// title says what was run, and first of all whether it is real.
func (r report) title() string {
	title := fmt.Sprintf("%s, test %s to %s", r.Dataset, r.Window.From, r.Window.To)
	if r.Synthetic {
		title += " (synthetic data: invented companies)"
	}
	return title
}

// String says what the numbers rest on.
func (c conventions) String() string {
	return fmt.Sprintf("Conventions: decided %s, filled at the %s; commission %g bp and slippage %g bp a side; cash %s per symbol, positions up to %g %% of equity, %s; %g sessions a year, risk-free rate %g %% a year, %s deviation, CAGR by %s.",
		c.Decision, c.Fill, c.CommissionBps, c.SlippageBps, c.InitialCash, 100*c.TargetWeight, longOnly(c.Short), c.PeriodsPerYear, 100*c.RiskFree, c.Deviation, c.CAGR)
}

// exact is a fraction as per cent with four decimals, or n/a.
func exact(f metrics.Figure) string {
	if !f.Defined() {
		return "n/a"
	}
	return fmt.Sprintf("%+.4f", 100*float64(f))
}

func trades(r backtest.Result) string {
	if r.OpenTrades == 0 {
		return fmt.Sprint(r.Trades)
	}
	return fmt.Sprintf("%d+%d open", r.Trades, r.OpenTrades)
}

func drawdown(r backtest.Result) string {
	if r.DrawdownStart == "" {
		return "none"
	}
	end := "not recovered"
	if r.DrawdownRecovery != "" {
		end = "recovered " + string(r.DrawdownRecovery)
	}
	return fmt.Sprintf("%s %% from %s to %s, %s", percent(r.MaxDrawdown), r.DrawdownStart, r.DrawdownTrough, end)
}

func longOnly(short bool) string {
	if short {
		return "short allowed"
	}
	return "long only"
}
