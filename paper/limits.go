package paper

import (
	"fmt"
	"slices"
	"sync"

	"github.com/quagmt/udecimal"

	"finmem/backtest"
	"finmem/backtest/broker"
)

// The limits by their names, as records and HaltOn have them.
const (
	LimitSymbols       = "symbols"
	LimitOrderValue    = "order-value"
	LimitPositionValue = "position-value"
	LimitOrdersPerDay  = "orders-per-day"
	LimitDailyLoss     = "daily-loss"
	LimitDrawdown      = "drawdown"
	// HaltErrorDays and HaltDifference are no limits on orders, but halt like
	// them: the first once a symbol has had Engine.MaxErrorDays error days in a row,
	// with 0 never; the second on any difference at all.
	HaltErrorDays  = "error-days"
	HaltDifference = "difference"
)

// LimitNames are all names that HaltOn may have.
func LimitNames() []string {
	return []string{LimitSymbols, LimitOrderValue, LimitPositionValue, LimitOrdersPerDay, LimitDailyLoss, LimitDrawdown, HaltErrorDays, HaltDifference}
}

// Limits are what no decision gets past, whatever the model says. The zero value
// of each is no limit. An order that would go beyond one is made smaller, in whole
// lots, or refused.
type Limits struct {
	// Symbols may be traded, and no others; nil is all of the loop's.
	Symbols []string
	// MaxOrderValue is the most that one order may be worth at the last close.
	MaxOrderValue Decimal
	// MaxPositionValue is the most that a position may be worth at the last close,
	// long or short. Orders that make a position smaller are not held up by it.
	MaxPositionValue Decimal
	// MaxOrders is how many orders may be placed in a session, over all symbols.
	MaxOrders int
	// MaxDailyLoss is a share of the equity at the session before, over all
	// symbols. From such a loss on, positions can only be made smaller in that
	// session.
	MaxDailyLoss float64
	// MaxDrawdown is a share of the highest equity since the loop started or was
	// last resumed. From such a fall on, positions can only be made smaller.
	MaxDrawdown float64
	// Collar is how far from the last close an order may fill, as a fraction: it
	// is sent with that limit price.
	Collar float64
}

// Validate refuses limits that cannot be meant.
func (l Limits) Validate() error {
	switch {
	case l.MaxOrderValue.IsNeg():
		return fmt.Errorf("largest order value %s: want an amount from 0", l.MaxOrderValue)
	case l.MaxPositionValue.IsNeg():
		return fmt.Errorf("largest position value %s: want an amount from 0", l.MaxPositionValue)
	case l.MaxOrders < 0:
		return fmt.Errorf("%d orders per day: want a number from 0", l.MaxOrders)
	case !(l.MaxDailyLoss >= 0 && l.MaxDailyLoss < 1):
		return fmt.Errorf("largest daily loss %v: want a fraction from 0 to below 1", l.MaxDailyLoss)
	case !(l.MaxDrawdown >= 0 && l.MaxDrawdown < 1):
		return fmt.Errorf("largest drawdown %v: want a fraction from 0 to below 1", l.MaxDrawdown)
	case !(l.Collar >= 0 && l.Collar < 1):
		return fmt.Errorf("price collar %v: want a fraction from 0 to below 1", l.Collar)
	}
	return nil
}

// A gate holds the orders of one session to the limits.
type gate struct {
	Limits
	// less says why positions may only be made smaller, "" where they may grow; its
	// limit is lessBy.
	less, lessBy string

	mu     sync.Mutex
	orders int
}

// Pass implements [backtest.Gate].
func (g *gate) Pass(p backtest.Proposal) (broker.Order, bool, []backtest.Limited) {
	var changes []backtest.Limited
	lot := p.Lot
	if lot.IsZero() {
		lot = udecimal.One
	}
	// allow cuts the order to shares, a number from 0.
	allow := func(limit string, shares Decimal, reason string) bool {
		if !shares.LessThan(p.Order.Shares) {
			return true
		}
		if !shares.Equal(p.Holdings.Shares()) || p.Order.Side == broker.Buy { // a whole position may be no multiple of the lot
			lots, _ := shares.MustQuoRem(lot)
			shares = lots.Mul(lot)
		}
		change := backtest.Limited{Limit: limit, Wish: p.Weight(p.After()), Reason: reason}
		p.Order.Shares = shares
		change.Allowed = p.Weight(p.After())
		changes = append(changes, change)
		return shares.IsPos()
	}
	if len(g.Symbols) > 0 && !slices.Contains(g.Symbols, p.Order.Symbol) {
		allow(LimitSymbols, Decimal{}, fmt.Sprintf("%s is not among the symbols that may be traded", p.Order.Symbol))
		return p.Order, false, changes
	}
	price, err := broker.Price(p.Close)
	if err != nil { // the order was sized at it
		allow(LimitOrderValue, Decimal{}, err.Error())
		return p.Order, false, changes
	}
	if g.less != "" && !allow(g.lessBy, reducing(p), g.less+": positions can only be made smaller") {
		return p.Order, false, changes
	}
	if most := g.MaxPositionValue; most.IsPos() {
		room, held := lotsFor(most, price, lot), p.Holdings.Shares().Abs()
		less := reducing(p)
		if less.IsPos() {
			room = room.Add(held) // as far again on the other side of zero
		} else {
			room = udecimal.Max(room.Sub(held), udecimal.Zero)
		}
		if less.LessThan(p.Order.Shares) && !allow(LimitPositionValue, room, fmt.Sprintf("a position may be worth %s at most", most)) {
			return p.Order, false, changes
		}
	}
	if most := g.MaxOrderValue; most.IsPos() && !allow(LimitOrderValue, lotsFor(most, price, lot), fmt.Sprintf("an order may be worth %s at most", most)) {
		return p.Order, false, changes
	}
	if g.MaxOrders > 0 {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.orders >= g.MaxOrders && !allow(LimitOrdersPerDay, Decimal{}, fmt.Sprintf("%d orders may be placed in a session", g.MaxOrders)) {
			return p.Order, false, changes
		}
		g.orders++
	}
	if g.Collar > 0 {
		p.Order.Limit = collared(p.Order.Side, price, g.Collar)
	}
	return p.Order, true, changes
}

// reducing are the shares of an order that bring the position towards zero.
func reducing(p backtest.Proposal) Decimal {
	held := p.Holdings.Shares()
	if held.IsPos() == (p.Order.Side == broker.Sell) && !held.IsZero() {
		return udecimal.Min(held.Abs(), p.Order.Shares)
	}
	return Decimal{}
}

// lotsFor are the whole lots that value pays for at price.
func lotsFor(value, price, lot Decimal) Decimal {
	lots, _ := value.MustQuoRem(price.Mul(lot))
	return lots.Mul(lot)
}

// collared is the limit price of an order: price moved against it, and rounded to
// the cent towards the price, below a dollar to the hundredth of one.
func collared(side broker.Side, price Decimal, collar float64) Decimal {
	moved := price.Mul(udecimal.MustFromFloat64(collar))
	digits := uint8(2)
	if price.LessThan(udecimal.One) {
		digits = 4
	}
	if side == broker.Sell {
		return udecimal.Max(price.Sub(moved).RoundAwayFromZero(digits), udecimal.MustFromInt64(1, digits))
	}
	return udecimal.Max(price.Add(moved).Trunc(digits), udecimal.MustFromInt64(1, digits))
}
