package paper

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/quagmt/udecimal"

	"finmem/backtest"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// A standing is what a book holds, or will hold.
type standing struct {
	ledger *portfolio.Ledger
	mark   float64
}

// A difference is what the account has that the books do not know of.
type difference struct {
	corrections []portfolio.Correction // by book; no reason where there is none
	worth       Decimal                // what all of them are worth, each above zero
	equity      Decimal                // of the books once corrected
	// gain is set where the account only has more cash, as a dividend is paid.
	gain bool
	// missing is the cash that the account lacks and no book has.
	missing Decimal
}

// compare holds what the books hold against the account.
func (l *Loop) compare(account Account, books []standing) difference {
	d := difference{corrections: make([]portfolio.Correction, len(l.books))}
	var cash Decimal
	var odd []int // books whose shares differ
	for i, b := range l.books {
		x := books[i]
		price, known := priceOf(x.mark)
		has := account.Positions[b.Symbol].Shares
		if more := has.Sub(x.ledger.Shares()); !more.IsZero() && known {
			d.corrections[i] = portfolio.Correction{Shares: more, Price: price,
				Reason: fmt.Sprintf("the broker holds %s shares, the ledger had %s", has, x.ledger.Shares())}
			d.worth = d.worth.Add(more.Abs().Mul(price))
			odd = append(odd, i)
		}
		cash = cash.Add(x.ledger.Cash())
		d.equity = d.equity.Add(x.ledger.Cash()).Add(has.Mul(price))
	}
	if l.state.Apart != nil {
		cash = cash.Add(*l.state.Apart)
	}
	more := account.Cash.Sub(cash)
	if more.Abs().LessThan(cent) { // the two only round differently
		return d
	}
	reason := fmt.Sprintf("the broker has %s in cash, the ledgers %s", account.Cash, cash)
	shares, left := shareCash(more, odd, books)
	for i, part := range shares {
		if part.IsZero() {
			continue
		}
		c := &d.corrections[i]
		c.Cash = part
		if c.Reason != "" {
			c.Reason += "; "
		}
		c.Reason += reason
		if c.Price.IsZero() {
			c.Price, _ = priceOf(books[i].mark)
		}
		d.equity = d.equity.Add(part)
	}
	d.worth, d.missing = d.worth.Add(more.Abs()), left.Neg()
	d.gain = more.IsPos() && len(odd) == 0
	return d
}

// shareCash says whose a difference in cash is, by book. Where the shares of one
// book alone differ, somebody has traded it by hand, and the cash is that book's if
// it has enough. Else it cannot be known: the book with most cash can bear it best,
// and what it cannot bear the next one. No book is left below zero; left is what
// none can bear, from zero down.
func shareCash(more Decimal, odd []int, books []standing) (parts []Decimal, left Decimal) {
	parts = make([]Decimal, len(books))
	if len(odd) == 1 {
		if i := odd[0]; more.IsPos() || !books[i].ledger.Cash().Add(more).IsNeg() {
			parts[i] = more
			return parts, left
		}
	}
	order := make([]int, len(books))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return books[b].ledger.Cash().Cmp(books[a].ledger.Cash()) })
	if more.IsPos() {
		parts[order[0]] = more
		return parts, left
	}
	left = more
	for _, i := range order {
		if has := books[i].ledger.Cash(); has.IsPos() && left.IsNeg() {
			parts[i] = udecimal.Max(left, has.Neg())
			left = left.Sub(parts[i])
		}
	}
	return parts, left
}

// reconcile holds the books against the broker's account as they will stand in
// session s and corrects them: what the broker says wins. It gives the equity of
// all books.
func (l *Loop) reconcile(ctx context.Context, cfg backtest.Config, s data.Session) (float64, error) {
	account, err := l.Broker.Account(ctx)
	if err != nil {
		return 0, fmt.Errorf("asking %s for the account: %w", l.Broker.Name(), err)
	}
	books := make([]standing, len(l.books))
	for i, b := range l.books {
		if books[i].ledger, books[i].mark, err = b.Settled(ctx, cfg, s); err != nil {
			return 0, err
		}
	}
	d := l.compare(account, books)
	if err := l.lack(s, d.missing); err != nil {
		return 0, err
	}
	for i, b := range l.books {
		b.Correct(nil)
		if c := d.corrections[i]; c.Reason != "" {
			b.Correct(&c)
		}
	}
	return d.equity.InexactFloat64(), l.tolerate(ctx, d)
}

