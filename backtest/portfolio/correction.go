package portfolio

import (
	"fmt"

	"finmem/backtest/broker"
	"finmem/data"
)

// A Correction brings a ledger to what the broker holds, where the two differ:
// somebody traded by hand, or a fee or a dividend was booked that the ledger was
// not told of.
type Correction struct {
	// Cash and Shares are added to the holdings; either may be negative.
	Cash   Decimal `json:"cash"`
	Shares Decimal `json:"shares"`
	// Price is what a share is taken to have been worth: the last close.
	Price  Decimal `json:"price"`
	Reason string  `json:"reason"`
}

// Correct books a correction. The shares count as bought, or sold, at its price;
// the cash is the broker's word and need not fit them.
func (l *Ledger) Correct(s data.Session, c Correction) (Adjustment, error) {
	done := Adjustment{Session: s, Before: l.shares, Correction: &c}
	next := *l
	next.cash = l.cash.Add(c.Cash)
	if !c.Shares.IsZero() {
		fill := c.fill(s)
		if err := fill.Check(); err != nil {
			return Adjustment{}, fmt.Errorf("correcting the ledger by %s shares: %w", c.Shares, err)
		}
		next.cost = l.costAfter(fill, c.Shares)
		next.shares = l.shares.Add(c.Shares)
	}
	if fault := next.fault(); fault != "" {
		return Adjustment{}, fmt.Errorf("correcting the ledger by %s in cash and %s shares: %s", c.Cash, c.Shares, fault)
	}
	*l = next
	done.After = l.shares
	return done, nil
}

// fill is the trade that a correction of shares amounts to.
func (c Correction) fill(s data.Session) broker.Fill {
	side := broker.Buy
	if c.Shares.IsNeg() {
		side = broker.Sell
	}
	return broker.Fill{OrderID: "correction", Session: s, Side: side, Shares: c.Shares.Abs(), Price: c.Price}
}
