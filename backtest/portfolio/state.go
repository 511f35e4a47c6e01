package portfolio

import (
	"fmt"

	"github.com/quagmt/udecimal"
)

// A State is a ledger as the run's record keeps it. Numbers are decimal strings,
// so that nothing is lost on the way to JSON and back.
type State struct {
	Cash   string `json:"cash"`
	Shares string `json:"shares"`
	Cost   string `json:"cost"` // cost basis of what is held, fees included
	Short  bool   `json:"short,omitempty"`
	// Follows is set where the account is at a broker, see [Follow].
	Follows bool `json:"follows,omitempty"`
}

// State is the ledger's state. [FromState] gives the same ledger back.
func (l *Ledger) State() State {
	return State{Cash: l.cash.String(), Shares: l.shares.String(), Cost: l.cost.String(), Short: l.short, Follows: l.follows}
}

// FromState is the ledger of a state. It refuses numbers that cannot be read and
// those that no ledger can come to: negative cash, a short position where none
// is allowed, shares finer than a billionth, a cost basis without shares.
func FromState(s State) (*Ledger, error) {
	l := Ledger{short: s.Short, follows: s.Follows}
	for _, field := range []struct {
		name string
		text string
		into *Decimal
	}{{"cash", s.Cash, &l.cash}, {"shares", s.Shares, &l.shares}, {"cost", s.Cost, &l.cost}} {
		d, err := udecimal.Parse(field.text)
		if err != nil {
			return nil, fmt.Errorf("ledger: %s %q is not a decimal number: %w", field.name, field.text, err)
		}
		*field.into = d
	}
	if fault := l.fault(); fault != "" {
		return nil, fmt.Errorf("ledger: %s", fault)
	}
	switch {
	case !l.shares.Equal(l.shares.Trunc(9)):
		return nil, fmt.Errorf("ledger: %s shares have more than 9 decimals", l.shares)
	case l.shares.IsZero() && !l.cost.IsZero():
		return nil, fmt.Errorf("ledger: a cost of %s for no shares", l.cost)
	case l.shares.IsPos() && l.cost.IsNeg():
		return nil, fmt.Errorf("ledger: %s shares held at a cost of %s, which is below zero", l.shares, l.cost)
	}
	return &l, nil
}
