package importer

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"finmem/data"
)

// A DecimalMark says how a file writes decimals.
type DecimalMark string

// The decimal marks. DecimalAuto takes a comma for a thousands separator where
// the file shows that it is one and refuses the file where it could be either.
const (
	DecimalAuto  DecimalMark = ""
	DecimalPoint DecimalMark = "."
	DecimalComma DecimalMark = ","
)

// A DateOrder says whether 03/04/2024 is in March or in April.
type DateOrder string

// The date orders. DateOrderAuto goes by the days above 12 in the file and
// refuses a file that has none.
const (
	DateOrderAuto DateOrder = ""
	MonthDayYear  DateOrder = "mdy"
	DayMonthYear  DateOrder = "dmy"
)

// CSVOptions are the settings of [CSV] and [Yahoo]. The zero value finds out
// what can be found out and refuses the rest.
type CSVOptions struct {
	// Calendar is the calendar the dates belong to. Nil means 24/7 for a pair
	// such as BTC-USD and for a file with prices on weekends, else NYSE.
	Calendar *data.Calendar
	// Adjustment says which corporate actions the prices contain. Empty means
	// what the format tells, which for many files is unknown.
	Adjustment data.Adjustment
	DateOrder  DateOrder
	Decimal    DecimalMark
}

func (o CSVOptions) validate() error {
	switch o.DateOrder {
	case DateOrderAuto, MonthDayYear, DayMonthYear:
	default:
		return fmt.Errorf("date order %q: want %q or %q", o.DateOrder, MonthDayYear, DayMonthYear)
	}
	switch o.Decimal {
	case DecimalAuto, DecimalPoint, DecimalComma:
	default:
		return fmt.Errorf("decimal mark %q: want %q or %q", o.Decimal, DecimalPoint, DecimalComma)
	}
	switch o.Adjustment {
	case "", data.Raw, data.SplitAdjusted, data.TotalReturn, data.UnknownAdjustment:
	default:
		return fmt.Errorf("adjustment %q: want %q, %q, %q or %q", o.Adjustment, data.Raw, data.SplitAdjusted, data.TotalReturn, data.UnknownAdjustment)
	}
	return nil
}

// A priceFormat is what sets one vendor's price files apart from another's.
type priceFormat struct {
	name string
	// accept refuses a file that is not of the format; nil accepts all.
	accept func(l layout, delimiter rune) error
	// adjustment is what the columns tell of the prices.
	adjustment func(l layout) data.Adjustment
}

// A priceFile is one file of prices being read.
type priceFile struct {
	format    priceFormat
	path      string
	symbol    string // canonical, "" until it is known
	opts      CSVOptions
	exchange  *data.Calendar // for stamps with a zone
	delimiter rune
	layout    layout
	numbers   numberReader
	rows      []priceRow
	symbols   []string       // that a symbol column names, in the order of appearance
	zeros     map[column]int // values of 0 taken as missing
	shuffled  bool           // rows were not in the order of time
	reversed  bool           // nor were they the other way round
	result    Result
}

// A priceRow is one row of the file.
type priceRow struct {
	line     int
	date     dateCell
	session  data.Session
	bar      data.Bar
	split    float64
	dividend float64
	fault    string // why the bar cannot be used, "" if it can
}

// readPriceFile reads a file of daily prices in one of the formats.
func readPriceFile(ctx context.Context, format priceFormat, path, symbol string, opts CSVOptions) (Result, error) {
	p := &priceFile{format: format, path: path, opts: opts, exchange: opts.Calendar, zeros: make(map[column]int)}
	if err := opts.validate(); err != nil {
		return Result{}, err
	}
	if symbol != "" {
		canonical, err := data.Canonical(symbol)
		if err != nil {
			return Result{}, err
		}
		p.symbol = canonical
	}
	if p.exchange == nil {
		p.exchange = data.NYSE()
		if data.IsPair(p.symbol) {
			p.exchange = data.Always()
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return Result{}, err
	}
	defer f.Close()
	if err := p.read(ctx, f); err != nil {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return Result{}, err
		}
		return Result{}, fmt.Errorf("%s: %w", path, err)
	}
	return p.result, nil
}

// read goes through the file in steps that each look at all of it.
func (p *priceFile) read(ctx context.Context, in io.Reader) error {
	text, err := p.open(in)
	if err != nil {
		return err
	}
	if err := p.readRows(ctx, text); err != nil {
		return err
	}
	if err := p.checkSymbol(); err != nil {
		return err
	}
	if err := p.numbers.check(); err != nil {
		return err
	}
	if err := p.settleDates(); err != nil {
		return err
	}
	if err := p.sort(); err != nil {
		return err
	}
	if err := p.assemble(); err != nil {
		return err
	}
	p.describe()
	return nil
}

