package data

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// newsLine is one line of news/<SYMBOL>.jsonl.
type newsLine struct {
	Time      string     `json:"time"`
	Title     string     `json:"title,omitempty"`
	Text      string     `json:"text,omitempty"`
	Source    string     `json:"source,omitempty"`
	URL       string     `json:"url,omitempty"`
	Sentiment *Sentiment `json:"sentiment,omitempty"`
	Copies    int        `json:"copies,omitempty"`
	Summary   *Summary   `json:"summary,omitempty"`
}

func newsFields() []string {
	return []string{"time", "title", "text", "source", "url", "sentiment", "copies", "summary"}
}

// readNews reads news/<SYMBOL>.jsonl. The lines may be in any order; the result
// is sorted.
func readNews(ctx context.Context, path string) ([]News, error) {
	var news []News
	err := readLines(ctx, path, func(where string, text []byte) error {
		n, err := decodeNews(text)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		news = append(news, n)
		return nil
	})
	slices.SortStableFunc(news, compareNews)
	return news, err
}

func decodeNews(text []byte) (News, error) {
	var l newsLine
	if err := decodeLine(text, newsFields(), &l); err != nil {
		return News{}, err
	}
	t, dateOnly, err := parseStamp(l.Time)
	if err != nil {
		return News{}, fmt.Errorf("time %w", err)
	}
	n := News{
		Time: t, DateOnly: dateOnly, Title: l.Title, Text: l.Text,
		Source: l.Source, URL: l.URL, Sentiment: l.Sentiment, Copies: l.Copies, Summary: l.Summary,
	}
	if n.Copies == 0 {
		n.Copies = 1
	}
	return n, n.Validate()
}

// writeNews is the inverse of readNews.
func writeNews(w io.Writer, news []News) error {
	e := lineEncoder(w)
	for _, n := range news {
		if err := encodeNews(e, n); err != nil {
			return err
		}
	}
	return nil
}

func encodeNews(e *json.Encoder, n News) error {
	l := newsLine{
		Time: formatStamp(n.Time, n.DateOnly), Title: n.Title, Text: n.Text,
		Source: n.Source, URL: n.URL, Sentiment: n.Sentiment, Summary: n.Summary,
	}
	if n.Copies > 1 {
		l.Copies = n.Copies
	}
	if err := e.Encode(l); err != nil {
		return fmt.Errorf("news of %s %q: %w", l.Time, n.Title, err)
	}
	return nil
}
