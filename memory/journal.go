package memory

import (
	"fmt"
	"slices"
	"sort"
)

// An Op is what happened to an event.
type Op string

const (
	OpAdd      Op = "add"      // it was remembered
	OpRecall   Op = "recall"   // it was shown to a decision
	OpFeedback Op = "feedback" // a decision that cited it turned out well or badly
	OpPromote  Op = "promote"  // a night moved it to a deeper layer
	OpDemote   Op = "demote"   // a night moved it to a shallower layer
	OpPurge    Op = "purge"    // a night forgot it
)

// A Change is one thing that happened to one event, and how the event stood
// right after it. A night that only makes an event older is no change;
// [Fold] counts those.
type Change struct {
	Session string
	Symbol  string
	ID      string
	Op      Op
	// AfterNight says that the session's night had already been when this
	// happened, as it has for what a night itself does. Otherwise the event has
	// that night still before it.
	AfterNight bool
	// Points is the feedback given, 0 for all other changes.
	Points int

	Layer      Layer
	Importance float64
	Recency    float64
	Age        int
	Access     int
	Recalled   int

	// Event is the whole event on OpAdd, nil on all other changes.
	Event *Event
}

// record notes a change of e. A change cannot lie before a night that is over:
// a recall counted that late goes under that night's session.
func (h *holdings) record(op Op, session string, points int, e *Event) {
	c := Change{
		Session:    max(session, h.night),
		Symbol:     e.Symbol,
		ID:         e.ID,
		Op:         op,
		AfterNight: session <= h.night,
		Points:     points,
		Layer:      e.Layer,
		Importance: e.Importance,
		Recency:    e.Recency,
		Age:        e.Age,
		Access:     e.Access,
		Recalled:   e.Recalled,
	}
	if op == OpAdd {
		whole := copyOf(e)
		c.Event = &whole
	}
	h.changes = append(h.changes, c)
}

// TakeChanges gives what happened to a symbol's events since the last call, in
// the order it happened: the same calls give the same changes.
func (s *Store) TakeChanges(symbol string) []Change {
	h := s.lookup(symbol)
	if h == nil {
		return nil
	}
	taken := h.changes
	h.changes = nil
	return taken
}

// A State is the memory of one symbol at the end of a session, ready for
// [Store.Restore].
type State struct {
	Events    []RestoredEvent // by id
	Forgotten []string        // ids, sorted
}

// Fold works out where a symbol's memory stands after changes, all of them from
// its first on, and after nights, the sessions whose nights it has been through,
// in order. Leave out the last sessions of both to see an earlier state.
func Fold(changes []Change, nights []string) (State, error) {
	if !slices.IsSorted(nights) {
		return State{}, fmt.Errorf("memory: fold: nights are not in order")
	}
	live := map[string]Event{}
	last := map[string]Change{}
	forgotten := map[string]bool{}
	for i, c := range changes {
		e, known := live[c.ID]
		switch {
		case c.Op == OpAdd && (known || forgotten[c.ID]):
			return State{}, fmt.Errorf("memory: fold: change %d adds event %q a second time", i, c.ID)
		case c.Op == OpAdd && c.Event == nil:
			return State{}, fmt.Errorf("memory: fold: change %d adds event %q without saying what it is", i, c.ID)
		case c.Op == OpAdd:
			e = copyOf(c.Event)
		case !known:
			return State{}, fmt.Errorf("memory: fold: change %d, %s, is of event %q, which is not live", i, c.Op, c.ID)
		}
		if c.Op == OpPurge {
			delete(live, c.ID)
			forgotten[c.ID] = true
			continue
		}
		standing{c.Layer, c.Importance, c.Recency, c.Age}.applyTo(&e)
		e.Access, e.Recalled = c.Access, c.Recalled
		live[c.ID], last[c.ID] = e, c
	}

	state := State{Forgotten: sortedKeys(forgotten)}
	for _, id := range sortedKeys(live) {
		e, c := live[id], last[id]
		// The first night to count is the first after the change that knows of
		// the event at all.
		first := sort.Search(len(nights), func(i int) bool {
			after := nights[i] > c.Session || nights[i] == c.Session && !c.AfterNight
			return after && nights[i] >= e.Session
		})
		state.Events = append(state.Events, RestoredEvent{Event: e, Nights: len(nights) - first})
	}
	return state, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
