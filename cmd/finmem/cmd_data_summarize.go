package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/agent/cost"
	"finmem/agent/llm"
	"finmem/agent/llm/calls"
	"finmem/agent/llm/transport"
	"finmem/agent/summary"
	"finmem/data"
	"finmem/data/sentiment"
	"finmem/internal/printable"
)

type summarizeOptions struct {
	out      string
	over     int
	symbols  []string
	model    modelFlags
	calls    callFlags
	budget   budgetFlags
	parallel int
	asJSON   bool
}

func newDataSummarizeCmd(s *streams) *cobra.Command {
	var o summarizeOptions
	m := modelConfig{Name: llm.Offline}
	cmd := &cobra.Command{
		Use:   "summarize DATASET --out NEWDATASET",
		Short: "Write a dataset with summaries in place of long news and filings",
		Long: `summarize copies a dataset and puts a summary in place of each text of more than
--over characters. Prices, times, titles, forms and the tone of the news stay as
they are. Each summary has a record of its method, its model, and the hash and
length of the original; the notes of the dataset say what was done.

Without --model no language model is asked: the summaries are whole sentences of
the text, chosen by a rule. With one, a long text is summarised in parts and the
summaries of the parts again until they fit. Every call is kept, so a command that
was stopped goes on where it was when it is given again, and --llm-cache replay
makes the same dataset without a network. docs/summaries.md says more.

With --symbol only these are in the new dataset.`,
		Example: `  finmem data summarize ds --out ds-short
  finmem data summarize ds --out ds-short --model ollama/qwen3:8b --symbol TSLA`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			if o.out == "" && !o.budget.dryRun {
				return usagef(cmd, "--out is needed: the dataset folder to write")
			}
			if o.parallel < 1 {
				return usagef(cmd, "--parallel %d: want at least 1", o.parallel)
			}
			if o.over < summary.LeastOver {
				return usagef(cmd, "--over %d: want %d or more", o.over, summary.LeastOver)
			}
			symbols, err := canonicalSymbols(o.symbols)
			if err != nil {
				return usagef(cmd, "--symbol: %v", err)
			}
			o.symbols = symbols
			if err := o.model.apply(cmd, &m); err != nil {
				return err
			}
			c, err := o.calls.calling(cmd)
			if err != nil {
				return err
			}
			return o.summarize(cmd.Context(), s, a[0], m, c)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "dataset `folder` to write, new or empty")
	f.IntVar(&o.over, "over", summary.DefaultOver, "summarize texts of more `characters`, into at most as many")
	f.StringSliceVar(&o.symbols, "symbol", nil, "`symbol` to take (repeatable, or comma-separated); default all")
	f.StringVar(&m.Name, "model", llm.Offline, "`model` that writes the summaries: provider/model, or offline for none")
	o.model.add(cmd)
	o.calls.add(cmd)
	o.budget.addTotals(cmd, "text")
	f.IntVar(&o.parallel, "parallel", runtime.GOMAXPROCS(0), "texts to work on at once; results do not depend on it")
	f.BoolVar(&o.asJSON, "json", false, "print the report as JSON")
	return cmd
}

func (o *summarizeOptions) summarize(ctx context.Context, s *streams, dir string, m modelConfig, c calling) error {
	if !o.budget.dryRun {
		if err := vacant(o.out); err != nil {
			return err
		}
	}
	spent, err := o.budget.spending(m.Name, offlineEmbedder)
	if err != nil {
		return err
	}
	spent.budget.Unit = "text"
	ds, err := data.ReadDataset(ctx, dir)
	if err != nil {
		return err
	}
	if o.budget.dryRun {
		d, err := o.rehearse(ctx, ds, m, spent)
		switch {
		case err != nil:
			return err
		case o.asJSON:
			return writeJSON(s.out, d)
		}
		d.print(s.out)
		return nil
	}
	var via *connection
	if remote(m.Name) {
		if via, err = connect(ctx, c); err != nil {
			return err
		}
	}
	by, err := newSummarizer(m, via)
	if err == nil {
		err = o.announce(ctx, s.err, ds, m, c, spent)
	}
	if err == nil {
		err = kept(o.write(ctx, s, ds, m, by, spent), m, c)
	}
	return errors.Join(err, via.Close())
}

