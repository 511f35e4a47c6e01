package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"finmem/backtest/evaluation"
	"finmem/backtest/metrics"
	"finmem/internal/printable"
)

// textWidth is where lines of prose break.
const textWidth = 88

// rowName is a name from a file or flag, fit for a cell.
func rowName(name string) string { return printable.Cut(printable.Line(name), 18) }

// number is a figure with the given decimals, or n/a.
func number(f metrics.Figure, decimals int) string {
	if !f.Defined() {
		return "n/a"
	}
	return fmt.Sprintf("%.*f", decimals, float64(f))
}

// paragraph writes prose, broken at the width of a terminal.
func paragraph(w io.Writer, format string, a ...any) {
	for _, line := range strings.Split(text.WrapSoft(printable.Line(fmt.Sprintf(format, a...)), textWidth), "\n") {
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// section is a table under a title.
func section(w io.Writer, title string, header table.Row, rows []table.Row) {
	fmt.Fprintln(w, title)
	t := newTable(w)
	t.AppendHeader(header)
	right(t, 2, len(header))
	t.AppendRows(rows)
	t.Render()
	fmt.Fprintln(w)
}

func printEvaluation(w io.Writer, e evaluation.Evaluation, o evaluateOptions) {
	fmt.Fprintf(w, "%s, %d prices from %s to %s, protocol %s\n\n", e.Symbol, e.PriceCount, e.From, e.To, e.Conventions.Protocol)
	switch evaluation.Protocol(e.Conventions.Protocol) {
	case evaluation.FinMem:
		printFinMem(w, e)
	case evaluation.Carry:
		printCarry(w, e)
	case evaluation.Broker:
		printBroker(w, e)
	}
	printExecution(w, e)
	printSignificance(w, e)
	printPairs(w, e)
	printStated(w, e)
	if o.detail {
		for _, r := range e.Rows {
			printDetail(w, rowName(r.Name), r.Performance, &r.Relative)
			printTrading(w, r.Trading)
		}
	}
	printConventions(w, e)
	for _, line := range e.Warnings {
		paragraph(w, "Note: %s.", line)
	}
}

func printFinMem(w io.Writer, e evaluation.Evaluation) {
	var paper, simple []table.Row
	for _, r := range e.Rows {
		f, p := r.FinMem, r.Performance
		paper = append(paper, table.Row{rowName(r.Name), exact(f.LogReturn), number(f.Sharpe, 4), number(100*f.DailyDeviation, 4),
			number(100*f.AnnualVolatility, 4), number(100*f.MaxDrawdown, 4), r.Held.Long, r.Held.Flat, r.Held.Short})
		simple = append(simple, table.Row{rowName(r.Name), percent(p.CumulativeReturn), percent(p.AnnualReturn), percent(p.Volatility),
			ratio(p.Sharpe), ratio(p.Sortino), ratio(p.Calmar), percent(p.MaxDrawdown), number(metrics.Figure(r.Held.Turnover), 0)})
	}
	section(w, "As the paper counts: log rewards, filled at the same close, no costs",
		table.Row{"trader", "log return %", "Sharpe", "dev/day %", "vol %", "max DD %", "long", "flat", "short"}, paper)
	section(w, fmt.Sprintf("The same positions in simple returns, %s", execFill(e)),
		table.Row{"trader", "return %", "annual %", "vol %", "Sharpe", "Sortino", "Calmar", "max DD %", "turnover"}, simple)
}

func printCarry(w io.Writer, e evaluation.Evaluation) {
	var rows []table.Row
	for _, r := range e.Rows {
		c := r.Carry
		rows = append(rows, table.Row{rowName(r.Name), exact(c.CumulativeReturn), percent(c.AnnualReturn), percent(c.AnnualVolatility), number(c.Sharpe, 4),
			number(c.Sortino, 4), percent(c.MaxDrawdown), percent(c.Alpha), ratio(c.Beta), number(c.Turnover, 0), percent(c.ShareLong)})
	}
	section(w, fmt.Sprintf("Positions carried, simple returns compounded, %s", execFill(e)),
		table.Row{"trader", "return %", "annual %", "vol %", "Sharpe", "Sortino", "DD %", "alpha %", "beta", "turn", "long %"}, rows)
}

func printBroker(w io.Writer, e evaluation.Evaluation) {
	var money, trading []table.Row
	for _, r := range e.Rows {
		b := r.Broker
		money = append(money, table.Row{rowName(r.Name), percent(b.CumulativeReturn), percent(b.CAGR), percent(b.Volatility), ratio(b.Sharpe),
			ratio(b.Sortino), ratio(b.Calmar), percent(b.MaxDrawdown), percent(r.Relative.Alpha), ratio(r.Relative.Beta)})
		trading = append(trading, table.Row{rowName(r.Name), percent(b.ExposureTime), ratio(b.Turnover), trades(*b), percent(b.WinRate),
			fmt.Sprintf("%.2f", b.Fees+b.Slippage), b.Clamped, b.Rejected, b.ErrorDays, fmt.Sprintf("%.2f", b.FinalEquity)})
	}
	section(w, fmt.Sprintf("Whole account in shares, %s", execFill(e)),
		table.Row{"trader", "return %", "CAGR %", "vol %", "Sharpe", "Sortino", "Calmar", "DD %", "alpha %", "beta"}, money)
	section(w, "What was traded",
		table.Row{"trader", "exposed %", "turn/y", "trades", "won %", "costs", "cut", "refused", "error days", "final equity"}, trading)
}

// execFill says at which price and cost positions were taken.
func execFill(e evaluation.Evaluation) string {
	fill := "filled at the same close"
	if e.Conventions.Fill == "next-open" {
		fill = "filled at the next open"
	}
	return fmt.Sprintf("%s, %g bp a side", fill, e.Conventions.CommissionBps+e.Conventions.SlippageBps)
}

func printExecution(w io.Writer, e evaluation.Evaluation) {
	header := table.Row{"trader"}
	var rows []table.Row
	for i, r := range e.Rows {
		row := table.Row{rowName(r.Name)}
		for j, x := range r.Execution {
			// Without opens there is nothing to show for a fill at the open.
			if !e.Rows[0].Execution[j].CumulativeReturn.Defined() {
				continue
			}
			if i == 0 {
				header = append(header, fmt.Sprintf("%s %g", strings.TrimPrefix(string(x.Fill), "next-"), x.CostBps))
			}
			row = append(row, percent(x.CumulativeReturn))
		}
		rows = append(rows, row)
	}
	if len(header) > 1 {
		section(w, "Return % by fill (same close, next open) and cost (bp a side)", header, rows)
	}
}

func printSignificance(w io.Writer, e evaluation.Evaluation) {
	units := e.Conventions.Protocol != string(evaluation.Broker)
	header := table.Row{"trader", "Wilcoxon p", "log %", "w/o 5 %", "w/o 10 %", "5 best %", "10 best %"}
	if units {
		header = append(header, "shift p", "even bp")
	}
	var luck, timing []table.Row
	for _, r := range e.Rows {
		s := r.Significance
		luck = append(luck, table.Row{rowName(r.Name), percent(s.ReturnLow), percent(s.ReturnHigh), ratio(s.SharpeLow), ratio(s.SharpeHigh),
			percent(s.PSR), percent(s.DSR), number(s.TrackRecord, 0)})
		row := table.Row{rowName(r.Name), number(s.WilcoxonP, 4), percent(s.LogReturn), percent(s.WithoutBest5), percent(s.WithoutBest10),
			percent(s.Best5Share), percent(s.Best10Share)}
		if units {
			row = append(row, number(s.ShiftP, 4), number(s.BreakEvenBps, 1))
		}
		timing = append(timing, row)
	}
	s := e.Rows[0].Significance
	section(w, fmt.Sprintf("How far it may be luck: %g %% intervals (stationary bootstrap, %d resamples, seed %d)", 100*s.Level, s.Resamples, s.Seed),
		table.Row{"trader", "return %", "to %", "Sharpe", "to", "P(SR>0) %", "deflated %", "needed"}, luck)
	section(w, "Against buy and hold; log return in all, without the best sessions, and their share", header, timing)
}

// printPairs holds the first agent against the other agents; buy and hold is in
// the table above.
func printPairs(w io.Writer, e evaluation.Evaluation) {
	if len(e.Rows) < 3 {
		return
	}
	first := e.Rows[1].Name
	var rows []table.Row
	for _, p := range e.Pairs {
		if p.B == first {
			rows = append(rows, table.Row{rowName(p.A), number(p.Statistic, 1), number(p.P, 4), p.Pairs})
		}
	}
	section(w, fmt.Sprintf("Wilcoxon signed rank of %s's rewards against", rowName(first)), table.Row{"trader", "statistic", "p", "sessions that differ"}, rows)
}

func printStated(w io.Writer, e evaluation.Evaluation) {
	var rows []table.Row
	for _, r := range e.Rows {
		for _, s := range r.Stated {
			window := "n/a"
			if s.From != "" && s.To != "" {
				window = fmt.Sprintf("%s to %s", s.From, s.To)
			}
			rows = append(rows, table.Row{number(metrics.Figure(s.Stated), 6), number(s.Ours, 6), yes(s.Holds), rowName(r.Name), s.Figure, printable.Cut(printable.Line(s.Table), 12), window})
		}
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprintln(w, "Stated figures against ours")
	t := newTable(w)
	t.AppendHeader(table.Row{"stated", "ours", "holds", "trader", "figure", "table", "stated window"})
	right(t, 1, 2)
	t.AppendRows(rows)
	t.Render()
	fmt.Fprintln(w)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// printDetail lists every figure of a curve.
func printDetail(w io.Writer, name string, p metrics.Performance, rel *metrics.Relative) {
	fmt.Fprintf(w, "%s in detail\n", name)
	line := func(format string, a ...any) { paragraph(w, format, a...) }
	line("return %s %%, log return %s %%, a year %s %% (CAGR %s %%) over %s", percent(p.CumulativeReturn), percent(p.LogReturn), percent(p.AnnualReturn), percent(p.CAGR), count(p.Sessions, "session"))
	line("volatility %s %%, downside deviation %s %%, Sharpe %s, Sortino %s, Calmar %s, Omega %s", percent(p.Volatility), percent(p.DownsideDeviation), ratio(p.Sharpe), ratio(p.Sortino), ratio(p.Calmar), ratio(p.Omega))
	line("max drawdown %s %%, Ulcer index %s %%, VaR 95 %s %%, CVaR 95 %s %%, skew %s, excess kurtosis %s", percent(p.MaxDrawdown), percent(p.Ulcer), percent(p.ValueAtRisk95), percent(p.ConditionalVaR95), ratio(p.Skew), ratio(p.Kurtosis))
	line("best session %s, worst %s, best month %s, worst %s", period(p.BestSession), period(p.WorstSession), period(p.BestMonth), period(p.WorstMonth))
	if rel != nil {
		line("against buy and hold: alpha %s %% a year (t %s, p %s), beta %s (t %s, p %s), R² %s, tracking error %s %%, information ratio %s, Treynor %s, captures %s %% up and %s %% down",
			percent(rel.Alpha), ratio(rel.AlphaT), number(rel.AlphaP, 4), ratio(rel.Beta), ratio(rel.BetaT), number(rel.BetaP, 4), ratio(rel.RSquared),
			percent(rel.TrackingError), ratio(rel.InformationRatio), ratio(rel.Treynor), percent(rel.UpCapture), percent(rel.DownCapture))
	}
	fmt.Fprintln(w)
	var months []table.Row
	for _, m := range append(append([]metrics.PeriodReturn{}, p.Months...), p.Years...) {
		months = append(months, table.Row{m.Label, percent(m.Return), m.Sessions})
	}
	section(w, "Months and years", table.Row{"period", "return %", "sessions"}, months)
	var falls []table.Row
	for _, d := range deepest(p.Drawdowns, 5) {
		recovery := string(d.Recovery)
		if recovery == "" {
			recovery = "not yet"
		}
		falls = append(falls, table.Row{d.Start, d.Trough, recovery, percent(d.Depth), d.Sessions})
	}
	section(w, "Deepest drawdowns", table.Row{"start", "trough", "recovery", "depth %", "sessions"}, falls)
}

// printTrading is what the closed trades of a broker's row came to.
func printTrading(w io.Writer, t *metrics.TradeSummary) {
	if t == nil {
		return
	}
	paragraph(w, "%s closed: won %s %%, profit factor %s, expectancy %s in money and %s %% of what was put in, SQN %s, held %s sessions on average",
		count(t.Trades, "trade"), percent(t.WinRate), ratio(t.ProfitFactor), ratio(t.Expectancy), percent(t.ExpectedReturn), ratio(t.SQN), number(t.AverageHolding, 1))
	fmt.Fprintln(w)
}

func period(p *metrics.PeriodReturn) string {
	if p == nil {
		return "n/a"
	}
	return fmt.Sprintf("%s %% (%s)", percent(p.Return), p.Label)
}

func printConventions(w io.Writer, e evaluation.Evaluation) {
	c := e.Conventions
	meaning := "buy goes to all of equity, sell to flat, hold keeps; whole lots, cash never below zero; a decision of the last session is not executed"
	switch evaluation.Protocol(c.Protocol) {
	case evaluation.FinMem:
		meaning = "buy is +1 unit, sell -1, hold flat; Sharpe is (log return / (prices/252)) / volatility; drawdown compounds the log rewards as if they were simple"
	case evaluation.Carry:
		meaning = "+1 unit from a buy, 0 from a sell, hold keeps; Sortino here divides by the sample deviation of the losing returns"
		if c.Short {
			meaning = strings.Replace(meaning, "0 from", "-1 from", 1)
		}
	}
	tests := " Shift p moves the positions around the window; even bp is the cost per side that leaves nothing."
	if c.Protocol == string(evaluation.Broker) {
		if c.Short {
			meaning = strings.Replace(meaning, "sell to flat", "sell to short", 1)
		}
		meaning += "; initial cash " + c.InitialCash
		tests = ""
	}
	paragraph(w, "Conventions: decided after a session's close; prices %s; commission %g bp and slippage %g bp a side; %s. A session without a decision: %s. Sample deviation (n-1), %g sessions a year, risk-free rate %g a year, CAGR by calendar days / 365.25. P(SR>0) is the probabilistic Sharpe ratio, deflated the same after %s; needed is the minimum track record in sessions.%s Undefined is n/a.",
		c.Price, c.CommissionBps, c.SlippageBps, meaning, c.MissingDecision, c.PeriodsPerYear, c.RiskFree, count(e.Rows[0].Significance.Trials, "variant"), tests)
}
