package sample

import (
	"math/bits"
	"math/rand/v2"
)

// A stream is a sequence of draws. Each company has one for each purpose, so that
// another wording of the news leaves the prices alone.
type stream struct{ pcg *rand.PCG }

// A purpose is what a stream is drawn for.
type purpose uint64

const (
	forPrices purpose = iota
	forNews
	forNewsWords
	forFilings
	forFilingWords
)

// market is the company number of what is common to all.
const market = 0

func newStream(seed uint64, company int, p purpose) stream {
	return stream{rand.NewPCG(seed, uint64(company)<<8|uint64(p))}
}

// below is a number from 0 to n-1. It takes the high half of a product with the
// generator's own output, which the language specifies, where the library's
// ways of bounding a number may change.
func (s stream) below(n int) int {
	high, _ := bits.Mul64(s.pcg.Uint64(), uint64(n))
	return int(high)
}

// between is a number from low to high, both included.
func (s stream) between(low, high int) int { return low + s.below(high-low+1) }

// chance is true in percent of a hundred cases.
func (s stream) chance(percent int) bool { return s.below(100) < percent }

// sign is +1 or -1, each as likely.
func (s stream) sign() int { return 2*s.below(2) - 1 }

// normal is close to a normal draw with mean zero and the given deviation: the
// sum of twelve uniform numbers, less six (Irwin-Hall). Being a sum of integers
// it is the same everywhere, which logarithms are not. It never exceeds six
// deviations.
func (s stream) normal(deviation int64) int64 {
	var sum int64
	for range 12 {
		sum += int64(s.pcg.Uint64() >> 32)
	}
	return (sum - 6<<32) * deviation >> 32
}

// pick is one of the choices.
func pick[T any](s stream, choices []T) T { return choices[s.below(len(choices))] }

// pickSome is n of the choices, none twice, in the order drawn.
func pickSome[T any](s stream, choices []T, n int) []T {
	left := append([]T(nil), choices...)
	var picked []T
	for range min(n, len(choices)) {
		i := s.below(len(left))
		picked = append(picked, left[i])
		left = append(left[:i], left[i+1:]...)
	}
	return picked
}
