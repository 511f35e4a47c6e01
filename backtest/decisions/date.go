package decisions

import (
	"fmt"
	"strings"
	"time"

	"finmem/data"
)

// parseDate reads 2022-10-06, 10/6/22 or 10/6/2022. Dates with slashes have the
// month first, and a year of two digits is in this century. A time may follow if
// it is midnight, as in the output of tools that know only timestamps.
func parseDate(s string) (data.Session, error) {
	date := s
	if i := strings.IndexAny(s, " T"); i > 0 {
		clock := s[i+1:]
		if clock != "00:00:00" && clock != "00:00" {
			return "", fmt.Errorf("date %q has a time of day: want a date", s)
		}
		date = s[:i]
	}
	if !strings.Contains(date, "/") {
		return data.ParseSession(date)
	}
	layout := "1/2/2006"
	if i := strings.LastIndexByte(date, '/'); len(date)-i-1 == 2 {
		layout = "1/2/06"
	}
	t, err := time.Parse(layout, date)
	if err != nil || t.Year() < 1900 {
		return "", fmt.Errorf("date %q: want YYYY-MM-DD or month/day/year, a day that exists", s)
	}
	if layout == "1/2/06" && t.Year() < 2000 {
		// Go puts 69 to 99 into the last century.
		t = t.AddDate(100, 0, 0)
	}
	return data.SessionOf(t), nil
}
