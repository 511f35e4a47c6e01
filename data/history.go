package data

import "time"

// A History is all that is known of one symbol: bars, news, filings and
// corporate actions, each oldest first.
type History struct {
	Symbol  string
	Bars    []Bar
	News    []News
	Filings []Filing
	Actions []Action
}

// A Day is what may be seen of one symbol at one session's cut-off, and nothing
// else. HasBar is false where the session has no price; Bar is then empty.
type Day struct {
	Session Session
	Symbol  string
	Cutoff  time.Time
	HasBar  bool
	Bar     Bar
	News    []News
	Filings []Filing
}
