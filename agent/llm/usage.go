package llm

import (
	"github.com/tmc/langchaingo/llms"

	"finmem/agent"
)

// The names that langchaingo's providers give to their token counts.
var (
	inputKeys  = []string{"PromptTokens", "InputTokens", "input_tokens"}
	outputKeys = []string{"CompletionTokens", "OutputTokens", "output_tokens"}
)

// usage is what a call cost by the provider's word, or an estimate where it gave
// none.
func usage(info map[string]any, sent []llms.MessageContent, answer string) agent.Usage {
	in, okIn := count(info, inputKeys)
	out, okOut := count(info, outputKeys)
	if okIn && okOut {
		return agent.Usage{InputTokens: in, OutputTokens: out}
	}
	estimated := 0
	for _, m := range sent {
		estimated += agent.EstimateTokens(messageText(m))
	}
	return agent.Usage{InputTokens: estimated, OutputTokens: agent.EstimateTokens(answer), Estimated: true}
}

// count is the first positive number under one of keys.
func count(info map[string]any, keys []string) (n int, ok bool) {
	for _, key := range keys {
		switch v := info[key].(type) {
		case int:
			n = v
		case int32:
			n = int(v)
		case int64:
			n = int(v)
		case float64:
			n = int(v)
		}
		if n > 0 {
			return n, true
		}
	}
	return 0, false
}

// messageText is the text of a message.
func messageText(m llms.MessageContent) string {
	var text string
	for _, part := range m.Parts {
		if t, ok := part.(llms.TextContent); ok {
			text += t.Text
		}
	}
	return text
}
