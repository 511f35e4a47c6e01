package llm

import (
	"encoding/json"
	"fmt"
	"math"

	"finmem/agent/llm/transport"
)

// Parameters are what a language model is asked to be like. What is not set is not
// sent, so the provider's default holds; what is set is sent as it is, zero too.
type Parameters struct {
	Temperature *float64
	TopP        *float64
	Seed        *int64
	// AnswerTokens bounds the answer, 0 for the provider's own bound.
	AnswerTokens int
	// ContextTokens is the window that a local server is to open, 0 for its own.
	// Only Ollama can be told.
	ContextTokens int
}

// Validate reports the first parameter that makes no sense.
func (p Parameters) Validate() error {
	switch {
	case p.Temperature != nil && !(*p.Temperature >= 0 && *p.Temperature <= 2):
		return fmt.Errorf("temperature %v: want 0 to 2", *p.Temperature)
	case p.TopP != nil && !(*p.TopP > 0 && *p.TopP <= 1):
		return fmt.Errorf("top-p %v: want above 0 and at most 1", *p.TopP)
	case p.AnswerTokens < 0 || p.AnswerTokens > math.MaxInt32:
		return fmt.Errorf("answer tokens %d: want 0 or more", p.AnswerTokens)
	case p.ContextTokens < 0 || p.ContextTokens > math.MaxInt32:
		return fmt.Errorf("context tokens %d: want 0 or more", p.ContextTokens)
	}
	return nil
}

// HasSeed reports whether a provider can be given a seed.
func HasSeed(p transport.Provider) bool { return p.Wire != transport.Anthropic }

// fields are a request's body or a part of it.
type fields map[string]json.RawMessage

// set puts a value, or takes the field away where there is none.
func (f fields) set(name string, value any, given bool) error {
	if !given {
		delete(f, name)
		return nil
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("parameter %s: %w", name, err)
	}
	f[name] = raw
	return nil
}

// sampling puts the parameters that all wires have, and the seed under its name.
func (p Parameters) sampling(f fields, seed string) error {
	if err := f.set("temperature", p.Temperature, p.Temperature != nil); err != nil {
		return err
	}
	if err := f.set("top_p", p.TopP, p.TopP != nil); err != nil {
		return err
	}
	return f.set(seed, p.Seed, p.Seed != nil)
}

// openAI rewrites the body of a chat request in OpenAI's form.
func (p Parameters) openAI(at transport.Provider, f fields) error {
	seed := "seed"
	if at.Name == "mistral" {
		seed = "random_seed"
	}
	if err := p.sampling(f, seed); err != nil {
		return err
	}
	// The newer name is known to OpenAI's own models, which refuse the older one;
	// of the imitations some pass over it in silence.
	used, other := "max_tokens", "max_completion_tokens"
	if at.Name == "openai" && at.Home() {
		used, other = other, used
	}
	delete(f, other)
	return f.set(used, p.AnswerTokens, p.AnswerTokens > 0)
}

// ollama rewrites the body of a chat request in Ollama's form. Without truncate
// and shift a server drops the start of a prompt that is too long, which holds the
// instructions, and says nothing; servers that do not know the fields pass over
// them.
func (p Parameters) ollama(f fields) error {
	options := fields{}
	if err := p.sampling(options, "seed"); err != nil {
		return err
	}
	if err := options.set("num_predict", p.AnswerTokens, p.AnswerTokens > 0); err != nil {
		return err
	}
	if err := options.set("num_ctx", p.ContextTokens, p.ContextTokens > 0); err != nil {
		return err
	}
	if err := f.set("options", options, len(options) > 0); err != nil {
		return err
	}
	if err := f.set("truncate", false, true); err != nil {
		return err
	}
	return f.set("shift", false, true)
}

// anthropic rewrites the body of a chat request in Anthropic's form. The system
// part, which hardly changes from session to session, is marked for the provider's
// cache of prompts.
func (p Parameters) anthropic(f fields) error {
	if err := p.sampling(f, "seed"); err != nil {
		return err
	}
	if p.AnswerTokens > 0 {
		if err := f.set("max_tokens", p.AnswerTokens, true); err != nil {
			return err
		}
	}
	var system string
	if json.Unmarshal(f["system"], &system) != nil || system == "" {
		return nil
	}
	return f.set("system", []any{map[string]any{
		"type": "text", "text": system, "cache_control": map[string]string{"type": "ephemeral"},
	}}, true)
}
