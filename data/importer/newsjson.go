package importer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// jsonRows reads news from JSON in any of the frames that vendors put around it:
// one object a line, a list of objects, or pages, which are objects with such a
// list inside. It finds where an object begins and ends by itself, so that a
// file of any size needs memory for one object.
type jsonRows struct {
	in     *bufio.Reader
	line   int
	object []byte // the object being read
	over   bool   // it is longer than maxNewsItem; the rest is passed over
	where  jsonFrame
	start  int // line in which the object or the list began
	lists  int // pages and lists seen
	known  map[string]newsPlace
}

// A jsonFrame is what the reader stands in.
type jsonFrame int

const (
	betweenDocuments jsonFrame = iota
	inList                     // [ {…}, {…} ]
	inPage                     // { "news": [ {…}, {…} ], … }
	afterPage                  // the members of a page behind its list
)

// listNames are the members of an answer that hold the list of news: of Alpaca,
// Alpha Vantage, NewsAPI, Marketaux, Polygon and others.
func isListName(name string) bool {
	switch name {
	case "news", "feed", "articles", "data", "results", "items", "stories", "value", "docs":
		return true
	}
	return false
}

func newJSONRows(in *bufio.Reader) *jsonRows {
	return &jsonRows{in: in, line: 1, known: knownNewsNames()}
}

func (r *jsonRows) format() string {
	if r.lists > 0 {
		return "json"
	}
	return "jsonl"
}

func (r *jsonRows) each(ctx context.Context, take func(newsRow) error) error {
	return eachRow(ctx, r.next, take)
}

var errCut = errors.New("ends too early; the file is cut")

// next is the next object, wherever it stands.
func (r *jsonRows) next() (newsRow, error) {
	for {
		c, err := r.skipSpace()
		if err != nil {
			if r.where == betweenDocuments {
				return newsRow{}, err
			}
			return newsRow{}, r.within(err)
		}
		switch r.where {
		case betweenDocuments:
			switch c {
			case '[':
				r.where, r.start = inList, r.line
				r.lists++
				continue
			case '{':
				row, found, err := r.document()
				if found || err != nil {
					return row, err
				}
				continue
			}
			return newsRow{}, r.fail("%q stands where an object should begin", c)
		case afterPage:
			if done, err := r.pageEnd(c); err != nil {
				return newsRow{}, r.within(err)
			} else if done {
				r.where = betweenDocuments
			}
			continue
		case inList, inPage:
			switch c {
			case ',':
				continue
			case ']':
				if r.where == inPage {
					r.where = afterPage
				} else {
					r.where = betweenDocuments
				}
				continue
			}
			line := r.line
			r.object, r.over = r.object[:0], false
			if err := r.value(c); err != nil {
				return newsRow{}, r.within(err)
			}
			return r.row(line), nil
		}
	}
}

// within is an error met in the middle of a list or page.
func (r *jsonRows) within(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the list that begins in line %d %w", r.start, errCut)
	}
	if errors.Is(err, errLineInText) {
		return r.fail("%v", err)
	}
	return err
}

func (r *jsonRows) fail(format string, args ...any) error {
	return fmt.Errorf("line %d: %s", r.line, fmt.Sprintf(format, args...))
}

// byte is the next byte of the file.
func (r *jsonRows) byte() (byte, error) {
	c, err := r.in.ReadByte()
	if c == '\n' && err == nil {
		r.line++
	}
	return c, err
}

func (r *jsonRows) skipSpace() (byte, error) {
	for {
		c, err := r.byte()
		if err != nil || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, err
		}
	}
}

// keep adds to the object being read.
func (r *jsonRows) keep(c byte) {
	if len(r.object) >= maxNewsItem {
		r.over = true
		return
	}
	r.object = append(r.object, c)
}

