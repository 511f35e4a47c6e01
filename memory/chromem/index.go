// Package chromem is a [memory.Index] on the chromem-go vector database.
//
// It holds one collection per symbol and layer, in memory. The record of the
// events is elsewhere and fills the index at the start, because chromem-go's own
// files name each document by 32 bits of a hash and lose one to a collision
// among some tens of thousands.
//
// The library accepts vectors that make later queries fail or score NaN, fails
// on asking for more results than there are, reaches for a hosted embedding
// model where it is given none, and answers nothing, without an error, when a
// context is cancelled. This package checks for each of these first.
package chromem

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/philippgille/chromem-go"

	"finmem/memory"
)

// An Index is a [memory.Index] on chromem-go. Make one with [New].
type Index struct {
	db *chromem.DB

	mu         sync.Mutex // guards dimensions and the making of collections
	dimensions int
}

// New makes an empty index. Its dimensions are those of the first vector.
func New() *Index { return &Index{db: chromem.NewDB()} }

// Put implements [memory.Index].
func (x *Index) Put(ctx context.Context, symbol string, layer memory.Layer, id string, vector []float32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if id == "" {
		return errors.New("index: no id")
	}
	unit, err := memory.Unit(vector)
	if err != nil {
		return fmt.Errorf("index %s: %w", id, err)
	}
	c, err := x.collectionFor(symbol, layer, len(unit))
	if err != nil {
		return fmt.Errorf("index %s: %w", id, err)
	}
	// No metadata: chromem-go would keep the caller's map.
	if err := c.AddDocument(ctx, chromem.Document{ID: id, Embedding: unit}); err != nil {
		return fmt.Errorf("index %s: %w", id, err)
	}
	return nil
}

// Remove implements [memory.Index].
func (x *Index) Remove(ctx context.Context, symbol string, layer memory.Layer, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := x.db.GetCollection(collectionName(symbol, layer), noEmbedding)
	if c == nil {
		return nil
	}
	if err := c.Delete(ctx, nil, nil, id); err != nil {
		return fmt.Errorf("index %s: %w", id, err)
	}
	return nil
}

// Similar implements [memory.Index]. It gives the ids in order.
func (x *Index) Similar(ctx context.Context, symbol string, layer memory.Layer, query []float32) ([]memory.Similarity, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	unit, err := memory.Unit(query)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	c := x.db.GetCollection(collectionName(symbol, layer), noEmbedding)
	if c == nil || c.Count() == 0 {
		return nil, nil
	}
	if dimensions := x.dimensionsOf(); len(unit) != dimensions {
		return nil, fmt.Errorf("query has %d dimensions, the index %d", len(unit), dimensions)
	}
	results, err := c.QueryEmbedding(ctx, unit, c.Count(), nil, nil)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err // what came back may be cut short
	}
	similar := make([]memory.Similarity, len(results))
	for i, r := range results {
		similar[i] = memory.Similarity{ID: r.ID, Cosine: min(max(float64(r.Similarity), -1), 1)}
	}
	slices.SortFunc(similar, func(a, b memory.Similarity) int { return strings.Compare(a.ID, b.ID) })
	return similar, nil
}

// collectionFor finds or makes the collection of a symbol's layer, for a vector
// of the given dimensions. Creating one that exists would empty it, hence the
// lock.
func (x *Index) collectionFor(symbol string, layer memory.Layer, dimensions int) (*chromem.Collection, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.dimensions == 0 {
		x.dimensions = dimensions
	}
	if dimensions != x.dimensions {
		return nil, fmt.Errorf("vector has %d dimensions, the index %d", dimensions, x.dimensions)
	}
	return x.db.GetOrCreateCollection(collectionName(symbol, layer), nil, noEmbedding)
}

func (x *Index) dimensionsOf() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.dimensions
}

// collectionName is different for any two pairs: the name of a layer has no
// slash, so the first one ends it.
func collectionName(symbol string, layer memory.Layer) string {
	return layer.String() + "/" + symbol
}

// noEmbedding stands in for an embedding function, since chromem-go takes nil
// to mean a hosted model.
func noEmbedding(context.Context, string) ([]float32, error) {
	return nil, errors.New("the index is given vectors, it makes none")
}
