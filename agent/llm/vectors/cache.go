// Package vectors keeps the vectors of texts among the calls of a
// [calls.Store], one [calls.Vector] a text, so that a text is placed once whatever it
// is asked together with. The requests themselves are kept by agent/llm/transport.
package vectors

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"finmem/agent/llm/calls"
	"finmem/memory/embed"
)

// A Cache is an [embed.Cache] on kept calls. Make one with [New].
type Cache struct {
	store *calls.Store
	mode  calls.Mode
	now   func() time.Time

	mu sync.Mutex
	// replayed are the vectors that a replay got out of kept requests. What was placed
	// once is asked for no more, and so the requests to come are those recorded.
	replayed map[string][]float32
	// made are the keys of what was kept since the start. With [calls.Record] only
	// those are used, and so everybody in a run has the same vector of a text.
	made map[string]bool
}

// New makes a cache on store that is used as mode says; now is the clock.
func New(store *calls.Store, mode calls.Mode, now func() time.Time) *Cache {
	return &Cache{store: store, mode: mode, now: now, replayed: map[string][]float32{}, made: map[string]bool{}}
}

// A request is what determines a vector, as it is kept.
type request struct {
	Model       string `json:"model"`
	Input       string `json:"input"`
	InputTokens int    `json:"inputTokens"`
}

// key is the request for one text, and the hash that its vector is kept under.
func key(from embed.Source, text string) (body []byte, hash string, err error) {
	if body, err = json.Marshal(request{from.Model, text, from.InputTokens}); err != nil {
		return nil, "", err
	}
	hash, err = calls.Key(from.Provider, from.URL, body)
	return body, hash, err
}

// Vectors gives the kept vectors, nil for a text without one.
func (c *Cache) Vectors(ctx context.Context, from embed.Source, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		_, hash, err := key(from, text)
		if err != nil {
			return nil, err
		}
		if vectors[i], err = c.vector(ctx, hash); err != nil {
			return nil, err
		}
	}
	return vectors, nil
}

// vector is the one kept under hash, nil for none.
func (c *Cache) vector(ctx context.Context, hash string) ([]float32, error) {
	c.mu.Lock()
	replayed, reads := c.replayed[hash], c.mode.Reads() || c.mode.Keeps() && c.made[hash]
	c.mu.Unlock()
	if replayed != nil || !reads {
		return replayed, nil
	}
	call, found, err := c.store.Get(ctx, hash)
	if err != nil || !found {
		return nil, err
	}
	return vectorIn(call)
}

// KeepVectors keeps vectors, and gives those that count.
func (c *Cache) KeepVectors(ctx context.Context, from embed.Source, texts []string, vectors [][]float32) ([][]float32, error) {
	if !c.mode.Keeps() {
		return vectors, c.remember(from, texts, vectors)
	}
	list := make([]calls.Call, len(texts))
	for i, text := range texts {
		body, hash, err := key(from, text)
		if err != nil {
			return nil, err
		}
		answer, err := json.Marshal(vectors[i])
		if err != nil {
			return nil, err
		}
		list[i] = calls.Call{Key: hash, Kind: calls.Vector, Provider: from.Provider, URL: from.URL, Model: from.Model,
			Request: body, Answer: answer, Asker: calls.AskerOf(ctx), Made: c.now()}
	}
	// What was paid for is kept also when the run is being stopped.
	ctx = context.WithoutCancel(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mode == calls.Record {
		var anew []calls.Call
		for _, call := range list {
			if !c.made[call.Key] {
				anew = append(anew, call)
			}
		}
		if err := c.store.PutAll(ctx, anew); err != nil {
			return nil, err
		}
	}
	settled, err := c.store.Settle(ctx, list)
	if err != nil {
		return nil, err
	}
	count := make([][]float32, len(settled))
	for i, call := range settled {
		c.made[call.Key] = true
		if count[i], err = vectorIn(call); err != nil {
			return nil, err
		}
	}
	return count, nil
}

// remember notes what a replay got, until it ends.
func (c *Cache) remember(from embed.Source, texts []string, vectors [][]float32) error {
	if c.mode != calls.Replay {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, text := range texts {
		_, hash, err := key(from, text)
		if err != nil {
			return err
		}
		c.replayed[hash] = vectors[i]
	}
	return nil
}

// vectorIn reads the vector of a kept call.
func vectorIn(c calls.Call) ([]float32, error) {
	var v []float32
	if err := json.Unmarshal(c.Answer, &v); err != nil {
		return nil, fmt.Errorf("the kept vector %s cannot be read: %w", c.Key, err)
	}
	return v, nil
}
