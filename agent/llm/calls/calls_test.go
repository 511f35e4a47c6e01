package calls_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"finmem/agent/llm/calls"
)

func open(t *testing.T, path string) *calls.Store {
	t.Helper()
	s, err := calls.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// call is the call number n, with its key.
func call(t interface{ Fatal(...any) }, n int) calls.Call {
	c := calls.Call{
		Kind: calls.Chat, Provider: "openai", URL: "http://127.0.0.1/v1/chat/completions", Model: "m",
		Request: fmt.Appendf(nil, `{"model":"m","n":%d}`, n), Answer: fmt.Appendf(nil, `{"answer":%d}`, n),
		Usage: calls.Usage{InputTokens: 10 + n, OutputTokens: n}, Latency: 1500 * time.Millisecond,
		Asker: calls.Asker{Session: "2024-01-02", Symbol: "ACME"}, Made: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	var err error
	if c.Key, err = calls.Key(c.Provider, c.URL, c.Request); err != nil {
		t.Fatal(err)
	}
	return c
}

func same(a, b calls.Call) bool { return fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b) }

// The key depends on everything that determines the answer and on nothing else.
func TestKey(t *testing.T) {
	key := func(provider, url, body string) string {
		k, err := calls.Key(provider, url, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	first := key("openai", "http://a/v1", `{"model":"m","seed":0,"x":[1,{"b":2,"a":1.50}]}`)
	if len(first) != 64 {
		t.Errorf("key = %q, want 64 hexadecimal digits", first)
	}
	if got := key("openai", "http://a/v1", " {\"x\" : [1,{\"a\":1.50,\"b\":2}],\n\"seed\":0,\"model\":\"m\"}"); got != first {
		t.Error("spacing or order of fields changes the key")
	}
	for name, other := range map[string]string{
		"provider":     key("mistral", "http://a/v1", `{"model":"m","seed":0,"x":[1,{"b":2,"a":1.50}]}`),
		"URL":          key("openai", "http://b/v1", `{"model":"m","seed":0,"x":[1,{"b":2,"a":1.50}]}`),
		"model":        key("openai", "http://a/v1", `{"model":"n","seed":0,"x":[1,{"b":2,"a":1.50}]}`),
		"parameter":    key("openai", "http://a/v1", `{"model":"m","seed":1,"x":[1,{"b":2,"a":1.50}]}`),
		"no parameter": key("openai", "http://a/v1", `{"model":"m","x":[1,{"b":2,"a":1.50}]}`),
		"order":        key("openai", "http://a/v1", `{"model":"m","seed":0,"x":[{"b":2,"a":1.50},1]}`),
		"shifted":      key("openaih", "ttp://a/v1", `{"model":"m","seed":0,"x":[1,{"b":2,"a":1.50}]}`),
		"big number":   key("openai", "http://a/v1", `{"model":"m","seed":9007199254740993}`),
		"next number":  key("openai", "http://a/v1", `{"model":"m","seed":9007199254740992}`),
	} {
		if other == first {
			t.Errorf("%s does not change the key", name)
		}
	}
	if key("p", "u", `{"seed":9007199254740993}`) == key("p", "u", `{"seed":9007199254740992}`) {
		t.Error("two seeds beyond 2^53 have one key")
	}
	for _, bad := range []string{"", "{", "{} {}", "no"} {
		if _, err := calls.Key("p", "u", []byte(bad)); err == nil {
			t.Errorf("Key of body %q: no error", bad)
		}
	}
}

func TestPutAndGet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", calls.FileName)
	s := open(t, path)
	c := call(t, 1)
	if _, found, err := s.Get(t.Context(), c.Key); found || err != nil {
		t.Fatalf("in an empty file: %t, %v", found, err)
	}
	c.Fault, c.Answer = "the content is empty", nil
	if err := s.Put(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	c = call(t, 1)
	if err := s.Put(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for _, open := range []func(context.Context, string) (*calls.Store, error){calls.Open, calls.OpenReadOnly} {
		again, err := open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		got, found, err := again.Get(t.Context(), c.Key)
		if !found || err != nil || !same(got, c) {
			t.Errorf("got %+v, %t, %v, want %+v", got, found, err, c)
		}
		again.Close()
	}
	// The file is whole and plain at all times: no log lies beside it.
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v, want the file alone", entries, err)
	}
}

// A replay works from a folder that cannot be written to.
func TestReadOnlyFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), calls.FileName)
	s := open(t, path)
	c := call(t, 1)
	if err := s.Put(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s.Close()
	os.Chmod(path, 0o444)
	os.Chmod(filepath.Dir(path), 0o555)
	defer os.Chmod(filepath.Dir(path), 0o755)
	reader, err := calls.OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, found, err := reader.Get(t.Context(), c.Key); !found || err != nil {
		t.Errorf("found %t, %v", found, err)
	}
	if err := reader.Put(t.Context(), c); err == nil {
		t.Error("a file that is open to read was written to")
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	os.WriteFile(text, []byte(strings.Repeat("no database at all\n", 100)), 0o644)
	other := filepath.Join(dir, "other.db")
	db, err := sql.Open("sqlite", other)
	if err != nil {
		t.Fatal(err)
	}
	db.Exec(`CREATE TABLE call (key TEXT)`)
	db.Close()
	newer := filepath.Join(dir, "newer.db")
	open(t, newer).Close()
	db, _ = sql.Open("sqlite", newer)
	db.Exec(`PRAGMA user_version = 99`)
	db.Close()
	empty := filepath.Join(dir, "empty.db")
	os.WriteFile(empty, nil, 0o644)
	for path, want := range map[string]string{text: "not a database", other: "not one of kept calls", newer: "format 99"} {
		for _, open := range []func(context.Context, string) (*calls.Store, error){calls.Open, calls.OpenReadOnly} {
			if _, err := open(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: error = %v, want one with %q", path, err, want)
			}
		}
	}
	if _, err := calls.OpenReadOnly(t.Context(), empty); err == nil {
		t.Error("an empty file was opened to read")
	}
	if _, err := calls.OpenReadOnly(t.Context(), filepath.Join(dir, "none.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: error = %v", err)
	}
}

// Several stores on one file stand for several processes: each has a connection of
// its own, and they meet only in the file.
func TestConcurrentUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), calls.FileName)
	var group sync.WaitGroup
	for process := range 4 {
		group.Go(func() {
			s, err := calls.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			var inner sync.WaitGroup
			for n := range 10 {
				inner.Go(func() {
					c := call(t, n%7+process)
					if err := s.Put(t.Context(), c); err != nil {
						t.Error(err)
					}
					if got, found, err := s.Get(t.Context(), c.Key); err != nil || !found || !same(got, c) {
						t.Errorf("got %+v, %t, %v", got, found, err)
					}
				})
			}
			inner.Wait()
		})
	}
	group.Wait()
	if n, err := open(t, path).Number(t.Context(), calls.Filter{}); n != 10 || err != nil {
		t.Errorf("%d calls, %v, want 10", n, err)
	}
}

