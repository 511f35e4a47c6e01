package importer

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"finmem/data"
	"finmem/internal/nearest"
)

// A layout says where in a row the columns of a price file are.
type layout struct {
	header   []string // the row that names the columns
	width    int      // cells in a row
	rows     int      // that the header takes
	date     int
	time     int // -1 where there is none, as for the next three
	symbolAt int
	period   int
	currency int
	named    bool     // the symbol column is called Name, and may hold a company's
	stooq    bool     // symbols end in the market, as in TSLA.US
	inMoney  string   // the currency that the header names, "" for none
	groups   []group  // one for each symbol that the header names; else one
	ignored  []string // headers of columns that are not read
	strange  []string // tickers in the header that are no symbol
}

// A group says where the values of one symbol are.
type group struct {
	symbol string            // canonical, "" where the header does not name it
	place  [valueColumns]int // -1 where there is none
}

// has reports whether all symbols have a value column.
func (l layout) has(c column) bool {
	return !slices.ContainsFunc(l.groups, func(g group) bool { return g.place[c] < 0 })
}

func newLayout(header []string) layout {
	return layout{header: header, width: len(header), rows: 1, date: -1, time: -1, symbolAt: -1, period: -1, currency: -1}
}

func newGroup(symbol string) group {
	g := group{symbol: symbol}
	for c := range g.place {
		g.place[c] = -1
	}
	return g
}

// layoutOf finds the columns in the first rows of a file. The header is one row,
// or two or three as pandas writes them: fields, tickers, and the name of the
// date.
func layoutOf(head [][]string) (layout, error) {
	if l, ok, err := tallLayout(head); ok {
		return l, err
	}
	l, err := flatLayout(head[0])
	var missing missingColumn
	if errors.As(err, &missing) && missing.column == columnClose {
		if wide, ok, err := wideLayout(head[0]); ok {
			return wide, err
		}
	}
	return l, err
}

// isDateRow reports whether a row is the third of a header: the name of the date
// column and nothing else.
func isDateRow(row []string) bool {
	if priceColumns()[plainName(row[0])] != columnDate || plainName(row[0]) == "" {
		return false
	}
	return !slices.ContainsFunc(row[1:], func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// tallLayout reads a header of two or three rows, in which fields and tickers
// stand one above the other in either order. ok is false where it is none.
func tallLayout(head [][]string) (l layout, ok bool, err error) {
	if len(head) < 2 || len(head[0]) < 2 || len(head[0]) != len(head[1]) {
		return layout{}, false, nil
	}
	known := priceColumns()
	isField := func(cell string) bool {
		c, ok := known[plainName(cell)]
		return ok && c < valueColumns
	}
	fields, tickers := head[0], head[1]
	if !all(fields[1:], isField) {
		fields, tickers = tickers, fields // grouped by ticker, the other way round
	}
	// A row of values below a header of one row begins with a date.
	if !all(fields[1:], isField) || !all(tickers[1:], isTicker) || strings.ContainsAny(head[1][0], "0123456789") {
		return layout{}, false, nil
	}
	l = newLayout(fields)
	l.rows, l.date = 2, 0
	if len(head) > 2 && len(head[2]) == len(fields) && isDateRow(head[2]) {
		l.rows = 3
	}
	for i := 1; i < len(fields); i++ {
		symbol, err := data.Canonical(strings.TrimSpace(tickers[i]))
		if err != nil {
			if t := strings.TrimSpace(tickers[i]); !slices.Contains(l.strange, t) {
				l.strange = append(l.strange, t)
			}
			continue
		}
		if err := l.place(symbol, known[plainName(fields[i])], i); err != nil {
			return layout{}, true, err
		}
	}
	return l, true, l.checkGroups()
}

func all(cells []string, is func(string) bool) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return !is(c) })
}

// isTicker reports whether a cell can be that of a ticker, ^GSPC and EURUSD=X
// among them.
func isTicker(cell string) bool {
	cell = strings.Trim(strings.TrimSpace(cell), "^")
	_, err := data.Canonical(strings.ReplaceAll(cell, "=", "-"))
	return err == nil && !missingText(cell)
}

// place puts a value column of a symbol to a cell.
func (l *layout) place(symbol string, c column, cell int) error {
	i := slices.IndexFunc(l.groups, func(g group) bool { return g.symbol == symbol })
	if i < 0 {
		i = len(l.groups)
		l.groups = append(l.groups, newGroup(symbol))
	}
	g := &l.groups[i]
	if other := g.place[c]; other >= 0 {
		return twoColumns(l.header[other], l.header[cell], c)
	}
	g.place[c] = cell
	return nil
}

func twoColumns(a, b string, c column) error {
	return fmt.Errorf("columns %q and %q could both be the %s; remove one", a, b, c)
}

// checkGroups refuses a header that names symbols without a close.
func (l *layout) checkGroups() error {
	if len(l.groups) == 0 {
		return fmt.Errorf("no symbol among the tickers of the header: %s", list(l.strange, 10))
	}
	for _, g := range l.groups {
		if g.place[columnClose] < 0 {
			return missingColumn{columnClose, fmt.Sprintf("no close column of %s in the header", g.symbol)}
		}
	}
	slices.SortFunc(l.groups, func(a, b group) int { return strings.Compare(a.symbol, b.symbol) })
	return nil
}

