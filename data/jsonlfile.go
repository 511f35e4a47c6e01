package data

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"finmem/internal/nearest"
)

// readLines hands the lines of a JSON Lines file to line, one at a time. Empty
// lines are passed over.
func readLines(ctx context.Context, path string, line func(where string, text []byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := skipBOM(f)
	for n := 1; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		text, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s line %d: %w", path, n, err)
		}
		if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 {
			if err := line(fmt.Sprintf("%s line %d", path, n), trimmed); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

// decodeLine reads one JSON object into v. A field that v does not have is
// refused: it would be lost without a word.
func decodeLine(text []byte, fields []string, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, extra := d.Token(); !errors.Is(extra, io.EOF) {
			return errors.New("more than one JSON value; want one object a line")
		}
		return nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) == nil {
		names := make([]string, 0, len(object))
		for name := range object {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if !slices.Contains(fields, name) {
				return fmt.Errorf("unknown field %q%s", name, nearest.Hint(name, fields))
			}
		}
	}
	return err
}

// parseStamp reads an instant with its zone (2024-03-08T18:30:00-05:00) or a
// bare date.
func parseStamp(text string) (t time.Time, dateOnly bool, err error) {
	if t, err = time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), false, nil
	}
	if t, err = time.Parse(time.DateOnly, text); err == nil {
		return t, true, nil
	}
	return time.Time{}, false, fmt.Errorf("%q: want a time with its zone, such as 2024-03-08T18:30:00-05:00, or a date that exists, such as 2024-03-08", text)
}

func formatStamp(t time.Time, dateOnly bool) string {
	if dateOnly {
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// lineEncoder writes JSON objects, one a line, text as it is.
func lineEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}
