package significance_test

import (
	"math"
	"slices"
	"testing"

	"finmem/backtest/significance"

	"pgregory.net/rapid"
)

func TestCircularShift(t *testing.T) {
	market := []float64{0.03, -0.01, 0.02, -0.02}
	earn := func(p []float64) float64 {
		sum := 0.0
		for i := range p {
			sum += p[i] * market[i]
		}
		return sum
	}
	// Shifts of 1, 0, 0, 0 earn -0.01, 0.02, -0.02: none reaches 0.03.
	near(t, "the best place", significance.CircularShift([]float64{1, 0, 0, 0}, earn), 0.25, 0)
	near(t, "the worst place", significance.CircularShift([]float64{0, 0, 0, 1}, earn), 1, 0)
	near(t, "never a change", significance.CircularShift([]float64{1, 1, 1, 1}, earn), 1, 0)
	for name, p := range map[string]float64{
		"nothing":           significance.CircularShift(nil, earn),
		"undefined earning": significance.CircularShift([]float64{1}, func([]float64) float64 { return math.NaN() }),
	} {
		if !math.IsNaN(p) {
			t.Errorf("%s: p %g", name, p)
		}
	}
}

func TestCircularShiftProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		positions := rapid.SliceOfN(rapid.SampledFrom([]float64{-1, 0, 1}), 1, 30).Draw(t, "positions")
		kept := slices.Clone(positions)
		seen := 0
		sum := func(p []float64) (s float64) {
			for _, v := range p {
				s += v
			}
			return s
		}
		p := significance.CircularShift(positions, func(shifted []float64) float64 {
			seen++
			if sum(shifted) != sum(positions) {
				t.Fatal("a shift changed what is held in all")
			}
			return shifted[0]
		})
		if seen != len(positions) {
			t.Fatalf("%d placings of %d tried", seen, len(positions))
		}
		if p <= 0 || p > 1 || !slices.Equal(positions, kept) {
			t.Fatalf("p %g, input changed: %v", p, !slices.Equal(positions, kept))
		}
	})
}
