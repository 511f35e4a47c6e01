package importer

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"finmem/data"
)

// A dateCell is a date as it was written. Where day and month cannot be told
// apart in the cell itself, both readings are kept.
type dateCell struct {
	session  data.Session // "" where day and month are open
	monthDay data.Session // the cell read as month, day, year; "" where there is no such date
	dayMonth data.Session
	// clock is set where the stamp has a time of day, so that the row is no
	// finished daily bar.
	clock string
}

// A dateReader reads the dates of one file.
type dateReader struct {
	order    DateOrder
	exchange *data.Calendar
	seen     map[string]dateCell // dates repeat from symbol to symbol
}

func newDateReader(order DateOrder, exchange *data.Calendar) *dateReader {
	return &dateReader{order: order, exchange: exchange, seen: make(map[string]dateCell)}
}

// maxSeenDates bounds what a dateReader keeps: the dates of 300 years.
const maxSeenDates = 100_000

// read reads a date or the stamp of a daily bar, with the cell of a column of
// times where there is one.
func (r *dateReader) read(cell, clock string) (dateCell, error) {
	if clock != "" {
		cell += " " + clockText(clock)
	}
	if d, ok := r.seen[cell]; ok {
		return d, nil
	}
	d, err := r.parse(cell)
	if err == nil && len(r.seen) < maxSeenDates {
		r.seen[strings.Clone(cell)] = d
	}
	return d, err
}

// clockText writes a time of day as 15:04:05, from that or from 150405.
func clockText(clock string) string {
	if len(clock) == 6 && allDigits(clock) {
		return clock[:2] + ":" + clock[2:4] + ":" + clock[4:]
	}
	if strings.Count(clock, ":") == 1 {
		clock += ":00"
	}
	if strings.IndexByte(clock, ':') == 1 {
		clock = "0" + clock
	}
	return clock
}

// The forms of dates and stamps that say which part is which.
func dateForms() []string {
	return []string{"20060102", "2006-1-2", "2006/1/2", "2006.1.2", "Jan 2, 2006", "January 2, 2006", "2 Jan 2006", "2 January 2006",
		"2-Jan-2006", "2-Jan-06", "Mon, Jan 2, 2006", "Monday, January 2, 2006", "Mon Jan 2 2006"}
}

// dottedForm puts the day first, as it is done wherever dates have dots.
const dottedForm = "2.1.2006"

func zonedForms() []string {
	return []string{"2006-01-02 15:04:05Z07:00", time.RFC3339, "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05 -0700"}
}

func (r *dateReader) parse(cell string) (dateCell, error) {
	if t, err := time.Parse(time.DateOnly, cell); err == nil {
		return dateCell{session: data.SessionOf(t)}, nil
	}
	for _, form := range dateForms() {
		if t, err := time.Parse(form, cell); err == nil {
			return dateCell{session: data.SessionOf(t)}, nil
		}
	}
	if t, err := time.Parse(dottedForm, cell); err == nil && r.order == DateOrderAuto {
		return dateCell{session: data.SessionOf(t)}, nil
	}
	for _, form := range zonedForms() {
		if t, err := time.Parse(form, cell); err == nil {
			return r.stamp(cell, t), nil
		}
	}
	if t, ok := epoch(cell); ok {
		return r.stamp(cell, t), nil
	}
	if date, clock, ok := cutClock(cell); ok {
		d, err := r.parse(date)
		if err != nil || d.clock != "" {
			return dateCell{}, noDate(cell)
		}
		r.addClock(&d, cell, clock)
		return d, nil
	}
	return r.slashed(cell)
}

func noDate(cell string) error {
	if allDigits(cell) && len(cell) == 5 {
		return fmt.Errorf("date %q looks like a spreadsheet's serial number; format the column as a date, such as 2024-03-08", cell)
	}
	return fmt.Errorf("date %q: want a day that exists, such as 2024-03-08", cell)
}

