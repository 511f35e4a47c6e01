package llm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"finmem/agent"
	"finmem/agent/llm"
	"finmem/agent/llm/calls"
	"finmem/agent/llm/llmtest"
	"finmem/agent/llm/transport"
)

// sentinel is a key that must not be seen anywhere (B87).
const sentinel = "SENTINEL_KEY_123"

// dialer has every key and a clock on which waiting takes no time.
func dialer() *transport.Dialer {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var mu sync.Mutex
	return &transport.Dialer{
		LookupKey: func(string) (string, bool) { return sentinel, true },
		Limiters:  transport.NewLimiters(8, func() float64 { return 0 }),
		Clock: transport.Clock{
			Now: func() time.Time {
				mu.Lock()
				defer mu.Unlock()
				return now
			},
			Sleep: func(ctx context.Context, d time.Duration) error {
				mu.Lock()
				defer mu.Unlock()
				now = now.Add(d)
				return ctx.Err()
			},
		},
		Mode: calls.Off, Timeout: 10 * time.Second, Patience: time.Hour,
	}
}

func newRemote(t *testing.T, name, baseURL string, p llm.Parameters, d *transport.Dialer) *llm.Remote {
	t.Helper()
	r, err := llm.NewRemote(name, baseURL, p, d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var format = agent.NewFormat(20)

// request is what the agent asks in a session.
func request() agent.Request {
	return agent.Request{
		System: "You are a trader. Answer with one JSON object.",
		Prompt: "Short-term memory\n<memory number=\"0\">\nsales <rose> & more\n</memory>",
		Schema: format.Schema(),
	}
}

// servers are a server for each provider's name.
var servers = map[string]func(*testing.T) *llmtest.Server{
	"openai": llmtest.NewOpenAI, "mistral": llmtest.NewOpenAI, "googleai": llmtest.NewOpenAI,
	"ollama": llmtest.NewOllama, "anthropic": llmtest.NewAnthropic,
}

// A session's question reaches each provider with the validator's schema, and its
// answer comes back as it was given.
func TestProviders(t *testing.T) {
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			s := server(t)
			if name != "ollama" {
				s.Key = sentinel
			}
			r := newRemote(t, name+"/some/model:8b", s.URL, llm.Parameters{}, dialer())
			req := request()
			req.Retries = []agent.Retry{{Answer: "no", Fault: "it is prose"}, {Answer: " ", Fault: "it is empty"}}
			resp, err := r.Complete(t.Context(), req)
			if err != nil || resp.Fault != "" {
				t.Fatalf("Complete = %+v, %v", resp, err)
			}
			answer, warnings, err := format.Parse(resp.Text)
			if err != nil || len(warnings) > 0 || answer.Reason != "the test server said so" || !slices.Equal(answer.Short, []int{0}) {
				t.Errorf("answer %q is %+v, %v, %v", resp.Text, answer, warnings, err)
			}
			if resp.Usage.Estimated || resp.Usage.InputTokens == 0 || resp.Usage.OutputTokens == 0 {
				t.Errorf("usage = %+v, want the provider's", resp.Usage)
			}
			got := s.Requests()
			if len(got) != 1 || string(got[0].Fields["model"]) != `"some/model:8b"` || r.Form() != llm.BySchema || r.Name() != name+"/some/model:8b" {
				t.Fatalf("%d requests, model %s, by %s", len(got), got[0].Fields["model"], r.Form())
			}
			if !sameJSON(got[0].Schema, format.Schema()) {
				t.Errorf("schema = %s, want the validator's", got[0].Schema)
			}
			want := []string{req.Prompt, "no", "That answer cannot be used: it is prose. Answer again, with the JSON object alone.",
				"(no answer)", "That answer cannot be used: it is empty. Answer again, with the JSON object alone."}
			if got[0].System != req.System || !slices.Equal(got[0].Messages, want) {
				t.Errorf("sent %q and %q, want %q and %q", got[0].System, got[0].Messages, req.System, want)
			}
		})
	}
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && fmt.Sprint(x) == fmt.Sprint(y)
}

