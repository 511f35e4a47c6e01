package importer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A newsRow is one row or object of a file of news, before anything in it has
// been understood.
type newsRow struct {
	line int // from 1; 0 where the format has no lines
	row  int // from 1, where it has rows instead
	// names and values go together. A value is a string, a list of values, an
	// object or nil.
	names  []string
	values []any
	// fault says why the row cannot be read at all, "" if it can.
	fault string
	// page is set where the row may be the frame around a list that is empty.
	page bool
}

// place says where in the file the row is.
func (r newsRow) place() string {
	if r.line == 0 {
		return fmt.Sprintf("row %d", r.row)
	}
	return fmt.Sprintf("line %d", r.line)
}

// newsRows reads a file row by row, with memory for one row.
type newsRows interface {
	// each hands every row to take; its slices are used again for the next.
	each(ctx context.Context, take func(newsRow) error) error
	// format names the kind of file.
	format() string
}

// eachRow hands over the rows that next gives, until io.EOF.
func eachRow(ctx context.Context, next func() (newsRow, error), take func(newsRow) error) error {
	for i := 0; ; i++ {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := take(row); err != nil {
			return err
		}
	}
}

// maxNewsItem bounds the bytes of one row. The longest articles have less than
// a tenth of it; what is longer is a file that is not what it seems.
const maxNewsItem = 4 << 20

// newTextRows finds out the format of a text from its beginning.
func newTextRows(in io.Reader) (newsRows, error) {
	r := bufio.NewReaderSize(in, 1<<16)
	start, err := r.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	beginning := string(start)
	switch {
	case strings.HasPrefix(beginning, "\xff\xfe"), strings.HasPrefix(beginning, "\xfe\xff"):
		return nil, errors.New("the text is UTF-16; save it as UTF-8")
	case strings.HasPrefix(beginning, "\ufeff"):
		_, _ = r.Discard(len("\ufeff")) // peeked at just now, so it cannot fail
		beginning = beginning[len("\ufeff"):]
	}
	switch text := strings.TrimSpace(beginning); {
	case text == "":
		return nil, errors.New("the file is empty")
	case text[0] == '{' || text[0] == '[':
		return newJSONRows(r), nil
	case text[0] == '<':
		return nil, fmt.Errorf("is a page, not a table or list of news: it starts with %.40q", text)
	case strings.ContainsRune(beginning, 0):
		return nil, errors.New("is neither JSON, CSV nor Parquet")
	}
	line, _, _ := strings.Cut(strings.TrimLeft(beginning, "\r\n"), "\n")
	return newCSVRows(r, delimiterOf(line)), nil
}

// delimiterOf is what separates the cells of a header.
func delimiterOf(header string) rune {
	delimiter := ','
	for _, d := range ";\t|" {
		if strings.Count(header, string(d)) > strings.Count(header, string(delimiter)) {
			delimiter = d
		}
	}
	return delimiter
}

// A quota is a reader that refuses to give more than maxNewsItem, and what its
// user reads ahead, until it is told that a row is done. It keeps a quotation
// mark that is never closed from pulling the rest of the file into memory.
type quota struct {
	in   io.Reader
	used int
}

var errItemSize = fmt.Errorf("one item has more than %d MiB; is a quotation mark or a bracket not closed?", maxNewsItem>>20)

func (q *quota) Read(p []byte) (int, error) {
	if q.used > maxNewsItem {
		return 0, errItemSize
	}
	n, err := q.in.Read(p)
	q.used += n
	return n, err
}

func (q *quota) done() { q.used = 0 }
