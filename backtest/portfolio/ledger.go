package portfolio

import (
	"fmt"

	"github.com/quagmt/udecimal"

	"finmem/backtest/broker"
)

// Decimal is an exact decimal number: money or shares. A price comes from
// [broker.Price].
type Decimal = broker.Decimal

// A Ledger is the account of one symbol: cash, signed shares, and the cost basis
// of what is held. Make one with [New] or [FromState].
type Ledger struct {
	cash   Decimal
	shares Decimal
	cost   Decimal // of what is held: money paid with fees, or received less fees when short
	short  bool
	// follows is set where the account is at a broker, whose word is booked
	// whatever it leaves.
	follows bool
}

// New opens an account with cash. short allows fewer than zero shares. Negative
// cash is refused by the first fill or payment that is booked.
func New(cash Decimal, short bool) *Ledger { return &Ledger{cash: cash, short: short} }

// Follow opens the books of an account at a broker. What the broker did is booked
// also where it leaves cash or shares below zero: a market order can cost a cent
// more than there was, and a ledger that refused it would only be wrong.
func Follow(cash Decimal, short bool) *Ledger {
	return &Ledger{cash: cash, short: short, follows: true}
}

// fault says why the ledger cannot be left as it is, "" where it can.
func (l *Ledger) fault() string {
	switch {
	case l.follows:
		return ""
	case l.cash.IsNeg():
		return fmt.Sprintf("cash %s is below zero", l.cash)
	case l.shares.IsNeg() && !l.short:
		return fmt.Sprintf("%s shares, and short positions are not allowed", l.shares)
	}
	return ""
}

// Cash is the money not invested. With a short position it holds the proceeds.
func (l *Ledger) Cash() Decimal { return l.cash }

// Shares is the position, negative when short.
func (l *Ledger) Shares() Decimal { return l.shares }

// Equity is cash + shares × price. It is exact.
func (l *Ledger) Equity(price Decimal) Decimal { return l.cash.Add(l.shares.Mul(price)) }

// AverageCost is the cost basis per share held, fees included: what a share has
// to fetch, before the fee of selling it, to lose nothing. For a short position
// it is what a share brought in after fees. It is 0 when flat.
//
// Selling part of a position leaves the average as it was. It is rounded down at
// the nineteenth decimal.
func (l *Ledger) AverageCost() Decimal {
	average, err := l.cost.Div(l.shares.Abs())
	if err != nil { // flat: nothing to divide by
		return Decimal{}
	}
	return average
}

// Apply books a fill. It refuses one that is malformed, costs more than the
// cash there is, or sells more than is held where short positions are not
// allowed; the ledger is then unchanged.
func (l *Ledger) Apply(f broker.Fill) error {
	if err := f.Check(); err != nil {
		return err
	}
	value := f.Value()
	next := *l
	signed := f.Shares
	if f.Side == broker.Buy {
		next.cash = l.cash.Sub(value).Sub(f.Fee)
	} else {
		next.cash = l.cash.Add(value).Sub(f.Fee)
		signed = signed.Neg()
	}
	next.shares = l.shares.Add(signed)
	if next.cash.IsNeg() && !l.follows {
		return fmt.Errorf("fill of order %s in session %s: %s of %s shares at %s with a fee of %s leaves cash of %s; it was %s",
			f.OrderID, f.Session, f.Side, f.Shares, f.Price, f.Fee, next.cash, l.cash)
	}
	if next.shares.IsNeg() && !l.short && !l.follows {
		return fmt.Errorf("fill of order %s in session %s: sells %s shares of %s held, and short positions are not allowed",
			f.OrderID, f.Session, f.Shares, l.shares)
	}
	next.cost = l.costAfter(f, signed)
	*l = next
	return nil
}

// costAfter is the cost basis after a fill of signed shares. The part of the
// fill that closes takes its share of the basis away; the part that opens adds
// its value and its share of the fee.
func (l *Ledger) costAfter(f broker.Fill, signed Decimal) Decimal {
	held := l.shares.Abs()
	opening := f.Shares
	cost := l.cost
	if l.shares.Sign()*signed.Sign() < 0 {
		closing := udecimal.Min(held, f.Shares)
		opening = f.Shares.Sub(closing)
		cost = portion(cost, held.Sub(closing), held)
	}
	if opening.IsZero() {
		return cost
	}
	fee := portion(f.Fee, opening, f.Shares)
	if f.Side == broker.Sell {
		fee = fee.Neg()
	}
	return cost.Add(opening.Mul(f.Price)).Add(fee)
}

// portion is amount × part/whole, to the fifteenth decimal: all of it where the
// part is the whole, and exactly nothing where the part is.
func portion(amount, part, whole Decimal) Decimal {
	if part.Equal(whole) {
		return amount
	}
	share, err := amount.Mul(part).Div(whole)
	if err != nil { // a whole of zero has no parts
		return Decimal{}
	}
	return share.RoundBank(15)
}