// Where a provider counts no tokens they are estimated, and marked so.
func TestUsageWithoutACount(t *testing.T) {
	s := llmtest.NewOpenAI(t)
	s.Disturb = func(w http.ResponseWriter, _ llmtest.Request) bool {
		io.WriteString(w, `{"choices":[{"index":0,"message":{"role":"assistant","content":"one two three"},"finish_reason":"stop"}]}`)
		return true
	}
	req := request()
	resp, err := newRemote(t, "openai/m", s.URL, llm.Parameters{}, dialer()).Complete(t.Context(), req)
	want := agent.Usage{InputTokens: agent.EstimateTokens(req.System) + agent.EstimateTokens(req.Prompt), OutputTokens: 3, Estimated: true}
	if err != nil || resp.Usage != want {
		t.Errorf("usage %+v, %v, want %+v", resp.Usage, err, want)
	}
}

// B54: what is not set is not sent, what is set arrives as it was set, zero too,
// under the provider's name.
func TestParameters(t *testing.T) {
	zero, zeroSeed, one, seed := 0.0, int64(0), 1.0, int64(9007199254740993)
	nine := 0.9
	tests := []struct {
		provider string
		params   llm.Parameters
		want     map[string]string // field to value, "" for none
	}{
		{"openai", llm.Parameters{}, map[string]string{"temperature": "", "top_p": "", "seed": "", "max_tokens": "", "max_completion_tokens": ""}},
		{"openai", llm.Parameters{Temperature: &zero, TopP: &nine, Seed: &zeroSeed, AnswerTokens: 100}, map[string]string{"temperature": "0", "top_p": "0.9", "seed": "0", "max_tokens": "100", "max_completion_tokens": ""}},
		{"openai", llm.Parameters{Temperature: &one, Seed: &seed}, map[string]string{"temperature": "1", "seed": "9007199254740993"}},
		{"mistral", llm.Parameters{Seed: &zeroSeed}, map[string]string{"seed": "", "random_seed": "0", "temperature": ""}},
		{"googleai", llm.Parameters{Temperature: &zero}, map[string]string{"temperature": "0", "top_p": ""}},
		{"ollama", llm.Parameters{}, map[string]string{"options": "", "truncate": "false", "shift": "false"}},
		{"ollama", llm.Parameters{Temperature: &zero, TopP: &nine, Seed: &zeroSeed, AnswerTokens: 100, ContextTokens: 4096}, map[string]string{"options": `{"num_ctx":4096,"num_predict":100,"seed":0,"temperature":0,"top_p":0.9}`}},
		{"anthropic", llm.Parameters{}, map[string]string{"temperature": "", "top_p": "", "max_tokens": "2048"}},
		{"anthropic", llm.Parameters{Temperature: &zero, TopP: &nine, AnswerTokens: 100}, map[string]string{"temperature": "0", "top_p": "0.9", "max_tokens": "100"}},
	}
	for i, tt := range tests {
		s := servers[tt.provider](t)
		r := newRemote(t, tt.provider+"/m", s.URL, tt.params, dialer())
		if _, err := r.Complete(t.Context(), request()); err != nil {
			t.Errorf("%d: %v", i, err)
			continue
		}
		for field, want := range tt.want {
			if got := string(s.Requests()[0].Fields[field]); got != want {
				t.Errorf("%d, %s: %s = %q, want %q", i, tt.provider, field, got, want)
			}
		}
	}
}

// away carries everything to one test server, so that a provider can be tried at
// its own address.
type away struct{ to string }

func (a away) RoundTrip(r *http.Request) (*http.Response, error) {
	u, err := url.Parse(a.to)
	if err != nil {
		return nil, err
	}
	r.URL.Scheme, r.URL.Host = u.Scheme, u.Host
	return http.DefaultTransport.RoundTrip(r)
}

