package importer

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"finmem/data"
)

// A priceSeries is what a file has of one symbol.
type priceSeries struct {
	symbol   string
	calendar *data.Calendar // that dates are read by
	rows     []priceRow
	actions  map[int]data.Action // by line, without their session
	zeros    [valueColumns]int   // values of 0 taken as missing
	// clock is the stamp of the one row with a time of day, "" for none.
	clock               string
	clockRow, clockLine int
	shuffled            bool // rows were not in the order of time
	reversed            bool // they were the other way round
}

// noPrices says that a symbol has no row that can be used.
type noPrices string

func (e noPrices) Error() string { return string(e) }

// orMissing takes a price of 0 for a missing one, which is what vendors mean by
// it, and counts it.
func (s *priceSeries) orMissing(c column, v float64) float64 {
	if v != 0 {
		return v
	}
	s.zeros[c]++
	return math.NaN()
}

// intraday refuses a file whose rows are not daily bars.
func (s *priceSeries) intraday() error { return intradayError{s.clock, s.clockLine} }

// An intradayError says that a file has more than one row a date.
type intradayError struct {
	clock string
	line  int
}

func (e intradayError) Error() string {
	return fmt.Sprintf("line %d: %s has a time of day; want daily bars, one row a date", e.line, e.clock)
}

// result makes the history of the rows.
func (s *priceSeries) result(p *priceFile, order DateOrder) (Result, error) {
	if err := s.settleDates(order); err != nil {
		return Result{}, err
	}
	if err := s.sort(); err != nil {
		return Result{}, err
	}
	r, err := s.assemble(p)
	if err != nil {
		return Result{}, err
	}
	s.describe(p, &r)
	return r, nil
}

// settleDates gives each row its session.
func (s *priceSeries) settleDates(order DateOrder) error {
	newest := data.Session("")
	for i := range s.rows {
		row := &s.rows[i]
		if row.open && order == MonthDayYear {
			row.bar.Session = row.monthDay
		}
		if row.bar.Session == "" && row.fault == "" {
			row.fault = "no such date in the order of the file, " + string(order)
		}
		newest = max(newest, row.bar.Session)
	}
	if s.clock == "" {
		return nil
	}
	// A download during trading ends in a row of the session under way.
	row := &s.rows[s.clockRow]
	if row.bar.Session != newest {
		return s.intraday()
	}
	row.fault = s.clock + " has a time of day: the bar of a session that was not over"
	return nil
}

// sort puts the rows in order, oldest first. Rows that repeat another are marked
// and rows that contradict another are refused.
func (s *priceSeries) sort() error {
	byTime := func(a, b priceRow) int { return cmp.Compare(a.bar.Session, b.bar.Session) }
	s.shuffled = !slices.IsSortedFunc(s.rows, byTime)
	s.reversed = s.shuffled && slices.IsSortedFunc(s.rows, func(a, b priceRow) int { return byTime(b, a) })
	if s.shuffled {
		slices.SortStableFunc(s.rows, byTime)
	}
	last := -1 // the last row that is a usable bar
	for i := range s.rows {
		row := &s.rows[i]
		if row.fault != "" {
			continue
		}
		if err := row.bar.Validate(); err != nil {
			row.fault = err.Error()
			continue
		}
		if last >= 0 && s.rows[last].bar.Session == row.bar.Session {
			if err := contradiction(s.rows[last], *row); err != nil {
				return err
			}
			row.fault = fmt.Sprintf("repeats line %d", s.rows[last].line)
			continue
		}
		last = i
	}
	return nil
}

// contradiction is an error unless two rows of one session are the same.
func contradiction(a, b priceRow) error {
	same := func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }
	switch x, y := a.bar, b.bar; {
	case x.Close != y.Close:
		return fmt.Errorf("%s has a close of %v in line %d and of %v in line %d; remove one of the rows", x.Session, x.Close, a.line, y.Close, b.line)
	case same(x.Open, y.Open) && same(x.High, y.High) && same(x.Low, y.Low) && same(x.AdjClose, y.AdjClose) && same(x.Volume, y.Volume):
		return nil
	}
	return fmt.Errorf("%s has different rows in line %d and line %d; remove one", a.bar.Session, a.line, b.line)
}

