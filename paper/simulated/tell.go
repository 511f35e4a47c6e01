package simulated

import (
	"context"

	"finmem/data"
	"finmem/paper"
)

// Tell implements [paper.Told] by [Broker.Settle].
func (b *Broker) Tell(ctx context.Context, day data.Day, actions []data.Action) error {
	_, err := b.Settle(ctx, Market{Session: day.Session, Symbol: day.Symbol, Bar: day.Bar, HasBar: day.HasBar, Actions: actions})
	return err
}

var _ paper.Told = (*Broker)(nil)
