package llm

import (
	"fmt"
	"strings"

	"finmem/agent"
	"finmem/agent/llm/transport"
)

// Offline is the name of the [Analyst].
const Offline = "offline"

// A Config holds what the models need besides their names.
type Config struct {
	// Polarity says how good or bad a text is for its subject, from -1 to 1. The
	// analyst needs it.
	Polarity func(text string) float64
	// The rest is for language models. BaseURL is where the provider is, "" for its
	// own address.
	BaseURL    string
	Parameters Parameters
	Dialer     *transport.Dialer
}

// New makes the model called name: [Offline], or "provider/model" as
// [transport.Providers] lists them.
func New(name string, cfg Config) (agent.Model, error) {
	if name != Offline {
		if !strings.Contains(name, "/") {
			return nil, fmt.Errorf("model %q is not available: want %s, or provider/model such as ollama/qwen3:8b", name, Offline)
		}
		if cfg.Dialer == nil {
			return nil, fmt.Errorf("model %q needs a dialer", name)
		}
		return NewRemote(name, cfg.BaseURL, cfg.Parameters, cfg.Dialer)
	}
	p := cfg.Parameters
	if cfg.BaseURL != "" || p.Temperature != nil || p.TopP != nil || p.Seed != nil || p.AnswerTokens != 0 {
		return nil, fmt.Errorf("model %q is no language model: it takes neither address nor parameters", name)
	}
	if cfg.Polarity == nil {
		return nil, fmt.Errorf("model %q needs a polarity of texts", name)
	}
	return NewChat(Offline, &Analyst{Polarity: cfg.Polarity}), nil
}
