package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/data"
	"finmem/data/sentiment"
	"finmem/internal/printable"
)

type sentimentOptions struct {
	symbols []string
	redo    bool
	asJSON  bool
}

// A toneReport says whose scores the news of one symbol have, before and after.
type toneReport struct {
	Symbol   string         `json:"symbol"`
	News     int            `json:"news"`
	Computed int            `json:"computed"` // scores that were set
	Changed  int            `json:"changed"`  // of these, how many are new or other than before
	Before   map[string]int `json:"before"`   // news by method; "none" without a score
	After    map[string]int `json:"after"`
}

// noTone stands for the method of news without a score.
const noTone = "none"

func newDataSentimentCmd(s *streams) *cobra.Command {
	var o sentimentOptions
	cmd := &cobra.Command{
		Use:   "sentiment DATASET",
		Short: "Score the tone of the news that have no score",
		Long: `sentiment sets the tone of each news item that has none, by VADER with a finance
lexicon, from title and text together. Scores that came with the texts stay as
they are. The dataset changes for all of its symbols or not at all; a second time
there is nothing to do.

With --redo the scores that an earlier version of the lexicon gave are computed
anew. That of a text which is a summary stays, since it is that of the original.`,
		Example: "  finmem data sentiment ds\n  finmem data sentiment ds --symbol TSLA --redo",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			symbols, err := canonicalSymbols(o.symbols)
			if err != nil {
				return usagef(cmd, "--symbol: %v", err)
			}
			o.symbols = symbols
			return o.run(cmd.Context(), s, a[0])
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.symbols, "symbol", nil, "only this `symbol` (repeatable, or comma-separated); default all")
	f.BoolVar(&o.redo, "redo", false, "compute again what was computed, and leave what came with the texts")
	f.BoolVar(&o.asJSON, "json", false, "print the report as JSON")
	return cmd
}

func (o sentimentOptions) run(ctx context.Context, s *streams, dir string) error {
	ds, err := data.ReadDataset(ctx, dir, o.symbols...)
	if err != nil {
		return err
	}
	analyzer := sentiment.New()
	var histories, changed []data.History
	news := 0
	for _, symbol := range ds.Symbols() {
		h, err := ds.History(symbol)
		if err != nil {
			return err
		}
		histories = append(histories, h)
		news += len(h.News)
	}
	progress := newCountProgress(s.err, "news", news)
	var reports []toneReport
	seen := 0
	for _, h := range histories {
		r, err := o.score(ctx, analyzer, &h, func(n int) {
			seen += n
			progress.show(seen, "")
		})
		if err != nil {
			progress.end()
			return err
		}
		reports = append(reports, r)
		if r.Changed > 0 {
			changed = append(changed, h)
		}
	}
	progress.end()
	if len(changed) > 0 {
		scored, err := data.NewDataset(ds.Meta, changed...)
		if err != nil {
			return err
		}
		if err := data.WriteDataset(ctx, dir, scored, data.WriteOptions{Replace: true}); err != nil {
			return err
		}
	}
	if o.asJSON {
		return writeJSON(s.out, reports)
	}
	t := newTable(s.out)
	t.AppendHeader(table.Row{"symbol", "news", "before", "after"})
	computed := 0
	for _, r := range reports {
		t.AppendRow(table.Row{r.Symbol, r.News, methods(r.Before), methods(r.After)})
		computed += r.Computed
	}
	t.Render()
	fmt.Fprintf(s.out, "Dataset %s: %s computed, %s changed\n", dir, count(computed, "score"), count(len(changed), "symbol"))
	return nil
}

// scoredAtOnce is how many news are scored between two looks at the progress.
const scoredAtOnce = 500

// score sets the scores of one symbol in place of those that h shares with its
// dataset. It tells of how many more news it has seen.
func (o sentimentOptions) score(ctx context.Context, analyzer *sentiment.Analyzer, h *data.History, tell func(int)) (toneReport, error) {
	was := h.News
	h.News = slices.Clone(was)
	if o.redo {
		for i, n := range h.News {
			if n.Sentiment != nil && n.Sentiment.Method == sentiment.Method && n.Summary == nil && strings.TrimSpace(n.Title+n.Text) != "" {
				h.News[i].Sentiment = nil
			}
		}
	}
	computed := 0
	for part := range slices.Chunk(h.News, scoredAtOnce) {
		n, err := analyzer.Fill(ctx, &data.History{Symbol: h.Symbol, News: part})
		if err != nil {
			return toneReport{}, err
		}
		computed += n
		tell(len(part))
	}
	r := toneReport{Symbol: h.Symbol, News: len(was), Computed: computed, Before: byMethod(was), After: byMethod(h.News)}
	for i, n := range h.News {
		before := was[i].Sentiment
		if n.Sentiment != before && (before == nil || *n.Sentiment != *before) {
			r.Changed++
		}
	}
	return r, nil
}

func byMethod(news []data.News) map[string]int {
	counts := map[string]int{}
	for _, n := range news {
		if n.Sentiment == nil {
			counts[noTone]++
		} else {
			counts[n.Sentiment.Method]++
		}
	}
	return counts
}

// methods is a count by method in words: "finbert 12, none 3".
func methods(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", printable.Line(name), counts[name]))
	}
	if len(parts) == 0 {
		return "no news"
	}
	return strings.Join(parts, ", ")
}
