package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/quagmt/udecimal"
	"github.com/spf13/cobra"

	"finmem/backtest"
	"finmem/backtest/decisions"
	"finmem/backtest/evaluation"
	"finmem/backtest/metrics"
	"finmem/backtest/protocol"
	"finmem/backtest/published"
	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/printable"
)

// An evaluateInput is all that was read: prices, decisions and stated figures of
// one symbol.
type evaluateInput struct {
	symbol   string
	from, to data.Session // as asked for
	history  data.History
	meta     data.Meta
	calendar *data.Calendar
	basis    protocol.Basis
	all      protocol.Prices // every price of the symbol
	window   protocol.Prices
	series   []evaluation.Series
	stated   []published.Row // of this symbol
	measure  metrics.Basis
	warnings []string
}

func readEvaluateInput(ctx context.Context, cmd *cobra.Command, o evaluateOptions) (*evaluateInput, error) {
	in := &evaluateInput{warnings: []string{}, symbol: o.symbol, from: data.Session(o.from), to: data.Session(o.to)}
	for _, a := range o.actions {
		x, err := readSeries(cmd, a, o.symbol)
		if err != nil {
			return nil, err
		}
		if evaluation.SameName(x.Name, evaluation.BuyAndHold) || slices.ContainsFunc(in.series, func(y evaluation.Series) bool { return evaluation.SameName(x.Name, y.Name) }) {
			return nil, usagef(cmd, "--actions: the name %q is taken; give the file another one", printable.Line(x.Name))
		}
		in.series = append(in.series, x)
	}
	if err := in.readPrices(ctx, o); err != nil {
		return nil, err
	}
	if o.stated != "" {
		rows, err := readStated(o.stated)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Symbol == "" || r.Symbol == o.symbol {
				in.stated = append(in.stated, r)
			}
		}
		if len(in.stated) == 0 {
			return nil, fmt.Errorf("%s states no figures for %s", o.stated, o.symbol)
		}
	}
	if in.from == "" || in.to == "" {
		return in, nil // a search takes the windows that are stated
	}
	in.window = in.all.Window(in.from, in.to)
	if len(in.window.Sessions) == 0 {
		return nil, fmt.Errorf("no prices for %s in [%s, %s]; %s has %s to %s", in.symbol, in.from, in.to,
			o.prices, in.all.Sessions[0], in.all.Sessions[len(in.all.Sessions)-1])
	}
	return in, in.warnWindow()
}

func readSeries(cmd *cobra.Command, value, symbol string) (evaluation.Series, error) {
	name, path, err := namedFile(cmd, "actions", value)
	if err != nil {
		return evaluation.Series{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return evaluation.Series{}, fmt.Errorf("reading decisions: %w", err)
	}
	defer f.Close()
	file, err := decisions.Read(f, path)
	if err != nil {
		return evaluation.Series{}, err
	}
	list, err := file.For(symbol)
	if err != nil {
		return evaluation.Series{}, err
	}
	return evaluation.Series{Name: name, File: path, Blank: file.Blank, Decisions: list}, nil
}

func readStated(path string) ([]published.Row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading stated figures: %w", err)
	}
	defer f.Close()
	return published.Read(f, path)
}

// readPrices reads the prices in whatever form they are.
func (in *evaluateInput) readPrices(ctx context.Context, o evaluateOptions) error {
	var calendar *data.Calendar
	var err error
	if o.calendar != "" {
		if calendar, err = data.CalendarByName(o.calendar); err != nil {
			return err
		}
	}
	var notes []string
	if in.history, in.meta, notes, err = readHistory(ctx, o.prices, o.symbol, calendar); err != nil {
		return fmt.Errorf("reading prices: %w", err)
	}
	for _, n := range notes {
		in.warnings = append(in.warnings, o.prices+": "+n)
	}
	if len(in.history.Bars) == 0 {
		return fmt.Errorf("%s has no prices for %s", o.prices, o.symbol)
	}
	if in.calendar = calendar; calendar == nil {
		if in.calendar, err = data.CalendarByName(in.meta.Calendar); err != nil {
			return err
		}
	}
	in.measure = metrics.Basis{RiskFree: o.riskFree, PeriodsPerYear: backtest.PeriodsPerYear(in.calendar.Name())}
	in.basis = protocol.Basis(o.price)
	if o.price == "" {
		in.basis = protocol.Close
		if o.protocol != "broker" && protocol.HasAdjClose(in.history.Bars) {
			in.basis = protocol.AdjClose
		}
	}
	bars := in.history.Bars
	if in.meta.Adjustment == data.Raw && o.protocol != "broker" && in.basis == protocol.Close {
		// These protocols hold units, not shares: a split must not look like a loss.
		bars = data.RestateBars(bars, in.history.Actions, bars[len(bars)-1].Session)
		in.warnings = append(in.warnings, "prices are as traded: those before a split are counted in the shares after it, dividends are left out")
	}
	in.all, err = protocol.FromBars(bars, in.basis)
	return err
}

