package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/experiment"
	"finmem/backtest/metrics"
	"finmem/backtest/significance"
	"finmem/internal/nearest"
)

// A compareReport is what compare --json prints.
type compareReport struct {
	Finmem   string              `json:"finmem"`
	RankedBy string              `json:"rankedBy"`
	Runs     []comparedRun       `json:"runs"`
	Symbols  []comparedSymbol    `json:"symbols"`
	Settings []differingSettings `json:"settings"`
	Warnings []string            `json:"warnings"`
}

// A comparedRun names one of the runs and what it rests on.
type comparedRun struct {
	Run         string      `json:"run"`
	Dataset     string      `json:"dataset"`
	Synthetic   bool        `json:"synthetic"`
	Model       string      `json:"model"`
	Embedder    string      `json:"embedder"`
	Memory      string      `json:"memory"`
	Seed        uint64      `json:"seed"`
	Window      window      `json:"window"`
	Conventions conventions `json:"conventions"`
	Digest      string      `json:"digest"`
}

// differingSettings is a setting that is not the same in all runs, by run.
type differingSettings struct {
	Setting string            `json:"setting"`
	Values  map[string]string `json:"values"`
}

type comparedSymbol struct {
	Symbol string        `json:"symbol"`
	Rows   []comparedRow `json:"rows"`
	Pairs  []pair        `json:"pairs"`
}

// A comparedRow is one trader: the agent of a run, a trader that the first run
// was compared with, or an outside agent.
type comparedRow struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // run, baseline or outside
	// DiffersIn is what keeps the row from being ranked with the first, empty for
	// a row that is ranked.
	DiffersIn []string `json:"differsIn"`
	// Rank counts from 1 among the rows that do not differ; null for the others
	// and where the figure is undefined.
	Rank   *int            `json:"rank"`
	Result backtest.Result `json:"result"`

	settings map[string]string
	decided  []agent.Action // nil where they are not known
}

// A pair is two rows held against each other on the same sessions.
type pair struct {
	A string `json:"a"`
	B string `json:"b"`
	// Difference is the cumulative return of a less that of b.
	Difference metrics.Figure `json:"difference"`
	// Statistic, P, Pairs and Exact are of the signed-rank test on the daily
	// returns; Holm is P corrected for all pairs of the symbol.
	Statistic metrics.Figure `json:"statistic"`
	P         metrics.Figure `json:"p"`
	Holm      metrics.Figure `json:"holm"`
	Pairs     int            `json:"pairs"`
	Exact     bool           `json:"exact"`
	// Agreement is of their decisions, null where one's are not known.
	Agreement *experiment.Agreement `json:"agreement"`
}

const (
	kindRun      = "run"
	kindBaseline = "baseline"
	kindOutside  = "outside"
)

// grounds are the settings that results have to share to be ranked: on other
// sessions, data or costs they say nothing about who is better. The settings of a
// symbol's data are added to them.
var grounds = []struct {
	name     string
	settings []string
}{
	{"warm-up window", []string{"window.warmup_from"}},
	{"test window", []string{"window.from", "window.to"}},
	{"data", []string{"dataset.adjustment", "dataset.calendar", "dataset.price_kind"}},
	{"costs", []string{"broker.commission_bps", "broker.slippage_bps"}},
	{"cash and sizes", []string{"broker.cash", "broker.lot", "broker.target_weight", "broker.short"}},
	{"risk limits", []string{"limits.vol_target", "limits.max_weight", "limits.cool_down", "limits.drawdown_stop", "limits.stop_sessions"}},
	{"risk-free rate", []string{"run.risk_free"}},
}

// incomparable names what keeps two runs' results on a symbol from being ranked.
func incomparable(a, b map[string]string, symbol string) []string {
	differs := []string{}
	for _, g := range grounds {
		settings := g.settings
		if g.name == "data" {
			settings = append(settings[:len(settings):len(settings)], "content of the data of "+symbol)
		}
		if slices.ContainsFunc(settings, func(s string) bool { return a[s] != b[s] }) {
			differs = append(differs, g.name)
		}
	}
	return differs
}

// rankings are the figures to rank by; less is better where falling is set.
var rankings = []struct {
	name    string
	of      func(backtest.Result) metrics.Figure
	falling bool
}{
	{"sharpe", func(r backtest.Result) metrics.Figure { return r.Sharpe }, false},
	{"return", func(r backtest.Result) metrics.Figure { return r.CumulativeReturn }, false},
	{"sortino", func(r backtest.Result) metrics.Figure { return r.Sortino }, false},
	{"calmar", func(r backtest.Result) metrics.Figure { return r.Calmar }, false},
	{"drawdown", func(r backtest.Result) metrics.Figure { return r.MaxDrawdown }, true},
}

func rankNames() []string {
	var names []string
	for _, r := range rankings {
		names = append(names, r.name)
	}
	return names
}

// findRank is the place of a figure in rankings.
func findRank(name string) (int, error) {
	if i := slices.Index(rankNames(), name); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("%q%s: want one of %s", name, nearest.Hint(name, rankNames()), strings.Join(rankNames(), ", "))
}

