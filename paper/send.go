package paper

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/quagmt/udecimal"

	"finmem/backtest"
	"finmem/backtest/broker"
)

// send brings the orders that are in the journal to the broker, each once, until
// it is too late. One that cannot be placed holds up no other. It is called after
// every session, and after a start for those of the session before.
func (l *Loop) send(ctx, stop context.Context) error {
	var left []broker.Order
	for _, b := range l.books {
		if o := b.Pending(); o != nil && !l.state.Outbox[o.ID].Accepted && l.state.Outbox[o.ID].Dropped == "" {
			left = append(left, *o)
		}
	}
	if len(left) == 0 {
		return nil
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		var failed []broker.Order
		for _, o := range left {
			again, err := l.dispatch(ctx, o, pause)
			if err != nil {
				return err
			}
			if again {
				failed = append(failed, o)
			}
		}
		if left = failed; len(left) == 0 {
			return l.watch(ctx) // a halt can have come while an order was on its way
		}
		if err := l.beat("sending order " + left[0].ID); err != nil {
			return err
		}
		if err := l.Clock.Sleep(stop, l.Clock.Now().Add(pause)); err != nil {
			return err
		}
	}
}

// dispatch tries to place an order; again asks for another try after the pause.
// What is too late and not known to have arrived is found, or not, when the order
// is settled.
func (l *Loop) dispatch(ctx context.Context, o broker.Order, pause time.Duration) (again bool, err error) {
	by, err := l.SendBy(o.Decided)
	if err != nil {
		return false, err
	}
	err = l.place(ctx, o, by)
	if err == nil || ctx.Err() != nil || l.hopeless(err) {
		return false, err
	}
	l.health.Fault = fmt.Sprintf("order %s: %v", o.ID, err)
	if !l.Clock.Now().Add(pause).Before(by) {
		l.tell(Trouble, o.Decided, o.Symbol, fmt.Sprintf("order %s: %v; it is too late to try again, and the broker's word counts", o.ID, err), nil)
		return false, nil
	}
	l.tell(Trouble, o.Decided, o.Symbol, fmt.Sprintf("order %s: %v; trying again in %s", o.ID, err, pause), nil)
	return true, nil
}

// place sends an order unless the broker has it. It looks before it sends, so
// that after a time-out, or a restart, trying again is no second order.
func (l *Loop) place(ctx context.Context, o broker.Order, by time.Time) error {
	id := ClientID(l.Broker.Name(), o)
	r, ok, err := l.Broker.Find(ctx, id)
	if err != nil {
		return err
	}
	if ok {
		return l.accepted(o, r)
	}
	if err := l.watch(ctx); err != nil {
		return err
	}
	if l.halt.Halted {
		return l.drop(o, "not sent: trading is halted: "+l.halt.Reason)
	}
	if !l.Clock.Now().Before(by) {
		return l.drop(o, "not sent: its time had passed")
	}
	t, why, note, err := l.ticket(ctx, o)
	if err != nil {
		return err
	}
	if why != "" {
		return l.drop(o, why)
	}
	out := outgoing{ClientID: id, Note: note}
	if !t.Shares.Equal(o.Shares) {
		out.Shares = &t.Shares
	}
	l.state.Outbox[o.ID] = out
	if err := l.save(); err != nil {
		return err
	}
	r, err = l.Broker.Submit(ctx, t)
	var refused *Rejected
	switch {
	case err == nil:
		return l.accepted(o, r)
	case errors.As(err, &refused):
		return l.drop(o, "rejected: "+refused.Error())
	}
	// Whether it arrived is not known: look, also after ErrDuplicate.
	r, ok, ferr := l.Broker.Find(ctx, id)
	if ferr == nil && ok {
		return l.accepted(o, r)
	}
	return errors.Join(err, ferr)
}

// accepted notes that the broker has an order.
func (l *Loop) accepted(o broker.Order, r Receipt) error {
	out := l.state.Outbox[o.ID]
	if out.Accepted {
		return nil
	}
	out.ClientID, out.Accepted = r.ClientID, true
	l.state.Outbox[o.ID] = out
	text := fmt.Sprintf("%s %s shares", r.Side, r.Shares)
	if !r.Limit.IsZero() {
		text += fmt.Sprintf(" up to a price of %s", r.Limit)
	}
	if out.Note != "" {
		text += "; " + out.Note
	}
	l.tell(Sent, o.Decided, o.Symbol, text, map[string]string{"order": o.ID, "clientOrderId": r.ClientID, "brokerId": r.BrokerID,
		"side": string(r.Side), "shares": r.Shares.String(), "for": string(r.For)})
	return l.save()
}

// drop ends an order that the broker does not have. The ledger stays as it is; the
// next session settles the order with the reason.
func (l *Loop) drop(o broker.Order, why string) error {
	out := l.state.Outbox[o.ID]
	out.Dropped = why
	l.state.Outbox[o.ID] = out
	l.tell(NotFilled, o.Decided, o.Symbol, why, map[string]string{"order": o.ID, "ordered": o.Shares.String()})
	return l.save()
}

