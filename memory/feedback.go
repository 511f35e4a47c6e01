package memory

import "fmt"

// Feedback credits or blames events for what a decision that cited them earned:
// each gains points times the configured FeedbackPoints of importance (5 per
// point), and its access count changes by points. It gives back the ids it
// reached, in the order they came.
//
// An id that is no longer live, belongs to another symbol, is of a session after
// this one or comes a second time is left out. An event that has changed layer
// since is reached all the same. Zero points change nothing and reach nobody.
func (s *Store) Feedback(symbol, session string, ids []string, points int) (applied []string, err error) {
	h := s.lookup(symbol)
	if err := checkSession(session); err != nil {
		return nil, fmt.Errorf("memory: feedback to %s: %w", symbol, err)
	}
	if err := h.passed(session); err != nil {
		return nil, fmt.Errorf("memory: feedback to %s: %w", symbol, err)
	}
	if points == 0 {
		return nil, nil
	}
	for _, e := range h.known(session, ids) {
		e.Importance += float64(s.cfg.FeedbackPoints * float64(points))
		e.Access += points
		h.record(OpFeedback, session, points, e)
		applied = append(applied, e.ID)
	}
	return applied, nil
}

// MarkRecalled counts that events were shown to a decision: Recalled rises by 1
// for each. Ids are left out as by [Store.Feedback]. Only a decision calls it;
// looking at the memory is no use of it.
func (s *Store) MarkRecalled(symbol, session string, ids []string) {
	h := s.lookup(symbol)
	for _, e := range h.known(session, ids) {
		e.Recalled++
		h.record(OpRecall, session, 0, e)
	}
}

// known gives the live events among ids that session may know of, each once, in
// the order of ids.
func (h *holdings) known(session string, ids []string) []*Event {
	var events []*Event
	seen := map[string]bool{}
	for _, id := range ids {
		e := h.find(id)
		if e == nil || e.Session > session || seen[id] {
			continue
		}
		seen[id] = true
		events = append(events, e)
	}
	return events
}
