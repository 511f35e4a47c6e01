package simulated

import (
	"context"

	"finmem/data"
	"finmem/paper"
)

// Tell implements [paper.Told] by [Broker.Settle]. A session before the last one
// that was settled has been told already; telling it again changes nothing.
func (b *Broker) Tell(ctx context.Context, day data.Day, actions []data.Action) error {
	b.mu.Lock()
	over := day.Session < b.accounts[day.Symbol].session
	b.mu.Unlock()
	if over {
		return nil
	}
	_, err := b.Settle(ctx, Market{Session: day.Session, Symbol: day.Symbol, Bar: day.Bar, HasBar: day.HasBar, Actions: actions})
	return err
}

var _ paper.Told = (*Broker)(nil)
