package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"finmem/agent/llm/calls"
	"finmem/agent/llm/llmtest"
	"finmem/backtest"
	"finmem/backtest/journal"
)

// sentinel is a key that must not be seen anywhere (B87).
const sentinel = "SENTINEL_KEY_123"

// A modelRun is a finished command.
type modelRun struct {
	code           int
	stdout, stderr string
}

// runModel runs a short backtest of two symbols with a model at a test server; the
// flags in more come last.
func runModel(t *testing.T, model, baseURL, runs, name string, more ...string) modelRun {
	t.Helper()
	for _, v := range []string{"OPENAI_API_KEY", "ANTHROPIC_API_KEY"} {
		t.Setenv(v, sentinel)
	}
	args := append([]string{"backtest", "--model", model, "--base-url", baseURL, "--runs", runs, "--name", name, "--json",
		"--symbol", "FIGMNT,NOKELP", "--warmup-from", "2024-06-10", "--from", "2024-06-17", "--to", "2024-06-21"}, more...)
	var out, err bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(""), &out, &err)
	return modelRun{code, out.String(), err.String()}
}

// digest is that of the run's report.
func (r modelRun) digest(t *testing.T) string {
	t.Helper()
	var rep report
	if err := json.Unmarshal([]byte(r.stdout), &rep); err != nil || rep.Digest == "" {
		t.Fatalf("exit code %d, no report: %v\n%s\n%s", r.code, err, r.stdout, r.stderr)
	}
	return rep.Digest
}

// askedOf are the records of a run on which the model was asked.
func askedOf(t *testing.T, runs, name string) []backtest.Record {
	t.Helper()
	j, err := journal.Read(context.Background(), filepath.Join(runs, name))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	var list []backtest.Record
	for _, symbol := range []string{"FIGMNT", "NOKELP"} {
		records, err := j.Records(context.Background(), symbol)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if r.Decision != nil || r.Failure != nil {
				list = append(list, r)
			}
		}
	}
	return list
}

// A run asks the model once for each session and symbol when the first answer is
// valid; with the server gone it is replayed to the same bytes, on any number of
// processors; and what was not asked before is named.
func TestModelRunIsReplayed(t *testing.T) {
	for model, start := range map[string]func(*testing.T) *llmtest.Server{
		"openai/m": llmtest.NewOpenAI, "ollama/m": llmtest.NewOllama, "anthropic/m": llmtest.NewAnthropic,
	} {
		t.Run(strings.TrimSuffix(model, "/m"), func(t *testing.T) {
			server, runs := start(t), t.TempDir()
			live := runModel(t, model, server.URL, runs, "live", "--temperature", "0", "--parallel", "2")
			if live.code != exitDone {
				t.Fatalf("exit code %d: %s", live.code, live.stderr)
			}
			asked := askedOf(t, runs, "live")
			if got := len(server.Requests()); got != len(asked) || got < 16 {
				t.Errorf("%d calls for %d decisions", got, len(asked))
			}
			for _, r := range asked {
				if n := len(r.Decision.Trace.Answers); n != 1 || r.Decision.Trace.Answers[0].Usage.Estimated {
					t.Errorf("session %s of %s: %d answers, usage %+v", r.Session, r.Symbol, n, r.Decision.Trace.Answers[0].Usage)
				}
			}
			n := len(server.Requests())
			server.Disturb = func(w http.ResponseWriter, r llmtest.Request) bool {
				t.Error("a replay called out")
				return false
			}
			// The replay works on another number of symbols at once than the run did.
			replayed := runModel(t, model, server.URL, runs, "replay", "--temperature", "0", "--llm-cache", "replay", "--parallel", "1")
			if replayed.code != exitDone || replayed.digest(t) != live.digest(t) {
				t.Errorf("replay: exit code %d, digest differs: %s", replayed.code, replayed.stderr)
			}
			other := runModel(t, model, server.URL, runs, "other", "--temperature", "1", "--llm-cache", "replay")
			if other.code != exitFailed || !strings.Contains(other.stderr, "session 2024-06-10 of ") || !strings.Contains(other.stderr, "no answer of m") {
				t.Errorf("with another temperature: exit code %d: %s", other.code, other.stderr)
			}
			if len(server.Requests()) != n {
				t.Errorf("%d calls of the replays", len(server.Requests())-n)
			}
		})
	}
}

