package cost

// A Tally counts calls and tokens.
type Tally struct {
	// Calls are the model's answers, refused ones among them.
	Calls        int `json:"calls"`
	InputTokens  int `json:"inputTokens"`
	OutputTokens int `json:"outputTokens"`
	// EstimatedCalls are those of Calls whose tokens the provider did not count.
	EstimatedCalls int `json:"estimatedCalls"`
	// EmbeddedTexts are the texts that had to be placed, and EmbeddingTokens an
	// estimate of what is in them. Embedders do not say it text by text.
	EmbeddedTexts   int `json:"embeddedTexts"`
	EmbeddingTokens int `json:"embeddingTokens"`
}

// Plus is the sum of both.
func (t Tally) Plus(u Tally) Tally {
	return Tally{
		Calls:           t.Calls + u.Calls,
		InputTokens:     t.InputTokens + u.InputTokens,
		OutputTokens:    t.OutputTokens + u.OutputTokens,
		EstimatedCalls:  t.EstimatedCalls + u.EstimatedCalls,
		EmbeddedTexts:   t.EmbeddedTexts + u.EmbeddedTexts,
		EmbeddingTokens: t.EmbeddingTokens + u.EmbeddingTokens,
	}
}

// Tokens are all tokens, the embedder's among them.
func (t Tally) Tokens() int { return t.InputTokens + t.OutputTokens + t.EmbeddingTokens }

// Rates are what a run's model and embedder cost; nil where that is not known.
type Rates struct{ Model, Embedder *Price }

// RatesOf finds the prices of a model and an embedder.
func (t Table) RatesOf(model, embedder string) Rates {
	var r Rates
	if p, ok := t.Of(model); ok {
		r.Model = &p
	}
	if p, ok := t.Of(embedder); ok {
		r.Embedder = &p
	}
	return r
}

// USD is what a tally costs; nil where a price that it needs is not known.
func (r Rates) USD(t Tally) *float64 {
	var sum float64
	for _, part := range []struct {
		price         *Price
		input, output int
	}{{r.Model, t.InputTokens, t.OutputTokens}, {r.Embedder, t.EmbeddingTokens, 0}} {
		if part.input == 0 && part.output == 0 {
			continue
		}
		if part.price == nil {
			return nil
		}
		sum += part.price.USD(part.input, part.output)
	}
	return &sum
}

// Free reports whether both prices are known and nothing is paid.
func (r Rates) Free() bool {
	return r.Model != nil && r.Embedder != nil && r.Model.Free() && r.Embedder.Free()
}
