package agent

import (
	"context"
	"fmt"
	"slices"

	"finmem/data"
	"finmem/memory"
)

// A Recall is a way to choose the memories that a prompt offers. The agent
// recalls the best; the other ways take away a part of what memory does, so that
// its worth shows in the difference. What is remembered, how it fades and what
// the agent reflects on stay the same.
type Recall string

const (
	// RecallBest is the best of each layer by score.
	RecallBest Recall = ""
	// RecallShuffled draws as many of each layer, whatever their scores.
	RecallShuffled Recall = "shuffled"
	// RecallToday offers the session's own news and filings and nothing older: an
	// agent that reads but does not remember.
	RecallToday Recall = "today"
)

func (r Recall) validate() error {
	switch r {
	case RecallBest, RecallShuffled, RecallToday:
		return nil
	}
	return fmt.Errorf("recall %q: want %q, %q or nothing", string(r), RecallShuffled, RecallToday)
}

// recall chooses the memories that the prompt of a session offers.
func (a *Agent) recall(ctx context.Context, session data.Session, vector []float32) ([]memory.Hit, error) {
	q := memory.Query{Symbol: a.profile.Symbol, AsOf: string(session), Vector: vector, K: a.cfg.TopK, Layers: a.cfg.Layers}
	switch a.cfg.Recall {
	case RecallShuffled:
		q.Shuffle = &a.cfg.RecallSeed
	case RecallToday:
		q.Since = q.AsOf
	}
	hits, err := a.store.Recall(ctx, q)
	if a.cfg.Recall == RecallToday {
		// What the agent itself has just learned of earlier sessions is no news.
		hits = slices.DeleteFunc(hits, func(h memory.Hit) bool {
			return h.Event.Source == sourceReflection || h.Event.Source == sourceReview
		})
	}
	return hits, err
}
