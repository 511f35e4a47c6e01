package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"finmem/agent"
	"finmem/agent/cost"
	"finmem/agent/llm"
	"finmem/backtest"
	"finmem/backtest/baseline"
	"finmem/backtest/broker"
	"finmem/backtest/journal"
	"finmem/backtest/metrics"
	"finmem/backtest/portfolio"
	page "finmem/backtest/report"
	"finmem/data"
	"finmem/internal/atomicfile"
	"finmem/memory"
)

// pageFile is the report beside a run.
const pageFile = "report.html"

func newReportCmd(s *streams) *cobra.Command {
	var runsDir, out string
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Draw a run as one HTML page",
		Long: `report draws a finished run as one HTML page that needs no network and no other
file: charts, tables, conventions and warnings. Every run has one from the start;
report draws it again, here or elsewhere. The same run gives the same bytes.`,
		Example: `  finmem report myrun
  finmem report myrun --out /tmp/myrun.html
  finmem report myrun --out - | gzip > myrun.html.gz`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			return runReport(cmd.Context(), s, runsDir, a[0], out)
		},
	}
	cmd.Flags().StringVar(&runsDir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	cmd.Flags().StringVar(&out, "out", "", "write the page to this `file`, - for stdout; default report.html in the run's folder")
	return cmd
}

func runReport(ctx context.Context, s *streams, runsDir, run, out string) error {
	dir, err := findRun(runsDir, run)
	if err != nil {
		return err
	}
	r, err := readReport(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return hinted{fmt.Errorf("run %s is not finished", run), "run its command again with --resume; finmem memory looks into it as it is"}
	}
	if err != nil {
		return err
	}
	if err := readEquity(dir, r); err != nil {
		return err
	}
	j, err := journal.Read(ctx, dir)
	if err != nil {
		return err
	}
	defer j.Close()
	drawn, err := runPage(ctx, j, r)
	if err != nil {
		return err
	}
	if out == "-" {
		return page.Write(s.out, drawn)
	}
	if out == "" {
		out = filepath.Join(dir, pageFile)
	}
	if err := atomicfile.WriteFile(out, func(w io.Writer) error { return page.Write(w, drawn) }); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Report written to %s\n", out)
	return nil
}

// writePage draws the run that j holds and r scores, beside it.
func writePage(ctx context.Context, j *journal.Journal, r report) error {
	drawn, err := runPage(ctx, j, r)
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(j.Dir(), pageFile), func(w io.Writer) error { return page.Write(w, drawn) })
}

// runPage gathers what the page shows. The results in r have their curves.
func runPage(ctx context.Context, j *journal.Journal, r report) (page.Run, error) {
	c := r.Conventions
	run := page.Run{
		Name: r.Run, Version: r.Finmem, Synthetic: r.Synthetic,
		Lead:        fmt.Sprintf("Test from %s to %s on %s, decided by %s", r.Window.From, r.Window.To, r.Dataset, r.Model),
		Basis:       metrics.Basis{RiskFree: c.RiskFree, PeriodsPerYear: c.PeriodsPerYear},
		About:       r.about(),
		Conventions: append(c.facts(), r.Usage.Prices.fact()),
		Warnings:    r.notes(),
	}
	for _, a := range r.Agent {
		s, err := symbolPage(ctx, j, r, a)
		if err != nil {
			return run, fmt.Errorf("report of %s: %w", a.Symbol, err)
		}
		run.Symbols = append(run.Symbols, s)
	}
	return run, nil
}

// about is what names the run.
func (r report) about() []page.Fact {
	warmup := fmt.Sprintf("from %s up to the test", r.Window.WarmupFrom)
	if r.Window.WarmupFrom == r.Window.From {
		warmup = "none"
	}
	return []page.Fact{
		{Name: "run", Value: r.Run}, {Name: "dataset", Value: r.Dataset},
		{Name: "warm-up", Value: warmup}, {Name: "test", Value: fmt.Sprintf("%s to %s", r.Window.From, r.Window.To)},
		{Name: "model", Value: r.Model}, {Name: "embedder", Value: r.Embedder},
		{Name: "memory constants", Value: r.Memory}, {Name: "seed", Value: strconv.FormatUint(r.Seed, 10)},
		{Name: "finmem", Value: r.Finmem}, {Name: "digest of the run", Value: r.Digest},
	}
}

// notes are the warnings that a reader of the results needs.
func (r report) notes() []string {
	notes := append([]string{}, r.Warnings...)
	if r.Model == llm.Offline {
		notes = append(notes, "the offline analyst is a set of rules, not a language model; its results say nothing about one")
	}
	return notes
}

