package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"finmem/agent/llm/llmtest"
	"finmem/agent/summary"
	"finmem/data"
)

// summarizeLong runs data summarize on a dataset with one long filing.
func summarizeLong(t *testing.T, dir, baseURL, out string, more ...string) modelRun {
	t.Helper()
	return summarizeIn(t.Context(), t, dir, baseURL, out, more...)
}

func summarizeIn(ctx context.Context, t *testing.T, dir, baseURL, out string, more ...string) modelRun {
	t.Helper()
	t.Setenv("OPENAI_API_KEY", sentinel)
	args := append([]string{"data", "summarize", filepath.Join(dir, "ds"), "--out", filepath.Join(dir, out), "--model", "openai/m",
		"--base-url", baseURL, "--llm-cache-file", filepath.Join(dir, "calls.db")}, more...)
	var stdout, stderr bytes.Buffer
	code := run(ctx, args, strings.NewReader(""), &stdout, &stderr)
	return modelRun{code, stdout.String(), stderr.String()}
}

func longDataset(t *testing.T, dir string, symbols ...string) {
	t.Helper()
	session := data.Session("2024-03-08")
	var histories []data.History
	for _, symbol := range symbols {
		histories = append(histories, data.History{
			Symbol:  symbol,
			Bars:    []data.Bar{data.CloseBar(session, 100)},
			Filings: []data.Filing{{Accepted: session.In(time.UTC), DateOnly: true, Form: "10-K", Text: strings.Repeat("Revenue of "+symbol+" rose. ", 1200)}},
		})
	}
	ds, err := data.NewDataset(data.Meta{Name: "ds", Calendar: "NYSE", PriceKind: data.CloseOnly, Adjustment: data.Raw}, histories...)
	if err != nil {
		t.Fatal(err)
	}
	if err := data.WriteDataset(t.Context(), filepath.Join(dir, "ds"), ds, data.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// A command that a bad answer stopped names the item and writes nothing; given
// again, it asks only for what is missing; with the server gone it is replayed to
// the same bytes, and what was never asked is named.
func TestSummarizeIsResumedAndReplayed(t *testing.T) {
	dir := t.TempDir()
	longDataset(t, dir, "ACME")
	s := llmtest.NewOpenAI(t)
	broken := true
	s.Answer = func(r llmtest.Request) string {
		if broken && strings.Contains(r.Messages[0], `part="3/3"`) {
			return ""
		}
		return `{"summary":"Revenue rose."}`
	}
	got := summarizeLong(t, dir, s.URL, "a")
	if got.code != exitFailed || got.stdout != "" || !strings.Contains(got.stderr, "summarising 10-K of ACME on 2024-03-08: part 3/3: the model gave no summary") ||
		!strings.Contains(got.stderr, "hint: ") {
		t.Fatalf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); !os.IsNotExist(err) {
		t.Errorf("a folder was left: %v", err)
	}
	broken = false
	before := len(s.Requests())
	if got = summarizeLong(t, dir, s.URL, "a"); got.code != exitDone {
		t.Fatalf("exit code %d\n%s", got.code, got.stderr)
	}
	if n := len(s.Requests()) - before; n != 1 {
		t.Errorf("%d calls after the stop, want only that of part 3", n)
	}
	if !strings.Contains(got.stdout, "3 answers of openai/m, kept ones included") || !strings.Contains(got.stdout, "written by the language model openai/m") {
		t.Errorf("stdout:\n%s", got.stdout)
	}
	if r := s.Requests()[0]; r.Schema == nil || !json.Valid(r.Schema) || !strings.Contains(string(r.Schema), "summary") {
		t.Errorf("schema %s", r.Schema)
	}
	asked := len(s.Requests())
	if got = summarizeLong(t, dir, s.URL, "b", "--llm-cache", "replay"); got.code != exitDone || len(s.Requests()) != asked {
		t.Fatalf("exit code %d after %d calls\n%s", got.code, len(s.Requests())-asked, got.stderr)
	}
	first, err := os.ReadFile(filepath.Join(dir, "a", "filings", "ACME.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	second, _ := os.ReadFile(filepath.Join(dir, "b", "filings", "ACME.jsonl"))
	if !bytes.Equal(first, second) || !strings.Contains(string(first), `"text":"Revenue rose.\n\nRevenue rose.\n\nRevenue rose.","summary":{"method":"model","model":"openai/m","sha256":"`) {
		t.Errorf("once\n%s\nonce\n%s", first, second)
	}
	if got = summarizeLong(t, dir, s.URL, "c", "--llm-cache", "replay", "--over", "4000"); got.code != exitFailed || !strings.Contains(got.stderr, "not kept: no answer of m to session 2024-03-08 of ACME") {
		t.Errorf("exit code %d\n%s", got.code, got.stderr)
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(sentinel)) {
			t.Errorf("the key is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Stopped by the user or by the budget, the command writes nothing and says how to
// go on; given again it asks only for the rest, and makes what an undisturbed one
// does.
func TestSummarizeStopsAndGoesOn(t *testing.T) {
	for _, tt := range []struct {
		name string
		flag []string
		// disturb is told the number of each request, and may end the command.
		disturb func(n int, end context.CancelFunc)
		code    int
		says    []string
		asked   int // by the first command
	}{
		{"by the user", nil, func(n int, end context.CancelFunc) {
			if n == 3 {
				end()
			}
		}, exitInterrupted, []string{"finmem: interrupted: ", "the same command asks only for the rest"}, 3},
		{"by the budget", []string{"--max-tokens", "8000"}, func(int, context.CancelFunc) {}, exitFailed,
			[]string{"finmem: budget: ", " tokens in 1 text, at most ", "the same command with a higher limit asks only for the rest"}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			longDataset(t, dir, "ACME", "BOLT")
			s := llmtest.NewOpenAI(t)
			s.Answer = func(llmtest.Request) string { return `{"summary":"Revenue rose."}` }
			ctx, end := context.WithCancel(t.Context())
			var requests atomic.Int64
			s.Disturb = func(http.ResponseWriter, llmtest.Request) bool {
				tt.disturb(int(requests.Add(1)), end)
				return false
			}
			got := summarizeIn(ctx, t, dir, s.URL, "a", append([]string{"--parallel", "1"}, tt.flag...)...)
			if got.code != tt.code || got.stdout != "" {
				t.Fatalf("exit code %d, want %d\n%s%s", got.code, tt.code, got.stdout, got.stderr)
			}
			for _, text := range tt.says {
				if !strings.Contains(got.stderr, text) {
					t.Errorf("stderr %q, want %q in it", got.stderr, text)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "a")); !os.IsNotExist(err) {
				t.Errorf("a folder was left: %v", err)
			}
			first := len(s.Requests())
			if first != tt.asked {
				t.Errorf("%d calls before the stop, want %d", first, tt.asked)
			}
			if got = summarizeLong(t, dir, s.URL, "a"); got.code != exitDone {
				t.Fatalf("exit code %d\n%s", got.code, got.stderr)
			}
			// Each of two filings is three parts. The call under way at an interruption
			// may not have been kept.
			all := len(s.Requests())
			if all != 6 && !(tt.code == exitInterrupted && all == 7) {
				t.Errorf("%d calls in all, want 6", all)
			}
			if got = summarizeLong(t, dir, s.URL, "b"); got.code != exitDone || len(s.Requests()) != all {
				t.Errorf("exit code %d, %d calls the third time\n%s", got.code, len(s.Requests())-all, got.stderr)
			}
			for _, symbol := range []string{"ACME", "BOLT"} {
				one, err := os.ReadFile(filepath.Join(dir, "a", "filings", symbol+".jsonl"))
				if err != nil {
					t.Fatal(err)
				}
				two, _ := os.ReadFile(filepath.Join(dir, "b", "filings", symbol+".jsonl"))
				if !bytes.Equal(one, two) {
					t.Errorf("%s: once\n%s\nonce\n%s", symbol, one, two)
				}
			}
		})
	}
}

// A dry run asks nobody and writes nothing. Its calls are those of a model
// whose summaries are as long as they may be: three parts, and the three together. A
// budget in dollars needs a price; with one, the cost
// is said before and after.
func TestSummarizeDryRun(t *testing.T) {
	dir := t.TempDir()
	longDataset(t, dir, "ACME")
	s := llmtest.NewOpenAI(t)
	s.Answer = func(llmtest.Request) string { return `{"summary":"Revenue rose."}` }
	prices := filepath.Join(dir, "prices.toml")
	if err := os.WriteFile(prices, []byte("as_of = \"2026-01-31\"\n\n[[price]]\nmodel = \"openai/m\"\ninput = 1\noutput = 4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := summarizeLong(t, dir, s.URL, "a", "--dry-run", "--prices", prices)
	for _, text := range []string{"Would summarize 0 of 0 news and 1 of 1 filings of ds, model openai/m\n", "Estimate: up to 4 model calls, about ", "; cost up to $0.0", "prices of 2026-01-31",
		"The first prompt, of 10-K of ACME on 2024-03-08:", `<text kind="10-K" part="1/3">`} {
		if got.code != exitDone || !strings.Contains(got.stdout, text) {
			t.Errorf("exit code %d, want %q in\n%.2000s%s", got.code, text, got.stdout, got.stderr)
		}
	}
	got = summarizeLong(t, dir, s.URL, "", "--dry-run", "--json")
	var report struct {
		Estimate struct {
			Calls int
			USD   *float64
		}
		FirstPrompt *struct{ Prompt string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || report.Estimate.Calls != 4 || report.Estimate.USD != nil || report.FirstPrompt == nil {
		t.Errorf("%v: %.500s", err, got.stdout)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("a dry run made %d calls", n)
	}
	for _, name := range []string{"a", "calls.db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s was left: %v", name, err)
		}
	}
	got = summarizeLong(t, dir, s.URL, "a", "--max-usd", "1")
	if got.code != exitUsage || !strings.Contains(got.stderr, "--max-usd needs the prices of openai/m") || len(s.Requests()) != 0 {
		t.Errorf("exit code %d after %d calls\n%s", got.code, len(s.Requests()), got.stderr)
	}
	got = summarizeLong(t, dir, s.URL, "a", "--max-usd", "1", "--prices", prices)
	if got.code != exitDone || !strings.Contains(got.stderr, "note: this takes up to 4 model calls, about ") || !strings.Contains(got.stdout, "3 answers of openai/m, kept ones included: ") || !strings.Contains(got.stdout, "; cost $0.0") {
		t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

// The line of the progress: what is done, how fast, what it took, how long it takes.
func TestCountProgressLine(t *testing.T) {
	spent, err := (&budgetFlags{}).spending("openai/unheard-of", offlineEmbedder)
	if err != nil {
		t.Fatal(err)
	}
	p := newCountProgress(io.Discard, "texts", 12)
	if got, want := p.line(3, spent.soFar(), 30*time.Second), "3/12 texts  0.1 texts/s  1m30s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	spent.total = summaryTally(summary.Tally{Calls: 3, InputTokens: 3000, OutputTokens: 210})
	if got, want := p.line(3, spent.soFar(), 30*time.Second), "3/12 texts  0.1 texts/s  3210 tokens  cost n/a  1m30s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := p.line(0, "", 0), "0/12 texts  0 texts/s  … left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
