package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"finmem/agent/llm/calls"
	"finmem/agent/llm/transport"
)

// sentinel is a key that must not be seen anywhere (B87).
const sentinel = "SENTINEL_KEY_123"

// A handler is a provider without a network: it answers in the caller's goroutine,
// so that time can be faked around it.
type handler func(w http.ResponseWriter, r *http.Request)

func (h handler) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	h(w, r)
	return w.Result(), nil
}

// A broken provider gives no response.
type broken func(r *http.Request) (*http.Response, error)

func (b broken) RoundTrip(r *http.Request) (*http.Response, error) { return b(r) }

func provider(t *testing.T, name string) transport.Provider {
	t.Helper()
	p, _, err := transport.SplitName(name + "/model")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// half is a jitter in the middle of its range.
func half() float64 { return 0.5 }

// newTransport makes a transport to a provider, after change.
func newTransport(t *testing.T, name string, base http.RoundTripper, change func(*transport.Config)) *transport.Transport {
	t.Helper()
	cfg := transport.Config{
		Provider: provider(t, name), Key: sentinel, Limiter: transport.NewLimiter(8, half),
		Clock: transport.Clock{Now: time.Now}, Mode: calls.Off,
		Timeout: transport.DefaultTimeout, Patience: transport.DefaultPatience, Base: base,
	}
	if change != nil {
		change(&cfg)
	}
	tr, err := transport.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

const (
	question = `{"model":"m","messages":[{"role":"user","content":"hello"}]}`
	chatPath = "https://provider.test/v1/chat/completions"
)

// ask posts body through tr and gives what a library would get, and the error
// that passes it by.
func ask(ctx context.Context, tr *transport.Transport, url, body string) (string, transport.Outcome) {
	ctx, outcome := transport.Watch(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return "", transport.Outcome{Err: &transport.Error{Err: err}}
	}
	resp, err := tr.Client().Do(req)
	if err != nil {
		return "", *outcome
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", transport.Outcome{Err: &transport.Error{Err: err}}
	}
	return string(text), *outcome
}

func openAIAnswer(content string) string {
	return fmt.Sprintf(`{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":%q},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}`, content)
}

func write(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// B24: a refused key is said at once, after one call, whatever it looks like.
func TestKeyRefusedIsFinal(t *testing.T) {
	tests := []struct {
		name, provider string
		status         int
		body           string
	}{
		{"openai", "openai", 401, `{"error":{"message":"Incorrect API key provided: SENTINEL_KEY_123.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`},
		{"with words of a rate limit", "openai", 401, `{"error":{"message":"API key over its rate limit or invalid"}}`},
		{"anthropic", "anthropic", 401, `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`},
		{"google", "googleai", 400, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]`},
		{"mistral", "mistral", 401, `{"message":"Unauthorized","request_id":"1"}`},
		{"empty body", "openai", 401, ``},
		{"forbidden", "openai", 403, `{"error":{"message":"no access to this project"}}`},
		{"text in a 200", "openai", 200, `invalid api key`},
		{"object in a 200", "openai", 200, `{"error":{"message":"Invalid API key","code":401}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, began := 0, time.Now()
				tr := newTransport(t, tt.provider, handler(func(w http.ResponseWriter, _ *http.Request) {
					n++
					write(w, tt.status, tt.body)
				}), nil)
				_, got := ask(t.Context(), tr, chatPath, question)
				if n != 1 || got.Err == nil || got.Err.Kind != transport.KeyRefused || time.Since(began) != 0 {
					t.Errorf("%d calls in %s, error %v, want key refused after 1 at once", n, time.Since(began), got.Err)
				}
				if strings.Contains(fmt.Sprintf("%v %+v", got.Err, got.Err), sentinel) {
					t.Errorf("B87: the error holds the key: %+v", got.Err)
				}
			})
		})
	}
}

