package importer

import (
	"context"

	"finmem/data"
)

// CSV reads a plain CSV file of daily prices of one symbol. Columns go by their
// common names in any order and spelling (Adj Close, adj_close); a date and a
// close must be there. Cells may be separated by commas, semicolons, tabs or
// bars, thousands may be grouped where quotes or the delimiter allow it, volume
// may be shortened (1.2M), and rows may be in any order.
//
// A row without a usable close is left out and listed. A file that can be read
// in two ways is refused with what to say about it in opts: dates that do not
// show whether the month or the day comes first, commas that may group or divide,
// two columns that could both be the close, rows of several symbols.
func CSV(ctx context.Context, path, symbol string, opts CSVOptions) (Result, error) {
	format := priceFormat{
		name:       "csv",
		adjustment: func(layout) data.Adjustment { return data.UnknownAdjustment },
	}
	return readPriceFile(ctx, format, path, symbol, opts)
}
