package report

import (
	"math"

	"finmem/backtest/metrics"
)

// A monthRow is one period in the table of returns: a month, a year, or all.
type monthRow struct {
	Label    string
	Sum      bool // a year or all
	Sessions string
	Cells    []cell
}

// A cell is a figure and how it is to look.
type cell struct {
	Text  string
	Note  string // in small print below it
	Class string
}

// monthRows are the returns of every month, with each year after its months and
// all at the end: the agent's first, then the baselines'. A year that is the
// only one would only repeat the last row.
func monthRows(traders []Trader) []monthRow {
	months := make([]map[string]metrics.PeriodReturn, len(traders))
	years := make([]map[string]metrics.PeriodReturn, len(traders))
	for i, t := range traders {
		months[i], years[i] = byLabel(metrics.Monthly(t.Curve)), byLabel(metrics.Yearly(t.Curve))
	}
	row := func(label string, of []map[string]metrics.PeriodReturn, sum bool) monthRow {
		r := monthRow{Label: label, Sum: sum, Sessions: asCount.format(float64(of[0][label].Sessions))}
		for i := range traders {
			v := math.NaN()
			if p, ok := of[i][label]; ok {
				v = float64(p.Return)
			}
			r.Cells = append(r.Cells, returnCell(v))
		}
		return r
	}
	agent := traders[0].Curve
	var rows []monthRow
	list, ends := metrics.Monthly(agent), metrics.Yearly(agent)
	for i, m := range list {
		rows = append(rows, row(m.Label, months, false))
		year := m.Label[:len("2006")]
		last := i == len(list)-1 || list[i+1].Label[:len("2006")] != year
		if last && len(ends) > 1 {
			rows = append(rows, row(year, years, true))
		}
	}
	all := monthRow{Label: "all", Sum: true, Sessions: asCount.format(float64(len(agent) - 1))}
	for _, t := range traders {
		all.Cells = append(all.Cells, returnCell(metrics.CumulativeReturn(t.Curve.Values())))
	}
	return append(rows, all)
}

func byLabel(periods []metrics.PeriodReturn) map[string]metrics.PeriodReturn {
	m := map[string]metrics.PeriodReturn{}
	for _, p := range periods {
		m[p.Label] = p
	}
	return m
}

// returnCell colours a return by its sign and, in steps, by its size. The sign
// is in the text too.
func returnCell(v float64) cell {
	c := cell{Text: inPercent.format(v)}
	if c.Text == notAvailable {
		c.Class = "na"
		return c
	}
	size := ""
	switch a := math.Abs(v); {
	case a < 0.005:
		return c
	case a < 0.03:
		size = "1"
	case a < 0.08:
		size = "2"
	default:
		size = "3"
	}
	if v > 0 {
		c.Class = "gain" + size
	} else {
		c.Class = "loss" + size
	}
	return c
}
