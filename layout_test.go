package finmem_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed lists, for every package, the packages of this module that it may
// import. Arrows point down only; what is not listed is not allowed. Packages
// under internal/ hold what several packages need and may be imported by all,
// but import nothing of the module themselves, unless listed.
var allowed = map[string][]string{
	"finmem": {},

	"finmem/internal/changeset": {"internal/atomicfile"},

	"finmem/data":          {},
	"finmem/data/exporter": {"data"},
	"finmem/data/filing":   {"data"},
	"finmem/data/importer": {"data", "data/filing", "data/markup"},
	"finmem/data/fetch":    {"data", "data/sentiment"},

	"finmem/data/fetch/edgar":        {"data", "data/fetch", "data/filing", "data/markup"},
	"finmem/data/fetch/fetchtest":    {"data/fetch"},
	"finmem/data/fetch/yahoo":        {"data", "data/fetch"},
	"finmem/data/fetch/alphavantage": {"data", "data/fetch", "data/markup"},
	"finmem/data/fetch/finnhub":      {"data", "data/fetch", "data/markup"},
	"finmem/data/fetch/stooq":        {"data", "data/fetch"},
	"finmem/data/fetch/tiingo":       {"data", "data/fetch", "data/markup"},
	"finmem/data/fetch/alpaca":       {"data", "data/fetch", "data/markup"},

	"finmem/data/indicator": {},
	"finmem/data/markup":    {},
	"finmem/data/sample":    {"data"},
	"finmem/data/sentiment": {"data"},

	"finmem/memory":            {},
	"finmem/memory/chromem":    {"memory"},
	"finmem/memory/embed":      {"memory"},
	"finmem/memory/memorytest": {"memory"},

	"finmem/profile": {},

	"finmem/agent":     {"data", "data/indicator", "memory", "profile"},
	"finmem/agent/llm": {"agent", "agent/llm/calls", "agent/llm/transport"},

	"finmem/agent/summary": {"agent", "data"},

	"finmem/agent/cost":          {},
	"finmem/agent/llm/calls":     {},
	"finmem/agent/llm/llmtest":   {},
	"finmem/agent/llm/transport": {"agent/llm/calls"},
	"finmem/agent/llm/vectors":   {"agent/llm/calls", "memory/embed"},

	"finmem/backtest/metrics":               {"data"},
	"finmem/backtest/significance":          {"backtest/metrics"},
	"finmem/backtest/decisions":             {"agent", "data", "backtest/metrics"},
	"finmem/backtest/protocol":              {"agent", "data", "backtest/metrics"},
	"finmem/backtest/protocol/protocoltest": {"agent", "data", "backtest/decisions", "backtest/protocol"},
	"finmem/backtest/published":             {"agent", "data", "backtest/decisions", "backtest/metrics", "backtest/protocol"},
	"finmem/backtest/evaluation": {"agent", "data", "backtest", "backtest/broker", "backtest/decisions", "backtest/metrics",
		"backtest/portfolio", "backtest/protocol", "backtest/published", "backtest/significance"},
	"finmem/backtest/broker":     {"agent", "data"},
	"finmem/backtest/portfolio":  {"data", "backtest/broker"},
	"finmem/backtest":            {"agent", "data", "memory", "backtest/broker", "backtest/metrics", "backtest/portfolio", "backtest/significance"},
	"finmem/backtest/baseline":   {"agent", "data/indicator"},
	"finmem/backtest/journal":    {"agent", "data", "memory", "backtest", "backtest/broker"},
	"finmem/backtest/report":     {"data", "backtest/metrics"},
	"finmem/backtest/experiment": {"agent", "data", "backtest", "backtest/metrics"},
	"finmem/backtest/audit":      {"agent", "data", "memory", "profile", "backtest"},

	"finmem/paper": {"agent", "data", "memory", "backtest", "backtest/broker", "backtest/journal", "backtest/portfolio"},

	"finmem/paper/alpaca":     {"data", "backtest/broker", "paper"},
	"finmem/paper/brokertest": {"data", "backtest/broker", "paper"},
	"finmem/paper/watch":      {"agent", "data", "paper"},
	"finmem/paper/simulated":  {"data", "backtest/broker", "backtest/portfolio", "paper"},

	"finmem/scripts/ollama/tinymodel": {},
}

// The commands wire everything together; nothing may import them.
const commands = "finmem/cmd/"

// TestImportsPointDown checks the picture in ARCHITECTURE.md against the code.
func TestImportsPointDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen[pkg.ImportPath] = true
		if strings.HasPrefix(pkg.ImportPath, commands) {
			continue
		}
		may, listed := allowed[pkg.ImportPath]
		inner := strings.HasPrefix(pkg.ImportPath, "finmem/internal/")
		if !listed && !inner {
			t.Errorf("package %s is not in the layout: say in layout_test.go what it may import", pkg.ImportPath)
			continue
		}
		for _, imported := range pkg.Imports {
			rest, ours := strings.CutPrefix(imported, "finmem/")
			if !ours || strings.HasPrefix(rest, "internal/") && !inner {
				continue
			}
			if !slices.Contains(may, rest) {
				t.Errorf("%s imports %s, which lies above it or beside it", pkg.ImportPath, imported)
			}
		}
	}
	for name := range allowed {
		if !seen[name] {
			t.Errorf("the layout lists %s, which does not exist", name)
		}
	}
}
