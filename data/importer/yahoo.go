package importer

import (
	"context"
	"fmt"

	"finmem/data"
)

// Yahoo reads daily prices as Yahoo Finance and the yfinance library write them:
// with or without Adj Close, with dates or stamps of midnight in the exchange's
// zone, with Dividends and Stock Splits, and under the headers of several rows of
// which one names the tickers.
//
// Yahoo's prices always contain splits. With an Adj Close column the others do
// not contain dividends; without one, and with yfinance's columns of actions or
// header of several rows, they do. A bare file without Adj Close may be either and
// is taken as unknown.
func Yahoo(ctx context.Context, path, symbol string, opts CSVOptions) (Result, error) {
	return readOne(ctx, yahooFormat(), path, symbol, opts)
}

// YahooAll is [Yahoo] for several symbols in one file, as [CSVAll] is for [CSV].
func YahooAll(ctx context.Context, path string, symbols []string, opts CSVOptions) ([]Result, error) {
	return readPriceFile(ctx, yahooFormat(), path, symbols, opts)
}

func yahooFormat() priceFormat {
	return priceFormat{name: "yahoo", accept: acceptYahoo, adjustment: yahooAdjustment}
}

// DetectYahoo says why a file is taken for one of Yahoo or yfinance, "" if it
// shows nothing that only they write.
func DetectYahoo(s Sample) string {
	t, err := lookAtTable(s.Start)
	if err != nil {
		return ""
	}
	l, err := t.layout()
	if err != nil || acceptYahoo(l, t.delimiter) != nil {
		return ""
	}
	switch {
	case l.rows > 1:
		return "CSV under the header of several rows that yfinance writes"
	case l.has(columnAdjClose) && l.symbolAt < 0:
		return "CSV with Yahoo's columns, Adj Close among them"
	case l.has(columnDividend) && l.has(columnSplit) && l.symbolAt < 0:
		return "CSV with yfinance's columns of dividends and splits"
	}
	return ""
}

// acceptYahoo refuses files that Yahoo does not write.
func acceptYahoo(l layout, delimiter rune) error {
	if delimiter != ',' {
		return fmt.Errorf("cells are separated by %q, which Yahoo does not do; import it as plain CSV", delimiter)
	}
	for _, c := range []column{columnOpen, columnHigh, columnLow, columnVolume} {
		if !l.has(c) {
			return fmt.Errorf("no %s column, which Yahoo always has; import it as plain CSV", c)
		}
	}
	return nil
}

func yahooAdjustment(l layout) data.Adjustment {
	switch {
	case l.has(columnAdjClose):
		return data.SplitAdjusted
	case l.has(columnDividend) || l.has(columnSplit) || l.rows > 1:
		return data.TotalReturn
	}
	return data.UnknownAdjustment
}
