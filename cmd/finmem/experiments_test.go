package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"finmem/agent/llm/llmtest"
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

// Runs that belong together share one budget: repeats, windows, and the agent
// again without its memory. What was stopped goes on.
func TestExperimentsShareABudget(t *testing.T) {
	prices := writeFile(t, "prices.toml", paid)
	whole := t.TempDir()
	one := *reportOf(t, finmemRun(t, short(whole, "r-s1", "--prices", prices)...)).Usage.Total.USD
	limit := func(runs float64) string { return strconv.FormatFloat(runs*one, 'f', -1, 64) }

	runs := t.TempDir()
	args := short(runs, "r", "--prices", prices, "--repeats", "3")
	stopped := finmemRun(t, append(args, "--max-usd", limit(1.5))...)
	if stopped.code != exitFailed || !strings.Contains(stopped.stderr, "run 2 of 3: budget: ") || !strings.Contains(stopped.stderr, "--resume") {
		t.Errorf("repeats for the price of one and a half: exit code %d: %s", stopped.code, stopped.stderr)
	}
	if first, second := sessionsDone(t, filepath.Join(runs, "r-s1")), sessionsDone(t, filepath.Join(runs, "r-s2")); len(first) != 9 || len(second) == 0 || len(second) >= 9 {
		t.Errorf("%d and %d of 9 sessions done, want the first run whole and the second in part", len(first), len(second))
	}
	if r := finmemRun(t, append(args, "--resume", "--max-usd", limit(3.5))...); r.code != exitDone {
		t.Errorf("going on: exit code %d: %s", r.code, r.stderr)
	}
	same(t, "the first of the repeats", fingerprint(t, filepath.Join(whole, "r-s1")), fingerprint(t, filepath.Join(runs, "r-s1")))

	ablated := finmemRun(t, short(t.TempDir(), "r", "--prices", prices, "--ablations", "memory", "--max-usd", limit(1.2))...)
	if ablated.code != exitFailed || !strings.Contains(ablated.stderr, `the agent again, as "finmem, no memory": budget: `) {
		t.Errorf("an ablation beyond the budget: exit code %d: %s", ablated.code, ablated.stderr)
	}

	walk := []string{"walkforward", "--runs", t.TempDir(), "--name", "w", "--symbol", "NOKELP", "--train", "3", "--test", "4", "--from", "2024-06-10", "--to", "2024-06-21", "--prices", prices}
	if r := finmemRun(t, append(walk, "--max-tokens", "18000")...); r.code != exitFailed || !strings.Contains(r.stderr, "window w0") || !strings.Contains(r.stderr, "budget: ") {
		t.Errorf("windows beyond the budget: exit code %d: %s", r.code, r.stderr)
	}
	if r := finmemRun(t, append(walk, "--resume")...); r.code != exitDone {
		t.Errorf("going on without a limit: exit code %d: %s", r.code, r.stderr)
	}
}

// A model that costs money is not asked again for a comparison unless the flag
// says so; and repeats keep their calls like single runs, so they can be replayed.
func TestExperimentsWithAModel(t *testing.T) {
	server, runs := llmtest.NewOpenAI(t), t.TempDir()
	compared := runModel(t, "openai/m", server.URL, runs, "compared", "--baselines", "all")
	if compared.code != exitDone {
		t.Fatalf("exit code %d: %s", compared.code, compared.stderr)
	}
	if calls, asked := len(server.Requests()), len(askedOf(t, runs, "compared")); calls != asked {
		t.Errorf("--baselines all: %d calls for the %d decisions of the agent", calls, asked)
	}
	before := len(server.Requests())
	if r := runModel(t, "openai/m", server.URL, runs, "ablated", "--ablations", "memory"); r.code != exitDone || len(server.Requests()) == before {
		t.Errorf("--ablations memory: exit code %d after %d more calls: %s", r.code, len(server.Requests())-before, r.stderr)
	}

	repeated := runModel(t, "openai/m", server.URL, runs, "live", "--repeats", "2", "--model-seed", "5")
	before = len(server.Requests())
	replayed := runModel(t, "openai/m", server.URL, runs, "replay", "--repeats", "2", "--model-seed", "5", "--llm-cache", "replay")
	if repeated.code != exitDone || replayed.code != exitDone || len(server.Requests()) != before {
		t.Fatalf("exit codes %d and %d, %d calls of the replay\n%s\n%s", repeated.code, replayed.code, len(server.Requests())-before, repeated.stderr, replayed.stderr)
	}
	var live, again repeatsReport
	for _, x := range []struct {
		run  modelRun
		into *repeatsReport
	}{{repeated, &live}, {replayed, &again}} {
		if err := json.Unmarshal([]byte(x.run.stdout), x.into); err != nil {
			t.Fatal(err)
		}
	}
	for i := range live.Runs {
		if live.Runs[i].Digest != again.Runs[i].Digest || live.Runs[i].Seed != uint64(i+1) {
			t.Errorf("run %d: seed %d, digest %s, replayed %s", i, live.Runs[i].Seed, live.Runs[i].Digest, again.Runs[i].Digest)
		}
	}
	// The second run has a sampling seed of its own, so it asked for itself.
	if got := string(server.Requests()[before-1].Fields["seed"]); got != "6" {
		t.Errorf("the last request has the seed %s, want 6", got)
	}
}
