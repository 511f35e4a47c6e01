package broker

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/quagmt/udecimal"
)

// Decimal is an exact decimal number: money, a price or a number of shares.
type Decimal = udecimal.Decimal

// The grid that amounts lie on. A product of shares and price then has at most
// fifteen decimals, of the nineteen that Decimal holds.
const (
	priceDecimals = 6 // prices and fees, in the quote currency
	shareDecimals = 9 // shares; what brokers offer as the smallest fraction
	rateDecimals  = 4 // basis points, and the target weight
)

// largest is the largest price and the largest number of shares that is taken
// for meant. Above it a figure is a slip or a joke: 1e308 shares.
const largest = 1e12

var (
	one = udecimal.MustFromInt64(1, 0)
	two = udecimal.MustFromInt64(2, 0)
)

// Price is p on the ledger's grid: its shortest decimal representation, the one
// that reads back as the same float, rounded half to even at the sixth decimal.
//
//	379.2799987792969 → 379.279999
//	0.1               → 0.1, not 0.1000000000000000055…
//
// It refuses what no price can be: NaN, an infinity, zero, a negative number,
// one above 1e12 and one so small that it rounds to zero.
func Price(p float64) (Decimal, error) {
	if !(p > 0) || p > largest {
		return Decimal{}, fmt.Errorf("price %v: want a number above 0 and up to %g", p, float64(largest))
	}
	d := round(p, priceDecimals)
	if d.IsZero() {
		return Decimal{}, fmt.Errorf("price %v: below the smallest price, 0.000001", p)
	}
	return d, nil
}

// round is x to a number of decimals, half to even, seen from its shortest
// decimal representation. x is finite and no larger than a price may be.
func round(x float64, decimals uint8) Decimal {
	s := strconv.FormatFloat(x, 'f', -1, 64)
	// A Decimal has nineteen decimals. A longer tail becomes one digit that is
	// not zero, so that it still tells "half" from "above half".
	if point := strings.IndexByte(s, '.'); point >= 0 && len(s)-point-1 > 19 {
		s = s[:point+1+18] + "1"
	}
	return udecimal.MustParse(s).RoundBank(decimals)
}

// onGrid reports whether d has no more than the given number of decimals.
func onGrid(d Decimal, decimals uint8) bool { return d.Equal(d.Trunc(decimals)) }

// floorTo is the largest multiple of lot that is no more than shares. Shares are
// not negative, and the lot is above zero.
func floorTo(shares, lot Decimal) Decimal {
	lots, _ := shares.MustQuoRem(lot)
	return lots.Mul(lot)
}

// tradable is shares in whole lots, rounded down and not below zero. A position is
// always sold whole, also where it is not a multiple of the lot.
func tradable(side Side, shares, lot, held Decimal) Decimal {
	if side == Sell && shares.Equal(held) {
		return shares
	}
	return floorTo(udecimal.Max(shares, udecimal.Zero), lot)
}

// lotOf is lot, or one share where none is set.
func lotOf(lot Decimal) (Decimal, error) {
	if lot.IsZero() {
		return one, nil
	}
	if lot.IsNeg() || !onGrid(lot, shareDecimals) {
		return Decimal{}, fmt.Errorf("lot %s: want a number of shares above 0 with at most %d decimals", lot, shareDecimals)
	}
	return lot, nil
}

// finite reports whether x is a number and not an infinity.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