// OpenAI's own models take the newer name of the bound, and a schema that they are
// held to: everything required, what was optional may be null.
func TestOpenAIAtHome(t *testing.T) {
	s := llmtest.NewOpenAI(t)
	s.Key = sentinel
	d := dialer()
	d.Base = away{s.URL}
	r := newRemote(t, "openai/gpt-4.1-mini", "", llm.Parameters{AnswerTokens: 100}, d)
	if _, err := r.Complete(t.Context(), request()); err != nil {
		t.Fatal(err)
	}
	got := s.Requests()[0]
	if string(got.Fields["max_completion_tokens"]) != "100" || got.Fields["max_tokens"] != nil {
		t.Errorf("bound = %s, %s, want the newer name alone", got.Fields["max_completion_tokens"], got.Fields["max_tokens"])
	}
	var sent struct {
		Type   string
		Schema struct {
			Strict bool
			Schema struct {
				Required             []string
				AdditionalProperties *bool
				Properties           map[string]map[string]any
			}
		} `json:"json_schema"`
	}
	if err := json.Unmarshal(got.Fields["response_format"], &sent); err != nil {
		t.Fatal(err)
	}
	schema := sent.Schema.Schema
	want := []string{"confidence", "investment_decision", "long_memory_index", "middle_memory_index", "reflection_memory_index", "short_memory_index", "summary_reason"}
	if sent.Type != "json_schema" || !sent.Schema.Strict || !slices.Equal(schema.Required, want) || schema.AdditionalProperties == nil || *schema.AdditionalProperties {
		t.Errorf("response_format = %s", got.Fields["response_format"])
	}
	if got := fmt.Sprint(schema.Properties["confidence"]["type"]); got != "[number null]" {
		t.Errorf("type of confidence = %s, want number or null", got)
	}
	if _, has := schema.Properties["summary_reason"]["maxLength"]; has {
		t.Error("the schema bounds the length of a text")
	}
	if fmt.Sprint(schema.Properties["investment_decision"]["enum"]) != "[buy sell hold]" {
		t.Errorf("decisions = %v", schema.Properties["investment_decision"]["enum"])
	}
	if _, _, err := format.Parse(`{"investment_decision":"buy","summary_reason":"x","confidence":null}`); err != nil {
		t.Errorf("the validator refuses what that schema lets through: %v", err)
	}
}

// Anthropic's model has to use the tool, and the part of the prompt that hardly
// changes is marked for the provider's cache.
func TestAnthropicBody(t *testing.T) {
	s := llmtest.NewAnthropic(t)
	r := newRemote(t, "anthropic/m", s.URL, llm.Parameters{}, dialer())
	if _, err := r.Complete(t.Context(), request()); err != nil {
		t.Fatal(err)
	}
	got := s.Requests()[0].Fields
	if want := `{"name":"answer","type":"tool"}`; string(got["tool_choice"]) != want {
		t.Errorf("tool_choice = %s, want %s", got["tool_choice"], want)
	}
	if !strings.Contains(string(got["system"]), `"cache_control":{"type":"ephemeral"}`) {
		t.Errorf("system = %s", got["system"])
	}
	seed := int64(1)
	if _, err := llm.NewRemote("anthropic/m", s.URL, llm.Parameters{Seed: &seed}, dialer()); err == nil || !strings.Contains(err.Error(), "no seed") {
		t.Errorf("with a seed: error = %v", err)
	}
}

// B54: a parameter that a provider refuses is named in the error.
func TestRefusedParameter(t *testing.T) {
	zero := 0.0
	for _, name := range []string{"openai", "ollama", "anthropic"} {
		s := servers[name](t)
		s.Refuses = []string{"temperature"}
		_, err := newRemote(t, name+"/m", s.URL, llm.Parameters{Temperature: &zero}, dialer()).Complete(t.Context(), request())
		var e *transport.Error
		if !errors.As(err, &e) || e.Kind != transport.BadRequest || e.Param != "temperature" || len(s.Requests()) != 1 {
			t.Errorf("%s: error = %v after %d calls, want a bad request that names the temperature after 1", name, err, len(s.Requests()))
		}
		if _, err := newRemote(t, name+"/m", s.URL, llm.Parameters{}, dialer()).Complete(t.Context(), request()); err != nil {
			t.Errorf("%s: without it: %v", name, err)
		}
	}
}

