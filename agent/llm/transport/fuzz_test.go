package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"finmem/agent/llm/calls"
	"finmem/agent/llm/transport"
)

// Whatever a provider sends, the library gets JSON or the caller an error with a
// kind, and the key is in neither.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		"", "null", "[]", "<html>", "invalid api key", openAIAnswer("yes"),
		`{"choices":[{"message":{"content":[{"type":"text","text":"x"}]}}],"usage":[]}`,
		`{"error":{"message":"SENTINEL_KEY_123","code":429}}`, `[{"error":{"code":400}}]`, `{"error":"x"}`, `{"detail":[{"loc":["body","seed"]}]}`,
		"{\"model\":\"m\",\"message\":{\"content\":\"a\"},\"done\":false}\n{\"done\":true}\n", "{\"model\":\"m\"}\n{\"error\":\"x\"}\n",
		`{"type":"message","content":[{"type":"tool_use","name":"answer","input":{"a":1}}],"usage":{"input_tokens":1}}`,
		`{"data":[{"index":0,"embedding":[1,2]}]}`, `{"embeddings":[[1,2],[3]]}`,
	} {
		f.Add(200, body)
		f.Add(400, body)
	}
	now := func() time.Time { return time.Unix(0, 0) }
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			status = 200
		}
		for _, name := range []string{"openai", "ollama", "anthropic"} {
			tr, err := transport.New(transport.Config{
				Provider: provider(t, name), Key: sentinel, Limiter: transport.NewLimiter(1, half), Clock: transport.Clock{Now: now},
				Mode: calls.Off, Timeout: time.Minute,
				Base: handler(func(w http.ResponseWriter, _ *http.Request) { write(w, status, body) }),
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, url := range []string{chatPath, "https://provider.test/v1/embeddings"} {
				text, got := ask(context.Background(), tr, url, `{"model":"m","input":["a"]}`)
				if got.Err == nil && !json.Valid([]byte(text)) || got.Err != nil && got.Err.Kind == "" {
					t.Errorf("%s: %q, %+v", name, text, got.Err)
				}
				if strings.Contains(text+fmt.Sprintf("%v%+v", got.Err, got.Err), sentinel) {
					t.Errorf("%s: the key got out: %q, %+v", name, text, got.Err)
				}
			}
		}
	})
}
