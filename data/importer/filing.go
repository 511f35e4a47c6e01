package importer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"finmem/data"
)

// FilingOptions are the settings of [Filings].
type FilingOptions struct {
	// Form is that of a document, such as "10-K", or of rows that name none. A file
	// that is no table is taken for a document where it is set.
	Form string
	// Accepted is when a document was accepted; with DateOnly it is midnight UTC of
	// the date.
	Accepted time.Time
	DateOnly bool
	// Period is the end of the period that a document reports on, ISO date, or "".
	Period string
	// Whole keeps all of a document; else the items are taken out of an annual or a
	// quarterly report, see [filing.Items]. Rows of tables are kept as they are.
	Whole bool
	// Zone is that of times in tables which have none and do not say so by the name
	// of their column. Nil refuses files with such times.
	Zone *time.Location
	// DateOrder is needed for dates such as 03/04/2024 in tables.
	DateOrder DateOrder
	// Calendar is that of a new dataset; nil is NYSE, or 24/7 for pairs.
	Calendar *data.Calendar
}

// ErrFilingForm is returned by [Filings] for a document whose form or date was
// not said.
var ErrFilingForm = errors.New("is a document, which does not say its form and when it was accepted")

// Filings reads filings of one symbol: a table in Parquet, JSON, JSON Lines or
// CSV, such as those of FinMem's pipeline, or one document in HTML, Markdown or
// plain text. docs/filings.md describes the files.
//
// A row that cannot be used is left out and reported, and so is one that says
// what another did. Rows of other symbols are counted. The result has no prices;
// [data.MergeDataset] adds it to a dataset that has.
func Filings(ctx context.Context, path, symbol string, opts FilingOptions) (Result, error) {
	canonical, err := data.Canonical(symbol)
	if err != nil {
		return Result{}, err
	}
	r := newFilingResult(canonical, path, opts)
	rows, close, err := openFilings(path, opts)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	defer close()
	format := "document"
	if rows == nil {
		err = r.document(path, opts)
	} else {
		err = r.table(ctx, rows, opts)
		format = rows.format()
	}
	if err != nil {
		if ctx.Err() != nil {
			return Result{}, err
		}
		return Result{}, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	r.describe(format)
	return r.Result, nil
}

// A filingResult is an import of filings under way.
type filingResult struct {
	Result
	file   string // base name
	seen   map[filingKey]bool
	size   int                    // bytes of text so far
	others map[string]int         // rows by symbol that was not asked for
	nobody int                    // rows that name no symbol
	places map[string]filingPlace // what columns hold, as far as met
	unused map[string]bool        // columns that hold no part
	dated  int                    // filings with a date only
}

// A filingKey is what makes two rows the same filing.
type filingKey struct {
	time       int64
	dateOnly   bool
	form, text string
}

func newFilingResult(symbol, path string, opts FilingOptions) *filingResult {
	r := &filingResult{file: filepath.Base(path), seen: map[filingKey]bool{}, others: map[string]int{}, places: map[string]filingPlace{}, unused: map[string]bool{}}
	r.History.Symbol = symbol
	r.Report = Report{Symbol: symbol, Skipped: []Skip{}, Notes: []string{}}
	calendar := opts.Calendar
	switch {
	case calendar != nil:
	case data.IsPair(symbol):
		calendar = data.Always()
	default:
		calendar = data.NYSE()
	}
	r.Meta = data.Meta{
		Name: strings.TrimSuffix(r.file, filepath.Ext(r.file)), Calendar: calendar.Name(),
		PriceKind: data.OHLCV, Adjustment: data.UnknownAdjustment,
	}
	return r
}

// openFilings tells a table from a document, of which there are no rows.
func openFilings(path string, opts FilingOptions) (rows newsRows, close func(), err error) {
	in, err := Open(path)
	if err != nil {
		return nil, nil, err
	}
	shut := func() { _ = in.Close() } // only read from
	defer func() {
		if close == nil {
			shut()
		}
	}()
	r := bufio.NewReaderSize(in, 1<<16)
	start, err := r.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	text := strings.TrimLeft(strings.TrimPrefix(string(start), "\ufeff"), " \t\r\n")
	document := opts.Form != "" || strings.HasPrefix(text, "<") || isDocumentName(in.Name)
	switch {
	case isParquet(start):
		table, err := openParquet(path)
		if err != nil {
			return nil, nil, err
		}
		return filingTable{table}, func() { _ = table.Close() }, nil
	case document && !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "["):
		if opts.Form == "" || opts.Accepted.IsZero() {
			return nil, nil, ErrFilingForm
		}
		return nil, func() {}, nil
	}
	rows, err = newTextRows(r)
	return rows, shut, err
}

// isDocumentName reports whether a file is a document by its name.
func isDocumentName(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".txt", ".md", ".markdown", ".htm", ".html", ".xhtml", ".pdf":
		return true
	}
	return false
}

// add keeps a filing, unless it cannot be or is there already.
func (r *filingResult) add(line int, f data.Filing) error {
	switch err := f.Validate(); {
	case err != nil:
		r.skip(line, "%v", err)
		return nil
	case f.Text == "":
		r.skip(line, "blank text")
		return nil
	}
	key := filingKey{f.Accepted.UnixNano(), f.DateOnly, f.Form, f.Text}
	if r.seen[key] {
		r.skip(line, "stands before with equal content")
		return nil
	}
	if r.size += len(f.Text); r.size > maxTextSize {
		return fmt.Errorf("more than %d MiB of text of one symbol; split it", maxTextSize>>20)
	}
	r.seen[key] = true
	if f.DateOnly {
		r.dated++
	}
	r.Report.Kept++
	r.History.Filings = append(r.History.Filings, f)
	return nil
}

func (r *filingResult) skip(line int, format string, args ...any) {
	r.Report.Skipped = append(r.Report.Skipped, Skip{File: r.file, Line: line, Reason: fmt.Sprintf(format, args...)})
}

// describe says where the result is from and what to know of it.
func (r *filingResult) describe(format string) {
	r.Report.Format = format
	r.Meta.Sources = []string{format + " filings file " + r.file}
	note := func(format string, args ...any) {
		r.Report.Notes = append(r.Report.Notes, fmt.Sprintf(format, args...))
	}
	if n := r.nobody; n > 0 {
		note("%d rows name no symbol and are taken for those of %s", n, r.History.Symbol)
	}
	if n := r.dated; n > 0 {
		note("%d filings have a date and no time: each is visible from the next session after its date", n)
	}
	if len(r.unused) > 0 {
		note("columns not read: %s", list(sortedKeys(r.unused), 20))
	}
	others := 0
	for _, n := range r.others {
		others += n
	}
	if others > 0 {
		note("%d rows are of other symbols: %s", others, list(sortedKeys(r.others), 12))
	}
}
