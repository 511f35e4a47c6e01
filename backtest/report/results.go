package report

import (
	"math"
	"slices"
	"strings"
)

// A resultTable has the figures of some traders side by side.
type resultTable struct {
	Label   string // of what it is a table
	Traders []string
	Groups  []resultGroup
}

// Width is the number of columns.
func (t resultTable) Width() int { return len(t.Traders) + 1 }

// A resultGroup is a part of the table of results.
type resultGroup struct {
	Title string
	Rows  []resultRow
}

// A resultRow is one figure of all traders.
type resultRow struct {
	Label string
	Unit  string
	Cells []cell
}

// keysOfRun name the row, not a figure of it.
var keysOfRun = []string{"symbol", "trader", "name"}

// parts hold figures; one that a result does not have is null and no figure.
var parts = []string{"relative", "significance"}

// resultTables are all figures of the results, those known by name first, in the
// order of the catalogue, the others after them. The figures of luck come apart,
// for the traders that have any.
func resultTables(traders []string, results []result) (figures, chance resultTable) {
	figures, chance = resultTable{Label: "figure", Traders: traders}, resultTable{Label: "statistic"}
	var assessed []result
	for i, r := range results {
		if r.assessed() {
			chance.Traders = append(chance.Traders, traders[i])
			assessed = append(assessed, r)
		}
	}
	left := pathsOf(results)
	take := func(m meaning, isLuck bool) (rows []resultRow) {
		kept := left[:0]
		for _, f := range left {
			if f.key != m.key {
				kept = append(kept, f)
				continue
			}
			label := m.label
			if len(rows) > 0 {
				label = words(f.path)
			}
			of := results
			if isLuck {
				of = assessed
			}
			rows = append(rows, row(of, f.path, label, m.unit))
		}
		left = kept
		return rows
	}
	for _, g := range catalogue {
		out := resultGroup{Title: g.title}
		for _, m := range g.list {
			out.Rows = append(out.Rows, take(m, g.title == luck)...)
		}
		switch {
		case len(out.Rows) == 0:
		case g.title == luck:
			chance.Groups = append(chance.Groups, out)
		default:
			figures.Groups = append(figures.Groups, out)
		}
	}
	other := resultGroup{Title: "Other figures"}
	for _, f := range left {
		u := asGiven
		if f.at != "" {
			u = asPeriod
		}
		other.Rows = append(other.Rows, row(results, f.path, words(f.path), u))
	}
	if len(other.Rows) > 0 {
		figures.Groups = append(figures.Groups, other)
	}
	return figures, chance
}

// assessed reports whether r has a figure of luck.
func (r result) assessed() bool {
	return slices.ContainsFunc(r.figures, func(f figure) bool {
		return slices.ContainsFunc(catalogue, func(g group) bool {
			return g.title == luck && slices.ContainsFunc(g.list, func(m meaning) bool { return m.key == f.key })
		})
	})
}

// pathsOf are the figures that any of the results has, in the order they come.
// One that repeats another under a longer path is left out.
func pathsOf(results []result) []figure {
	var list []figure
	for _, r := range results {
		for _, f := range r.figures {
			if slices.Contains(keysOfRun, f.path) || slices.ContainsFunc(list, func(g figure) bool { return g.path == f.path }) {
				continue
			}
			list = append(list, f)
		}
	}
	list = slices.DeleteFunc(list, func(f figure) bool { return f.value == nil && slices.Contains(parts, f.path) })
	slices.SortStableFunc(list, func(a, b figure) int { return strings.Count(a.path, ".") - strings.Count(b.path, ".") })
	var kept []figure
	for _, f := range list {
		if !slices.ContainsFunc(kept, func(g figure) bool { return g.key == f.key && equal(results, g.path, f.path) }) {
			kept = append(kept, f)
		}
	}
	return kept
}

// equal reports whether b, which lies in a part that not every result has, holds
// the value of a wherever it is, but for what rounding in other ways leaves.
func equal(results []result, a, b string) bool {
	for _, r := range results {
		f, _ := r.at(a)
		g, ok := r.at(b)
		if !ok {
			continue
		}
		if f.at != g.at {
			return false
		}
		x, numF := f.value.(float64)
		y, numG := g.value.(float64)
		if numF && numG && math.Abs(x-y) <= 1e-9*max(math.Abs(x), math.Abs(y)) {
			continue
		}
		if f.value != g.value {
			return false
		}
	}
	return true
}

// at is the figure of that path.
func (r result) at(path string) (figure, bool) {
	for _, f := range r.figures {
		if f.path == path {
			return f, true
		}
	}
	return figure{}, false
}

