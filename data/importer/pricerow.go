package importer

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"finmem/data"
)

// A priceRow is one row of one symbol.
type priceRow struct {
	line int
	bar  data.Bar // its session is, where open, the one with the day first
	open bool     // day and month cannot be told apart
	// monthDay is the session with the month first, where open; "" if there is no
	// such date.
	monthDay data.Session
	fault    string // why the bar cannot be used, "" if it can
}

// noClose is the fault of a row that says nothing of the price. Such a row may
// still have a corporate action.
const noClose = "no close"

// addRow reads the cells of one symbol in a row.
func (p *priceFile) addRow(s *priceSeries, g group, cells []string, line int) error {
	if len(p.layout.groups) > 1 && g.blank(cells) {
		return nil // other symbols of the file have a price on this date
	}
	if len(s.rows) >= maxSeriesRows {
		return fmt.Errorf("more than %d rows of %s; want daily bars, one row a date", maxSeriesRows, s.symbol)
	}
	if err := p.checkRow(cells, line); err != nil {
		return err
	}
	row := priceRow{line: line}
	clock, err := p.readDate(s, &row, cells)
	if fault := p.readValues(s, &row, g, cells); err == nil {
		err = fault
	}
	if err != nil {
		row.fault = err.Error()
	}
	if clock != "" {
		if s.clock != "" {
			return s.intraday()
		}
		s.clock, s.clockRow = clock, len(s.rows)
		s.clockLine = line
	}
	s.rows = append(s.rows, row)
	return nil
}

// checkRow makes sure that a row is of the same currency as the others, and of a
// day.
func (p *priceFile) checkRow(cells []string, line int) error {
	if i := p.layout.currency; i >= 0 && cells[i] != "" && cells[i] != p.currency {
		if p.currency != "" {
			return fmt.Errorf("the price is in %s, in line %d it was in %s; keep the rows of one currency", cells[i], p.money, p.currency)
		}
		p.currency, p.money = strings.Clone(cells[i]), line
	}
	if i := p.layout.period; i >= 0 && !strings.EqualFold(cells[i], "D") {
		return fmt.Errorf("the period is %q; want daily bars, which are of period D", cells[i])
	}
	return nil
}

// readDate reads the date of a row; clock is its time of day if it has one.
func (p *priceFile) readDate(s *priceSeries, row *priceRow, cells []string) (clock string, err error) {
	timeOfDay := ""
	if p.layout.time >= 0 {
		timeOfDay = cells[p.layout.time]
	}
	d, err := p.datesOf(s).read(cells[p.layout.date], timeOfDay)
	if err != nil {
		return "", err
	}
	row.bar.Session = d.session
	if d.session == "" {
		row.open, row.bar.Session, row.monthDay = true, d.dayMonth, d.monthDay
		p.order.see(row.line, d)
	}
	return d.clock, nil
}

// blank reports whether a row says nothing of a symbol.
func (g group) blank(cells []string) bool {
	for _, i := range g.place {
		if i >= 0 && !missingText(cells[i]) {
			return false
		}
	}
	return true
}

// readValues reads the values of a row; the error is the first reason why its bar
// cannot be used.
func (p *priceFile) readValues(s *priceSeries, row *priceRow, g group, cells []string) error {
	var first error
	read := func(c column, read func(string) (float64, error)) float64 {
		i := g.place[c]
		if i < 0 || cells[i] == "" {
			return math.NaN()
		}
		v, err := read(cells[i])
		if err != nil && first == nil {
			first = fmt.Errorf("%s %w", c, err)
		}
		return v
	}
	var a data.Action
	if g.place[columnSplit] >= 0 {
		a.Split = zeroIfMissing(read(columnSplit, p.numbers.split))
	}
	if g.place[columnDividend] >= 0 {
		a.Dividend = zeroIfMissing(read(columnDividend, p.numbers.price))
	}
	row.bar.Close = read(columnClose, p.numbers.price)
	row.bar.AdjClose = s.orMissing(columnAdjClose, read(columnAdjClose, p.numbers.price))
	row.bar.Open = s.orMissing(columnOpen, read(columnOpen, p.numbers.price))
	row.bar.High = s.orMissing(columnHigh, read(columnHigh, p.numbers.price))
	row.bar.Low = s.orMissing(columnLow, read(columnLow, p.numbers.price))
	row.bar.Volume = read(columnVolume, p.numbers.volume)
	switch {
	case a.Split < 0 || a.Dividend < 0:
		if first == nil {
			first = errors.New("a split or dividend below zero")
		}
	case a.Split != 0 || a.Dividend != 0:
		s.actions[row.line] = a
	}
	if first == nil && math.IsNaN(row.bar.Close) {
		first = errors.New(noClose)
	}
	return first
}

func zeroIfMissing(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// An orderFinder finds out whether dates with slashes put the month or the day
// first.
type orderFinder struct {
	monthFirst, dayFirst int // the last line that can only be read so, 0 for none
	open                 int // the last that can be read either way
	cell                 dateCell
}

func (o *orderFinder) see(line int, d dateCell) {
	switch {
	case d.dayMonth == "":
		o.monthFirst = line
	case d.monthDay == "":
		o.dayFirst = line
	case d.monthDay != d.dayMonth:
		o.open, o.cell = line, d
	}
}

// find is the order of the file, unless it was said.
func (o *orderFinder) find(said DateOrder) (DateOrder, error) {
	switch {
	case said != DateOrderAuto:
		return said, nil
	case o.monthFirst > 0 && o.dayFirst > 0:
		return "", fmt.Errorf("line %d has the month first and line %d the day; say which is meant with --dates mdy or --dates dmy", o.monthFirst, o.dayFirst)
	case o.monthFirst > 0:
		return MonthDayYear, nil
	case o.dayFirst == 0 && o.open > 0:
		return "", fmt.Errorf("line %d: the date may be %s or %s; say which with --dates mdy or --dates dmy", o.open, o.cell.monthDay, o.cell.dayMonth)
	}
	return DayMonthYear, nil
}
