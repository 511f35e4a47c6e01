package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// Transitions are what a night did to the layers, apart from ageing: who was
// forgotten and who moved, each list by layer and then by id.
type Transitions struct {
	Removed []Removal
	Moved   []Move
}

// A Removal is an event that was forgotten. Why is [ByRecency], [ByImportance]
// or [ByBoth].
type Removal struct {
	ID    string
	Layer Layer
	Why   string
}

// A Move is a change of layer, from the one before the night to the one after.
type Move struct {
	ID       string
	From, To Layer
}

// Night ends a session: every event of the symbol decays, those below a limit
// are forgotten, then those at a threshold rise or sink. [Config] has the limits,
// docs/memory.md the order in full.
//
// An event of a later session is left alone. Sessions may be left out but not
// repeated or gone back to: the night of a session that is not after the last
// one is an error.
//
// After an error the events are as before and Night may be called again.
func (s *Store) Night(ctx context.Context, symbol, session string) (Transitions, error) {
	if err := checkSession(session); err != nil {
		return Transitions{}, fmt.Errorf("memory: night of %s: %w", symbol, err)
	}
	h := s.open(symbol)
	if session <= h.night {
		return Transitions{}, fmt.Errorf("memory: night of %s: session %s is not after %s, whose night is over", symbol, session, h.night)
	}

	type passage struct {
		event     *Event
		after     standing
		forgotten string
	}
	var stay, forget, move []passage
	for _, events := range h.layers {
		for _, e := range events {
			if e.Session > session {
				continue
			}
			after, forgotten := s.cfg.night(standingOf(e))
			p := passage{e, after, forgotten}
			switch {
			case forgotten != "":
				forget = append(forget, p)
			case after.layer != e.Layer:
				move = append(move, p)
			default:
				stay = append(stay, p)
			}
		}
	}
	byLayerThenID := func(a, b passage) int {
		return cmp.Or(cmp.Compare(a.event.Layer, b.event.Layer), strings.Compare(a.event.ID, b.event.ID))
	}
	slices.SortFunc(forget, byLayerThenID)
	slices.SortFunc(move, byLayerThenID)

	// The index goes first because only it can fail. What it holds too much in
	// between does no harm: recall passes over ids that are not in the layer.
	for _, p := range move {
		if err := s.put(ctx, p.event, p.after.layer); err != nil {
			return Transitions{}, fmt.Errorf("memory: night of %s: move event %q: %w", symbol, p.event.ID, err)
		}
	}
	for _, p := range slices.Concat(forget, move) {
		if err := s.index.Remove(ctx, symbol, p.event.Layer, p.event.ID); err != nil {
			return Transitions{}, fmt.Errorf("memory: night of %s: take event %q out of %s: %w", symbol, p.event.ID, p.event.Layer, err)
		}
	}

	h.night = session
	for _, p := range stay {
		p.after.applyTo(p.event)
	}
	var t Transitions
	for _, p := range forget {
		p.after.applyTo(p.event)
		delete(h.layers[p.event.Layer], p.event.ID)
		h.forgotten[p.event.ID] = true
		h.record(OpPurge, session, 0, p.event)
		t.Removed = append(t.Removed, Removal{p.event.ID, p.event.Layer, p.forgotten})
	}
	for _, p := range move {
		from := p.event.Layer
		delete(h.layers[from], p.event.ID)
		p.after.applyTo(p.event)
		h.layers[p.event.Layer][p.event.ID] = p.event
		op := OpPromote
		if p.event.Layer < from {
			op = OpDemote
		}
		h.record(op, session, 0, p.event)
		t.Moved = append(t.Moved, Move{p.event.ID, from, p.event.Layer})
	}
	return t, nil
}