// compareRuns puts runs and outside agents side by side. The first run is what
// the others have to be comparable with.
func compareRuns(runs []keptRun, outside []outsideResult, by int) compareReport {
	out := compareReport{Finmem: version, RankedBy: rankings[by].name, Symbols: []comparedSymbol{}, Settings: differing(runs), Warnings: []string{}}
	var symbols []string
	for _, r := range runs {
		out.Runs = append(out.Runs, comparedRun{Run: r.name, Dataset: r.report.Dataset, Synthetic: r.report.Synthetic, Model: r.report.Model,
			Embedder: r.report.Embedder, Memory: r.report.Memory, Seed: r.report.Seed, Window: r.report.Window, Conventions: r.report.Conventions, Digest: r.report.Digest})
		for _, a := range r.report.Agent {
			symbols = append(symbols, a.Symbol)
		}
		for _, w := range r.report.Warnings {
			out.Warnings = append(out.Warnings, r.name+": "+w)
		}
	}
	slices.Sort(symbols)
	for _, symbol := range slices.Compact(symbols) {
		rows := rowsOf(runs, outside, symbol)
		rank(rows, by)
		out.Symbols = append(out.Symbols, comparedSymbol{Symbol: symbol, Rows: rows, Pairs: pairs(rows, symbol)})
	}
	return out
}

// rowsOf are the rows of a symbol: the runs, the outside agents, and what the
// first run about the symbol was compared with.
func rowsOf(runs []keptRun, outside []outsideResult, symbol string) []comparedRow {
	var rows, baselines []comparedRow
	for _, run := range runs {
		for _, a := range run.report.Agent {
			if a.Symbol != symbol {
				continue
			}
			rows = append(rows, comparedRow{Name: run.name, Kind: kindRun, Result: a, settings: run.settings, decided: run.decided[symbol]})
			if len(rows) > 1 {
				continue
			}
			for _, b := range run.report.Baselines {
				if b.Symbol == symbol {
					baselines = append(baselines, comparedRow{Name: b.Trader, Kind: kindBaseline, Result: b, settings: run.settings})
				}
			}
		}
	}
	for _, o := range outside {
		if o.result.Symbol == symbol {
			rows = append(rows, comparedRow{Name: o.result.Trader, Kind: kindOutside, Result: o.result, settings: runs[0].settings, decided: o.decided})
		}
	}
	rows = append(rows, baselines...)
	for i := range rows {
		rows[i].DiffersIn = incomparable(rows[0].settings, rows[i].settings, symbol)
	}
	return rows
}

// rank numbers the rows that do not differ from the first; equal figures share a
// rank.
func rank(rows []comparedRow, by int) {
	better := func(a, b metrics.Figure) bool {
		if rankings[by].falling {
			return a < b
		}
		return a > b
	}
	for i := range rows {
		own := rankings[by].of(rows[i].Result)
		if len(rows[i].DiffersIn) > 0 || !own.Defined() {
			continue
		}
		place := 1
		for _, r := range rows {
			other := rankings[by].of(r.Result)
			if len(r.DiffersIn) == 0 && other.Defined() && better(other, own) {
				place++
			}
		}
		rows[i].Rank = &place
	}
}

// pairs holds every two rows against each other that share their grounds, but for
// two baselines.
func pairs(rows []comparedRow, symbol string) []pair {
	out := []pair{}
	var p []float64
	for i, a := range rows {
		for _, b := range rows[i+1:] {
			if a.Kind == kindBaseline && b.Kind == kindBaseline || len(incomparable(a.settings, b.settings, symbol)) > 0 {
				continue
			}
			w := significance.Wilcoxon(metrics.Returns(a.Result.Curve.Values()), metrics.Returns(b.Result.Curve.Values()))
			x := pair{A: a.Name, B: b.Name, Difference: a.Result.CumulativeReturn - b.Result.CumulativeReturn,
				Statistic: metrics.Figure(w.Statistic), P: metrics.Figure(w.P), Pairs: w.Pairs, Exact: w.Exact}
			if a.decided != nil && b.decided != nil {
				agreement := experiment.Agree(a.decided, b.decided)
				x.Agreement = &agreement
			}
			out, p = append(out, x), append(p, w.P)
		}
	}
	for i, h := range experiment.Holm(p) {
		out[i].Holm = metrics.Figure(h)
	}
	return out
}

// differing lists the settings that are not the same in all runs, without those
// that follow from others.
func differing(runs []keptRun) []differingSettings {
	all := map[string]bool{}
	for _, r := range runs {
		for k := range r.settings {
			all[k] = true
		}
	}
	list := []differingSettings{}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		d := differingSettings{Setting: k, Values: map[string]string{}}
		same := true
		for _, r := range runs {
			d.Values[r.name] = r.settings[k]
			same = same && r.settings[k] == runs[0].settings[k]
		}
		if !same {
			list = append(list, d)
		}
	}
	return list
}
