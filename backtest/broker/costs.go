package broker

import (
	"fmt"

	"github.com/quagmt/udecimal"
)

// Costs are what trading costs, per side and in basis points (1 bp = 0.01 %).
// The zero value is trading for free.
type Costs struct {
	// CommissionBps is charged on the value of a fill, on top of it.
	CommissionBps float64
	// SlippageBps moves the fill's price against the order: up for a buy, down
	// for a sell.
	SlippageBps float64
}

// Validate refuses costs that are negative, no number, or 10,000 bp (all of the
// trade) and more.
func (c Costs) Validate() error {
	for _, rate := range []struct {
		name string
		bps  float64
	}{{"commission", c.CommissionBps}, {"slippage", c.SlippageBps}} {
		if !(rate.bps >= 0 && rate.bps < 10_000) {
			return fmt.Errorf("%s of %v bp: want a number from 0 to below 10000", rate.name, rate.bps)
		}
	}
	return nil
}

// rates are costs as exact fractions. Basis points count to the fourth decimal.
type rates struct{ commission, slippage Decimal }

func (c Costs) rates() (rates, error) {
	if err := c.Validate(); err != nil {
		return rates{}, err
	}
	bp := udecimal.MustFromInt64(1, 4)
	return rates{
		commission: round(c.CommissionBps, rateDecimals).Mul(bp),
		slippage:   round(c.SlippageBps, rateDecimals).Mul(bp),
	}, nil
}

// price is reference moved against an order of the given side, rounded to the
// grid against it as well, so that slippage never rounds away. A sell's price
// can come out as zero.
func (r rates) price(side Side, reference Decimal) Decimal {
	moved := reference.Mul(r.slippage)
	if side == Buy {
		return reference.Add(moved).RoundAwayFromZero(priceDecimals)
	}
	return reference.Sub(moved).Trunc(priceDecimals)
}

// fee is the commission on a value, rounded half to even to the grid.
func (r rates) fee(value Decimal) Decimal {
	return value.Mul(r.commission).RoundBank(priceDecimals)
}

// outlay is what buying shares takes from cash.
func (r rates) outlay(shares, price Decimal) Decimal {
	value := shares.Mul(price)
	return value.Add(r.fee(value))
}

// affordable is the largest number of shares, a multiple of lot, that cash pays
// for with the fee. Integer arithmetic on decimals keeps the last share: 51.62
// buys 29 at 1.78, where a floor of floats gives 28.
func (r rates) affordable(cash, price, lot Decimal) Decimal {
	if !cash.IsPos() || !price.IsPos() {
		return Decimal{}
	}
	lots, _ := cash.MustQuoRem(price.Mul(lot)) // without the fee
	fits := func(lots Decimal) bool { return !r.outlay(lots.Mul(lot), price).GreaterThan(cash) }
	if fits(lots) {
		return lots.Mul(lot)
	}
	// The outlay never falls as lots grow, so halving finds the last that fits.
	low, high := udecimal.Zero, lots
	for high.Sub(low).GreaterThan(one) {
		middle, _ := low.Add(high).MustQuoRem(two)
		if fits(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low.Mul(lot)
}