func row(results []result, path, label string, u unit) resultRow {
	out := resultRow{Label: label, Unit: u.symbol()}
	for _, r := range results {
		f, _ := r.at(path)
		text := f.text(u)
		if start, ok := r.at("drawdownStart"); f.key == "drawdownRecovery" && f.value == "" && ok && start.value != "" {
			text = notYet
		}
		if f.key == ruined && f.value == "" {
			text = "never"
		}
		c := figureCell(text)
		c.Note = shown(f.at, longestValue)
		out.Cells = append(out.Cells, c)
	}
	return out
}

// notYet is the recovery of a drawdown that is not over.
const notYet = "not yet"

// longestValue is how much of a text among the figures is shown, in characters.
const longestValue = 80

// text writes the value in the unit its name has, whatever it is.
func (f figure) text(u unit) string {
	if f.at != "" {
		u = inPercent
	}
	return textOf(f.value, u)
}

func textOf(value any, u unit) string {
	switch v := value.(type) {
	case float64:
		return u.format(v)
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case string:
		if v != "" {
			return shown(v, longestValue)
		}
	}
	return notAvailable
}

// inShort are the columns of the table that has all traders.
var inShort = []meaning{
	{"cumulativeReturn", "return", inPercent},
	{"cagr", "CAGR", inPercent},
	{"volatility", "volatility", inPercent},
	{"sharpe", "Sharpe", asRatio},
	{"sortino", "Sortino", asRatio},
	{"maxDrawdown", "drawdown", inPercent},
	{"exposureTime", "held", inPercent},
	{"turnover", "turnover", asRatio},
	{"trades", "trips", asCount},
	{"winRate", "won", inPercent},
	{costs, "costs", inMoney},
	{"errorDays", "error days", asCount},
}

// costs is no key but the sum of what was paid.
const costs = "costs"

// paid is commission and slippage.
func (r result) paid() float64 { return r.number("fees") + r.number("slippage") }

// A shortRow is a trader in the table that has all of them.
type shortRow struct {
	Trader string
	Cells  []cell
}

func shortRows(traders []Trader, results []result) (heads []string, rows []shortRow) {
	for _, m := range inShort {
		heads = append(heads, strings.TrimSpace(m.label+" "+m.unit.symbol()))
	}
	for i, t := range traders {
		r := shortRow{Trader: t.Name}
		for _, m := range inShort {
			v := results[i].number(m.key)
			if m.key == costs {
				v = results[i].paid()
			}
			r.Cells = append(r.Cells, figureCell(m.unit.format(v)))
		}
		rows = append(rows, r)
	}
	return heads, rows
}

// figureCell makes n/a look like what it is.
func figureCell(text string) cell {
	if text == notAvailable {
		return cell{Text: text, Class: "na"}
	}
	return cell{Text: text}
}

// A listTable is an array of a result.
type listTable struct {
	Title   string
	Columns []string
	Rows    [][]cell
	Left    string // how many rows are not shown, "" for none
}

// mostRows is how many rows of an array are shown.
const mostRows = 40

// listTables are the arrays of a result. The months and years have a table of
// their own.
func listTables(r result) []listTable {
	var tables []listTable
	for _, l := range r.lists {
		if l.key == "months" || l.key == "years" {
			continue
		}
		t := listTable{Title: capital(words(l.key))}
		units := make([]unit, len(l.columns))
		for i, key := range l.columns {
			m := meaningOf(key)
			units[i] = m.unit
			t.Columns = append(t.Columns, strings.TrimSpace(m.label+" "+m.unit.symbol()))
		}
		for n, values := range l.rows {
			if n == mostRows {
				t.Left = plural(len(l.rows)-mostRows, "row") + " more in metrics.json."
				break
			}
			cells := make([]cell, len(l.columns))
			for i := range cells {
				var v any
				if i < len(values) {
					v = values[i]
				}
				cells[i] = cell{Text: textOf(v, units[i])}
				if l.columns[i] == "recovery" && v == "" {
					cells[i].Text = notYet
				}
			}
			t.Rows = append(t.Rows, cells)
		}
		tables = append(tables, t)
	}
	return tables
}

// inLists are the keys that occur in arrays and nowhere else.
var inLists = []meaning{
	{"depth", "depth", inPercent},
	{"return", "return", inPercent},
	{"start", "peak", asText},
	{"trough", "lowest point", asText},
	{"recovery", "recovery", asText},
	{"sessions", "sessions", asCount},
	{"costBps", "cost a side", inBps},
}

func meaningOf(key string) meaning {
	for _, m := range inLists {
		if m.key == key {
			return m
		}
	}
	for _, g := range catalogue {
		for _, m := range g.list {
			if m.key == key {
				return m
			}
		}
	}
	return meaning{key, words(key), asGiven}
}