func TestStatsAndPrune(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), calls.FileName))
	for n := range 5 {
		c := call(t, n)
		c.Made = c.Made.AddDate(0, 0, n)
		if n == 3 {
			c.Fault = "the content is empty"
		}
		if n == 4 {
			c.Kind, c.Model = calls.Embedding, "e"
		}
		if err := s.Put(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	stats, err := s.Stats(t.Context())
	want := []calls.Count{
		{Provider: "openai", Model: "e", Kind: calls.Embedding, Calls: 1, InputTokens: 14, OutputTokens: 4, Bytes: 31, LatencySeconds: 1.5, First: "2026-01-06T03:04:05Z", Last: "2026-01-06T03:04:05Z"},
		{Provider: "openai", Model: "m", Kind: calls.Chat, Calls: 4, Faulty: 1, InputTokens: 46, OutputTokens: 6, Bytes: 124, LatencySeconds: 1.5, First: "2026-01-02T03:04:05Z", Last: "2026-01-05T03:04:05Z"},
	}
	if err != nil || !slices.Equal(stats, want) {
		t.Errorf("stats = %+v, %v, want %+v", stats, err, want)
	}
	for _, step := range []struct {
		filter calls.Filter
		want   int
	}{
		{calls.Filter{Provider: "mistral"}, 0},
		{calls.Filter{Faulty: true}, 1},
		{calls.Filter{Before: time.Date(2026, 1, 3, 3, 4, 5, 0, time.UTC)}, 1},
		{calls.Filter{Kind: calls.Embedding}, 1},
		{calls.Filter{Model: "m"}, 2},
		{calls.Filter{}, 0},
	} {
		counted, err := s.Number(t.Context(), step.filter)
		if err != nil || counted != step.want {
			t.Errorf("Number(%+v) = %d, %v, want %d", step.filter, counted, err, step.want)
		}
		if got, err := s.Prune(t.Context(), step.filter); err != nil || got != step.want {
			t.Errorf("Prune(%+v) = %d, %v, want %d", step.filter, got, err, step.want)
		}
	}
	if stats, err := s.Stats(t.Context()); len(stats) != 0 || err != nil {
		t.Errorf("after pruning all: %+v, %v", stats, err)
	}
}

// What is exported and imported again is the same, whatever bytes an answer has.
func TestExportAndImport(t *testing.T) {
	from := open(t, filepath.Join(t.TempDir(), calls.FileName))
	to := open(t, filepath.Join(t.TempDir(), calls.FileName))
	next := 0
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		n := rapid.IntRange(0, 2).Draw(t, "calls")
		model := fmt.Sprint("m", next)
		var kept []calls.Call
		for range n {
			c := call(t, next)
			next++
			c.Model = model
			c.Answer = rapid.SliceOf(rapid.Byte()).Draw(t, "answer")
			c.Fault = rapid.SampledFrom([]string{"", "the content is empty"}).Draw(t, "fault")
			c.Asker.Symbol = rapid.SampledFrom([]string{"", "ACME", "BRK.B"}).Draw(t, "symbol")
			kept = append(kept, c)
			if err := from.Put(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		var lines bytes.Buffer
		if got, err := from.Export(ctx, &lines, calls.Filter{Model: model}); got != n || err != nil {
			t.Fatalf("exported %d, %v, want %d", got, err, n)
		}
		for round, want := range []calls.Imported{{Added: n}, {Known: n}} {
			if got, err := to.Import(ctx, bytes.NewReader(lines.Bytes()), "x"); got != want || err != nil {
				t.Fatalf("round %d: %+v, %v, want %+v", round, got, err, want)
			}
		}
		for _, c := range kept {
			if got, found, err := to.Get(ctx, c.Key); err != nil || !found || !bytes.Equal(got.Answer, c.Answer) || got.Fault != c.Fault || got.Asker != c.Asker {
				t.Fatalf("got %+v, %t, %v, want %+v", got, found, err, c)
			}
		}
	})
}

func export(t *testing.T, list ...calls.Call) string {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), calls.FileName))
	for _, c := range list {
		if err := s.Put(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	if _, err := s.Export(t.Context(), &b, calls.Filter{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A usable answer takes the place of a faulty one, and nothing else takes the
// place of anything.
func TestImportKeepsWhatIsThere(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), calls.FileName))
	usable, faulty := call(t, 1), call(t, 1)
	faulty.Fault = "the content is empty"
	changed := call(t, 1)
	changed.Answer = []byte(`{"answer":"other"}`)
	for i, step := range []struct {
		c      calls.Call
		want   calls.Imported
		answer calls.Call
	}{
		{faulty, calls.Imported{Added: 1}, faulty},
		{faulty, calls.Imported{Known: 1}, faulty},
		{usable, calls.Imported{Added: 1}, usable},
		{changed, calls.Imported{Known: 1}, usable},
		{faulty, calls.Imported{Known: 1}, usable},
	} {
		got, err := s.Import(t.Context(), strings.NewReader(export(t, step.c)), "x")
		if err != nil || got != step.want {
			t.Errorf("step %d: %+v, %v, want %+v", i, got, err, step.want)
		}
		if kept, _, err := s.Get(t.Context(), usable.Key); err != nil || !same(kept, step.answer) {
			t.Errorf("step %d: kept %+v, %v, want %+v", i, kept, err, step.answer)
		}
	}
}

// A line that is no call is named, and nothing of the file is added.
func TestImportRefuses(t *testing.T) {
	good := export(t, call(t, 1))
	for name, tt := range map[string]struct{ line, want string }{
		"no JSON":        {"{", "no exported call"},
		"unknown field":  {`{"header":"x"}`, "no exported call"},
		"two objects":    {strings.TrimSpace(good) + strings.TrimSpace(good), "goes on"},
		"kind":           {strings.Replace(good, `"kind":"chat"`, `"kind":"song"`, 1), "want chat, embedding or vector"},
		"other request":  {strings.Replace(good, `\"n\":1`, `\"n\":2`, 1), "does not belong to its request"},
		"other provider": {strings.Replace(good, `"provider":"openai"`, `"provider":"mistral"`, 1), "does not belong to its request"},
		"negative":       {strings.Replace(good, `"inputTokens":11`, `"inputTokens":-11`, 1), "negative"},
		"time":           {strings.Replace(good, `"made":"2026-01-02T03:04:05Z"`, `"made":"yesterday"`, 1), "no time"},
		"body":           {`{"key":"x","kind":"chat","request":"no"}`, "not JSON"},
	} {
		s := open(t, filepath.Join(t.TempDir(), calls.FileName))
		_, err := s.Import(t.Context(), strings.NewReader(export(t, call(t, 2))+"\n"+tt.line), "calls.jsonl")
		if err == nil || !strings.Contains(err.Error(), "calls.jsonl line 3") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want line 3 and %q", name, err, tt.want)
		}
		if n, err := s.Number(t.Context(), calls.Filter{}); n != 0 || err != nil {
			t.Errorf("%s: %d calls were added, %v", name, n, err)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add(`{"key":"x","kind":"chat","provider":"p","url":"u","model":"m","request":"{}","made":"2026-01-02T03:04:05Z"}`)
	f.Add("\n\n[]\n")
	f.Add(`{"answerBase64":"AAAA"}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := calls.Open(t.Context(), filepath.Join(t.TempDir(), calls.FileName))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		done, err := s.Import(t.Context(), strings.NewReader(text), "x")
		n, countErr := s.Number(t.Context(), calls.Filter{})
		if countErr != nil || err != nil && n != 0 || err == nil && n > done.Added {
			t.Errorf("import %+v, %v leaves %d calls, %v", done, err, n, countErr)
		}
	})
}

func TestMode(t *testing.T) {
	for _, tt := range []struct {
		name         string
		reads, keeps bool
	}{{"auto", true, true}, {"record", false, true}, {"replay", true, false}, {"off", false, false}} {
		m, err := calls.ParseMode(tt.name)
		if err != nil || m.Reads() != tt.reads || m.Keeps() != tt.keeps {
			t.Errorf("%s: reads %t, keeps %t, %v", tt.name, m.Reads(), m.Keeps(), err)
		}
	}
	for _, bad := range []string{"", "Auto", "on"} {
		if _, err := calls.ParseMode(bad); err == nil {
			t.Errorf("mode %q was taken", bad)
		}
	}
}

func TestAsker(t *testing.T) {
	for want, a := range map[string]calls.Asker{
		"": {}, "session 2024-01-02": {Session: "2024-01-02"}, "ACME": {Symbol: "ACME"},
		"session 2024-01-02 of ACME": {Session: "2024-01-02", Symbol: "ACME"},
	} {
		if got := calls.AskerOf(calls.WithAsker(t.Context(), a)).String(); got != want {
			t.Errorf("%+v is %q, want %q", a, got, want)
		}
	}
	if got := calls.AskerOf(t.Context()); got != (calls.Asker{}) {
		t.Errorf("nobody is %+v", got)
	}
}
