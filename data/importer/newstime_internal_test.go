package importer

import (
	"errors"
	"strings"
	"testing"
	"time"

	_ "time/tzdata" // zone names on machines without zone files
)

func newYork(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestStampReader(t *testing.T) {
	ny := newYork(t)
	tests := []struct {
		in, want string // want in UTC; a bare date is a stamp without a time
		zone     *time.Location
		order    DateOrder
	}{
		// With a zone.
		{in: "2024-03-08T18:30:00-05:00", want: "2024-03-08T23:30:00Z"},
		{in: "2024-01-17 03:52:00+00:00", want: "2024-01-17T03:52:00Z"},
		{in: "2020-06-05 06:30:54 UTC", want: "2020-06-05T06:30:54Z"},
		{in: "2020-10-12T16:45:48.290788Z", want: "2020-10-12T16:45:48.290788Z"},
		{in: "20240308T183000Z", want: "2024-03-08T18:30:00Z"},
		{in: "Fri Oct 23 15:08:18 +0000 2015", want: "2015-10-23T15:08:18Z"},
		{in: "Mon, 02 Jan 2006 15:04:05 GMT", want: "2006-01-02T15:04:05Z"},
		{in: "Mon, 2 Jan 2006 15:04:05 -0700", want: "2006-01-02T22:04:05Z"},
		{in: "January 25, 2024 — 03:33 am EST", want: "2024-01-25T08:33:00Z"},
		{in: "February 02, 2024 — 12:47 pm EST", want: "2024-02-02T17:47:00Z"},
		{in: "FEB 2, 2024 9:32AM EST", want: "2024-02-02T14:32:00Z"},
		{in: "July 2, 2024 3:33 pm EST", want: "2024-07-02T20:33:00Z"}, // EST is five hours, whatever the season
		{in: "July 2, 2024 3:33 pm ET", want: "2024-07-02T19:33:00Z"},
		{in: " 7:51 PM ET Fri, 17 July 2020", want: "2020-07-17T23:51:00Z"},
		{in: "9am PST 5 Mar 2021", want: "2021-03-05T17:00:00Z"},
		// Counts since 1970.
		{in: "1631229420", want: "2021-09-09T23:17:00Z"},
		{in: "1608358323000", want: "2020-12-19T06:12:03Z"},
		{in: "1608358323.5", want: "2020-12-19T06:12:03.5Z"},
		{in: "1608358323000000", want: "2020-12-19T06:12:03Z"},
		{in: "1608358323000000001", want: "2020-12-19T06:12:03.000000001Z"},
		{in: "1608336000", want: "2020-12-19"},
		// Without a zone.
		{in: "2024-06-19 22:15:32.762627", zone: ny, want: "2024-06-20T02:15:32.762627Z"},
		{in: "20240308T1830", zone: time.UTC, want: "2024-03-08T18:30:00Z"},
		{in: "20240308183001", zone: time.UTC, want: "2024-03-08T18:30:01Z"},
		{in: "2024-11-03 01:30:00", zone: ny, want: "2024-11-03T06:30:00Z"}, // there twice: the later
		{in: "2024-03-10 02:30", zone: ny, want: "2024-03-10T07:30:00Z"},    // not there at all
		{in: "Jan 2 2024 23:30", zone: ny, want: "2024-01-03T04:30:00Z"},
		// Dates.
		{in: "2024-03-08", want: "2024-03-08"},
		{in: "2024/3/8", want: "2024-03-08"},
		{in: "20240308", want: "2024-03-08"},
		{in: "DEC 18, 2023", want: "2023-12-18"},
		{in: "Jul 18 2020", want: "2020-07-18"},
		{in: "18-Jul-2020", want: "2020-07-18"},
		{in: "Sept. 3rd, 2021", want: ""},
		{in: "Sept 3rd, 2021", want: "2021-09-03"},
		{in: "03/08/2024", order: MonthDayYear, want: "2024-03-08"},
		{in: "03/08/2024", order: DayMonthYear, want: "2024-08-03"},
		{in: "31.12.2023 17:05", order: DayMonthYear, zone: time.UTC, want: "2023-12-31T17:05:00Z"},
		{in: "05/05/2024", want: "2024-05-05"},
		// Exactly midnight is a date, with a zone or without.
		{in: "2020-06-01 00:00:00", want: "2020-06-01"},
		{in: "2023-12-16 00:00:00 UTC", want: "2023-12-16"},
		{in: "2023-12-16T00:00:00+09:00", want: "2023-12-16"},
		{in: "Dec 16, 2023 12:00 am EST", want: "2023-12-16"},
		{in: "2023-12-16 00:00:01 UTC", want: "2023-12-16T00:00:01Z"},
		// No times.
		{in: ""}, {in: "null"}, {in: "-"}, {in: "2"}, {in: "12"}, {in: "1.6E+12"}, {in: "2024"}, {in: "Jan 2024"}, {in: "12:30"},
		{in: "2024-02-30"}, {in: "2024-13-01"}, {in: "2024-03-08 24:00:00Z"}, {in: "2024-03-08 13:00 pm UTC"}, {in: "2024-03-08 am"},
		{in: "Thu Oct 23 15:08:18 +0000 2015"}, {in: "2024-03-08 2024-03-09"}, {in: "2024-03-08 10:00 IST"}, {in: "2024-03-08T10:00+99:00"},
		{in: "18-Jul-20"}, {in: "13/13/2024", order: MonthDayYear}, {in: "25/12/2024", order: MonthDayYear}, {in: "2024-03/08"},
		{in: "\xff\xfe"}, {in: strings.Repeat("1", 100)}, {in: "0000-00-00"}, {in: "1e9"}, {in: "0x5f5e100"},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			s, err := newStampReader(tt.zone, tt.order).read(tt.in)
			if tt.want == "" {
				if err == nil {
					t.Fatalf("%q gives %v, want an error", tt.in, s)
				}
				return
			}
			if err != nil {
				t.Fatalf("%q: %v", tt.in, err)
			}
			got := s.time.Format(time.RFC3339Nano)
			if s.dateOnly {
				got = s.time.Format(time.DateOnly)
			}
			if got != tt.want {
				t.Errorf("%q = %s, want %s", tt.in, got, tt.want)
			}
		})
	}
}

