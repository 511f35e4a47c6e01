package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"finmem/backtest"
	"finmem/backtest/experiment"
	"finmem/backtest/metrics"
)

// Every field of what repeats, compare and walkforward write is in
// docs/experiments.md, or, where it is one of a result, in docs/metrics.md.
func TestExperimentFieldsAreDocumented(t *testing.T) {
	var docs string
	for _, name := range []string{"experiments.md", "metrics.md"} {
		text, err := os.ReadFile(filepath.Join(root(t), "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		docs += string(text)
	}
	performance := metrics.Performance{Months: []metrics.PeriodReturn{{}}, Drawdowns: []metrics.Drawdown{{}}}
	for what, v := range map[string]any{
		"repeats": repeatsReport{Runs: []repeatRun{{}}, Symbols: []repeatSymbol{{Traders: []repeatTrader{spreadOf("x", []backtest.Result{{}})}}}},
		"compare": compareReport{Runs: []comparedRun{{}}, Symbols: []comparedSymbol{{
			Rows: []comparedRow{{}}, Pairs: []pair{{Agreement: &experiment.Agreement{}}}}}, Settings: []differingSettings{{}}},
		"walkforward": walkforwardReport{Windows: []walkWindow{{}}, Symbols: []walkSymbol{{
			Windows: []walkRow{{Returns: []walkReturn{{}}}}, Stretches: []walkStretch{{}},
			Traders: []walkTrader{{Performance: performance, Regimes: []experiment.RegimeRow{{}}}}}}},
	} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := json.Unmarshal(text, &tree); err != nil {
			t.Fatal(err)
		}
		delete(tree, "conventions") // the run's
		if runs, ok := tree["runs"].([]any); ok {
			for _, r := range runs {
				delete(r.(map[string]any), "conventions")
			}
		}
		names := map[string]bool{}
		collect(tree, names)
		if len(names) < 20 {
			t.Errorf("%s: only %d fields found", what, len(names))
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if !strings.Contains(docs, "`"+name+"`") {
				t.Errorf("%s: neither docs/experiments.md nor docs/metrics.md names %s", what, name)
			}
		}
	}
}