// B59: three 429 that ask for 2 seconds, then an answer; four symbols at once.
func TestRateLimitIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		asked := map[string][]time.Time{}
		var notices []transport.Notice
		tr := newTransport(t, "openai", handler(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			asked[string(body)] = append(asked[string(body)], time.Now())
			n := len(asked[string(body)])
			mu.Unlock()
			if n <= 3 {
				w.Header().Set("Retry-After", "2")
				write(w, 429, `{"error":{"message":"Rate limit reached"}}`)
				return
			}
			write(w, 200, openAIAnswer("done"))
		}), func(c *transport.Config) {
			c.Notify = func(n transport.Notice) {
				mu.Lock()
				defer mu.Unlock()
				notices = append(notices, n)
			}
		})
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				_, got := ask(t.Context(), tr, chatPath, fmt.Sprintf(`{"model":"m","n":%d}`, i))
				if got.Err != nil || got.Calls != 4 {
					t.Errorf("symbol %d: %d calls, %v, want an answer after 4", i, got.Calls, got.Err)
				}
			})
		}
		group.Wait()
		if len(asked) != 4 || len(notices) != 12 {
			t.Fatalf("%d questions, %d notices, want 4, 12", len(asked), len(notices))
		}
		for body, times := range asked {
			for i := 1; i < len(times); i++ {
				if gap := times[i].Sub(times[i-1]); gap <= 2*time.Second {
					t.Errorf("%s: call %d came after %s, want more than 2 s", body, i+1, gap)
				}
			}
		}
		if n := notices[0]; n.Wait <= 2*time.Second || n.Err.Kind != transport.RateLimited || n.Err.RetryAfter != 2*time.Second {
			t.Errorf("notice = %v, %+v, want a wait above 2 s", n.Wait, n.Err)
		}
	})
}

// One symbol that is told to wait keeps the others from calling.
func TestLimiterIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiters := transport.NewLimiters(8, half)
		var n atomic.Int32
		var second time.Time
		base := handler(func(w http.ResponseWriter, r *http.Request) {
			switch n.Add(1) {
			case 1:
				w.Header().Set("Retry-After", "30")
				write(w, 429, ``)
			case 2:
				second = time.Now()
				fallthrough
			default:
				write(w, 200, openAIAnswer("done"))
			}
		})
		share := func(c *transport.Config) { c.Limiter = limiters.For(c.Provider) }
		one, other := newTransport(t, "openai", base, share), newTransport(t, "openai", base, share)
		began := time.Now()
		var group sync.WaitGroup
		group.Go(func() { ask(t.Context(), one, chatPath, question) })
		group.Go(func() {
			time.Sleep(time.Second)
			ask(t.Context(), other, chatPath, question)
		})
		group.Wait()
		if n.Load() != 3 || second.Sub(began) < 30*time.Second {
			t.Errorf("%d calls, the second after %s, want 3 and not before 30 s", n.Load(), second.Sub(began))
		}
		if limiters.For(provider(t, "mistral")) == limiters.For(provider(t, "openai")) {
			t.Error("two providers have one limiter")
		}
	})
}

func TestInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		tr := newTransport(t, "openai", handler(func(w http.ResponseWriter, _ *http.Request) {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			now.Add(-1)
			write(w, 200, openAIAnswer("done"))
		}), func(c *transport.Config) { c.Limiter = transport.NewLimiter(2, half) })
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() { ask(t.Context(), tr, chatPath, question) })
		}
		group.Wait()
		if most.Load() != 2 {
			t.Errorf("%d calls at once, want 2", most.Load())
		}
	})
}

// B59: Ctrl-C ends a wait at once, also that of a call which stands in line.
func TestCancelWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTransport(t, "openai", handler(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "600")
			write(w, 429, ``)
		}), nil)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		began := time.Now()
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				_, got := ask(ctx, tr, chatPath, question)
				if !errors.Is(got.Err, context.Canceled) || got.Err.Kind != transport.Cancelled {
					t.Errorf("error = %v, want cancelled", got.Err)
				}
			})
		}
		group.Wait()
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it took %s, want 10 s", took)
		}
	})
}

// A provider that is out of order for an hour is waited for, and then the call goes
// on; the waits grow to a minute.
func TestAnHourOfOutage(t *testing.T) {
	for name, out := range map[string]func() (*http.Response, error){
		"503": func() (*http.Response, error) {
			return &http.Response{StatusCode: 503, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("down"))}, nil
		},
		"empty 500": func() (*http.Response, error) {
			return &http.Response{StatusCode: 500, Header: http.Header{}, Body: http.NoBody}, nil
		},
		"529": func() (*http.Response, error) {
			return &http.Response{StatusCode: 529, Header: http.Header{}, Body: http.NoBody}, nil
		},
		"no network": func() (*http.Response, error) { return nil, errors.New("dial tcp: connection refused") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// The outage begins after the first call.
				began := time.Now()
				n := 0
				var last time.Time
				var longest time.Duration
				tr := newTransport(t, "openai", broken(func(*http.Request) (*http.Response, error) {
					n++
					if n > 2 {
						longest = max(longest, time.Since(last))
					}
					last = time.Now()
					if n > 1 && time.Since(began) < time.Hour {
						return out()
					}
					w := httptest.NewRecorder()
					write(w, 200, openAIAnswer("done"))
					return w.Result(), nil
				}), nil)
				for i := range 2 {
					if _, got := ask(t.Context(), tr, chatPath, question); got.Err != nil {
						t.Fatalf("call %d: %v", i, got.Err)
					}
				}
				if n < 50 || n > 80 {
					t.Errorf("%d calls in an hour, want about one a minute", n)
				}
				if longest < time.Minute || longest > 90*time.Second {
					t.Errorf("the longest wait was %s, want a minute and some jitter", longest)
				}
			})
		})
	}
}

