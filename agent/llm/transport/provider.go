package transport

import (
	"fmt"
	"net/url"
	"strings"
)

// A Wire is the form in which a provider is asked and answers.
type Wire string

const (
	// OpenAI is /chat/completions and /embeddings, as OpenAI has them and most
	// others imitate.
	OpenAI Wire = "openai"
	// Ollama is /api/chat and /api/embed.
	Ollama Wire = "ollama"
	// Anthropic is /messages.
	Anthropic Wire = "anthropic"
)

// A Provider is one that models are named by, as in "openai/gpt-4.1-mini".
type Provider struct {
	Name string
	Wire Wire
	// BaseURL is where it is unless told otherwise.
	BaseURL string
	// KeyVariables are the environment variables that its key is looked for in, in
	// order. There are none where it needs no key.
	KeyVariables []string
	// Embeds reports whether it has embeddings.
	Embeds bool
}

// Providers lists the providers by name.
func Providers() []Provider {
	return []Provider{
		{Name: "anthropic", Wire: Anthropic, BaseURL: "https://api.anthropic.com/v1", KeyVariables: []string{"ANTHROPIC_API_KEY"}},
		{Name: "googleai", Wire: OpenAI, BaseURL: "https://generativelanguage.googleapis.com/v1beta/openai", KeyVariables: []string{"GEMINI_API_KEY", "GOOGLE_API_KEY"}, Embeds: true},
		{Name: "mistral", Wire: OpenAI, BaseURL: "https://api.mistral.ai/v1", KeyVariables: []string{"MISTRAL_API_KEY"}, Embeds: true},
		{Name: "ollama", Wire: Ollama, BaseURL: "http://127.0.0.1:11434", Embeds: true},
		{Name: "openai", Wire: OpenAI, BaseURL: "https://api.openai.com/v1", KeyVariables: []string{"OPENAI_API_KEY"}, Embeds: true},
	}
}

// SplitName takes "provider/model" apart and finds the provider. The model's name
// may have slashes of its own.
func SplitName(name string) (Provider, string, error) {
	provider, model, found := strings.Cut(name, "/")
	var names []string
	for _, p := range Providers() {
		if found && p.Name == provider && model != "" {
			return p, model, nil
		}
		names = append(names, p.Name+"/…")
	}
	return Provider{}, "", fmt.Errorf("%q: want %s", name, strings.Join(names, ", "))
}

// At is the provider at another address, "" for its own.
func (p Provider) At(baseURL string) (Provider, error) {
	if baseURL == "" {
		return p, nil
	}
	u, err := url.Parse(baseURL)
	if err != nil {
		return p, fmt.Errorf("base URL %q cannot be read", baseURL)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return p, fmt.Errorf("base URL %q: want one such as http://127.0.0.1:8000/v1", baseURL)
	case u.User != nil:
		return p, fmt.Errorf("base URL of %s holds a user or password: keys come from the environment alone", u.Host)
	case u.RawQuery != "" || u.Fragment != "":
		return p, fmt.Errorf("base URL of %s: want one without ? and #", u.Host)
	}
	p.BaseURL = strings.TrimRight(baseURL, "/")
	return p, nil
}

// Home reports whether the provider is at its own address.
func (p Provider) Home() bool {
	for _, q := range Providers() {
		if q.Name == p.Name {
			return q.BaseURL == p.BaseURL
		}
	}
	return false
}

// Key finds the provider's key in the environment; lookup is os.LookupEnv. Where
// the provider needs one and there is none, that is an error of [KeyMissing]. At
// another address a key is sent if it is set, and not needed.
func (p Provider) Key(lookup func(string) (string, bool)) (string, error) {
	for _, name := range p.KeyVariables {
		if key, ok := lookup(name); ok && strings.TrimSpace(key) != "" {
			return strings.TrimSpace(key), nil
		}
	}
	if len(p.KeyVariables) > 0 && p.Home() {
		return "", &Error{Kind: KeyMissing, Provider: p.Name, Message: "set " + strings.Join(p.KeyVariables, " or ")}
	}
	return "", nil
}
