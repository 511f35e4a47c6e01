//go:build ollama

package main

import (
	"bytes"
	"context"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"finmem/agent"
	"finmem/agent/llm/calls"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/memory"
)

// ollamaProgram names the Ollama to test against. scripts/ollama.sh builds one.
const ollamaProgram = "FINMEM_OLLAMA"

// tinyDimensions is how long the vectors of the tiny model are.
const tinyDimensions = 32

// tinyContext is the window of the tiny model, in tokens. It has one for each
// character, which is four times as many as finmem counts.
const tinyContext = "16384"

// An ollamaServer is a real Ollama with the tiny model of
// scripts/ollama/tinymodel, in a folder of its own.
type ollamaServer struct {
	url     string
	process *exec.Cmd
	log     *os.File
}

func startOllama(t *testing.T) *ollamaServer {
	t.Helper()
	program := os.Getenv(ollamaProgram)
	if program == "" {
		t.Fatalf("%s is not set: run scripts/ollama.sh, or set it to an ollama", ollamaProgram)
	}
	home := t.TempDir()
	address := freeAddress(t)
	command := func(ctx context.Context, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Env = append(os.Environ(), "HOME="+home, "OLLAMA_MODELS="+filepath.Join(home, "models"), "OLLAMA_HOST="+address,
			"OLLAMA_FLASH_ATTENTION=0")
		cmd.Dir = home
		return cmd
	}
	log, err := os.Create(filepath.Join(home, "serve.log"))
	if err != nil {
		t.Fatal(err)
	}
	// Not the test's context: that ends before the cleanup, and the server has to
	// end its own children.
	s := &ollamaServer{url: "http://" + address, process: command(context.Background(), "serve"), log: log}
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(t) })
	s.await(t)

	model := filepath.Join(home, "tiny.gguf")
	if out, err := exec.CommandContext(t.Context(), "go", "run", "finmem/scripts/ollama/tinymodel", "-out", model).CombinedOutput(); err != nil {
		t.Fatalf("making the model: %v\n%s", err, out)
	}
	modelfile := filepath.Join(home, "Modelfile")
	text := "FROM " + model + "\nPARAMETER num_ctx " + tinyContext + "\nPARAMETER num_thread 1\n" +
		`TEMPLATE """{{ range .Messages }}{{ .Role }}: {{ .Content }}` + "\n{{ end }}\"\"\"\n"
	if err := os.WriteFile(modelfile, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := command(t.Context(), "create", "tiny", "-f", modelfile).CombinedOutput(); err != nil {
		t.Fatalf("ollama create: %v\n%s", err, out)
	}
	return s
}