// An Ollama server that cannot load a model says so; that is no outage.
func TestOllamaSaysWhatIsWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		tr := newTransport(t, "ollama", handler(func(w http.ResponseWriter, _ *http.Request) {
			n++
			write(w, 500, `{"error":"model requires more system memory (9.8 GiB) than is available (3.1 GiB)"}`)
		}), nil)
		_, got := ask(t.Context(), tr, chatPath, question)
		if n != 3 || got.Err == nil || got.Err.Kind != transport.Overloaded || !strings.Contains(got.Err.Message, "system memory") {
			t.Errorf("%d calls, %v, want overloaded after 3", n, got.Err)
		}
	})
}

func TestPatienceEnds(t *testing.T) {
	tests := []struct {
		name     string
		patience time.Duration
		header   string
		// The least and the most time until the error.
		least, most time.Duration
	}{
		{"an hour", time.Hour, "", time.Hour, time.Hour + 2*time.Minute},
		{"ten minutes", 10 * time.Minute, "", 10 * time.Minute, 12 * time.Minute},
		{"none", 0, "", 0, 0},
		{"told to wait for longer", time.Hour, "7200", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				tr := newTransport(t, "openai", handler(func(w http.ResponseWriter, _ *http.Request) {
					if tt.header != "" {
						w.Header().Set("Retry-After", tt.header)
					}
					write(w, 503, ``)
				}), func(c *transport.Config) { c.Patience = tt.patience })
				_, got := ask(t.Context(), tr, chatPath, question)
				if took := time.Since(began); took < tt.least || took > tt.most {
					t.Errorf("gave up after %s, want %s to %s", took, tt.least, tt.most)
				}
				if got.Err == nil || got.Err.Kind != transport.Overloaded || got.Err.Status != 503 {
					t.Errorf("error = %v, want overloaded", got.Err)
				}
			})
		})
	}
}

// An address at which nobody ever answered is more likely wrong than out of order.
func TestFirstContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		tr := newTransport(t, "openai", broken(func(*http.Request) (*http.Response, error) {
			return nil, errors.New("dial tcp: no such host")
		}), nil)
		_, got := ask(t.Context(), tr, chatPath, question)
		if took := time.Since(began); took < time.Minute || took > 3*time.Minute {
			t.Errorf("gave up after %s, want about a minute", took)
		}
		if got.Err == nil || got.Err.Kind != transport.Network {
			t.Errorf("error = %v, want network", got.Err)
		}
	})
}