// B24, B87: a refused key ends the run at once with exit code 4, and the key is
// nowhere, although the server echoes it.
func TestRefusedKey(t *testing.T) {
	for model, start := range map[string]func(*testing.T) *llmtest.Server{
		"openai/m": llmtest.NewOpenAI, "anthropic/m": llmtest.NewAnthropic,
	} {
		server, runs := start(t), t.TempDir()
		server.Key = "another key"
		r := runModel(t, model, server.URL, runs, "x", "--parallel", "1")
		if r.code != exitKey || len(server.Requests()) != 1 || !strings.Contains(r.stderr, "key refused") {
			t.Errorf("%s: exit code %d after %d calls: %s", model, r.code, len(server.Requests()), r.stderr)
		}
		if r.stdout != "" {
			t.Errorf("%s: stdout = %q", model, r.stdout)
		}
		noKey(t, runs, r)

		// The same said with status 200, which some gateways do.
		polite, runs := start(t), t.TempDir()
		polite.Disturb = func(w http.ResponseWriter, q llmtest.Request) bool {
			io.WriteString(w, "invalid api key: "+sentinel)
			return true
		}
		r = runModel(t, model, polite.URL, runs, "x", "--parallel", "1")
		if r.code != exitKey || len(polite.Requests()) != 1 || !strings.Contains(r.stderr, "key refused") {
			t.Errorf("%s, politely: exit code %d after %d calls: %s", model, r.code, len(polite.Requests()), r.stderr)
		}
		noKey(t, runs, r)
	}
}

