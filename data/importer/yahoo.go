package importer

import (
	"context"
	"fmt"

	"finmem/data"
)

// Yahoo reads daily prices as Yahoo Finance and the yfinance library write them:
// with or without Adj Close, with dates or stamps of midnight in the exchange's
// zone, with Dividends and Stock Splits, and under the header of three rows of
// which one names the tickers.
//
// Yahoo's prices always contain splits. With an Adj Close column the others do
// not contain dividends; without one, and with yfinance's columns of actions or
// header of three rows, they do. A bare file without Adj Close may be either and
// is taken as unknown.
func Yahoo(ctx context.Context, path, symbol string, opts CSVOptions) (Result, error) {
	format := priceFormat{name: "yahoo", accept: acceptYahoo, adjustment: yahooAdjustment}
	return readPriceFile(ctx, format, path, symbol, opts)
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
	case l.has(columnDividend) || l.has(columnSplit) || l.rows == 3:
		return data.TotalReturn
	}
	return data.UnknownAdjustment
}
