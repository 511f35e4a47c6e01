package decisions

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A table is a CSV file with a header, its cells trimmed.
type table struct {
	name   string
	header []string
	rows   []row
	// blank counts rows without any content, such as spreadsheets leave behind.
	blank int
}

type row struct {
	line  int
	cells []string
}

// cell is the content of column i, empty where the row is shorter.
func (r row) cell(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// readTable reads CSV with a header. A row may be shorter than the header, and
// longer only by empty cells.
func readTable(in io.Reader, name string) (*table, error) {
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	// A byte-order mark would become part of the first column's name.
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord = -1
	t := &table{name: name}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		line, _ := r.FieldPos(0)
		switch {
		case strings.Join(cells, "") == "":
			t.blank++
		case t.header == nil:
			t.header = cells
		default:
			for i := len(t.header); i < len(cells); i++ {
				if cells[i] != "" {
					return nil, fmt.Errorf("%s line %d: %q is in column %d, the header has %d", name, line, cells[i], i+1, len(t.header))
				}
			}
			t.rows = append(t.rows, row{line, cells})
		}
	}
	if t.header == nil {
		return nil, fmt.Errorf("%s is empty: want a header and rows", name)
	}
	return t, nil
}

// column finds the one column that has one of names, in any case. -1 if there is
// none.
func (t *table) column(names ...string) (int, error) {
	found := -1
	for i, h := range t.header {
		for _, n := range names {
			if !strings.EqualFold(h, n) {
				continue
			}
			if found >= 0 {
				return -1, fmt.Errorf("%s: columns %q and %q both name the %s", t.name, t.header[found], h, names[0])
			}
			found = i
		}
	}
	return found, nil
}

// must is column for one that has to be there.
func (t *table) must(names ...string) (int, error) {
	i, err := t.column(names...)
	if err == nil && i < 0 {
		err = fmt.Errorf("%s: no column named %s; the header is %s", t.name, strings.Join(names, " or "), strings.Join(t.header, ","))
	}
	return i, err
}