// What a provider does not have is found out once: schema, then JSON mode, then the
// prompt alone.
func TestFormStepsDown(t *testing.T) {
	tests := []struct {
		name, provider string
		refuse         func(r llmtest.Request) string // the field refused, "" for none
		want           llm.Form
		calls          int // for the first answer
	}{
		{"no schema", "openai", func(r llmtest.Request) string {
			if r.Schema != nil {
				return "response_format"
			}
			return ""
		}, llm.ByMode, 2},
		{"nothing", "openai", func(r llmtest.Request) string {
			if r.Fields["response_format"] != nil {
				return "response_format"
			}
			return ""
		}, llm.ByPrompt, 3},
		{"old ollama", "ollama", func(r llmtest.Request) string {
			if r.Schema != nil {
				return "format"
			}
			return ""
		}, llm.ByMode, 2},
		{"no tools", "anthropic", func(r llmtest.Request) string {
			if r.Fields["tools"] != nil {
				return "tools"
			}
			return ""
		}, llm.ByPrompt, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := servers[tt.provider](t)
			s.Disturb = func(w http.ResponseWriter, r llmtest.Request) bool {
				field := tt.refuse(r)
				if field == "" {
					return false
				}
				w.WriteHeader(400)
				fmt.Fprintf(w, `{"error":{"message":"%s is not supported"}}`, field)
				return true
			}
			d := dialer()
			store, err := calls.Open(t.Context(), filepath.Join(t.TempDir(), calls.FileName))
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			d.Store, d.Mode = store, calls.Auto
			r := newRemote(t, tt.provider+"/m", s.URL, llm.Parameters{}, d)
			first, err := r.Complete(t.Context(), request())
			if err != nil || len(s.Requests()) != tt.calls || r.Form() != tt.want {
				t.Fatalf("first: %v, %d calls, by %s, want %d by %s", err, len(s.Requests()), r.Form(), tt.calls, tt.want)
			}
			other := request()
			other.Prompt = "another session"
			if _, err := r.Complete(t.Context(), other); err != nil || len(s.Requests()) != tt.calls+1 {
				t.Errorf("second: %v, %d calls, want one more", err, len(s.Requests()))
			}
			if _, _, err := format.Parse(first.Text); err != nil {
				t.Error(err)
			}
			// A replay finds the answer in whatever form it was asked for.
			d.Mode = calls.Replay
			replayed, err := newRemote(t, tt.provider+"/m", s.URL, llm.Parameters{}, d).Complete(t.Context(), request())
			if err != nil || replayed != first || len(s.Requests()) != tt.calls+1 {
				t.Errorf("replayed %+v, %v, want %+v", replayed, err, first)
			}
			other.Prompt = "a session that was never asked about"
			ctx := calls.WithAsker(t.Context(), calls.Asker{Session: "2024-01-02", Symbol: "ACME"})
			if _, err := newRemote(t, tt.provider+"/m", s.URL, llm.Parameters{}, d).Complete(ctx, other); !errors.Is(err, calls.ErrMissing) || !strings.Contains(err.Error(), "session 2024-01-02 of ACME") {
				t.Errorf("missing: error = %v", err)
			}
		})
	}
}

// Answers reach the validator as the model wrote them, whatever the wire: B48 (what
// stands around the object), B32 (forms of lists), B49 (cut), B52 (words of a
// sentence).
func TestAnswersThroughTheWire(t *testing.T) {
	const object = `{"investment_decision":"BUY","summary_reason":"é\u00e9 €🙂","short_memory_index":-1}`
	tests := []struct {
		name, text string
		fault      agent.FaultKind // "" for a buy
	}{
		{"bare", object, ""},
		{"fence", "Here it is:\n```JSON\n" + object + "\n```\nLet me know!", ""},
		{"byte-order mark", "\uFEFF" + object, ""},
		{"thoughts", "<think>sell {\"investment_decision\":\"sell\"}</think>" + object, ""},
		{"cut", object[:40], agent.FaultCut},
		{"negated", "Do not buy; wait.", agent.FaultProse},
		{"web page", "<!DOCTYPE html><html></html>", agent.FaultHTML},
	}
	for _, provider := range []string{"openai", "ollama", "anthropic"} {
		for _, tt := range tests {
			s := servers[provider](t)
			s.Answer = func(llmtest.Request) string { return tt.text }
			resp, err := newRemote(t, provider+"/m", s.URL, llm.Parameters{}, dialer()).Complete(t.Context(), request())
			if err != nil || resp.Fault != "" {
				t.Errorf("%s, %s: %+v, %v", provider, tt.name, resp, err)
				continue
			}
			answer, _, err := format.Parse(resp.Text)
			var fault *agent.Fault
			switch {
			case tt.fault == "" && (err != nil || answer.Decision != agent.Buy || answer.Reason != "éé €🙂" || len(answer.Short) != 0):
				t.Errorf("%s, %s: %q is %+v, %v, want a buy", provider, tt.name, resp.Text, answer, err)
			case tt.fault != "" && (!errors.As(err, &fault) || fault.Kind != tt.fault):
				t.Errorf("%s, %s: %q: error %v, want %s", provider, tt.name, resp.Text, err, tt.fault)
			}
		}
	}
}