// readHistory reads one symbol from a dataset folder or a file of another
// program, which is told by its content.
func readHistory(ctx context.Context, path, symbol string, calendar *data.Calendar) (data.History, data.Meta, []string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return data.History{}, data.Meta{}, nil, err
	}
	if info.IsDir() {
		ds, err := data.ReadDataset(ctx, path, symbol)
		if err != nil {
			return data.History{}, data.Meta{}, nil, err
		}
		h, err := ds.History(symbol)
		return h, ds.Meta, nil, err
	}
	r, err := importPrices(ctx, path, symbol, calendar)
	if err != nil {
		return data.History{}, data.Meta{}, nil, err
	}
	var notes []string
	if n := len(r.Report.Skipped); n > 0 {
		notes = append(notes, fmt.Sprintf("%s skipped, the first: %s", count(n, "record"), r.Report.Skipped[0]))
	}
	return r.History, r.Meta, notes, nil
}

func importPrices(ctx context.Context, path, symbol string, calendar *data.Calendar) (importer.Result, error) {
	ask := importAsk{calendar: calendar, prices: importer.CSVOptions{Calendar: calendar}}
	f, err := tellFormat(path)
	if err != nil || f.format.own {
		// The importer of tables says what is missing.
		return importer.CSV(ctx, path, symbol, ask.prices)
	}
	results, err := f.format.read(ctx, path, []string{symbol}, ask)
	if err != nil {
		if f.format.prices && strings.Contains(err.Error(), " --") {
			err = hinted{err, "finmem data import has these flags; then give the dataset folder to --prices"}
		}
		return importer.Result{}, err
	}
	return results[0], nil
}

// warnWindow says what a reader has to know of the window: sessions without a
// price, and tables that are known to hold on another one.
func (in *evaluateInput) warnWindow() error {
	first, last := in.window.Sessions[0], in.window.Sessions[len(in.window.Sessions)-1]
	sessions, err := in.calendar.Range(in.from, in.to)
	if err != nil {
		return err
	}
	var missing []data.Session
	for _, s := range sessions {
		if _, ok := slices.BinarySearch(in.window.Sessions, s); !ok {
			missing = append(missing, s)
		}
	}
	if len(missing) > 0 {
		in.warn("no price on %s of the window (%s); returns reach across", count(len(missing), "session"), span(missing))
	}
	for _, k := range published.KnownWindows() {
		switch {
		case k.Symbol != in.symbol:
		case k.From == first && k.To == last:
			in.warn("%s states the window %s to %s; its figures for %s hold on this one", k.Source, k.StatedFrom, k.StatedTo, k.Symbol)
		case (k.StatedFrom == in.from || k.StatedFrom == first) && (k.StatedTo == in.to || k.StatedTo == last):
			in.warn("%s states this window, but its figures for %s hold on %s to %s", k.Source, k.Symbol, k.From, k.To)
		}
	}
	return nil
}

func (in *evaluateInput) warn(format string, a ...any) {
	in.warnings = append(in.warnings, fmt.Sprintf(format, a...))
}

// request is what was read and asked for, ready to score.
func (in *evaluateInput) request(cmd *cobra.Command, o evaluateOptions) (evaluation.Request, error) {
	cash, err := udecimal.Parse(o.cash)
	if err != nil || !cash.IsPos() {
		return evaluation.Request{}, usagef(cmd, "--cash %q: want an amount of money above zero", o.cash)
	}
	lot, err := udecimal.Parse(o.lot)
	if err != nil || !lot.IsPos() {
		return evaluation.Request{}, usagef(cmd, "--lot %q: want a number of shares above zero", o.lot)
	}
	if o.protocol == string(evaluation.Broker) {
		in.warnBroker()
	}
	return evaluation.Request{
		Symbol: in.symbol, Protocol: evaluation.Protocol(o.protocol), Prices: in.window, Price: in.basis, Fill: protocol.Fill(o.fill),
		CommissionBps: o.costBps, SlippageBps: o.slippageBps, Short: o.short,
		Series: in.series, Stated: in.stated, Tolerance: o.tolerance,
		Basis: in.measure, Seed: o.seed, Resamples: o.resamples, Trials: o.trials,
		Account: evaluation.Account{Cash: cash, Lot: lot},
		Market:  evaluation.Market{History: in.history, Calendar: in.calendar, Adjustment: in.meta.Adjustment},
	}, nil
}

// warnBroker says what the prices keep from being paid or filled as in a market.
func (in *evaluateInput) warnBroker() {
	if in.meta.PriceKind == data.CloseOnly {
		in.warn("there is one price a session: orders fill at the next session's close, not at its open")
	}
	switch {
	case in.meta.Adjustment == data.UnknownAdjustment:
		in.warn("the prices do not say whether they contain splits and dividends: none are added")
	case in.meta.Adjustment != data.TotalReturn && len(in.history.Actions) == 0:
		in.warn("the prices do not contain dividends and bring none: none are paid")
	}
}