// kept adds to the error that ended the summaries how to go on with them.
func kept(err error, m modelConfig, c calling) error {
	var exhausted *cost.Exhausted
	interrupted := errors.Is(err, context.Canceled)
	if interrupted {
		err = fmt.Errorf("interrupted: %w", err)
	}
	if !remote(m.Name) || c.mode != calls.Auto && c.mode != calls.Record {
		return err
	}
	switch {
	case errors.Is(err, summary.ErrAnswer):
		return hinted{err, "another --model or another --model-seed may do better; what was answered so far is kept and not asked again"}
	case errors.As(err, &exhausted):
		return hinted{err, fmt.Sprintf("what was answered is kept in %s; the same command with a higher limit asks only for the rest", c.file)}
	case interrupted:
		return hinted{err, fmt.Sprintf("what was answered is kept in %s; the same command asks only for the rest", c.file)}
	}
	return err
}

func (o *summarizeOptions) write(ctx context.Context, s *streams, ds *data.Dataset, m modelConfig, by summary.Summarizer, spent *spending) error {
	progress := newCountProgress(s.err, "texts", 0)
	short, done, err := summary.Dataset(ctx, ds, by, summary.Options{Over: o.over, Symbols: o.symbols, Parallel: o.parallel, Done: func(at summary.Progress) error {
		err := spent.summarized(at)
		progress.total = at.Total
		progress.show(at.Done, spent.soFar())
		return err
	}})
	progress.end()
	if err != nil {
		return err
	}
	if abs, err := filepath.Abs(o.out); err == nil {
		short.Meta.Name = filepath.Base(abs)
	}
	if err := data.WriteDataset(ctx, o.out, short, data.WriteOptions{}); err != nil {
		return err
	}
	if o.asJSON {
		return writeJSON(s.out, done)
	}
	t := newTable(s.out)
	t.AppendHeader(table.Row{"symbol", "news", "summarized", "filings", "summarized", "characters", "now"})
	right(t, 2, 7)
	for _, r := range done.Symbols {
		t.AppendRow(table.Row{r.Symbol, r.News.All, r.News.Summarized, r.Filings.All, r.Filings.Summarized, r.Characters, r.Left})
	}
	t.Render()
	if n := done.Tally; n.Calls > 0 {
		fmt.Fprintf(s.out, "%s of %s, kept ones included: %d tokens in, %d out%s; cost %s%s\n", count(n.Calls, "answer"), m.Name,
			n.InputTokens, n.OutputTokens, estimatedCalls(spent.total), dollars(spent.rates.USD(spent.total)), pricesAsOf(spent.prices()))
		if n.Cut > 0 {
			fmt.Fprintf(s.out, "cut to fit, after asking again: %s\n", count(n.Cut, "answer"))
		}
	}
	fmt.Fprintf(s.out, "Dataset %s: %s\n", o.out, printable.Line(short.Meta.Notes[len(short.Meta.Notes)-1]))
	return nil
}

// vacant reports whether a dataset can be written to a folder as a new one.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("--out: %w", err)
	case len(entries) > 0:
		return fmt.Errorf("%s is there already and not empty; choose another folder", dir)
	}
	return nil
}

// newSummarizer makes what writes the summaries.
func newSummarizer(m modelConfig, via *connection) (summary.Summarizer, error) {
	polarity := sentiment.New().Finance
	c := llm.Config{Polarity: polarity, BaseURL: m.BaseURL, Parameters: m.parameters()}
	if via != nil {
		c.Dialer = via.dialer
	}
	model, err := llm.New(m.Name, c)
	if err != nil {
		if transport.KindOf(err) == "" {
			err = usagef(nil, "%v", err)
		}
		return nil, err
	}
	if m.Name == llm.Offline {
		return summary.Extract{Polarity: polarity}, nil
	}
	chat, err := summary.NewChat(model, m.ContextTokens)
	if err != nil {
		return nil, usagef(nil, "--context-tokens: %v", err)
	}
	return recordedSummaries{chat}, nil
}

// recordedSummaries say for which document calls are made.
type recordedSummaries struct{ summary.Summarizer }

func (r recordedSummaries) Summarize(ctx context.Context, item summary.Item, limit int) (summary.Text, error) {
	return r.Summarizer.Summarize(calls.WithAsker(ctx, calls.Asker{Session: item.Date, Symbol: item.Symbol}), item, limit)
}
