package data

import (
	"fmt"
	"time"
)

// A Calendar says on which dates an exchange trades, and when each session
// opens and closes. It covers a bounded span of dates; what lies outside is an
// error, never a guess. A Calendar does not change once made and may be used
// from several goroutines.
type Calendar struct {
	name string
	loc  *time.Location
	// first and last bound the dates the calendar speaks about, as day numbers.
	first, last int
	sessions    []Session
	// upTo[d] counts the sessions from the first date up to and including date
	// first+d, so that every question about dates is one look-up.
	upTo []int32
	// regular hours, in minutes after midnight in loc; hours holds the sessions
	// that differ.
	regular hours
	special map[Session]hours
}

// hours are the minutes after midnight at which a session opens and closes.
// 1440 is the midnight that ends the date.
type hours struct{ open, close int }

// CalendarByName finds a calendar by the name that dataset.toml uses: "NYSE" or
// "24/7".
func CalendarByName(name string) (*Calendar, error) {
	maker, err := calendarMaker(name)
	if err != nil {
		return nil, err
	}
	return maker(), nil
}

// calendarMaker finds the function that makes a calendar, so that a name can be
// checked without making its tables.
func calendarMaker(name string) (func() *Calendar, error) {
	switch name {
	case "NYSE":
		return NYSE, nil
	case "24/7":
		return Always, nil
	}
	return nil, fmt.Errorf("calendar %q: want %q or %q", name, "NYSE", "24/7")
}

// The dates that the calendars cover.
const (
	calendarFirst Session = "1990-01-01"
	calendarLast  Session = "2030-12-31"
)

// Always is the calendar of markets that never close, such as those of
// crypto-currencies, from 1990-01-01 to 2030-12-31. A session is a UTC date: it
// opens at 00:00 and closes at 24:00 UTC. Its name is "24/7".
func Always() *Calendar {
	return newCalendar("24/7", time.UTC, hours{0, 24 * 60}, nil, func(int, time.Weekday) bool { return true })
}

// newCalendar makes the tables of a calendar from its rule, which says of a day
// number and its weekday whether it is a session.
func newCalendar(name string, loc *time.Location, regular hours, special map[Session]hours, trades func(int, time.Weekday) bool) *Calendar {
	c := &Calendar{name: name, loc: loc, regular: regular, special: special}
	c.first, _ = dayNumber(calendarFirst)
	c.last, _ = dayNumber(calendarLast)
	days := c.last - c.first + 1
	c.upTo = make([]int32, days)
	c.sessions = make([]Session, 0, days)
	dates := calendarDates()
	weekday := calendarFirst.In(time.UTC).Weekday()
	for i := range days {
		if trades(c.first+i, (weekday+time.Weekday(i))%7) {
			c.sessions = append(c.sessions, Session(dates[i*len(calendarFirst):(i+1)*len(calendarFirst)]))
		}
		c.upTo[i] = int32(len(c.sessions))
	}
	return c
}

// calendarDates is all dates of a calendar written one after the other. A
// calendar is made for every file that is read; formatting each date by itself
// was most of the work.
func calendarDates() string {
	first, last := calendarFirst.In(time.UTC), calendarLast.In(time.UTC)
	var text []byte
	for month := first; !month.After(last); month = month.AddDate(0, 1, 0) {
		start := month.Format("2006-01-")
		for day := range month.AddDate(0, 1, -1).Day() {
			text = append(text, start...)
			text = append(text, byte('0'+(day+1)/10), byte('0'+(day+1)%10))
		}
	}
	return string(text)
}

const secondsPerDay = 24 * 60 * 60

// dayNumber counts the days from 1970-01-01 to s.
func dayNumber(s Session) (int, error) {
	t, err := time.Parse(time.DateOnly, string(s))
	if err != nil {
		return 0, fmt.Errorf("date %q: want YYYY-MM-DD, a day that exists", string(s))
	}
	return int(t.Unix() / secondsPerDay), nil
}

// Name is the name that [CalendarByName] knows.
func (c *Calendar) Name() string { return c.name }

// Location is the exchange's time zone.
func (c *Calendar) Location() *time.Location { return c.loc }

// Bounds are the first and the last date the calendar speaks about, whether
// sessions or not.
func (c *Calendar) Bounds() (first, last Session) { return calendarFirst, calendarLast }

// IsSession reports whether the exchange trades on the date s. It is false for
// dates outside the calendar.
func (c *Calendar) IsSession(s Session) bool {
	i, err := c.day(s)
	if err != nil {
		return false
	}
	return i == 0 && c.upTo[0] == 1 || i > 0 && c.upTo[i] > c.upTo[i-1]
}

// day is the place of s in upTo.
func (c *Calendar) day(s Session) (int, error) {
	n, err := dayNumber(s)
	if err != nil {
		return 0, err
	}
	if n < c.first || n > c.last {
		return 0, c.outside(s)
	}
	return n - c.first, nil
}

func (c *Calendar) outside(s Session) error {
	return fmt.Errorf("date %s is outside the %s calendar, which covers %s to %s", s, c.name, calendarFirst, calendarLast)
}

// Open is the instant at which session s starts. The date must be a session.
func (c *Calendar) Open(s Session) time.Time { return c.at(s, c.hoursOf(s).open) }

// Close is the instant at which session s ends, on half days earlier than
// usual. The date must be a session.
func (c *Calendar) Close(s Session) time.Time { return c.at(s, c.hoursOf(s).close) }

