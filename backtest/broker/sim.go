package broker

import (
	"fmt"

	"github.com/quagmt/udecimal"

	"finmem/data"
)

// Holdings are what an account has; portfolio.Ledger is one.
type Holdings interface {
	Cash() Decimal
	Shares() Decimal // signed: negative is a short position
}

// Sim is a simulated broker. It fills a market order at the first price of the
// session it is given, and never for more than the account can bear:
//
//   - a buy is cut to what cash pays for, the fee included, so that cash never
//     goes below zero, also when the open gaps above the price it was sized at;
//   - a sell is cut to the shares held, or with Short to the point where the
//     short position is worth as much as the account's equity.
//
// It keeps no state: the same order, bar and holdings give the same fill.
type Sim struct {
	Costs
	// Lot is the smallest number of shares that trades. The zero value is one
	// whole share; a fraction, down to 0.000000001, suits crypto.
	Lot Decimal
	// Short lets a sell go below zero shares. Off unless set.
	Short bool
}

// Validate refuses costs and a lot that are out of range.
func (s Sim) Validate() error {
	if _, err := lotOf(s.Lot); err != nil {
		return err
	}
	return s.Costs.Validate()
}

// A Result is what became of an order.
type Result struct {
	Fill    *Fill  // nil where nothing was filled
	Clamped bool   // filled for less than was ordered
	Note    string // why it was cut or refused; empty if it was filled whole
}

// Fill executes o in bar's session: at its open, or at its close where the
// source has no open (Fill.Basis says which).
//
// An order that cannot be filled is a Result without a Fill and with a Note. An
// error means that the question makes no sense: an order without shares, a bar
// without a price, or a bar that is not later than the decision, which would be
// a fill at a price that was known when deciding.
func (s Sim) Fill(o Order, bar data.Bar, h Holdings) (Result, error) {
	if err := o.check(); err != nil {
		return Result{}, err
	}
	if bar.Session <= o.Decided {
		return Result{}, fmt.Errorf("order %s was decided after the close of session %s and cannot fill in session %s", o.ID, o.Decided, bar.Session)
	}
	lot, err := lotOf(s.Lot)
	if err != nil {
		return Result{}, err
	}
	r, err := s.Costs.rates()
	if err != nil {
		return Result{}, err
	}
	basis, at := AtOpen, bar.Open
	if !bar.HasOpen() {
		basis, at = AtClose, bar.Close
	}
	reference, err := Price(at)
	if err != nil {
		return Result{}, fmt.Errorf("order %s in session %s: %s %w", o.ID, bar.Session, basis, err)
	}
	price := r.price(o.Side, reference)
	if price.IsZero() {
		return Result{Note: fmt.Sprintf("rejected: nothing is left of the price %s after slippage", reference)}, nil
	}
	if o.beyond(price) {
		return Result{Note: fmt.Sprintf("not filled: the price %s is beyond the limit %s", price, o.Limit)}, nil
	}

	limit, why := s.limit(o.Side, price, r, lot, h)
	shares := tradable(o.Side, udecimal.Min(o.Shares, limit), lot, h.Shares())
	if shares.IsZero() {
		if o.Shares.LessThan(lot) {
			why = fmt.Sprintf("%s shares are below one lot of %s", o.Shares, lot)
		}
		return Result{Note: "rejected: " + why}, nil
	}
	fill := &Fill{OrderID: o.ID, Symbol: o.Symbol, Session: bar.Session, Side: o.Side, Basis: basis,
		Shares: shares, Price: price, Fee: r.fee(shares.Mul(price)),
		Slippage: price.Sub(reference).Abs().Mul(shares)}
	if shares.Equal(o.Shares) {
		return Result{Fill: fill}, nil
	}
	if o.Shares.LessThanOrEqual(limit) {
		why = fmt.Sprintf("the lot is %s", lot)
	}
	return Result{Fill: fill, Clamped: true, Note: fmt.Sprintf("%s of %s shares: %s", shares, o.Shares, why)}, nil
}

// limit is the most that an account may trade at a price, and why.
func (s Sim) limit(side Side, price Decimal, r rates, lot Decimal, h Holdings) (Decimal, string) {
	if side == Buy {
		most := r.affordable(h.Cash(), price, lot)
		return most, fmt.Sprintf("cash %s pays for %s at %s with the fee", h.Cash(), most, price)
	}
	if !s.Short {
		held := h.Shares()
		if !held.IsPos() {
			return Decimal{}, "no shares to sell"
		}
		return held, fmt.Sprintf("%s held", held)
	}
	equity := h.Cash().Add(h.Shares().Mul(price))
	most := h.Shares()
	if equity.IsPos() {
		most = most.Add(rates{}.affordable(equity, price, lot))
	}
	if !most.IsPos() {
		return Decimal{}, fmt.Sprintf("equity %s bears no further short shares at %s", equity, price)
	}
	return most, fmt.Sprintf("equity %s bears a sale of %s at %s", equity, most, price)
}
