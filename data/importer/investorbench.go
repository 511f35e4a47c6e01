package importer

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"finmem/data"
)

// maxJSONSize is the largest file that [InvestorBench] reads.
const maxJSONSize = 1 << 30

// InvestorBench reads the JSON of INVESTOR-BENCH (arXiv:2412.18174),
//
//	{"2020-03-12": {"prices": 133.6, "news": ["…"], "10k": [], "10q": ["…"]}, …}
//
// for one symbol. The file does not name its symbol, so the caller does; where
// values are dicts keyed by symbol, the symbol must be among the keys.
//
// A section may be absent or null. A price may be a number, a number written as
// text, or a list holding one; news and filings may be one text or a list of
// texts. Any value, and a whole date, may also be JSON inside a string. NaN and
// Infinity, which Python writes although JSON has no such thing, are read and
// then reported as prices that are none.
//
// A date that stands twice with equal content is read once and reported; with
// different content it is an error that names both lines. "(Sentiment:
// positive)" at the end of a news text becomes its sentiment, method "label".
// Bars hold a close only; news and filings a date only. Files up to 1 GiB.
func InvestorBench(ctx context.Context, path, symbol string, opts EnvOptions) (Result, error) {
	canonical, err := data.Canonical(symbol)
	if err != nil {
		return Result{}, err
	}
	content, err := readFile(path, maxJSONSize)
	if err != nil {
		return Result{}, err
	}
	e := env{format: "investorbench", file: filepath.Base(path)}
	if err := e.addJSON(ctx, content); err != nil {
		return Result{}, err
	}
	return e.read(ctx, canonical, opts)
}

// readFile reads a file, unpacked, that must not be larger than limit.
func readFile(path string, limit int64) ([]byte, error) {
	in, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return in.ReadAll(limit)
}

// addJSON adds the dates of a JSON document.
func (e *env) addJSON(ctx context.Context, content []byte) error {
	r := newJSONReader(content)
	fail := func(err error) error { return fmt.Errorf("%s line %d: %w", e.file, r.line(), err) }
	first := map[data.Session][]byte{}
	unknown := map[string]int{}
	err := r.object(func(key string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := envDate{line: r.line()}
		var err error
		if d.session, err = sessionOfText(key); err != nil {
			return err
		}
		raw, v, err := r.value()
		if err != nil {
			return fmt.Errorf("date %s: %w", d.session, err)
		}
		if before, seen := first[d.session]; seen && bytes.Equal(before, raw) {
			e.skipped = append(e.skipped, Skip{File: e.file, Line: d.line, Reason: fmt.Sprintf("%s: stands before with equal content", d.session)})
			return nil
		}
		first[d.session] = raw
		sections, ok := unwrap(v).(*object)
		if !ok {
			return fmt.Errorf("date %s is %s, want a dict with prices, news, 10k, 10q", d.session, kindOf(v))
		}
		for i := range sections.keys {
			name := sections.keys[i]
			sections.values[name] = unwrap(sections.values[name])
		}
		names, err := d.fill(sections)
		if err != nil {
			return err
		}
		for _, name := range names {
			unknown[name]++
		}
		e.dates = append(e.dates, d)
		return nil
	})
	if err != nil {
		return fail(err)
	}
	e.noteUnknown(unknown)
	return nil
}

// noteUnknown says which parts of the dates were not read.
func (e *env) noteUnknown(unknown map[string]int) {
	for _, name := range sortedKeys(unknown) {
		e.notes = append(e.notes, fmt.Sprintf("%d dates also have %.40q, which was not read", unknown[name], name))
	}
}

// sessionOfText reads a date, or the date that a time stamp spells. A zone
// behind it is not applied: the date is taken as it is written.
func sessionOfText(s string) (data.Session, error) {
	s = strings.TrimSpace(s)
	if len(s) > len("2006-01-02") && (s[10] == ' ' || s[10] == 'T') {
		s = s[:10]
	}
	return data.ParseSession(s)
}
