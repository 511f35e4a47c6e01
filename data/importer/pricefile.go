package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"finmem/data"
)

// maxSeriesRows is how many rows of one symbol are read: those of 500 years. A
// file with more is not one of daily prices.
const maxSeriesRows = 200_000

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
	format   priceFormat
	path     string
	opts     CSVOptions
	wanted   []string // canonical; none for all
	titles   []string // lines before the header
	layout   layout
	numbers  numberReader
	dates    map[*data.Calendar]*dateReader
	series   map[string]*priceSeries
	ofGroup  []*priceSeries          // nil for a group that is not wanted
	ofCell   map[string]*priceSeries // of the symbol column, as it is written; nil if not wanted
	others   map[string]bool         // symbols that the rows name and that are not wanted
	unnamed  string                  // the first value of a column called Name that is no symbol
	currency string                  // that the currency column names
	money    int                     // in which line it did first
	common   []Skip                  // rows that are of no symbol
	order    orderFinder
}

// readOne reads the prices of one symbol.
func readOne(ctx context.Context, format priceFormat, path, symbol string, opts CSVOptions) (Result, error) {
	var symbols []string
	if symbol != "" {
		symbols = []string{symbol}
	}
	results, err := readPriceFile(ctx, format, path, symbols, opts)
	if err != nil {
		return Result{}, err
	}
	if len(results) > 1 {
		names := make([]string, len(results))
		for i, r := range results {
			names[i] = r.History.Symbol
		}
		return Result{}, fmt.Errorf("%s: it has the symbols %s; say which", path, list(names, 10))
	}
	return results[0], nil
}

// readPriceFile reads a file of daily prices in one of the formats.
func readPriceFile(ctx context.Context, format priceFormat, path string, symbols []string, opts CSVOptions) ([]Result, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	p := &priceFile{
		format: format, path: path, opts: opts,
		numbers: numberReader{decimal: opts.Decimal},
		dates:   make(map[*data.Calendar]*dateReader), series: make(map[string]*priceSeries),
		ofCell: make(map[string]*priceSeries), others: make(map[string]bool),
	}
	for _, s := range symbols {
		canonical, err := data.Canonical(s)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(p.wanted, canonical) {
			p.wanted = append(p.wanted, canonical)
		}
	}
	in, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	results, err := p.read(ctx, in)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return results, err
}

// read goes through the file once and then through the rows of each symbol.
func (p *priceFile) read(ctx context.Context, in *Input) ([]Result, error) {
	text, err := decodeText(in)
	if err != nil {
		return nil, err
	}
	start, table, err := newTableReader(text)
	if err != nil {
		return nil, err
	}
	if err := p.begin(start); err != nil {
		return nil, err
	}
	if err := p.readRows(ctx, table, in); err != nil {
		return nil, err
	}
	if err := p.checkSymbols(); err != nil {
		return nil, err
	}
	if err := p.numbers.check(); err != nil {
		return nil, err
	}
	order, err := p.order.find(p.opts.DateOrder)
	if err != nil {
		return nil, err
	}
	return p.results(ctx, order)
}

// begin takes what the beginning of the file shows.
func (p *priceFile) begin(start tableStart) error {
	l, err := start.layout()
	if err != nil {
		return err
	}
	if p.format.accept != nil {
		if err := p.format.accept(l, start.delimiter); err != nil {
			return err
		}
	}
	p.layout, p.titles, p.numbers.comma = l, start.titles, start.delimiter == ','
	if l.symbolAt >= 0 {
		return nil
	}
	p.ofGroup = make([]*priceSeries, len(l.groups))
	for i, g := range l.groups {
		symbol := g.symbol
		if symbol == "" {
			if len(p.wanted) != 1 {
				return ErrNoSymbol
			}
			symbol = p.wanted[0]
		}
		p.ofGroup[i] = p.seriesOf(symbol)
	}
	if there := l.symbols(); len(p.series) == 0 {
		return fmt.Errorf("the header has the symbols %s, not %s", list(there, 10), list(p.wanted, 10))
	}
	return nil
}

// seriesOf is the series of a symbol, nil if it is not wanted.
func (p *priceFile) seriesOf(symbol string) *priceSeries {
	if len(p.wanted) > 0 && !slices.Contains(p.wanted, symbol) {
		p.others[symbol] = true
		return nil
	}
	s, ok := p.series[symbol]
	if !ok {
		s = &priceSeries{symbol: symbol, calendar: p.opts.Calendar, actions: make(map[int]data.Action)}
		if s.calendar == nil {
			s.calendar = p.usualCalendar(symbol)
		}
		p.series[symbol] = s
	}
	return s
}

// usualCalendar is the calendar of a symbol where none is said.
func (p *priceFile) usualCalendar(symbol string) *data.Calendar {
	name := "NYSE"
	if data.IsPair(symbol) {
		name = "24/7"
	}
	for c := range p.dates { // at most one of each name, so their order does not matter
		if c.Name() == name {
			return c
		}
	}
	c := data.NYSE()
	if data.IsPair(symbol) {
		c = data.Always()
	}
	p.dates[c] = newDateReader(p.opts.DateOrder, c)
	return c
}

// datesOf reads the dates of a series.
func (p *priceFile) datesOf(s *priceSeries) *dateReader {
	r, ok := p.dates[s.calendar]
	if !ok {
		r = newDateReader(p.opts.DateOrder, s.calendar)
		p.dates[s.calendar] = r
	}
	return r
}

