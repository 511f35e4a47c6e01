package llmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// NewOllama starts a server with /api/chat, which streams unless told not to, and
// /api/embed. It closes with the test.
func NewOllama(t *testing.T) *Server {
	return start(t, format{
		read: func(r *Request) error {
			var schema map[string]json.RawMessage
			if json.Unmarshal(r.Fields["format"], &schema) == nil && schema != nil {
				r.Schema = r.Fields["format"]
			}
			return readOpenAI(r) // the messages look alike
		},
		refused: func(message, _ string) string { return marshal(map[string]string{"error": message}) },
		tooLong: refuse(http.StatusBadRequest, `{"error":"the input length exceeds the context length"}`),
		key:     func(http.Header) string { return "" },
		chat: func(w http.ResponseWriter, r Request, answer string) {
			piece := func(content string, done bool) map[string]any {
				return map[string]any{
					"model": "test", "created_at": "2026-01-02T03:04:05.123456789Z", "done": done,
					"message": map[string]string{"role": "assistant", "content": content},
				}
			}
			last := piece("", true)
			last["done_reason"] = "stop"
			last["prompt_eval_count"], last["eval_count"] = tokens(append(r.Messages, r.System)...), tokens(answer)
			if string(r.Fields["stream"]) == "false" {
				last["message"] = map[string]string{"role": "assistant", "content": answer}
				fmt.Fprintln(w, marshal(last))
				return
			}
			w.Header().Set("Content-Type", "application/x-ndjson")
			for runes := []rune(answer); len(runes) > 0; {
				n := min(len(runes), 5)
				fmt.Fprintln(w, marshal(piece(string(runes[:n]), false)))
				w.(http.Flusher).Flush()
				runes = runes[n:]
			}
			fmt.Fprintln(w, marshal(last))
		},
		embed: func(w http.ResponseWriter, vectors [][]float64) {
			fmt.Fprint(w, marshal(map[string]any{"model": "test", "embeddings": vectors, "total_duration": 1, "prompt_eval_count": len(vectors)}))
		},
	})
}
