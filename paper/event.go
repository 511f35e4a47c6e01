package paper

import (
	"time"

	"finmem/data"
)

// A Kind says what an [Event] is about.
type Kind string

const (
	Decided   Kind = "decision"  // a decision was reached and is in the journal
	ErrorDay  Kind = "error day" // none was reached
	Missed    Kind = "missed"    // the decision time had passed beyond the tolerance
	Sent      Kind = "order"     // an order was accepted by the broker
	Fill      Kind = "fill"      // an order ended with something filled
	NotFilled Kind = "no fill"   // an order ended, or was never sent, with nothing filled
	Breach    Kind = "breach"    // a limit changed or refused an order
	Corrected Kind = "corrected" // the ledger differed from the broker and follows it
	Halted    Kind = "halt"
	Resumed   Kind = "resume"
	Trouble   Kind = "trouble" // something failed and will be tried again
	Finished  Kind = "session" // a session is whole: committed, its orders sent
)

// An Event is something that happened, as logs, metrics and the webhook tell it.
// None holds a secret. Text is hostile where it comes from a model or a broker.
type Event struct {
	At      time.Time    `json:"at"`
	Kind    Kind         `json:"kind"`
	Session data.Session `json:"session,omitempty"`
	Symbol  string       `json:"symbol,omitempty"`
	// Text is one line for a person.
	Text string `json:"text"`
	// Fields are figures for a machine, such as "shares", "price", "equity",
	// "action", "clientOrderId": decimal numbers as text.
	Fields map[string]string `json:"fields,omitempty"`
}

// An Observer hears of events as they happen, in order, from one goroutine. It
// must return soon and cannot fail: what tells others (a webhook) queues.
type Observer interface {
	Observe(Event)
}
