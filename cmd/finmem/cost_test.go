package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/agent/llm/llmtest"
	"finmem/backtest/journal"
	"finmem/data"
)

// writeFile makes a file in a folder of its own and returns its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// paid is a price file that makes the offline analyst cost something.
const paid = `as_of = "2026-01-31"
[[price]]
model = "offline"
input = 2.0
output = 8.0
`

// A budget ends a run between two sessions, with the reason, exit code 1 and
// everything up to there kept; with more to spend it goes on and ends equal to a
// run that never stopped.
func TestBudgetStopsARun(t *testing.T) {
	prices := writeFile(t, "prices.toml", paid)
	whole := t.TempDir()
	rep := reportOf(t, finmemRun(t, short(whole, "r", "--prices", prices)...))
	if rep.Usage.Total.USD == nil || *rep.Usage.Total.USD <= 0 {
		t.Fatalf("usage %+v, want a price", rep.Usage)
	}
	want := fingerprint(t, filepath.Join(whole, "r"))
	half := *rep.Usage.Total.USD / 2
	for _, tt := range []struct {
		flag, value, reason string
	}{
		{"--max-usd", strconv.FormatFloat(half, 'f', -1, 64), "another might go over the limit of $"},
		{"--max-tokens", strconv.Itoa(rep.Usage.Total.Tokens() / 2), "another might go over the limit of "},
		{"--max-tokens-per-day", "3500", "more than the 3500 that a day may take"},
	} {
		runs := t.TempDir()
		args := short(runs, "r", "--prices", prices)
		stopped := finmemRun(t, append(args, tt.flag, tt.value)...)
		if stopped.code != exitFailed || stopped.stdout != "" || !strings.Contains(stopped.stderr, "finmem: budget: ") || !strings.Contains(stopped.stderr, tt.reason) || !strings.Contains(stopped.stderr, "--resume") {
			t.Errorf("%s %s: exit code %d: %s", tt.flag, tt.value, stopped.code, stopped.stderr)
		}
		done := sessionsDone(t, filepath.Join(runs, "r"))
		if len(done) == 0 || len(done) >= 9 {
			t.Errorf("%s %s: stopped after %d of 9 sessions", tt.flag, tt.value, len(done))
		}
		again := finmemRun(t, append(args, tt.flag, tt.value, "--resume")...)
		if now := sessionsDone(t, filepath.Join(runs, "r")); again.code != exitFailed || !strings.Contains(again.stderr, tt.reason) || len(now) != len(done) {
			t.Errorf("%s %s, again: exit code %d after %d sessions: %s", tt.flag, tt.value, again.code, len(now), again.stderr)
		}
		if r := finmemRun(t, append(args, "--resume")...); r.code != exitDone {
			t.Errorf("%s %s, without a limit: exit code %d: %s", tt.flag, tt.value, r.code, r.stderr)
		}
		same(t, tt.flag, want, fingerprint(t, filepath.Join(runs, "r")))
	}
	if r := finmemRun(t, short(t.TempDir(), "r", "--prices", prices, "--max-usd", "1000", "--max-tokens", "100000000", "--max-tokens-per-day", "1000000")...); r.code != exitDone {
		t.Errorf("within the budget: exit code %d: %s", r.code, r.stderr)
	}
}

func sessionsDone(t *testing.T, dir string) []data.Session {
	t.Helper()
	j, err := journal.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := j.Sessions(t.Context())
	if err := errors.Join(err, j.Close()); err != nil {
		t.Fatal(err)
	}
	return sessions
}

func TestBudgetFlagsRefuse(t *testing.T) {
	for _, tt := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--max-usd", "-1"}, "want numbers above 0"},
		{[]string{"--max-usd", "NaN"}, "want numbers above 0"},
		{[]string{"--max-tokens", "-1"}, "want numbers above 0"},
		{[]string{"--max-usd", "1", "--model", "ollama-like/x"}, ""},
		{[]string{"--max-usd", "1", "--model", "openai/unheard-of", "--base-url", "http://127.0.0.1:1/v1"}, "--max-usd needs the prices of openai/unheard-of and offline"},
		{[]string{"--prices", writeFile(t, "p.toml", "as_of = \"2026-01-31\"\n[[price]]\nmodel = \"m\"\n")}, "needs both input and output"},
	} {
		r := finmemRun(t, short(t.TempDir(), "r", tt.flags...)...)
		if r.code != exitUsage || !strings.Contains(r.stderr, tt.want) {
			t.Errorf("%v: exit code %d: %s, want %d and %q", tt.flags, r.code, r.stderr, exitUsage, tt.want)
		}
	}
	if r := finmemRun(t, short(t.TempDir(), "r", "--prices", "nowhere.toml")...); r.code != exitFailed || !strings.Contains(r.stderr, "reading the prices") {
		t.Errorf("no price file: exit code %d: %s", r.code, r.stderr)
	}
}

