package decisions

import (
	"slices"

	"finmem/agent"
	"finmem/data"
)

// A Series is decisions laid against the sessions that have a price, and what
// did not fit.
type Series struct {
	// Actions has one entry per session, "" where there was no decision.
	Actions []agent.Action
	// Missing is the sessions with a price and without a decision. What an
	// absent decision means is for the protocol to say.
	Missing []data.Session
	// Unpriced is the decisions from the first session to the last whose date is
	// not one of them. They cannot be acted on and are left out.
	Unpriced []Decision
	// Repeated is the sessions decided more than once. The first row counts: a
	// decision that was taken is not taken back by a later line.
	Repeated []Repeat
	// Outside counts the decisions before the first session or after the last.
	Outside int
}

// A Repeat is a session with more than one row.
type Repeat struct {
	Session data.Session
	Lines   []int
	// Conflict is set where the rows do not all say the same.
	Conflict bool
}

// Align lays decisions against sessions, which are in order of time. The order
// of the decisions does not matter, except that of several on one session the
// one with the lowest line counts.
func Align(list []Decision, sessions []data.Session) Series {
	s := Series{Actions: make([]agent.Action, len(sessions))}
	if len(sessions) == 0 {
		s.Outside = len(list)
		return s
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b Decision) int {
		if a.Session != b.Session {
			if a.Session < b.Session {
				return -1
			}
			return 1
		}
		return a.Line - b.Line
	})
	first, last := sessions[0], sessions[len(sessions)-1]
	decided := make([]bool, len(sessions))
	for i := 0; i < len(sorted); {
		same := i
		for same < len(sorted) && sorted[same].Session == sorted[i].Session {
			same++
		}
		rows := sorted[i:same]
		i = same
		if rows[0].Session < first || rows[0].Session > last {
			s.Outside += len(rows)
			continue
		}
		at, priced := slices.BinarySearch(sessions, rows[0].Session)
		if !priced {
			s.Unpriced = append(s.Unpriced, rows...)
			continue
		}
		if len(rows) > 1 {
			s.Repeated = append(s.Repeated, repeat(rows))
		}
		s.Actions[at] = rows[0].Action
		decided[at] = rows[0].Action != ""
	}
	for i, ok := range decided {
		if !ok {
			s.Missing = append(s.Missing, sessions[i])
		}
	}
	return s
}

func repeat(rows []Decision) Repeat {
	r := Repeat{Session: rows[0].Session}
	for _, d := range rows {
		r.Lines = append(r.Lines, d.Line)
		r.Conflict = r.Conflict || d.Action != rows[0].Action
	}
	return r
}
