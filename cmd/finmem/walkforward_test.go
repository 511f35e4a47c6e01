package main

import (
	"math"
	"slices"
	"strings"
	"testing"

	"finmem/backtest"
	"finmem/backtest/metrics"
	"finmem/data"
)

// B01: a split is no fall of the market, whichever way the prices are written.
func TestPriceMovesAcrossASplit(t *testing.T) {
	h := data.History{Symbol: "AAA", Bars: []data.Bar{
		data.CloseBar("2024-06-06", 400), data.CloseBar("2024-06-07", 400), data.CloseBar("2024-06-10", 102), data.CloseBar("2024-06-12", 51),
	}, Actions: []data.Action{{Session: "2024-06-10", Split: 4}}}
	moves := priceMoves(h, data.Raw)
	for s, want := range map[data.Session]float64{"2024-06-07": 0, "2024-06-10": 0.02, "2024-06-12": -0.5} {
		if got := moves[s]; math.Abs(got-want) > 1e-12 {
			t.Errorf("on %s the price moves by %v, want %v", s, got, want)
		}
	}
	if !math.IsNaN(moves["2024-06-06"]) {
		t.Errorf("before the first price there is none, and it moved by %v", moves["2024-06-06"])
	}
	if got := priceMoves(h, data.SplitAdjusted)["2024-06-10"]; math.Abs(got+0.745) > 1e-12 {
		t.Errorf("prices that are said to contain their splits are taken as they are: %v, want -0.745", got)
	}
}

// A warning of every window is said once, one of some windows with their names.
func TestWindowWarnings(t *testing.T) {
	got := windowWarnings([]report{
		{Run: "w01", Warnings: []string{"no splits", "no price on Monday"}},
		{Run: "w02", Warnings: []string{"no splits"}},
	})
	if want := []string{"no splits", "w01: no price on Monday"}; !slices.Equal(got, want) {
		t.Errorf("warnings %q, want %q", got, want)
	}
}

// Two windows: the agent makes +10 % and -10 %, buy and hold 0 % and +5 %; a file
// that says something in the first window only has no joined row.
func TestWalkJoinsWindows(t *testing.T) {
	result := func(trader string, from data.Session, last float64) backtest.Result {
		return backtest.Result{Symbol: "AAA", Trader: trader, Performance: metrics.Performance{Sessions: 2, CumulativeReturn: metrics.Figure(last/100 - 1)},
			Curve: metrics.EquityCurve{{Session: from, Value: 100}, {Session: from.AddDays(1), Value: 100}, {Session: from.AddDays(2), Value: last}}}
	}
	reports := []report{
		{Run: "w01", Agent: []backtest.Result{result(agentName, "2024-03-28", 110)},
			Baselines: []backtest.Result{result("buy and hold", "2024-03-28", 100), result("mine", "2024-03-28", 100)}},
		{Run: "w02", Agent: []backtest.Result{result(agentName, "2024-03-30", 90)}, Baselines: []backtest.Result{result("buy and hold", "2024-03-30", 105)}},
	}
	w, err := walk("AAA", reports)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(w.names, []string{agentName, "buy and hold"}) || !slices.Equal(w.partial, []string{"mine"}) {
		t.Errorf("joined %v, left out %v", w.names, w.partial)
	}
	o := walkforwardOptions{regimes: regimesByQuarter}
	o.rule.Move, o.rule.Sessions = 0.02, 2
	moves := map[data.Session]float64{"2024-03-29": 0, "2024-03-30": 0.1, "2024-03-31": -0.05, "2024-04-01": -0.05}
	s := w.joined(moves, o, metrics.Basis{PeriodsPerYear: 252})
	own := s.Traders[0]
	if got := own.CumulativeReturn; math.Abs(float64(got)+0.01) > 1e-12 { // 1.1 · 0.9 - 1
		t.Errorf("joined return %v, want -0.01", got)
	}
	if own.Sessions != 4 || own.Gained != 1 || own.Ahead != 1 || own.PerWindow.Runs != 2 || math.Abs(float64(own.PerWindow.Mean)) > 1e-12 {
		t.Errorf("%+v, want 4 sessions, one gain, one window ahead, a mean of 0 over 2", own)
	}
	if w := s.Windows; w[0].Regime != "up" || w[1].Regime != "down" || math.Abs(float64(w[1].Price)+0.0975) > 1e-12 {
		t.Errorf("windows %+v, want up, then down by 9.75 %%", w)
	}
	// The first quarter: 0, +10 and -5 %, 4.5 % in all, over a threshold of 2 %·√(3/2);
	// the second quarter is the last session.
	if q := s.Stretches; len(q) != 2 || q[0].Name != "2024Q1" || q[0].Sessions != 3 || q[0].Regime != "up" || math.Abs(float64(q[0].Price)-0.045) > 1e-12 || q[1].Regime != "down" || q[1].From != "2024-04-01" {
		t.Errorf("quarters %+v", q)
	}
	up, down := own.Regimes[0], own.Regimes[2]
	if up.Sessions != 3 || math.Abs(float64(up.CumulativeReturn)-0.1) > 1e-12 || down.Sessions != 1 || math.Abs(float64(down.CumulativeReturn)+0.1) > 1e-12 {
		t.Errorf("up %+v, down %+v; want +10 %% over 3 sessions and -10 %% over one", up, down)
	}
}

// A test that would overlap the one before cannot be joined: no session counts
// twice.
func TestWalkRefusesOverlap(t *testing.T) {
	r := backtest.Result{Symbol: "AAA", Trader: agentName, Performance: metrics.Performance{Sessions: 1},
		Curve: metrics.EquityCurve{{Session: "2024-01-02", Value: 1}, {Session: "2024-01-03", Value: 1}}}
	_, err := walk("AAA", []report{{Run: "w01", Agent: []backtest.Result{r}}, {Run: "w02", Agent: []backtest.Result{r}}})
	if err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("error = %v, want one that a session would count twice", err)
	}
}

// Repeats move the seed, and the model's where it has one, each from the first.
func TestReseeded(t *testing.T) {
	c := defaultConfig()
	if got := c.reseeded(2); got.Run.Seed != c.Run.Seed+2 || got.Model.Seed != nil {
		t.Errorf("seed %d, model's %v; want %d and none", got.Run.Seed, got.Model.Seed, c.Run.Seed+2)
	}
	seed := int64(40)
	c.Model.Seed = &seed
	if got := c.reseeded(2); *got.Model.Seed != 42 || seed != 40 {
		t.Errorf("the model's seed is %d and was made %d, want 42 and 40", *got.Model.Seed, seed)
	}
}
