package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"finmem/backtest/evaluation"
	"finmem/backtest/protocol"
	"finmem/data"
)

type evaluateOptions struct {
	prices, symbol, from, to string
	actions, equity          []string
	protocol, fill, price    string
	costBps, slippageBps     float64
	short                    bool
	cash, lot                string
	initial, riskFree        float64
	calendar                 string
	stated                   string
	windowSearch             bool
	reach                    int
	tolerance                float64
	seed                     uint64
	resamples, trials        int
	detail, json             bool
}

func newEvaluateCmd(s *streams) *cobra.Command {
	var o evaluateOptions
	cmd := &cobra.Command{
		Use:   "evaluate",
		Short: "Score decisions or equity curves from files",
		Long: `evaluate scores decisions that were taken elsewhere, from CSV files with a date and
an action, on given prices, and says how far the result may be luck.

Protocols: broker fills shares at the next open and pays costs; carry keeps a
position of one unit until it is sold; finmem is the FinMem paper's accounting,
log rewards with hold flat and sell short. docs/protocols.md has the formulas,
docs/metrics.md those of the figures.

With --stated it holds published figures against its own; with --window-search it
finds the window near the stated one on which they come out. With --equity it
measures equity curves instead of decisions.`,
		Example: `  finmem evaluate --prices TSLA.csv --symbol TSLA --from 2022-10-10 --to 2023-04-06 \
     --protocol finmem --actions finmem=finmem.csv --actions dqn=dqn.csv
  finmem evaluate --prices ds --symbol TSLA --from 2026-01-02 --to 2026-06-01 --actions mine.csv
  finmem evaluate --equity run=equity.csv --initial 100000`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runEvaluate(cmd.Context(), cmd, s, o) },
	}
	broker := defaultConfig().Broker
	f := cmd.Flags()
	f.StringArrayVar(&o.actions, "actions", nil, "`name=file` of decisions in CSV; repeatable. The name may be left out")
	f.StringVar(&o.prices, "prices", "", "`file` of daily prices in CSV, FinMem pickle (.pkl) or INVESTOR-BENCH JSON (.json), or a dataset folder")
	f.StringVar(&o.symbol, "symbol", "", "`symbol` that is traded")
	f.StringVar(&o.from, "from", "", "first `date` of the window")
	f.StringVar(&o.to, "to", "", "last `date` of the window")
	f.StringVar(&o.protocol, "protocol", "broker", "what decisions mean and how they are paid: broker, carry or finmem")
	f.StringVar(&o.fill, "fill", "", "close or next-open; default next-open for broker, close for the others")
	f.StringVar(&o.price, "price", "", "close or adj-close; default adj-close for carry and finmem where the prices have it")
	f.Float64Var(&o.costBps, "cost-bps", 0, fmt.Sprintf("commission per side in basis points; default %g for broker", broker.CommissionBps))
	f.Float64Var(&o.slippageBps, "slippage-bps", 0, fmt.Sprintf("slippage per side in basis points; default %g for broker", broker.SlippageBps))
	f.BoolVar(&o.short, "short", false, "let a sell go short instead of flat (broker, carry)")
	f.StringVar(&o.cash, "cash", broker.Cash, "initial cash (broker)")
	f.StringVar(&o.lot, "lot", broker.Lot, "smallest number of shares that trades (broker)")
	f.Float64Var(&o.riskFree, "risk-free", 0, "risk-free rate per year, as a fraction")
	f.StringVar(&o.calendar, "calendar", "", "NYSE or 24/7; default found out from the prices, NYSE for equity curves")
	f.StringVar(&o.stated, "stated", "", "`file` of published figures, JSON or CSV, to hold against ours by name and symbol")
	f.BoolVar(&o.windowSearch, "window-search", false, "find the windows on which the --stated figures come out")
	f.IntVar(&o.reach, "reach", 12, "sessions that either end of the window may move in the search")
	f.Float64Var(&o.tolerance, "tolerance", 5e-6, "difference up to which a stated figure agrees")
	f.StringArrayVar(&o.equity, "equity", nil, "`name=file` of equity curves in CSV, a column each, to measure instead of decisions; repeatable")
	f.Float64Var(&o.initial, "initial", math.NaN(), "value before the first row of --equity; default the first row is it")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the bootstrap")
	f.IntVar(&o.resamples, "resamples", 2000, "resamples of the bootstrap")
	f.IntVar(&o.trials, "trials", 0, "variants that were tried in all, for the deflated Sharpe ratio; default the number of rows")
	f.BoolVar(&o.detail, "detail", false, "show every figure of every row, months and drawdowns too")
	f.BoolVar(&o.json, "json", false, "print the results as JSON")
	return cmd
}

// An evaluateReport is what --json prints.
type evaluateReport struct {
	Finmem string `json:"finmem"`
	Prices string `json:"prices"`
	evaluation.Evaluation
}

func runEvaluate(ctx context.Context, cmd *cobra.Command, s *streams, o evaluateOptions) error {
	if err := o.check(cmd); err != nil {
		return err
	}
	if len(o.equity) > 0 {
		return evaluateEquity(s, cmd, o)
	}
	in, err := readEvaluateInput(ctx, cmd, o)
	if err != nil {
		return err
	}
	if o.windowSearch {
		return searchWindows(s, in, o)
	}
	request, err := in.request(cmd, o)
	if err != nil {
		return err
	}
	e, err := evaluation.Run(ctx, request)
	if err != nil {
		return err
	}
	e.Warnings = append(in.warnings, e.Warnings...)
	if o.json {
		return writeJSON(s.out, evaluateReport{Finmem: version, Prices: o.prices, Evaluation: e})
	}
	printEvaluation(s.out, e, o)
	return nil
}

