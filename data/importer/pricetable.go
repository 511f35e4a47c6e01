package importer

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"
)

// How far into a file its header is looked for, in lines, and how many cells a
// line before it may have: a title, a remark, a date of download.
const (
	maxTitleLines = 20
	maxTitleCells = 2
)

// maxRowSize is the longest row of a table. A quote that is not closed would
// otherwise take the rest of the file into memory as one cell.
const maxRowSize = 1 << 20

// A tableStart is what the beginning of a table shows.
type tableStart struct {
	delimiter rune
	offset    int      // bytes before the header
	lines     int      // lines before the header
	titles    []string // the lines before it that have something to say
	head      [][]string
}

// layout is where the columns are.
func (t tableStart) layout() (layout, error) { return layoutOf(t.head) }

// decodeText makes UTF-8 of a text, which says by its byte-order mark if it is
// UTF-16, as a spreadsheet's "Unicode text" is.
func decodeText(in io.Reader) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(in, sampleSize)
	start, err := r.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
		return bufio.NewReaderSize(decoder.Reader(r), sampleSize), nil
	case bytes.HasPrefix(start, []byte("\ufeff")):
		_, _ = r.Discard(len("\ufeff")) // peeked at just now, so it cannot fail
	case bytes.IndexByte(start, 0) >= 0:
		return nil, errors.New("not CSV: the text has NUL bytes; if it is UTF-16 without a byte-order mark, save it as UTF-8")
	}
	return r, nil
}

// lookAtTable finds the header in the beginning of a text, which may be the
// beginning of a file.
func lookAtTable(start []byte) (tableStart, error) {
	r, err := decodeText(bytes.NewReader(start))
	if err != nil {
		return tableStart{}, err
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return tableStart{}, err
	}
	return findHeader(text)
}

// findHeader finds the header of a table. Where none shows, the first line that
// is not empty is taken for it, and what is wrong with that will be said.
func findHeader(text []byte) (tableStart, error) {
	var t tableStart
	first := tableStart{offset: -1}
	for t.lines < maxTitleLines && t.offset < len(text) {
		line, next := cutLine(text, t.offset)
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "":
		case strings.HasPrefix(strings.ToLower(strings.Trim(trimmed, `"`)), "sep=") && len(strings.Trim(trimmed, `"`)) == 5:
			t.delimiter = rune(strings.Trim(trimmed, `"`)[4])
			if !strings.ContainsRune(",;\t|", t.delimiter) {
				return tableStart{}, fmt.Errorf("cells are separated by %q, which is not understood; save it with commas or semicolons", t.delimiter)
			}
		default:
			if first.offset < 0 {
				first = t
			}
			if found := t.headerAt(text); found {
				return t, nil
			}
			if !strings.HasPrefix(trimmed, "#") && t.cellsIn(line) > maxTitleCells {
				return first.guess(text)
			}
			t.titles = append(t.titles, trimmed)
		}
		t.offset, t.lines = next, t.lines+1
	}
	if first.offset < 0 {
		return tableStart{}, errors.New("there is nothing in it; want a header such as Date,Open,High,Low,Close,Volume")
	}
	return first.guess(text)
}

// cutLine is the line at an offset, and where the next one starts.
func cutLine(text []byte, offset int) (line string, next int) {
	if end := bytes.IndexByte(text[offset:], '\n'); end >= 0 {
		return string(text[offset : offset+end]), offset + end + 1
	}
	return string(text[offset:]), len(text)
}

// delimiters are those to try.
func (t tableStart) delimiters() []rune {
	if t.delimiter != 0 {
		return []rune{t.delimiter}
	}
	return []rune{',', ';', '\t', '|'}
}

