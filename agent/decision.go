package agent

import (
	"encoding/json"
	"fmt"
	"strings"

	"finmem/data"
	"finmem/memory"
)

// An Action is what the agent wants for the next session. The zero value is no
// action at all; it is not Hold.
type Action string

const (
	Buy  Action = "buy"
	Sell Action = "sell"
	Hold Action = "hold"
)

// ParseAction reads an action in any case. Anything else, including a sentence
// that contains one of the words, is refused.
func ParseAction(s string) (Action, error) {
	switch a := Action(strings.ToLower(strings.TrimSpace(s))); a {
	case Buy, Sell, Hold:
		return a, nil
	}
	return "", fmt.Errorf("%q is not buy, sell or hold", s)
}

// A Decision is one valid answer and all that explains it.
type Decision struct {
	Action     Action
	Reason     string
	Confidence *float64 // in [0, 1]; nil where the model gave none
	// Cited are the ids of the offered events that the answer named, in the
	// order they were offered.
	Cited []string
	Trace Trace
}

// A Trace records how a decision came about.
type Trace struct {
	Query       string          // the text whose neighbours were recalled
	Offered     []Offer         // what the prompt showed, in prompt order
	LeftOut     []Omission      // what it had no room for, as it was left out
	System      string          // the stable part of the prompt
	Prompt      string          // the session's part of the prompt
	Answers     []Attempt       // every answer of the model, the last one valid unless the session failed
	Warnings    []string        // dropped citations and the like
	Inclination string          // the risk inclination in force
	Schema      json.RawMessage // the schema the answer was held against
	// Feedback is what this session made known of earlier decisions.
	Feedback []Feedback
	// Reflection is what the session leaves behind in the agent's own words.
	Reflection Reflection
}

// A Reflection is the text that keeps a decision and its reason. It is placed
// together with the next session's texts, in one request to the embedder, and so
// enters the memory there; nothing could recall it earlier. The zero value is
// none.
type Reflection struct {
	Known data.Session `json:"known"` // the first session that may know of it
	Text  string       `json:"text"`
}

// An Offer is one memory that was shown to the model. Number is how the prompt
// called it; the score is as it was at recall.
type Offer struct {
	Number int          `json:"number"`
	ID     string       `json:"id"`
	Layer  memory.Layer `json:"layer"`
	Score  memory.Score `json:"score"`
}

// An Attempt is one answer of the model and why it was refused, if it was.
type Attempt struct {
	Text  string `json:"text"`
	Fault string `json:"fault,omitempty"`
	Usage Usage  `json:"usage"`
}

// Usage counts tokens. Estimated is set where the provider gave no figures.
type Usage struct {
	InputTokens  int  `json:"inputTokens"`
	OutputTokens int  `json:"outputTokens"`
	Estimated    bool `json:"estimated"`
}

// Feedback says that a decision's outcome came to be known: the memories it
// cited gained (+1) or lost (-1) standing.
type Feedback struct {
	Decided data.Session `json:"decided"`
	Return  float64      `json:"return"` // of the decision's direction over the look-back window
	Points  int          `json:"points"` // +1, -1, or 0 where the outcome says nothing
	IDs     []string     `json:"ids"`    // of the memories it reached: cited, still live, and Points not 0
}

// A Failure is a session on which no decision was reached although the model
// answered. The session counts as an error day; the position stays.
type Failure struct {
	Session data.Session
	Reason  string
	// Trace holds what was asked and answered.
	Trace Trace
}

func (f *Failure) Error() string {
	return fmt.Sprintf("no decision for session %s: %s", f.Session, f.Reason)
}
