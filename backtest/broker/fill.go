package broker

import (
	"fmt"

	"finmem/data"
)

// A Basis says which price of the bar a fill started from.
type Basis string

const (
	AtOpen  Basis = "open"
	AtClose Basis = "close" // the bar has no open, or the order was for the close
	// AtBroker is the average price that a broker reports; Slippage is not known
	// then, and 0.
	AtBroker Basis = "broker"
)

// A Fill is an executed order, or the part of it that could be executed.
type Fill struct {
	OrderID string       `json:"orderId"`
	Symbol  string       `json:"symbol"`
	Session data.Session `json:"session"` // the session it was filled in
	Side    Side         `json:"side"`
	Shares  Decimal      `json:"shares"` // above zero
	Price   Decimal      `json:"price"`  // per share, slippage included
	Fee     Decimal      `json:"fee"`    // money, on top of the price; not negative
	// Slippage is the money lost to slippage: the distance of Price from the
	// bar's own price, times Shares. It is part of Price already.
	Slippage Decimal `json:"slippage"`
	Basis    Basis   `json:"basis"`
}

// Value is shares times price, without the fee. It is exact.
func (f Fill) Value() Decimal { return f.Shares.Mul(f.Price) }

// Check refuses a fill that could not be booked exactly: a side that is none,
// shares, a price or a fee out of range, or digits beyond the grid.
func (f Fill) Check() error {
	var fault string
	switch {
	case f.Side != Buy && f.Side != Sell:
		fault = fmt.Sprintf("side %q is not buy or sell", f.Side)
	case !f.Shares.IsPos() || !onGrid(f.Shares, shareDecimals):
		fault = fmt.Sprintf("%s shares: want a number above 0 with at most %d decimals", f.Shares, shareDecimals)
	case !f.Price.IsPos() || !onGrid(f.Price, priceDecimals):
		fault = fmt.Sprintf("price %s: want a number above 0 with at most %d decimals", f.Price, priceDecimals)
	case f.Fee.IsNeg() || !onGrid(f.Fee, priceDecimals):
		fault = fmt.Sprintf("fee %s: want a number from 0 with at most %d decimals", f.Fee, priceDecimals)
	default:
		return nil
	}
	return fmt.Errorf("fill of order %s in session %s: %s", f.OrderID, f.Session, fault)
}