// cellsIn counts the cells of a line that hold something, by the delimiter that
// makes most of it.
func (t tableStart) cellsIn(line string) int {
	most := 0
	for _, d := range t.delimiters() {
		n := 0
		for cell := range strings.SplitSeq(line, string(d)) {
			if strings.TrimSpace(cell) != "" {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// headerAt reports whether a header of prices stands where t is, and notes its
// rows and delimiter.
func (t *tableStart) headerAt(text []byte) bool {
	for _, d := range t.delimiters() {
		head := firstRows(text[t.offset:], d)
		if len(head) == 0 || len(head[0]) < 2 {
			continue
		}
		if _, err := layoutOf(head); err == nil || namesPrices(head[0]) {
			t.delimiter, t.head = d, head
			return true
		}
	}
	return false
}

// namesPrices reports whether a row names a date and something of a price, though
// perhaps not in a way that can be read.
func namesPrices(row []string) bool {
	known := priceColumns()
	date, values := false, 0
	for _, cell := range row {
		switch c, ok := known[plainName(cell)]; {
		case ok && c == columnDate:
			date = true
		case ok && c < valueColumns && c != columnDividend && c != columnSplit:
			values++
		}
	}
	return date && values > 0 || values > 2
}

// guess takes the line where t is for the header.
func (t tableStart) guess(text []byte) (tableStart, error) {
	line, _ := cutLine(text, t.offset)
	line = strings.TrimSpace(line)
	if line[0] == '<' || line[0] == '{' || line[0] == '[' {
		return tableStart{}, fmt.Errorf("not CSV: it starts with %.40q", line)
	}
	most := t.delimiters()[0]
	for _, d := range t.delimiters() {
		if strings.Count(line, string(d)) > strings.Count(line, string(most)) {
			most = d
		}
	}
	t.delimiter = most
	t.head = firstRows(text[t.offset:], most)
	if len(t.head) == 0 {
		return tableStart{}, fmt.Errorf("line %d cannot be read as CSV: %.40q", t.lines+1, line)
	}
	return t, nil
}

// firstRows are up to three rows of a text that may be cut off anywhere.
func firstRows(text []byte, delimiter rune) [][]string {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = delimiter
	r.FieldsPerRecord = -1
	var rows [][]string
	for len(rows) < 3 {
		cells, err := r.Read()
		if err != nil {
			break
		}
		rows = append(rows, cells)
	}
	return rows
}

// A tableReader reads the rows of a table that follow its start.
type tableReader struct {
	csv   *csv.Reader
	guard *rowGuard
	lines int // before the first row
}

// newTableReader reads a table from its first byte on.
func newTableReader(in *bufio.Reader) (tableStart, *tableReader, error) {
	start, err := in.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return tableStart{}, nil, err
	}
	t, err := findHeader(start)
	if err != nil {
		return tableStart{}, nil, err
	}
	if _, err := in.Discard(t.offset); err != nil {
		return tableStart{}, nil, err
	}
	guard := &rowGuard{in: in}
	r := csv.NewReader(guard)
	r.Comma = t.delimiter
	r.FieldsPerRecord = -1 // counted by the caller, to name what is wrong
	r.ReuseRecord = true
	return t, &tableReader{csv: r, guard: guard, lines: t.lines}, nil
}

// next is the next row with its line; the row is valid until the next call.
func (t *tableReader) next() (cells []string, line int, err error) {
	t.guard.done = t.csv.InputOffset()
	cells, err = t.csv.Read()
	if err != nil {
		var fault *csv.ParseError
		if errors.As(err, &fault) {
			fault.StartLine, fault.Line = fault.StartLine+t.lines, fault.Line+t.lines
		}
		return nil, 0, err
	}
	line, _ = t.csv.FieldPos(0)
	return cells, line + t.lines, nil
}

// A rowGuard ends the reading of a row that is too long.
type rowGuard struct {
	in          io.Reader
	given, done int64 // bytes handed out, and up to the end of the last row
}

func (g *rowGuard) Read(p []byte) (int, error) {
	if g.given-g.done > maxRowSize {
		return 0, fmt.Errorf("a row of more than %d KiB; is there a quote that is not closed?", maxRowSize>>10)
	}
	n, err := g.in.Read(p)
	g.given += int64(n)
	return n, err
}

// blank reports whether a row holds nothing.
func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}
