package transport

import (
	"bytes"
	"encoding/json"
	"strings"

	"finmem/agent/llm/calls"
)

// ollamaWire checks the answers of /api/chat, a stream of one JSON object a line or
// a single object, and of /api/embed.
type ollamaWire struct{}

func (w ollamaWire) answer(kind calls.Kind, request, body []byte) (reply, *Error) {
	if kind == calls.Embedding {
		return w.embeddings(request, body)
	}
	return w.chat(body)
}

func (ollamaWire) chat(body []byte) (reply, *Error) {
	type piece struct {
		Error   json.RawMessage `json:"error"`
		Model   string          `json:"model"`
		Message struct {
			Role     string `json:"role"`
			Content  string `json:"content"`
			Thinking string `json:"thinking"`
		} `json:"message"`
		Done            bool   `json:"done"`
		DoneReason      string `json:"done_reason"`
		PromptEvalCount int    `json:"prompt_eval_count"`
		EvalCount       int    `json:"eval_count"`
	}
	var text strings.Builder
	var last piece
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		var p piece
		if err := json.Unmarshal(line, &p); err != nil {
			if last.Model == "" {
				return reply{}, notJSON(body)
			}
			return reply{}, badAnswer("the stream has a line that is no JSON object: %s", shown(string(line[:min(len(line), 4*shownChars)])))
		}
		if len(p.Error) > 0 && string(p.Error) != "null" {
			// An error inside a stream comes after the status was sent.
			e := classify(500, line)
			e.seldom = true
			return reply{}, e
		}
		text.WriteString(p.Message.Content)
		last = p
		if p.Done {
			break
		}
	}
	switch {
	case !last.Done && len(bytes.TrimSpace(body)) == 0:
		return reply{}, badAnswer("the answer is empty")
	case !last.Done:
		return reply{}, badAnswer("the stream breaks off before its end")
	case strings.TrimSpace(text.String()) == "" && last.DoneReason == "length":
		return reply{}, badAnswer("the answer reached its limit of tokens before it said anything")
	case strings.TrimSpace(text.String()) == "":
		return reply{}, badAnswer("the content is empty")
	}
	whole, err := json.Marshal(map[string]any{
		"model": last.Model, "done": true, "done_reason": last.DoneReason,
		"message":           map[string]string{"role": "assistant", "content": text.String()},
		"prompt_eval_count": last.PromptEvalCount, "eval_count": last.EvalCount,
	})
	switch {
	case err != nil:
		return reply{}, badAnswer("the answer cannot be passed on: %v", err)
	case len(whole) > longestLine:
		return reply{}, badAnswer("the answer has %d bytes", len(whole))
	}
	return reply{body: whole, usage: usage{last.PromptEvalCount, last.EvalCount}}, nil
}

// longestLine is the longest line that langchaingo's client reads; a longer one it
// takes for the end of the answer.
const longestLine = 500_000

func (ollamaWire) embeddings(request, body []byte) (reply, *Error) {
	var probe map[string]json.RawMessage
	if json.Unmarshal(body, &probe) != nil || probe == nil {
		return reply{}, notJSON(body)
	}
	if e := inBand(probe["error"], body); e != nil {
		return reply{}, e
	}
	var top struct {
		Embeddings      [][]*float64 `json:"embeddings"`
		PromptEvalCount int          `json:"prompt_eval_count"`
	}
	if err := json.Unmarshal(body, &top); err != nil {
		return reply{}, badAnswer("the vectors cannot be read: %v", err)
	}
	if e := vectorsFault(request, top.Embeddings); e != nil {
		return reply{}, e
	}
	return reply{body: body, usage: usage{InputTokens: top.PromptEvalCount}}, nil
}
