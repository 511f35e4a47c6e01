package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"finmem/internal/alpacatest"
	"finmem/paper"
	"finmem/paper/alpaca"
)

// A shared buffer may be written and read at the same time.
type sharedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *sharedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *sharedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// sentinelLoop is a fake broker and the configuration of a loop that trades there,
// with keys and an address that must not be seen anywhere.
func sentinelLoop(t *testing.T, hook string) (s *alpacatest.Server, args []string) {
	t.Helper()
	const key, secret = "SENTINEL_KEY_123", "SENTINEL_SECRET_456"
	s = alpacatest.New(t)
	s.SetKeys(key, secret)
	s.SetCash("200000")
	s.SetPosition("OTHER", "5", "10") // of which the loop says that it does not touch it
	t.Setenv(alpaca.URLVariable, s.URL())
	t.Setenv(alpaca.KeyVariable, key)
	t.Setenv(alpaca.SecretVariable, secret)
	t.Setenv("HOOK_ADDRESS", hook+"/SENTINEL_TOKEN")
	dir := t.TempDir()
	file := filepath.Join(dir, "paper.toml")
	if err := os.WriteFile(file, []byte("[paper]\nbroker = \"alpaca\"\n[paper.webhook]\nurl_env = \"HOOK_ADDRESS\"\nevents = [\"trouble\"]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := cli(t, "data", "sample", "--out", filepath.Join(dir, "ds")); code != 0 {
		t.Fatal(errs)
	}
	return s, []string{"paper", "run", "--config", file, "--data", filepath.Join(dir, "ds"), "--symbol", "NOKELP,UNOBTA", "--dir", filepath.Join(dir, "loop")}
}

// nowhere sees that no secret is in a text or in any file of a folder.
func nowhere(t *testing.T, dir string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(text, "SENTINEL") {
			t.Errorf("a secret is shown: %s", text)
		}
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte("SENTINEL")) {
			t.Errorf("a secret is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A loop that runs says at its address that it is alive and ready, counts, and
// sends messages. A secret is nowhere (B87).
func TestPaperRunIsSeen(t *testing.T) {
	got := make(chan paper.Event, 10)
	var fails atomic.Int32
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fails.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var e paper.Event
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil || r.URL.Path != "/SENTINEL_TOKEN" {
			t.Errorf("%s: %v", r.URL, err)
		}
		got <- e
	}))
	defer hook.Close()
	_, args := sentinelLoop(t, hook.URL)
	ctx, stop := context.WithCancel(t.Context())
	var out, errs sharedBuffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, append(args, "--listen", "127.0.0.1:0", "--log-format", "json"), strings.NewReader(""), &out, &errs)
	}()
	select {
	case e := <-got:
		if e.Kind != paper.Trouble || e.Symbol != "OTHER" || !strings.Contains(e.Text, "does not touch") {
			t.Errorf("event %+v", e)
		}
	case code := <-done:
		t.Fatalf("ended with %d: %s", code, errs.String())
	case <-time.After(time.Minute):
		t.Fatalf("no message: %s", errs.String())
	}
	found := regexp.MustCompile(`"address":"(127\.0\.0\.1:\d+)"`).FindStringSubmatch(errs.String())
	if found == nil {
		t.Fatalf("no address in %s", errs.String())
	}
	for path, want := range map[string]string{
		"/healthz": `"ok":true`, "/readyz": `"ok":true`,
		"/metrics": "\nfinmem_ready 1\n",
	} {
		text := eventually(t, "http://"+found[1]+path, want)
		nowhere(t, filepath.Dir(args[3]), text)
	}
	if text := eventually(t, "http://"+found[1]+"/metrics", "finmem_troubles_total 1"); !strings.Contains(text, "finmem_halted 0") {
		t.Errorf("metrics %s", text)
	}
	stop()
	if code := <-done; code != exitInterrupted {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	if _, err := http.Get("http://" + found[1] + "/healthz"); err == nil {
		t.Error("it is served after the end")
	}
	_, status, _ := cli(t, "paper", "status", "--dir", args[len(args)-1], "--json")
	for _, want := range []string{`"doing": "stopped"`, `"kind": "trouble"`} {
		if !strings.Contains(status, want) {
			t.Errorf("no %s in %s", want, status)
		}
	}
	nowhere(t, filepath.Dir(args[3]), out.String(), errs.String(), status)
}