// open looks at the beginning of the file: its encoding, its delimiter, and that
// it is CSV at all.
func (p *priceFile) open(in io.Reader) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(in, 1<<16)
	start, err := r.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch beginning := string(start); {
	case strings.HasPrefix(beginning, "\xff\xfe"), strings.HasPrefix(beginning, "\xfe\xff"):
		return nil, errors.New("the text is UTF-16; save it as UTF-8")
	case strings.HasPrefix(beginning, "\ufeff"):
		_, _ = r.Discard(len("\ufeff")) // peeked at just now, so it cannot fail
		start = start[len("\ufeff"):]
	}
	line, _, _ := strings.Cut(string(start), "\n")
	switch line = strings.TrimSpace(line); {
	case line == "":
		return nil, errors.New("the first line is empty; want a header such as Date,Open,High,Low,Close,Volume")
	case line[0] == '<' || line[0] == '{' || line[0] == '[':
		return nil, fmt.Errorf("not CSV: it starts with %.40q", line)
	}
	p.delimiter = ','
	for _, d := range ";\t|" {
		if strings.Count(line, string(d)) > strings.Count(line, string(p.delimiter)) {
			p.delimiter = d
		}
	}
	p.numbers = numberReader{decimal: p.opts.Decimal, comma: p.delimiter == ','}
	return r, nil
}

// readRows reads header and rows into p.rows.
func (p *priceFile) readRows(ctx context.Context, in io.Reader) error {
	r := csv.NewReader(in)
	r.Comma = p.delimiter
	r.FieldsPerRecord = -1 // counted below, to name what is wrong
	var head [][]string    // the first rows, until the header is known
	var headLines []int
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		line, _ := r.FieldPos(0)
		if head, headLines = append(head, cells), append(headLines, line); p.layout.rows == 0 && len(head) < 3 {
			continue
		}
		if err := p.readHead(head, headLines); err != nil {
			return err
		}
		head, headLines = head[:0], headLines[:0]
	}
	return p.readHead(head, headLines)
}

// readHead takes rows that were read, the first of them the header if there was
// none yet.
func (p *priceFile) readHead(rows [][]string, lines []int) error {
	if len(rows) == 0 {
		return nil
	}
	if p.layout.rows == 0 {
		l, err := layoutOf(rows, p.symbol)
		if err != nil {
			return err
		}
		if p.format.accept != nil {
			if err := p.format.accept(l, p.delimiter); err != nil {
				return err
			}
		}
		p.layout = l
		if p.symbol == "" {
			p.symbol = l.symbol
		}
		rows, lines = rows[l.rows:], lines[l.rows:]
	}
	for i, cells := range rows {
		if err := p.readRow(cells, lines[i]); err != nil {
			return fmt.Errorf("line %d: %w", lines[i], err)
		}
	}
	return nil
}

// readRow reads one row. What makes the row unusable becomes its fault; what
// makes the file unusable is an error.
func (p *priceFile) readRow(cells []string, line int) error {
	blank := true
	for i, c := range cells {
		cells[i] = strings.TrimSpace(c)
		blank = blank && cells[i] == ""
	}
	if blank {
		return nil
	}
	if len(cells) != p.layout.width {
		hint := "is a row cut off?"
		if len(cells) > p.layout.width {
			hint = "is there a thousands separator without quotes?"
		}
		return fmt.Errorf("%d cells where the header has %d; %s", len(cells), p.layout.width, hint)
	}
	if err := p.noteSymbol(cells); err != nil {
		return err
	}
	row := priceRow{line: line}
	if err := p.fill(&row, cells); err != nil {
		row.fault = err.Error()
	}
	p.rows = append(p.rows, row)
	return nil
}

// noteSymbol keeps what the symbol column says.
func (p *priceFile) noteSymbol(cells []string) error {
	i, ok := p.layout.place[columnSymbol]
	if !ok || cells[i] == "" {
		return nil
	}
	symbol, err := data.Canonical(cells[i])
	if err == nil && !slices.Contains(p.symbols, symbol) {
		p.symbols = append(p.symbols, symbol)
	}
	return err
}

// checkSymbol refuses a file with rows of more than one symbol, or of another
// than was asked for.
func (p *priceFile) checkSymbol() error {
	switch {
	case len(p.symbols) > 1:
		return fmt.Errorf("rows of %d symbols are stacked in one file (%s); split it into one file per symbol", len(p.symbols), list(p.symbols, 10))
	case len(p.symbols) == 1 && p.symbol == "":
		p.symbol = p.symbols[0]
	case len(p.symbols) == 1 && p.symbol != p.symbols[0]:
		return fmt.Errorf("the rows are of %s, not of %s", p.symbols[0], p.symbol)
	case p.symbol == "":
		return errors.New("the file does not say which symbol it is of; give one")
	}
	return nil
}

