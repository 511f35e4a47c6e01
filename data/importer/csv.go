package importer

import (
	"context"
	"fmt"

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
// refuses a file that has none, as it refuses years of two digits. Where an order
// is said, these are of 1969 to 2068.
const (
	DateOrderAuto DateOrder = ""
	MonthDayYear  DateOrder = "mdy"
	DayMonthYear  DateOrder = "dmy"
	YearMonthDay  DateOrder = "ymd"
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
	// Progress, if there is one, is told now and then how many rows were read and
	// which share of the file that is, 0 where it is not known.
	Progress func(rows int, share float64)
}

// Validate reports the first setting that does not exist.
func (o CSVOptions) Validate() error {
	switch o.DateOrder {
	case DateOrderAuto, MonthDayYear, DayMonthYear, YearMonthDay:
	default:
		return fmt.Errorf("date order %q: want %q, %q or %q", o.DateOrder, DayMonthYear, MonthDayYear, YearMonthDay)
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

// CSV reads the daily prices of one symbol from a plain CSV file. Columns go by
// their common names in any order and spelling (Adj Close, adj_close); a date and
// a close must be there. docs/formats.md lists what is understood. An empty
// symbol stands for the one symbol that the file names.
//
// A row without a usable close is left out and listed. A file that can be read
// in two ways is refused with what to say about it in opts: dates that do not
// show whether the month or the day comes first, commas that may group or divide,
// two columns that could both be the close, prices in two currencies.
func CSV(ctx context.Context, path, symbol string, opts CSVOptions) (Result, error) {
	return readOne(ctx, csvFormat(), path, symbol, opts)
}

// CSVAll reads the daily prices of those of the given symbols that the file has,
// or of all that it names where none is given, in the order of their symbols. A
// file that names none has the one symbol that is given; with none or several,
// the error wraps [ErrNoSymbol].
func CSVAll(ctx context.Context, path string, symbols []string, opts CSVOptions) ([]Result, error) {
	return readPriceFile(ctx, csvFormat(), path, symbols, opts)
}

func csvFormat() priceFormat {
	return priceFormat{
		name:       "csv",
		adjustment: func(layout) data.Adjustment { return data.UnknownAdjustment },
	}
}

// DetectCSV says why a file is taken for a plain CSV file of prices, "" if it is
// not one, or is one that [Yahoo] knows more about.
func DetectCSV(s Sample) string {
	if DetectYahoo(s) != "" {
		return ""
	}
	return detectPrices(s)
}
