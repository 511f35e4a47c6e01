package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"finmem/agent/llm"
	"finmem/backtest/metrics"
	"finmem/internal/printable"
)

func printCompared(w io.Writer, r compareReport) {
	first := r.Runs[0]
	paragraph(w, "%s: %s", first.Run, report{Dataset: first.Dataset, Synthetic: first.Synthetic, Window: first.Window}.title())
	for _, s := range r.Symbols {
		fmt.Fprintf(w, "\n%s, ranked by %s\n\n", s.Symbol, r.RankedBy)
		printRows(w, r, s)
		if len(s.Pairs) > 0 {
			fmt.Fprintf(w, "\n%s, pair by pair\n\n", s.Symbol)
			printTests(w, s)
		}
	}
	printSettings(w, r)
	fmt.Fprintln(w)
	paragraph(w, "%s", first.Conventions)
	rules := report{Warnings: r.Warnings}
	for _, run := range r.Runs {
		if run.Model == llm.Offline {
			rules.Model = run.Model
		}
	}
	for _, note := range rules.notes() {
		paragraph(w, "Note: %s.", note)
	}
}

func printRows(w io.Writer, r compareReport, s comparedSymbol) {
	t := newTable(w)
	header := table.Row{"rank", "name", "model"}
	for _, f := range shownFigures() {
		header = append(header, f.name)
	}
	header = append(header, "buy/sell/hold", "differs in")
	t.AppendHeader(header)
	right(t, 4, len(header)-1)
	unranked := false
	for _, row := range s.Rows {
		place := "-"
		if row.Rank != nil {
			place = fmt.Sprint(*row.Rank)
		}
		line := table.Row{place, row.Name, row.model(r)}
		for _, f := range shownFigures() {
			line = append(line, f.write(f.of(row.Result)))
		}
		differs := strings.Join(row.DiffersIn, ", ")
		unranked = unranked || differs != ""
		t.AppendRow(append(line, fmt.Sprintf("%d/%d/%d", row.Result.Buys, row.Result.Sells, row.Result.Holds), differs))
	}
	t.Render()
	if unranked {
		paragraph(w, "Rows that differ from %s in what is named are not ranked: their figures are of something else.", s.Rows[0].Name)
	}
}

// model is what decided: a run's model, the kind of row for the others.
func (row comparedRow) model(r compareReport) string {
	if row.Kind != kindRun {
		return row.Kind
	}
	for _, run := range r.Runs {
		if run.Run == row.Name {
			return run.Model
		}
	}
	return ""
}

func printTests(w io.Writer, s comparedSymbol) {
	t := newTable(w)
	t.AppendHeader(table.Row{"a", "b", "return a - b %", "Wilcoxon p", "Holm", "pairs", "decided alike %", "kappa"})
	right(t, 3, 8)
	for _, p := range s.Pairs {
		alike, kappa := "n/a", "n/a"
		if p.Agreement != nil {
			alike, kappa = percent(p.Agreement.Share), ratio(p.Agreement.Kappa)
		}
		t.AppendRow(table.Row{p.A, p.B, percent(p.Difference), pValue(p.P), pValue(p.Holm), p.Pairs, alike, kappa})
	}
	t.Render()
	paragraph(w, "%s", "Wilcoxon p is of the signed-rank test on the daily returns, on the sessions (pairs) on which they differ; Holm corrects it for all pairs above.")
}

// pValue is a probability with four decimals, or n/a.
func pValue(f metrics.Figure) string {
	if !f.Defined() {
		return "n/a"
	}
	return fmt.Sprintf("%.4f", float64(f))
}

// shownSetting is how much of a setting's value a table shows; digests are long.
const shownSetting = 16

func printSettings(w io.Writer, r compareReport) {
	if len(r.Settings) == 0 {
		return
	}
	fmt.Fprintf(w, "\nSettings that differ\n\n")
	t := newTable(w)
	header := table.Row{"setting"}
	for _, run := range r.Runs {
		header = append(header, run.Run)
	}
	t.AppendHeader(header)
	for _, s := range r.Settings {
		row := table.Row{s.Setting}
		for _, run := range r.Runs {
			row = append(row, printable.Cut(s.Values[run.Run], shownSetting))
		}
		t.AppendRow(row)
	}
	t.Render()
}
