package memory

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
)

// An Index finds how similar the vectors of one layer of one symbol are to a
// query. It holds vectors only; what is live and in which layer is the store's
// to say.
//
// Vectors may have any length but 0. Different symbols are used from different
// goroutines at once.
type Index interface {
	// Put stores the vector of id, in place of the one it had. It fails on a
	// vector that [Unit] refuses or of another dimension than those before, and
	// then stores nothing. It does not keep the slice.
	Put(ctx context.Context, symbol string, layer Layer, id string, vector []float32) error
	// Remove drops id; it is no error if id is not there.
	Remove(ctx context.Context, symbol string, layer Layer, id string) error
	// Similar gives the similarity of every stored vector of the layer, in any
	// order, each within (2·dimensions+16)/2^24 of the true cosine. With nothing
	// stored it gives nothing. It fails if ctx is done.
	Similar(ctx context.Context, symbol string, layer Layer, query []float32) ([]Similarity, error)
}

// A Similarity is the cosine of the angle between a query and the vector of an
// event, from -1 to 1.
type Similarity struct {
	ID     string
	Cosine float64
}

// similarityError is the most by which a similarity of an [Index] may be off.
// A dot product of unit vectors summed in single precision stays within
// dimensions/2^24; the rest is room for their own rounding.
func similarityError(dimensions int) float64 {
	return float64(2*dimensions+16) / (1 << 24)
}

// Unit is v scaled to length 1. A vector whose length is within 2e-7 of 1, which
// is as near as single precision gets, is copied as it is, so that Unit of a
// Unit is the same bits.
//
// It refuses what has no direction: no dimensions, all zero, or a component that
// is not a finite number.
func Unit(v []float32) ([]float32, error) {
	if len(v) == 0 {
		return nil, errors.New("vector has no dimensions")
	}
	var sum float64
	for i, x := range v {
		if !finite(float64(x)) {
			return nil, fmt.Errorf("vector has %v in dimension %d", x, i)
		}
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return nil, errors.New("vector is all zero")
	}
	length := math.Sqrt(sum)
	if math.Abs(length-1) <= 2e-7 {
		return slices.Clone(v), nil
	}
	unit := make([]float32, len(v))
	for i, x := range v {
		unit[i] = float32(float64(x) / length)
	}
	return unit, nil
}

// Exact is an [Index] that compares the query with every vector in turn. Make
// one with [NewExact].
type Exact struct {
	mu         sync.RWMutex
	dimensions int
	places     map[place]map[string][]float32
}

type place struct {
	symbol string
	layer  Layer
}

// NewExact makes an empty index. Its dimensions are those of the first vector.
func NewExact() *Exact {
	return &Exact{places: map[place]map[string][]float32{}}
}

func (x *Exact) Put(ctx context.Context, symbol string, layer Layer, id string, vector []float32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	unit, err := Unit(vector)
	if err != nil {
		return fmt.Errorf("index %s: %w", id, err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.dimensions == 0 {
		x.dimensions = len(unit)
	}
	if len(unit) != x.dimensions {
		return fmt.Errorf("index %s: vector has %d dimensions, the index %d", id, len(unit), x.dimensions)
	}
	at := place{symbol, layer}
	if x.places[at] == nil {
		x.places[at] = map[string][]float32{}
	}
	x.places[at][id] = unit
	return nil
}

func (x *Exact) Remove(ctx context.Context, symbol string, layer Layer, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.places[place{symbol, layer}], id)
	return nil
}

func (x *Exact) Similar(ctx context.Context, symbol string, layer Layer, query []float32) ([]Similarity, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	unit, err := Unit(query)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	stored := x.places[place{symbol, layer}]
	if len(stored) == 0 {
		return nil, nil
	}
	if len(unit) != x.dimensions {
		return nil, fmt.Errorf("query has %d dimensions, the index %d", len(unit), x.dimensions)
	}
	all := make([]Similarity, 0, len(stored))
	for id, v := range stored {
		var dot float32
		for i := range v {
			dot += v[i] * unit[i]
		}
		all = append(all, Similarity{id, min(max(float64(dot), -1), 1)})
	}
	return all, nil
}
