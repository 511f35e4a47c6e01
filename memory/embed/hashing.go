// Package embed turns texts into vectors.
package embed

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"finmem/memory"
)

// Dimensions is the length of the vectors of [Hashing].
const Dimensions = 512

// Hashing is an embedder that needs no model, key or network: two texts are as
// similar as the words and pairs of neighbouring words they share. It knows no
// synonyms. Its zero value is ready for use.
//
// Each word and each pair is a feature. A 64-bit FNV-1a hash picks its dimension
// and its sign; a feature that occurs n times adds 1 + ln n there. The sum is
// scaled to length 1. [words] says what a word is.
//
// The vectors are the same on every machine. A text without any word is
// embedded by its characters instead; only a text of nothing but white space is
// an error.
//
// Source: Weinberger et al. (2009), "Feature Hashing for Large Scale Multitask
// Learning", arXiv:0902.2206.
type Hashing struct{}

// Identity names the rules above, in their first version.
func (Hashing) Identity() memory.Identity {
	return memory.Identity{Name: "offline-hash-v1", Dim: Dimensions}
}

// Embed gives one vector for each text, in order.
func (Hashing) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("embed text %d of %d: %w", i+1, len(texts), err)
		}
		v, err := vector(text)
		if err != nil {
			return nil, fmt.Errorf("embed text %d of %d: %w", i+1, len(texts), err)
		}
		vectors[i] = v
	}
	return vectors, nil
}

func vector(text string) ([]float32, error) {
	tokens := words(text)
	if len(tokens) == 0 {
		tokens = characters(text)
	}
	if len(tokens) == 0 {
		return nil, errors.New("it is blank")
	}
	counts := map[string]int{}
	for i, t := range tokens {
		counts[t]++
		if i > 0 {
			counts[tokens[i-1]+" "+t]++
		}
	}
	features := make([]string, 0, len(counts))
	for f := range counts {
		features = append(features, f)
	}
	slices.Sort(features)

	var sum, unsigned [Dimensions]float64
	for _, f := range features {
		h := fnv.New64a()
		h.Write([]byte(f))
		bits := h.Sum64()
		at, w := bits%Dimensions, weight(counts[f])
		unsigned[at] += w
		if bits>>63 == 1 {
			w = -w
		}
		sum[at] += w
	}
	// Few features can cancel each other out; without signs they cannot.
	if sum == [Dimensions]float64{} {
		sum = unsigned
	}
	return scaled(sum), nil
}

// weight is 1 + ln n, rounded to a multiple of 2^-24 so that the last bit of the
// machine's logarithm does not reach the vector.
func weight(n int) float64 {
	return math.Round((1+math.Log(float64(n)))*(1<<24)) / (1 << 24)
}

// scaled is v at length 1.
func scaled(v [Dimensions]float64) []float32 {
	var squares float64
	for _, x := range v {
		squares += float64(x * x)
	}
	length := math.Sqrt(squares)
	unit := make([]float32, Dimensions)
	for i, x := range v {
		unit[i] = float32(x / length)
	}
	return unit
}

// characters are those of text that are not white space, one by one.
func characters(text string) []string {
	return strings.Split(strings.Join(strings.Fields(text), ""), "")
}
