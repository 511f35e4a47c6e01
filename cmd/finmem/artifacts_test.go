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
	"finmem/backtest/metrics"
	"finmem/backtest/significance"
)

// Every field of a result in metrics.json is in docs/metrics.md.
func TestResultFieldsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(root(t), "docs", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	r := backtest.Result{Relative: &backtest.Comparison{}, Significance: &significance.Summary{}, Limited: map[string]int{},
		Performance: metrics.Performance{Months: []metrics.PeriodReturn{{}}, Drawdowns: []metrics.Drawdown{{}}}}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	collect(tree, names)
	if len(names) < 80 {
		t.Errorf("only %d fields found", len(names))
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("docs/metrics.md does not name %s", name)
		}
	}
}

// collect gathers the names of all fields in a tree of JSON.
func collect(v any, into map[string]bool) {
	switch x := v.(type) {
	case map[string]any:
		for name, field := range x {
			into[name] = true
			collect(field, into)
		}
	case []any:
		for _, element := range x {
			collect(element, into)
		}
	}
}
