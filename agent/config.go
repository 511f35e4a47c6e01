package agent

import (
	"fmt"

	"finmem/memory"
)

// A Config holds what can be set about a session's thinking.
type Config struct {
	// TopK is how many memories of each layer a prompt offers.
	TopK int
	// LookBack is the number of sessions with a price after which a decision is
	// judged by the move since its close.
	LookBack int
	// ReflectEvery is the number of decisions that one extended reflection sums
	// up.
	ReflectEvery int
	// Retries is how often the model is asked again after an answer that cannot
	// be read. 0 means that one bad answer is an error day.
	Retries int
	// PassageChars is the length in characters above which a text is split, and
	// the most that one remembered passage holds.
	PassageChars int
	// ContextTokens is the model's context window, 0 for no limit. Where prompt
	// and AnswerTokens do not fit into it, the memories with the lowest scores
	// are left out whole. Tokens are estimated; see [EstimateTokens].
	ContextTokens int
	// LayerTokens bound what the memories of each layer take in a prompt. Where
	// they take more, those with the layer's lowest scores are left out whole.
	LayerTokens LayerTokens
	// AnswerTokens is what is kept free for the answer and for repeating a
	// refused one.
	AnswerTokens int
	// Mask hides from the model which security and which dates it is shown: the
	// symbol, MaskNames and dates are replaced in all texts. It is for testing
	// whether a model reads or remembers.
	Mask bool
	// MaskNames are further names to hide, such as the company's and its
	// managers'. Only read with Mask.
	MaskNames []string
	// Layers are the layers whose memories a prompt offers: nil, the default, for
	// all, empty for none. The other layers are kept as always, they are only not
	// shown. It is for measuring what a layer is worth.
	Layers []memory.Layer
	// Recall is how memories are chosen, "" for the best. RecallSeed is read with
	// [RecallShuffled] only.
	Recall     Recall
	RecallSeed uint64
}

// DefaultConfig gives five memories a layer, judgement after five sessions, a
// review every five decisions, two retries and passages of 2,000 characters.
func DefaultConfig() Config {
	return Config{TopK: 5, LookBack: 5, ReflectEvery: 5, Retries: 2, PassageChars: 2000, AnswerTokens: 1500}
}

// Validate reports the first setting that makes no sense.
func (c Config) Validate() error {
	for _, s := range []struct {
		name       string
		value, min int
	}{
		{"top-k", c.TopK, 1},
		{"look-back", c.LookBack, 1},
		{"reflect-every", c.ReflectEvery, 1},
		{"retries", c.Retries, 0},
		{"passage-chars", c.PassageChars, shortestPassage},
		{"context-tokens", c.ContextTokens, 0},
		{"answer-tokens", c.AnswerTokens, 0},
	} {
		if s.value < s.min {
			return fmt.Errorf("agent: %s is %d: want %d or more", s.name, s.value, s.min)
		}
	}
	if err := c.LayerTokens.validate(); err != nil {
		return fmt.Errorf("agent: %w", err)
	}
	if err := c.Recall.validate(); err != nil {
		return fmt.Errorf("agent: %w", err)
	}
	return nil
}

// mostOffered is the most memories that a prompt can hold.
func (c Config) mostOffered() int { return c.TopK * len(memory.Layers()) }

// Bars is the least number of bars that an observation has to hold, if there are
// so many: enough to judge each of the decisions that one extended reflection
// sums up, and for the longest average of the technical view. Error days among
// those decisions need one more each.
func (c Config) Bars() int { return max(c.LookBack+c.ReflectEvery, longestAverage) }

// shortestPassage keeps a passage long enough to mean something.
const shortestPassage = 100
