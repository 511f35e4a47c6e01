package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"finmem/agent/llm/calls"
	"finmem/agent/llm/llmtest"
	"finmem/backtest/journal"
	"finmem/memory"
	"finmem/memory/embed"
)

// finmemRun runs finmem in this process.
func finmemRun(t *testing.T, args ...string) modelRun {
	t.Helper()
	var out, err bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(""), &out, &err)
	return modelRun{code, out.String(), err.String()}
}

// short is a run of nine sessions and two symbols with the offline analyst, the
// flags in more coming last.
func short(runs, name string, more ...string) []string {
	return append([]string{"backtest", "--runs", runs, "--name", name, "--json", "--symbol", "FIGMNT,NOKELP",
		"--warmup-from", "2024-06-10", "--from", "2024-06-17", "--to", "2024-06-21"}, more...)
}

// An embedServer is an Ollama server whose vectors are those of the offline
// embedder, so that a run with it decides what a run without it does.
type embedServer struct {
	*llmtest.Server
	// refuse is the number of the request that is refused, 0 for none.
	refuse atomic.Int64
	// cut is how many dimensions the vectors are cut to, 0 for all.
	cut atomic.Int64
}

func newEmbedServer(t *testing.T) *embedServer {
	s := &embedServer{Server: llmtest.NewOllama(t)}
	s.Disturb = func(w http.ResponseWriter, r llmtest.Request) bool {
		if int64(r.Number) == s.refuse.Load() {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"this one not"}`)
			return true
		}
		vectors, err := embed.NewHashing().Embed(t.Context(), r.Texts)
		if err != nil {
			t.Error(err)
		}
		if n := s.cut.Load(); n > 0 {
			for i := range vectors {
				vectors[i] = append([]float32{1}, vectors[i][:n-1]...)
			}
		}
		if err := json.NewEncoder(w).Encode(map[string]any{"model": "m", "embeddings": vectors, "prompt_eval_count": 1}); err != nil {
			t.Error(err)
		}
		return true
	}
	return s
}

func (s *embedServer) flags(more ...string) []string {
	return append([]string{"--embedder", "ollama/m", "--embedder-url", s.URL}, more...)
}

func reportOf(t *testing.T, r modelRun) report {
	t.Helper()
	var rep report
	if err := json.Unmarshal([]byte(r.stdout), &rep); err != nil {
		t.Fatalf("exit code %d, no report: %v\n%s", r.code, err, r.stderr)
	}
	return rep
}

// A run makes at most one embedding request for each session and symbol, besides
// one for the number of dimensions; what was placed once is not asked for again;
// and a replay takes no server, gives the same bytes, and names the session whose
// texts were never placed.
func TestEmbeddingRequests(t *testing.T) {
	server, runs := newEmbedServer(t), t.TempDir()
	live := finmemRun(t, short(runs, "live", server.flags()...)...)
	rep := reportOf(t, live)
	plain := reportOf(t, finmemRun(t, short(runs, "offline")...))
	for i, a := range rep.Agent {
		if b := plain.Agent[i]; a.FinalEquity != b.FinalEquity || a.Buys != b.Buys || a.Sells != b.Sells {
			t.Errorf("%s: decided otherwise than with the same vectors made offline", a.Symbol)
		}
	}
	const sessions, symbols = 9, 2
	requests := server.Requests()
	if n := len(requests); n > sessions*symbols+1 || n < sessions {
		t.Errorf("%d requests for %d sessions of %d symbols", n, sessions, symbols)
	}
	seen := map[string]int{}
	for _, r := range requests {
		for _, text := range r.Texts {
			seen[text]++
		}
	}
	for text, n := range seen {
		if n > 1 {
			t.Errorf("%q was placed %d times", text, n)
		}
	}

	for _, args := range [][]string{
		short(runs, "again", server.flags()...),
		short(runs, "replay", server.flags("--llm-cache", "replay", "--parallel", "1")...),
	} {
		if got := reportOf(t, finmemRun(t, args...)); got.Digest != rep.Digest || len(server.Requests()) != len(requests) {
			t.Errorf("%v: digest %s and %d requests more, want %s and none", args, got.Digest, len(server.Requests())-len(requests), rep.Digest)
		}
	}
	longer := finmemRun(t, short(runs, "longer", server.flags("--llm-cache", "replay", "--warmup-from", "2024-06-07")...)...)
	if longer.code != exitFailed || !strings.Contains(longer.stderr, "session 2024-06-07") || !strings.Contains(longer.stderr, "is kept in") {
		t.Errorf("replay of what was not placed: exit code %d: %s", longer.code, longer.stderr)
	}
}

// keptOf counts what is in a file of kept calls, by kind.
func keptOf(t *testing.T, file string) map[calls.Kind]calls.Count {
	t.Helper()
	r := finmemRun(t, "llm-cache", "stats", "--llm-cache-file", file, "--json")
	var list []calls.Count
	if err := json.Unmarshal([]byte(r.stdout), &list); err != nil {
		t.Fatalf("%v: %s%s", err, r.stdout, r.stderr)
	}
	kept := map[calls.Kind]calls.Count{}
	for _, c := range list {
		if _, twice := kept[c.Kind]; twice {
			t.Errorf("%s is counted twice in %v", c.Kind, list)
		}
		kept[c.Kind] = c
	}
	return kept
}

// Every request to the embedder is kept as it went over the wire, with what the
// server counted and without headers, besides the vectors of the texts. A run is
// replayed to the same bytes from all of it, from either alone, and from an export.
func TestEmbeddingRequestsAreKept(t *testing.T) {
	server, runs := newEmbedServer(t), t.TempDir()
	file := filepath.Join(runs, calls.FileName)
	live := reportOf(t, finmemRun(t, short(runs, "live", server.flags("--parallel", "1")...)...))
	placed, requests := map[string]bool{}, server.Requests()
	for _, r := range requests {
		for _, text := range r.Texts {
			placed[text] = true
		}
	}
	kept := keptOf(t, file)
	if e := kept[calls.Embedding]; len(kept) != 2 || e.Calls != len(requests) || e.InputTokens == 0 || e.Faulty != 0 || kept[calls.Vector].Calls != len(placed) {
		t.Errorf("kept %+v, want %d requests with their tokens and %d vectors", kept, len(requests), len(placed))
	}
	export := filepath.Join(runs, "export.jsonl")
	if r := finmemRun(t, "llm-cache", "export", export, "--llm-cache-file", file); r.code != exitDone {
		t.Fatalf("export: %s", r.stderr)
	}
	lines, err := os.ReadFile(export)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for line := range strings.Lines(string(lines)) {
		var c struct{ Kind, Request, Answer, Session, Symbol string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		if c.Kind == string(calls.Embedding) {
			asked++
			if !strings.Contains(c.Request, `"input":[`) || !strings.Contains(c.Answer, `"embedding`) || c.Session == "" != strings.Contains(c.Request, `["finmem"]`) {
				t.Errorf("kept: %+v", c)
			}
		}
	}
	if asked != len(requests) || strings.Contains(strings.ToLower(string(lines)), "content-type") {
		t.Errorf("exported %d requests, want %d, and no headers", asked, len(requests))
	}
	for i, change := range [][]string{
		{},
		{"prune", "--kind", "vector"},
		{"prune", "--kind", "embedding"},
	} {
		copied := filepath.Join(runs, fmt.Sprintf("copy%d.db", i))
		if r := finmemRun(t, "llm-cache", "import", export, "--llm-cache-file", copied); r.code != exitDone {
			t.Fatalf("import: %s", r.stderr)
		}
		if len(change) > 0 {
			if r := finmemRun(t, append(append([]string{"llm-cache"}, change...), "--llm-cache-file", copied)...); r.code != exitDone {
				t.Fatalf("%v: %s", change, r.stderr)
			}
		}
		got := reportOf(t, finmemRun(t, short(runs, fmt.Sprint("replay", i), server.flags("--llm-cache", "replay", "--llm-cache-file", copied)...)...))
		if got.Digest != live.Digest || len(server.Requests()) != len(requests) {
			t.Errorf("%v: digest %s after %d requests more, want %s after none", change, got.Digest, len(server.Requests())-len(requests), live.Digest)
		}
	}
}

