package data_test

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // so that the tests run on machines without zone files

	"finmem/data"
	"finmem/internal/shared"

	"pgregory.net/rapid"
)

// newYork is the exchange's zone, found without the code under test.
func newYork(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// datesOf reads the first column of a price file from shared, as it stands.
func datesOf(t *testing.T, elem ...string) []data.Session {
	t.Helper()
	f, err := os.Open(shared.Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var dates []data.Session
	scanner := bufio.NewScanner(f)
	scanner.Scan()
	for scanner.Scan() {
		date, _, _ := strings.Cut(scanner.Text(), ",")
		s, err := data.ParseSession(date)
		if err != nil {
			t.Fatal(err)
		}
		dates = append(dates, s)
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return dates
}

// The calendar is held against every date on which real shares and a fund
// traded. A wrong rule or a forgotten closure in 35 years shows here.
func TestNYSEEqualsRealSessions(t *testing.T) {
	calendar := data.NYSE()
	for _, tt := range []struct {
		symbol string
		count  int
	}{
		{"SPY", 7993}, // from 1993-01-29
		{"KO", 8772},  // from 1990-01-02, without the rows before
		{"AAPL", 8772},
		{"TSLA", 3607},
	} {
		t.Run(tt.symbol, func(t *testing.T) {
			dates := slices.DeleteFunc(datesOf(t, "data", "prices", "yahoo_adj", tt.symbol+".csv"), func(s data.Session) bool { return s < "1990-01-01" })
			if len(dates) != tt.count {
				t.Errorf("file has %d sessions since 1990, want %d", len(dates), tt.count)
			}
			sessions, err := calendar.Range(dates[0], dates[len(dates)-1])
			if err != nil {
				t.Fatal(err)
			}
			if diff := difference(sessions, dates); diff != nil {
				t.Errorf("sessions of the calendar without a row: %v", diff)
			}
			if diff := difference(dates, sessions); diff != nil {
				t.Errorf("rows on dates that are no session: %v", diff)
			}
		})
	}
}

// The pickles of 2025 and 2026 are the newest real dates at hand: 353 sessions.
func TestNYSEEqualsRealSessionsOf2025And2026(t *testing.T) {
	f, err := os.Open(shared.Path(t, "data", "finmem", "fivesym_2025_2026", "env_NFLX.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var dates []data.Session
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadString('\n')
		if line == "" && err != nil {
			break
		}
		_, rest, found := strings.Cut(line, `"date": "`)
		if !found {
			t.Fatalf("no date in %.60q", line)
		}
		dates = append(dates, data.Session(rest[:10]))
	}
	sessions, err := data.NYSE().Range("2025-01-02", "2026-06-01")
	if err != nil {
		t.Fatal(err)
	}
	if len(sessions) != 353 || !slices.Equal(sessions, dates) {
		t.Errorf("calendar has %d sessions, file %d; only in the calendar: %v; only in the file: %v",
			len(sessions), len(dates), difference(sessions, dates), difference(dates, sessions))
	}
}

// difference lists what is in a but not in b.
func difference(a, b []data.Session) []data.Session {
	var only []data.Session
	for _, s := range a {
		if _, found := slices.BinarySearch(b, s); !found {
			only = append(only, s)
		}
	}
	return only
}

func TestNYSEHolidays(t *testing.T) {
	calendar := data.NYSE()
	for _, tt := range []struct {
		date data.Session
		open bool
		why  string
	}{
		{"1990-01-01", false, "New Year's Day, the first date covered"},
		{"1990-01-02", true, "the first session"},
		{"1990-01-15", true, "Martin Luther King Jr. Day, not kept before 1998"},
		{"1998-01-19", false, "Martin Luther King Jr. Day, kept since 1998"},
		{"1993-12-24", false, "Christmas on a Saturday"},
		{"1993-12-31", true, "New Year's Day on a Saturday is not kept"},
		{"1994-04-27", false, "Nixon"},
		{"1994-12-26", false, "Christmas on a Sunday"},
		{"1999-12-31", true, "New Year's Day on a Saturday is not kept"},
		{"2001-09-10", true, "the day before the attacks"},
		{"2001-09-11", false, "attacks"},
		{"2001-09-14", false, "attacks"},
		{"2001-09-17", true, "reopening"},
		{"2004-06-11", false, "Reagan"},
		{"2007-01-02", false, "Ford"},
		{"2011-12-26", false, "Christmas on a Sunday"},
		{"2012-10-29", false, "Sandy"},
		{"2012-10-30", false, "Sandy"},
		{"2012-10-31", true, "reopening"},
		{"2018-12-05", false, "G. H. W. Bush (B15)"},
		{"2021-06-18", true, "Juneteenth was not kept yet"},
		{"2021-12-31", true, "New Year's Day on a Saturday is not kept"},
		{"2022-06-20", false, "Juneteenth on a Sunday"},
		{"2023-01-02", false, "New Year's Day on a Sunday"},
		{"2024-03-29", false, "Good Friday"},
		{"2024-06-19", false, "Juneteenth"},
		{"2025-01-09", false, "Carter (B15)"},
		{"2026-07-03", false, "Independence Day on a Saturday"},
		{"2027-06-18", false, "Juneteenth on a Saturday"},
		{"2030-12-31", true, "the last session"},
		{"2024-06-22", false, "a Saturday"},
		{"2024-06-23", false, "a Sunday"},
		{"1989-12-29", false, "before the calendar"},
		{"2031-01-02", false, "after the calendar"},
		{"not a date", false, "not a date"},
	} {
		if got := calendar.IsSession(tt.date); got != tt.open {
			t.Errorf("IsSession(%s) = %v, want %v: %s", tt.date, got, tt.open, tt.why)
		}
	}
}

// The exchange's notice of 2021-12-27 for 2022 to 2024, and those for 2025 and
// 2026.
func TestNYSEHolidaysOfTheNotices(t *testing.T) {
	calendar := data.NYSE()
	notices := map[string][]data.Session{
		"2022": {"2022-01-17", "2022-02-21", "2022-04-15", "2022-05-30", "2022-06-20", "2022-07-04", "2022-09-05", "2022-11-24", "2022-12-26"},
		"2023": {"2023-01-02", "2023-01-16", "2023-02-20", "2023-04-07", "2023-05-29", "2023-06-19", "2023-07-04", "2023-09-04", "2023-11-23", "2023-12-25"},
		"2024": {"2024-01-01", "2024-01-15", "2024-02-19", "2024-03-29", "2024-05-27", "2024-06-19", "2024-07-04", "2024-09-02", "2024-11-28", "2024-12-25"},
		"2025": {"2025-01-01", "2025-01-09", "2025-01-20", "2025-02-17", "2025-04-18", "2025-05-26", "2025-06-19", "2025-07-04", "2025-09-01", "2025-11-27", "2025-12-25"},
		"2026": {"2026-01-01", "2026-01-19", "2026-02-16", "2026-04-03", "2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07", "2026-11-26", "2026-12-25"},
	}
	for year, want := range notices {
		var got []data.Session
		for s := data.Session(year + "-01-01"); strings.HasPrefix(string(s), year); s = s.AddDays(1) {
			weekday := s.In(time.UTC).Weekday()
			if weekday != time.Saturday && weekday != time.Sunday && !calendar.IsSession(s) {
				got = append(got, s)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("closed on weekdays of %s: %v, want %v", year, got, want)
		}
	}
}

// B85: on a half day the session ends at 13:00.
func TestNYSEHours(t *testing.T) {
	calendar := data.NYSE()
	for _, tt := range []struct {
		session     data.Session
		open, close string
	}{
		{"2024-11-27", "09:30", "16:00"},
		{"2024-11-29", "09:30", "13:00"}, // day after Thanksgiving
		{"2024-12-24", "09:30", "13:00"},
		{"2024-07-03", "09:30", "13:00"}, // a Wednesday, since 2013
		{"2013-07-03", "09:30", "13:00"},
		{"2002-07-03", "09:30", "16:00"}, // before 2013 it was the Friday
		{"2002-07-05", "09:30", "13:00"},
		{"2013-07-05", "09:30", "16:00"},
		{"2023-07-03", "09:30", "13:00"},
		{"1994-07-05", "09:30", "16:00"},
		{"1995-07-03", "09:30", "13:00"}, // the first half day of its kind
		{"2026-07-02", "09:30", "16:00"}, // the holiday is kept on Friday the 3rd
		{"2027-07-02", "09:30", "16:00"},
		{"1991-11-29", "09:30", "16:00"}, // the day after Thanksgiving since 1992
		{"1992-11-27", "09:30", "14:00"},
		{"1993-11-26", "09:30", "13:00"},
		{"1990-12-24", "09:30", "14:00"},
		{"1996-12-24", "09:30", "13:00"},
		{"1994-02-11", "09:30", "14:30"},
		{"1995-12-18", "10:30", "16:00"},
		{"1996-01-08", "11:00", "14:00"},
		{"1997-10-27", "09:30", "15:30"},
		{"1997-12-26", "09:30", "13:00"},
		{"1999-12-31", "09:30", "13:00"},
		{"2002-09-11", "12:00", "16:00"},
		{"2003-12-26", "09:30", "13:00"},
		{"2005-06-01", "09:30", "15:56"},
		{"2024-03-08", "09:30", "16:00"}, // before the clocks change
		{"2024-03-11", "09:30", "16:00"}, // after
	} {
		open, close := calendar.Open(tt.session), calendar.Close(tt.session)
		if got := open.Format("2006-01-02 15:04"); got != string(tt.session)+" "+tt.open {
			t.Errorf("Open(%s) = %s, want %s", tt.session, got, tt.open)
		}
		if got := close.Format("2006-01-02 15:04"); got != string(tt.session)+" "+tt.close {
			t.Errorf("Close(%s) = %s, want %s", tt.session, got, tt.close)
		}
		if got, want := calendar.HalfDay(tt.session), tt.close < "16:00"; got != want {
			t.Errorf("HalfDay(%s) = %v, want %v", tt.session, got, want)
		}
	}
	// In UTC the close moves with the clocks.
	for session, want := range map[data.Session]string{"2024-03-08": "21:00", "2024-03-11": "20:00"} {
		if got := calendar.Close(session).UTC().Format("15:04"); got != want {
			t.Errorf("Close(%s) = %s UTC, want %s", session, got, want)
		}
	}
}

// Real volume agrees with the table of half days: on nearly all of them the fund
// traded less than three quarters of what it did in the ten sessions around.
func TestHalfDaysShowInVolume(t *testing.T) {
	volume := volumesOf(t, "data", "prices", "yahoo_adj", "KO.csv")
	calendar := data.NYSE()
	sessions, err := calendar.Range("1990-01-16", "2024-10-01")
	if err != nil {
		t.Fatal(err)
	}
	quiet, all := 0, 0
	for i := 5; i < len(sessions)-5; i++ {
		if !calendar.HalfDay(sessions[i]) || calendar.Close(sessions[i]).Hour() > 14 {
			continue
		}
		around := 0.0
		for k := -5; k <= 5; k++ {
			if k != 0 {
				around += volume[sessions[i+k]] / 10
			}
		}
		all++
		if volume[sessions[i]] < 0.75*around {
			quiet++
		}
	}
	if all != 74 {
		t.Errorf("%d half days at 14:00 or earlier, want 74", all)
	}
	if quiet < all*9/10 {
		t.Errorf("%d of %d half days have little volume, want nine in ten", quiet, all)
	}
}

func volumesOf(t *testing.T, elem ...string) map[data.Session]float64 {
	t.Helper()
	text, err := os.ReadFile(shared.Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	volume := make(map[data.Session]float64)
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		var v float64
		if _, err := fmt.Sscan(line[strings.LastIndexByte(line, ',')+1:], &v); err != nil {
			t.Fatal(err)
		}
		volume[data.Session(line[:10])] = v
	}
	return volume
}

// B15: the session after 2018-12-04 is 2018-12-06.
func TestNextAndPrev(t *testing.T) {
	calendar := data.NYSE()
	for _, tt := range []struct{ from, next, prev data.Session }{
		{"2018-12-04", "2018-12-06", "2018-12-03"},
		{"2018-12-05", "2018-12-06", "2018-12-04"},
		{"2025-01-08", "2025-01-10", "2025-01-07"},
		{"2024-06-22", "2024-06-24", "2024-06-21"}, // Saturday
		{"1990-01-02", "1990-01-03", ""},
		{"1990-01-01", "1990-01-02", ""},
		{"2030-12-31", "", "2030-12-30"},
	} {
		if got, err := calendar.Next(tt.from); got != tt.next || (err != nil) != (tt.next == "") {
			t.Errorf("Next(%s) = %q, %v; want %q", tt.from, got, err, tt.next)
		}
		if got, err := calendar.Prev(tt.from); got != tt.prev || (err != nil) != (tt.prev == "") {
			t.Errorf("Prev(%s) = %q, %v; want %q", tt.from, got, err, tt.prev)
		}
	}
}

// B16: a range may start and end on a weekend.
func TestRange(t *testing.T) {
	got, err := data.NYSE().Range("2024-06-01", "2024-07-21")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 33 || got[0] != "2024-06-03" || got[32] != "2024-07-19" {
		t.Errorf("Range = %d sessions %s to %s, want 33 from 2024-06-03 to 2024-07-19", len(got), got[0], got[len(got)-1])
	}
	if slices.Contains(got, "2024-06-19") || slices.Contains(got, "2024-07-04") {
		t.Error("Range holds a holiday")
	}
}

// B16 and B90: ranges without a session, reversed ones and impossible dates are
// refused with the reason.
func TestRangeRefuses(t *testing.T) {
	for _, tt := range []struct {
		from, to data.Session
		says     string
	}{
		{"2025-05-01", "2024-05-23", "start lies after the end"},
		{"2024-05-01", "2999-01-01", "outside the NYSE calendar"},
		{"1929-10-24", "2024-05-01", "outside the NYSE calendar"},
		{"2024-06-01", "2024-06-02", "has no session"},
		{"2024-02-30", "2024-03-01", "a day that exists"},
		{"2024-02-01", "2024-02-31", "a day that exists"},
		{"", "2024-02-01", "YYYY-MM-DD"},
	} {
		if got, err := data.NYSE().Range(tt.from, tt.to); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("Range(%q, %q) = %d sessions, %v; want an error that says %q", tt.from, tt.to, len(got), err, tt.says)
		}
	}
}

func TestDistance(t *testing.T) {
	calendar := data.NYSE()
	for _, tt := range []struct {
		a, b data.Session
		want int
	}{
		{"2024-03-08", "2024-03-08", 0},
		{"2024-03-08", "2024-03-11", 1},
		{"2024-03-09", "2024-03-11", 1}, // from a Saturday
		{"2024-03-08", "2024-03-10", 0}, // to a Sunday
		{"2018-12-04", "2018-12-06", 1},
		{"2024-01-02", "2024-12-31", 251},
		{"2024-03-11", "2024-03-08", -1},
		{"1980-01-01", "1990-01-03", 2}, // from before the calendar
		{"2030-12-30", "2040-01-01", 1}, // to after it
	} {
		if got := calendar.Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("Distance(%s, %s) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestRollDate(t *testing.T) {
	calendar := data.NYSE()
	for date, want := range map[data.Session]data.Session{
		"2024-03-08": "2024-03-08",
		"2024-03-09": "2024-03-11",
		"2025-01-09": "2025-01-10",
		"2023-04-07": "2023-04-10", // Good Friday
	} {
		if got, err := calendar.RollDate(date); got != want || err != nil {
			t.Errorf("RollDate(%s) = %q, %v; want %q", date, got, err, want)
		}
	}
	if got, err := calendar.RollDate("2031-01-01"); err == nil {
		t.Errorf("RollDate after the calendar = %q, want an error", got)
	}
}

// B05, B06, B85: what is stamped at the cut-off belongs to the next session, and
// what comes between sessions is neither lost nor early.
func TestSessionFor(t *testing.T) {
	calendar, ny := data.NYSE(), newYork(t)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, ny)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		time   string
		before time.Duration
		want   data.Session
	}{
		{"2024-03-07 15:59:59", 0, "2024-03-07"},
		{"2024-03-07 16:00:00", 0, "2024-03-08"},
		{"2024-03-07 16:00:01", 0, "2024-03-08"},
		{"2024-03-08 18:30:00", 0, "2024-03-11"}, // Friday evening
		{"2024-03-09 12:00:00", 0, "2024-03-11"}, // Saturday
		{"2024-03-10 23:00:00", 0, "2024-03-11"}, // Sunday, the clocks changed
		{"2024-03-11 08:00:00", 0, "2024-03-11"},
		{"2024-03-07 15:44:59", 15 * time.Minute, "2024-03-07"},
		{"2024-03-07 15:45:00", 15 * time.Minute, "2024-03-08"},
		{"2024-11-29 12:44:59", 15 * time.Minute, "2024-11-29"}, // half day
		{"2024-11-29 12:45:00", 15 * time.Minute, "2024-12-02"},
		{"2024-11-29 14:30:00", 0, "2024-12-02"},
		{"2024-12-24 14:30:00", 0, "2024-12-26"},
		{"2018-12-04 16:00:00", 0, "2018-12-06"},
		{"2001-09-11 09:00:00", 0, "2001-09-17"},
	} {
		if got, err := calendar.SessionFor(at(tt.time), tt.before); got != tt.want || err != nil {
			t.Errorf("SessionFor(%s, %s) = %q, %v; want %s", tt.time, tt.before, got, err, tt.want)
		}
		// The zone in which the instant is written does not matter.
		for _, zone := range []string{"UTC", "America/Los_Angeles", "Asia/Tokyo"} {
			loc, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := calendar.SessionFor(at(tt.time).In(loc), tt.before); got != tt.want || err != nil {
				t.Errorf("SessionFor(%s in %s, %s) = %q, %v; want %s", tt.time, zone, tt.before, got, err, tt.want)
			}
		}
	}
	for _, bad := range []string{"1989-12-29 12:00:00", "2030-12-31 16:00:00", "2031-06-01 12:00:00"} {
		if got, err := calendar.SessionFor(at(bad), 0); err == nil {
			t.Errorf("SessionFor(%s) = %s, want an error", bad, got)
		}
	}
	if got, err := calendar.SessionFor(at("2024-03-08 12:00:00"), -time.Minute); err == nil {
		t.Errorf("SessionFor with a cut-off after the close = %s, want an error", got)
	}
}

// B17: a daily bar's stamp at midnight in New York names that date, on every
// host.
func TestSessionOfMidnightStamps(t *testing.T) {
	loc := data.NYSE().Location()
	for stamp, want := range map[string]data.Session{
		"2024-03-08T05:00:00Z": "2024-03-08",
		"2024-03-11T04:00:00Z": "2024-03-11",
	} {
		at, err := time.Parse(time.RFC3339, stamp)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"America/Los_Angeles", "Asia/Tokyo"} {
			zone, err := time.LoadLocation(host)
			if err != nil {
				t.Fatal(err)
			}
			if got := data.SessionOf(at.In(zone).In(loc)); got != want {
				t.Errorf("session of %s seen from %s = %s, want %s", stamp, host, got, want)
			}
		}
	}
}

func TestAlways(t *testing.T) {
	calendar := data.Always()
	if got := calendar.Name(); got != "24/7" {
		t.Errorf("Name = %q, want 24/7", got)
	}
	for _, s := range []data.Session{"2024-03-09", "2024-03-10", "2024-12-25", "2024-02-29"} {
		if !calendar.IsSession(s) {
			t.Errorf("IsSession(%s) = false, want true", s)
		}
		if calendar.HalfDay(s) {
			t.Errorf("HalfDay(%s) = true, want false", s)
		}
	}
	if calendar.IsSession("2023-02-29") {
		t.Error("IsSession(2023-02-29) = true for a day that does not exist")
	}
	if got, want := calendar.Open("2024-03-10"), time.Date(2024, 3, 10, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("Open = %s, want %s", got, want)
	}
	if got, want := calendar.Close("2024-03-10"), time.Date(2024, 3, 11, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("Close = %s, want %s", got, want)
	}
	midnight := time.Date(2024, 3, 10, 0, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]data.Session{
		midnight.Add(-time.Second): "2024-03-09",
		midnight:                   "2024-03-10",
		midnight.Add(time.Second):  "2024-03-10",
	} {
		if got, err := calendar.SessionFor(at, 0); got != want || err != nil {
			t.Errorf("SessionFor(%s) = %q, %v; want %s", at, got, err, want)
		}
	}
	sessions, err := calendar.Range("2022-11-29", "2023-12-19")
	if err != nil || len(sessions) != 386 {
		t.Errorf("Range = %d sessions, %v; want 386", len(sessions), err)
	}
}

func TestCalendarByName(t *testing.T) {
	for _, name := range []string{"NYSE", "24/7"} {
		c, err := data.CalendarByName(name)
		if err != nil || c.Name() != name {
			t.Errorf("CalendarByName(%q) = %v, %v", name, c, err)
		}
	}
	for _, name := range []string{"", "nyse", "LSE"} {
		if _, err := data.CalendarByName(name); err == nil {
			t.Errorf("CalendarByName(%q) gives no error", name)
		}
	}
}

// The questions a calendar answers agree with each other on every date.
func TestCalendarAgreesWithItself(t *testing.T) {
	for _, calendar := range []*data.Calendar{data.NYSE(), data.Always()} {
		first, last := calendar.Bounds()
		days := int(last.In(time.UTC).Sub(first.In(time.UTC)).Hours()/24) + 1
		rapid.Check(t, func(t *rapid.T) {
			a := first.AddDays(rapid.IntRange(0, days-1).Draw(t, "a"))
			b := first.AddDays(rapid.IntRange(0, days-1).Draw(t, "b"))
			if calendar.Distance(a, b) != -calendar.Distance(b, a) {
				t.Fatalf("Distance(%s, %s) is not the negative of the way back", a, b)
			}
			if next, err := calendar.Next(a); err == nil {
				if !calendar.IsSession(next) || next <= a || calendar.Distance(a, next) != 1 {
					t.Fatalf("Next(%s) = %s", a, next)
				}
				if prev, err := calendar.Prev(next); err == nil && prev > a {
					t.Fatalf("Prev(Next(%s)) = %s, after it", a, prev)
				}
			}
			if sessions, err := calendar.Range(min(a, b), max(a, b)); err == nil {
				want := calendar.Distance(min(a, b), max(a, b))
				if calendar.IsSession(min(a, b)) {
					want++
				}
				if len(sessions) != want {
					t.Fatalf("Range(%s, %s) has %d sessions, Distance says %d", min(a, b), max(a, b), len(sessions), want)
				}
			}
			if !calendar.IsSession(a) {
				return
			}
			if open, close := calendar.Open(a), calendar.Close(a); !open.Before(close) {
				t.Fatalf("session %s opens at %s and closes at %s", a, open, close)
			}
			before := time.Duration(rapid.IntRange(0, 120).Draw(t, "minutes")) * time.Minute
			cutoff := calendar.Cutoff(a, before)
			if got, err := calendar.SessionFor(cutoff.Add(-1), before); got != a || err != nil {
				t.Fatalf("just before the cut-off of %s: session %s, %v", a, got, err)
			}
			if got, err := calendar.SessionFor(cutoff, before); err == nil && calendar.Distance(a, got) != 1 {
				t.Fatalf("at the cut-off of %s: session %s", a, got)
			}
		})
	}
}

func BenchmarkNYSE(b *testing.B) {
	for b.Loop() {
		data.NYSE()
	}
}

func BenchmarkSessionFor(b *testing.B) {
	calendar := data.NYSE()
	at := time.Date(2024, 3, 9, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		if _, err := calendar.SessionFor(at, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func TestOnSessions(t *testing.T) {
	got, err := data.NYSE().OnSessions([]data.Action{
		{Session: "1987-06-16", Split: 2}, // before the calendar
		{Session: "2024-06-08", Split: 4}, // a Saturday
		{Session: "2024-06-11", Dividend: 1},
	})
	want := []data.Action{{Session: "2024-06-10", Split: 4}, {Session: "2024-06-11", Dividend: 1}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("OnSessions = %v, %v; want %v", got, err, want)
	}
	if _, err := data.NYSE().OnSessions([]data.Action{{Session: "2031-01-02", Split: 2}}); err == nil {
		t.Error("an action after the calendar's end was accepted")
	}
}