// noKey looks for the key in what a command said and left.
func noKey(t *testing.T, dir string, r modelRun) {
	t.Helper()
	if strings.Contains(r.stdout+r.stderr, sentinel) {
		t.Errorf("the key was printed: %s%s", r.stdout, r.stderr)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(sentinel)) {
			t.Errorf("the key is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// B87: nor is it anywhere after a run that went well, whose model repeats it.
func TestKeyIsNotKept(t *testing.T) {
	server, runs := llmtest.NewOpenAI(t), t.TempDir()
	server.Key = sentinel
	server.Answer = func(r llmtest.Request) string {
		return strings.Replace(llmtest.Decide(r), "the test server said so", "my key is "+r.Header.Get("Authorization"), 1)
	}
	r := runModel(t, "openai/m", server.URL, runs, "x", "--embedder", "openai/e", "--embedder-url", server.URL)
	if r.code != exitDone {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	if kept := keptOf(t, filepath.Join(runs, calls.FileName)); kept[calls.Chat].Calls == 0 || kept[calls.Embedding].Calls == 0 {
		t.Errorf("kept %v, want chats and embeddings", kept)
	}
	noKey(t, runs, r)
}

// A key that is missing is said before anything is called or written.
func TestMissingKey(t *testing.T) {
	for _, v := range []string{"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"} {
		t.Setenv(v, "")
	}
	for model, variable := range map[string]string{
		"openai/m": "OPENAI_API_KEY", "anthropic/m": "ANTHROPIC_API_KEY", "mistral/m": "MISTRAL_API_KEY", "googleai/m": "GEMINI_API_KEY or GOOGLE_API_KEY",
	} {
		runs := t.TempDir()
		var out, err bytes.Buffer
		code := run(t.Context(), []string{"backtest", "--model", model, "--runs", runs}, strings.NewReader(""), &out, &err)
		if code != exitKey || out.Len() > 0 || !strings.Contains(err.String(), variable) {
			t.Errorf("%s: exit code %d, %q, %s", model, code, out.String(), err.String())
		}
		if found, _ := filepath.Glob(filepath.Join(runs, "*", "*")); len(found) > 0 {
			t.Errorf("%s: %v was written", model, found)
		}
	}
}

// B49, B51, B53: answers that are none make error days, never a hold, and are
// replayed like any other.
func TestBadAnswersAreErrorDays(t *testing.T) {
	server, runs := llmtest.NewOpenAI(t), t.TempDir()
	server.Disturb = func(w http.ResponseWriter, r llmtest.Request) bool {
		// The sessions are told by their dates, so it does not matter who comes when.
		prompt := r.Messages[0]
		switch {
		case strings.Contains(prompt, "2024-06-18"):
			io.WriteString(w, `{"choices":[]}`)
		case strings.Contains(prompt, "2024-06-20"):
			io.WriteString(w, `<html>log in</html>`)
		default:
			return false
		}
		return true
	}
	live := runModel(t, "openai/m", server.URL, runs, "live", "--timeout", "10s")
	if live.code != exitErrorDays {
		t.Fatalf("exit code %d: %s", live.code, live.stderr)
	}
	failed := map[string]string{}
	for _, r := range askedOf(t, runs, "live") {
		if r.Status == backtest.StatusError {
			failed[string(r.Session)+" "+r.Symbol] = r.Failure.Reason
		}
	}
	for _, want := range []string{"2024-06-18 FIGMNT", "2024-06-18 NOKELP", "2024-06-20 FIGMNT", "2024-06-20 NOKELP"} {
		if !strings.Contains(failed[want], "no choices") && !strings.Contains(failed[want], "web page") {
			t.Errorf("%s: failure = %q", want, failed[want])
		}
	}
	if len(failed) > 4+2 {
		t.Errorf("failed: %v", failed)
	}
	replayed := runModel(t, "openai/m", server.URL, runs, "replay", "--llm-cache", "replay")
	if replayed.code != exitErrorDays || replayed.digest(t) != live.digest(t) {
		t.Errorf("replay: exit code %d, digest differs: %s", replayed.code, replayed.stderr)
	}
}

// B58: a provider that fails in the middle leaves nothing of the session; a resumed
// run ends like one that was never disturbed.
func TestModelRunIsResumed(t *testing.T) {
	server, runs := llmtest.NewOpenAI(t), t.TempDir()
	whole := runModel(t, "openai/m", server.URL, runs, "whole", "--llm-cache", "off")
	var n atomic.Int32
	failing := llmtest.NewOpenAI(t)
	failing.Disturb = func(w http.ResponseWriter, r llmtest.Request) bool {
		if n.Add(1) == 12 {
			w.WriteHeader(http.StatusPaymentRequired)
			fmt.Fprint(w, `{"error":{"message":"Insufficient Balance"}}`)
			return true
		}
		return false
	}
	r := runModel(t, "openai/m", failing.URL, runs, "broken", "--llm-cache", "off")
	if r.code != exitFailed || !strings.Contains(r.stderr, "no credit") || !strings.Contains(r.stderr, "--resume") {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	r = runModel(t, "openai/m", failing.URL, runs, "broken", "--llm-cache", "off", "--resume")
	if r.code != exitDone || r.digest(t) != whole.digest(t) {
		t.Errorf("resumed: exit code %d, digest differs: %s", r.code, r.stderr)
	}
	// B91: with another parameter it is another run.
	r = runModel(t, "openai/m", failing.URL, runs, "broken", "--resume", "--model-seed", "0")
	if r.code == exitDone || !strings.Contains(r.stderr, `model.seed was "", is "0"`) {
		t.Errorf("resumed with a seed: exit code %d: %s", r.code, r.stderr)
	}
}

// B59: limits that are hit along the way change nothing but the time it takes, and
// are announced.
func TestRateLimitsChangeNothing(t *testing.T) {
	server, runs := llmtest.NewOpenAI(t), t.TempDir()
	whole := runModel(t, "openai/m", server.URL, runs, "whole", "--llm-cache", "off")
	var n atomic.Int32
	server.Disturb = func(w http.ResponseWriter, r llmtest.Request) bool {
		if n.Add(1)%4 != 0 {
			return false
		}
		w.Header().Set("Retry-After", "0.02")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	r := runModel(t, "openai/m", server.URL, runs, "limited", "--llm-cache", "off", "--parallel", "2")
	if r.code != exitDone || r.digest(t) != whole.digest(t) {
		t.Errorf("exit code %d, digest differs: %s", r.code, r.stderr)
	}
	if !strings.Contains(r.stderr, "note: openai: rate limited (status 429, told to wait 20ms): Too Many Requests; trying again in ") {
		t.Errorf("stderr = %s", r.stderr)
	}
}

// B59: Ctrl-C works while a run waits for its provider, and what was done is kept.
func TestInterruptedWhileWaiting(t *testing.T) {
	server, runs := llmtest.NewOpenAI(t), t.TempDir()
	ctx, interrupt := context.WithCancel(t.Context())
	var n atomic.Int32
	server.Disturb = func(w http.ResponseWriter, r llmtest.Request) bool {
		if n.Add(1) < 6 {
			return false
		}
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusTooManyRequests)
		time.AfterFunc(20*time.Millisecond, interrupt)
		return true
	}
	t.Setenv("OPENAI_API_KEY", sentinel)
	var out, err bytes.Buffer
	began := time.Now()
	code := run(ctx, []string{"backtest", "--model", "openai/m", "--base-url", server.URL, "--runs", runs, "--name", "x",
		"--symbol", "NOKELP", "--warmup-from", "2024-06-10", "--from", "2024-06-17", "--to", "2024-06-21"}, strings.NewReader(""), &out, &err)
	if code != exitInterrupted || time.Since(began) > 5*time.Minute || !strings.Contains(err.String(), "--resume") {
		t.Errorf("exit code %d after %s: %s", code, time.Since(began), err.String())
	}
	if n := len(askedOf(t, runs, "x")); n != 5 {
		t.Errorf("%d decisions are kept, want the 5 before", n)
	}
}

// B54: a parameter that the model does not take is explained.
func TestRefusedParameterIsExplained(t *testing.T) {
	server, runs := llmtest.NewOpenAI(t), t.TempDir()
	server.Refuses = []string{"temperature"}
	r := runModel(t, "openai/m", server.URL, runs, "x", "--temperature", "0")
	if r.code != exitFailed || !strings.Contains(r.stderr, "parameter temperature") || !strings.Contains(r.stderr, "leave --temperature out") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	if r := runModel(t, "openai/m", server.URL, runs, "y"); r.code != exitDone {
		t.Errorf("without it: exit code %d: %s", r.code, r.stderr)
	}
}

func TestModelsCommand(t *testing.T) {
	for _, v := range []string{"ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "GOOGLE_API_KEY"} {
		t.Setenv(v, "")
	}
	t.Setenv("OPENAI_API_KEY", sentinel)
	t.Setenv("GEMINI_API_KEY", "")
	var out, err bytes.Buffer
	if code := run(t.Context(), []string{"models", "--json"}, strings.NewReader(""), &out, &err); code != exitDone {
		t.Fatalf("exit code %d: %s", code, err.String())
	}
	var list []providerInfo
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for _, p := range list {
		keys[p.Provider] = p.Key
	}
	if got, want := fmt.Sprint(keys), "map[anthropic:not set googleai:not set mistral:not set offline:not needed ollama:not needed openai:set]"; got != want {
		t.Errorf("keys = %s, want %s", got, want)
	}
	if strings.Contains(out.String()+err.String(), sentinel) {
		t.Error("B87: the key was printed")
	}
}

func TestModelsPing(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", sentinel)
	t.Setenv("ANTHROPIC_API_KEY", sentinel)
	for model, start := range map[string]func(*testing.T) *llmtest.Server{
		"openai/m": llmtest.NewOpenAI, "ollama/m": llmtest.NewOllama, "anthropic/m": llmtest.NewAnthropic,
	} {
		server := start(t)
		server.Answer = func(r llmtest.Request) string {
			if r.Schema == nil {
				return "no schema"
			}
			return `{"word": "pong"}`
		}
		var out, err bytes.Buffer
		code := run(t.Context(), []string{"models", "ping", model, "--base-url", server.URL}, strings.NewReader(""), &out, &err)
		if code != exitDone || !strings.Contains(out.String(), "asked by schema; the answer fits the schema") || len(server.Requests()) != 1 {
			t.Errorf("%s: exit code %d, %d calls: %s%s", model, code, len(server.Requests()), out.String(), err.String())
		}
		server.Disturb = func(w http.ResponseWriter, r llmtest.Request) bool {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		if code := run(t.Context(), []string{"models", "ping", model, "--base-url", server.URL}, strings.NewReader(""), &out, &err); code != exitFailed {
			t.Errorf("%s out of order: exit code %d", model, code)
		}
	}
	var out, err bytes.Buffer
	if code := run(t.Context(), []string{"models", "ping", "offline"}, strings.NewReader(""), &out, &err); code != exitUsage {
		t.Errorf("ping offline: exit code %d: %s", code, err.String())
	}
}