// B53: what is no answer is an error of its kind after few tries, never an empty
// success.
func TestNoAnswer(t *testing.T) {
	tests := []struct {
		name, provider, body, want string
	}{
		{"no choices", "openai", `{"choices":[]}`, "no choices"},
		{"choices missing", "openai", `{}`, "no choices"},
		{"empty content", "openai", `{"choices":[{"message":{"content":""}}]}`, "content is empty"},
		{"null content", "openai", `{"choices":[{"message":{"content":null}}]}`, "content is empty"},
		{"blank content", "openai", `{"choices":[{"message":{"content":" \n"}}]}`, "content is empty"},
		{"refusal", "openai", `{"choices":[{"message":{"content":null,"refusal":"I cannot do that."}}]}`, "refused: I cannot do that."},
		{"only thoughts", "openai", `{"choices":[{"message":{"content":"","reasoning_content":"hm"},"finish_reason":"length"}]}`, "limit of tokens"},
		{"filtered", "openai", `{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}`, "content filter"},
		{"html", "openai", `<!DOCTYPE html><html><body>Please log in</body></html>`, "web page"},
		{"html, ollama", "ollama", `<html>Please log in</html>`, "web page"},
		{"html, anthropic", "anthropic", `<html>Please log in</html>`, "web page"},
		{"empty", "openai", ``, "empty"},
		{"empty, ollama", "ollama", ``, "empty"},
		{"cut JSON", "openai", `{"choices":[{"message":{"content":"{`, "no JSON"},
		{"a list", "openai", `[1,2]`, "no JSON"},
		{"null", "openai", `null`, "no JSON"},
		{"strange content", "openai", `{"choices":[{"message":{"content":3}}]}`, "neither text"},
		{"cut stream", "ollama", "{\"model\":\"m\",\"message\":{\"content\":\"{\\\"inv\"},\"done\":false}\n", "breaks off"},
		{"stream with a broken line", "ollama", "{\"model\":\"m\",\"message\":{\"content\":\"a\"},\"done\":false}\n{\"mod", "no JSON object"},
		{"stream without words", "ollama", "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true}\n", "content is empty"},
		{"stream at its limit", "ollama", "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"length\"}\n", "limit of tokens"},
		{"no content", "anthropic", `{"type":"message","content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}`, "content is empty"},
		{"refusal, anthropic", "anthropic", `{"type":"message","content":[],"stop_reason":"refusal"}`, "refused"},
		{"only thoughts, anthropic", "anthropic", `{"type":"message","content":[{"type":"thinking","thinking":"hm"}],"stop_reason":"max_tokens"}`, "limit of tokens"},
		{"tool without input", "anthropic", `{"type":"message","content":[{"type":"tool_use","name":"answer","input":{}}],"stop_reason":"tool_use"}`, "content is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				tr := newTransport(t, tt.provider, handler(func(w http.ResponseWriter, _ *http.Request) {
					n++
					write(w, 200, tt.body)
				}), nil)
				text, got := ask(t.Context(), tr, chatPath, question)
				if text != "" || got.Err == nil || got.Err.Kind != transport.BadAnswer || !strings.Contains(got.Err.Message, tt.want) {
					t.Errorf("answer %q, error %v, want a bad answer with %q", text, got.Err, tt.want)
				}
				if n != 2 {
					t.Errorf("%d calls, want 2", n)
				}
				if got.Err != nil && string(got.Err.Body) != tt.body {
					t.Errorf("body = %q, want what came", got.Err.Body)
				}
			})
		})
	}
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		name, provider, body, want string
		usage                      calls.Usage
	}{
		{"openai", "openai", openAIAnswer("yes"), `"content":"yes"`, calls.Usage{InputTokens: 12, OutputTokens: 3}},
		{"second choice", "openai", `{"choices":[{"message":{"content":""}},{"message":{"content":"yes"}}]}`, `"content":"yes"`, calls.Usage{}},
		{"list of parts", "openai", `{"choices":[{"message":{"content":[{"type":"thinking","text":"hm"},{"type":"text","text":"y"},{"type":"text","text":"es"}]}}]}`, `"content":"yes"`, calls.Usage{}},
		{"unusual finish reason", "openai", `{"choices":[{"message":{"content":"yes"},"finish_reason":null}],"usage":null}`, `"content":"yes"`, calls.Usage{}},
		{"stream", "ollama", "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"y\"},\"done\":false}\n\n{\"model\":\"m\",\"message\":{\"content\":\"es\"},\"done\":false}\n{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":2}\n", `"content":"yes"`, calls.Usage{InputTokens: 7, OutputTokens: 2}},
		{"one object", "ollama", `{"model":"m","message":{"content":"yes"},"done":true,"prompt_eval_count":7,"eval_count":2}`, `"content":"yes"`, calls.Usage{InputTokens: 7, OutputTokens: 2}},
		{"text", "anthropic", `{"type":"message","content":[{"type":"text","text":"yes"}],"usage":{"input_tokens":5,"output_tokens":2}}`, `"text":"yes"`, calls.Usage{InputTokens: 5, OutputTokens: 2}},
		{"from the provider's cache", "anthropic", `{"type":"message","content":[{"type":"text","text":"yes"}],"usage":{"input_tokens":5,"output_tokens":2,"cache_read_input_tokens":90,"cache_creation_input_tokens":10}}`, `"text":"yes"`, calls.Usage{InputTokens: 105, OutputTokens: 2}},
		{"unknown blocks", "anthropic", `{"type":"message","content":[{"type":"redacted_thinking","data":"x"},{"type":"tool_use","id":"1","name":"answer","input":{"a":1}}]}`, `[{"type":"tool_use"`, calls.Usage{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTransport(t, tt.provider, handler(func(w http.ResponseWriter, _ *http.Request) { write(w, 200, tt.body) }), nil)
			text, got := ask(t.Context(), tr, chatPath, question)
			if got.Err != nil || !strings.Contains(text, tt.want) || got.Usage != tt.usage {
				t.Errorf("answer %q, usage %+v, error %v, want %s and %+v", text, got.Usage, got.Err, tt.want, tt.usage)
			}
		})
	}
}

