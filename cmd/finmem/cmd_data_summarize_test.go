package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"finmem/agent/llm/llmtest"
	"finmem/data"
)

// summarizeLong runs data summarize on a dataset with one long filing.
func summarizeLong(t *testing.T, dir, baseURL, out string, more ...string) modelRun {
	t.Helper()
	t.Setenv("OPENAI_API_KEY", sentinel)
	args := append([]string{"data", "summarize", filepath.Join(dir, "ds"), "--out", filepath.Join(dir, out), "--model", "openai/m",
		"--base-url", baseURL, "--llm-cache-file", filepath.Join(dir, "calls.db")}, more...)
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
	return modelRun{code, stdout.String(), stderr.String()}
}

func longDataset(t *testing.T, dir string) {
	t.Helper()
	session := data.Session("2024-03-08")
	h := data.History{
		Symbol:  "ACME",
		Bars:    []data.Bar{data.CloseBar(session, 100)},
		Filings: []data.Filing{{Accepted: session.In(time.UTC), DateOnly: true, Form: "10-K", Text: strings.Repeat("Revenue rose again. ", 1500)}},
	}
	ds, err := data.NewDataset(data.Meta{Name: "ds", Calendar: "NYSE", PriceKind: data.CloseOnly, Adjustment: data.Raw}, h)
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
	longDataset(t, dir)
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
