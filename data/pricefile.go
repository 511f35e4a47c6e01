package data

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
)

// priceColumns are the columns of prices/<SYMBOL>.csv; date and close must be
// there.
func priceColumns() []string {
	return []string{"date", "close", "open", "high", "low", "adj_close", "volume"}
}

// readPrices reads prices/<SYMBOL>.csv, oldest first. A row without a close is a
// session without a price and yields no bar. Rows that repeat the one before
// them are folded and counted.
func readPrices(ctx context.Context, path string) (bars []Bar, folded int, err error) {
	last, lastLine := Session(""), ""
	var previous Bar
	err = readCSV(ctx, path, priceColumns(), 2, func(r csvRow) error {
		bar, err := readBar(r)
		if err != nil {
			return err
		}
		switch {
		case bar.Session < last:
			return fmt.Errorf("%s: %s comes after %s; want the oldest first", r.where, bar.Session, last)
		case bar.Session == last && sameBar(bar, previous):
			folded++
			return nil
		case bar.Session == last:
			return fmt.Errorf("%s: %s has a close of %s here and of %s in %s; keep one of the rows",
				r.where, bar.Session, orMissing(bar.Close), orMissing(previous.Close), lastLine)
		}
		last, lastLine, previous = bar.Session, r.where, bar
		if !math.IsNaN(bar.Close) {
			bars = append(bars, bar)
		}
		return nil
	})
	if err == nil && last == "" {
		err = fmt.Errorf("%s: no rows below the header", path)
	}
	return bars, folded, err
}

// readBar reads one row; a missing close is NaN.
func readBar(r csvRow) (Bar, error) {
	s, err := r.session()
	if err != nil {
		return Bar{}, err
	}
	bar := Bar{Session: s}
	for _, v := range []struct {
		column string
		to     *float64
	}{
		{"open", &bar.Open}, {"high", &bar.High}, {"low", &bar.Low}, {"close", &bar.Close},
		{"adj_close", &bar.AdjClose}, {"volume", &bar.Volume},
	} {
		if *v.to, err = r.number(v.column); err != nil {
			return Bar{}, err
		}
	}
	if math.IsNaN(bar.Close) {
		return bar, nil
	}
	if err := bar.Validate(); err != nil {
		return Bar{}, fmt.Errorf("%s: %w", r.where, err)
	}
	return bar, nil
}

func sameBar(a, b Bar) bool {
	same := func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }
	return a.Session == b.Session && same(a.Open, b.Open) && same(a.High, b.High) && same(a.Low, b.Low) &&
		same(a.Close, b.Close) && same(a.AdjClose, b.AdjClose) && same(a.Volume, b.Volume)
}

// orMissing is a number for an error message.
func orMissing(v float64) string {
	if math.IsNaN(v) {
		return "nothing"
	}
	return formatNumber(v)
}

// writePrices is the inverse of readPrices.
func writePrices(w io.Writer, bars []Bar) error {
	out := csv.NewWriter(w)
	row := []string{"date", "open", "high", "low", "close", "adj_close", "volume"}
	if err := out.Write(row); err != nil {
		return err
	}
	for _, b := range bars {
		row[0] = string(b.Session)
		for i, v := range []float64{b.Open, b.High, b.Low, b.Close, b.AdjClose, b.Volume} {
			row[i+1] = formatNumber(v)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