// epoch reads seconds since 1970, or parts of them, of the years 1973 to 2286.
func epoch(cell string) (time.Time, bool) {
	whole, zeros, _ := strings.Cut(cell, ".")
	if !allDigits(whole) || strings.Trim(zeros, "0") != "" {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	switch len(whole) {
	case 9, 10:
		return time.Unix(n, 0).UTC(), true
	case 12, 13:
		return time.UnixMilli(n).UTC(), true
	case 15, 16:
		return time.UnixMicro(n).UTC(), true
	case 18, 19:
		return time.Unix(0, n).UTC(), true
	}
	return time.Time{}, false
}

// cutClock takes a time of day without a zone off a stamp.
func cutClock(cell string) (date string, clock time.Time, ok bool) {
	i := strings.LastIndexAny(cell, " T")
	if i > 0 && (strings.HasSuffix(cell, "AM") || strings.HasSuffix(cell, "PM")) && strings.Count(cell[i:], ":") == 0 {
		i = strings.LastIndexByte(cell[:i], ' ')
	}
	if i <= 0 {
		return "", time.Time{}, false
	}
	for _, form := range []string{"15:04:05", "15:04", "15:04:05.000", "3:04:05 PM", "3:04 PM"} {
		if t, err := time.Parse(form, cell[i+1:]); err == nil {
			return cell[:i], t, true
		}
	}
	return "", time.Time{}, false
}

func isMidnight(t time.Time) bool { h, m, s := t.Clock(); return h == 0 && m == 0 && s == 0 }

// stamp is the date of an instant: one of midnight, as it is written or in the
// exchange's zone, or one at which the exchange opens or closes, since vendors
// stamp daily bars with either.
func (r *dateReader) stamp(cell string, t time.Time) dateCell {
	there := t.In(r.exchange.Location())
	d := dateCell{session: data.SessionOf(there)}
	switch {
	case isMidnight(t):
		return dateCell{session: data.SessionOf(t)}
	case isMidnight(there):
		return d
	}
	if r.exchange.IsSession(d.session) && (r.exchange.Open(d.session).Equal(t) || r.exchange.Close(d.session).Equal(t)) {
		return d
	}
	return dateCell{session: data.SessionOf(t), clock: strings.Clone(cell)}
}

// addClock gives a date the time of day that is written beside it. The close of
// the session stands for the session.
func (r *dateReader) addClock(d *dateCell, cell string, clock time.Time) {
	if isMidnight(clock) {
		return
	}
	for _, s := range []data.Session{d.session, d.monthDay, d.dayMonth} {
		if s == "" || !r.exchange.IsSession(s) {
			continue
		}
		if r.exchange.Close(s).In(r.exchange.Location()).Format(time.TimeOnly) == clock.Format(time.TimeOnly) {
			return
		}
	}
	d.clock = strings.Clone(cell)
}

// slashed reads 01/20/2023, 20/01/2023 or, where it was said to be so, 23/01/20,
// which may also have dashes or dots. Only the whole file can tell the first two
// apart.
func (r *dateReader) slashed(cell string) (dateCell, error) {
	parts := strings.FieldsFunc(cell, func(c rune) bool { return c == '/' || c == '-' || c == '.' })
	if len(parts) != 3 {
		return dateCell{}, noDate(cell)
	}
	for _, p := range parts {
		if !allDigits(p) || len(p) > 2 && len(p) != 4 {
			return dateCell{}, noDate(cell)
		}
	}
	read := func(year, month, day string) data.Session {
		form := "2006-1-2"
		if len(year) == 2 {
			form = "06-1-2"
		}
		t, err := time.Parse(form, year+"-"+month+"-"+day)
		if err != nil {
			return ""
		}
		return data.SessionOf(t)
	}
	var d dateCell
	switch {
	case r.order == YearMonthDay:
		d.session = read(parts[0], parts[1], parts[2])
	case len(parts[2]) == 4 || len(parts[2]) == 2 && r.order != DateOrderAuto:
		d.monthDay, d.dayMonth = read(parts[2], parts[0], parts[1]), read(parts[2], parts[1], parts[0])
	case len(parts[0]) <= 2 && len(parts[2]) == 2:
		return dateCell{}, fmt.Errorf("date %q has a year of two digits; say which part is which: --dates mdy, --dates dmy or --dates ymd", cell)
	}
	if d == (dateCell{}) {
		return dateCell{}, noDate(cell)
	}
	return d, nil
}
