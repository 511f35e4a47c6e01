package agent

import (
	"fmt"

	"finmem/memory"
)

// A Bound is what there was no room under.
type Bound string

const (
	// BoundLayer is Config.LayerTokens.
	BoundLayer Bound = "layer"
	// BoundWindow is Config.ContextTokens.
	BoundWindow Bound = "window"
	// BoundModel is the model's own, which it tells by refusing a prompt.
	BoundModel Bound = "model"
)

// An Omission is a memory that was recalled and is not in the prompt, because
// there was no room. Tokens is about what it would have taken there.
type Omission struct {
	ID     string       `json:"id"`
	Layer  memory.Layer `json:"layer"`
	Score  memory.Score `json:"score"`
	Tokens int          `json:"tokens"`
	Bound  Bound        `json:"leftOut"`
}

// LayerTokens are the most tokens that the memories of each layer may take in a
// prompt, 0 for no bound of the layer's own.
type LayerTokens struct{ Short, Mid, Long, Reflection int }

func (t LayerTokens) of(l memory.Layer) int {
	switch l {
	case memory.Short:
		return t.Short
	case memory.Mid:
		return t.Mid
	case memory.Long:
		return t.Long
	case memory.Reflection:
		return t.Reflection
	}
	return 0
}

func (t LayerTokens) validate() error {
	for _, l := range memory.Layers() {
		if n := t.of(l); n < 0 {
			return fmt.Errorf("layer-tokens of %s are %d: want 0 or more", l, n)
		}
	}
	return nil
}