// freeAddress is one of this machine that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// await returns when the server answers.
func (s *ollamaServer) await(t *testing.T) {
	t.Helper()
	for range 600 {
		if s.answers(t) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	log, err := os.ReadFile(s.log.Name())
	t.Fatalf("ollama serve does not answer: %s (%v)", log, err)
}

func (s *ollamaServer) answers(t *testing.T) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/version", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// stop ends the server, once.
func (s *ollamaServer) stop(t *testing.T) {
	t.Helper()
	if s.process.ProcessState != nil {
		return
	}
	if err := s.process.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	force := time.AfterFunc(30*time.Second, func() { s.process.Process.Kill() })
	// How an interrupted server exits is its own affair.
	_ = s.process.Wait()
	force.Stop()
	if err := s.log.Close(); err != nil {
		t.Error(err)
	}
}

// A live is a run that was made, and how to make it once more in another folder.
type live struct {
	modelRun
	again func(runs string, more ...string) modelRun
}

// ollamaPrices make the model cost something, though it costs nothing.
const ollamaPrices = `as_of = "2026-01-31"
[[price]]
model = "ollama/tiny"
input = 2.0
output = 8.0
[[price]]
model = "openai/tiny"
input = 2.0
output = 8.0
`

// A real server, whose model says nothing but noise, decides and remembers through
// a whole run: every answer that is held to the schema is understood at once, every
// memory has the model's vector, and what it took is counted. With the server gone
// the run is replayed to the same bytes. Both of its interfaces will do.
func TestRealOllama(t *testing.T) {
	server := startOllama(t)
	prices := writeFile(t, "prices.toml", ollamaPrices)
	lives := map[string]live{}
	for _, at := range []struct{ provider, path string }{{"ollama", ""}, {"openai", "/v1"}} {
		name, url, dir := at.provider+"/tiny", server.url+at.path, t.TempDir()
		backtest := func(runs string, more ...string) modelRun {
			return finmemRun(t, append([]string{"backtest", "--json", "--name", "r", "--runs", filepath.Join(dir, runs),
				"--model", name, "--base-url", url, "--embedder", name, "--embedder-url", url,
				"--llm-cache-file", filepath.Join(dir, calls.FileName), "--prices", prices, "--top-k", "2",
				"--symbol", "FIGMNT", "--warmup-from", "2024-06-10", "--from", "2024-06-17", "--to", "2024-06-25",
				"--model-seed", "7", "--max-answer-tokens", "3000", "--context-tokens", tinyContext}, more...)...)
		}
		start := time.Now()
		r := backtest("live")
		if r.code != exitDone {
			t.Fatalf("%s: exit code %d: %s", name, r.code, r.stderr)
		}
		lives[name] = live{r, backtest}
		in, out := checkAnswers(t, filepath.Join(dir, "live"))
		t.Logf("%s: %d sessions in %s", name, ollamaSessions, time.Since(start).Round(time.Second))
		checkVectors(t, filepath.Join(dir, "live"), memory.Identity{Name: name, Dim: tinyDimensions})
		checkKept(t, filepath.Join(dir, calls.FileName), at.provider)
		checkCost(t, r, in, out)
	}
	checkRefusal(t, server)
	server.stop(t)
	if server.answers(t) {
		t.Fatal("the server still answers")
	}
	for name, was := range lives {
		r := was.again("replayed", "--llm-cache", "replay")
		if r.code != exitDone || r.digest(t) != was.digest(t) || r.stdout != was.stdout {
			t.Errorf("%s: replay: exit code %d, %s, want %s\n%s", name, r.code, r.stdout, was.stdout, r.stderr)
		}
		// The answers are those of the model, so there are none for another seed.
		if r := was.again("other", "--llm-cache", "replay", "--model-seed", "8"); r.code != exitFailed {
			t.Errorf("%s: replay with another seed: exit code %d", name, r.code)
		}
	}
}

// ollamaSessions is how many sessions decide or learn: 10 to 25 June but for the
// holiday on the 19th, and the 14th, the last of the warm-up, on which a lesson
// would be told in the test.
const ollamaSessions = 10

// checkRefusal wants the server to refuse prompts as too long that finmem takes to
// fit, because it counts a quarter of the tokens, and to be asked again with fewer
// memories. What is answered in a window that is nearly full may be cut.
func checkRefusal(t *testing.T, server *ollamaServer) {
	t.Helper()
	runs := t.TempDir()
	r := finmemRun(t, "backtest", "--name", "r", "--runs", runs, "--model", "ollama/tiny", "--base-url", server.url,
		"--symbol", "FIGMNT", "--warmup-from", "2024-06-12", "--from", "2024-06-18", "--to", "2024-06-18",
		"--model-seed", "7", "--context-tokens", "6500")
	if r.code != exitDone && r.code != exitErrorDays {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	left := map[data.Session]int{}
	for _, asked := range askedOf(t, runs, "r") {
		trace := agent.Trace{}
		if asked.Decision != nil {
			trace = asked.Decision.Trace
		} else {
			trace = asked.Failure.Trace
		}
		for _, o := range trace.LeftOut {
			if o.Bound == agent.BoundModel {
				left[asked.Session]++
			}
		}
	}
	t.Logf("left out after a refusal: %v", left)
	if len(left) == 0 {
		t.Errorf("no prompt was refused as too long, or nothing was left out after it")
	}
}

// checkAnswers wants a decision on each session, from one answer that the server
// counted, and sums up the tokens.
func checkAnswers(t *testing.T, runs string) (in, out int) {
	t.Helper()
	asked := askedOf(t, runs, "r")
	if len(asked) != ollamaSessions {
		t.Errorf("asked on %d sessions, want %d", len(asked), ollamaSessions)
	}
	for _, r := range asked {
		if r.Decision == nil {
			t.Errorf("session %s is an error day: %s", r.Session, r.Failure.Reason)
			continue
		}
		answers := r.Decision.Trace.Answers
		if len(answers) != 1 || answers[0].Usage.Estimated || answers[0].Usage.InputTokens == 0 || answers[0].Usage.OutputTokens == 0 {
			t.Errorf("session %s: answers %+v, want one with its usage", r.Session, answers)
			continue
		}
		in, out = in+answers[0].Usage.InputTokens, out+answers[0].Usage.OutputTokens
	}
	return in, out
}

// checkCost wants the report to count the tokens of the answers and to price them.
func checkCost(t *testing.T, r modelRun, in, out int) {
	t.Helper()
	u := reportOf(t, r).Usage.Total
	want := (2*float64(in+u.EmbeddingTokens) + 8*float64(out)) / 1e6
	if u.Calls != ollamaSessions || u.EstimatedCalls != 0 || u.InputTokens != in || u.OutputTokens != out || u.EmbeddedTexts < ollamaSessions {
		t.Errorf("usage %+v, want %d calls with %d and %d tokens, and texts to embed", u, ollamaSessions, in, out)
	}
	if u.USD == nil || math.Abs(*u.USD-want) > 1e-9 {
		t.Errorf("cost %v, want %v", u.USD, want)
	}
}

// checkVectors wants every memory of the run to have a vector of the embedder.
func checkVectors(t *testing.T, runs string, embedder memory.Identity) {
	t.Helper()
	j, err := journal.Read(t.Context(), filepath.Join(runs, "r"))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	meta, err := j.Meta(t.Context())
	if err != nil || meta.Embedder != embedder {
		t.Errorf("the run was written with %s, %v, want %s", meta.Embedder, err, embedder)
	}
	changes, err := j.Changes(t.Context(), "FIGMNT", "")
	if err != nil {
		t.Fatal(err)
	}
	var vectors [][]float32
	for _, c := range changes {
		if c.Event == nil {
			continue
		}
		if v := c.Event.Vector; len(v) != embedder.Dim {
			t.Errorf("event %s has %d dimensions, want %d", c.ID, len(v), embedder.Dim)
		} else if !slices.ContainsFunc(vectors, func(w []float32) bool { return slices.Equal(v, w) }) {
			vectors = append(vectors, v)
		}
	}
	if len(vectors) < 2 {
		t.Errorf("%s: %d different vectors", embedder, len(vectors))
	}
	var out, stderr bytes.Buffer
	if code := run(t.Context(), []string{"memory", "stats", "r", "--runs", runs}, strings.NewReader(""), &out, &stderr); code != exitDone || !strings.Contains(out.String(), "embedder "+embedder.String()) {
		t.Errorf("memory stats: exit code %d: %s%s", code, out.String(), stderr.String())
	}
}

// checkKept wants one chat call a session among the kept calls, the embedder's
// requests, and the vector of each text.
func checkKept(t *testing.T, file, provider string) {
	t.Helper()
	kept := keptOf(t, file)
	for kind, c := range kept {
		if c.Provider != provider || c.Model != "tiny" || c.Faulty > 0 || kind != calls.Vector && (c.InputTokens == 0 || c.LatencySeconds <= 0) {
			t.Errorf("%s: %+v", kind, c)
		}
	}
	// The first embedding is that which asks for the number of dimensions.
	if n := kept[calls.Embedding].Calls; n < 2 || n > ollamaSessions+3 {
		t.Errorf("%d requests to the embedder on %d sessions", n, ollamaSessions)
	}
	if len(kept) != 3 || kept[calls.Chat].Calls != ollamaSessions || kept[calls.Vector].Calls <= ollamaSessions {
		t.Errorf("kept %+v, want %d chat calls and more vectors", kept, ollamaSessions)
	}
}
