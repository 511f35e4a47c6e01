package main

import (
	"maps"
	"math"
	"slices"
	"testing"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/metrics"
	"finmem/data"
)

// Each setting that keeps two results from being ranked is named; those that make
// one agent another are no reason.
func TestIncomparable(t *testing.T) {
	c := defaultConfig()
	settings, err := c.settings()
	if err != nil {
		t.Fatal(err)
	}
	settings["content of the data of AAA"], settings["content of the data of BBB"] = "1", "2"
	for setting, want := range map[string][]string{
		"window.warmup_from":         {"warm-up window"},
		"window.from":                {"test window"},
		"window.to":                  {"test window"},
		"dataset.adjustment":         {"data"},
		"content of the data of AAA": {"data"},
		"content of the data of BBB": {}, // another symbol's
		"broker.commission_bps":      {"costs"},
		"broker.cash":                {"cash and sizes"},
		"broker.short":               {"cash and sizes"},
		"limits.max_weight":          {"risk limits"},
		"run.risk_free":              {"risk-free rate"},
		"run.seed":                   {},
		"model.name":                 {},
		"memory.top_k":               {},
		"version":                    {},
	} {
		other := maps.Clone(settings)
		other[setting] = "something else"
		if got := incomparable(settings, other, "AAA"); !slices.Equal(got, want) {
			t.Errorf("%s differs: %v, want %v", setting, got, want)
		}
	}
	if got := incomparable(settings, settings, "AAA"); len(got) > 0 {
		t.Errorf("the same settings differ in %v", got)
	}
	// A setting of the broker or of the limits that is not among the grounds would
	// be ranked across without a word.
	for setting := range settings {
		other := maps.Clone(settings)
		other[setting] = "something else"
		for _, part := range []string{"broker.", "limits.", "window."} {
			if len(setting) > len(part) && setting[:len(part)] == part && len(incomparable(settings, other, "AAA")) == 0 {
				t.Errorf("%s differs, and the results are ranked", setting)
			}
		}
	}
}

// Equal figures share a rank; what is undefined or differs has none.
func TestRank(t *testing.T) {
	row := func(sharpe, drawdown float64, differs ...string) comparedRow {
		r := comparedRow{DiffersIn: differs}
		r.Result.Sharpe, r.Result.MaxDrawdown = metrics.Figure(sharpe), metrics.Figure(drawdown)
		return r
	}
	for _, tt := range []struct {
		by   string
		want []int // 0 for none
	}{
		{"sharpe", []int{2, 1, 2, 0, 0, 4}},
		{"drawdown", []int{3, 4, 1, 1, 0, 5}},
	} {
		rows := []comparedRow{row(1, 0.2), row(2, 0.3), row(1, 0.1), row(math.NaN(), 0.1), row(9, 0.01, "data"), row(-1, 0.4)}
		by, err := findRank(tt.by)
		if err != nil {
			t.Fatal(err)
		}
		rank(rows, by)
		for i, want := range tt.want {
			got := 0
			if rows[i].Rank != nil {
				got = *rows[i].Rank
			}
			if got != want {
				t.Errorf("by %s row %d has rank %d, want %d", tt.by, i, got, want)
			}
		}
	}
}

// Returns 1 % and 0 % against 0 % and 2 %, with decisions that agree once of
// twice; a baseline's decisions are not known, and two baselines are no pair.
func TestPairs(t *testing.T) {
	curve := func(values ...float64) metrics.EquityCurve {
		c := metrics.EquityCurve{}
		for i, v := range values {
			c = append(c, metrics.Point{Session: data.Session("2024-01-01").AddDays(i), Value: v})
		}
		return c
	}
	row := func(name, kind string, decided []agent.Action, values ...float64) comparedRow {
		return comparedRow{Name: name, Kind: kind, decided: decided, settings: map[string]string{},
			Result: backtest.Result{Curve: curve(values...), Performance: metrics.Performance{CumulativeReturn: metrics.Figure(values[len(values)-1]/values[0] - 1)}}}
	}
	far := row("far", kindRun, nil, 100, 101, 101)
	far.settings = map[string]string{"window.to": "2030-01-01"}
	got := pairs([]comparedRow{
		row("a", kindRun, []agent.Action{agent.Buy, agent.Hold}, 100, 101, 101),
		row("b", kindOutside, []agent.Action{agent.Buy, agent.Sell}, 100, 100, 102),
		row("c", kindBaseline, nil, 100, 100, 100),
		row("d", kindBaseline, nil, 100, 100, 100),
		far,
	}, "AAA")
	var names []string
	for _, p := range got {
		names = append(names, p.A+p.B)
	}
	if want := []string{"ab", "ac", "ad", "bc", "bd"}; !slices.Equal(names, want) {
		t.Fatalf("pairs %v, want %v", names, want)
	}
	// Differences +1 % and -2 %: ranks 1 and 2, the smaller sum 1; of the four ways
	// to sign them two give a sum of 0 or 1, on either side: p = 1.
	if ab := got[0]; ab.Statistic != 1 || ab.P != 1 || ab.Pairs != 2 || !ab.Exact || math.Abs(float64(ab.Difference)+0.01) > 1e-12 {
		t.Errorf("a against b: %+v, want a statistic of 1 of 2 pairs, p 1, difference -1 %%", ab)
	}
	if ab := got[0]; ab.Agreement == nil || ab.Agreement.Share != 0.5 {
		t.Errorf("a and b agree by %+v, want one half", ab.Agreement)
	}
	if got[1].Agreement != nil {
		t.Errorf("a agrees with a baseline by %+v, whose decisions are not known", got[1].Agreement)
	}
}
