package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"finmem/backtest/audit"
	"finmem/backtest/metrics"
)

// printAudit writes an audit for a person: what was found first, then how to read
// it.
func printAudit(w io.Writer, r auditReport) {
	fmt.Fprintf(w, "Audit of %s: %s, test %s to %s, model %s\n", r.Run, strings.Join(r.Symbols, ", "), r.Window.From, r.Window.To, r.Model)

	fmt.Fprint(w, "\nProfiles\n")
	if len(r.Profiles) > 0 {
		for _, f := range r.Profiles {
			fmt.Fprintf(w, "%s, %s: %q was not known before %s: %s\n", f.Symbol, f.Key, f.Date, r.Window.From, f.Sentence)
		}
		fmt.Fprint(w, "\nNothing else was looked into: what such a profile decides says nothing.\n")
		return
	}
	fmt.Fprintf(w, "No profile states a fact from on or after %s.\n", r.Window.From)
	if len(r.LookAhead) > 0 {
		printLookAhead(w, r)
	}
	if len(r.Counterfactuals) > 0 {
		printCounterfactuals(w, r)
	}
	fmt.Fprintf(w, "\nTraining cut-off\n%s.\n", capital(r.Training.String()))
}

func printLookAhead(w io.Writer, r auditReport) {
	fmt.Fprint(w, "\nLook-ahead: all that is later than a session was replaced, and the run repeated up to it\n\n")
	t := newTable(w)
	t.AppendHeader(table.Row{"session", "phase", "compared", "bars", "news", "filings", "actions", "differences"})
	right(t, 3, 8)
	for _, p := range r.LookAhead {
		t.AppendRow(table.Row{p.Session, p.Phase, p.Compared, p.Changed.Bars, p.Changed.News, p.Changed.Filings, p.Changed.Actions, len(p.Differences)})
	}
	t.Render()
	fmt.Fprintln(w)
	if r.Clean {
		fmt.Fprintln(w, "What was shown, decided and remembered is the same in all of them: none of it rests on the later data.")
		return
	}
	for _, p := range r.LookAhead {
		for _, d := range p.Differences {
			fmt.Fprintf(w, "%s, session %s, with all after %s replaced: another %s\n  recorded: %s\n  repeated: %s\n", d.Symbol, d.Session, p.Session, d.Aspect, d.Recorded, d.Rerun)
		}
		if p.Later > 0 {
			fmt.Fprintf(w, "%s up to %s differ too, as they may once one does.\n", count(p.Later, "later session"), p.Session)
		}
	}
}

func printCounterfactuals(w io.Writer, r auditReport) {
	fmt.Fprint(w, "\nCounterfactuals: decisions of the test window, with one thing about the question changed\n\n")
	t := newTable(w)
	t.AppendHeader(table.Row{"kind", "symbol", "decisions", "untouched", "failed", "asked", "unchanged %", "buys and sells", "of these unchanged %", "opposite %"})
	right(t, 3, 10)
	var kinds []audit.Kind
	for _, c := range r.Counterfactuals {
		if len(kinds) == 0 || kinds[len(kinds)-1] != c.Kind {
			kinds = append(kinds, c.Kind)
		}
		symbol := c.Symbol
		if symbol == "" {
			symbol = "all"
		}
		t.AppendRow(table.Row{c.Kind, symbol, c.Decisions, c.Untouched, c.Failed, c.Answered(), share(c.UnchangedShare), c.Directed, share(c.DirectedShare), share(c.OppositeShare)})
	}
	t.Render()
	fmt.Fprintln(w)
	for _, k := range kinds {
		fmt.Fprintf(w, "%s: %s.\n", k, k.Reading())
	}
}

func share(f *float64) string {
	if f == nil {
		return "n/a"
	}
	return percent(metrics.Figure(*f))
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
