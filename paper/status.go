package paper

import (
	"time"

	"finmem/data"
)

// A Health is what the loop says of itself, for /healthz, /readyz and
// `finmem paper status`. The loop keeps it in its folder, so that it can be read
// while the loop runs and after it has ended.
type Health struct {
	// Beat is when the loop last did something; a loop that waits beats too.
	Beat time.Time `json:"beat"`
	// Ready is set once start-up has reconciled with the broker.
	Ready bool `json:"ready"`
	// Doing is one line: "waiting", "session 2026-11-25: asking the model".
	Doing string `json:"doing"`
	// Next is the decision that the loop waits for.
	Next     data.Session `json:"next,omitempty"`
	NextTime time.Time    `json:"nextTime,omitzero"`
	// Last is the last session in the journal.
	Last data.Session `json:"last,omitempty"`
	// Halted says why no order is sent, "" where orders are.
	Halted string `json:"halted,omitempty"`
	// Fault is the last failure that has not been put right since.
	Fault string `json:"fault,omitempty"`
	// ErrorDays in a row, and Missed sessions since the start.
	ErrorDays int `json:"errorDays"`
	Missed    int `json:"missed"`
	// Equity by symbol at the last session, as decimal text, and Orders open.
	Equity map[string]string `json:"equity,omitempty"`
	Orders int               `json:"openOrders"`
}
