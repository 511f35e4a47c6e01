package broker_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"finmem/backtest/broker"
)

func TestSplitShares(t *testing.T) {
	for _, c := range []struct {
		shares          string
		ratio           float64
		lot             string
		whole, fraction string
	}{
		{"10", 4, "1", "40", "0"},     // B01
		{"10", 1.5, "1", "15", "0"},   // 3 for 2
		{"7", 1.05, "1", "7", "0.35"}, // a stock dividend of 5 %
		{"100", 1.037, "1", "103", "0.7"},
		{"25", 0.1, "1", "2", "0.5"}, // reverse, 1 for 10
		{"25", 0.1, "0.1", "2.5", "0"},
		{"3", 0.1, "1", "0", "0.3"},
		{"3", 1.0 / 3, "1", "1", "0"}, // a float floor would give 0
		{"3", 0.33333, "1", "1", "0"},
		{"4", 1.0 / 3, "1", "1", "0.333333333"},
		{"3", 0.3333, "1", "0", "0.9999"}, // four digits are meant as written
		{"3", 2.0 / 3, "1", "2", "0"},
		{"30", 0.066667, "1", "2", "0"}, // 1 for 15
		{"300", 1.0 / 150, "1", "2", "0"},
		{"3", 4.0 / 3, "1", "4", "0"},
		{"1000000", 1.28317, "1", "1283170", "0"}, // no small fraction: as written
		{"-25", 0.1, "1", "-2", "-0.5"},
		{"0", 4, "1", "0", "0"},
		{"10", 4, "0", "40", "0"}, // no lot set: one share
	} {
		t.Run(fmt.Sprintf("%s by %v", c.shares, c.ratio), func(t *testing.T) {
			whole, fraction, err := broker.SplitShares(dec(c.shares), c.ratio, dec(c.lot))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "whole", whole, c.whole)
			same(t, "fraction", fraction, c.fraction)
		})
	}
}

func TestSplitSharesErrors(t *testing.T) {
	for _, ratio := range []float64{0, -2, 1e-7, 1e7, math.NaN(), math.Inf(1)} {
		if whole, _, err := broker.SplitShares(dec("1"), ratio, dec("1")); err == nil {
			t.Errorf("a split of %v gives %s, want an error", ratio, whole)
		}
	}
	if _, _, err := broker.SplitShares(dec("1"), 2, dec("-1")); err == nil {
		t.Error("a negative lot passes")
	}
}

// Any split of n for m gives exactly whole shares back for a multiple of m, one
// side being small as it is in every real split.
func TestSplitSharesOfFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(1, 20).Draw(t, "n"), rapid.IntRange(1, 300).Draw(t, "m")
		if rapid.Bool().Draw(t, "reverse") {
			n, m = m, n
		}
		k := rapid.IntRange(1, 1000).Draw(t, "k")
		whole, fraction, err := broker.SplitShares(dec(fmt.Sprint(k*m)), float64(n)/float64(m), dec("1"))
		if err != nil {
			t.Fatal(err)
		}
		if !whole.Equal(dec(fmt.Sprint(k*n))) || !fraction.IsZero() {
			t.Fatalf("%d shares at %d for %d: %s and %s, want %d", k*m, n, m, whole, fraction, k*n)
		}
	})
}

func TestOrderAfterSplit(t *testing.T) {
	o := order(broker.Buy, "25")
	o.Reason = "buy"
	after, ok, err := o.AfterSplit(4, dec("1"))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	same(t, "shares", after.Shares, "100")
	if want := "buy; 25 shares became 100 in a split of 4"; after.Reason != want || after.ID != o.ID {
		t.Errorf("order %+v, want reason %q", after, want)
	}
	same(t, "shares of the order before", o.Shares, "25")

	if after, ok, err = o.AfterSplit(0.1, dec("1")); err != nil || !ok {
		t.Fatal(ok, err)
	}
	same(t, "shares", after.Shares, "2")
	if _, ok, err = o.AfterSplit(0.01, dec("1")); err != nil || ok {
		t.Errorf("a quarter of a share is left: ok = %v, %v, want false", ok, err)
	}
	if _, _, err = o.AfterSplit(-1, dec("1")); err == nil {
		t.Error("a negative split passes")
	}
}