// The usage of a run is that of its parts: the days in usage.csv sum up to the
// symbols, those to the total, and tokens are what the model's server said.
func TestUsage(t *testing.T) {
	server, runs := llmtest.NewOpenAI(t), t.TempDir()
	prices := writeFile(t, "prices.toml", "as_of = \"2026-01-31\"\n[[price]]\nmodel = \"openai/m\"\ninput = 3.0\noutput = 5.0\n")
	live := runModel(t, "openai/m", server.URL, runs, "r", "--prices", prices)
	u := reportOf(t, live).Usage
	if u.Total.Calls != len(server.Requests()) || u.Total.EstimatedCalls != 0 || u.Total.InputTokens == 0 || u.Total.EmbeddedTexts == 0 {
		t.Errorf("usage %+v for %d calls", u.Total, len(server.Requests()))
	}
	want := (3*float64(u.Total.InputTokens) + 5*float64(u.Total.OutputTokens)) / 1e6
	if u.Total.USD == nil || math.Abs(*u.Total.USD-want) > 1e-12 || u.Prices.Model == nil || u.Prices.Model.AsOf != "2026-01-31" {
		t.Errorf("cost %v at %+v, want %v", u.Total.USD, u.Prices.Model, want)
	}
	sum := u.Symbols[0].Tally.Plus(u.Symbols[1].Tally)
	if len(u.Symbols) != 2 || sum != u.Total.Tally {
		t.Errorf("symbols %+v sum up to %+v, want %+v", u.Symbols, sum, u.Total.Tally)
	}
	file, err := os.Open(filepath.Join(runs, "r", "usage.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) != 1+9*2 {
		t.Fatalf("%d rows, %v, want a header and 9 sessions of 2 symbols", len(rows), err)
	}
	tokens, usd := 0, 0.0
	for _, row := range rows[1:] {
		for _, column := range []int{4, 5, 7} {
			n, err := strconv.Atoi(row[column])
			if err != nil {
				t.Fatal(err)
			}
			tokens += n
		}
		x, err := strconv.ParseFloat(row[8], 64)
		if err != nil {
			t.Fatal(err)
		}
		usd += x
	}
	if tokens != u.Total.Tokens() || math.Abs(usd-want) > 1e-9 {
		t.Errorf("the days sum up to %d tokens and $%v, want %d and $%v", tokens, usd, u.Total.Tokens(), want)
	}
	shown := finmemRun(t, "runs", "show", "r", "--runs", runs)
	if !strings.Contains(shown.stdout, "Usage: ") || !strings.Contains(shown.stdout, "prices of 2026-01-31") {
		t.Errorf("runs show says nothing of the usage:\n%s", shown.stdout)
	}

	// Without a price the cost is not known, which is not 0; what is counted
	// remains.
	unknown := runModel(t, "openai/m", server.URL, runs, "unknown")
	if u := reportOf(t, unknown).Usage; u.Total.USD != nil || u.Prices.Model != nil || u.Total.Calls == 0 {
		t.Errorf("usage without a price %+v", u)
	}
	if shown := finmemRun(t, "runs", "show", "unknown", "--runs", runs); !strings.Contains(shown.stdout, "cost n/a") {
		t.Errorf("runs show of a run without a price:\n%s", shown.stdout)
	}
}

// Before a run that is paid for its likely cost is said; before a free one not.
func TestEstimateBeforeAPaidRun(t *testing.T) {
	prices := writeFile(t, "prices.toml", paid)
	r := finmemRun(t, short(t.TempDir(), "r", "--prices", prices)...)
	u := reportOf(t, r).Usage
	line := ""
	for l := range strings.Lines(r.stderr) {
		if strings.Contains(l, "the 9 sessions to come will take about") {
			line = l
		}
	}
	i := strings.Index(line, "cost about $")
	if i < 0 {
		t.Fatalf("no estimate: %q", r.stderr)
	}
	guess, err := strconv.ParseFloat(line[i+len("cost about $"):strings.Index(line, ", prices")], 64)
	if err != nil {
		t.Fatal(err)
	}
	// The analyst's answers are shorter than what is taken for one.
	if guess < *u.Total.USD || guess > 1.5**u.Total.USD {
		t.Errorf("estimated $%v, spent $%v", guess, *u.Total.USD)
	}
	if r := finmemRun(t, short(t.TempDir(), "r")...); strings.Contains(r.stderr, "will take") {
		t.Errorf("an estimate before a free run: %s", r.stderr)
	}
}

// A dry run calls nothing and leaves nothing, and its first prompt is the one that
// the run then asks.
func TestDryRun(t *testing.T) {
	server, runs := llmtest.NewOpenAI(t), filepath.Join(t.TempDir(), "runs")
	t.Setenv("OPENAI_API_KEY", "")
	r := runModel(t, "openai/m", server.URL, runs, "r", "--dry-run", "--embedder", "openai/e", "--embedder-url", server.URL)
	if r.code != exitDone || len(server.Requests()) != 0 {
		t.Fatalf("exit code %d after %d calls: %s", r.code, len(server.Requests()), r.stderr)
	}
	if _, err := os.Stat(runs); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of the runs: %v, want none", err)
	}
	var d dryRun
	if err := json.Unmarshal([]byte(r.stdout), &d); err != nil {
		t.Fatal(err)
	}
	if d.Warmup != 5 || d.Test != 4 || d.Estimate.Calls != 16 || d.Estimate.USD != nil || d.Embedder != "openai/e" || d.Model != "openai/m" || d.First == nil {
		t.Errorf("plan %+v", d)
	}
	live := runModel(t, "openai/m", server.URL, runs, "r", "--parallel", "1")
	u := reportOf(t, live).Usage.Total
	if d.Estimate.Calls != u.Calls || d.Estimate.EmbeddedTexts < u.EmbeddedTexts-4 || d.Estimate.EmbeddedTexts > u.EmbeddedTexts+4 {
		t.Errorf("estimated %+v, took %+v", d.Estimate, u)
	}
	j, err := journal.Read(t.Context(), filepath.Join(runs, "r"))
	if err != nil {
		t.Fatal(err)
	}
	p, ok, err := j.Prompt(t.Context(), d.First.Symbol, d.First.Session)
	if err := errors.Join(err, j.Close()); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if p.Prompt != d.First.Prompt || p.System != d.First.System || p.Schema != d.First.Schema {
		t.Errorf("the first prompt was\n%s\nwant\n%s", p.Prompt, d.First.Prompt)
	}
	text := finmemRun(t, "backtest", "--dry-run", "--runs", runs, "--symbol", "FIGMNT")
	for _, want := range []string{"Would run sample_FIGMNT_", "Estimate: ", "The first prompt, of session ", "--- system ---", "--- prompt ---"} {
		if !strings.Contains(text.stdout, want) {
			t.Errorf("the dry run lacks %q:\n%s", want, text.stdout)
		}
	}
}

