package data

import (
	"fmt"
	"time"
)

// NYSE is the calendar of the New York Stock Exchange from 1990-01-01 to
// 2030-12-31, made from the exchange's own holiday rules and a table of the
// days on which it departed from them. Its sessions run from 09:30 to 16:00 in
// New York; early and late hours are in the tables of this file.
//
// Sources: NYSE Rule 7.2 (Holidays); NYSE, "Special Closings" (1885 to 2012);
// the exchange's yearly notices of holidays and early closings since. A minute
// of silence that put off an opening by less than five minutes is left out.
//
// Sessions to come are those the rules give. A closure that nobody can foresee
// has to be added to the table.
//
// The machine needs the zone America/New_York: programs import time/tzdata so
// that they have it everywhere.
func NYSE() *Calendar {
	const zone = "America/New_York"
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(fmt.Sprintf("data: time zone %s: %v; import time/tzdata into the program", zone, err))
	}
	closed := make(map[int]bool)
	shut := func(s Session) {
		day, err := dayNumber(s)
		if err != nil {
			panic(fmt.Sprintf("data: table of the NYSE: %v", err))
		}
		closed[day] = true
	}
	special := make(map[Session]hours)
	for year := 1990; year <= 2030; year++ {
		for _, s := range nyseHolidays(year) {
			shut(s)
		}
		for s, h := range nyseEarlyCloses(year) {
			special[s] = h
		}
	}
	for _, c := range nyseClosures() {
		shut(c.date)
	}
	for _, d := range nyseOddHours() {
		special[d.date] = d.hours
	}
	return newCalendar("NYSE", loc, nyseRegular(), special, func(day int, w time.Weekday) bool {
		return w != time.Saturday && w != time.Sunday && !closed[day]
	})
}

func nyseRegular() hours { return hours{open: 9*60 + 30, close: 16 * 60} }

// nyseHolidays are the dates of one year on which the rules close the exchange.
func nyseHolidays(year int) []Session {
	// A holiday on a Sunday is kept on Monday, one on a Saturday on Friday.
	nearest := func(month time.Month, day int) Session {
		t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		switch t.Weekday() {
		case time.Saturday:
			t = t.AddDate(0, 0, -1)
		case time.Sunday:
			t = t.AddDate(0, 0, 1)
		}
		return SessionOf(t)
	}
	days := []Session{
		nthWeekday(year, time.February, time.Monday, 3), // Washington's Birthday
		SessionOf(easter(year).AddDate(0, 0, -2)),       // Good Friday
		lastMonday(year, time.May),                      // Memorial Day
		nearest(time.July, 4),                           // Independence Day
		nthWeekday(year, time.September, time.Monday, 1),
		nthWeekday(year, time.November, time.Thursday, 4),
		nearest(time.December, 25),
	}
	// New Year's Day on a Saturday is not kept at all: the Friday before ends
	// the year's accounts, and Rule 7.2 keeps the exchange open for them.
	if newYear := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC); newYear.Weekday() != time.Saturday {
		days = append(days, nearest(time.January, 1))
	}
	if year >= 1998 { // Martin Luther King Jr. Day, kept by the exchange since 1998
		days = append(days, nthWeekday(year, time.January, time.Monday, 3))
	}
	if year >= 2022 { // Juneteenth, kept by the exchange since 2022
		days = append(days, nearest(time.June, 19))
	}
	return days
}

// nyseEarlyCloses are the planned half days of one year.
func nyseEarlyCloses(year int) map[Session]hours {
	closing := hours{open: nyseRegular().open, close: 13 * 60}
	if year < 1993 {
		closing.close = 14 * 60 // the early close was at two until 1992
	}
	half := make(map[Session]hours)
	if year >= 1992 { // the day after Thanksgiving
		half[nthWeekday(year, time.November, time.Thursday, 4).AddDays(1)] = closing
	}
	// Christmas Eve is a half day from Monday to Thursday; on a Friday the
	// holiday itself is kept on it.
	eve := time.Date(year, time.December, 24, 0, 0, 0, 0, time.UTC)
	if w := eve.Weekday(); w >= time.Monday && w <= time.Thursday {
		half[SessionOf(eve)] = closing
	}
	// Around Independence Day since 1995: 3 July, where both it and the holiday
	// fall on weekdays. With the holiday on a Thursday it was the Friday after
	// until 2012.
	if year >= 1995 {
		third := time.Date(year, time.July, 3, 0, 0, 0, 0, time.UTC)
		switch w := third.Weekday(); {
		case w == time.Wednesday && year < 2013:
			half[SessionOf(third.AddDate(0, 0, 2))] = closing
		case w >= time.Monday && w <= time.Thursday:
			half[SessionOf(third)] = closing
		}
	}
	return half
}

// A closure is a date on which the exchange stayed shut although the rules say
// that it trades, with what is on record for it.
type closure struct {
	date   Session
	reason string
	source string
}

func nyseClosures() []closure {
	const list = "NYSE, Special Closings"
	const attack = "attacks on the World Trade Center"
	return []closure{
		{"1994-04-27", "funeral of former President Nixon", list},
		{"2001-09-11", attack, list},
		{"2001-09-12", attack, list},
		{"2001-09-13", attack, list},
		{"2001-09-14", attack, list},
		{"2004-06-11", "day of mourning for former President Reagan", list},
		{"2007-01-02", "day of mourning for former President Ford", list},
		{"2012-10-29", "hurricane Sandy", list},
		{"2012-10-30", "hurricane Sandy", list},
		{"2018-12-05", "day of mourning for former President G. H. W. Bush", "NYSE notice of 2018-12-01"},
		{"2025-01-09", "day of mourning for former President Carter", "NYSE notice of 2024-12-30"},
	}
}

// oddHours are a session that opened late or closed early outside the rules.
type oddHours struct {
	date Session
	hours
	reason string
	source string
}

func nyseOddHours() []oddHours {
	const list = "NYSE, Special Closings"
	open, close := nyseRegular().open, nyseRegular().close
	return []oddHours{
		{"1994-02-11", hours{open, 14*60 + 30}, "snowstorm", list},
		{"1995-12-18", hours{10*60 + 30, close}, "trouble with the computers", list},
		{"1996-01-08", hours{11 * 60, 14 * 60}, "snowstorm", list},
		{"1997-10-27", hours{open, 15*60 + 30}, "circuit breaker after a fall of 550 points", list},
		{"1997-12-26", hours{open, 13 * 60}, "day after Christmas", list},
		{"1999-12-31", hours{open, 13 * 60}, "turn of the year 2000", "NYSE announcement of 1999-06-04"},
		{"2002-09-11", hours{12 * 60, close}, "first anniversary of the attacks of 2001", list},
		{"2003-12-26", hours{open, 13 * 60}, "day after Christmas", list},
		{"2005-06-01", hours{open, 15*60 + 56}, "trouble with the communication lines", list},
	}
}

// nthWeekday is the n-th such weekday of a month, n from 1.
func nthWeekday(year int, month time.Month, w time.Weekday, n int) Session {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	skip := (int(w) - int(first.Weekday()) + 7) % 7
	return SessionOf(first.AddDate(0, 0, skip+7*(n-1)))
}

// lastMonday is the last Monday of a month.
func lastMonday(year int, month time.Month) Session {
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
	return SessionOf(last.AddDate(0, 0, -(int(last.Weekday())+6)%7))
}

// easter is Easter Sunday of the Gregorian calendar, by the anonymous algorithm
// published in Nature, 20 April 1876.
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (b - (b+8)/25 + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
