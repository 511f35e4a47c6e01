package paper

import (
	"fmt"
	"time"

	"finmem/data"
)

// A Schedule says when sessions are decided.
type Schedule struct {
	Calendar *data.Calendar
	// After is how long after a session's close its decision is taken; negative
	// before it.
	After time.Duration
	// Tolerance is how late a decision may be taken. Later the session is read,
	// and nothing is traded.
	Tolerance time.Duration
}

// Decision is when session s is decided. Half days close early, and so are
// decided early.
func (c Schedule) Decision(s data.Session) time.Time { return c.Calendar.Close(s).Add(c.After) }

// Deadline is the last moment at which session s may still be decided.
func (c Schedule) Deadline(s data.Session) time.Time { return c.Decision(s).Add(c.Tolerance) }

// PriceBy is until when a price of session s that is missing is waited for: a
// while before the deadline, so that the symbols that have theirs are still
// decided in time.
func (c Schedule) PriceBy(s data.Session) time.Time { return c.Deadline(s).Add(-c.Tolerance / 6) }

// Early reports whether decisions are taken before the close.
func (c Schedule) Early() bool { return c.After < 0 }

// Fills is the session in which an order that was decided on s is to fill: the
// next one, or with decisions before the close the same.
func (c Schedule) Fills(s data.Session) (data.Session, error) {
	if c.Early() {
		return s, nil
	}
	return c.Calendar.Next(s)
}

// SendBy is the moment after which an order that was decided on s is not sent any
// more: when the market opens that is to fill it, or with decisions before the
// close when it closes.
func (c Schedule) SendBy(s data.Session) (time.Time, error) {
	if c.Early() {
		return c.Calendar.Close(s), nil
	}
	next, err := c.Calendar.Next(s)
	if err != nil {
		return time.Time{}, err
	}
	by := c.Calendar.Open(next)
	if last := c.Deadline(s); by.Before(last) { // a market that never closes
		by = last
	}
	return by, nil
}

// First is the first session that can still be decided at now.
func (c Schedule) First(now time.Time) (data.Session, error) {
	// A day earlier is early enough, also where a session is decided on the next date.
	from := data.SessionOf(now.In(c.Calendar.Location())).AddDays(-2)
	for s := from; ; {
		next, err := c.Calendar.Next(s)
		if err != nil {
			return "", err
		}
		if !now.After(c.Deadline(next)) {
			return next, nil
		}
		s = next
	}
}

// Validate refuses times at which no decision could be taken.
func (c Schedule) Validate() error {
	if c.Calendar == nil {
		return fmt.Errorf("a schedule needs a calendar")
	}
	// The shortest session of the NYSE has three and a half hours.
	if c.After < -3*time.Hour || c.After > 12*time.Hour {
		return fmt.Errorf("decision %s after the close: want from 3 hours before to 12 hours after it", c.After)
	}
	// A wait ends a moment after its time, so that without any tolerance nothing
	// would ever be in time.
	if c.Tolerance < time.Minute || c.Tolerance > 12*time.Hour {
		return fmt.Errorf("tolerance %s: want from 1 minute to 12 hours", c.Tolerance)
	}
	if last := c.After + c.Tolerance; last > c.latest() {
		return fmt.Errorf("decision %s after the close with a tolerance of %s: together they are %s, and the next session is too near from %s on", c.After, c.Tolerance, last, c.latest())
	}
	if c.Early() && c.After+c.Tolerance > 0 {
		return fmt.Errorf("decision %s before the close with a tolerance of %s: it could fall after the close", -c.After, c.Tolerance)
	}
	return nil
}

// latest is how long after a close its session may still be decided: half an hour
// before the next open, which on a trading day of the NYSE is 17½ hours after the
// close, or where markets never close an hour before the next close.
func (c Schedule) latest() time.Duration {
	if c.neverCloses() {
		return 23 * time.Hour
	}
	return 17 * time.Hour
}

// neverCloses reports whether each session opens when the one before it closes.
func (c Schedule) neverCloses() bool {
	first, _ := c.Calendar.Bounds()
	s, err := c.Calendar.Next(first)
	if err != nil {
		return false
	}
	next, err := c.Calendar.Next(s)
	return err == nil && c.Calendar.Open(next).Equal(c.Calendar.Close(s))
}

// ValidateLive refuses, beyond Validate, times at which the open that is to fill an
// order is past before the order can be sent. Only what is played back may be
// filled there, as a backtest is.
func (c Schedule) ValidateLive() error {
	if err := c.Validate(); err != nil {
		return err
	}
	if !c.Early() && c.neverCloses() {
		return fmt.Errorf("decision %s after the close: this market never closes, so that the open that an order would fill at is past by then; want a time before the close, such as 15m", c.After)
	}
	return nil
}
