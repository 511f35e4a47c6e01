package memory

import (
	"context"
	"errors"
	"fmt"
)

// A RestoredEvent is an event as it stood at its last [Change], and the number
// of nights that have made it older since: of the sessions after the change, and
// of the change's own session unless the change came after its night, but of
// none before the event's own session. [Fold] counts them.
type RestoredEvent struct {
	Event
	Nights int
}

// Restore fills the memory of a symbol that has none. It repeats the nights of
// each event one by one, so that every number ends up bit for bit as in a store
// that was never closed. forgotten are the ids that must not come back.
//
// Go on with a session after the last night that was counted.
//
// Nights in which an event would have been forgotten or moved cannot have been
// uneventful: then the journal was written under other constants than the
// store's, and Restore fails. On any error the memory stays empty.
func (s *Store) Restore(ctx context.Context, symbol string, events []RestoredEvent, forgotten []string) error {
	if h := s.lookup(symbol); h != nil {
		return fmt.Errorf("memory: restore %s: it has a memory already", symbol)
	}
	known := map[string]bool{}
	for _, id := range forgotten {
		known[id] = true
	}
	restored := make([]*Event, 0, len(events))
	for _, r := range events {
		e, err := s.replayed(r)
		switch {
		case err != nil:
		case r.Symbol != symbol:
			err = fmt.Errorf("it belongs to %s", r.Symbol)
		case known[r.ID]:
			err = errors.New("it is there twice, or forgotten as well")
		}
		if err != nil {
			return fmt.Errorf("memory: restore %s event %q: %w", symbol, r.ID, err)
		}
		known[r.ID] = true
		restored = append(restored, e)
	}
	for _, e := range restored {
		if err := s.put(ctx, e, e.Layer); err != nil {
			return fmt.Errorf("memory: restore %s event %q: %w", symbol, e.ID, err)
		}
	}
	h := s.open(symbol)
	for _, e := range restored {
		h.layers[e.Layer][e.ID] = e
	}
	for _, id := range forgotten {
		h.forgotten[id] = true
	}
	return nil
}

// replayed is the event after its uneventful nights.
func (s *Store) replayed(r RestoredEvent) (*Event, error) {
	switch {
	case r.ID == "":
		return nil, errors.New("no id")
	case int(r.Layer) >= len(layerNames):
		return nil, fmt.Errorf("%s does not exist", r.Layer)
	case r.Nights < 0:
		return nil, fmt.Errorf("%d nights: want at least 0", r.Nights)
	case !finite(r.Importance):
		return nil, fmt.Errorf("importance %v: want a number", r.Importance)
	case !(r.Recency >= 0 && r.Recency <= 1) || r.Age < 0:
		return nil, fmt.Errorf("recency %v at age %d: want 0 to 1, and an age of at least 0", r.Recency, r.Age)
	}
	unit, err := s.unit(r.Vector)
	if err != nil {
		return nil, err
	}
	e := copyOf(&r.Event)
	e.Vector = unit
	now := standingOf(&e)
	for night := range r.Nights {
		after, forgotten := s.cfg.night(now)
		if forgotten != "" || after.layer != now.layer {
			return nil, fmt.Errorf("it cannot have stayed in %s through night %d after its last change: the journal was written with other constants", now.layer, night+1)
		}
		now = after
	}
	now.applyTo(&e)
	return &e, nil
}