func TestEmbeddingAnswers(t *testing.T) {
	const two = `{"model":"m","input":["a","b"]}`
	tests := []struct {
		name, provider, body string
		want                 string // in the answer, or in the error after "!"
	}{
		{"openai", "openai", `{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]}],"usage":{"prompt_tokens":4}}`, `[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]}]`},
		{"out of order", "openai", `{"data":[{"index":1,"embedding":[0,1]},{"index":0,"embedding":[1,0]}]}`, `[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]}]`},
		{"one missing", "openai", `{"data":[{"index":0,"embedding":[1,0]}]}`, "!1 vectors came for 2 texts"},
		{"empty vector", "openai", `{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}`, "!vector 1 of 2 has 0 numbers"},
		{"two lengths", "openai", `{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[1]}]}`, "!vector 2 of 2 has 1 numbers"},
		{"null entry", "openai", `{"data":[{"index":0,"embedding":[1,null]},{"index":1,"embedding":[1,2]}]}`, "!no number"},
		{"base64", "openai", `{"data":[{"index":0,"embedding":"AAAA"},{"index":1,"embedding":"AAAA"}]}`, "!cannot be read"},
		{"ollama", "ollama", `{"embeddings":[[1,0],[0,1]],"prompt_eval_count":4}`, `[[1,0],[0,1]]`},
		{"ollama, none", "ollama", `{"embeddings":[]}`, "!0 vectors came for 2 texts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTransport(t, tt.provider, handler(func(w http.ResponseWriter, _ *http.Request) { write(w, 200, tt.body) }), nil)
				text, got := ask(t.Context(), tr, "https://provider.test/v1/embeddings", two)
				if fault, bad := strings.CutPrefix(tt.want, "!"); bad {
					if got.Err == nil || got.Err.Kind != transport.BadAnswer || !strings.Contains(got.Err.Message, fault) {
						t.Errorf("error = %v, want %q", got.Err, fault)
					}
				} else if got.Err != nil || !strings.Contains(text, tt.want) {
					t.Errorf("answer = %s, %v, want %s", text, got.Err, tt.want)
				}
			})
		})
	}
}

// What a provider refuses is told apart by its status first.
func TestRefusals(t *testing.T) {
	tests := []struct {
		name, provider string
		status         int
		body           string
		kind           transport.Kind
		param          string
		message        string
	}{
		{"context, openai", "openai", 400, `{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`, transport.ContextTooLong, "", "maximum context length"},
		{"context, anthropic", "anthropic", 400, `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}`, transport.ContextTooLong, "", "prompt is too long"},
		{"context, llama.cpp", "openai", 400, `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`, transport.ContextTooLong, "", "available context size"},
		{"context, llama.cpp's 500", "openai", 500, `{"error":{"code":500,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"server_error"}}`, transport.ContextTooLong, "", "available context size"},
		{"context, llama.cpp's embeddings", "openai", 500, `{"error":{"code":500,"message":"input is too large to process. increase the physical batch size","type":"server_error"}}`, transport.ContextTooLong, "", "too large to process"},
		{"context, behind a gateway", "openai", 502, `{"error":{"message":"This model's maximum context length is 4096 tokens.","code":"context_length_exceeded"}}`, transport.ContextTooLong, "", "maximum context length"},
		{"context, ollama's chat", "ollama", 500, `{"error":"prompt too long; exceeded max context length by 12 tokens"}`, transport.ContextTooLong, "", "prompt too long"},
		{"context, ollama", "ollama", 400, `{"error":"input length exceeds the context length"}`, transport.ContextTooLong, "", "input length"},
		{"context, ollama's 500", "ollama", 500, `{"error":"the input length exceeds the context length"}`, transport.ContextTooLong, "", "input length"},
		{"context, TGI", "openai", 422, "{\"error\":\"Input validation error: `inputs` must have less than 1024 tokens. Given: 2000\",\"error_type\":\"validation\"}", transport.ContextTooLong, "", "less than 1024"},
		{"body too large", "anthropic", 413, `{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}`, transport.ContextTooLong, "", "maximum size"},
		// B54
		{"temperature", "openai", 400, `{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}`, transport.BadRequest, "temperature", "Only the default (1)"},
		{"temperature, only in words", "openai", 400, `{"error":{"message":"this model does not take temperature"}}`, transport.BadRequest, "temperature", "does not take"},
		{"seed, mistral", "mistral", 422, `{"detail":[{"type":"extra_forbidden","loc":["body","random_seed"],"msg":"Extra inputs are not permitted"}]}`, transport.BadRequest, "random_seed", "Extra inputs"},
		{"schema, openai", "openai", 400, `{"error":{"message":"Invalid schema for response_format 'answer'","param":"response_format"}}`, transport.BadRequest, "response_format", "Invalid schema"},
		{"schema, ollama", "ollama", 500, `{"error":"invalid JSON schema in format"}`, transport.BadRequest, "format", "invalid JSON schema"},
		{"unknown model, openai", "openai", 404, `{"error":{"message":"The model 'x' does not exist","code":"model_not_found"}}`, transport.UnknownModel, "", "does not exist"},
		{"unknown model, ollama", "ollama", 404, `{"error":"model 'x' not found"}`, transport.UnknownModel, "", "not found"},
		{"unknown model, anthropic", "anthropic", 404, `{"type":"error","error":{"type":"not_found_error","message":"model: x"}}`, transport.UnknownModel, "", "model: x"},
		{"no such address", "openai", 404, `404 page not found`, transport.BadRequest, "", "is the base URL right?"},
		{"quota", "openai", 429, `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}`, transport.NoCredit, "", "current quota"},
		{"credit", "anthropic", 400, `{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}`, transport.NoCredit, "", "credit balance"},
		{"payment required", "openai", 402, `{"error":{"message":"Insufficient Balance"}}`, transport.NoCredit, "", "Insufficient Balance"},
		{"moved", "openai", 308, ``, transport.BadRequest, "", "it has moved to https://elsewhere.test/"},
		{"web page", "openai", 400, `<html>blocked</html>`, transport.BadRequest, "", "web page"},
		{"colour codes", "openai", 400, "{\"error\":{\"message\":\"bad\\u001b[31m\\nthing\"}}", transport.BadRequest, "", "bad[31m thing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			tr := newTransport(t, tt.provider, handler(func(w http.ResponseWriter, _ *http.Request) {
				n++
				w.Header().Set("Location", "https://elsewhere.test/")
				write(w, tt.status, tt.body)
			}), nil)
			_, got := ask(t.Context(), tr, chatPath, question)
			if got.Err == nil || got.Err.Kind != tt.kind || got.Err.Param != tt.param || !strings.Contains(got.Err.Error(), tt.message) {
				t.Errorf("error = %v (%+v), want %s, parameter %q, with %q", got.Err, got.Err, tt.kind, tt.param, tt.message)
			}
			if n != 1 {
				t.Errorf("%d calls, want 1", n)
			}
		})
	}
}

