package broker

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/quagmt/udecimal"
)

// SplitShares is a signed number of shares after a split of ratio new shares for
// one old: the part that is whole lots (zero: one share) and the fraction that
// is left of one, both in new shares and of the sign of shares.
//
// A ratio that is a fraction of small numbers is taken as that fraction: three
// shares after a split of 0.3333333333333333 or 0.33333 are one share, not
// 0.9999999999999999.
func SplitShares(shares Decimal, ratio float64, lot Decimal) (whole, fraction Decimal, err error) {
	lot, err = lotOf(lot)
	if err != nil {
		return Decimal{}, Decimal{}, err
	}
	given, per, err := splitRatio(ratio)
	if err != nil {
		return Decimal{}, Decimal{}, err
	}
	scaled := shares.Abs().Mul(given) // in 1/per shares
	lots, rest := scaled.MustQuoRem(per.Mul(lot))
	whole, fraction = lots.Mul(lot), rest.MustDiv(per).RoundBank(shareDecimals)
	if shares.IsNeg() {
		whole, fraction = whole.Neg(), fraction.Neg()
	}
	return whole, fraction, nil
}

// splitRatio is a ratio as new shares given per old shares. Up to four decimals
// are taken as they are written (1.05, 0.1, 1.037). More are the sign of a
// fraction that does not end, and the fraction with a side of up to 20 that
// agrees with every digit written is meant: 0.066667 is 1 for 15.
func splitRatio(ratio float64) (given, per Decimal, err error) {
	if !(ratio >= 1e-6 && ratio <= 1e6) {
		return Decimal{}, Decimal{}, fmt.Errorf("split of %v new shares for one: want a number from 0.000001 to 1000000", ratio)
	}
	written := strconv.FormatFloat(ratio, 'f', -1, 64)
	if point := strings.IndexByte(written, '.'); point >= 0 && len(written)-point-1 > 4 {
		unit := math.Pow10(-(len(written) - point - 1))
		for small := 1.0; small <= 20; small++ {
			for _, f := range [][2]float64{{small, math.Round(small / ratio)}, {math.Round(small * ratio), small}} {
				if f[0] > 0 && f[1] > 0 && math.Abs(f[0]/f[1]-ratio) <= unit {
					return udecimal.MustFromInt64(int64(f[0]), 0), udecimal.MustFromInt64(int64(f[1]), 0), nil
				}
			}
		}
	}
	return round(ratio, shareDecimals), one, nil
}

// AfterSplit is the order in the shares there are after a split, for an order
// that was decided before it: whole lots, rounded down. It returns false where
// less than one lot is left to trade.
func (o Order) AfterSplit(ratio float64, lot Decimal) (Order, bool, error) {
	shares, _, err := SplitShares(o.Shares, ratio, lot)
	if err != nil {
		return Order{}, false, fmt.Errorf("order %s: %w", o.ID, err)
	}
	if !o.Limit.IsZero() {
		given, per, err := splitRatio(ratio)
		if err != nil {
			return Order{}, false, fmt.Errorf("order %s: %w", o.ID, err)
		}
		o.Limit = o.Limit.Mul(per).MustDiv(given).RoundBank(priceDecimals)
	}
	o.Reason = fmt.Sprintf("%s; %s shares became %s in a split of %v", o.Reason, o.Shares, shares, ratio)
	o.Shares = shares
	return o, shares.IsPos(), nil
}
