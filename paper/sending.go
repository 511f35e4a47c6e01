package paper

// A Sending is how far an order on its way to the broker has come.
type Sending struct {
	ClientID string `json:"clientOrderId,omitempty"`
	// Accepted is set once the broker is known to have the order.
	Accepted bool `json:"accepted"`
	// Dropped says why the order is not sent, or was refused.
	Dropped string `json:"dropped,omitempty"`
	// Note says why fewer shares were sent than were ordered.
	Note string `json:"note,omitempty"`
}

// ReadSending reads how far the orders of a loop's folder have come, by the order's
// id. One that is not among them has not been sent.
func ReadSending(dir string) (map[string]Sending, error) {
	s, err := readState(dir)
	if err != nil {
		return nil, err
	}
	list := make(map[string]Sending, len(s.Outbox))
	for id, o := range s.Outbox {
		list[id] = Sending{ClientID: o.ClientID, Accepted: o.Accepted, Dropped: o.Dropped, Note: o.Note}
	}
	return list, nil
}