// B53: what is no answer is asked for again a few times and is then a fault, with
// nothing in its place; no panic.
func TestNoAnswerIsAFault(t *testing.T) {
	for name, tt := range map[string]struct{ provider, body, want string }{
		"no choices":       {"openai", `{"choices":[]}`, "no choices"},
		"empty content":    {"openai", `{"choices":[{"message":{"role":"assistant","content":""}}]}`, "content is empty"},
		"html":             {"openai", `<html></html>`, "web page"},
		"cut stream":       {"ollama", `{"model":"m","message":{"content":"{"},"done":false}` + "\n", "breaks off"},
		"empty body":       {"ollama", ``, "empty"},
		"too long a line":  {"ollama", `{"model":"m","message":{"content":"` + strings.Repeat("x", 600_000) + `"},"done":true}`, "bytes"},
		"no content":       {"anthropic", `{"type":"message","content":[]}`, "content is empty"},
		"html (anthropic)": {"anthropic", `<html></html>`, "web page"},
	} {
		s := servers[tt.provider](t)
		s.Disturb = func(w http.ResponseWriter, _ llmtest.Request) bool {
			io.WriteString(w, tt.body)
			return true
		}
		resp, err := newRemote(t, tt.provider+"/m", s.URL, llm.Parameters{}, dialer()).Complete(t.Context(), request())
		if err != nil || resp.Text != "" || !strings.Contains(resp.Fault, tt.want) || len(s.Requests()) != 2 {
			t.Errorf("%s: %+v, %v, %d calls, want the fault %q after 2", name, resp, err, len(s.Requests()), tt.want)
		}
	}
}

// The errors that langchaingo's clients swallow or reword come through with their
// kind.
func TestErrorsComeThrough(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   transport.Kind
	}{
		{"key", 401, `{"error":{"message":"invalid api key"}}`, transport.KeyRefused},
		{"context", 400, `{"error":{"message":"maximum context length is 10"}}`, transport.ContextTooLong},
		{"model", 404, `{"error":{"message":"model m not found"}}`, transport.UnknownModel},
		{"outage", 500, ``, transport.Overloaded},
		{"rate", 429, `{"error":{"message":{"an":"object"}}}`, transport.RateLimited},
	}
	for _, provider := range []string{"openai", "ollama", "anthropic"} {
		for _, tt := range tests {
			s := servers[provider](t)
			s.Disturb = func(w http.ResponseWriter, _ llmtest.Request) bool {
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body)
				return true
			}
			d := dialer()
			d.Patience = 0
			_, err := newRemote(t, provider+"/m", s.URL, llm.Parameters{}, d).Complete(t.Context(), request())
			if transport.KindOf(err) != tt.kind {
				t.Errorf("%s, %s: error = %v, want %s", provider, tt.name, err, tt.kind)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		s := servers[provider](t)
		s.Disturb = func(http.ResponseWriter, llmtest.Request) bool { cancel(); return false }
		if _, err := newRemote(t, provider+"/m", s.URL, llm.Parameters{}, dialer()).Complete(ctx, request()); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: error = %v", provider, err)
		}
		if _, err := newRemote(t, provider+"/m", s.URL, llm.Parameters{}, dialer()).Complete(ctx, request()); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled before: error = %v", provider, err)
		}
	}
}

