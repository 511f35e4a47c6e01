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

// pairWeight is what a pair of words counts for beside a single one. Pairs tell
// phrases apart but seldom recur; at full weight they drown the words.
const pairWeight = 0.5

// Hashing is an embedder that needs no model, key or network: two texts are as
// similar as the words and pairs of neighbouring words they share. It knows no
// synonyms.
//
// Each word and each pair is a feature. A 64-bit FNV-1a hash picks its dimension
// and its sign; a word that occurs n times adds 1 + ln n there, a pair half of
// that. The sum is scaled to length 1. Function words of English ("the", "of")
// count only in a text that has no others; what a word is says words.go.
//
// The vectors are the same on every machine. A text without words, such as
// "🚀🚀", is embedded by its characters; only one of nothing but white space is an
// error. No vector is zero.
//
// Source: Weinberger et al. (2009), "Feature Hashing for Large Scale Multitask
// Learning", arXiv:0902.2206.
type Hashing struct{}

// NewHashing makes the embedder, which has nothing to set.
func NewHashing() *Hashing { return &Hashing{} }

// Identity names the rules above, in their first version.
func (*Hashing) Identity() memory.Identity {
	return memory.Identity{Name: "offline-hash-v1", Dim: Dimensions}
}

// Embed gives one vector for each text, in order.
func (*Hashing) Embed(ctx context.Context, texts []string) ([][]float32, error) {
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
	features, err := featuresOf(text)
	if err != nil {
		return nil, err
	}
	return scaled(sumOf(features)), nil
}

// sumOf adds up the features, each at the dimension and with the sign of its
// hash.
func sumOf(features []feature) [Dimensions]float64 {
	var sum, unsigned [Dimensions]float64
	for _, f := range features {
		h := fnv.New64a()
		h.Write([]byte(f.name))
		bits := h.Sum64()
		at, w := bits%Dimensions, f.weight
		unsigned[at] += w
		if bits>>63 == 1 {
			w = -w
		}
		sum[at] += w
	}
	// Features can cancel each other out. Without signs they cannot.
	if sum == [Dimensions]float64{} {
		return unsigned
	}
	return sum
}

// A feature is a word or a pair of words, and what it counts for.
type feature struct {
	name   string
	weight float64
}

// featuresOf gives the features of a text sorted by name, since their weights
// are added up in that order.
func featuresOf(text string) ([]feature, error) {
	all := words(text)
	tokens := slices.DeleteFunc(slices.Clone(all), isFunctionWord)
	if len(tokens) == 0 {
		tokens = all
	}
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
	features := make([]feature, 0, len(counts))
	for name, n := range counts {
		// The logarithm is rounded to a multiple of 2^-24 so that its last
		// bit, which differs between machines, does not reach the vector.
		w := math.Round((1+math.Log(float64(n)))*(1<<24)) / (1 << 24)
		if strings.Contains(name, " ") {
			w *= pairWeight
		}
		features = append(features, feature{name, w})
	}
	slices.SortFunc(features, func(a, b feature) int { return strings.Compare(a.name, b.name) })
	return features, nil
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