// Words about a window do not make every failure one of length: a page of a gateway
// and a limit of tokens a minute may pass.
func TestWordsOfContextElsewhere(t *testing.T) {
	for _, tt := range []struct {
		status int
		body   string
		kind   transport.Kind
	}{
		{503, `<html>no window is open: context size</html>`, transport.Overloaded},
		{429, `{"error":{"message":"Rate limit reached: too many tokens per min"}}`, transport.RateLimited},
	} {
		tr := newTransport(t, "openai", handler(func(w http.ResponseWriter, _ *http.Request) { write(w, tt.status, tt.body) }),
			func(c *transport.Config) { c.Patience = 0 })
		if _, got := ask(t.Context(), tr, chatPath, question); got.Err == nil || got.Err.Kind != tt.kind {
			t.Errorf("%d %s: %v, want %s", tt.status, tt.body, got.Err, tt.kind)
		}
	}
}

func TestRetryAfterForms(t *testing.T) {
	tests := []struct {
		name        string
		header      func(now time.Time) (name, value string)
		body        string
		least, most time.Duration
	}{
		{"seconds", func(time.Time) (string, string) { return "Retry-After", "20" }, "", 20 * time.Second, 25 * time.Second},
		{"date", func(now time.Time) (string, string) {
			return "Retry-After", now.Add(40 * time.Second).UTC().Format(http.TimeFormat)
		}, "", 39 * time.Second, 50 * time.Second},
		{"milliseconds", func(time.Time) (string, string) { return "Retry-After-Ms", "1500" }, "", 1500 * time.Millisecond, 2 * time.Second},
		{"google's detail", func(time.Time) (string, string) { return "X", "" }, `[{"error":{"code":429,"details":[{"@type":"RetryInfo","retryDelay":"34s"}]}}]`, 34 * time.Second, 43 * time.Second},
		{"nothing said", func(time.Time) (string, string) { return "X", "" }, "", time.Second, 2 * time.Second},
		{"nonsense", func(time.Time) (string, string) { return "Retry-After", "soon" }, "", time.Second, 2 * time.Second},
		{"the past", func(time.Time) (string, string) { return "Retry-After", "-5" }, "", time.Second, 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, began := 0, time.Now()
				tr := newTransport(t, "openai", handler(func(w http.ResponseWriter, _ *http.Request) {
					n++
					if n == 1 {
						w.Header().Set(tt.header(time.Now()))
						write(w, 429, tt.body)
						return
					}
					write(w, 200, openAIAnswer("done"))
				}), nil)
				_, got := ask(t.Context(), tr, chatPath, question)
				if took := time.Since(began); got.Err != nil || took < tt.least || took > tt.most {
					t.Errorf("waited %s, %v, want %s to %s", took, got.Err, tt.least, tt.most)
				}
			})
		})
	}
}