// HalfDay reports whether session s closes earlier than usual.
func (c *Calendar) HalfDay(s Session) bool { return c.hoursOf(s).close < c.regular.close }

func (c *Calendar) hoursOf(s Session) hours {
	if h, ok := c.special[s]; ok {
		return h
	}
	return c.regular
}

// shortest is the length of the shortest session.
func (c *Calendar) shortest() time.Duration {
	minutes := c.regular.close - c.regular.open
	for _, h := range c.special {
		minutes = min(minutes, h.close-h.open)
	}
	return time.Duration(minutes) * time.Minute
}

// at is a wall-clock time of a date. Adding minutes to midnight would be an
// hour off on the days the clocks change, so the clock time is spelled out.
func (c *Calendar) at(s Session, minute int) time.Time {
	t := s.In(time.UTC)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, minute, 0, 0, c.loc)
}

// Next is the first session after the date s, which need not be a session.
func (c *Calendar) Next(s Session) (Session, error) {
	i, err := c.day(s)
	if err != nil {
		return "", err
	}
	return c.session(int(c.upTo[i]), "after", s)
}

// Prev is the last session before the date s, which need not be a session.
func (c *Calendar) Prev(s Session) (Session, error) {
	i, err := c.day(s)
	if err != nil {
		return "", err
	}
	before := 0
	if i > 0 {
		before = int(c.upTo[i-1])
	}
	return c.session(before-1, "before", s)
}

// RollDate is the session of a date: the date itself if the exchange trades on
// it, else the next session.
func (c *Calendar) RollDate(s Session) (Session, error) {
	i, err := c.day(s)
	if err != nil {
		return "", err
	}
	before := 0
	if i > 0 {
		before = int(c.upTo[i-1])
	}
	return c.session(before, "on or after", s)
}

// session is the i-th session, or an error that says what was looked for.
func (c *Calendar) session(i int, where string, s Session) (Session, error) {
	if i < 0 || i >= len(c.sessions) {
		return "", fmt.Errorf("no session %s %s in the %s calendar, which covers %s to %s", where, s, c.name, calendarFirst, calendarLast)
	}
	return c.sessions[i], nil
}

// Range lists the sessions from one date to another, both included. Dates in
// the wrong order, dates outside the calendar and a range without any session
// are errors. The slice is the calendar's own and must not be changed.
func (c *Calendar) Range(from, to Session) ([]Session, error) {
	i, err := c.day(from)
	if err != nil {
		return nil, err
	}
	j, err := c.day(to)
	if err != nil {
		return nil, err
	}
	if j < i {
		return nil, fmt.Errorf("range %s to %s: the start lies after the end", from, to)
	}
	lo := 0
	if i > 0 {
		lo = int(c.upTo[i-1])
	}
	hi := int(c.upTo[j])
	if lo == hi {
		return nil, fmt.Errorf("range %s to %s has no session of the %s calendar", from, to, c.name)
	}
	return c.sessions[lo:hi:hi], nil
}

// Distance is the number of sessions after a up to and including b, which is
// the age at b of something that happened at a. It is negative where b lies
// before a, so that Distance(a, b) = -Distance(b, a). Dates outside the
// calendar count as its nearest end.
func (c *Calendar) Distance(a, b Session) int { return c.rank(b) - c.rank(a) }

// rank counts the sessions up to and including the date s.
func (c *Calendar) rank(s Session) int {
	if i, err := c.day(s); err == nil {
		return int(c.upTo[i])
	}
	if s < calendarFirst {
		return 0
	}
	return len(c.sessions)
}

// SessionFor is the first session whose cut-off lies strictly after t: the
// first whose decision may use what became public at t. The cut-off is the
// close less before, which must not be negative. What is stamped exactly at a
// cut-off belongs to the next session, so no instant is counted twice and none
// is lost.
func (c *Calendar) SessionFor(t time.Time, before time.Duration) (Session, error) {
	if before < 0 {
		return "", fmt.Errorf("cut-off %s before the close: must not be negative", before)
	}
	date := SessionOf(t.In(c.loc))
	i, err := c.day(date)
	if err != nil {
		return "", fmt.Errorf("time %s: %w", t.Format(time.RFC3339), err)
	}
	// A cut-off is never after its own close, and a close never after the end of
	// its date, so no session before the date of t can qualify.
	from := 0
	if i > 0 {
		from = int(c.upTo[i-1])
	}
	for ; from < len(c.sessions); from++ {
		if s := c.sessions[from]; c.Close(s).Add(-before).After(t) {
			return s, nil
		}
	}
	return c.session(from, "after", date)
}

// Cutoff is the latest instant that counts for session s: its close less
// before. What is stamped at the cut-off itself no longer counts.
func (c *Calendar) Cutoff(s Session, before time.Duration) time.Time {
	return c.Close(s).Add(-before)
}

// OnSessions moves actions dated on days without trading to the session on which
// they take effect. Those from before the calendar begins can touch nothing that
// is traded and are left out; one from after its end is an error.
func (c *Calendar) OnSessions(actions []Action) ([]Action, error) {
	var moved []Action
	first, _ := c.Bounds()
	for _, a := range actions {
		if a.Session < first {
			continue
		}
		s, err := c.RollDate(a.Session)
		if err != nil {
			return nil, fmt.Errorf("corporate action on %s: %w", a.Session, err)
		}
		a.Session = s
		moved = append(moved, a)
	}
	return moved, nil
}