func TestStampReaderRefusals(t *testing.T) {
	tests := []struct {
		in   string
		want error
	}{
		{"4 hours ago", errRelative}, {"5 DAYS AGO", errRelative}, {"yesterday", errRelative}, {"last month", errRelative},
		{"3h", errRelative}, {"just now", errRelative}, {"today 10:30", errRelative}, {"an hour ago", errRelative},
		{"2024-06-19 22:15:32", ErrNoZone}, {"20240308T183000", ErrNoZone}, {"03/08/2024", ErrDateOrder}, {"25/12/2024", ErrDateOrder},
	}
	for _, tt := range tests {
		if s, err := newStampReader(nil, DateOrderAuto).read(tt.in); !errors.Is(err, tt.want) {
			t.Errorf("%q gives %v, %v, want the error %q", tt.in, s, err, tt.want)
		}
	}
}

func FuzzStampReader(f *testing.F) {
	for _, s := range []string{
		"2024-03-08T18:30:00-05:00", "Fri Oct 23 15:08:18 +0000 2015", "January 25, 2024 — 03:33 am EST", "1608358323000", "1608358323.5",
		"20240308T1830", "18-Jul-2020", "03/08/2024 9am", "5 DAYS AGO", "2nd Jan 2020", "GMT-0500 10:00 2020-01-02", "2020-1-2 1:02:03,999999999999",
	} {
		f.Add(s)
	}
	ny := newYork(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range []*stampReader{newStampReader(nil, DateOrderAuto), newStampReader(ny, MonthDayYear), newStampReader(time.UTC, DayMonthYear)} {
			s, err := r.read(text)
			if err != nil {
				continue
			}
			if y := s.time.Year(); y < 0 || y > 9999 {
				t.Fatalf("%q gives the year %d", text, y)
			}
			h, m, sec := s.time.Clock()
			if s.time.Location() != time.UTC || s.dateOnly && (h|m|sec != 0) {
				t.Fatalf("%q gives %v, date only %v", text, s.time, s.dateOnly)
			}
		}
	})
}
