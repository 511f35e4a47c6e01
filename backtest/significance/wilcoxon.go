package significance

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// A SignedRank is the result of a Wilcoxon signed-rank test.
type SignedRank struct {
	// Statistic is the smaller of the sums of ranks of the positive and of the
	// negative differences.
	Statistic float64
	// P is the two-sided probability of a statistic at most this large if the
	// differences were symmetric about zero. NaN if all are zero.
	P float64
	// Pairs counts the differences that are not zero; only these are ranked.
	Pairs int
	// Exact says that P was counted out, not taken from the normal distribution.
	Exact bool
}

// Wilcoxon tests whether the paired differences a - b, such as the rewards of two
// agents on the same sessions, are symmetric about zero.
//
// The conventions are those of scipy.stats.wilcoxon: pairs without a difference
// are dropped, ties get the mean of their ranks, and P comes from the normal
// distribution with the variance corrected for ties and without correction for
// continuity; for up to 50 pairs, with none dropped and none tied, it is exact.
// Differences of independent sessions are assumed.
//
// P is NaN for series of different length, which are of different sessions.
// Source: Wilcoxon, F. (1945), "Individual Comparisons by Ranking Methods".
func Wilcoxon(a, b []float64) SignedRank {
	undefined := SignedRank{Statistic: math.NaN(), P: math.NaN()}
	if len(a) != len(b) {
		return undefined
	}
	var d []float64
	for i := range a {
		x := a[i] - b[i]
		if math.IsNaN(x) {
			return undefined
		}
		if x != 0 {
			d = append(d, x)
		}
	}
	if len(d) == 0 {
		return undefined
	}
	slices.SortFunc(d, func(x, y float64) int {
		switch ax, ay := math.Abs(x), math.Abs(y); {
		case ax < ay:
			return -1
		case ax > ay:
			return 1
		}
		return 0
	})
	n := float64(len(d))
	var plus, tied float64
	for i := 0; i < len(d); {
		same := i
		for same < len(d) && math.Abs(d[same]) == math.Abs(d[i]) {
			same++
		}
		count := float64(same - i)
		rank := float64(i+1+same) / 2
		for ; i < same; i++ {
			if d[i] > 0 {
				plus += rank
			}
		}
		tied += count*count*count - count
	}
	w := min(plus, n*(n+1)/2-plus)
	r := SignedRank{Statistic: w, Pairs: len(d)}
	if len(d) <= 50 && tied == 0 && len(d) == len(a) {
		r.P, r.Exact = exactSignedRank(len(d), int(w)), true
		return r
	}
	variance := (n*(n+1)*(2*n+1) - tied/2) / 24
	r.P = 2 * distuv.UnitNormal.Survival(math.Abs(w-n*(n+1)/4)/math.Sqrt(variance))
	return r
}

// exactSignedRank is the two-sided probability of a rank sum of at most w among
// n pairs: every rank is positive or negative with even odds.
func exactSignedRank(n, w int) float64 {
	ways := make([]float64, n*(n+1)/2+1) // ways[s] of 2^n signs sum to s
	ways[0] = 1
	for rank := 1; rank <= n; rank++ {
		for s := len(ways) - 1; s >= rank; s-- {
			ways[s] += ways[s-rank]
		}
	}
	below := 0.0
	for s := 0; s <= w; s++ {
		below += ways[s]
	}
	return min(1, 2*below/math.Pow(2, float64(n)))
}
