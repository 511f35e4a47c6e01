package summary

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"finmem/data"
	"finmem/internal/printable"
)

const (
	// DefaultOver is the length of text above which a document is summarised: that
	// above which the agent would split it.
	DefaultOver = 2000
	// LeastOver keeps room for a sentence or two.
	LeastOver = 200
)

// Options say what is summarised.
type Options struct {
	// Over is the length above which a document is summarised, and which the summary
	// keeps to, in characters with single white space. At least [LeastOver].
	Over int
	// Symbols are those to take; none means all. Others are left out, so that a
	// dataset of summaries has no long text in it.
	Symbols []string
}

// A Report counts what was done.
type Report struct {
	Symbols []SymbolReport `json:"symbols"`
	Tally   Tally          `json:"tally"`
}

// A SymbolReport counts what was done to the documents of one symbol.
type SymbolReport struct {
	Symbol     string `json:"symbol"`
	News       Count  `json:"news"`
	Filings    Count  `json:"filings"`
	Characters int    `json:"characters"` // of what was summarised, before
	Left       int    `json:"left"`       // after
}

// A Count is how many documents there are and how many of them were summarised.
type Count struct {
	All        int `json:"all"`
	Summarized int `json:"summarized"`
}

// Dataset is ds with summaries in place of its long texts. Everything else stays as
// it is: times, titles, forms, prices, and the tone of the news, which is that of
// the text before. Each summary has a record of its method and original, and the
// notes say what was done.
func Dataset(ctx context.Context, ds *data.Dataset, s Summarizer, o Options) (*data.Dataset, Report, error) {
	if o.Over < LeastOver {
		return nil, Report{}, fmt.Errorf("summaries of texts over %d characters: want %d or more", o.Over, LeastOver)
	}
	symbols := o.Symbols
	if len(symbols) == 0 {
		symbols = ds.Symbols()
	}
	w := work{summarizer: s, options: o}
	histories := make([]data.History, len(symbols))
	var err error
	for i, symbol := range symbols {
		if histories[i], err = ds.History(symbol); err != nil {
			return nil, w.report, err
		}
	}
	for i, h := range histories {
		if histories[i], err = w.history(ctx, h); err != nil {
			return nil, w.report, err
		}
	}
	meta := ds.Meta
	meta.Notes = append(slices.Clone(meta.Notes), w.note())
	out, err := data.NewDataset(meta, histories...)
	return out, w.report, err
}

// work is a dataset being summarised.
type work struct {
	summarizer Summarizer
	options    Options
	report     Report
}

func (w *work) history(ctx context.Context, h data.History) (data.History, error) {
	r := SymbolReport{Symbol: h.Symbol}
	h.News, h.Filings = slices.Clone(h.News), slices.Clone(h.Filings)
	for i := range h.News {
		n := &h.News[i]
		item := Item{Symbol: h.Symbol, Date: n.Time.UTC().Format(time.DateOnly), Kind: "news", Title: n.Title, Text: n.Text}
		// The agent reads title and text as one. A long title leaves half to the text.
		limit := max(w.options.Over-utf8.RuneCountInString(printable.Line(n.Title))-1, w.options.Over/2)
		made, err := w.text(ctx, item, limit, n.Summary)
		if err != nil {
			return h, err
		}
		r.News.All++
		if made != nil {
			n.Text, n.Summary = made.text, &made.record
			r.add(&r.News, made)
		}
	}
	for i := range h.Filings {
		f := &h.Filings[i]
		item := Item{Symbol: h.Symbol, Date: f.Accepted.UTC().Format(time.DateOnly), Kind: f.Form, Text: f.Text}
		made, err := w.text(ctx, item, w.options.Over, f.Summary)
		if err != nil {
			return h, err
		}
		r.Filings.All++
		if made != nil {
			f.Text, f.Summary = made.text, &made.record
			r.add(&r.Filings, made)
		}
	}
	w.report.Symbols = append(w.report.Symbols, r)
	return h, nil
}

func (r *SymbolReport) add(to *Count, m *made) {
	to.Summarized++
	r.Characters += m.record.Characters
	r.Left += utf8.RuneCountInString(m.text)
}

// A made summary and its record.
type made struct {
	text   string
	record data.Summary
}

// text summarises an item; nil means that it is short enough, or has no word.
func (w *work) text(ctx context.Context, item Item, limit int, was *data.Summary) (*made, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(strings.Join(strings.Fields(printable.Text(item.Text)), " ")) <= limit || !hasWord(item.Text) {
		return nil, nil
	}
	if was != nil {
		return nil, fmt.Errorf("%s: the text is a summary already; summarise the dataset that it was made from", item)
	}
	s, err := w.summarizer.Summarize(ctx, item, limit)
	w.report.Tally = w.report.Tally.Plus(s.Tally)
	if err != nil {
		return nil, fmt.Errorf("summarising %s: %w", item, err)
	}
	sum := sha256.Sum256([]byte(item.Text))
	record := w.summarizer.Record()
	record.SHA256, record.Characters = hex.EncodeToString(sum[:]), utf8.RuneCountInString(item.Text)
	return &made{text: s.Text, record: record}, nil
}

// String names the item: "news of TSLA on 2024-03-08 \"Results beat\"".
func (i Item) String() string {
	s := fmt.Sprintf("%s of %s on %s", printable.Line(i.Kind), i.Symbol, i.Date)
	if i.Title != "" {
		s += fmt.Sprintf(" %q", printable.Cut(printable.Line(i.Title), 80))
	}
	return s
}

// note says in the dataset what was done to it.
func (w *work) note() string {
	var news, filings Count
	for _, r := range w.report.Symbols {
		news.All, news.Summarized = news.All+r.News.All, news.Summarized+r.News.Summarized
		filings.All, filings.Summarized = filings.All+r.Filings.All, filings.Summarized+r.Filings.Summarized
	}
	how := "whole sentences of the text itself, chosen by a rule; no language model"
	if record := w.summarizer.Record(); record.Model != "" {
		how = fmt.Sprintf("written by the language model %s, whose training may reach beyond the date of a text", record.Model)
	}
	return fmt.Sprintf("texts of over %d characters are summaries (%d of %d news, %d of %d filings): %s",
		w.options.Over, news.Summarized, news.All, filings.Summarized, filings.All, how)
}
