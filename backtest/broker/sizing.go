package broker

import (
	"fmt"

	"github.com/quagmt/udecimal"

	"finmem/agent"
	"finmem/data"
)

// Sizing turns an action into a number of shares. It is a limit in code: what a
// model writes about quantities has no way around it.
type Sizing struct {
	// TargetWeight is the share of equity that a position is worth after a buy,
	// 0.0001 to 1, to the fourth decimal.
	TargetWeight float64
	// Short makes a sell go to minus the target instead of flat.
	Short bool
	// MaxShares caps the position, long or short. The zero value is no cap.
	MaxShares Decimal
}

// DefaultSizing puts all of the equity into a position and never goes short.
func DefaultSizing() Sizing { return Sizing{TargetWeight: 1} }

// Validate refuses a weight out of range and a negative cap.
func (s Sizing) Validate() error {
	if !(s.TargetWeight >= 0.0001 && s.TargetWeight <= 1) {
		return fmt.Errorf("target weight %v: want a number from 0.0001 to 1", s.TargetWeight)
	}
	if s.MaxShares.IsNeg() {
		return fmt.Errorf("largest position of %s shares: want a number from 0", s.MaxShares)
	}
	return nil
}

// Order is what an action taken at a session's close asks for:
//
//	buy    raise the position to TargetWeight × equity at price; never sells
//	sell   go flat, or with Short to minus the target; never buys
//	hold   keep the position
//
// Shares are whole multiples of lot (zero: one share), rounded down. A buy asks
// for no more than cash pays for at price with costs, so that the order is one
// that could be filled if the market opened where it closed.
//
// It returns false where there is nothing to trade, with the reason.
func (s Sizing) Order(symbol string, session data.Session, action agent.Action, price float64, h Holdings, costs Costs, lot Decimal) (Order, bool, string, error) {
	fail := func(err error) (Order, bool, string, error) {
		return Order{}, false, "", fmt.Errorf("sizing %s for %s in session %s: %w", action, symbol, session, err)
	}
	if err := s.Validate(); err != nil {
		return fail(err)
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

	target := s.shares(s.TargetWeight, at, lot, h)
	var side Side
	var shares Decimal
	var note string
	switch action {
	case agent.Buy:
		side, shares = Buy, target.Sub(h.Shares())
		if target.IsZero() && !shares.IsPos() {
			return Order{}, false, fmt.Sprintf("the target is worth less than one lot at %s", at), nil
		}
		if !shares.IsPos() {
			return Order{}, false, fmt.Sprintf("%s shares held are at or above the target of %s", h.Shares(), target), nil
		}
		if most := r.affordable(h.Cash(), r.price(Buy, at), lot); shares.GreaterThan(most) {
			shares = most
		}
		note = fmt.Sprintf("cash %s pays for less than one lot at %s with costs", h.Cash(), at)
	case agent.Sell:
		side, shares = Sell, h.Shares()
		if s.Short {
			shares = shares.Add(target)
		}
		note = fmt.Sprintf("nothing to sell: %s shares held", h.Shares())
	case agent.Hold:
		return Order{}, false, "hold keeps the position", nil
	default:
		return fail(fmt.Errorf("action %q is not buy, sell or hold", action))
	}
	if shares = tradable(side, shares, lot, h.Shares()); !shares.IsPos() {
		return Order{}, false, note, nil
	}
	after := h.Shares().Add(shares)
	if side == Sell {
		after = h.Shares().Sub(shares)
	}
	return Order{ID: OrderID(symbol, session, side), Symbol: symbol, Decided: session, Side: side, Shares: shares,
		Reason: fmt.Sprintf("%s: from %s to %s shares at close %s", action, h.Shares(), after, at)}, true, "", nil
}

// Check holds a quantity that was asked for from outside, such as by a model,
// against the account. It gives the shares that may be ordered and, where they
// are not the ones asked for, the reason. Zero shares is a rejection.
//
// Not a number, an infinity, zero, a negative number and one above 1e12 are
// rejected; a number within reason is rounded down to whole lots and cut to
// what the account can bear at price with costs, and to MaxShares.
func (s Sizing) Check(side Side, requested, price float64, h Holdings, costs Costs, lot Decimal) (Decimal, string, error) {
	if side != Buy && side != Sell {
		return Decimal{}, "", fmt.Errorf("side %q is not buy or sell", side)
	}
	if !finite(requested) || requested <= 0 || requested > largest {
		return Decimal{}, fmt.Sprintf("rejected: %v is not a number of shares from above 0 to %g", requested, float64(largest)), nil
	}
	sim := Sim{Costs: costs, Lot: lot, Short: s.Short}
	lot, err := lotOf(lot)
	if err != nil {
		return Decimal{}, "", err
	}
	r, err := costs.rates()
	if err != nil {
		return Decimal{}, "", err
	}
	reference, err := Price(price)
	if err != nil {
		return Decimal{}, "", err
	}
	at := r.price(side, reference)
	limit, why := sim.limit(side, at, r, lot, h)
	if s.MaxShares.IsPos() {
		room := s.MaxShares.Sub(h.Shares())
		if side == Sell {
			room = s.MaxShares.Add(h.Shares())
		}
		if limit.GreaterThan(room) {
			limit, why = udecimal.Max(room, udecimal.Zero), fmt.Sprintf("the largest position is %s shares", s.MaxShares)
		}
	}
	wished := round(requested, shareDecimals)
	shares := tradable(side, udecimal.Min(wished, limit), lot, h.Shares())
	switch {
	case wished.LessThan(lot):
		return Decimal{}, fmt.Sprintf("rejected: %v is below one lot of %s", requested, lot), nil
	case shares.IsZero():
		return Decimal{}, "rejected: " + why, nil
	case wished.GreaterThan(limit):
		return shares, fmt.Sprintf("%s of %v shares: %s", shares, requested, why), nil
	case !shares.Equal(wished):
		return shares, fmt.Sprintf("%s of %v shares: the lot is %s", shares, requested, lot), nil
	}
	return shares, "", nil
}
