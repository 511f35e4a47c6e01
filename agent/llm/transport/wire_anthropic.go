package transport

import (
	"encoding/json"
	"strings"

	"finmem/agent/llm/calls"
)

// anthropicWire checks the answers of /messages.
type anthropicWire struct{}

func (anthropicWire) answer(_ calls.Kind, _, body []byte) (reply, *Error) {
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil || top == nil {
		return reply{}, notJSON(body)
	}
	if e := inBand(top["error"], body); e != nil {
		return reply{}, e
	}
	var blocks []json.RawMessage
	var counted struct {
		Input    int `json:"input_tokens"`
		Output   int `json:"output_tokens"`
		Written  int `json:"cache_creation_input_tokens"`
		FromKept int `json:"cache_read_input_tokens"`
	}
	for _, field := range []struct {
		name string
		into any
	}{{"content", &blocks}, {"usage", &counted}} {
		if len(top[field.name]) > 0 {
			if err := json.Unmarshal(top[field.name], field.into); err != nil {
				return reply{}, badAnswer("the field %s cannot be read: %v", field.name, err)
			}
		}
	}
	// The library fails on blocks that it does not know.
	known := []json.RawMessage{}
	for _, raw := range blocks {
		var b struct {
			Type, Text string
			Input      map[string]json.RawMessage
		}
		if err := json.Unmarshal(raw, &b); err != nil {
			return reply{}, badAnswer("a block of the content cannot be read: %v", err)
		}
		if b.Type == "tool_use" && len(b.Input) > 0 || b.Type == "text" && strings.TrimSpace(b.Text) != "" {
			known = append(known, raw)
		}
	}
	if len(known) == 0 {
		switch reason := str(top["stop_reason"]); reason {
		case "refusal":
			return reply{}, badAnswer("the model refused")
		case "max_tokens":
			return reply{}, badAnswer("the answer reached its limit of tokens before it said anything")
		}
		return reply{}, badAnswer("the content is empty")
	}
	content, err := json.Marshal(known)
	if err == nil {
		top["content"] = content
		body, err = json.Marshal(top)
	}
	if err != nil {
		return reply{}, badAnswer("the answer cannot be passed on: %v", err)
	}
	// input_tokens leaves out what came from the provider's cache or went there.
	return reply{body: body, usage: usage{counted.Input + counted.Written + counted.FromKept, counted.Output}}, nil
}