// A body that does not come to its end in time, and one that breaks off, over a
// real connection.
func TestSlowAndCutBodies(t *testing.T) {
	var n atomic.Int32
	stop := make(chan struct{})
	slow := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		if slow {
			io.WriteString(w, `{"choices":[`)
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-stop:
			}
			return
		}
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"choices":[`)
	}))
	defer server.Close()
	defer close(stop)
	for _, name := range []string{"slow", "cut"} {
		slow = name == "slow"
		n.Store(0)
		var waited time.Duration
		now := time.Unix(0, 0)
		tr := newTransport(t, "openai", nil, func(c *transport.Config) {
			c.Timeout, c.Patience = 50*time.Millisecond, 10*time.Second
			c.Clock = transport.Clock{
				Now: func() time.Time { return now },
				Sleep: func(_ context.Context, d time.Duration) error {
					waited += d
					now = now.Add(d)
					return nil
				},
			}
			if !slow {
				c.Timeout = 10 * time.Second
			}
		})
		_, got := ask(t.Context(), tr, server.URL+"/chat/completions", question)
		if got.Err == nil || got.Err.Kind != transport.Network {
			t.Errorf("%s: error = %v, want network", name, got.Err)
		}
		// What is always too slow is tried three times; what breaks off may be an
		// outage and is tried as long as the patience lasts.
		if slow && (n.Load() != 3 || !strings.Contains(got.Err.Message, "no whole answer within 50ms")) {
			t.Errorf("slow: %d calls, %v, want 3", n.Load(), got.Err)
		}
		if !slow && (waited < 10*time.Second || n.Load() < 4) {
			t.Errorf("cut: %d calls, %s waited", n.Load(), waited)
		}
	}
}

// What goes out is what the rewrite made of it, with our key in place of the
// library's, and without any header that came along.
func TestOutgoing(t *testing.T) {
	for _, tt := range []struct{ provider, key, header, want string }{
		{"openai", sentinel, "Authorization", "Bearer " + sentinel},
		{"anthropic", sentinel, "X-Api-Key", sentinel},
		{"ollama", "", "Authorization", ""},
	} {
		var header http.Header
		var body string
		tr := newTransport(t, tt.provider, handler(func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			header, body = r.Header, string(text)
			write(w, 401, ``)
		}), func(c *transport.Config) { c.Key = tt.key })
		ctx := transport.WithRewrite(t.Context(), func(fields map[string]json.RawMessage) error {
			delete(fields, "temperature")
			fields["top_p"] = json.RawMessage("0.5")
			return nil
		})
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, chatPath, strings.NewReader(`{"model":"m","temperature":0}`))
		req.Header.Set("Authorization", "Bearer unused")
		req.Header.Set("X-Api-Key", "unused")
		tr.Client().Do(req)
		if got := header.Get(tt.header); got != tt.want {
			t.Errorf("%s: %s = %q, want %q", tt.provider, tt.header, got, tt.want)
		}
		if strings.Contains(fmt.Sprint(header), "unused") {
			t.Errorf("%s: the library's key went out: %v", tt.provider, header)
		}
		if body != `{"model":"m","top_p":0.5}` {
			t.Errorf("%s: body = %s", tt.provider, body)
		}
	}
}

func store(t *testing.T) *calls.Store {
	t.Helper()
	s, err := calls.Open(t.Context(), filepath.Join(t.TempDir(), calls.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A kept call is answered without the provider, and its body is the same to the
// byte; a call that was not kept says whose it is.
func TestReplay(t *testing.T) {
	kept := store(t)
	n := 0
	live := newTransport(t, "openai", handler(func(w http.ResponseWriter, _ *http.Request) {
		n++
		write(w, 200, openAIAnswer("key "+sentinel+"!"))
	}), func(c *transport.Config) { c.Store, c.Mode = kept, calls.Auto })
	first, got := ask(t.Context(), live, chatPath, question)
	if got.Err != nil || got.Kept {
		t.Fatalf("first call: %+v", got)
	}
	again, got := ask(t.Context(), live, chatPath, question)
	if n != 1 || got.Err != nil || !got.Kept || got.Usage.InputTokens != 12 || again != first {
		t.Errorf("second call in auto: %d calls, %+v, %q, want %q from the file", n, got, again, first)
	}
	replay := newTransport(t, "openai", broken(func(*http.Request) (*http.Response, error) {
		t.Error("a replay called out")
		return nil, errors.New("no")
	}), func(c *transport.Config) { c.Store, c.Mode, c.Key = kept, calls.Replay, "" })
	if text, got := ask(t.Context(), replay, chatPath, question); got.Err != nil || text != first {
		t.Errorf("replayed %q, %v, want %q", text, got.Err, first)
	}
	ctx := calls.WithAsker(t.Context(), calls.Asker{Session: "2024-01-02", Symbol: "ACME"})
	_, got = ask(ctx, replay, chatPath, `{"model":"other"}`)
	if !errors.Is(got.Err, calls.ErrMissing) || !strings.Contains(got.Err.Error(), "session 2024-01-02 of ACME") {
		t.Errorf("missing call: error = %v, want one that names session and symbol", got.Err)
	}
	record := newTransport(t, "openai", handler(func(w http.ResponseWriter, _ *http.Request) {
		n++
		write(w, 200, openAIAnswer("new"))
	}), func(c *transport.Config) { c.Store, c.Mode = kept, calls.Record })
	if text, _ := ask(t.Context(), record, chatPath, question); n != 2 || !strings.Contains(text, "new") {
		t.Errorf("recording: %d calls, %q, want a new one", n, text)
	}
	if text, _ := ask(t.Context(), replay, chatPath, question); !strings.Contains(text, "new") {
		t.Errorf("after recording: %q, want the new answer", text)
	}
	// B87: the key that the server echoed is not in the file.
	var export bytes.Buffer
	if _, err := kept.Export(t.Context(), &export, calls.Filter{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(export.String(), sentinel) || strings.Contains(first, sentinel) {
		t.Error("the key is among what was kept")
	}
}

// A run that met an answer that is none can be replayed; otherwise it is asked for
// again.
func TestReplayOfABadAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := store(t)
		body := `{"choices":[]}`
		n := 0
		base := handler(func(w http.ResponseWriter, _ *http.Request) {
			n++
			write(w, 200, body)
		})
		auto := newTransport(t, "openai", base, func(c *transport.Config) { c.Store, c.Mode = kept, calls.Auto })
		_, first := ask(t.Context(), auto, chatPath, question)
		replay := newTransport(t, "openai", base, func(c *transport.Config) { c.Store, c.Mode = kept, calls.Replay })
		_, again := ask(t.Context(), replay, chatPath, question)
		if n != 2 || first.Err == nil || again.Err == nil || again.Err.Kind != transport.BadAnswer || again.Err.Message != first.Err.Message {
			t.Errorf("%d calls, first %v, replayed %v", n, first.Err, again.Err)
		}
		body = openAIAnswer("well")
		if text, got := ask(t.Context(), auto, chatPath, question); got.Err != nil || n != 3 || !strings.Contains(text, "well") {
			t.Errorf("asked again: %d calls, %q, %v", n, text, got.Err)
		}
	})
}

// A meter refuses calls that go out, and counts those that were kept apart.
func TestMeter(t *testing.T) {
	kept := store(t)
	m := &meter{left: 1}
	tr := newTransport(t, "openai", handler(func(w http.ResponseWriter, _ *http.Request) { write(w, 200, openAIAnswer("x")) }),
		func(c *transport.Config) { c.Store, c.Mode, c.Meter = kept, calls.Auto, m })
	for range 2 {
		if _, got := ask(t.Context(), tr, chatPath, question); got.Err != nil {
			t.Fatal(got.Err)
		}
	}
	_, got := ask(t.Context(), tr, chatPath, `{"model":"other"}`)
	if !errors.Is(got.Err, errSpent) || got.Err.Kind != transport.NotSent {
		t.Errorf("error = %v, want the meter's", got.Err)
	}
	if m.live != 1 || m.kept != 1 || m.tokens != 30 {
		t.Errorf("counted %+v, want one live, one kept, 30 tokens", m)
	}
}

var errSpent = errors.New("spent")

type meter struct{ left, live, kept, tokens int }

func (m *meter) Allow(context.Context) error {
	if m.left == 0 {
		return errSpent
	}
	m.left--
	return nil
}

func (m *meter) Count(_ context.Context, c calls.Call, live bool) {
	if live {
		m.live++
	} else {
		m.kept++
	}
	m.tokens += c.Usage.InputTokens + c.Usage.OutputTokens
}

func TestNewRefuses(t *testing.T) {
	good := transport.Config{Provider: provider(t, "openai"), Limiter: transport.NewLimiter(1, half), Clock: transport.Clock{Now: time.Now}, Mode: calls.Off, Timeout: time.Second}
	for name, change := range map[string]func(*transport.Config){
		"no provider": func(c *transport.Config) { c.Provider = transport.Provider{} },
		"no limiter":  func(c *transport.Config) { c.Limiter = nil },
		"no clock":    func(c *transport.Config) { c.Clock = transport.Clock{} },
		"no timeout":  func(c *transport.Config) { c.Timeout = 0 },
		"no store":    func(c *transport.Config) { c.Mode = calls.Auto },
	} {
		cfg := good
		change(&cfg)
		if _, err := transport.New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := transport.New(good); err != nil {
		t.Error(err)
	}
}
