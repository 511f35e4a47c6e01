package importer

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// csvRows reads news from a CSV file. Cells may hold line ends and doubled
// quotation marks.
type csvRows struct {
	quota  *quota
	csv    *csv.Reader
	header []string
	values []any
}

func newCSVRows(in io.Reader, delimiter rune) *csvRows {
	q := &quota{in: in}
	r := csv.NewReader(q)
	r.Comma = delimiter
	r.FieldsPerRecord = -1 // counted below, to name what is wrong
	r.ReuseRecord = true
	return &csvRows{quota: q, csv: r}
}

func (r *csvRows) format() string { return "csv" }

func (r *csvRows) each(ctx context.Context, take func(newsRow) error) error {
	return eachRow(ctx, r.next, take)
}

func (r *csvRows) next() (newsRow, error) {
	if r.header == nil {
		cells, err := r.csv.Read()
		if err != nil {
			return newsRow{}, err
		}
		for _, cell := range cells {
			r.header = append(r.header, strings.TrimSpace(cell))
		}
		r.values = make([]any, len(r.header))
	}
	r.quota.done()
	cells, err := r.csv.Read()
	var malformed *csv.ParseError
	switch {
	case errors.As(err, &malformed) && malformed.Err != errItemSize:
		return newsRow{line: malformed.StartLine, fault: malformed.Err.Error()}, nil
	case err != nil:
		return newsRow{}, err
	}
	line, _ := r.csv.FieldPos(0)
	row := newsRow{line: line, names: r.header, values: r.values}
	if len(cells) != len(r.header) {
		row.fault = fmt.Sprintf("%d cells where the header has %d", len(cells), len(r.header))
		return row, nil
	}
	for i, cell := range cells {
		r.values[i] = cell
	}
	return row, nil
}