// B50: a provider that refuses a prompt as too long says so once, whatever its status;
// the agent is told in the provider's words. The refusal is kept, so that a replay
// meets it too, in the same words; and outside of a replay it is asked for again.
func TestPromptTooLong(t *testing.T) {
	for name, start := range map[string]func(*testing.T) *llmtest.Server{
		"openai": llmtest.NewOpenAI, "openai/llama.cpp": llmtest.NewLlamaCpp, "ollama": llmtest.NewOllama, "anthropic": llmtest.NewAnthropic,
	} {
		s := start(t)
		s.TooLong = func(r llmtest.Request) bool { return strings.Contains(r.Messages[0], "long") }
		store, err := calls.Open(t.Context(), filepath.Join(t.TempDir(), calls.FileName))
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		provider, _, _ := strings.Cut(name, "/")
		said := map[calls.Mode]string{}
		for _, tt := range []struct {
			mode  calls.Mode
			calls int // of the server, in all
		}{{calls.Auto, 1}, {calls.Replay, 1}, {calls.Auto, 2}, {calls.Off, 3}} {
			d := dialer()
			d.Store, d.Mode = store, tt.mode
			long := request()
			long.Prompt = "a long story"
			_, err := newRemote(t, provider+"/m", s.URL, llm.Parameters{}, d).Complete(t.Context(), long)
			var refusal *agent.PromptTooLong
			if !errors.As(err, &refusal) || transport.KindOf(err) != transport.ContextTooLong || len(s.Requests()) != tt.calls {
				t.Errorf("%s, %s: %v after %d calls, want a prompt too long after %d", name, tt.mode, err, len(s.Requests()), tt.calls)
				continue
			}
			said[tt.mode] = refusal.Said
		}
		if said[calls.Auto] != said[calls.Replay] || !strings.Contains(said[calls.Replay], "too long") && !strings.Contains(said[calls.Replay], "context") {
			t.Errorf("%s: said %q", name, said)
		}
		d := dialer()
		d.Store, d.Mode = store, calls.Auto
		if resp, err := newRemote(t, provider+"/m", s.URL, llm.Parameters{}, d).Complete(t.Context(), request()); err != nil || resp.Text == "" {
			t.Errorf("%s: a short prompt: %+v, %v", name, resp, err)
		}
	}
}

// B87: a key that a server echoes is in no error, and no key is in what is kept.
func TestKeysStayInside(t *testing.T) {
	for name, server := range servers {
		s := server(t)
		s.Answer = func(r llmtest.Request) string { return "your header was " + fmt.Sprint(r.Header) }
		d := dialer()
		store, err := calls.Open(t.Context(), filepath.Join(t.TempDir(), calls.FileName))
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		d.Store, d.Mode = store, calls.Auto
		resp, err := newRemote(t, name+"/m", s.URL, llm.Parameters{}, d).Complete(t.Context(), request())
		if err != nil || strings.Contains(resp.Text, sentinel) || name != "ollama" && !strings.Contains(resp.Text, "[key]") {
			t.Errorf("%s: %q, %v, want the key replaced", name, resp.Text, err)
		}
		var export bytes.Buffer
		if n, err := store.Export(t.Context(), &export, calls.Filter{}); n != 1 || err != nil || strings.Contains(export.String(), sentinel) || strings.Contains(strings.ToLower(export.String()), "authorization\":") {
			t.Errorf("%s: kept %d calls, %v: %s", name, n, err, export.String())
		}
		s.Disturb = func(w http.ResponseWriter, r llmtest.Request) bool {
			w.WriteHeader(403)
			fmt.Fprintf(w, `{"error":{"message":"no entry with %s"}}`, r.Header)
			return true
		}
		other := request()
		other.Prompt = "other"
		_, err = newRemote(t, name+"/m", s.URL, llm.Parameters{}, d).Complete(t.Context(), other)
		if text := fmt.Sprintf("%v %+v", err, err); transport.KindOf(err) != transport.KeyRefused || strings.Contains(text, sentinel) {
			t.Errorf("%s: error = %s", name, text)
		}
	}
}