// fill reads the cells of a row; the error is the first reason why its bar
// cannot be used.
func (p *priceFile) fill(row *priceRow, cells []string) error {
	cell := func(c column) string {
		if i, ok := p.layout.place[c]; ok {
			return cells[i]
		}
		return ""
	}
	var faults []error
	take := func(v float64, err error) float64 {
		if err != nil {
			faults = append(faults, err)
		}
		return v
	}
	named := func(c column, read func(string) (float64, error)) float64 {
		v, err := read(cell(c))
		if err != nil {
			err = fmt.Errorf("%s %w", c, err)
		}
		return take(v, err)
	}
	var err error
	if row.date, err = readDate(cell(columnDate), p.exchange.Location()); err != nil {
		faults = append(faults, err)
	}
	row.split = named(columnSplit, p.numbers.split)
	if row.dividend = named(columnDividend, p.numbers.price); math.IsNaN(row.dividend) {
		row.dividend = 0
	}
	row.bar.Close = named(columnClose, p.numbers.price)
	row.bar.AdjClose = p.orMissing(columnAdjClose, named(columnAdjClose, p.numbers.price))
	row.bar.Open = p.orMissing(columnOpen, named(columnOpen, p.numbers.price))
	row.bar.High = p.orMissing(columnHigh, named(columnHigh, p.numbers.price))
	row.bar.Low = p.orMissing(columnLow, named(columnLow, p.numbers.price))
	row.bar.Volume = named(columnVolume, p.numbers.volume)
	if row.split < 0 || row.dividend < 0 {
		faults = append(faults, errors.New("a split or dividend below zero"))
		row.split, row.dividend = 0, 0
	}
	if len(faults) > 0 {
		return faults[0]
	}
	if math.IsNaN(row.bar.Close) {
		return errors.New(noClose)
	}
	return nil
}

// noClose is the fault of a row that says nothing of the price. Such a row may
// still have a corporate action.
const noClose = "no close"

// orMissing takes a price of 0 for a missing one, which is what vendors mean by
// it, and counts it.
func (p *priceFile) orMissing(c column, v float64) float64 {
	if v != 0 {
		return v
	}
	p.zeros[c]++
	return math.NaN()
}

// settleDates gives each row its session.
func (p *priceFile) settleDates() error {
	order, err := p.dateOrder()
	if err != nil {
		return err
	}
	newest, stamped := data.Session(""), -1
	for i := range p.rows {
		row := &p.rows[i]
		switch d := row.date; {
		case d.session != "":
			row.session = d.session
		case order == MonthDayYear:
			row.session = d.monthDay
		default:
			row.session = d.dayMonth
		}
		if row.session == "" && row.fault == "" {
			row.fault = "no such date in the order of the file, " + string(order)
		}
		newest = max(newest, row.session)
		if row.date.clock == "" {
			continue
		}
		if stamped >= 0 {
			return p.intraday(stamped)
		}
		stamped = i
	}
	if stamped < 0 {
		return nil
	}
	// A download during trading ends in a row of the session under way.
	row := &p.rows[stamped]
	if row.session != newest {
		return p.intraday(stamped)
	}
	row.fault = row.date.clock + " has a time of day: the bar of a session that was not over"
	return nil
}

// intraday refuses a file whose rows are not daily bars.
func (p *priceFile) intraday(i int) error {
	row := p.rows[i]
	return fmt.Errorf("line %d: %s has a time of day; want daily bars, one row a date", row.line, row.date.clock)
}

// dateOrder finds out whether dates with slashes put the month or the day first.
func (p *priceFile) dateOrder() (DateOrder, error) {
	if p.opts.DateOrder != DateOrderAuto {
		return p.opts.DateOrder, nil
	}
	var monthFirst, dayFirst, open *priceRow
	for i := range p.rows {
		switch row := &p.rows[i]; {
		case row.date.monthDay != "" && row.date.dayMonth == "":
			monthFirst = row
		case row.date.monthDay == "" && row.date.dayMonth != "":
			dayFirst = row
		case row.date.monthDay != "" && row.date.monthDay != row.date.dayMonth:
			open = row
		}
	}
	switch {
	case monthFirst != nil && dayFirst != nil:
		return "", fmt.Errorf("line %d has the month first and line %d the day; say which is meant with the date order", monthFirst.line, dayFirst.line)
	case monthFirst != nil:
		return MonthDayYear, nil
	case dayFirst == nil && open != nil:
		return "", fmt.Errorf("line %d: the date may be %s or %s; say which with the date order", open.line, open.date.monthDay, open.date.dayMonth)
	}
	return DayMonthYear, nil
}

