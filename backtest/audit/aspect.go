package audit

import (
	"encoding/json"
	"fmt"
	"strings"

	"finmem/agent"
	"finmem/backtest"
	"finmem/memory"
)

// An aspect is one thing that two runs of a session are compared by, written
// out. Numbers are written with all their digits.
type aspect struct{ name, text string }

// aspects writes a record out, what comes first in a session first.
//
// The state of the ledger is not among them: account and orders show it. Nor are
// vectors, which follow from the texts, and the tokens used, which a provider
// may count differently twice.
func aspects(r backtest.Record) []aspect {
	var trace agent.Trace
	var outcome any
	switch {
	case r.Decision != nil:
		trace = r.Decision.Trace
		outcome = struct {
			Action     agent.Action
			Confidence *float64
			Reason     string
			Cited      []string
		}{r.Decision.Action, r.Decision.Confidence, r.Decision.Reason, filled(r.Decision.Cited)}
	case r.Failure != nil:
		trace = r.Failure.Trace
		outcome = struct{ Failure string }{r.Failure.Reason}
	}
	return []aspect{
		{"session", fmt.Sprintf("%s, %s, price %t %v", r.Phase, r.Status, r.HasBar, r.Close)},
		{"account", written(r.Account)},
		{"settlement", written(r.Settled)},
		{"query", trace.Query},
		{"offered memories", lines(trace.Offered)},
		{"feedback", lines(trace.Feedback)},
		{"instructions", trace.System + "\n" + string(trace.Schema)},
		{"prompt", trace.Prompt},
		{"answers", lines(told(trace.Answers))},
		{"decision", written(outcome)},
		{"limits", lines(r.Limited)},
		{"order", written(r.Order)},
		{"memory", lines(remembered(r.Memory))},
	}
}

// filled makes a nil list an empty one: what comes back from a file has no nil.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func written(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%+v (%v)", v, err)
	}
	return string(text)
}

func lines[T any](list []T) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = written(v)
	}
	return strings.Join(parts, "\n")
}

// told is what the model answered and what was wrong about it.
func told(attempts []agent.Attempt) []agent.Attempt {
	out := make([]agent.Attempt, len(attempts))
	for i, a := range attempts {
		out[i] = agent.Attempt{Text: a.Text, Fault: a.Fault}
	}
	return out
}

// remembered is what happened in the memory, an event that entered it in full.
func remembered(changes []memory.Change) []any {
	var out []any
	for _, c := range changes {
		event := c.Event
		c.Event = nil
		if event == nil {
			out = append(out, c)
			continue
		}
		out = append(out, struct {
			memory.Change
			Source, Known, Part, Text string
			Tone                      *float64
			Copies                    int
		}{c, event.Source, event.Session, event.Part, event.Text, event.Tone, event.Copies})
	}
	return out
}
