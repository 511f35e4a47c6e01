package edgar

import (
	"fmt"
	"time"

	"finmem/data"
)

// opensAt is the hour in New York at which EDGAR begins to hand out the filings
// of a date.
const opensAt = 6

// accepted is the instant at which EDGAR accepted the filing. EDGAR's
// acceptanceDateTime ends in Z and is the wall clock of New York all the same.
// Where the list has no time, it is the date of filing, as a date only.
func (f submission) accepted(eastern *time.Location) (t time.Time, dateOnly bool, err error) {
	if f.Accepted == "" {
		return f.Filed.In(time.UTC), true, nil
	}
	t, err = time.Parse("2006-01-02T15:04:05Z07:00", f.Accepted)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("acceptance time %.40q: want one such as 2022-02-04T20:11:27.000Z", f.Accepted)
	}
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	t = time.Date(year, month, day, hour, minute, second, 0, eastern)
	// In the hour that comes twice in autumn, the later one: a filing is never
	// seen before it was there.
	if later := t.Add(time.Hour); later.Hour() == t.Hour() && later.Day() == t.Day() {
		t = later
	}
	return t.UTC(), false, nil
}

// known is the instant from which on the public could have the filing. It is
// that of acceptance, with one exception: what is accepted after 17:30 is handed
// out on the date of filing, which is the next business day. On the few federal
// holidays on which the exchange trades, a session lies between the two; there it
// is the hour at which EDGAR opens on the date of filing.
func (f submission) known(calendar *data.Calendar, eastern *time.Location) (t time.Time, dateOnly bool, err error) {
	t, dateOnly, err = f.accepted(eastern)
	if err != nil || dateOnly {
		return t, dateOnly, err
	}
	session, err := calendar.SessionFor(t, 0)
	if err != nil {
		return time.Time{}, false, err
	}
	if session < f.Filed {
		t = f.Filed.In(eastern).Add(opensAt * time.Hour).UTC()
	}
	return t, false, nil
}
