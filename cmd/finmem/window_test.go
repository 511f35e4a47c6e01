package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"finmem/agent"
	"finmem/agent/llm/calls"
	"finmem/agent/llm/llmtest"
)

// articlesDay is the session on which articles brings its news.
const articlesDay = "2024-06-12"

// articles is a dataset of five sessions, one of them with 60 articles of about 500
// tokens.
func articles(t *testing.T) string {
	t.Helper()
	var news strings.Builder
	for i := range 60 {
		text := strings.Repeat(fmt.Sprintf("anvil number %d sold ", i), 120)
		if n := agent.EstimateTokens(text); n < 450 || n > 550 {
			t.Fatalf("an article has %d tokens, want about 500", n)
		}
		fmt.Fprintf(&news, `{"time":"%sT12:00:%02d-04:00","title":"Article %d","text":%q,"source":"wire"}`+"\n", articlesDay, i, i, text)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"dataset.toml":    "name = \"articles\"\ncalendar = \"NYSE\"\nprice_kind = \"close-only\"\nadjustment = \"split\"\n",
		"prices/ACME.csv": "date,close\n2024-06-10,100\n2024-06-11,101\n2024-06-12,102\n2024-06-13,101\n2024-06-14,103\n",
		"news/ACME.jsonl": news.String(),
		"config.toml":     "[agent]\npassage_chars = 4000\n[memory]\ntop_k = 60\n",
		"layers.toml":     "[agent]\npassage_chars = 4000\n[agent.layer_tokens]\nshort = 2100\n[memory]\ntop_k = 60\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// beyond says which requests have more than so many tokens.
func beyond(tokens int) func(llmtest.Request) bool {
	return func(r llmtest.Request) bool {
		n := agent.EstimateTokens(r.System)
		for _, m := range r.Messages {
			n += agent.EstimateTokens(m)
		}
		return n > tokens
	}
}

// articlesRun trades on the articles with a model; the flags in more come last.
func articlesRun(t *testing.T, ds, runs, name, model, url string, more ...string) modelRun {
	t.Helper()
	t.Setenv("OPENAI_API_KEY", sentinel)
	t.Setenv("ANTHROPIC_API_KEY", sentinel)
	return finmemRun(t, append([]string{"backtest", "--config", filepath.Join(ds, "config.toml"), "--data", ds, "--from", "2024-06-11",
		"--runs", runs, "--name", name, "--model", model, "--base-url", url, "--json"}, more...)...)
}

// explained is what explain says of the session with the articles.
func explained(t *testing.T, runs, name string) explanation {
	t.Helper()
	r := finmemRun(t, "explain", name, "ACME", articlesDay, "--runs", runs, "--json")
	var e explanation
	if err := json.Unmarshal([]byte(r.stdout), &e); err != nil {
		t.Fatalf("%v: %s%s", err, r.stdout, r.stderr)
	}
	return e
}

// B50: with a window of 4,096 tokens prompt and reserve fit, though 60 articles of 500
// tokens come on one session; instructions and schema are whole, and what was left out
// is recorded and shown.
func TestB50WindowOfTheModel(t *testing.T) {
	ds, runs, server := articles(t), t.TempDir(), llmtest.NewOpenAI(t)
	reserve := agent.DefaultConfig().AnswerTokens
	server.TooLong = beyond(4096 - reserve)
	r := articlesRun(t, ds, runs, "r", "openai/m", server.URL, "--context-tokens", "4096")
	if r.code != exitDone {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	if n := len(server.Requests()); n != 4 {
		t.Errorf("%d calls for 4 sessions: a prompt was refused", n)
	}
	for _, q := range server.Requests() {
		if !strings.Contains(q.System, `"investment_decision"`) || !strings.Contains(q.System, "How you answer") || !strings.HasSuffix(strings.TrimSpace(q.Messages[0]), "Decide.") {
			t.Errorf("instructions or schema are cut:\n%s\n%s", q.System, q.Messages[0])
		}
	}
	e := explained(t, runs, "r")
	if len(e.Offered) == 0 || len(e.LeftOut) < 50 {
		t.Fatalf("%d offered and %d left out", len(e.Offered), len(e.LeftOut))
	}
	for _, l := range e.LeftOut {
		if l.Bound != agent.BoundWindow || l.Tokens < 450 || !strings.Contains(l.Text, "anvil number") {
			t.Errorf("left out: %+v", l)
		}
	}
	all := len(e.Offered) + len(e.LeftOut)
	if want := fmt.Sprintf("left out %d of %d memories: they do not fit into 4096 tokens", len(e.LeftOut), all); len(e.Warnings) != 1 || e.Warnings[0] != want {
		t.Errorf("warnings %q, want %q", e.Warnings, want)
	}
	shown := finmemRun(t, "explain", "r", "ACME", articlesDay, "--runs", runs)
	if want := fmt.Sprintf("Left out for want of room, %d memories:", len(e.LeftOut)); !strings.Contains(shown.stdout, want) || !strings.Contains(shown.stdout, "window") {
		t.Errorf("explain lacks %q:\n%s", want, shown.stdout)
	}
}

// A layer's own budget holds without any window.
func TestLayerTokensOfTheConfig(t *testing.T) {
	ds, runs, server := articles(t), t.TempDir(), llmtest.NewOpenAI(t)
	r := articlesRun(t, ds, runs, "r", "openai/m", server.URL, "--config", filepath.Join(ds, "layers.toml"))
	if r.code != exitDone {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	e := explained(t, runs, "r")
	short := 0
	for _, o := range e.Offered {
		if o.Layer.String() == "short" {
			short++
		}
	}
	if short < 3 || short > 4 || len(e.LeftOut) != 60-short || e.LeftOut[0].Bound != agent.BoundLayer {
		t.Errorf("%d short memories offered, %d left out, want 2,100 tokens of them", short, len(e.LeftOut))
	}
	// Another budget is another run.
	if r := articlesRun(t, ds, runs, "r", "openai/m", server.URL, "--resume"); r.code != exitFailed && r.code != exitUsage || !strings.Contains(r.stderr, "agent.layer_tokens.short was \"2100\", is \"0\"") {
		t.Errorf("resumed with another budget: exit code %d: %s", r.code, r.stderr)
	}
	bad := writeFile(t, "bad.toml", "[agent.layer_tokens]\nlong = -5\n")
	if r := articlesRun(t, ds, runs, "bad", "openai/m", server.URL, "--config", bad); r.code != exitUsage || !strings.Contains(r.stderr, "layer-tokens of long are -5") {
		t.Errorf("a negative budget: exit code %d: %s", r.code, r.stderr)
	}
}

// B50: where nobody said how large the window is and the provider refuses the prompt,
// memories are left out until it takes it. The run goes on without an error day, and
// is replayed, refusals and all.
func TestB50ProviderRefusesLongPrompts(t *testing.T) {
	ds := articles(t)
	for name, start := range map[string]func(*testing.T) *llmtest.Server{
		"openai/m": llmtest.NewOpenAI, "openai/llama.cpp": llmtest.NewLlamaCpp, "anthropic/m": llmtest.NewAnthropic, "ollama/m": llmtest.NewOllama,
	} {
		server, runs := start(t), t.TempDir()
		server.TooLong = beyond(4096)
		args := []string{"--context-tokens", "100000"}
		live := articlesRun(t, ds, runs, "live", name, server.URL, args...)
		if live.code != exitDone {
			t.Fatalf("%s: exit code %d: %s", name, live.code, live.stderr)
		}
		e := explained(t, runs, "live")
		model := 0
		for _, l := range e.LeftOut {
			if l.Bound == agent.BoundModel {
				model++
			}
		}
		if model < 50 || len(e.Offered) == 0 || len(e.Answers) != 1 || !strings.Contains(strings.Join(e.Warnings, "\n"), "the model refused the prompt of about") {
			t.Errorf("%s: %d left out by the model, %d offered, warnings %q", name, model, len(e.Offered), e.Warnings)
		}
		server.Disturb = func(http.ResponseWriter, llmtest.Request) bool {
			t.Errorf("%s: a replay called out", name)
			return false
		}
		replayed := articlesRun(t, ds, runs, "replay", name, server.URL, append(args, "--llm-cache", "replay")...)
		if replayed.code != exitDone || replayed.digest(t) != live.digest(t) {
			t.Errorf("%s: replay: exit code %d, digest differs: %s", name, replayed.code, replayed.stderr)
		}
	}
}

// Where the provider takes no prompt at all each session is an error day, whose reason
// is the provider's; so many in a row stop the run, which is replayed alike and goes on
// once the provider takes them.
func TestProviderRefusesEveryPrompt(t *testing.T) {
	ds, runs, server := articles(t), t.TempDir(), llmtest.NewOpenAI(t)
	server.TooLong = func(llmtest.Request) bool { return true }
	live := articlesRun(t, ds, runs, "live", "openai/m", server.URL, "--max-error-days", "2")
	if live.code != exitFailed || !strings.Contains(live.stderr, "maximum context length") || !strings.Contains(live.stderr, "--resume") {
		t.Errorf("exit code %d: %s", live.code, live.stderr)
	}
	replayed := articlesRun(t, ds, runs, "replayed", "openai/m", server.URL, "--max-error-days", "2", "--llm-cache", "replay")
	if replayed.code != exitFailed {
		t.Errorf("replay: exit code %d: %s", replayed.code, replayed.stderr)
	}
	same(t, "replay", fingerprint(t, filepath.Join(runs, "live")), fingerprint(t, filepath.Join(runs, "replayed")))
	if n := len(sessionsDone(t, filepath.Join(runs, "live"))); n != 3 {
		t.Errorf("%d sessions are kept, want the first, which only observes, and two error days", n)
	}
	server.TooLong = nil
	if r := articlesRun(t, ds, runs, "live", "openai/m", server.URL, "--max-error-days", "2", "--resume"); r.code != exitErrorDays {
		t.Errorf("resumed: exit code %d: %s", r.code, r.stderr)
	}
}

// B46: texts of long characters are cut between them wherever they are cut: in
// passages, in requests to the embedder, in tables and in prompts.
func TestB46CutsBetweenCharacters(t *testing.T) {
	ds, runs, server := articles(t), t.TempDir(), newEmbedServer(t)
	var news strings.Builder
	for i, text := range []string{strings.Repeat("値", 200), strings.Repeat("🙂", 100), strings.Repeat("é ", 150)} {
		fmt.Fprintf(&news, `{"time":"%sT12:00:%02d-04:00","title":%q,"text":%q,"source":"wire"}`+"\n", articlesDay, i, text, text)
	}
	config := "[agent]\npassage_chars = 131\n[agent.layer_tokens]\nshort = 300\n[model.embedding]\ninput_tokens = 50\n"
	for name, text := range map[string]string{"news/ACME.jsonl": news.String(), "config.toml": config} {
		if err := os.WriteFile(filepath.Join(ds, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	args := append([]string{"backtest", "--config", filepath.Join(ds, "config.toml"), "--data", ds, "--from", "2024-06-11", "--runs", runs, "--name", "r", "--json"}, server.flags()...)
	if r := finmemRun(t, args...); r.code != exitDone {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	if e := explained(t, runs, "r"); len(e.Offered) == 0 || len(e.LeftOut) == 0 {
		t.Errorf("%d offered and %d left out, want some of both", len(e.Offered), len(e.LeftOut))
	}
	for _, q := range server.Requests() {
		for _, text := range q.Texts {
			if strings.ContainsRune(text, utf8.RuneError) {
				t.Errorf("a text to embed is cut inside a character: %q", text)
			}
		}
	}
	for _, args := range [][]string{
		{"explain", "r", "ACME", articlesDay, "--prompt"},
		{"explain", "r", "ACME", articlesDay, "--json"},
		{"memory", "list", "r"},
		{"memory", "search", "r", "値値"},
		{"llm-cache", "export", "-", "--llm-cache-file", filepath.Join(runs, calls.FileName)},
	} {
		r := finmemRun(t, append(args, "--runs", runs)...)
		for _, out := range []string{r.stdout, r.stderr} {
			if r.code != exitDone || !utf8.ValidString(out) || strings.ContainsRune(out, utf8.RuneError) {
				t.Errorf("%v: exit code %d, cut inside a character, or worse: %q", args, r.code, out)
			}
		}
	}
}
