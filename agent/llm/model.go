package llm

import (
	"fmt"
	"strings"

	"finmem/agent"
)

// Offline is the name of the [Analyst].
const Offline = "offline"

// A Config holds what the models need besides their names.
type Config struct {
	// Polarity says how good or bad a text is for its subject, from -1 to 1. The
	// analyst needs it.
	Polarity func(text string) float64
}

// Names lists the models that [New] knows.
func Names() []string { return []string{Offline} }

// New makes the model called name.
func New(name string, cfg Config) (agent.Model, error) {
	if name != Offline {
		return nil, fmt.Errorf("model %q is not available: want %s", name, strings.Join(Names(), " or "))
	}
	if cfg.Polarity == nil {
		return nil, fmt.Errorf("model %q needs a polarity of texts", name)
	}
	return NewChat(Offline, &Analyst{Polarity: cfg.Polarity}), nil
}