// facts are the conventions by name.
func (c conventions) facts() []page.Fact {
	short := "long only: a sell goes flat"
	if c.Short {
		short = "a sell may go short"
	}
	limits := "none"
	if on := c.Limits.words(); len(on) > 0 {
		limits = strings.Join(on, "; ")
	}
	return []page.Fact{
		{Name: "protocol", Value: c.Protocol}, {Name: "decision", Value: c.Decision}, {Name: "fill", Value: c.Fill},
		{Name: "commission", Value: fmt.Sprintf("%g basis points a side", c.CommissionBps)},
		{Name: "slippage", Value: fmt.Sprintf("%g basis points a side", c.SlippageBps)},
		{Name: "initial cash", Value: c.InitialCash + " for each symbol"},
		{Name: "largest position", Value: fmt.Sprintf("%g of equity", c.TargetWeight)}, {Name: "selling", Value: short},
		{Name: "risk limits", Value: limits},
		{Name: "sessions a year", Value: fmt.Sprintf("%g", c.PeriodsPerYear)},
		{Name: "risk-free rate", Value: fmt.Sprintf("%g a year", c.RiskFree)},
		{Name: "deviation", Value: c.Deviation}, {Name: "CAGR", Value: c.CAGR},
	}
}

// symbolPage is the part about one symbol: the agent first, then the baselines,
// those before the others that a reader asks for first.
func symbolPage(ctx context.Context, j *journal.Journal, r report, own backtest.Result) (page.Symbol, error) {
	s := page.Symbol{Name: own.Symbol}
	for _, x := range append([]backtest.Result{own}, r.Baselines...) {
		if x.Symbol != own.Symbol {
			continue
		}
		raw, err := json.Marshal(x)
		if err != nil {
			return s, err
		}
		s.Traders = append(s.Traders, page.Trader{Name: x.Trader, Curve: x.Curve, Result: raw})
	}
	rank := func(t page.Trader) int {
		return slices.IndexFunc([]bool{
			t.Name == agentName, t.Name == baseline.BuyAndHold{}.Name(), t.Name == baseline.Flat{}.Name(), strings.HasPrefix(t.Name, agentName+","), true,
		}, func(is bool) bool { return is })
	}
	slices.SortStableFunc(s.Traders, func(a, b page.Trader) int { return rank(a) - rank(b) })
	records, err := recordsWithMemory(ctx, j, own.Symbol)
	if err != nil {
		return s, err
	}
	usage, rates := tokenCounter{}, r.Usage.Prices.rates()
	for _, rec := range records {
		x := sessionPage(rec)
		t := usage.count(rec)
		x.Usage.Calls, x.Usage.Estimated, x.Usage.Cost = t.Calls, t.EstimatedCalls, rates.USD(t)
		x.Usage.InputTokens, x.Usage.OutputTokens, x.Usage.EmbeddingTokens = t.InputTokens, t.OutputTokens, t.EmbeddingTokens
		s.Sessions = append(s.Sessions, x)
	}
	inLastShares(records, s.Sessions)
	s.Trades = tradesPage(records)
	s.Layers, s.Moves = movesPage(records)
	return s, nil
}

func sessionPage(rec backtest.Record) page.Session {
	s := page.Session{Date: rec.Session, Test: rec.Phase == backtest.Test, Price: math.NaN(),
		Position: rec.Account.Shares * rec.Close / rec.Account.Equity}
	if rec.HasBar {
		s.Price = rec.Close
	}
	for _, l := range rec.Limited {
		s.Notes = append(s.Notes, fmt.Sprintf("%s: from %.4g to %.4g of equity; %s", l.Limit, l.Wish, l.Allowed, l.Reason))
	}
	s.Notes = append(s.Notes, rec.Notes...)
	switch {
	case rec.Decision != nil:
		d := rec.Decision
		s.Decision = page.Decision{Action: string(d.Action), Confidence: d.Confidence, Reason: d.Reason}
		s.Usage.Refused = refused(d.Trace.Answers)
	case rec.Failure != nil:
		s.Decision = page.Decision{Failed: true, Reason: rec.Failure.Reason}
		s.Usage.Refused = refused(rec.Failure.Trace.Answers)
	}
	return s
}

// refused counts the answers that could not be used.
func refused(attempts []agent.Attempt) int {
	n := 0
	for _, a := range attempts {
		if a.Fault != "" {
			n++
		}
	}
	return n
}

