package memory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Remember adds the events that the store has never held, and says how many
// those were. One that it holds or has forgotten stays as it is, whatever the
// new copy says.
//
// The caller fills everything about the text, its vector, and Age: the number of
// sessions from the event's own to asOf. Recency follows from the age, so that
// an event that is loaded late is as old as it is. Importance is drawn where it
// is 0, see [Config.InitialImportance]. The vector is kept at length 1. Access
// and Recalled start at 0.
//
// An event whose session is after asOf is one whose outcome is known only then.
// It is kept, at age 0, but until that session it is neither recalled nor
// touched by any night.
//
// A blank text is passed over. Anything else that is not as it should be is an
// error, and then no event is added.
func (s *Store) Remember(ctx context.Context, asOf string, events []Event) (added int, err error) {
	return s.RememberLate(ctx, asOf, events, 0)
}

// RememberLate is [Store.Remember] for events that came about before asOf and
// could not be remembered then. They end up as if they had been there, bit for
// bit: the caller gives the age that they had, and each goes through the number
// of nights that have passed since. One that these nights would have forgotten is
// not added.
func (s *Store) RememberLate(ctx context.Context, asOf string, events []Event, nights int) (added int, err error) {
	if err := checkSession(asOf); err != nil {
		return 0, fmt.Errorf("memory: remember as of %w", err)
	}
	type key struct{ symbol, id string }
	seen := map[key]bool{}
	var fresh []*Event
	for _, e := range events {
		if strings.TrimSpace(e.Text) == "" {
			continue
		}
		k := key{e.Symbol, e.ID}
		if seen[k] || s.Knows(e.Symbol, e.ID) {
			continue
		}
		seen[k] = true
		entrant, err := s.newborn(e, asOf)
		if err != nil {
			return 0, fmt.Errorf("memory: remember %s event %q: %w", e.Symbol, e.ID, err)
		}
		if s.pass(entrant, nights) {
			fresh = append(fresh, entrant)
		}
	}
	for _, e := range fresh {
		if err := s.put(ctx, e, e.Layer); err != nil {
			return 0, fmt.Errorf("memory: remember %s event %q: %w", e.Symbol, e.ID, err)
		}
	}
	for _, e := range fresh {
		h := s.open(e.Symbol)
		h.layers[e.Layer][e.ID] = e
		h.record(OpAdd, asOf, 0, e)
	}
	return len(fresh), nil
}

// pass takes an event through nights and reports whether it is still there.
func (s *Store) pass(e *Event, nights int) bool {
	now := standingOf(e)
	for range nights {
		after, forgotten := s.cfg.night(now)
		if forgotten != "" {
			return false
		}
		now = after
	}
	now.applyTo(e)
	return true
}

// acceptable says what is wrong with an event that is to be remembered, its
// vector aside.
func (s *Store) acceptable(e Event, asOf string) error {
	switch {
	case e.ID == "":
		return errors.New("no id")
	case e.Symbol == "":
		return errors.New("no symbol")
	case int(e.Layer) >= len(layerNames):
		return fmt.Errorf("%s does not exist", e.Layer)
	case !utf8.ValidString(e.Text):
		return errors.New("text is not valid UTF-8")
	case !finite(e.Importance) || e.Importance < 0:
		return fmt.Errorf("importance %v: want a number of at least 0", e.Importance)
	case e.Tone != nil && !(*e.Tone >= -1 && *e.Tone <= 1):
		return fmt.Errorf("tone %v: want -1 to 1", *e.Tone)
	case e.Copies < 0:
		return fmt.Errorf("copies %d: want at least 1", e.Copies)
	}
	if err := checkSession(e.Session); err != nil {
		return err
	}
	if e.Session <= asOf && e.Age < 0 {
		return fmt.Errorf("age %d: want the sessions since %s, at least 0", e.Age, e.Session)
	}
	if e.Session > asOf && e.Age > 0 {
		return fmt.Errorf("age %d, but its session %s is after %s", e.Age, e.Session, asOf)
	}
	return s.lookup(e.Symbol).passed(asOf)
}

// newborn is the event as it enters the store.
func (s *Store) newborn(e Event, asOf string) (*Event, error) {
	if err := s.acceptable(e, asOf); err != nil {
		return nil, err
	}
	unit, err := s.unit(e.Vector)
	if err != nil {
		return nil, err
	}
	e.Vector = unit
	if e.Tone != nil {
		tone := *e.Tone
		e.Tone = &tone
	}
	if e.Session > asOf {
		e.Age = 0
	}
	if e.Importance == 0 {
		e.Importance = s.cfg.InitialImportance(s.seed, e.ID, e.Layer)
	}
	e.Recency = Retention(float64(e.Age), s.cfg.Layer(e.Layer).Stability)
	e.Copies = max(e.Copies, 1)
	e.Access, e.Recalled = 0, 0
	return &e, nil
}

// unit is a vector at length 1, if it can be one of the store's embedder.
func (s *Store) unit(vector []float32) ([]float32, error) {
	if len(vector) != s.embedder.Dim {
		return nil, fmt.Errorf("vector has %d dimensions, embedder is %s", len(vector), s.embedder)
	}
	return Unit(vector)
}

// put gives the index the vector of e under layer.
func (s *Store) put(ctx context.Context, e *Event, layer Layer) error {
	return s.index.Put(ctx, e.Symbol, layer, e.ID, e.Vector)
}
