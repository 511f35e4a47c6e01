package importer

import (
	"fmt"
	"slices"
	"strings"

	"finmem/data"
	"finmem/internal/nearest"
)

// A column is what a column of a price file holds.
type column string

const (
	columnDate     column = "date"
	columnOpen     column = "open"
	columnHigh     column = "high"
	columnLow      column = "low"
	columnClose    column = "close"
	columnAdjClose column = "adjusted close"
	columnVolume   column = "volume"
	columnDividend column = "dividend"
	columnSplit    column = "split"
	columnSymbol   column = "symbol"
)

// priceColumns are the columns by the names that vendors give them, reduced as
// by [plainName].
func priceColumns() map[string]column {
	return map[string]column{
		"date": columnDate, "datetime": columnDate, "timestamp": columnDate, "timestamputc": columnDate,
		"time": columnDate, "day": columnDate, "tradedate": columnDate, "tradingdate": columnDate,
		"open": columnOpen, "openprice": columnOpen,
		"high": columnHigh, "highprice": columnHigh,
		"low": columnLow, "lowprice": columnLow,
		"close": columnClose, "closeprice": columnClose, "closelast": columnClose, "price": columnClose, "last": columnClose,
		"adjclose": columnAdjClose, "adjustedclose": columnAdjClose, "closeadj": columnAdjClose,
		"volume": columnVolume, "vol": columnVolume,
		"dividends": columnDividend, "dividend": columnDividend, "divcash": columnDividend,
		"stocksplits": columnSplit, "stocksplit": columnSplit, "splits": columnSplit, "split": columnSplit, "splitfactor": columnSplit,
		"symbol": columnSymbol, "ticker": columnSymbol, "stockname": columnSymbol,
	}
}

// plainName reduces a header to its letters and digits in lower case, so that
// "Adj Close", "adj_close" and "Adj Close**" are one name.
func plainName(header string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c - 'A' + 'a'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			return c
		}
		return -1
	}, header)
}

// A layout says where in a row the columns of a price file are.
type layout struct {
	place   map[column]int
	width   int      // cells in a row
	ignored []string // headers of columns that are not read
	symbol  string   // of a header that names it, canonical where it can be
	rows    int      // that the header takes
}

func (l layout) has(c column) bool { _, ok := l.place[c]; return ok }

// layoutOf finds the columns in the first rows of a file. The header is one row,
// or three as yfinance writes them: fields, tickers, and the name of the date.
func layoutOf(head [][]string, symbol string) (layout, error) {
	if len(head) >= 3 && isDateRow(head[2]) && len(head[0]) == len(head[2]) && len(head[1]) == len(head[2]) {
		return tallLayout(head, symbol)
	}
	return flatLayout(head[0], nil)
}

// isDateRow reports whether a row is the third of a yfinance header: the name of
// the date column and nothing else.
func isDateRow(row []string) bool {
	if priceColumns()[plainName(row[0])] != columnDate {
		return false
	}
	return !slices.ContainsFunc(row[1:], func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// tallLayout reads a header of three rows and keeps the columns of one ticker.
func tallLayout(head [][]string, symbol string) (layout, error) {
	fields, tickers := head[0], head[1]
	known := priceColumns()
	isField := func(cell string) bool { return known[plainName(cell)] != "" }
	if slices.ContainsFunc(fields[1:], func(cell string) bool { return !isField(cell) }) {
		fields, tickers = tickers, fields // grouped by ticker, the other way round
	}
	var there []string
	for _, t := range tickers[1:] {
		if t = canonicalOr(t); !slices.Contains(there, t) {
			there = append(there, t)
		}
	}
	if symbol == "" && len(there) == 1 {
		symbol = there[0]
	}
	if !slices.Contains(there, symbol) {
		return layout{}, fmt.Errorf("the header has the symbols %s, not %q", list(there, 10), symbol)
	}
	names := slices.Clone(fields)
	names[0] = head[2][0]
	skip := make([]bool, len(names))
	for i := 1; i < len(names); i++ {
		skip[i] = canonicalOr(tickers[i]) != symbol
	}
	l, err := flatLayout(names, skip)
	l.symbol, l.rows = symbol, 3
	return l, err
}

// canonicalOr is the canonical spelling of a symbol, or the cell as it is where
// that is no symbol.
func canonicalOr(cell string) string {
	cell = strings.TrimSpace(cell)
	if s, err := data.Canonical(cell); err == nil {
		return s
	}
	return cell
}

// flatLayout reads a header of one row; columns marked in skip belong to another
// symbol.
func flatLayout(names []string, skip []bool) (layout, error) {
	l := layout{place: make(map[column]int), width: len(names), rows: 1}
	known := priceColumns()
	for i, name := range names {
		if skip != nil && skip[i] {
			continue
		}
		c, ok := known[plainName(name)]
		if !ok {
			// pandas writes its row numbers without a name or as "Unnamed: 0".
			if n := plainName(name); n != "" && n != "unnamed0" {
				l.ignored = append(l.ignored, strings.TrimSpace(name))
			}
			continue
		}
		if other, twice := l.place[c]; twice {
			return layout{}, fmt.Errorf("columns %q and %q could both be the %s; remove one", names[other], name, c)
		}
		l.place[c] = i
	}
	for _, c := range []column{columnDate, columnClose} {
		if !l.has(c) {
			return layout{}, missingColumn(c, names, l.ignored)
		}
	}
	return l, nil
}

// missingColumn says which column a header lacks, and what may have been meant.
func missingColumn(c column, names, unknown []string) error {
	hint := ""
	for _, name := range unknown {
		for alias, is := range priceColumns() {
			// Only the column in question is asked about, so the order of the map
			// can matter for nothing but which of its names is close.
			if is == c && nearest.To(plainName(name), []string{alias}) != "" {
				hint = fmt.Sprintf("; did you mean %q to be it?", name)
			}
		}
	}
	return fmt.Errorf("no %s column among %s%s", c, list(names, 12), hint)
}