// sort puts the rows in order, oldest first. Rows that repeat another are marked
// and rows that contradict another are refused.
func (p *priceFile) sort() error {
	byTime := func(a, b priceRow) int { return cmp.Compare(a.session, b.session) }
	p.shuffled = !slices.IsSortedFunc(p.rows, byTime)
	p.reversed = p.shuffled && slices.IsSortedFunc(p.rows, func(a, b priceRow) int { return byTime(b, a) })
	slices.SortStableFunc(p.rows, byTime)
	last := -1 // the last row that is a usable bar
	for i := range p.rows {
		row := &p.rows[i]
		if row.fault != "" {
			continue
		}
		row.bar.Session = row.session
		if err := row.bar.Validate(); err != nil {
			row.fault = err.Error()
			continue
		}
		if last >= 0 && p.rows[last].session == row.session {
			if err := contradiction(p.rows[last], *row); err != nil {
				return err
			}
			row.fault = fmt.Sprintf("repeats line %d", p.rows[last].line)
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
		return fmt.Errorf("%s has a close of %v in line %d and of %v in line %d; remove one of the rows", a.session, x.Close, a.line, y.Close, b.line)
	case same(x.Open, y.Open) && same(x.High, y.High) && same(x.Low, y.Low) && same(x.AdjClose, y.AdjClose) && same(x.Volume, y.Volume):
		return nil
	}
	return fmt.Errorf("%s has different rows in line %d and line %d; remove one", a.session, a.line, b.line)
}

// assemble makes the history and lists the rows that are not in it.
func (p *priceFile) assemble() error {
	report := &p.result.Report
	*report = Report{Format: p.format.name, Symbol: p.symbol, Read: len(p.rows), Skipped: []Skip{}, Notes: []string{}}
	h := &p.result.History
	h.Symbol = p.symbol
	for _, row := range p.rows {
		if row.fault == "" {
			h.Bars = append(h.Bars, row.bar)
		} else {
			report.Skipped = append(report.Skipped, Skip{File: filepath.Base(p.path), Line: row.line, Reason: row.fault})
		}
		if row.fault == "" || row.fault == noClose {
			if err := p.addAction(row); err != nil {
				return err
			}
		}
	}
	report.Kept = len(h.Bars)
	slices.SortFunc(report.Skipped, func(a, b Skip) int { return cmp.Compare(a.Line, b.Line) })
	if len(p.rows) == 0 {
		return fmt.Errorf("no prices for %s: there is no row below the header", p.symbol)
	}
	if report.Kept == 0 {
		return fmt.Errorf("no prices for %s: none of %d rows can be used; %s", p.symbol, len(p.rows), report.Skipped[0])
	}
	return nil
}

// addAction adds the corporate actions of a row. A session may have one row with
// the price and another with the dividend.
func (p *priceFile) addAction(row priceRow) error {
	if row.session == "" || row.split == 0 && row.dividend == 0 {
		return nil
	}
	actions := &p.result.History.Actions
	if n := len(*actions) - 1; n >= 0 && (*actions)[n].Session == row.session {
		last := &(*actions)[n]
		if last.Split != 0 && row.split != 0 || last.Dividend != 0 && row.dividend != 0 {
			return fmt.Errorf("line %d: %s has a second split or dividend; remove one of the rows", row.line, row.session)
		}
		last.Split, last.Dividend = last.Split+row.split, last.Dividend+row.dividend
		return nil
	}
	*actions = append(*actions, data.Action{Session: row.session, Split: row.split, Dividend: row.dividend})
	return nil
}

// describe fills the description of the data and the notes of the report. What
// stays true of the data goes into both.
func (p *priceFile) describe() {
	h, report, meta := p.result.History, &p.result.Report, &p.result.Meta
	note := func(format string, args ...any) { report.Notes = append(report.Notes, fmt.Sprintf(format, args...)) }
	base := filepath.Base(p.path)
	calendar := p.opts.Calendar
	switch {
	case calendar != nil:
	case data.IsPair(p.symbol):
		calendar = p.exchange
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
	case p.reversed:
		note("rows were newest first and were put in order")
	case p.shuffled:
		note("rows were not in the order of time and were put in order")
	}
	if len(p.layout.ignored) > 0 {
		note("columns not read: %s", strings.Join(p.layout.ignored, ", "))
	}
	for _, c := range []column{columnOpen, columnHigh, columnLow, columnAdjClose} {
		if n := p.zeros[c]; n > 0 {
			text := fmt.Sprintf("%s: %s is 0 on %d rows and was taken as missing", p.symbol, c, n)
			note("%s", text)
			meta.Notes = append(meta.Notes, text)
		}
	}
	if meta.Adjustment == data.UnknownAdjustment {
		note("the file does not say whether prices contain splits and dividends; say so if you know")
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
