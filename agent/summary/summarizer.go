package summary

import (
	"context"

	"finmem/data"
)

// An Item is what a summarizer may know of a document.
type Item struct {
	Symbol string
	// Date is the ISO date of the document. Like the symbol it names the item in
	// errors and records; no summarizer lets it into a summary.
	Date string
	// Kind is "news" or the form of the filing.
	Kind  string
	Title string // "" for filings
	Text  string
}

// A Text is a summary of an item's text.
type Text struct {
	Text  string
	Tally Tally
}

// A Tally counts what summaries took.
type Tally struct {
	Calls int `json:"calls"` // of a language model, those answered from what was kept included
	// InputTokens and OutputTokens are what the provider counted, or an estimate.
	InputTokens  int `json:"inputTokens"`
	OutputTokens int `json:"outputTokens"`
	// EstimatedCalls are those of Calls whose tokens the provider did not count.
	EstimatedCalls int `json:"estimatedCalls"`
	// Cut counts answers that were still too long when the model had been asked
	// again, and of which only the start was taken.
	Cut int `json:"cut"`
}

// Plus is the sum of two tallies.
func (t Tally) Plus(u Tally) Tally {
	return Tally{
		Calls:          t.Calls + u.Calls,
		InputTokens:    t.InputTokens + u.InputTokens,
		OutputTokens:   t.OutputTokens + u.OutputTokens,
		EstimatedCalls: t.EstimatedCalls + u.EstimatedCalls,
		Cut:            t.Cut + u.Cut,
	}
}

// A Summarizer makes the text of an item shorter. It may be used from several
// goroutines.
type Summarizer interface {
	// Record says how summaries are made: their method and model.
	Record() data.Summary
	// Summarize gives at most limit characters, and more than none. The same item
	// and limit give the same text, as far as a language model does that.
	Summarize(ctx context.Context, item Item, limit int) (Text, error)
}
