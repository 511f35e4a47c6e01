package main

import (
	"fmt"
	"slices"

	"finmem/backtest"
	"finmem/backtest/baseline"
	"finmem/backtest/experiment"
	"finmem/backtest/metrics"
	"finmem/backtest/significance"
	"finmem/data"
)

// A walkforwardReport is the content of walkforward.json.
type walkforwardReport struct {
	Finmem      string      `json:"finmem"`
	Name        string      `json:"name"`
	Dataset     string      `json:"dataset"`
	Synthetic   bool        `json:"synthetic"`
	Model       string      `json:"model"`
	Embedder    string      `json:"embedder"`
	Memory      string      `json:"memory"`
	Seed        uint64      `json:"seed"`
	Train       int         `json:"train"` // sessions
	Test        int         `json:"test"`
	Step        int         `json:"step"`
	Conventions conventions `json:"conventions"`
	// Regimes says what they are told from, window or quarter, and by which rule.
	Regimes  string          `json:"regimesBy"`
	Rule     experiment.Rule `json:"regimeRule"`
	Windows  []walkWindow    `json:"windows"`
	Symbols  []walkSymbol    `json:"symbols"`
	Warnings []string        `json:"warnings"`
}

// A walkWindow is one of the runs.
type walkWindow struct {
	Run      string `json:"run"`
	Window   window `json:"window"`
	Sessions int    `json:"sessions"` // scored
	Digest   string `json:"digest"`
}

// A walkSymbol is the joined tests of one symbol.
type walkSymbol struct {
	Symbol string `json:"symbol"`
	// Windows has a row per window.
	Windows []walkRow `json:"windows"`
	// Stretches are what the regimes were told from.
	Stretches []walkStretch `json:"stretches"`
	Traders   []walkTrader  `json:"traders"`
}

// A walkRow is what one window came to.
type walkRow struct {
	Run string `json:"run"`
	// Price is the move of the price from close to close, over all scored
	// sessions, the first included.
	Price     metrics.Figure `json:"price"`
	Regime    string         `json:"regime"` // of the window, whatever Regimes says
	Returns   []walkReturn   `json:"returns"`
	ErrorDays int            `json:"errorDays"` // of the agent
}

type walkReturn struct {
	Trader           string         `json:"trader"`
	CumulativeReturn metrics.Figure `json:"cumulativeReturn"`
	Sharpe           metrics.Figure `json:"sharpe"`
}

type walkStretch struct {
	Name     string         `json:"name"`
	From     data.Session   `json:"from"`
	To       data.Session   `json:"to"`
	Sessions int            `json:"sessions"`
	Price    metrics.Figure `json:"price"`
	Regime   string         `json:"regime"` // up, side, down, or "" where the move is not known
}

// A walkTrader is one trader's curve over all windows.
type walkTrader struct {
	Trader string `json:"trader"`
	// Performance is that of the joined curve.
	metrics.Performance
	// Relative is against the joined curve of buy and hold; so is WilcoxonP, on
	// the daily returns.
	Relative  metrics.Relative `json:"relative"`
	WilcoxonP metrics.Figure   `json:"wilcoxonP"`
	// PerWindow is the spread of the windows' returns; Gained counts the windows
	// with a gain, Ahead those with more than buy and hold.
	PerWindow experiment.Spread      `json:"perWindow"`
	Gained    int                    `json:"windowsGained"`
	Ahead     int                    `json:"windowsAhead"`
	Trades    int                    `json:"trades"`
	ErrorDays int                    `json:"errorDays"`
	Fees      float64                `json:"fees"`
	Regimes   []experiment.RegimeRow `json:"regimes"`

	curve metrics.EquityCurve
}

// join makes one result of the windows'.
func (p *schedule) join(reports []report, o walkforwardOptions) (walkforwardReport, error) {
	first := reports[0]
	out := walkforwardReport{Finmem: version, Name: p.name, Dataset: first.Dataset, Synthetic: first.Synthetic, Model: first.Model,
		Embedder: first.Embedder, Memory: first.Memory, Seed: first.Seed, Train: o.train, Test: o.test, Step: o.step,
		Conventions: first.Conventions, Regimes: o.regimes, Rule: o.rule, Warnings: append(p.warnings, windowWarnings(reports)...)}
	for _, r := range reports {
		out.Windows = append(out.Windows, walkWindow{Run: r.Run, Window: r.Window, Sessions: r.Agent[0].Sessions, Digest: r.Digest})
	}
	basis := metrics.Basis{RiskFree: first.Conventions.RiskFree, PeriodsPerYear: first.Conventions.PeriodsPerYear}
	for _, symbol := range p.symbols {
		walked, err := walk(symbol, reports)
		if err != nil {
			return out, fmt.Errorf("joining the windows of %s: %w", symbol, err)
		}
		for _, name := range walked.partial {
			out.Warnings = append(out.Warnings, fmt.Sprintf("%s is not in every window of %s, so it has no joined row", name, symbol))
		}
		out.Symbols = append(out.Symbols, walked.joined(p.moves[symbol], o, basis))
	}
	return out, nil
}

