package transport

import (
	"context"
	"time"

	"finmem/agent/llm/calls"
)

// An Outcome is what became of a call, past the library that made it.
type Outcome struct {
	// Err is the error, nil after a usable answer.
	Err *Error
	// Usage is what the provider counted, as far as it did.
	Usage calls.Usage
	// Kept reports an answer that was kept before, so that nothing was called.
	Kept    bool
	Latency time.Duration
	// Calls is how often the provider was asked.
	Calls int
}

type watchKey struct{}

// Watch makes a context whose next call leaves its outcome. It is for one call at
// a time.
func Watch(ctx context.Context) (context.Context, *Outcome) {
	o := new(Outcome)
	return context.WithValue(ctx, watchKey{}, o), o
}

// outcomeOf is where the context wants the outcome, or nowhere that matters.
func outcomeOf(ctx context.Context) *Outcome {
	if o, ok := ctx.Value(watchKey{}).(*Outcome); ok {
		return o
	}
	return new(Outcome)
}
