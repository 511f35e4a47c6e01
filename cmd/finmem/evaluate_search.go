package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"finmem/backtest/decisions"
	"finmem/backtest/evaluation"
	"finmem/backtest/metrics"
	"finmem/backtest/published"
	"finmem/data"
	"finmem/internal/printable"
)

// A windowSearch is what --window-search prints.
type windowSearch struct {
	Finmem    string         `json:"finmem"`
	Symbol    string         `json:"symbol"`
	Protocol  string         `json:"protocol"`
	Price     string         `json:"price"`
	Reach     int            `json:"reach"`
	Tolerance float64        `json:"tolerance"`
	Rows      []searchedRow  `json:"rows"`
	Tables    []commonWindow `json:"tables"`
	Warnings  []string       `json:"warnings"`
}

type searchedRow struct {
	Name       string           `json:"name"`
	Table      string           `json:"table"`
	StatedFrom data.Session     `json:"statedFrom"`
	StatedTo   data.Session     `json:"statedTo"`
	Tried      int              `json:"tried"`
	Holding    []searchedWindow `json:"holding"`
	Stated     searchedWindow   `json:"stated"`
	Nearest    searchedWindow   `json:"nearest"`
}

type searchedWindow struct {
	From             data.Session     `json:"from"`
	To               data.Session     `json:"to"`
	Prices           int              `json:"prices"`
	Moved            int              `json:"moved"`
	Largest          metrics.Figure   `json:"largestDifference"`
	Figure           published.Figure `json:"figure"`
	MissingDecisions int              `json:"missingDecisions"`
}

// A commonWindow is where all searched rows of one table hold.
type commonWindow struct {
	Table   string           `json:"table"`
	Rows    int              `json:"rows"`
	Holding []searchedWindow `json:"holding"`
}

func windowOf(w published.Window) searchedWindow {
	return searchedWindow{w.From, w.To, w.Prices, w.Moved, metrics.Figure(w.Largest), w.Figure, w.Missing}
}

func windowsOf(list []published.Window) []searchedWindow {
	out := make([]searchedWindow, len(list))
	for i, w := range list {
		out[i] = windowOf(w)
	}
	return out
}

func searchWindows(s *streams, in *evaluateInput, o evaluateOptions) error {
	result := windowSearch{Finmem: version, Symbol: in.symbol, Protocol: o.protocol, Price: string(in.basis), Reach: o.reach, Tolerance: o.tolerance,
		Rows: []searchedRow{}, Tables: []commonWindow{}, Warnings: append([]string{}, in.warnings...)}
	tableOf := published.FinMem
	if o.protocol == string(evaluation.Carry) {
		tableOf = published.Carry(o.costBps+o.slippageBps, o.short)
	}
	search := published.Search{Reach: o.reach, Tolerance: o.tolerance}
	byTable := map[string][]published.Found{}
	var unknown []string
	var order []string
	for _, row := range in.stated {
		list, known := in.decisionsOf(row.Name)
		if !known {
			unknown = append(unknown, row.Name)
			continue
		}
		if row.From == "" {
			row.From = in.from
		}
		if row.To == "" {
			row.To = in.to
		}
		found, err := search.Find(row, list, in.all, tableOf)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", row.Name, o.stated, err)
		}
		result.Rows = append(result.Rows, searchedRow{row.Name, row.Table, row.From, row.To, found.Tried, windowsOf(found.Holding), windowOf(found.Stated), windowOf(found.Nearest)})
		if _, seen := byTable[row.Table]; !seen {
			order = append(order, row.Table)
		}
		byTable[row.Table] = append(byTable[row.Table], found)
	}
	if len(unknown) > 0 {
		result.Warnings = append(result.Warnings, fmt.Sprintf("%s left out, having no --actions of the name: %s", count(len(unknown), "stated row"), strings.Join(unknown, ", ")))
	}
	if len(result.Rows) == 0 {
		return fmt.Errorf("%s: none of its rows on %s has decisions here; name the files as its rows are named", o.stated, in.symbol)
	}
	for _, name := range order {
		result.Tables = append(result.Tables, commonWindow{name, len(byTable[name]), windowsOf(published.Common(byTable[name]))})
	}
	if o.json {
		return writeJSON(s.out, result)
	}
	printSearch(s.out, result)
	return nil
}

// decisionsOf finds the decisions behind a stated row: nil for buy and hold.
func (in *evaluateInput) decisionsOf(name string) (list []decisions.Decision, known bool) {
	if evaluation.SameName(name, evaluation.BuyAndHold) {
		return nil, true
	}
	i := slices.IndexFunc(in.series, func(s evaluation.Series) bool { return evaluation.SameName(s.Name, name) })
	if i < 0 {
		return nil, false
	}
	return in.series[i].Decisions, true
}

func printSearch(w io.Writer, r windowSearch) {
	fmt.Fprintf(w, "%s, protocol %s, prices %s: windows on which the stated figures come out\n\n", r.Symbol, r.Protocol, r.Price)
	var rows []table.Row
	for _, x := range r.Rows {
		holds, more := "none", ""
		off := x.Nearest
		if len(x.Holding) > 0 {
			off = x.Holding[0]
			holds = fmt.Sprintf("%s to %s", off.From, off.To)
		} else {
			more = fmt.Sprintf("nearest %s to %s", off.From, off.To)
		}
		if n := len(x.Holding) - 1; n > 0 {
			more = fmt.Sprintf("and %d more", n)
		}
		rows = append(rows, table.Row{rowName(x.Name), printable.Cut(printable.Line(x.Table), 10), fmt.Sprintf("%s to %s", x.StatedFrom, x.StatedTo), holds,
			fmt.Sprintf("%.1e", float64(off.Largest)), more})
	}
	t := newTable(w)
	t.AppendHeader(table.Row{"trader", "table", "stated", "holds on", "off by", ""})
	t.AppendRows(rows)
	t.Render()
	fmt.Fprintln(w)
	for _, c := range r.Tables {
		name := printable.Line(c.Table)
		if name == "" {
			name = "the table"
		}
		if len(c.Holding) == 0 {
			paragraph(w, "%s: no window gives every stated row (%d).", name, c.Rows)
			continue
		}
		for _, h := range c.Holding {
			paragraph(w, "%s: every row (%d) holds on %s to %s (%d prices), %s from the stated window.", name, c.Rows, h.From, h.To, h.Prices, count(h.Moved, "session"))
		}
	}
	paragraph(w, "Conventions: a figure holds within %g; off by is the largest difference of a row's figures; either end moved by up to %s. Windows are first to last price, inclusive; moved counts both ends, from the sessions inside the stated window.", r.Tolerance, count(r.Reach, "session"))
	for _, line := range r.Warnings {
		paragraph(w, "Note: %s.", line)
	}
}