// eventually asks until an answer has a text in it.
func eventually(t *testing.T, url, want string) string {
	t.Helper()
	var last string
	for range 200 {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if last = string(text); strings.Contains(last, want) {
			return last
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s never had %q: %s", url, want, last)
	return last
}

// B87: a broker that refuses the key and echoes it makes an error of exit code 4,
// and the key is nowhere.
func TestPaperRunKeyRefused(t *testing.T) {
	s, args := sentinelLoop(t, "https://127.0.0.1:1")
	s.Fault(alpacatest.Fault{Times: -1, Status: 401, Body: `{"code":40110000,"message":"no such key {key} with {secret}"}`})
	for _, format := range []string{"text", "json"} {
		code, out, errs := cli(t, append(args, "--once", "--log-format", format)...)
		if code != exitKey || !strings.Contains(errs, "the broker's key is missing or refused") {
			t.Errorf("exit code %d: %s", code, errs)
		}
		nowhere(t, filepath.Dir(args[3]), out, errs)
	}
}

// B87: what a server says of any secret of the environment is shown without it, in
// whichever way a loop shows itself: the file of events, the health, the webhook's
// messages, the log.
func TestPaperHidesAllSecrets(t *testing.T) {
	messages := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		messages <- string(body)
	}))
	defer hook.Close()
	server, args := sentinelLoop(t, hook.URL)
	said := "address " + hook.URL + "/SENTINEL_TOKEN, token SENTINEL_TOKEN"
	names := []string{"TIINGO_API_KEY", "FINNHUB_API_KEY", "ALPHAVANTAGE_API_KEY", "STOOQ_API_KEY",
		"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "MISTRAL_API_KEY"}
	for _, name := range names {
		t.Setenv(name, "SENTINEL_"+name)
		said += ", " + name + " SENTINEL_" + name
	}
	server.Fault(alpacatest.Fault{Path: "/v2/positions", Times: -1, Status: 400, Body: `{"code":1,"message":"` + said + `, broker {key} and {secret}"}`})
	ctx, stop := context.WithCancel(t.Context())
	var out, errs sharedBuffer
	done := make(chan int, 1)
	go func() { done <- run(ctx, args, strings.NewReader(""), &out, &errs) }()
	var message string
	select {
	case message = <-messages:
	case code := <-done:
		t.Fatalf("ended with %d: %s", code, errs.String())
	case <-time.After(time.Minute):
		t.Fatalf("no message: %s", errs.String())
	}
	loop := args[len(args)-1]
	var health string
	for range 200 { // it is written just after the message was queued
		text, err := os.ReadFile(filepath.Join(loop, "health.json"))
		if err != nil {
			t.Fatal(err)
		}
		if health = string(text); strings.Contains(health, `"fault"`) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	<-done
	events, err := os.ReadFile(filepath.Join(loop, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"webhook": message, "health": health, "events": string(events), "log": errs.String()} {
		if !strings.Contains(text, "TIINGO_API_KEY [secret], FINNHUB_API_KEY [secret]") || !strings.Contains(text, "address [secret], token [secret]") {
			t.Errorf("%s does not say what went wrong, without the secrets: %s", where, text)
		}
	}
	nowhere(t, filepath.Dir(args[3]), message, health, out.String(), errs.String())
}

// A loop stays with the broker, and the account there, that it began with.
func TestPaperRunStaysWithItsBroker(t *testing.T) {
	server, args := sentinelLoop(t, "https://127.0.0.1:1")
	if code, _, errs := cli(t, append(args, "--once")...); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	server.SetNumber("PA3ANOTHER")
	code, _, errs := cli(t, append(args, "--once")...)
	if code != exitFailed || !strings.Contains(errs, `trades the account "alpaca paper PA3ALPACATEST", and the keys are those of "alpaca paper PA3ANOTHER"`) ||
		!strings.Contains(errs, "hint: set the keys of the first account") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if err := os.WriteFile(args[3], []byte("[paper]\nbroker = \"sim\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, errs = cli(t, append(args, "--once")...)
	if code != exitFailed || !strings.Contains(errs, `began with paper.broker "alpaca" and cannot go on with "sim"`) {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

// Tokens and cost are those of all sessions in the journal, as its report has them.
func TestSpentSoFar(t *testing.T) {
	dir := t.TempDir()
	ds, loop := filepath.Join(dir, "ds"), filepath.Join(dir, "loop")
	for _, args := range [][]string{{"data", "sample", "--out", ds},
		{"paper", "run", "--replay", ds, "--dir", loop, "--symbol", "NOKELP", "--warmup-from", "2023-12-20", "--from", "2024-01-02", "--to", "2024-01-04"}} {
		if code, _, errs := cli(t, args...); code != exitDone {
			t.Fatal(errs)
		}
	}
	text, err := os.ReadFile(filepath.Join(loop, "metrics.json"))
	if err != nil {
		t.Fatal(err)
	}
	var report struct{ Usage usageReport }
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	rates, err := (&budgetFlags{}).spending("offline", "offline")
	if err != nil {
		t.Fatal(err)
	}
	u := spentSoFar{loop: &paperLoop{dir: loop, plan: &plan{symbols: []string{"NOKELP"}, spending: rates}}}
	want := report.Usage.Total
	for range 2 { // counted, and remembered
		if got := u.usage(); got.InputTokens != want.InputTokens || got.OutputTokens != want.OutputTokens || got.InputTokens == 0 || got.USD == nil || *got.USD != 0 {
			t.Errorf("spent %+v, want %+v", got, want)
		}
	}
}