// readRows reads all rows below the header.
func (p *priceFile) readRows(ctx context.Context, table *tableReader, in *Input) error {
	for n := -p.layout.rows; ; n++ {
		if n%1024 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if p.opts.Progress != nil && n > 0 {
				p.opts.Progress(n, in.Share())
			}
		}
		cells, line, err := table.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n < 0 {
			continue // the header
		}
		err = p.readRow(cells, line)
		if errors.As(err, new(intradayError)) {
			return err // it names the line itself
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// readRow reads one row. What makes the row unusable becomes its fault; what
// makes the file unusable is an error.
func (p *priceFile) readRow(cells []string, line int) error {
	for i, c := range cells {
		cells[i] = strings.TrimSpace(c)
	}
	if blank(cells) {
		return nil
	}
	if plain, reason, err := p.checkWidth(cells); err != nil || reason != "" {
		if reason != "" {
			p.skip(line, reason)
		}
		return err
	} else {
		cells = plain
	}
	if p.layout.symbolAt < 0 {
		for i, s := range p.ofGroup {
			if s == nil {
				continue
			}
			if err := p.addRow(s, p.layout.groups[i], cells, line); err != nil {
				return err
			}
		}
		return nil
	}
	s, err := p.seriesOfRow(cells[p.layout.symbolAt], line)
	if s == nil || err != nil {
		return err
	}
	return p.addRow(s, p.layout.groups[0], cells, line)
}

// checkWidth makes sure that a row has a cell for each column. A line of text
// among the rows is a remark, such as "Download Data", and no row.
func (p *priceFile) checkWidth(cells []string) (row []string, remark string, err error) {
	width := p.layout.width
	switch {
	case len(cells) == width:
		if slices.EqualFunc(cells, p.layout.header, func(a, b string) bool { return a == strings.TrimSpace(b) }) {
			return nil, "repeats the header", nil
		}
		return cells, "", nil
	case len(cells) > width && blank(cells[width:]):
		return cells[:width], "", nil
	}
	filled := slices.IndexFunc(cells, func(c string) bool { return c != "" })
	if text := cells[filled]; blank(cells[filled+1:]) && !strings.ContainsAny(text[:1], "0123456789-") {
		return nil, fmt.Sprintf("%.60q is no row of prices", text), nil
	}
	hint := "is a row cut off?"
	if len(cells) > width {
		hint = "is there a thousands separator without quotes?"
	}
	return nil, "", fmt.Errorf("%d cells where the header has %d; %s", len(cells), width, hint)
}

// skip leaves out a row that is of no symbol.
func (p *priceFile) skip(line int, reason string) {
	p.common = append(p.common, Skip{File: filepath.Base(p.path), Line: line, Reason: reason})
}

// seriesOfRow is the series that a symbol column names, nil if it is not wanted.
func (p *priceFile) seriesOfRow(cell string, line int) (*priceSeries, error) {
	if s, ok := p.ofCell[cell]; ok {
		return s, nil
	}
	if cell == "" {
		p.skip(line, "no symbol")
		return nil, nil
	}
	name := cell
	if market := strings.ToUpper(cell); p.layout.stooq && strings.HasSuffix(market, ".US") {
		name = cell[:len(cell)-len(".US")]
	}
	symbol, err := data.Canonical(name)
	if err != nil && p.layout.named {
		symbol, err = p.unnamedSymbol(cell)
	}
	if err != nil {
		return nil, err
	}
	s := p.seriesOf(symbol)
	p.ofCell[strings.Clone(cell)] = s
	return s, nil
}

// unnamedSymbol is the symbol of a file whose column Name names no symbol but,
// say, a company.
func (p *priceFile) unnamedSymbol(cell string) (string, error) {
	if p.unnamed != "" || len(p.ofCell) > 0 {
		return "", fmt.Errorf("the column Name has %.40q, which is no symbol, and other names; name the symbols in a column Symbol", cell)
	}
	p.unnamed = strings.Clone(cell)
	if len(p.wanted) != 1 {
		return "", fmt.Errorf("the column Name has %.40q, which is no symbol: %w", cell, ErrNoSymbol)
	}
	return p.wanted[0], nil
}

// checkSymbols refuses a file of other symbols than were asked for.
func (p *priceFile) checkSymbols() error {
	switch {
	case len(p.series) > 0:
		return nil
	case len(p.others) > 0:
		return fmt.Errorf("the rows are of %s, not of %s", list(sortedKeys(p.others), 10), list(p.wanted, 10))
	case len(p.common) > 0:
		return fmt.Errorf("no prices: none of %d rows can be used; %s", len(p.common), p.common[0])
	case len(p.wanted) > 0:
		return fmt.Errorf("no prices for %s: there is no row below the header", list(p.wanted, 10))
	}
	return errors.New("no prices: there is no row below the header")
}

// results makes a result of each series. One symbol of many without a price that
// can be used is left out and named, unless it was asked for.
func (p *priceFile) results(ctx context.Context, order DateOrder) ([]Result, error) {
	var results []Result
	for _, symbol := range sortedKeys(p.series) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := p.series[symbol].result(p, order)
		var none noPrices
		if errors.As(err, &none) && len(p.wanted) == 0 && len(p.series) > 1 {
			p.common = append(p.common, Skip{File: filepath.Base(p.path), Reason: err.Error()})
			continue
		}
		if err != nil {
			return nil, err
		}
		p.series[symbol].rows = nil // they are not needed any more
		results = append(results, r)
	}
	if len(results) == 0 {
		return nil, fmt.Errorf("no prices of any of %d symbols; %s", len(p.series), p.common[len(p.common)-1])
	}
	report := &results[0].Report
	report.Read += len(p.common)
	report.Skipped = append(report.Skipped, p.common...)
	slices.SortStableFunc(report.Skipped, func(a, b Skip) int { return cmp.Compare(a.Line, b.Line) })
	if n := len(p.others); n > 0 {
		report.Notes = append(report.Notes, fmt.Sprintf("rows of other symbols were not read: %s", list(sortedKeys(p.others), 10)))
	}
	return results, nil
}
