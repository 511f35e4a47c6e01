package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxDepth bounds how deeply lists and dicts may lie in each other. The formats
// need four.
const maxDepth = 16

// A jsonReader walks a JSON document in its own order and knows the line it is
// at. The standard decoder alone would forget the order of keys and silently
// keep the last of two equal ones.
type jsonReader struct {
	content []byte
	dec     *json.Decoder
	counted int64 // bytes whose line ends are in lines
	lines   int
}

func newJSONReader(content []byte) *jsonReader {
	content = quoteNonFinite(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")))
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.UseNumber()
	return &jsonReader{content: content, dec: dec}
}

// line is the number, from 1, of the line up to which the document was read.
func (r *jsonReader) line() int {
	at := min(r.dec.InputOffset(), int64(len(r.content)))
	r.lines += bytes.Count(r.content[r.counted:at], []byte{'\n'})
	r.counted = at
	return r.lines + 1
}

// object reads a document that is one dict, calling entry at each key, which
// must read the value.
func (r *jsonReader) object(entry func(key string) error) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return errors.New("want a dict of dates")
	}
	for r.dec.More() {
		key, err := r.token()
		if err != nil {
			return err
		}
		if err := entry(key.(string)); err != nil {
			return err
		}
	}
	if _, err := r.token(); err != nil {
		return err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the end of the document")
	}
	return nil
}

// token is the next token; a document that just ends is a fault here.
func (r *jsonReader) token() (json.Token, error) {
	t, err := r.dec.Token()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the document ends too early")
	}
	return t, err
}

// value reads the next value and returns it with the bytes it is written in.
func (r *jsonReader) value() ([]byte, any, error) {
	from := r.dec.InputOffset()
	v, err := r.read(0)
	if err != nil {
		return nil, nil, err
	}
	raw := bytes.TrimLeft(r.content[from:r.dec.InputOffset()], " \t\r\n:")
	return raw, v, nil
}

func (r *jsonReader) read(depth int) (any, error) {
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Number:
		x, err := strconv.ParseFloat(string(t), 64)
		if err != nil {
			return nil, fmt.Errorf("%.40q is out of range", string(t))
		}
		return x, nil
	case json.Delim:
		if depth == maxDepth {
			return nil, fmt.Errorf("lists and dicts lie more than %d deep", maxDepth)
		}
		if t == '{' {
			return r.dict(depth + 1)
		}
		return r.list(depth + 1)
	}
	return t, nil // string, bool or nil
}

func (r *jsonReader) list(depth int) (any, error) {
	items := []any{}
	for r.dec.More() {
		v, err := r.read(depth)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	_, err := r.token()
	return items, err
}

func (r *jsonReader) dict(depth int) (any, error) {
	o := newObject()
	for r.dec.More() {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		key := t.(string)
		v, err := r.read(depth)
		if err != nil {
			return nil, err
		}
		if !o.set(key, v) {
			return nil, fmt.Errorf("the key %.40q stands twice in one dict", key)
		}
	}
	_, err := r.token()
	return o, err
}

// unwrap reads a text that is itself a JSON list, dict or string. A text that
// only looks like one stays a text.
func unwrap(v any) any {
	s, ok := v.(string)
	if !ok || strings.IndexAny(strings.TrimSpace(s), `{["`) != 0 {
		return v
	}
	r := newJSONReader([]byte(s))
	inner, err := r.read(0)
	if err != nil {
		return v
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return v
	}
	return inner
}

// quoteNonFinite puts the NaN and Infinity that Python writes into quotes, so
// that they reach the check of the one value they belong to instead of spoiling
// the file. What stands inside strings is not touched.
func quoteNonFinite(content []byte) []byte {
	var out []byte
	done := 0
	inString := false
	for i := 0; i < len(content); i++ {
		switch c := content[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == 'N', c == 'I', c == '-':
			for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
				if bytes.HasPrefix(content[i:], []byte(word)) {
					out = append(out, content[done:i]...)
					out = strconv.AppendQuote(out, word)
					i += len(word) - 1
					done = i + 1
					break
				}
			}
		}
	}
	if out == nil {
		return content
	}
	return append(out, content[done:]...)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