// lack takes cash that the account lacks, and that the books do not have, from what
// is set apart. It comes to the same when the session is tried again.
func (l *Loop) lack(s data.Session, missing Decimal) error {
	if !missing.IsPos() {
		return nil
	}
	var has Decimal
	if l.state.Apart != nil {
		has = *l.state.Apart
	}
	taken := udecimal.Max(udecimal.Min(missing, has), udecimal.Zero)
	l.tell(Trouble, s, "", fmt.Sprintf("the account lacks %s in cash that the symbols do not have: is anybody else trading there? %s of it was not the loop's", missing, taken), nil)
	if taken.IsZero() {
		return nil
	}
	apart := has.Sub(taken)
	l.state.Apart = &apart
	return l.save()
}

// tolerate halts where ledger and broker differ by too much. What was there at the
// start is taken over, and so is cash alone that the account has more: a dividend
// that was paid, interest, a fee that was given back.
func (l *Loop) tolerate(ctx context.Context, d difference) error {
	if len(l.equity) == 0 || !d.worth.IsPos() || d.gain {
		return nil
	}
	share := d.worth.InexactFloat64() / max(d.equity.InexactFloat64(), 0.01)
	if l.MaxDifference > 0 && share > l.MaxDifference || l.haltsOn(HaltDifference) {
		return l.haltNow(ctx, fmt.Sprintf("ledger and broker differ by %s, %.2f %% of equity", d.worth, 100*share))
	}
	return nil
}

// greet looks at the account before anything is done with it.
func (l *Loop) greet(ctx context.Context) error {
	account, err := l.Broker.Account(ctx)
	if err != nil {
		return fmt.Errorf("asking %s for the account: %w", l.Broker.Name(), err)
	}
	if account.Blocked != "" {
		l.tell(Trouble, "", "", "the account may not trade: "+account.Blocked, nil)
	}
	for _, symbol := range slices.Sorted(maps.Keys(account.Positions)) {
		if p := account.Positions[symbol]; !p.Shares.IsZero() && l.book(symbol) == nil {
			l.tell(Trouble, "", symbol, fmt.Sprintf("the account holds %s shares of %s, which this loop does not trade and does not touch", p.Shares, symbol), nil)
		}
	}
	if err := l.strangers(ctx); err != nil {
		return err
	}
	books := make([]standing, len(l.books))
	pending := false
	var sum Decimal
	for i, b := range l.books {
		if books[i].ledger, err = ledgerOf(b); err != nil {
			return err
		}
		books[i].mark = b.Mark()
		sum = sum.Add(books[i].ledger.Cash())
		pending = pending || b.Pending() != nil
	}
	if l.state.Apart == nil {
		apart := account.Cash.Sub(sum)
		if apart.IsNeg() {
			return &ShortOfCash{Account: account.Cash, Books: sum}
		}
		l.state.Apart, l.state.Broker = &apart, l.Broker.Name()
		return l.save()
	}
	if l.state.Broker == "" { // a folder of before the name was kept
		l.state.Broker = l.Broker.Name()
		if err := l.save(); err != nil {
			return err
		}
	}
	if pending || len(l.done) == 0 {
		return nil // what an open order has done is known once it is settled
	}
	// Once the next session has opened, its splits and dividends are in the account
	// and not yet in the ledgers; a broker that is told of sessions can have been
	// told of the next.
	if _, told := l.Broker.(Told); told {
		return nil
	}
	if current, err := l.current(l.done[len(l.done)-1]); err != nil || !current {
		return err
	}
	d := l.compare(account, books)
	for i, b := range l.books {
		if c := d.corrections[i]; c.Reason != "" {
			l.tell(Trouble, "", b.Symbol, c.Reason+"; the next session follows the broker", nil)
		}
	}
	return l.tolerate(ctx, d)
}

// strangers reports open orders of the loop's symbols that it did not place.
func (l *Loop) strangers(ctx context.Context) error {
	open, err := l.Broker.Open(ctx)
	if err != nil {
		return fmt.Errorf("asking %s for the open orders: %w", l.Broker.Name(), err)
	}
	own := map[string]bool{}
	for _, b := range l.books {
		if o := b.Pending(); o != nil {
			own[ClientID(l.Broker.Name(), *o)] = true
		}
	}
	for _, r := range open {
		if !own[r.ClientID] && l.book(r.Symbol) != nil {
			l.tell(Trouble, "", r.Symbol, fmt.Sprintf("the account has an open order to %s %s shares of %s, %s, that is not this loop's", r.Side, r.Shares, r.Symbol, r.ClientID), nil)
		}
	}
	return nil
}
