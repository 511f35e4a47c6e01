package alpaca

import (
	"fmt"

	api "github.com/alpacahq/alpaca-trade-api-go/v3/alpaca"
	"github.com/quagmt/udecimal"
	"github.com/shopspring/decimal"

	"finmem/backtest/broker"
	"finmem/data"
	"finmem/paper"
)

// A reader reads decimal numbers and keeps the first fault.
type reader struct{ err error }

func (r *reader) decimal(what string, d decimal.Decimal) paper.Decimal {
	out, err := udecimal.Parse(d.String())
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s %s cannot be held exactly: %w", what, d, err)
	}
	return out
}

func (r *reader) optional(what string, d *decimal.Decimal) paper.Decimal {
	if d == nil {
		return paper.Decimal{}
	}
	return r.decimal(what, *d)
}

// receipt is an order as Alpaca has it.
func (b *Broker) receipt(o *api.Order) (paper.Receipt, error) {
	works, err := b.cfg.Calendar.SessionFor(o.SubmittedAt, 0)
	if err != nil {
		return paper.Receipt{}, fmt.Errorf("order %s: %w", b.shown(o.ClientOrderID), err)
	}
	var read reader
	shares, filled := read.optional("quantity", o.Qty), read.decimal("filled quantity", o.FilledQty)
	price, limit := read.optional("average price", o.FilledAvgPrice), read.optional("limit", o.LimitPrice)
	if o.Qty == nil { // an order by value, which somebody else placed
		shares = filled
	}
	r := paper.Receipt{
		Ticket:   paper.Ticket{ClientID: o.ClientOrderID, Symbol: canonical(o.Symbol), Side: broker.Side(o.Side), Shares: shares, Limit: limit, For: works},
		BrokerID: o.ID, Status: statusOf(o), Submitted: o.SubmittedAt.UTC(),
	}
	if filled.IsPos() {
		// The average of several fills can have more digits than the ledger's grid.
		r.Result.Fill = &broker.Fill{OrderID: r.ClientID, Symbol: r.Symbol, Session: works, Side: r.Side, Shares: filled, Price: price.RoundBank(6)}
		if err := r.Result.Fill.Check(); read.err == nil {
			read.err = err
		}
	}
	if read.err != nil {
		return paper.Receipt{}, fmt.Errorf("order %s: %w", b.shown(o.ClientOrderID), read.err)
	}
	if r.Status.Ended() && filled.LessThan(shares) {
		r.Result.Clamped = filled.IsPos()
		r.Result.Note = fmt.Sprintf("%s of %s shares filled: %s", filled, shares, b.shown(o.Status))
	}
	return r, nil
}

// canonical is a symbol as this program writes it; that of Alpaca is the same for
// all that can be traded here.
func canonical(symbol string) string {
	if c, err := data.Canonical(symbol); err == nil {
		return c
	}
	return symbol
}

// statusOf maps Alpaca's states. One that is not known, and one in which nothing
// happens for the moment, is an open order: it is not given up before the broker
// says that it has ended.
func statusOf(o *api.Order) paper.Status {
	switch o.Status {
	case "filled":
		return paper.Filled
	case "canceled":
		return paper.Cancelled
	case "replaced": // another order has taken its place
		return paper.Cancelled
	case "expired":
		return paper.Expired
	case "done_for_day":
		if o.TimeInForce == api.Day { // there is no other day for it
			return paper.Expired
		}
	case "rejected":
		return paper.Refused
	}
	// new, accepted, pending_new, accepted_for_bidding, partially_filled, held,
	// stopped, suspended, calculated, pending_cancel, pending_replace,
	// pending_review
	return paper.Open
}