func TestKeys(t *testing.T) {
	none := func(string) (string, bool) { return "", false }
	d := dialer()
	d.LookupKey = none
	for name, want := range map[string]transport.Kind{
		"openai/m": transport.KeyMissing, "anthropic/m": transport.KeyMissing, "mistral/m": transport.KeyMissing,
		"googleai/m": transport.KeyMissing, "ollama/m": "",
	} {
		_, err := llm.NewRemote(name, "", llm.Parameters{}, d)
		if transport.KindOf(err) != want || want == "" && err != nil {
			t.Errorf("%s without a key: error = %v, want %q", name, err, want)
		}
	}
	// A local server needs none, and is sent none.
	s := llmtest.NewOpenAI(t)
	if _, err := newRemote(t, "openai/m", s.URL, llm.Parameters{}, d).Complete(t.Context(), request()); err != nil {
		t.Error(err)
	}
	if got := s.Requests()[0].Header.Get("Authorization"); got != "" {
		t.Errorf("Authorization = %q, want none", got)
	}
	d.LookupKey = func(name string) (string, bool) { return " " + sentinel + "\n", name == "GOOGLE_API_KEY" }
	if _, err := llm.NewRemote("googleai/m", "", llm.Parameters{}, d); err != nil {
		t.Errorf("with the second variable: %v", err)
	}
}

func TestNewRemoteRefuses(t *testing.T) {
	bad, nan := 3.0, 0.0
	nan /= nan
	for name, tt := range map[string]struct {
		model, url string
		params     llm.Parameters
		want       string
	}{
		"no provider":       {"gpt-4", "", llm.Parameters{}, "want anthropic/…, googleai/…, mistral/…, ollama/…, openai/…"},
		"unknown":           {"acme/m", "", llm.Parameters{}, "want anthropic/…"},
		"no model":          {"openai/", "", llm.Parameters{}, "want anthropic/…"},
		"no scheme":         {"openai/m", "127.0.0.1:8000", llm.Parameters{}, "base URL"},
		"password":          {"openai/m", "http://u:" + sentinel + "@host/v1", llm.Parameters{}, "user or password"},
		"key in the query":  {"openai/m", "http://host/v1?key=" + sentinel, llm.Parameters{}, "without ?"},
		"temperature":       {"openai/m", "", llm.Parameters{Temperature: &bad}, "temperature 3"},
		"temperature (NaN)": {"openai/m", "", llm.Parameters{Temperature: &nan}, "temperature NaN"},
		"top-p":             {"openai/m", "", llm.Parameters{TopP: &bad}, "top-p 3"},
		"answer tokens":     {"openai/m", "", llm.Parameters{AnswerTokens: -1}, "answer tokens -1"},
	} {
		_, err := llm.NewRemote(tt.model, tt.url, tt.params, dialer())
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), sentinel) {
			t.Errorf("%s: error = %v, want one with %q", name, err, tt.want)
		}
	}
}

// Many sessions at once, each with its own answer.
func TestConcurrentCalls(t *testing.T) {
	for name, server := range servers {
		s := server(t)
		s.Answer = func(r llmtest.Request) string { return "re: " + r.Messages[0] }
		d := dialer()
		store, err := calls.Open(t.Context(), filepath.Join(t.TempDir(), calls.FileName))
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		d.Store, d.Mode = store, calls.Auto
		r := newRemote(t, name+"/m", s.URL, llm.Parameters{}, d)
		var group sync.WaitGroup
		for i := range 12 {
			group.Go(func() {
				prompt := fmt.Sprint("prompt ", i%6)
				resp, err := r.Complete(t.Context(), agent.Request{System: "s", Prompt: prompt, Schema: format.Schema()})
				if err != nil || resp.Text != "re: "+prompt {
					t.Errorf("%s: %+v, %v, want the answer to %q", name, resp, err, prompt)
				}
			})
		}
		group.Wait()
	}
}

// A provider that is out of order for an hour is waited for, through every client,
// and the answer is the one that it then gives.
func TestAnHourOfOutage(t *testing.T) {
	for name, server := range servers {
		s := server(t)
		d := dialer()
		r := newRemote(t, name+"/m", s.URL, llm.Parameters{}, d)
		back := d.Clock.Now().Add(time.Hour)
		s.Disturb = func(w http.ResponseWriter, _ llmtest.Request) bool {
			if !d.Clock.Now().Before(back) {
				return false
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		resp, err := r.Complete(t.Context(), request())
		if err != nil || resp.Fault != "" || d.Clock.Now().Before(back) {
			t.Errorf("%s: %+v, %v at %s", name, resp, err, d.Clock.Now())
		}
	}
}
