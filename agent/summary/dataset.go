package summary

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
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
	// Parallel is how many documents are worked on at once; 0 is one. The result does
	// not depend on it.
	Parallel int
	// Done, if not nil, is told after each document, one at a time, how far the work
	// is. An error that it returns ends the work and is returned.
	Done func(Progress) error
}

// A Progress says how far the work is.
type Progress struct {
	Done, Total int   // documents to summarise
	Last        Tally // what the document took
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
	for i := range histories {
		if err := w.plan(&histories[i]); err != nil {
			return nil, w.report, err
		}
	}
	if err := w.run(ctx); err != nil {
		return nil, w.report, err
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
	jobs       []*job
}

// A job is one document to summarise.
type job struct {
	item  Item
	limit int
	// text and record are where the summary goes, and count and symbol where it is
	// counted.
	text   *string
	record **data.Summary
	count  func(*SymbolReport) *Count
	symbol int
}

// plan finds what is to be summarised in a history, whose documents it copies.
func (w *work) plan(h *data.History) error {
	if err := w.planDocuments(h); err != nil {
		return err
	}
	w.report.Symbols = append(w.report.Symbols, SymbolReport{Symbol: h.Symbol, News: Count{All: len(h.News)}, Filings: Count{All: len(h.Filings)}})
	return nil
}

func (w *work) planDocuments(h *data.History) error {
	h.News, h.Filings = slices.Clone(h.News), slices.Clone(h.Filings)
	for i := range h.News {
		n := &h.News[i]
		j := job{
			item: Item{Symbol: h.Symbol, Date: n.Time.UTC().Format(time.DateOnly), Kind: "news", Title: n.Title, Text: n.Text},
			// The agent reads title and text as one. A long title leaves half to the text.
			limit: max(w.options.Over-utf8.RuneCountInString(printable.Line(n.Title))-1, w.options.Over/2),
			text:  &n.Text, record: &n.Summary, count: func(r *SymbolReport) *Count { return &r.News },
		}
		if err := w.add(j); err != nil {
			return err
		}
	}
	for i := range h.Filings {
		f := &h.Filings[i]
		j := job{
			item:  Item{Symbol: h.Symbol, Date: f.Accepted.UTC().Format(time.DateOnly), Kind: f.Form, Text: f.Text},
			limit: w.options.Over,
			text:  &f.Text, record: &f.Summary, count: func(r *SymbolReport) *Count { return &r.Filings },
		}
		if err := w.add(j); err != nil {
			return err
		}
	}
	return nil
}

// add takes a job on, unless its text is short enough or has no word.
func (w *work) add(j job) error {
	if utf8.RuneCountInString(strings.Join(strings.Fields(printable.Text(j.item.Text)), " ")) <= j.limit || !hasWord(j.item.Text) {
		return nil
	}
	if *j.record != nil {
		return fmt.Errorf("%s: the text is a summary already; summarise the dataset that it was made from", j.item)
	}
	j.symbol = len(w.report.Symbols)
	w.jobs = append(w.jobs, &j)
	return nil
}

// run does the jobs, several at once.
func (w *work) run(ctx context.Context) error {
	// The first error ends the work; it is the cause of the cancelling.
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan *job)
	go func() {
		defer close(next)
		for _, j := range w.jobs {
			select {
			case next <- j:
			case <-ctx.Done():
				return
			}
		}
	}()
	var mu sync.Mutex // guards the report, and lets one at a time be told
	done := 0
	var workers sync.WaitGroup
	for range max(w.options.Parallel, 1) {
		workers.Go(func() {
			for j := range next {
				text, err := w.summarize(ctx, j)
				mu.Lock()
				done++
				w.take(j, text, err == nil)
				if err == nil && w.options.Done != nil && ctx.Err() == nil {
					err = w.options.Done(Progress{Done: done, Total: len(w.jobs), Last: text.Tally})
				}
				mu.Unlock()
				if err != nil {
					stop(err)
					return
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// summarize does one job.
func (w *work) summarize(ctx context.Context, j *job) (Text, error) {
	if err := ctx.Err(); err != nil {
		return Text{}, err
	}
	s, err := w.summarizer.Summarize(ctx, j.item, j.limit)
	if err != nil {
		return s, fmt.Errorf("summarising %s: %w", j.item, err)
	}
	return s, nil
}

// take puts a summary in its place and counts what it took.
func (w *work) take(j *job, s Text, made bool) {
	w.report.Tally = w.report.Tally.Plus(s.Tally)
	if !made {
		return
	}
	sum := sha256.Sum256([]byte(j.item.Text))
	record := w.summarizer.Record()
	record.SHA256, record.Characters = hex.EncodeToString(sum[:]), utf8.RuneCountInString(j.item.Text)
	*j.text, *j.record = s.Text, &record
	r := &w.report.Symbols[j.symbol]
	j.count(r).Summarized++
	r.Characters += record.Characters
	r.Left += utf8.RuneCountInString(s.Text)
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