// ticket is an order as it can be sent: cut to what the broker takes. why says that
// nothing can be, note why it is fewer shares.
func (l *Loop) ticket(ctx context.Context, o broker.Order) (t Ticket, why, note string, err error) {
	t = Ticket{ClientID: ClientID(l.Broker.Name(), o), Symbol: o.Symbol, Side: o.Side, Shares: o.Shares, Limit: o.Limit}
	if t.For, err = l.Fills(o.Decided); err != nil {
		return t, "", "", err
	}
	asset, err := l.Broker.Asset(ctx, o.Symbol)
	if err != nil {
		return t, "", "", fmt.Errorf("asking %s for %s: %w", l.Broker.Name(), o.Symbol, err)
	}
	if !asset.Tradable {
		return t, fmt.Sprintf("not sent: %s cannot be traded: %s", o.Symbol, asset.Note), "", nil
	}
	account, err := l.Broker.Account(ctx)
	if err != nil {
		return t, "", "", fmt.Errorf("asking %s for the account: %w", l.Broker.Name(), err)
	}
	if account.Blocked != "" {
		return t, "not sent: the account may not trade: " + account.Blocked, "", nil
	}
	var reasons []string
	cut := func(to Decimal, reason string) {
		if to.LessThan(t.Shares) {
			t.Shares, reasons = to, append(reasons, reason)
		}
	}
	price, known := priceOf(l.book(o.Symbol).Mark())
	if !o.Limit.IsZero() && l.Engine.Follow { // a real broker holds back what it may cost
		price, known = o.Limit, true
	}
	switch p := account.Positions[o.Symbol]; {
	case o.Side == broker.Sell && !(l.Engine.Sizing.Short && asset.Shortable):
		cut(udecimal.Max(p.Available, udecimal.Zero), fmt.Sprintf("%s held, %s of them by no open order", p.Shares, p.Available))
	case l.Engine.Follow && (o.Side == broker.Sell && p.Shares.IsPos() || o.Side == broker.Buy && p.Shares.IsNeg()):
		// A real broker takes no order that goes through zero.
		cut(p.Available.Abs(), fmt.Sprintf("%s held, %s of them by no open order, and the broker turns no position round at once", p.Shares, p.Available))
	}
	if o.Side == broker.Buy && known {
		cut(affordable(account.BuyingPower, price), fmt.Sprintf("buying power of %s at %s", account.BuyingPower, price))
	}
	if t.Shares.IsZero() {
		return t, "not sent: " + strings.Join(reasons, "; "), "", nil
	}
	if !asset.Fractional {
		whole := t.Shares.Trunc(0)
		if whole.IsZero() {
			return t, fmt.Sprintf("not sent: %s shares of %s are below one share, and the broker takes no fractions of it", t.Shares, o.Symbol), "", nil
		}
		cut(whole, "the broker takes no fractions of a share of it")
	}
	if value := t.Shares.Mul(price); known && value.LessThan(asset.MinNotional) {
		return t, fmt.Sprintf("not sent: %s shares of %s are worth %s, below the broker's least order of %s", t.Shares, o.Symbol, value, asset.MinNotional), "", nil
	}
	if len(reasons) > 0 {
		note = fmt.Sprintf("%s of %s shares: %s", t.Shares, o.Shares, strings.Join(reasons, "; "))
	}
	return t, "", note, nil
}

// affordable is how many shares money pays for at price, to the ninth decimal.
func affordable(money, price Decimal) Decimal {
	if !money.IsPos() || !price.IsPos() {
		return Decimal{}
	}
	shares, err := money.Div(price)
	if err != nil {
		return Decimal{}
	}
	return shares.Trunc(9)
}

// watch looks at the kill switch, which a command may have set, and acts on a
// change of it.
func (l *Loop) watch(ctx context.Context) error {
	now, err := ReadHalt(l.Dir)
	if err != nil {
		return err
	}
	before := l.halt
	l.halt = now
	switch {
	case now.Halted && !before.Halted:
		l.health.Halted = now.Reason
		l.tell(Halted, "", "", now.Reason, nil)
	case !now.Halted && before.Halted:
		l.health.Halted = ""
		l.tell(Resumed, "", "", "orders are sent again", nil)
	}
	if now.Halted {
		if !now.At.Equal(before.At) {
			l.withdrawn = map[string]bool{}
		}
		l.withdraw(ctx)
	}
	return nil
}

// haltNow sets the kill switch. One that was resumed since it was last looked at is
// set anew.
func (l *Loop) haltNow(ctx context.Context, reason string) error {
	if err := l.watch(ctx); err != nil || l.halt.Halted {
		return err
	}
	if err := Halt(l.Dir, l.hidden(reason), l.Clock.Now()); err != nil {
		return fmt.Errorf("halting: %w", err)
	}
	return l.watch(ctx)
}

// withdraw cancels the loop's open orders, as far as it has not been seen yet that
// they have ended. It is called again while the halt lasts: the broker may be out
// of reach, or an order may appear late whose answer was lost.
func (l *Loop) withdraw(ctx context.Context) {
	for _, b := range l.books {
		o := b.Pending()
		if o == nil || l.withdrawn[o.ID] {
			continue
		}
		id := ClientID(l.Broker.Name(), *o)
		err := l.Broker.Cancel(ctx, id)
		var r Receipt
		var ok bool
		if err == nil {
			r, ok, err = l.Broker.Find(ctx, id)
		}
		switch {
		case err != nil:
			l.tell(Trouble, o.Decided, o.Symbol, fmt.Sprintf("cancelling order %s: %v; trying again while the halt lasts", o.ID, err), nil)
		case ok && r.Status.Ended(), !ok && l.state.Outbox[o.ID].ClientID == "":
			l.withdrawn[o.ID] = true
		}
	}
}

var _ backtest.Gate = (*gate)(nil)
