package data

import (
	"fmt"
	"time"
)

// A Session is one trading date of an exchange, in the exchange's own time
// zone, written as an ISO date such as "2026-01-02". Sessions compare in time
// order with < because ISO dates do.
//
// The type holds any valid date; whether the exchange trades on it is for a
// [Calendar] to say.
type Session string

// ParseSession reads an ISO date. It refuses dates that do not exist, such as
// 2024-02-30, rather than rolling them over.
func ParseSession(s string) (Session, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("date %q: want YYYY-MM-DD, a day that exists", s)
	}
	return Session(s), nil
}

// SessionOf is the date of t in t's own location.
func SessionOf(t time.Time) Session { return Session(t.Format(time.DateOnly)) }

// In is midnight at the start of the session's date in loc.
func (s Session) In(loc *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(s), loc)
	if err != nil {
		panic(fmt.Sprintf("data: Session %q was not made by ParseSession", string(s)))
	}
	return t
}

// AddDays is the calendar date n days later (earlier if n is negative).
func (s Session) AddDays(n int) Session {
	return SessionOf(s.In(time.UTC).AddDate(0, 0, n))
}

func (s Session) String() string { return string(s) }