// assemble makes the history and lists the rows that are not in it.
func (s *priceSeries) assemble(p *priceFile) (Result, error) {
	r := Result{
		History: data.History{Symbol: s.symbol},
		Report:  Report{Format: p.format.name, Symbol: s.symbol, Read: len(s.rows), Skipped: []Skip{}, Notes: []string{}},
	}
	if len(s.rows) == 0 {
		return Result{}, noPrices(fmt.Sprintf("no prices for %s: there is no row below the header", s.symbol))
	}
	kept := 0
	for _, row := range s.rows {
		if row.fault == "" {
			kept++
		}
	}
	r.History.Bars = make([]data.Bar, 0, kept)
	for _, row := range s.rows {
		if row.fault == "" {
			r.History.Bars = append(r.History.Bars, row.bar)
		} else {
			r.Report.Skipped = append(r.Report.Skipped, Skip{File: filepath.Base(p.path), Line: row.line, Reason: row.fault})
		}
		if row.fault == "" || row.fault == noClose {
			if err := s.addAction(&r.History, row); err != nil {
				return Result{}, err
			}
		}
	}
	r.Report.Kept = kept
	slices.SortFunc(r.Report.Skipped, func(a, b Skip) int { return cmp.Compare(a.Line, b.Line) })
	if kept == 0 {
		return Result{}, noPrices(fmt.Sprintf("no prices for %s: none of %d rows can be used; %s", s.symbol, len(s.rows), r.Report.Skipped[0]))
	}
	return r, nil
}

// addAction adds the corporate actions of a row. A session may have one row with
// the price and another with the dividend.
func (s *priceSeries) addAction(h *data.History, row priceRow) error {
	a, ok := s.actions[row.line]
	if !ok || row.bar.Session == "" {
		return nil
	}
	a.Session = row.bar.Session
	if n := len(h.Actions) - 1; n >= 0 && h.Actions[n].Session == a.Session {
		last := &h.Actions[n]
		if last.Split != 0 && a.Split != 0 || last.Dividend != 0 && a.Dividend != 0 {
			return fmt.Errorf("line %d: %s has a second split or dividend; remove one of the rows", row.line, a.Session)
		}
		last.Split, last.Dividend = last.Split+a.Split, last.Dividend+a.Dividend
		return nil
	}
	h.Actions = append(h.Actions, a)
	return nil
}

// describe fills the description of the data and the notes of the report. What
// stays true of the data goes into both.
func (s *priceSeries) describe(p *priceFile, r *Result) {
	h, report, meta := r.History, &r.Report, &r.Meta
	note := func(format string, args ...any) { report.Notes = append(report.Notes, fmt.Sprintf(format, args...)) }
	base := filepath.Base(p.path)
	calendar := p.opts.Calendar
	switch {
	case calendar != nil:
	case data.IsPair(s.symbol):
		calendar = s.calendar
	default:
		calendar = calendarOf(h.Bars)
	}
	*meta = data.Meta{
		Name:       strings.TrimSuffix(base, filepath.Ext(base)),
		Calendar:   calendar.Name(),
		Sources:    []string{p.format.name + " file " + base},
		PriceKind:  data.CloseOnly,
		Adjustment: p.opts.Adjustment,
		Notes:      []string{},
	}
	if slices.ContainsFunc(h.Bars, data.Bar.HasOpen) {
		meta.PriceKind = data.OHLCV
	}
	if meta.Adjustment == "" {
		meta.Adjustment = p.format.adjustment(p.layout)
	}
	note("%d bars from %s to %s, %d corporate actions", len(h.Bars), h.Bars[0].Session, h.Bars[len(h.Bars)-1].Session, len(h.Actions))
	switch {
	case s.reversed:
		note("rows were newest first and were put in order")
	case s.shuffled:
		note("rows were not in the order of time and were put in order")
	}
	if len(p.titles) > 0 {
		note("lines before the header were not read: %s", list(p.titles, 3))
	}
	if len(p.layout.ignored) > 0 {
		note("columns not read: %s", strings.Join(p.layout.ignored, ", "))
	}
	if len(p.layout.strange) > 0 {
		note("columns of what is no symbol were not read: %s", list(p.layout.strange, 10))
	}
	for _, money := range []string{p.currency, p.layout.inMoney, p.numbers.money} {
		if money != "" && money != "$" && money != "USD" {
			text := fmt.Sprintf("%s: prices are in %s", s.symbol, money)
			note("%s", text)
			meta.Notes = append(meta.Notes, text)
			break
		}
	}
	if p.unnamed != "" {
		note("the column Name has %q", p.unnamed)
	}
	for _, c := range []column{columnOpen, columnHigh, columnLow, columnAdjClose} {
		if n := s.zeros[c]; n > 0 {
			text := fmt.Sprintf("%s: %s is 0 on %d rows and was taken as missing", s.symbol, c, n)
			note("%s", text)
			meta.Notes = append(meta.Notes, text)
		}
	}
	if meta.Adjustment == data.UnknownAdjustment {
		note("the file does not say whether prices contain splits and dividends; if you know, say so with --adjustment")
	}
	first, last := calendar.Bounds()
	inside := slices.DeleteFunc(slices.Clone(h.Bars), func(b data.Bar) bool { return b.Session < first || b.Session > last })
	if n := len(h.Bars) - len(inside); n > 0 {
		note("%d prices lie outside the %s calendar, %s to %s, and cannot be traded on", n, calendar.Name(), first, last)
	}
	if stray := strays(calendar, inside); len(stray) > 0 {
		note("%d prices fall on dates that are no session of the %s calendar and will not be traded on: %s", len(stray), calendar.Name(), list(stray, 5))
	}
}
