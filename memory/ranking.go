package memory

import (
	"math"
	"slices"
)

// A ranking keeps the k highest of the numbers it is shown.
type ranking struct {
	k    int
	kept []float64 // ascending
}

func (r *ranking) add(x float64) {
	if len(r.kept) == r.k {
		if x <= r.kept[0] {
			return
		}
		at, _ := slices.BinarySearch(r.kept, x)
		copy(r.kept, r.kept[1:at])
		r.kept[at-1] = x
		return
	}
	at, _ := slices.BinarySearch(r.kept, x)
	r.kept = slices.Insert(r.kept, at, x)
}

// last is the k-th highest number, minus infinity if there were fewer than k.
func (r *ranking) last() float64 {
	if len(r.kept) < r.k {
		return math.Inf(-1)
	}
	return r.kept[0]
}
