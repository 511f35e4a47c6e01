package backtest

import (
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
)

// A Record is all that one session did to one symbol. What is in it goes to disk
// in one transaction.
type Record struct {
	Session data.Session
	Symbol  string
	Phase   Phase
	Status  Status

	HasBar  bool          // false: no price this session; Close is the last one seen
	Close   float64       // 0 before the first price
	Account agent.Account // after settlement, marked at Close

	// Adjustments are what corporate actions did to the holdings.
	Adjustments []portfolio.Adjustment

	Settled  *Settlement     // what became of the order of an earlier session
	Decision *agent.Decision // nil unless decided or learned
	Failure  *agent.Failure  // set on an error day
	Order    *broker.Order   // queued for the next session with a price
	Notes    []string        // orders refused or not executed

	Memory []memory.Change
	State  State
}

// A Settlement is the end of an order: filled, or dropped with a note.
type Settlement struct {
	Order   broker.Order
	Fill    *broker.Fill // nil where nothing could be filled
	Clamped bool         // filled for less than was ordered
	Note    string
}
