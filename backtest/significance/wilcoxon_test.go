package significance_test

import (
	"math"
	"testing"

	"finmem/backtest/significance"

	"pgregory.net/rapid"
)

// The example of scipy's documentation: Darwin's cross- and self-fertilised
// corn, statistic 24.0, p 0.041259765625.
func TestWilcoxonExact(t *testing.T) {
	d := []float64{6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75}
	got := significance.Wilcoxon(d, make([]float64, len(d)))
	if got.Statistic != 24 || got.P != 0.041259765625 || !got.Exact || got.Pairs != 15 {
		t.Errorf("%+v", got)
	}
	// Three pairs, all positive: 2 of 8 sign patterns are as extreme.
	if got := significance.Wilcoxon([]float64{1, 2, 3}, make([]float64, 3)); got.P != 0.25 || got.Statistic != 0 {
		t.Errorf("three gains: %+v", got)
	}
}

// Ties get the mean rank: 1, 1, -1, 2 rank 2, 2, 2, 4, so the negative sum is 2.
// Variance (4·5·9 - 24/2)/24 = 7, z = (2 - 5)/√7.
func TestWilcoxonTies(t *testing.T) {
	got := significance.Wilcoxon([]float64{1, 1, -1, 2, 5}, []float64{0, 0, 0, 0, 5})
	near(t, "statistic", got.Statistic, 2, 0)
	near(t, "p", got.P, math.Erfc(3/math.Sqrt(7)/math.Sqrt2), 1e-12)
	if got.Pairs != 4 || got.Exact {
		t.Errorf("%+v", got)
	}
}

func TestWilcoxonUndefined(t *testing.T) {
	for name, got := range map[string]significance.SignedRank{
		"nothing":        significance.Wilcoxon(nil, nil),
		"no difference":  significance.Wilcoxon([]float64{1, 2}, []float64{1, 2}),
		"other sessions": significance.Wilcoxon([]float64{1, 2}, []float64{1}),
		"a gap":          significance.Wilcoxon([]float64{1, math.NaN()}, []float64{0, 0}),
	} {
		if !math.IsNaN(got.P) || !math.IsNaN(got.Statistic) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWilcoxonProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.Float64Range(-1, 1), 1, 80).Draw(t, "a")
		b := rapid.SliceOfN(rapid.Float64Range(-1, 1), len(a), len(a)).Draw(t, "b")
		one, other := significance.Wilcoxon(a, b), significance.Wilcoxon(b, a)
		if math.IsNaN(one.P) {
			t.Skip("no difference")
		}
		if one != other {
			t.Fatalf("depends on who comes first: %+v, %+v", one, other)
		}
		if one.P < 0 || one.P > 1 {
			t.Fatalf("p %g", one.P)
		}
		n := float64(one.Pairs)
		if one.Statistic < 0 || one.Statistic > n*(n+1)/4 {
			t.Fatalf("statistic %g of %g pairs", one.Statistic, n)
		}
	})
}