// document reads an object that stands by itself: an item, or a page. found is
// false where it is a page, whose list comes next.
func (r *jsonRows) document() (row newsRow, found bool, err error) {
	r.object, r.over = append(r.object[:0], '{'), false
	line := r.line
	r.start = line
	page := false
	var timed, worded bool // the names so far are those of an item
	cut := func(err error) (newsRow, bool, error) {
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("the object that begins in line %d %w", line, errCut)
		}
		return newsRow{}, false, err
	}
	for {
		c, err := r.skipSpace()
		if err != nil {
			return cut(err)
		}
		switch c {
		case '}':
			r.keep(c)
			row := r.row(line)
			row.page = page
			return row, true, nil
		case '"':
		default:
			r.keep(c) // a comma, or something that is refused later
			continue
		}
		from := len(r.object)
		if err := r.text(); err != nil {
			if errors.Is(err, errLineInText) {
				return newsRow{line: line, fault: err.Error()}, true, nil
			}
			return cut(err)
		}
		name := ""
		if !r.over {
			name = string(r.object[from+1 : len(r.object)-1])
		}
		if c, err = r.skipSpace(); err != nil {
			return cut(err)
		}
		if r.keep(c); c != ':' {
			continue
		}
		if c, err = r.skipSpace(); err != nil {
			return cut(err)
		}
		if c == '}' || c == ']' {
			_ = r.in.UnreadByte() // read just now; there is no value, which the decoder will say
			continue
		}
		switch r.known[plainName(name)].field {
		case newsTime:
			timed = true
		case newsTitle, newsText:
			worded = worded || c == '"'
		}
		if c == '[' && isListName(name) && !(timed && worded) {
			first, err := r.skipSpace()
			if err != nil {
				return cut(err)
			}
			if first == '{' {
				_ = r.in.UnreadByte() // read just now
				r.where = inPage
				r.lists++
				return newsRow{}, false, nil
			}
			_ = r.in.UnreadByte()
			page = page || first == ']'
		}
		if err := r.value(c); err != nil {
			if errors.Is(err, errLineInText) {
				return newsRow{line: line, fault: err.Error()}, true, nil
			}
			return cut(err)
		}
	}
}

// pageEnd passes over one piece of the members that follow the list of a page.
// It reports whether that was the end of the page.
func (r *jsonRows) pageEnd(c byte) (bool, error) {
	switch c {
	case '}':
		return true, nil
	case ',', ':':
		return false, nil
	}
	r.object, r.over = r.object[:0], false
	return false, r.value(c)
}

var errLineInText = errors.New("a text goes on behind the end of its line")

// text reads a string whose opening quotation mark was read.
func (r *jsonRows) text() error {
	r.keep('"')
	for {
		c, err := r.byte()
		if err != nil {
			return err
		}
		if c == '\n' {
			return errLineInText
		}
		r.keep(c)
		switch c {
		case '"':
			return nil
		case '\\':
			if c, err = r.byte(); err != nil {
				return err
			}
			if c == '\n' {
				return errLineInText
			}
			r.keep(c)
		}
	}
}

// value reads one value that begins with c, to its end. Whether it is right in
// itself is left to the decoder.
func (r *jsonRows) value(c byte) error {
	depth := 0
	for {
		switch c {
		case '"':
			if err := r.text(); err != nil {
				return err
			}
		case '{', '[':
			depth++
			r.keep(c)
		case '}', ']':
			if depth--; depth < 0 {
				return r.fail("%q has no beginning", c)
			}
			r.keep(c)
		default:
			r.keep(c)
		}
		if depth == 0 && (c == '"' || c == '}' || c == ']') {
			return nil
		}
		next, err := r.in.Peek(1)
		if err != nil {
			return err
		}
		if depth == 0 && bytes.IndexByte([]byte(",]} \t\r\n"), next[0]) >= 0 {
			return nil // a number, true, false or null ends before these
		}
		if c, err = r.byte(); err != nil {
			return err
		}
	}
}

// row decodes the object that was read.
func (r *jsonRows) row(line int) newsRow {
	row := newsRow{line: line}
	if r.over {
		row.fault = errItemSize.Error()
		return row
	}
	names, values, err := decodeObject(r.object)
	if err != nil {
		row.fault = err.Error()
		return row
	}
	row.names, row.values = names, values
	return row
}

// decodeObject reads an object. Numbers stay as they are written.
func decodeObject(text []byte) (names []string, values []any, err error) {
	decode := func(text []byte) (map[string]any, error) {
		var object map[string]any
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&object); err != nil {
			return nil, err
		}
		if object == nil {
			return nil, errors.New("is null, want an object")
		}
		return object, nil
	}
	object, err := decode(text)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		// Python writes NaN, which JSON does not have.
		object, err = decode(quoteNonFinite(text))
	}
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return nil, nil, fmt.Errorf("is a %s, want an object", kind.Value)
	case errors.As(err, &syntax):
		return nil, nil, fmt.Errorf("is no JSON: %w", err)
	case err != nil:
		return nil, nil, err
	}
	if len(object) != countNames(text) {
		return nil, nil, errors.New("a name stands twice in one object")
	}
	names = make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	values = make([]any, len(names))
	for i, name := range names {
		values[i] = object[name]
	}
	return names, values, nil
}

// countNames counts the members of an object that was decoded. The decoder keeps
// the last of two with one name, and nobody would know.
func countNames(object []byte) int {
	n, depth := 0, 0
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '"':
			for i++; object[i] != '"'; i++ {
				if object[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ':':
			if depth == 1 {
				n++
			}
		}
	}
	return n
}
