package paper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quagmt/udecimal"

	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

var cent = udecimal.MustFromInt64(1, 2)

// An end is what became of an order: what the broker says of it, or a note where
// the broker never had it.
type end struct {
	receipt *Receipt
	out     outgoing
	note    string
	ended   bool
}

// ends are the orders that were open before a session, by their id. They are an
// [backtest.Executor].
type ends map[string]end

func (e ends) Settle(_ context.Context, o broker.Order, _ data.Day, _ broker.Holdings) (broker.Result, bool, error) {
	x, ok := e[o.ID]
	if !ok {
		return broker.Result{}, false, fmt.Errorf("order %s: the broker was not asked what became of it", o.ID)
	}
	switch {
	case !x.ended:
		return broker.Result{}, false, nil
	case x.receipt == nil:
		return broker.Result{Note: x.note}, true, nil
	}
	// o is in the shares of this session: a split has come between.
	return resultOf(o, *x.receipt, x.out), true, nil
}

var _ backtest.Executor = ends(nil)

// collect asks the broker what became of the open orders by session s. An order
// that should have ended and has not is cancelled first.
func (l *Loop) collect(ctx context.Context, s data.Session) (ends, error) {
	found := ends{}
	for _, b := range l.books {
		o := b.Pending()
		if o == nil {
			continue
		}
		e, err := l.end(ctx, b, *o, s)
		if err != nil {
			return nil, fmt.Errorf("order %s: %w", o.ID, err)
		}
		found[o.ID] = e
	}
	return found, nil
}

func (l *Loop) end(ctx context.Context, b *backtest.Book, o broker.Order, s data.Session) (end, error) {
	out := l.state.Outbox[o.ID]
	id := ClientID(l.Broker.Name(), o)
	r, ok, err := l.Broker.Find(ctx, id)
	switch {
	case err != nil:
		return end{}, err
	case !ok && out.Dropped != "":
		return end{note: out.Dropped, ended: true}, nil
	case !ok:
		return end{note: "not sent: the broker never had the order", ended: true}, nil
	}
	if !r.Status.Ended() {
		waits, err := l.waits(b, s)
		if err != nil || waits {
			return end{}, err
		}
		if r, err = l.cancel(ctx, id); err != nil {
			return end{}, err
		}
	}
	return end{receipt: &r, out: out, ended: true}, nil
}

// waits reports whether an open order stays open for want of a price, as it does in
// the backtest: only at a broker that fills at the loop's own prices. A real one's
// market may have been open, and have filled a part, though the data has no price.
func (l *Loop) waits(b *backtest.Book, s data.Session) (bool, error) {
	if _, told := l.Broker.(Told); !told {
		return false, nil
	}
	newest, err := l.newest(s)
	if err != nil {
		return false, err
	}
	day, err := b.Feed.Day(newest)
	return err == nil && !day.HasBar, err
}

// cancelTries is how often a cancelled order is looked at before the session is
// tried again as a whole, and cancelPause how long it is waited between.
const (
	cancelTries = 10
	cancelPause = time.Second
)

var errStillOpen = errors.New("it was cancelled and is still open")

// cancel drops an order and waits until the broker says that it has ended: it may
// have filled meanwhile.
func (l *Loop) cancel(ctx context.Context, id string) (Receipt, error) {
	if err := l.Broker.Cancel(ctx, id); err != nil {
		return Receipt{}, fmt.Errorf("cancelling it: %w", err)
	}
	for range cancelTries {
		r, ok, err := l.Broker.Find(ctx, id)
		if err != nil {
			return Receipt{}, err
		}
		if !ok {
			return Receipt{}, errors.New("the broker had it and has it no more")
		}
		if r.Status.Ended() {
			return r, nil
		}
		if err := l.Clock.Sleep(ctx, l.Clock.Now().Add(cancelPause)); err != nil {
			return Receipt{}, err
		}
	}
	return Receipt{}, errStillOpen
}

// resultOf is what a receipt says of the order as it was decided: one that was
// sent for fewer shares came out clamped too.
func resultOf(o broker.Order, r Receipt, out outgoing) broker.Result {
	result := r.Result
	if out.Note != "" && result.Note != "" {
		result.Note = out.Note + "; " + result.Note
	} else if out.Note != "" {
		result.Note = out.Note
	}
	if result.Fill == nil {
		if result.Note == "" {
			result.Note = "not filled: " + string(r.Status)
		}
		return result
	}
	f := *result.Fill
	f.OrderID, f.Symbol = o.ID, o.Symbol
	result.Fill = &f
	if f.Shares.LessThan(o.Shares) {
		result.Clamped = true
		if result.Note == "" {
			result.Note = fmt.Sprintf("%s of %s shares: %s", f.Shares, o.Shares, r.Status)
		}
	}
	return result
}

func ledgerOf(b *backtest.Book) (*portfolio.Ledger, error) {
	l, err := portfolio.FromState(b.Ledger())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Symbol, err)
	}
	return l, nil
}

// priceOf is a close as a price; known is false before the first.
func priceOf(mark float64) (price Decimal, known bool) {
	price, err := broker.Price(mark)
	return price, err == nil
}
