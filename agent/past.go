package agent

import (
	"fmt"
	"math"

	"finmem/data"
)

// A Past is what later sessions need to know of an earlier one. All of it is in
// a run's journal.
type Past struct {
	Session data.Session
	Equity  float64 // the account's, at the session's close
	// Unpriced is set where the session's own bar was not known then: it had none,
	// or the decision was taken before its close.
	Unpriced bool
	// Action is what was decided, "" where nothing was: the session failed or
	// was only observed.
	Action Action
	Reason string
	Cited  []string
	// Shown marks a warm-up decision, whose outcome was told beforehand. It is
	// judged by the next session with a price instead of by the look-back.
	Shown bool
	// Reflection is what the session left behind. Only that of the last session is
	// needed: it is the one that the memory does not have yet.
	Reflection Reflection
}

func (p Past) decided() bool { return p.Action != "" }

// wait is the number of sessions with a price after which p is judged.
func (p Past) wait(cfg Config) int {
	if p.Shown {
		return 1
	}
	return cfg.LookBack
}

// Past lists the sessions that the agent has been through, oldest first.
func (a *Agent) Past() []Past { return append([]Past(nil), a.past...) }

// Restore puts a new agent where an earlier one stood. past are all sessions
// that one was handed, oldest first and none left out: which decisions are summed
// up together depends on their number. The memory is restored apart from this.
func (a *Agent) Restore(past []Past) error {
	if len(a.past) > 0 {
		return fmt.Errorf("agent: restore after session %s: only a new agent can be restored", a.past[len(a.past)-1].Session)
	}
	for i, p := range past {
		if i > 0 && p.Session <= past[i-1].Session {
			return fmt.Errorf("agent: restore: session %s comes after %s", p.Session, past[i-1].Session)
		}
		if p.decided() {
			if _, err := ParseAction(string(p.Action)); err != nil {
				return fmt.Errorf("agent: restore session %s: %w", p.Session, err)
			}
		}
	}
	a.past = append([]Past(nil), past...)
	return nil
}

// trailingReturn is the account's simple return over the last n sessions up to
// one whose equity is now; nil where there are not n yet or the equity then was
// not above zero.
func (a *Agent) trailingReturn(now float64, n int) *float64 {
	if len(a.past) < n {
		return nil
	}
	before := a.past[len(a.past)-n].Equity
	r := now/before - 1
	if before <= 0 || math.IsNaN(r) || math.IsInf(r, 0) {
		return nil
	}
	return &r
}