// rates are the prices that the run was counted with.
func (p usagePrices) rates() cost.Rates {
	price := func(u *usagePrice) *cost.Price {
		if u == nil {
			return nil
		}
		return &cost.Price{Input: u.Input, Output: u.Output, AsOf: u.AsOf}
	}
	return cost.Rates{Model: price(p.Model), Embedder: price(p.Embedder)}
}

// fact says what tokens cost.
func (p usagePrices) fact() page.Fact {
	words := func(u *usagePrice) string {
		switch {
		case u == nil:
			return "not known"
		case u.Input == 0 && u.Output == 0:
			return "free"
		}
		return fmt.Sprintf("%g in and %g out (prices of %s)", u.Input, u.Output, u.AsOf)
	}
	return page.Fact{Name: "US dollars a million tokens", Value: fmt.Sprintf("model %s; embedder %s", words(p.Model), words(p.Embedder))}
}

// inLastShares puts all prices into the shares of the end of the run, as far as
// they do not contain the splits yet, so that a split draws no cliff.
func inLastShares(records []backtest.Record, sessions []page.Session) {
	shares := 1.0
	for i := len(records) - 1; i >= 0; i-- {
		sessions[i].Price /= shares
		if records[i].Split != 0 {
			shares *= records[i].Split
		}
	}
}

// tradesPage gathers the fills of the test into round trips, the open one last.
func tradesPage(records []backtest.Record) []page.Trade {
	var fills []broker.Fill
	var adjustments []portfolio.Adjustment
	for _, rec := range records {
		adjustments = append(adjustments, rec.Adjustments...)
		if rec.Settled != nil && rec.Settled.Fill != nil {
			fills = append(fills, *rec.Settled.Fill)
		}
	}
	closed, open := portfolio.Trades(fills, adjustments...)
	var list []page.Trade
	for _, t := range closed {
		list = append(list, page.Trade{Side: string(t.Side), Entry: t.Entry, Exit: t.Exit, Shares: t.Shares.String(),
			EntryPrice: t.EntryPrice.String(), ExitPrice: t.ExitPrice.String(), Profit: t.PnL.String(), Return: t.Return})
	}
	if open != nil {
		list = append(list, page.Trade{Side: string(open.Side), Entry: open.Entry, Shares: open.Shares.String(),
			EntryPrice: open.EntryPrice.String(), Return: math.NaN()})
	}
	return list
}

// movesPage follows the events of the memory from layer to layer.
func movesPage(records []backtest.Record) (layers []string, moves []page.Move) {
	for _, l := range memory.Layers() {
		layers = append(layers, l.String())
	}
	at := map[string]string{} // the layer of every live event
	for _, rec := range records {
		first := len(moves) // of this session
		for _, c := range rec.Memory {
			m := page.Move{Session: rec.Session, From: at[c.ID], To: c.Layer.String()}
			switch c.Op {
			case memory.OpAdd:
				m.Op = page.Added
			case memory.OpPromote:
				m.Op = page.Promoted
			case memory.OpDemote:
				m.Op = page.Demoted
			case memory.OpPurge:
				m.Op, m.To = page.Forgotten, ""
			default:
				continue
			}
			at[c.ID] = m.To
			i := slices.IndexFunc(moves[first:], func(x page.Move) bool { return x.Op == m.Op && x.From == m.From && x.To == m.To })
			if i < 0 {
				i = len(moves) - first
				moves = append(moves, m)
			}
			moves[first+i].Events++
		}
	}
	return layers, moves
}

// readEquity reads the equity curves that writeEquity wrote back into r.
func readEquity(dir string, r report) error {
	path := filepath.Join(dir, "equity.csv")
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.FieldsPerRecord = 4
	type trader struct{ symbol, name string }
	curves := map[trader]metrics.EquityCurve{}
	for header := true; ; header = false {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if header {
			continue
		}
		line, _ := in.FieldPos(0)
		session, err := data.ParseSession(row[2])
		if err != nil {
			return fmt.Errorf("%s line %d: %w", path, line, err)
		}
		value, err := strconv.ParseFloat(row[3], 64)
		if err != nil {
			return fmt.Errorf("%s line %d: equity %q is not a number", path, line, row[3])
		}
		key := trader{row[0], row[1]}
		curves[key] = append(curves[key], metrics.Point{Session: session, Value: value})
	}
	for _, results := range [][]backtest.Result{r.Agent, r.Baselines} {
		for i := range results {
			key := trader{results[i].Symbol, results[i].Trader}
			if results[i].Curve = curves[key]; results[i].Curve == nil {
				return fmt.Errorf("%s has no rows of %s, %s, which %s has", path, key.symbol, key.name, metricsFile)
			}
		}
	}
	return nil
}
