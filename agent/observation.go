package agent

import (
	"time"

	"finmem/data"
)

// An Observation is all that a decision may rest on. Everything in it was public
// at AsOf, the session's cut-off.
type Observation struct {
	Day data.Day
	// Bars are the symbol's bars up to and including this session, oldest
	// first, starting at the first session of the run's look-back. Not to be
	// changed or kept.
	Bars []data.Bar
	// Early is set where the decision is taken before the session's close: its own
	// bar is not known, and the last of Bars is the newest price there is.
	Early bool
	// Account is the ledger's word on the holdings; the agent's own opinion of
	// them counts for nothing.
	Account Account
}

// AsOf is the instant up to which facts were used.
func (o Observation) AsOf() time.Time { return o.Day.Cutoff }

// An Account is the state of the symbol's own account after this session's
// settlement, marked at its close.
type Account struct {
	Cash        float64 // quote currency
	Shares      float64 // signed
	Equity      float64 // cash + shares at the close
	AverageCost float64 // per share held, fees included; 0 when flat
}

// A Lesson is a warm-up session whose outcome is shown. Return is the simple
// return from this session's close to the close of Known, the next session with
// a price, which must itself lie in the warm-up window.
type Lesson struct {
	Observation
	Return float64
	Known  data.Session
}
