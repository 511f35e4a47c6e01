package data

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// filingLine is one line of filings/<SYMBOL>.jsonl.
type filingLine struct {
	Accepted string   `json:"accepted"`
	Form     string   `json:"form"`
	Period   string   `json:"period,omitempty"`
	Text     string   `json:"text"`
	Summary  *Summary `json:"summary,omitempty"`
}

func filingFields() []string { return []string{"accepted", "form", "period", "text", "summary"} }

// readFilings reads filings/<SYMBOL>.jsonl. The lines may be in any order; the
// result is sorted.
func readFilings(ctx context.Context, path string) ([]Filing, error) {
	var filings []Filing
	err := readLines(ctx, path, func(where string, text []byte) error {
		f, err := decodeFiling(text)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		filings = append(filings, f)
		return nil
	})
	slices.SortStableFunc(filings, compareFilings)
	return filings, err
}

func decodeFiling(text []byte) (Filing, error) {
	var l filingLine
	if err := decodeLine(text, filingFields(), &l); err != nil {
		return Filing{}, err
	}
	t, dateOnly, err := parseStamp(l.Accepted)
	if err != nil {
		return Filing{}, fmt.Errorf("accepted %w", err)
	}
	f := Filing{Accepted: t, DateOnly: dateOnly, Form: l.Form, Period: l.Period, Text: l.Text, Summary: l.Summary}
	return f, f.Validate()
}

// writeFilings is the inverse of readFilings.
func writeFilings(w io.Writer, filings []Filing) error {
	e := lineEncoder(w)
	for _, f := range filings {
		l := filingLine{Accepted: formatStamp(f.Accepted, f.DateOnly), Form: f.Form, Period: f.Period, Text: f.Text, Summary: f.Summary}
		if err := e.Encode(l); err != nil {
			return fmt.Errorf("filing %s of %s: %w", f.Form, l.Accepted, err)
		}
	}
	return nil
}
