package backtest

import (
	"context"
	"fmt"

	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// Pending is the open order, nil where there is none.
func (b *Book) Pending() *broker.Order {
	if b.pending == nil {
		return nil
	}
	o := *b.pending
	return &o
}

// Ledger is what the book holds.
func (b *Book) Ledger() portfolio.State { return b.ledger.State() }

// Mark is the last close that the book has seen, 0 before the first.
func (b *Book) Mark() float64 { return b.mark }

// Settled is what the book will hold in session s once its corporate actions and
// the end of its open order are booked, and the price that marks it, 0 where none
// is known. The book stays as it is.
func (b *Book) Settled(ctx context.Context, cfg Config, s data.Session) (after *portfolio.Ledger, mark float64, err error) {
	day, err := b.Feed.Day(s)
	if err != nil {
		return nil, 0, err
	}
	c := *b
	if c.ledger, err = portfolio.FromState(b.ledger.State()); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", b.Symbol, err)
	}
	if err := c.begin(ctx, cfg, day, &Record{}); err != nil {
		return nil, 0, fmt.Errorf("%s, session %s: %w", b.Symbol, s, err)
	}
	return c.ledger, c.mark, nil
}

// Correct makes the next session book a correction after it has settled: what a
// broker holds that the ledger does not know of. nil takes it back.
func (b *Book) Correct(c *portfolio.Correction) { b.correction = c }

// correct books the correction that is due.
func (b *Book) correct(s data.Session, rec *Record) error {
	if b.correction == nil {
		return nil
	}
	done, err := b.ledger.Correct(s, *b.correction)
	if err != nil {
		return fmt.Errorf("correction: %w", err)
	}
	b.limits.follow(b.ledger, b.correction.Price)
	rec.Adjustments = append(rec.Adjustments, done)
	b.correction = nil
	return nil
}
