package data

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"finmem/internal/nearest"
)

// csvRow is one row of a dataset's CSV file.
type csvRow struct {
	where string // "prices/TSLA.csv line 14"
	cells []string
	place map[string]int // column name to cell
}

// cell is the trimmed text of a column, "" where the file has no such column.
func (r csvRow) cell(column string) string {
	if i, ok := r.place[column]; ok {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// number reads a column. An empty cell is NaN: the value is missing.
func (r csvRow) number(column string) (float64, error) {
	text := r.cell(column)
	if text == "" {
		return math.NaN(), nil
	}
	v, err := parseNumber(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %s %w; leave a missing value empty", r.where, column, err)
	}
	return v, nil
}

// session reads the date column.
func (r csvRow) session() (Session, error) {
	s, err := ParseSession(r.cell("date"))
	if err != nil {
		return "", fmt.Errorf("%s: %w", r.where, err)
	}
	return s, nil
}

// parseNumber reads a plain decimal number. Unlike strconv.ParseFloat it refuses
// NaN, infinities, hexadecimal and underscores: in a price file they are always
// a placeholder or a mistake.
func parseNumber(text string) (float64, error) {
	for _, c := range text {
		if !strings.ContainsRune("0123456789.-+eE", c) {
			return 0, fmt.Errorf("%q is not a number", text)
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		if errors.Is(err, strconv.ErrRange) {
			return 0, fmt.Errorf("%q is out of range", text)
		}
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return v, nil
}

// readCSV hands the rows of one of the dataset's CSV files to row, one at a
// time. The header names the columns in any order: the first required of columns
// must be there, and no other name may be.
func readCSV(ctx context.Context, path string, columns []string, required int, row func(csvRow) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(skipBOM(f))
	r.ReuseRecord = true
	r.FieldsPerRecord = -1 // counted below, to name the line and what is wrong
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: empty file; want a header such as %s", path, strings.Join(columns, ","))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	place, err := csvColumns(header, columns, required)
	if err != nil {
		return fmt.Errorf("%s line 1: %w", path, err)
	}
	width := len(header)
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		line, _ := r.FieldPos(0)
		where := fmt.Sprintf("%s line %d", path, line)
		if len(cells) != width {
			return fmt.Errorf("%s: %d cells where the header has %d", where, len(cells), width)
		}
		if err := row(csvRow{where: where, cells: cells, place: place}); err != nil {
			return err
		}
	}
}

// csvColumns finds the place of each column in a header.
func csvColumns(header, columns []string, required int) (map[string]int, error) {
	place := make(map[string]int, len(header))
	for i, name := range header {
		name = strings.TrimSpace(name)
		known := false
		for _, c := range columns {
			known = known || c == name
		}
		if !known {
			return nil, fmt.Errorf("unknown column %q%s; known are %s", name, nearest.Hint(name, columns), strings.Join(columns, ", "))
		}
		if _, twice := place[name]; twice {
			return nil, fmt.Errorf("column %q appears twice", name)
		}
		place[name] = i
	}
	for _, c := range columns[:required] {
		if _, ok := place[c]; !ok {
			return nil, fmt.Errorf("no column %q; the header is %s", c, strings.Join(header, ","))
		}
	}
	return place, nil
}

// skipBOM drops the byte-order mark that spreadsheet programs put first.
func skipBOM(in io.Reader) *bufio.Reader {
	r := bufio.NewReaderSize(in, 1<<16)
	if mark, err := r.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = r.Discard(3) // peeked at just now, so it cannot fail
	}
	return r
}

// formatNumber writes the shortest decimal that reads back as v, and nothing for
// a missing value.
func formatNumber(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
