package backtest

import (
	"cmp"

	"finmem/agent"
	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
	"finmem/memory"
)

// A Status says how a session ended for one symbol.
type Status string

const (
	StatusDecided  Status = "decided"  // a decision was reached
	StatusLearned  Status = "learned"  // a warm-up session with its outcome shown
	StatusObserved Status = "observed" // read and remembered, nothing to decide
	StatusError    Status = "error"    // the model's answers could not be read
	StatusIdle     Status = "idle"     // the trader was not asked
	StatusMissed   Status = "missed"   // read and remembered, but the decision was left out; a note says why
)

// A Record is all that one session did to one symbol. What is in it goes to disk
// in one transaction.
type Record struct {
	Session data.Session
	Symbol  string
	Phase   Phase
	Status  Status

	HasBar bool    // false: no price this session; Close is the last one seen
	Open   float64 // NaN where the session has none
	Close  float64 // 0 before the first price
	// Split is how many shares each old one became before this session's open,
	// as far as the prices do not contain it; 0 where there was no split.
	// Prices of earlier sessions are divided by it to be compared with this
	// one's.
	Split   float64
	Account agent.Account // after settlement, marked at Close

	// Adjustments are what corporate actions did to the holdings, and corrections
	// after them.
	Adjustments []portfolio.Adjustment

	Settled  *Settlement     // what became of the order of an earlier session
	Decision *agent.Decision // nil unless decided or learned
	Failure  *agent.Failure  // set on an error day
	Limited  []Limited       // what limits made of the decision, in their order
	Order    *broker.Order   // queued for the next session with a price
	Notes    []string        // orders refused or not executed

	Memory []memory.Change
	State  State
}

// split notes a split of ratio new shares for one, 0 for none.
func (r *Record) split(ratio float64) {
	if ratio != 0 {
		r.Split = cmp.Or(r.Split, 1) * ratio
	}
}

// fillPrice is where this session's order filled, or would have, before
// slippage: the open, or the close where there is none.
func (r Record) fillPrice() float64 {
	if r.HasBar && r.Open > 0 {
		return r.Open
	}
	return r.Close
}

// A Settlement is the end of an order: filled, or dropped with a note.
type Settlement struct {
	Order   broker.Order
	Fill    *broker.Fill // nil where nothing could be filled
	Clamped bool         // filled for less than was ordered
	Note    string
}
