package llmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// NewOpenAI starts a server with /chat/completions and /embeddings. It closes with
// the test.
func NewOpenAI(t *testing.T) *Server { return startOpenAI(t, openAIFormat()) }

// NewLlamaCpp is [NewOpenAI] for the server of llama.cpp, which says that a chat is
// too long as if something had broken.
func NewLlamaCpp(t *testing.T) *Server {
	f := openAIFormat()
	f.tooLong = refuse(http.StatusInternalServerError, `{"error":{"code":500,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"server_error"}}`)
	return startOpenAI(t, f)
}

func startOpenAI(t *testing.T, f format) *Server {
	s := start(t, f)
	s.URL += "/v1"
	return s
}

func openAIFormat() format {
	return format{
		read: func(r *Request) error {
			var format struct {
				JSONSchema struct{ Schema json.RawMessage } `json:"json_schema"`
			}
			if raw, ok := r.Fields["response_format"]; ok {
				if err := json.Unmarshal(raw, &format); err != nil {
					return err
				}
				r.Schema = format.JSONSchema.Schema
			}
			return readOpenAI(r)
		},
		refused: func(message, field string) string {
			return marshal(map[string]any{"error": map[string]any{
				"message": message, "type": "invalid_request_error", "param": field, "code": nil,
			}})
		},
		tooLong: refuse(http.StatusBadRequest, `{"error":{"message":"This model's maximum context length is 4096 tokens. However, your messages resulted in 5012 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`),
		key:     func(h http.Header) string { return strings.TrimPrefix(h.Get("Authorization"), "Bearer ") },
		chat: func(w http.ResponseWriter, r Request, answer string) {
			fmt.Fprint(w, marshal(map[string]any{
				"id": fmt.Sprintf("chatcmpl-%d", r.Number), "object": "chat.completion", "created": 1700000000, "model": "test",
				"choices": []any{map[string]any{
					"index": 0, "finish_reason": "stop", "logprobs": nil,
					"message": map[string]any{"role": "assistant", "content": answer, "refusal": nil},
				}},
				"usage": map[string]any{
					"prompt_tokens": tokens(append(r.Messages, r.System)...), "completion_tokens": tokens(answer),
					"total_tokens": tokens(append(r.Messages, r.System, answer)...),
				},
			}))
		},
		embed: func(w http.ResponseWriter, vectors [][]float64) {
			var data []any
			for i, v := range vectors {
				data = append(data, map[string]any{"object": "embedding", "index": i, "embedding": v})
			}
			fmt.Fprint(w, marshal(map[string]any{
				"object": "list", "model": "test", "data": data,
				"usage": map[string]int{"prompt_tokens": len(vectors), "total_tokens": len(vectors)},
			}))
		},
	}
}

// readOpenAI reads messages and texts to embed.
func readOpenAI(r *Request) error {
	if raw, ok := r.Fields["input"]; ok {
		return readTexts(raw, &r.Texts)
	}
	var messages []struct{ Role, Content string }
	if err := json.Unmarshal(r.Fields["messages"], &messages); err != nil {
		return err
	}
	for _, m := range messages {
		if m.Role == "system" {
			r.System = m.Content
			continue
		}
		r.Messages = append(r.Messages, m.Content)
	}
	return nil
}

// readTexts reads one text or a list of them.
func readTexts(raw json.RawMessage, texts *[]string) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*texts = []string{one}
		return nil
	}
	return json.Unmarshal(raw, texts)
}

// marshal is v as JSON; the servers make nothing that has none.
func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
