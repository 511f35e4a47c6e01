package transport

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"finmem/agent/llm/calls"
)

// openAIWire checks the answers of /chat/completions and /embeddings.
type openAIWire struct{}

func (w openAIWire) answer(kind calls.Kind, request, body []byte) (reply, *Error) {
	if kind == calls.Embedding {
		return w.embeddings(request, body)
	}
	return w.chat(body)
}

type openAIUsage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
}

func (u openAIUsage) usage() usage { return usage{u.PromptTokens, u.CompletionTokens} }

func (openAIWire) chat(body []byte) (reply, *Error) {
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil || top == nil {
		return reply{}, notJSON(body)
	}
	if e := inBand(top["error"], body); e != nil {
		return reply{}, e
	}
	var choices []struct {
		Index   int `json:"index"`
		Message struct {
			Role      string          `json:"role"`
			Content   json.RawMessage `json:"content"`
			Refusal   string          `json:"refusal"`
			Reasoning string          `json:"reasoning_content"`
		} `json:"message"`
		FinishReason string `json:"finish_reason"`
	}
	if len(top["choices"]) > 0 {
		if err := json.Unmarshal(top["choices"], &choices); err != nil {
			return reply{}, badAnswer("the choices cannot be read: %v", err)
		}
	}
	if len(choices) == 0 {
		return reply{}, badAnswer("the answer has no choices")
	}
	for _, c := range choices {
		text, ok := contentText(c.Message.Content)
		switch {
		case !ok:
			return reply{}, badAnswer("the content is neither text nor a list of parts")
		case strings.TrimSpace(text) != "":
			return openAIReply(text, c.FinishReason, top["usage"])
		}
	}
	c := choices[0]
	switch {
	case c.Message.Refusal != "":
		return reply{}, badAnswer("the model refused: %s", shown(c.Message.Refusal))
	case c.FinishReason == "length":
		return reply{}, badAnswer("the answer reached its limit of tokens before it said anything")
	case c.FinishReason == "content_filter":
		return reply{}, badAnswer("the provider's content filter held the answer back")
	}
	return reply{}, badAnswer("the content is empty")
}

// openAIReply is a plain answer for the library, whatever parts the provider's had.
func openAIReply(text, finish string, counted json.RawMessage) (reply, *Error) {
	var u openAIUsage
	if len(counted) > 0 {
		if err := json.Unmarshal(counted, &u); err != nil {
			return reply{}, badAnswer("the usage cannot be read: %v", err)
		}
	}
	body, err := json.Marshal(map[string]any{
		"choices": []any{map[string]any{
			"index": 0, "finish_reason": finish,
			"message": map[string]any{"role": "assistant", "content": text},
		}},
		"usage": u,
	})
	if err != nil {
		return reply{}, badAnswer("the answer cannot be passed on: %v", err)
	}
	return reply{body: body, usage: u.usage()}, nil
}

// contentText is the text of a message: a string, null, or a list of parts of
// which those of type text count.
func contentText(raw json.RawMessage) (text string, ok bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", true
	}
	if json.Unmarshal(raw, &text) == nil {
		return text, true
	}
	var parts []struct{ Type, Text string }
	if json.Unmarshal(raw, &parts) != nil {
		return "", false
	}
	for _, p := range parts {
		if p.Type == "text" {
			text += p.Text
		}
	}
	return text, true
}

func (openAIWire) embeddings(request, body []byte) (reply, *Error) {
	var top struct {
		Error json.RawMessage `json:"error"`
		Data  []struct {
			Index     int        `json:"index"`
			Embedding []*float64 `json:"embedding"`
		} `json:"data"`
		Usage openAIUsage `json:"usage"`
	}
	var probe map[string]json.RawMessage
	if json.Unmarshal(body, &probe) != nil || probe == nil {
		return reply{}, notJSON(body)
	}
	if e := inBand(probe["error"], body); e != nil {
		return reply{}, e
	}
	if err := json.Unmarshal(body, &top); err != nil {
		return reply{}, badAnswer("the vectors cannot be read: %v", err)
	}
	// The order of the list is not promised; the index is.
	slices.SortStableFunc(top.Data, func(a, b struct {
		Index     int        `json:"index"`
		Embedding []*float64 `json:"embedding"`
	}) int {
		return cmp.Compare(a.Index, b.Index)
	})
	vectors := make([][]*float64, len(top.Data))
	for i, d := range top.Data {
		vectors[i] = d.Embedding
	}
	if e := vectorsFault(request, vectors); e != nil {
		return reply{}, e
	}
	sorted, err := json.Marshal(map[string]any{"data": top.Data, "usage": top.Usage})
	if err != nil {
		return reply{}, badAnswer("the vectors cannot be passed on: %v", err)
	}
	return reply{body: sorted, usage: top.Usage.usage()}, nil
}
