package memory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Store holds the live events of any number of symbols, which know nothing of
// each other. Make one with [NewStore].
//
// Different symbols may be used from different goroutines at once; one symbol
// is used by one goroutine at a time.
type Store struct {
	cfg      Config
	seed     uint64
	embedder Identity
	index    Index

	mu      sync.RWMutex // guards the map, not what it leads to
	symbols map[string]*holdings
}

// holdings are the memory of one symbol.
type holdings struct {
	layers    [len(layerNames)]map[string]*Event // by id
	forgotten map[string]bool
	changes   []Change
	night     string // the session of the last night, "" before the first
}

// NewStore makes an empty store. seed and an event's id decide its initial
// importance; embedder is the one whose vectors the store will be given; index,
// which must be empty, finds the similarities.
func NewStore(cfg Config, seed uint64, embedder Identity, index Index) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if embedder.Name == "" || embedder.Dim < 1 {
		return nil, fmt.Errorf("memory: embedder %q of %d dimensions: want a name and at least one dimension", embedder.Name, embedder.Dim)
	}
	if index == nil {
		return nil, errors.New("memory: a store needs an index")
	}
	return &Store{cfg: cfg, seed: seed, embedder: embedder, index: index, symbols: map[string]*holdings{}}, nil
}

// Live gives the live events of a symbol, sorted by id. They are copies.
func (s *Store) Live(symbol string) []Event {
	h := s.lookup(symbol)
	if h == nil {
		return nil
	}
	var live []Event
	for _, events := range h.layers {
		for _, e := range events {
			live = append(live, copyOf(e))
		}
	}
	slices.SortFunc(live, func(a, b Event) int { return strings.Compare(a.ID, b.ID) })
	return live
}

// Get gives a copy of one live event. It reports false for an event that was
// forgotten, never known, or of another symbol.
func (s *Store) Get(symbol, id string) (Event, bool) {
	if e := s.lookup(symbol).find(id); e != nil {
		return copyOf(e), true
	}
	return Event{}, false
}

// Knows reports whether an event is live or was forgotten. [Store.Remember]
// passes such an event over, so there is no need to embed it again.
func (s *Store) Knows(symbol, id string) bool {
	h := s.lookup(symbol)
	return h != nil && (h.forgotten[id] || h.find(id) != nil)
}

// Counts says how many live events each layer of a symbol has. Every layer is
// in the map.
func (s *Store) Counts(symbol string) map[Layer]int {
	h := s.lookup(symbol)
	counts := map[Layer]int{}
	for _, l := range Layers() {
		counts[l] = 0
		if h != nil {
			counts[l] = len(h.layers[l])
		}
	}
	return counts
}

// lookup gives the memory of a symbol, nil if it has none.
func (s *Store) lookup(symbol string) *holdings {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.symbols[symbol]
}

// open gives the memory of a symbol, an empty one if it has none.
func (s *Store) open(symbol string) *holdings {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.symbols[symbol]
	if h == nil {
		h = &holdings{forgotten: map[string]bool{}}
		for l := range h.layers {
			h.layers[l] = map[string]*Event{}
		}
		s.symbols[symbol] = h
	}
	return h
}

// find gives a live event, nil if there is none of that id. A nil h holds
// nothing.
func (h *holdings) find(id string) *Event {
	if h == nil {
		return nil
	}
	for _, events := range h.layers {
		if e := events[id]; e != nil {
			return e
		}
	}
	return nil
}

// passed reports that the night of a later session is over already, so that
// nothing can happen in session any more.
func (h *holdings) passed(session string) error {
	if h != nil && session < h.night {
		return fmt.Errorf("session %s is past: the night of %s is over", session, h.night)
	}
	return nil
}

// copyOf is e with a vector and a tone of its own.
func copyOf(e *Event) Event {
	c := *e
	c.Vector = slices.Clone(e.Vector)
	if e.Tone != nil {
		tone := *e.Tone
		c.Tone = &tone
	}
	return c
}

// checkSession refuses what is not an ISO date, since sessions are compared as
// text.
func checkSession(session string) error {
	if _, err := time.Parse(time.DateOnly, session); err != nil {
		return fmt.Errorf("session %q: want YYYY-MM-DD, a day that exists", session)
	}
	return nil
}