// windowWarnings are those of all windows; one that several have is said once.
func windowWarnings(reports []report) []string {
	warnings := []string{}
	for _, r := range reports {
		for _, w := range r.Warnings {
			if slices.ContainsFunc(reports, func(x report) bool { return !slices.Contains(x.Warnings, w) }) {
				w = r.Run + ": " + w
			}
			if !slices.Contains(warnings, w) {
				warnings = append(warnings, w)
			}
		}
	}
	return warnings
}

// resultsOf are all results on a symbol in one window, the agent's first.
func (r report) resultsOf(symbol string) []backtest.Result {
	var list []backtest.Result
	for _, results := range [][]backtest.Result{r.Agent, r.Baselines} {
		for _, x := range results {
			if x.Symbol == symbol {
				list = append(list, x)
			}
		}
	}
	return list
}

// walked are the results on one symbol over all windows.
type walked struct {
	symbol  string
	names   []string                       // of the traders that are in every window, the agent first
	partial []string                       // of the others
	results map[string][]backtest.Result   // by trader, window by window
	curves  map[string]metrics.EquityCurve // joined
	windows []experiment.Span              // where each window lies in the joined sessions
}

func walk(symbol string, reports []report) (walked, error) {
	w := walked{symbol: symbol, results: map[string][]backtest.Result{}, curves: map[string]metrics.EquityCurve{}}
	var all []string
	scored := 0
	for _, r := range reports {
		results := r.resultsOf(symbol)
		for _, x := range results {
			if len(w.results[x.Trader]) == 0 {
				all = append(all, x.Trader)
			}
			w.results[x.Trader] = append(w.results[x.Trader], x)
		}
		w.windows = append(w.windows, experiment.Span{Name: r.Run, From: scored, To: scored + results[0].Sessions})
		scored += results[0].Sessions
	}
	for _, name := range all {
		if len(w.results[name]) < len(reports) {
			w.partial = append(w.partial, name)
			continue
		}
		w.names = append(w.names, name)
		var parts []metrics.EquityCurve
		for _, x := range w.results[name] {
			parts = append(parts, x.Curve)
		}
		var err error
		if w.curves[name], err = experiment.Join(parts...); err != nil {
			return w, fmt.Errorf("%s: %w", name, err)
		}
	}
	return w, nil
}

// joined measures what was collected. moves are the price's returns by session.
func (w walked) joined(moves map[data.Session]float64, o walkforwardOptions, basis metrics.Basis) walkSymbol {
	s := walkSymbol{Symbol: w.symbol}
	sessions := w.curves[agentName].Sessions()
	market := make([]float64, len(sessions))
	for i, session := range sessions {
		market[i] = moves[session] // without a price it stands still: 0
	}
	for i, stretch := range o.rule.Classify(w.windows, market) {
		row := walkRow{Run: stretch.Span.Name, Price: metrics.Figure(stretch.Move), Regime: string(stretch.Regime), ErrorDays: w.results[agentName][i].ErrorDays}
		for _, name := range w.names {
			x := w.results[name][i]
			row.Returns = append(row.Returns, walkReturn{name, x.CumulativeReturn, x.Sharpe})
		}
		s.Windows = append(s.Windows, row)
	}
	spans := w.windows
	if o.regimes == regimesByQuarter {
		spans = experiment.Quarters(sessions)
	}
	stretches := o.rule.Classify(spans, market)
	for _, x := range stretches {
		s.Stretches = append(s.Stretches, walkStretch{Name: x.Span.Name, From: sessions[x.Span.From], To: sessions[x.Span.To-1],
			Sessions: x.Span.To - x.Span.From, Price: metrics.Figure(x.Move), Regime: string(x.Regime)})
	}
	for _, name := range w.names {
		t := w.trader(name, basis)
		t.Regimes = experiment.ByRegime(stretches, metrics.Returns(t.curve.Values()), market, basis)
		s.Traders = append(s.Traders, t)
	}
	return s
}

// trader measures one trader's joined curve, against that of buy and hold.
func (w walked) trader(name string, basis metrics.Basis) walkTrader {
	benchmark := baseline.BuyAndHold{}.Name()
	own, held := metrics.Returns(w.curves[name].Values()), metrics.Returns(w.curves[benchmark].Values())
	t := walkTrader{Trader: name, Performance: metrics.Measure(w.curves[name], basis), Relative: metrics.Compare(own, held, basis),
		WilcoxonP: metrics.Figure(significance.Wilcoxon(own, held).P), curve: w.curves[name]}
	var each []metrics.Figure
	for i, x := range w.results[name] {
		each = append(each, x.CumulativeReturn)
		if x.CumulativeReturn > 0 {
			t.Gained++
		}
		if x.CumulativeReturn > w.results[benchmark][i].CumulativeReturn {
			t.Ahead++
		}
		t.Trades, t.ErrorDays, t.Fees = t.Trades+x.Trades, t.ErrorDays+x.ErrorDays, t.Fees+x.Fees
	}
	t.PerWindow = experiment.SpreadOf(each)
	return t
}
