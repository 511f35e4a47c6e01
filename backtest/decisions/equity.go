package decisions

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"finmem/backtest/metrics"
	"finmem/data"
)

// A Curve is one column of an equity file, oldest first.
type Curve struct {
	Name   string
	Points metrics.EquityCurve
	// Gaps is the dates between its first and last value on which the column is
	// empty. They are left out, not filled.
	Gaps []data.Session
}

// ReadEquity reads equity curves side by side: a column date (or dates), and one
// column for each curve, headed by its name. Rows may come newest first. A curve
// may begin later or end earlier than the others. The columns come back in the
// order of the file.
//
// It also reads the equity.csv of a run of finmem, which has the curves one
// below the other: columns symbol, trader, date and equity.
func ReadEquity(in io.Reader, name string) ([]Curve, error) {
	t, err := readTable(in, name)
	if err != nil {
		return nil, err
	}
	if strings.Join(t.header, ",") == stackedHeader {
		if t, err = t.sideBySide(); err != nil {
			return nil, err
		}
	}
	date, err := t.must("date", "dates")
	if err != nil {
		return nil, err
	}
	sessions := make([]data.Session, len(t.rows))
	order := make([]int, len(t.rows))
	seen := map[data.Session]int{}
	for i, r := range t.rows {
		if sessions[i], err = parseDate(r.cell(date)); err != nil {
			return nil, fmt.Errorf("%s line %d: %w", name, r.line, err)
		}
		if line, twice := seen[sessions[i]]; twice {
			return nil, fmt.Errorf("%s line %d: date %s was on line %d already", name, r.line, sessions[i], line)
		}
		seen[sessions[i]] = r.line
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if sessions[a] < sessions[b] {
			return -1
		}
		return 1
	})

	var curves []Curve
	for column, header := range t.header {
		if column == date || header == "" {
			continue
		}
		c := Curve{Name: header}
		var empty []data.Session
		for _, i := range order {
			cell := t.rows[i].cell(column)
			if cell == "" {
				if len(c.Points) > 0 {
					empty = append(empty, sessions[i])
				}
				continue
			}
			v, ok := parseAmount(cell)
			if !ok {
				return nil, fmt.Errorf("%s line %d: %s %q is not an amount; leave the cell empty where there is none", name, t.rows[i].line, header, cell)
			}
			c.Points = append(c.Points, metrics.Point{Session: sessions[i], Value: v})
			c.Gaps, empty = append(c.Gaps, empty...), nil
		}
		if len(c.Points) == 0 {
			return nil, fmt.Errorf("%s: column %q has no value", name, header)
		}
		curves = append(curves, c)
	}
	if len(curves) == 0 {
		return nil, fmt.Errorf("%s: no column besides the date", name)
	}
	return curves, nil
}

// stackedHeader is the header of a run's equity.csv.
const stackedHeader = "symbol,trader,date,equity"

// sideBySide puts the curves of a run's equity.csv into columns of their own,
// named "SYMBOL trader", in the order in which they first stand in the file. A
// row keeps the line of the last of its cells.
func (t *table) sideBySide() (*table, error) {
	wide := &table{name: t.name, header: []string{"date"}}
	column := map[string]int{}
	place := map[string]int{}
	for _, r := range t.rows {
		curve, date := r.cell(0)+" "+r.cell(1), r.cell(2)
		c, known := column[curve]
		if !known {
			c = len(wide.header)
			column[curve] = c
			wide.header = append(wide.header, curve)
		}
		i, known := place[date]
		if !known {
			i = len(wide.rows)
			place[date] = i
			wide.rows = append(wide.rows, row{cells: []string{date}})
		}
		cells := wide.rows[i].cells
		for len(cells) <= c {
			cells = append(cells, "")
		}
		if cells[c] != "" {
			return nil, fmt.Errorf("%s line %d: %s has a value for %s already", t.name, r.line, curve, date)
		}
		cells[c] = r.cell(3)
		wide.rows[i] = row{r.line, cells}
	}
	return wide, nil
}

// parseAmount reads a finite decimal number. ParseFloat alone would take NaN,
// Inf and hexadecimal for one.
func parseAmount(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	decimal := strings.Trim(s, "+-.0123456789eE") == ""
	return v, err == nil && decimal && !math.IsInf(v, 0)
}
