package simulated

import (
	"context"
	"fmt"

	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
	"finmem/paper"
)

// Settle tells the broker what a session's markets were, and gives the orders
// that ended by it, in the order of their acceptance. All of it is one change.
//
// For each symbol, corporate actions come first, then the orders fill at the
// session's open, then the position is marked at the close, as in a backtest.
// Telling the same session again is safe: its actions count once, an order fills
// once, and the close is taken as the newer one. An earlier session is an error.
func (b *Broker) Settle(ctx context.Context, markets ...Market) ([]paper.Receipt, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	accounts := map[string]account{}
	changed := map[string]order{}
	waiting := append([]order(nil), b.open...)
	for _, m := range markets {
		acc, known := b.accounts[m.Symbol]
		if again, ok := accounts[m.Symbol]; ok {
			acc, known = again, true
		}
		if !known {
			return nil, fmt.Errorf("%s is not traded in this account", m.Symbol)
		}
		if m.Session < acc.session {
			return nil, fmt.Errorf("%s: session %s is over: %s has been settled", m.Symbol, m.Session, acc.session)
		}
		first := m.Session > acc.session
		acc.session = m.Session
		if first {
			if err := b.act(m, &acc, waiting, changed); err != nil {
				return nil, fmt.Errorf("%s, session %s: %w", m.Symbol, m.Session, err)
			}
		}
		for i, o := range waiting {
			if o.Symbol != m.Symbol || !m.HasBar || o.Status != paper.Open || m.Session < o.For {
				continue
			}
			if err := b.fill(&o, &acc, m.Bar); err != nil {
				return nil, fmt.Errorf("%s, session %s: %w", m.Symbol, m.Session, err)
			}
			waiting[i], changed[o.ClientID] = o, o
		}
		if m.HasBar && m.Bar.Close > 0 {
			acc.mark = m.Bar.Close
		}
		accounts[m.Symbol] = acc
	}
	var list, open []order
	var ended []paper.Receipt
	for _, o := range waiting {
		if _, ok := changed[o.ClientID]; ok {
			list = append(list, o)
		}
		if o.Status.Ended() {
			ended = append(ended, o.Receipt)
		} else {
			open = append(open, o)
		}
	}
	if err := b.save(ctx, accounts, list); err != nil {
		return nil, fmt.Errorf("settling: %w", err)
	}
	for symbol, acc := range accounts {
		b.accounts[symbol] = acc
	}
	b.open = open
	return ended, nil
}

// Trade fills the orders of a symbol that are due in a session at a live price,
// and marks the position at it.
func (b *Broker) Trade(ctx context.Context, session data.Session, symbol string, price float64) ([]paper.Receipt, error) {
	bar := data.CloseBar(session, price)
	bar.Open = price
	return b.Settle(ctx, Market{Session: session, Symbol: symbol, Bar: bar, HasBar: true})
}

// act brings splits and dividends into an account, as far as the prices do not
// already contain them, and splits into the orders that wait.
func (b *Broker) act(m Market, acc *account, waiting []order, changed map[string]order) error {
	for _, a := range m.Actions {
		if a.Session != m.Session {
			continue
		}
		switch b.cfg.Adjustment {
		case data.Raw:
		case data.SplitAdjusted:
			a.Split = 0
		default:
			continue
		}
		var price paper.Decimal
		if a.Split != 0 && acc.mark > 0 {
			acc.mark /= a.Split
			var err error
			if price, err = broker.Price(acc.mark); err != nil {
				return fmt.Errorf("split of %v: %w", a.Split, err)
			}
		}
		ledger, err := copyOf(acc.ledger)
		if err == nil {
			_, err = ledger.Act(a, price, b.cfg.Sim.Lot)
		}
		if err != nil {
			return fmt.Errorf("corporate action: %w", err)
		}
		acc.ledger = ledger
		if a.Split == 0 {
			continue
		}
		for i, o := range waiting {
			if o.Symbol != m.Symbol || o.Status != paper.Open {
				continue
			}
			scaled, left, err := orderOf(o.Ticket).AfterSplit(a.Split, b.cfg.Sim.Lot)
			if err != nil {
				return fmt.Errorf("corporate action: %w", err)
			}
			o.Shares = scaled.Shares
			if !o.Limit.IsZero() {
				if o.Limit, err = broker.Price(o.Limit.InexactFloat64() / a.Split); err != nil {
					return fmt.Errorf("corporate action: limit of order %s: %w", o.ClientID, err)
				}
			}
			if !left {
				o.Status, o.Result.Note = paper.Refused, "rejected: the split left less than one lot"
			}
			waiting[i], changed[o.ClientID] = o, o
		}
	}
	return nil
}

// fill ends an order at a bar's price.
func (b *Broker) fill(o *order, acc *account, bar data.Bar) error {
	result, err := b.cfg.Sim.Fill(orderOf(o.Ticket), bar, acc.ledger)
	if err != nil {
		return err
	}
	if f := result.Fill; f != nil && beyond(f.Side, f.Price, o.Limit) {
		o.Status = paper.Expired
		o.Result = broker.Result{Note: fmt.Sprintf("not filled: the price %s is beyond the limit %s", f.Price, o.Limit)}
		return nil
	}
	o.Result = result
	switch {
	case result.Fill == nil:
		o.Status = paper.Refused
		return nil
	case result.Clamped:
		o.Status = paper.Cancelled
	default:
		o.Status = paper.Filled
	}
	ledger, err := copyOf(acc.ledger)
	if err != nil {
		return err
	}
	if err := ledger.Apply(*result.Fill); err != nil {
		return err
	}
	acc.ledger = ledger
	return nil
}

// beyond reports whether a price is worse than a limit; none is worse than no
// limit.
func beyond(side broker.Side, price, limit paper.Decimal) bool {
	switch {
	case limit.IsZero():
		return false
	case side == broker.Buy:
		return price.GreaterThan(limit)
	}
	return price.LessThan(limit)
}

// orderOf is a ticket as the fill code of a backtest takes it. What a ticket is
// for was decided in a session before.
func orderOf(t paper.Ticket) broker.Order {
	return broker.Order{ID: t.ClientID, Symbol: t.Symbol, Decided: t.For.AddDays(-1), Side: t.Side, Shares: t.Shares}
}

// copyOf is a ledger that can be changed while the other stays.
func copyOf(l *portfolio.Ledger) (*portfolio.Ledger, error) { return portfolio.FromState(l.State()) }
