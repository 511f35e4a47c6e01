package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"finmem/data"
)

// ErrNoSymbol is returned by importers for a file that does not say which symbol
// it is of, where the caller does not say one either.
var ErrNoSymbol = errors.New("the file does not say which symbol it is of; give one with --symbol")

// sampleSize is how much of a file its format is told by.
const sampleSize = 64 << 10

// A Sample is the beginning of a file, unpacked, by which its format is told.
type Sample struct {
	Path    string
	Name    string // of the file, or of the one that is packed in it
	Packing string // "gzip", "zip" or ""
	Start   []byte
	Whole   bool // Start is all there is
}

// Peek reads the beginning of a file.
func Peek(path string) (Sample, error) {
	in, err := Open(path)
	if err != nil {
		return Sample{}, err
	}
	defer in.Close()
	start := make([]byte, sampleSize)
	n, err := io.ReadFull(in, start)
	whole := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !whole {
		return Sample{}, err
	}
	return Sample{Path: path, Name: in.Name, Packing: in.Packing, Start: start[:n], Whole: whole}, nil
}

// DetectPickle says why a file is taken for a pickle, "" if it is none.
func DetectPickle(s Sample) string {
	if len(s.Start) > 1 && s.Start[0] == 0x80 && s.Start[1] >= 2 && s.Start[1] <= 5 {
		return "a Python pickle"
	}
	return ""
}

// DetectInvestorBench says why a file is taken for INVESTOR-BENCH's JSON, "" if
// it is not: an object whose keys are dates.
func DetectInvestorBench(s Sample) string {
	keyed := regexp.MustCompile(`^\s*\{\s*"\d{4}-\d{2}-\d{2}[^"]{0,20}"\s*:`)
	if keyed.Match(bytes.TrimPrefix(s.Start, []byte("\ufeff"))) {
		return "JSON keyed by dates"
	}
	return ""
}

// detectPrices says why a file is taken for a table of daily prices, "" if it is
// none.
func detectPrices(s Sample) string {
	t, err := lookAtTable(s.Start)
	if err != nil {
		return ""
	}
	l, err := t.layout()
	switch {
	case err != nil && len(t.head) > 0 && namesPrices(t.head[0]):
		return "CSV that names a date and prices" // what is wrong with them, the import will say
	case err != nil:
		return ""
	case l.stooq:
		return "CSV with Stooq's columns"
	case len(l.groups) > 1 || l.groups[0].symbol != "":
		return "CSV with a column for each price of each symbol"
	case l.symbolAt >= 0:
		return "CSV with columns for a date, a close and a symbol"
	}
	return "CSV with columns for a date and a close"
}

// DetectNews says why a file is taken for one of news, "" if it is none: it is a
// table or a list whose first row has a time and words under names in use.
func DetectNews(s Sample) string {
	mapper, err := newNewsMapper(nil)
	if err != nil {
		return ""
	}
	var rows newsRows
	if isParquet(s.Start) {
		table, err := openParquet(s.Path)
		if err != nil {
			return ""
		}
		defer table.Close()
		rows = &parquetNews{table, mapper, new(int64)}
	} else {
		// The first item can be longer than the sample.
		in, err := Open(s.Path)
		if err != nil {
			return ""
		}
		defer in.Close()
		if rows, err = newTextRows(in); err != nil {
			return ""
		}
	}
	enough, why := errors.New("one row is enough"), ""
	err = rows.each(context.Background(), func(row newsRow) error {
		switch {
		case row.fault != "":
			return nil
		case mapper.check(row) == nil:
			why = rows.format() + " with a time and words in each item"
		case row.page:
			return nil // the frame of an empty list
		}
		return enough
	})
	if err != nil && !errors.Is(err, enough) {
		return ""
	}
	return why
}

// DetectFilings says why a file is taken for a table of filings, "" if it is
// none: its first row has a text, a time and a form.
func DetectFilings(s Sample) string {
	if isDocumentName(s.Name) {
		return ""
	}
	rows, close, err := openFilings(s.Path, FilingOptions{})
	if err != nil || rows == nil {
		return ""
	}
	defer close()
	r := newFilingResult("", s.Path, FilingOptions{})
	enough, why := errors.New("one row is enough"), ""
	err = rows.each(context.Background(), func(row newsRow) error {
		if row.fault != "" {
			return nil
		}
		parts := r.parts(row)
		if form := parts[filingForm]; parts[filingText] != "" && regexp.MustCompile(`^(10|20|40|8|6)-[A-Z]+(/A)?$`).MatchString(form) && checkFilingFields(row, parts, FilingOptions{}) == nil {
			why = rows.format() + " of forms such as " + form
		}
		return enough
	})
	if err != nil && !errors.Is(err, enough) {
		return ""
	}
	return why
}

// FilingSymbols are the symbols that a table of filings names, sorted; none where
// it does not name any.
func FilingSymbols(ctx context.Context, path string) ([]string, error) {
	rows, close, err := openFilings(path, FilingOptions{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if rows == nil {
		return nil, nil
	}
	defer close()
	r := newFilingResult("", path, FilingOptions{})
	there := make(map[string]bool)
	err = rows.each(ctx, func(row newsRow) error {
		if symbol, err := data.Canonical(strings.TrimSpace(r.parts(row)[filingSymbol])); row.fault == "" && err == nil {
			there[symbol] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return sortedKeys(there), nil
}
