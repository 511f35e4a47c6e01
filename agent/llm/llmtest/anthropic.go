package llmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// NewAnthropic starts a server with /messages. It closes with the test.
func NewAnthropic(t *testing.T) *Server {
	s := start(t, format{
		read: readAnthropic,
		refused: func(message, _ string) string {
			return marshal(map[string]any{"type": "error", "error": map[string]string{"type": "invalid_request_error", "message": message}})
		},
		tooLong: refuse(http.StatusBadRequest, `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 5012 tokens > 4096 maximum"}}`),
		key:     func(h http.Header) string { return h.Get("X-Api-Key") },
		chat: func(w http.ResponseWriter, r Request, answer string) {
			content := []any{map[string]any{"type": "text", "text": answer}}
			reason := "end_turn"
			var input map[string]any
			if r.Schema != nil && json.Unmarshal([]byte(answer), &input) == nil {
				content = []any{map[string]any{"type": "tool_use", "id": fmt.Sprintf("toolu_%d", r.Number), "name": "answer", "input": input}}
				reason = "tool_use"
			}
			fmt.Fprint(w, marshal(map[string]any{
				"id": fmt.Sprintf("msg_%d", r.Number), "type": "message", "role": "assistant", "model": "test",
				"content": content, "stop_reason": reason, "stop_sequence": nil,
				"usage": map[string]int{
					"input_tokens": tokens(r.Messages...), "cache_creation_input_tokens": 0,
					"cache_read_input_tokens": tokens(r.System), "output_tokens": tokens(answer),
				},
			}))
		},
	})
	s.URL += "/v1"
	return s
}

func readAnthropic(r *Request) error {
	type block struct{ Type, Text string }
	if raw, ok := r.Fields["system"]; ok {
		var blocks []block
		if json.Unmarshal(raw, &blocks) == nil {
			for _, b := range blocks {
				r.System += b.Text
			}
		} else if err := json.Unmarshal(raw, &r.System); err != nil {
			return err
		}
	}
	var messages []struct {
		Role    string
		Content []block
	}
	if err := json.Unmarshal(r.Fields["messages"], &messages); err != nil {
		return err
	}
	for _, m := range messages {
		for _, b := range m.Content {
			r.Messages = append(r.Messages, b.Text)
		}
	}
	var tools []struct {
		Schema json.RawMessage `json:"input_schema"`
	}
	if raw, ok := r.Fields["tools"]; ok {
		if err := json.Unmarshal(raw, &tools); err != nil {
			return err
		}
		r.Schema = tools[0].Schema
	}
	return nil
}