// flatLayout reads a header of one row with one column of each kind.
func flatLayout(names []string) (layout, error) {
	l := newLayout(names)
	l.groups = []group{newGroup("")}
	known := priceColumns()
	single := map[column]*int{columnDate: &l.date, columnTime: &l.time, columnSymbol: &l.symbolAt, columnPeriod: &l.period, columnCurrency: &l.currency}
	nameAt := -1
	for i, name := range names {
		field, currency := cutCurrency(name)
		c, ok := known[plainName(field)]
		switch {
		case !ok:
			// pandas writes its row numbers without a name or as "Unnamed: 0".
			if n := plainName(name); n != "" && n != "unnamed0" {
				l.ignored = append(l.ignored, strings.TrimSpace(name))
			}
			continue
		case c == columnName:
			nameAt = i
			continue
		case c == columnPeriod && strings.TrimSpace(name) != "<PER>": // else a ratio of price and earnings
			l.ignored = append(l.ignored, strings.TrimSpace(name))
			continue
		case c >= valueColumns:
			if *single[c] >= 0 {
				return layout{}, twoColumns(names[*single[c]], name, c)
			}
			*single[c] = i
			continue
		}
		if currency != "" && l.inMoney != "" && l.inMoney != currency {
			return layout{}, fmt.Errorf("prices in two currencies, %s and %s; keep the columns of one", l.inMoney, currency)
		}
		if currency != "" {
			l.inMoney = currency
		}
		if err := l.place("", c, i); err != nil {
			return layout{}, err
		}
	}
	switch {
	case nameAt >= 0 && l.symbolAt < 0:
		l.symbolAt, l.named = nameAt, true
	case nameAt >= 0:
		l.ignored = append(l.ignored, strings.TrimSpace(names[nameAt]))
	}
	if l.date < 0 && l.time >= 0 {
		l.date, l.time = l.time, -1 // the only stamp there is
	}
	l.stooq = l.symbolAt >= 0 && l.period >= 0
	if l.date < 0 {
		return layout{}, lacks(columnDate, names, l.ignored)
	}
	if !l.has(columnClose) {
		return l, lacks(columnClose, names, l.ignored)
	}
	return l, nil
}

// cutCurrency takes a currency in brackets off a header, as in "close (USD)".
func cutCurrency(name string) (field, currency string) {
	open := strings.LastIndexAny(name, "([")
	if open < 0 {
		return name, ""
	}
	inside := strings.Trim(name[open:], "()[] ")
	if !isCurrency(inside) {
		return name, ""
	}
	return name[:open], inside
}

// wideLayout reads a header of one row whose columns name a field and a symbol:
// AAPL_Close, "Close AAPL", "('Close', 'AAPL')". ok is false where it is none.
func wideLayout(names []string) (l layout, ok bool, err error) {
	l = newLayout(names)
	known := priceColumns()
	for i, name := range names {
		if known[plainName(name)] == columnDate && plainName(name) != "" {
			if l.date >= 0 {
				return layout{}, true, twoColumns(names[l.date], name, columnDate)
			}
			l.date = i
			continue
		}
		c, symbol := splitWide(name, known)
		if symbol == "" {
			if plainName(name) != "" {
				l.ignored = append(l.ignored, strings.TrimSpace(name))
			}
			continue
		}
		if isCurrency(symbol) {
			return layout{}, true, fmt.Errorf("column %q names the currency %s; keep the columns of one currency, and name them open, high, low, close, volume", strings.TrimSpace(name), symbol)
		}
		if err := l.place(symbol, c, i); err != nil {
			return layout{}, true, err
		}
	}
	if l.date < 0 || len(l.groups) == 0 {
		return layout{}, false, nil
	}
	return l, true, l.checkGroups()
}

// splitWide takes a header apart into a field and a canonical symbol, in either
// order; the symbol is "" where it cannot.
func splitWide(name string, known map[string]column) (column, string) {
	parts := strings.Fields(regexp.MustCompile(`[\s_|:,()'"]+`).ReplaceAllString(name, " "))
	for cut := 1; cut < len(parts); cut++ {
		head, tail := strings.Join(parts[:cut], " "), strings.Join(parts[cut:], " ")
		for _, order := range [][2]string{{head, tail}, {tail, head}} {
			c, ok := known[plainName(order[0])]
			if !ok || c >= valueColumns {
				continue
			}
			if symbol, err := data.Canonical(order[1]); err == nil {
				return c, symbol
			}
		}
	}
	return 0, ""
}

// A missingColumn is an error that says which column a header lacks.
type missingColumn struct {
	column column
	text   string
}

func (m missingColumn) Error() string { return m.text }

// lacks says which column a header lacks, and what may have been meant.
func lacks(c column, names, unknown []string) error {
	var aliases []string
	for alias, is := range priceColumns() {
		if is == c {
			aliases = append(aliases, alias)
		}
	}
	slices.Sort(aliases)
	hint := ""
	for _, name := range unknown {
		if nearest.To(plainName(name), aliases) != "" {
			hint = fmt.Sprintf("; did you mean %q to be it?", name)
			break
		}
	}
	if hint == "" && c == columnClose && len(unknown) > 1 && all(unknown, func(name string) bool { _, err := data.Canonical(name); return err == nil }) {
		hint = fmt.Sprintf("; if each column is the close of a symbol, name them %s_close and so on", unknown[0])
	}
	return missingColumn{c, fmt.Sprintf("no %s column among %s%s", c, list(names, 12), hint)}
}

// symbols are the symbols that the header names, sorted; none where it does
// not.
func (l layout) symbols() []string {
	there := map[string]bool{}
	for _, g := range l.groups {
		if g.symbol != "" {
			there[g.symbol] = true
		}
	}
	return sortedKeys(there)
}
