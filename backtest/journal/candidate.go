package journal

import (
	"encoding/json"

	"finmem/agent"
)

// candidates are the memories that were recalled: those offered, then those that
// the prompt had no room for, which say under what bound.
func candidates(t agent.Trace) []any {
	list := make([]any, 0, len(t.Offered)+len(t.LeftOut))
	for _, o := range t.Offered {
		list = append(list, o)
	}
	for _, o := range t.LeftOut {
		list = append(list, o)
	}
	return list
}

// recalled reads [candidates] back into a trace.
type recalled struct{ *agent.Trace }

func (r recalled) UnmarshalJSON(text []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	for _, item := range list {
		var o agent.Omission
		if err := json.Unmarshal(item, &o); err != nil {
			return err
		}
		if o.Bound != "" {
			r.LeftOut = append(r.LeftOut, o)
			continue
		}
		var offer agent.Offer
		if err := json.Unmarshal(item, &offer); err != nil {
			return err
		}
		r.Offered = append(r.Offered, offer)
	}
	return nil
}
