package evaluation

import (
	"fmt"
	"strings"

	"finmem/agent"
	"finmem/backtest/decisions"
	"finmem/data"
)

// A Coverage says what a file had and what of it was used.
type Coverage struct {
	Buys  int `json:"buys"`
	Sells int `json:"sells"`
	Holds int `json:"holds"`
	// Missing is the sessions with a price and without a decision. The last of
	// the window is not among them: its decision would have no outcome.
	Missing []data.Session `json:"missing"`
	// Unpriced is the dates inside the window that have a decision and no price.
	Unpriced []data.Session `json:"unpriced"`
	Repeated []Repeat       `json:"repeated"`
	Outside  int            `json:"outsideWindow"`
	Blank    int            `json:"blankRows"`
}

// A Repeat is a session that a file decides more than once.
type Repeat struct {
	Session  data.Session `json:"session"`
	Lines    []int        `json:"lines"`
	Conflict bool         `json:"conflict"`
}

func cover(s decisions.Series, sessions []data.Session, blank int) *Coverage {
	c := &Coverage{Missing: []data.Session{}, Unpriced: []data.Session{}, Repeated: []Repeat{}, Outside: s.Outside, Blank: blank}
	for _, a := range s.Actions {
		switch a {
		case agent.Buy:
			c.Buys++
		case agent.Sell:
			c.Sells++
		case agent.Hold:
			c.Holds++
		}
	}
	for _, m := range s.Missing {
		if m != sessions[len(sessions)-1] {
			c.Missing = append(c.Missing, m)
		}
	}
	for _, d := range s.Unpriced {
		c.Unpriced = append(c.Unpriced, d.Session)
	}
	for _, r := range s.Repeated {
		c.Repeated = append(c.Repeated, Repeat{r.Session, r.Lines, r.Conflict})
	}
	return c
}

// warn says what of a row's file did not fit, and what was made of it.
func (e *Evaluation) warn(row Row) {
	c := row.Decisions
	say := func(format string, a ...any) {
		e.Warnings = append(e.Warnings, row.Name+": "+fmt.Sprintf(format, a...))
	}
	if len(c.Missing) > 0 {
		say("no decision on %s with a price: %s", span(c.Missing), e.Conventions.MissingDecision)
	}
	if len(c.Unpriced) > 0 {
		say("decisions without a price left out, of %s", span(c.Unpriced))
	}
	if len(c.Repeated) > 0 {
		var twice []data.Session
		conflicts := 0
		for _, r := range c.Repeated {
			twice = append(twice, r.Session)
			if r.Conflict {
				conflicts++
			}
		}
		say("more than one decision on %s, %d of them unlike: the first row counts", span(twice), conflicts)
	}
	if c.Buys+c.Sells+c.Holds == 0 {
		say("no decision at all inside the window")
	}
}

// warnStated says where stated figures are of another window than this one.
func (e *Evaluation) warnStated() {
	said := map[Stated]bool{}
	for _, row := range e.Rows {
		for _, s := range row.Stated {
			window := Stated{Table: s.Table, From: s.From, To: s.To}
			if said[window] || s.From == "" || s.To == "" || (s.From == e.From && s.To == e.To) {
				continue
			}
			said[window] = true
			e.Warnings = append(e.Warnings, fmt.Sprintf("the stated figures of table %q are said to be of %s to %s; these are of %s to %s", s.Table, s.From, s.To, e.From, e.To))
		}
	}
}

// span names dates: all of a few, the ends of many.
func span(dates []data.Session) string {
	n := len(dates)
	if n > 4 {
		return fmt.Sprintf("%d sessions from %s to %s", n, dates[0], dates[n-1])
	}
	names := make([]string, n)
	for i, d := range dates {
		names[i] = string(d)
	}
	return strings.Join(names, ", ")
}
