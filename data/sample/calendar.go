package sample

import (
	"fmt"
	"sort"
	"time"

	"finmem/data"
)

// The dates of the sample, inclusive: a year to warm up and half a year to test.
const (
	First = data.Session("2023-01-03")
	Last  = data.Session("2024-06-28")
)

// A timetable numbers the sessions of the sample.
type timetable struct {
	calendar *data.Calendar
	sessions []data.Session
}

func newTimetable() (timetable, error) {
	calendar := data.NYSE()
	sessions, err := calendar.Range(First, Last)
	if err != nil {
		return timetable{}, fmt.Errorf("sessions of the sample: %w", err)
	}
	return timetable{calendar, sessions}, nil
}

// at is the instant of a clock time on a date in New York.
func (t timetable) at(date data.Session, hour, minute, second int) time.Time {
	day := date.In(t.calendar.Location())
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, second, 0, day.Location())
}

// A moment is when a text came out, and what that means for the prices.
type moment struct {
	published time.Time
	dateOnly  bool
	session   int  // number of the first session whose close lies after it
	overnight bool // out before that session's open
}

// instant is the moment of a known time; ok is false after the last close.
func (t timetable) instant(published time.Time) (m moment, ok bool) {
	i := sort.Search(len(t.sessions), func(i int) bool { return t.calendar.Close(t.sessions[i]).After(published) })
	if i == len(t.sessions) {
		return moment{}, false
	}
	return moment{published: published, session: i, overnight: published.Before(t.calendar.Open(t.sessions[i]))}, true
}

// dateOnly is the moment of a text of which only the date is known. On a session
// it came out in the course of it, else before the next.
func (t timetable) dateOnly(date data.Session) (m moment, ok bool) {
	i := t.onOrAfter(date)
	if i == len(t.sessions) {
		return moment{}, false
	}
	return moment{published: date.In(time.UTC), dateOnly: true, session: i, overnight: t.sessions[i] != date}, true
}

// onOrAfter is the number of the first session on or after a date, or the number
// of sessions if there is none.
func (t timetable) onOrAfter(date data.Session) int {
	return sort.Search(len(t.sessions), func(i int) bool { return t.sessions[i] >= date })
}