// The built-in prices are printed as a file that can be given back.
func TestConfigPrices(t *testing.T) {
	r := finmemRun(t, "config", "prices")
	if r.code != exitDone || !strings.Contains(r.stdout, "openai/gpt-4.1-mini") {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	if r := finmemRun(t, short(t.TempDir(), "r", "--prices", writeFile(t, "prices.toml", r.stdout))...); r.code != exitDone {
		t.Errorf("giving them back: exit code %d: %s", r.code, r.stderr)
	}
}

// The answers of a real model have the length that the estimate takes them to
// have.
func TestTypicalAnswer(t *testing.T) {
	root := filepath.Join(sharedRoot(), "data", "replication")
	files, err := filepath.Glob(filepath.Join(root, "*-answers.jsonl"))
	if err != nil || len(files) == 0 {
		t.Skipf("no recorded answers in %s", root)
	}
	tokens, answers := 0, 0
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var x struct {
				Answer json.RawMessage `json:"answer"`
			}
			if err := json.Unmarshal([]byte(line), &x); err != nil {
				t.Fatal(err)
			}
			tokens += agent.EstimateTokens(string(x.Answer))
			answers++
		}
	}
	if mean := tokens / answers; mean < typicalAnswer-25 || mean > typicalAnswer+25 {
		t.Errorf("%d answers have %d tokens in the mean, taken for %d", answers, mean, typicalAnswer)
	}
}
