package broker

import (
	"fmt"

	"finmem/data"
)

// A Side is the direction of an order. It is not an action: a decision to hold
// has no side.
type Side string

const (
	Buy  Side = "buy"
	Sell Side = "sell"
)

// An Order asks for shares at the next session's open. It is never changed once
// made; a split makes a new one, see [Order.AfterSplit].
type Order struct {
	// ID names the order and is the same whenever the same decision is sized
	// again, so that a repeated request cannot become a second order.
	ID      string       `json:"id"`
	Symbol  string       `json:"symbol"`
	Decided data.Session `json:"decided"` // the session after whose close it was decided
	Side    Side         `json:"side"`
	Shares  Decimal      `json:"shares"` // above zero
	// Limit is the worst price that it may fill at, zero for none.
	Limit  Decimal `json:"limit,omitzero"`
	Reason string  `json:"reason"` // how the number of shares came about
}

// OrderID is the id of the order that a symbol's decision on a session leads to,
// such as "TSLA-2025-02-03-buy". A decision leads to one order at most.
func OrderID(symbol string, decided data.Session, side Side) string {
	return fmt.Sprintf("%s-%s-%s", symbol, decided, side)
}

// beyond reports whether price is worse than the order's limit.
func (o Order) beyond(price Decimal) bool {
	if o.Limit.IsZero() {
		return false
	}
	if o.Side == Sell {
		return price.LessThan(o.Limit)
	}
	return price.GreaterThan(o.Limit)
}

// check refuses an order that cannot be meant.
func (o Order) check() error {
	switch {
	case o.Side != Buy && o.Side != Sell:
		return fmt.Errorf("order %s: side %q is not buy or sell", o.ID, o.Side)
	case !o.Shares.IsPos() || !onGrid(o.Shares, shareDecimals):
		return fmt.Errorf("order %s: %s shares: want a number above 0 with at most %d decimals", o.ID, o.Shares, shareDecimals)
	}
	return nil
}
