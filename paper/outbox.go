package paper

import (
	"fmt"
	"path/filepath"
)

// An outgoing order is what the loop knows of an order on its way, beside what
// is in the journal.
type outgoing struct {
	ClientID string `json:"clientOrderId"`
	// Shares are those that are sent where they are fewer than were ordered, with
	// the reason in Note.
	Shares *Decimal `json:"shares,omitempty"`
	Note   string   `json:"note,omitempty"`
	// Accepted is set once the broker is known to have the order.
	Accepted bool `json:"accepted,omitempty"`
	// Dropped says why the order is not sent, or was refused: the broker does not
	// have it and never will.
	Dropped string `json:"dropped,omitempty"`
}

// A state is what the loop has to know after a restart and the journal does not
// hold. All of it can be lost without an order being lost or doubled.
type state struct {
	// Apart is the cash in the account that is not the books': what was there
	// beyond their sum when the loop first started. nil before that.
	Apart *Decimal `json:"cashApart,omitempty"`
	// Broker is the account's name when the loop first started: ledger, client ids
	// and orders on their way are of that account.
	Broker string `json:"broker,omitempty"`
	// Outbox is by the order's id.
	Outbox map[string]outgoing `json:"outbox,omitempty"`
	Missed int                 `json:"missed,omitempty"`
}

func readState(dir string) (state, error) {
	var s state
	if _, err := readJSON(filepath.Join(dir, stateFile), &s); err != nil {
		return s, fmt.Errorf("reading the loop's state: %w", err)
	}
	if s.Outbox == nil {
		s.Outbox = map[string]outgoing{}
	}
	return s, nil
}

// save writes the state. What is in it is on the disk when it returns.
func (l *Loop) save() error {
	l.saved = l.state.Missed
	return writeJSON(filepath.Join(l.Dir, stateFile), l.state)
}