// check refuses flags that do not go together, before any file is read, and
// completes what depends on the protocol.
func (o *evaluateOptions) check(cmd *cobra.Command) error {
	if _, err := evaluation.ParseProtocol(o.protocol); err != nil {
		return usagef(cmd, "--protocol: %v", err)
	}
	if !(o.resamples >= 0 && o.resamples <= 1_000_000) {
		return usagef(cmd, "--resamples %d: want 0 to 1000000", o.resamples)
	}
	if !(o.reach >= 0 && o.reach <= 250) {
		return usagef(cmd, "--reach %d: want 0 to 250 sessions", o.reach)
	}
	if !(o.tolerance >= 0) || !(o.riskFree > -1) || math.IsInf(o.tolerance+o.riskFree, 0) || o.trials < 0 {
		return usagef(cmd, "--tolerance %g, --risk-free %g, --trials %d: want a tolerance of 0 or more, a rate above -1 and trials of 0 or more", o.tolerance, o.riskFree, o.trials)
	}
	if o.calendar != "" {
		if _, err := data.CalendarByName(o.calendar); err != nil {
			return usagef(cmd, "--calendar: %v", err)
		}
	}
	if len(o.equity) > 0 {
		if len(o.actions) > 0 || o.windowSearch || o.prices != "" {
			return usagef(cmd, "--equity measures curves as they are: leave out --actions, --prices and --window-search")
		}
		return nil
	}
	if cmd.Flags().Changed("initial") {
		return usagef(cmd, "--initial goes with --equity; the cash of protocol broker is --cash")
	}
	return o.checkDecisions(cmd)
}

func (o *evaluateOptions) checkDecisions(cmd *cobra.Command) error {
	if o.windowSearch && o.stated == "" {
		return usagef(cmd, "--window-search needs --stated: the figures to find")
	}
	if len(o.actions) == 0 && !o.windowSearch {
		return usagef(cmd, "--actions is needed: name=file of the decisions; or --equity for curves")
	}
	for _, need := range []struct{ flag, value, what string }{
		{"prices", o.prices, "the prices that the decisions were taken on"},
		{"symbol", o.symbol, "the symbol that is traded"},
		{"from", o.from, "the first date of the window"},
		{"to", o.to, "the last date of the window"},
	} {
		window := need.flag == "from" || need.flag == "to"
		if need.value == "" && !(window && o.windowSearch) {
			return usagef(cmd, "--%s is needed: %s", need.flag, need.what)
		}
	}
	symbol, err := data.Canonical(o.symbol)
	if err != nil {
		return usagef(cmd, "--symbol: %v", err)
	}
	o.symbol = symbol
	for _, date := range []struct{ flag, value string }{{"from", o.from}, {"to", o.to}} {
		if _, err := data.ParseSession(date.value); date.value != "" && err != nil {
			return usagef(cmd, "--%s: %v", date.flag, err)
		}
	}
	if o.from != "" && o.to != "" && o.from > o.to {
		return usagef(cmd, "--from %s is after --to %s", o.from, o.to)
	}
	if o.price != "" {
		if _, err := protocol.ParseBasis(o.price); err != nil {
			return usagef(cmd, "--price: %v", err)
		}
	}
	return o.checkExecution(cmd)
}

// checkExecution completes fill and costs by what the protocol is.
func (o *evaluateOptions) checkExecution(cmd *cobra.Command) error {
	broker := o.protocol == "broker"
	if o.windowSearch && broker {
		return usagef(cmd, "--window-search needs --protocol finmem or carry: published tables of unit positions")
	}
	if o.fill == "" {
		o.fill = string(protocol.SameClose)
		if broker {
			o.fill = string(protocol.NextOpen)
		}
	}
	fill, err := protocol.ParseFill(o.fill)
	if err != nil {
		return usagef(cmd, "--fill: %v", err)
	}
	if broker && fill == protocol.SameClose {
		return usagef(cmd, "protocol broker fills after the decision: --fill close is for carry and finmem")
	}
	if broker && o.price == string(protocol.AdjClose) {
		return usagef(cmd, "protocol broker trades at the prices as they are: --price adj-close is for carry and finmem")
	}
	if o.short && o.protocol == "finmem" {
		return usagef(cmd, "protocol finmem sells short by its own rule: --short is for broker and carry")
	}
	defaults := defaultConfig().Broker
	if broker && !cmd.Flags().Changed("cost-bps") {
		o.costBps = defaults.CommissionBps
	}
	if broker && !cmd.Flags().Changed("slippage-bps") {
		o.slippageBps = defaults.SlippageBps
	}
	for _, cost := range []struct {
		flag string
		bps  float64
	}{{"cost-bps", o.costBps}, {"slippage-bps", o.slippageBps}} {
		if !(cost.bps >= 0 && cost.bps < 10_000) {
			return usagef(cmd, "--%s %g: want 0 to below 10000 basis points", cost.flag, cost.bps)
		}
	}
	return nil
}

// namedFile splits name=file; without a name it is the file's, less its ending.
func namedFile(cmd *cobra.Command, flag, value string) (name, path string, err error) {
	name, path, ok := strings.Cut(value, "=")
	if !ok {
		path = value
		name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	if name = strings.TrimSpace(name); name == "" || path == "" {
		return "", "", usagef(cmd, "--%s %q: want name=file", flag, value)
	}
	return name, path, nil
}
