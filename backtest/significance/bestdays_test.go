package significance_test

import (
	"math"
	"slices"
	"testing"

	"finmem/backtest/significance"

	"pgregory.net/rapid"
)

func TestBestDays(t *testing.T) {
	r := []float64{0.05, -0.02, 0.03, 0.01, -0.01}
	near(t, "without 1", significance.WithoutBest(r, 1), 0.01, 1e-12)
	near(t, "without 2", significance.WithoutBest(r, 2), -0.02, 1e-12)
	near(t, "without all", significance.WithoutBest(r, 9), 0, 0)
	near(t, "share of 1", significance.BestShare(r, 1), 5.0/6, 1e-12)
	near(t, "share of 2", significance.BestShare(r, 2), 8.0/6, 1e-12)
	for name, got := range map[string]float64{
		"nothing":         significance.WithoutBest(nil, 1),
		"share of a loss": significance.BestShare([]float64{0.01, -0.02}, 1),
		"share of zero":   significance.BestShare([]float64{0, 0}, 1),
		"share of none":   significance.BestShare(nil, 1),
	} {
		if !math.IsNaN(got) {
			t.Errorf("%s: %g", name, got)
		}
	}
}

func TestBestDaysProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SliceOfN(rapid.Float64Range(-0.1, 0.1), 1, 40).Draw(t, "rewards")
		kept := slices.Clone(r)
		k := rapid.IntRange(0, 45).Draw(t, "k")
		if significance.WithoutBest(r, k+1) > significance.WithoutBest(r, k) && slices.Max(r) > 0 && k < 1 {
			t.Fatal("without the best day there is more")
		}
		if share := significance.BestShare(r, len(r)); !math.IsNaN(share) && share != 1 {
			t.Fatalf("all days earned %g of the whole", share)
		}
		if !slices.Equal(r, kept) {
			t.Fatal("input changed")
		}
	})
}