// B58: the embedder fails on the third of the sessions. That session left no
// trace, and the resumed run ends equal to an undisturbed one.
func TestB58EmbedderFails(t *testing.T) {
	server, runs := newEmbedServer(t), t.TempDir()
	whole := reportOf(t, finmemRun(t, short(runs, "whole", server.flags("--llm-cache", "off")...)...))

	server = newEmbedServer(t)
	server.refuse.Store(1 + 2*2 + 1) // the dimensions, two sessions of two symbols, and one more
	args := short(runs, "broken", server.flags("--llm-cache", "off", "--parallel", "1")...)
	broken := finmemRun(t, args...)
	if broken.code != exitFailed || !strings.Contains(broken.stderr, "session 2024-06-12") || !strings.Contains(broken.stderr, "this one not") || !strings.Contains(broken.stderr, "--resume") {
		t.Errorf("exit code %d: %s", broken.code, broken.stderr)
	}
	j, err := journal.Read(t.Context(), filepath.Join(runs, "broken"))
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := j.Sessions(t.Context())
	if err != nil || len(sessions) != 2 {
		t.Errorf("sessions %v, %v, want the two before", sessions, err)
	}
	changes, err := j.Changes(t.Context(), "FIGMNT", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if c.Session > "2024-06-11" {
			t.Errorf("event %s changed on %s", c.ID, c.Session)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	server.refuse.Store(0)
	if resumed := reportOf(t, finmemRun(t, append(args, "--resume")...)); resumed.Digest != whole.Digest {
		t.Errorf("resumed digest %s, undisturbed %s", resumed.Digest, whole.Digest)
	}
}

// B33: a run is not resumed with an embedder of another name or number of
// dimensions; the refusal names both and what to do, and changes nothing.
func TestB33OtherEmbedder(t *testing.T) {
	server, runs := newEmbedServer(t), t.TempDir()
	rep := reportOf(t, finmemRun(t, short(runs, "r", server.flags("--llm-cache", "off")...)...))
	server.cut.Store(8)
	for _, tt := range []struct {
		flags []string
		want  []string
	}{
		{server.flags(), []string{"ollama/m (512 dimensions)", "ollama/m (8 dimensions)", "finmem memory reembed r --embedder ollama/m --out NAME"}},
		{nil, []string{"ollama/m (512 dimensions)", "offline-hash-v1 (512 dimensions)", "finmem memory reembed r --embedder offline --out NAME"}},
		{[]string{"--embedder", "ollama/n", "--embedder-url", server.URL}, []string{"ollama/m (512 dimensions)", "ollama/n (8 dimensions)"}},
	} {
		r := finmemRun(t, short(runs, "r", append(tt.flags, "--llm-cache", "off", "--resume")...)...)
		if r.code != exitFailed {
			t.Errorf("%v: exit code %d, want %d", tt.flags, r.code, exitFailed)
		}
		for _, want := range tt.want {
			if !strings.Contains(r.stderr, want) {
				t.Errorf("%v: %q lacks %q", tt.flags, r.stderr, want)
			}
		}
	}
	search := finmemRun(t, "memory", "search", "r", "anything", "--runs", runs, "--symbol", "FIGMNT", "--embedder-url", server.URL, "--llm-cache", "off")
	if search.code != exitFailed || !strings.Contains(search.stderr, "ollama/m (512 dimensions)") {
		t.Errorf("search: exit code %d: %s", search.code, search.stderr)
	}
	server.cut.Store(0)
	if again := reportOf(t, finmemRun(t, short(runs, "r", server.flags("--llm-cache", "off", "--resume")...)...)); again.Digest != rep.Digest {
		t.Error("the refusals changed the run")
	}
	search = finmemRun(t, "memory", "search", "r", "anything", "--runs", runs, "--symbol", "FIGMNT", "--embedder-url", server.URL, "--llm-cache", "off", "--json")
	if search.code != exitDone || !strings.Contains(search.stdout, `"relevancy"`) {
		t.Errorf("search: exit code %d: %s", search.code, search.stderr)
	}
}

// A copy with another embedder is a run of that embedder in everything that is
// asked of it, and can be gone on with; the run stays as it is.
func TestReembedRun(t *testing.T) {
	server, runs := newEmbedServer(t), t.TempDir()
	rep := reportOf(t, finmemRun(t, short(runs, "r")...))
	before := fingerprint(t, filepath.Join(runs, "r"))
	server.cut.Store(16)
	reembed := append([]string{"memory", "reembed", "r", "--runs", runs, "--out", "copy"}, server.flags()...)
	done := finmemRun(t, reembed...)
	if done.code != exitDone || !strings.Contains(done.stdout, "ollama/m (16 dimensions) in place of offline-hash-v1 (512 dimensions)") {
		t.Fatalf("exit code %d: %s%s", done.code, done.stdout, done.stderr)
	}
	same(t, "the run that was copied", before, fingerprint(t, filepath.Join(runs, "r")))

	j, err := journal.Read(t.Context(), filepath.Join(runs, "copy"))
	if err != nil {
		t.Fatal(err)
	}
	meta, err := j.Meta(t.Context())
	if err != nil || meta.Embedder != (memory.Identity{Name: "ollama/m", Dim: 16}) || !strings.Contains(meta.Config, `embedder = "ollama/m"`) {
		t.Errorf("the copy says it has %s, %v:\n%s", meta.Embedder, err, meta.Config)
	}
	changes, err := j.Changes(t.Context(), "NOKELP", "")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil || len(changes) == 0 {
		t.Fatalf("%d changes, %v", len(changes), err)
	}
	for _, c := range changes {
		if c.Event != nil && len(c.Event.Vector) != 16 {
			t.Errorf("event %s has %d dimensions", c.ID, len(c.Event.Vector))
		}
	}
	if search := finmemRun(t, append([]string{"memory", "search", "copy", "robots", "--runs", runs, "--symbol", "FIGMNT"}, server.flags()[2:]...)...); search.code != exitDone {
		t.Errorf("searching the copy: exit code %d: %s", search.code, search.stderr)
	}
	scored := reportOf(t, finmemRun(t, short(runs, "copy", server.flags("--resume")...)...))
	if len(scored.Agent) != 2 || scored.Agent[0].FinalEquity != rep.Agent[0].FinalEquity || scored.Embedder != "ollama/m" || scored.Digest == rep.Digest {
		t.Errorf("the copy is scored as %s with digest %s, the run was %s", scored.Embedder, scored.Digest, rep.Digest)
	}

	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"a name that is taken", reembed, exitFailed, "is there already"},
		{"the same embedder", []string{"memory", "reembed", "r", "--runs", runs, "--embedder", "offline", "--out", "x"}, exitFailed, "placed by offline-hash-v1 (512 dimensions) already"},
		{"no name", []string{"memory", "reembed", "r", "--runs", runs, "--embedder", "offline"}, exitUsage, "--embedder and --out are needed"},
		{"a way out of the runs", []string{"memory", "reembed", "r", "--runs", runs, "--embedder", "offline", "--out", "../x"}, exitUsage, "want one name without slashes"},
		{"no such embedder", []string{"memory", "reembed", "r", "--runs", runs, "--embedder", "cohere/x", "--out", "x"}, exitUsage, "want offline, googleai/MODEL"},
	} {
		if r := finmemRun(t, tt.args...); r.code != tt.code || !strings.Contains(r.stderr, tt.want) {
			t.Errorf("%s: exit code %d: %s, want %d and %q", tt.name, r.code, r.stderr, tt.code, tt.want)
		}
	}

	// A server that fails on the way leaves nothing behind.
	server.refuse.Store(int64(len(server.Requests()) + 2))
	failed := finmemRun(t, append([]string{"memory", "reembed", "r", "--runs", runs, "--out", "half", "--llm-cache", "off", "--embedder-batch", "4"}, server.flags()...)...)
	if failed.code != exitFailed || !strings.Contains(failed.stderr, "this one not") {
		t.Errorf("exit code %d: %s", failed.code, failed.stderr)
	}
	left, err := filepath.Glob(filepath.Join(runs, "half*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// B42: a filing of 200,000 characters reaches an embedder of 512 tokens in texts
// that it takes, and every part of it is remembered as one.
func TestB42LongFiling(t *testing.T) {
	server, dir := newEmbedServer(t), t.TempDir()
	ds := filepath.Join(dir, "ds")
	var filing strings.Builder
	for i := 0; filing.Len() < 200_000; i++ {
		fmt.Fprintf(&filing, "The company makes robots of %d kinds. ", i)
	}
	for name, text := range map[string]string{
		"dataset.toml":       "name = \"long\"\ncalendar = \"NYSE\"\nprice_kind = \"close-only\"\nadjustment = \"split\"\n",
		"prices/LONG.csv":    "date,close\n2024-06-10,100\n2024-06-11,101\n2024-06-12,102\n2024-06-13,101\n2024-06-14,103\n",
		"filings/LONG.jsonl": `{"accepted":"2024-06-11T12:00:00-04:00","form":"10-K","period":"2024-03-31","text":"` + filing.String() + "\"}\n",
	} {
		path := filepath.Join(ds, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	r := finmemRun(t, append([]string{"backtest", "--data", ds, "--runs", dir, "--name", "r", "--from", "2024-06-11", "--json", "--embedder-tokens", "512"}, server.flags()...)...)
	if r.code != exitDone {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	longest, parts := 0, 0
	for _, q := range server.Requests() {
		for _, text := range q.Texts {
			longest = max(longest, len(text))
		}
	}
	if longest > 3*512 || longest < 1000 {
		t.Errorf("the longest text sent has %d bytes, want at most %d", longest, 3*512)
	}
	list := finmemRun(t, "memory", "list", "r", "--runs", dir, "--limit", "0", "--json")
	var events []struct{ Part, Text string }
	if err := json.Unmarshal([]byte(list.stdout), &events); err != nil {
		t.Fatalf("%v: %s%s", err, list.stdout, list.stderr)
	}
	for _, e := range events {
		if e.Part != "" {
			parts++
		}
	}
	if parts < 90 {
		t.Errorf("%d parts of the filing are remembered, want all of some hundred", parts)
	}
}

// B42: an embedder that refuses long texts, in whatever words and by whatever status,
// gets them in halves until it takes them; nothing is waited for, and the run is
// replayed, refusals and all.
func TestB42EmbedderRefusesLongTexts(t *testing.T) {
	for name, refusal := range map[string]struct {
		status int
		body   string
	}{
		"ollama":    {http.StatusBadRequest, `{"error":"the input length exceeds the context length"}`},
		"llama.cpp": {http.StatusInternalServerError, `{"error":{"code":500,"message":"input is too large to process. increase the physical batch size","type":"server_error"}}`},
	} {
		server, runs := newEmbedServer(t), t.TempDir()
		answer, refused := server.Disturb, 0
		server.Disturb = func(w http.ResponseWriter, r llmtest.Request) bool {
			for _, text := range r.Texts {
				if len(text) > 150 {
					refused++
					w.WriteHeader(refusal.status)
					fmt.Fprint(w, refusal.body)
					return true
				}
			}
			return answer(w, r)
		}
		live := finmemRun(t, short(runs, "live", server.flags("--parallel", "1", "--symbol", "FIGMNT")...)...)
		if live.code != exitDone || refused == 0 || strings.Contains(live.stderr, "trying again") {
			t.Fatalf("%s: exit code %d after %d refusals: %s", name, live.code, refused, live.stderr)
		}
		n := len(server.Requests())
		for i, kind := range []string{"embedding", "vector"} {
			file := filepath.Join(runs, calls.FileName)
			copied := filepath.Join(runs, kind+".db")
			export := filepath.Join(runs, kind+".jsonl")
			for _, args := range [][]string{
				{"export", export, "--kind", kind, "--llm-cache-file", file}, {"import", export, "--llm-cache-file", copied},
			} {
				if r := finmemRun(t, append([]string{"llm-cache"}, args...)...); r.code != exitDone {
					t.Fatalf("%v: %s", args, r.stderr)
				}
			}
			r := finmemRun(t, short(runs, fmt.Sprint("replay", i), server.flags("--llm-cache", "replay", "--llm-cache-file", copied)...)...)
			if r.code != exitDone || r.digest(t) != live.digest(t) || len(server.Requests()) != n {
				t.Errorf("%s, from %ss alone: exit code %d, digest differs, %d calls: %s", name, kind, r.code, len(server.Requests())-n, r.stderr)
			}
		}
	}
}
