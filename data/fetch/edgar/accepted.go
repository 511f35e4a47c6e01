package edgar

import (
	"fmt"
	"strings"
	"time"

	"finmem/data"
)

// A clock is what the times in EDGAR's list of a company mean. They all end in Z.
// Those of some companies are UTC; those of others are the wall clock of New York
// all the same, for all of a company's filings.
type clock struct {
	eastern *time.Location
	utc     bool
	// timed counts the filings with a time, and impossible those whose time cannot
	// be, going by the other reading.
	timed, impossible int
}

// String says in a sentence what the clock is.
func (c clock) String() string {
	if c.utc {
		return fmt.Sprintf("EDGAR writes the times of this company in UTC: as times of New York, %d of %d could not be", c.impossible, c.timed)
	}
	return fmt.Sprintf("EDGAR's times of this company are read as times of New York: as UTC, %d of %d could not be", c.impossible, c.timed)
}

// fewestSigns is how many filings must have times that cannot be those of New
// York before a list is taken to be in UTC; ten more for each that cannot be UTC.
const fewestSigns = 3

// clockOf finds out the clock of a list. A time is read as that of New York,
// which is hours later than UTC, so that no filing is seen too early, unless the
// list shows otherwise: several of its times are impossible as New York's, and
// hardly any, at most one in a hundred, as UTC. Papers that the SEC itself puts
// into the list, at any hour, show nothing.
func clockOf(rows []submission, eastern *time.Location) clock {
	newYork, utc := clock{eastern: eastern}, clock{eastern: eastern, utc: true}
	for _, f := range rows {
		if f.stamp.IsZero() || strings.HasPrefix(f.Accession, "99999999") {
			continue
		}
		newYork.timed++
		utc.timed++
		if !f.possible(utc) {
			newYork.impossible++
		}
		if !f.possible(newYork) {
			utc.impossible++
		}
	}
	if 100*newYork.impossible <= newYork.timed && utc.impossible >= fewestSigns+10*newYork.impossible {
		return utc
	}
	return newYork
}

// Hours of EDGAR in New York, in minutes after midnight, with a margin for
// filings that take their time. What is accepted after half past five has the
// date of the next business day.
const (
	opens     = 6 * 60
	closes    = 22 * 60
	margin    = 10
	dayChange = 17*60 + 30
)

// possible reports whether the filing may have been accepted at the time that a
// clock makes of its stamp, going by EDGAR's hours and by its date of filing.
func (f submission) possible(c clock) bool {
	t, _ := f.accepted(c)
	t = t.In(c.eastern)
	minute, date := 60*t.Hour()+t.Minute(), data.SessionOf(t)
	switch {
	case minute < opens-margin || minute > closes+margin, date > f.Filed:
		return false
	case minute < dayChange-margin:
		return date == f.Filed
	case minute > dayChange+margin && f.wanted():
		return date < f.Filed // only insiders' and a few other forms keep the date
	}
	return true
}

// accepted is the instant at which EDGAR accepted the filing. Where the list has
// no time, it is the date of filing, as a date only.
func (f submission) accepted(c clock) (t time.Time, dateOnly bool) {
	if f.stamp.IsZero() {
		return f.Filed.In(time.UTC), true
	}
	if c.utc {
		return f.stamp.UTC(), false
	}
	year, month, day := f.stamp.Date()
	hour, minute, second := f.stamp.Clock()
	t = time.Date(year, month, day, hour, minute, second, 0, c.eastern)
	// In the hour that comes twice in autumn, the later one: a filing is never
	// seen before it was there.
	if later := t.Add(time.Hour); later.Hour() == t.Hour() && later.Day() == t.Day() {
		t = later
	}
	return t.UTC(), false
}

// known is the instant from which on the public could have the filing. It is
// that of acceptance, with one exception: what is accepted after 17:30 is handed
// out on the date of filing, which is the next business day. On the few federal
// holidays on which the exchange trades, a session lies between the two; there it
// is the hour at which EDGAR opens on the date of filing.
func (f submission) known(calendar *data.Calendar, c clock) (t time.Time, dateOnly bool, err error) {
	t, dateOnly = f.accepted(c)
	if dateOnly {
		return t, true, nil
	}
	session, err := calendar.SessionFor(t, 0)
	if err != nil {
		return time.Time{}, false, err
	}
	if session < f.Filed {
		t = f.Filed.In(c.eastern).Add(opens * time.Minute).UTC()
	}
	return t, false, nil
}
