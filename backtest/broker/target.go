package broker

import (
	"fmt"

	"github.com/quagmt/udecimal"

	"finmem/data"
)

// To is the order, decided at a session's close, that brings the position to
// weight × equity at price, from above or from below; a negative weight is a
// short position and needs Short. It is for limits, which set a position to a
// size that no action asks for; [Sizing.Order] is for actions.
//
// The weight counts to the fourth decimal, and the position is rounded towards
// zero to whole lots and cut to MaxShares. A buy asks for no more than cash pays
// for at price with costs. It returns false where there is nothing to trade,
// with the reason.
func (s Sizing) To(symbol string, session data.Session, weight, price float64, h Holdings, costs Costs, lot Decimal) (Order, bool, string, error) {
	fail := func(err error) (Order, bool, string, error) {
		return Order{}, false, "", fmt.Errorf("sizing %s to a weight of %v in session %s: %w", symbol, weight, session, err)
	}
	if !finite(weight) || weight < 0 && !s.Short {
		return fail(fmt.Errorf("want a number from 0, or with short positions any number"))
	}
	lot, err := lotOf(lot)
	if err != nil {
		return fail(err)
	}
	r, err := costs.rates()
	if err != nil {
		return fail(err)
	}
	at, err := Price(price)
	if err != nil {
		return fail(err)
	}
	target := s.shares(weight, at, lot, h)
	side, shares := Buy, target.Sub(h.Shares())
	if shares.IsNeg() {
		side, shares = Sell, shares.Neg()
	} else {
		shares = udecimal.Min(shares, r.affordable(h.Cash(), r.price(Buy, at), lot))
	}
	if shares = tradable(side, shares, lot, h.Shares()); !shares.IsPos() {
		return Order{}, false, fmt.Sprintf("%s shares held are as near to %.4g of equity as whole lots and cash allow", h.Shares(), weight), nil
	}
	after := h.Shares().Add(shares)
	if side == Sell {
		after = h.Shares().Sub(shares)
	}
	return Order{ID: OrderID(symbol, session, side), Symbol: symbol, Decided: session, Side: side, Shares: shares,
		Reason: fmt.Sprintf("limited to %.4g of equity: from %s to %s shares at close %s", weight, h.Shares(), after, at)}, true, "", nil
}

// shares is the position, signed, that is worth weight × equity or the least bit
// less, and no more than the cap.
func (s Sizing) shares(weight float64, price, lot Decimal, h Holdings) Decimal {
	part := round(max(weight, -weight), rateDecimals)
	equity := h.Cash().Add(h.Shares().Mul(price))
	shares := rates{}.affordable(equity.Mul(part), price, lot)
	if s.MaxShares.IsPos() {
		shares = udecimal.Min(shares, s.MaxShares)
	}
	if weight < 0 {
		return shares.Neg()
	}
	return shares
}
