package memory

import "math"

// Retention is the share of an event's recency that is left after age sessions:
//
//	R(age) = exp(-age/S)
//
// S, the stability, is the layer's time constant in sessions: after S of them
// 37 % is left, after S·ln 2 ≈ 0.69·S one half, after S·ln 20 ≈ 3·S the 5 % at
// which an event is forgotten.
//
// age counts sessions from the event itself, or from its last promotion, not
// from the day it was loaded. A negative age counts as 0; [Store.Recall] never
// offers such an event, and the clamp keeps a slip there from becoming a
// recency above 1.
//
// This is the recency of FinMem (Yu et al. 2023, arXiv:2311.13743), an
// exponential reading of Ebbinghaus's forgetting curve (1885).
func Retention(age, stability float64) float64 {
	return expMinus(max(age, 0) / stability)
}

// expMinus is exp(-x) for x ≥ 0, to about 1e-13 of its value. math.Exp is a
// little better but its last bit depends on whether the processor has a fused
// multiply-add, and recency is stored and compared bit for bit. Every step here
// is one correctly rounded operation, the same everywhere.
func expMinus(x float64) float64 {
	halvings := math.Floor(x / math.Ln2)
	if halvings > 1100 {
		return 0
	}
	r := x - float64(halvings*math.Ln2) // in [0, ln 2)
	// Horner's form of Σ (-r)^n/n!; the first term left out is below 1e-17.
	s := 1.0
	for n := 17.0; n > 0; n-- {
		s = 1 - r*s/n
	}
	return math.Ldexp(s, -int(halvings))
}
