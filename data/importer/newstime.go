package importer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"finmem/data"
)

// A stampReader reads the times of news in the forms that vendors write.
type stampReader struct {
	// zone is that of stamps that have none; nil refuses them.
	zone  *time.Location
	order DateOrder
	// places are the zones found so far; looking one up reads a file.
	places map[string]*time.Location
}

func newStampReader(zone *time.Location, order DateOrder) *stampReader {
	return &stampReader{zone: zone, order: order, places: make(map[string]*time.Location)}
}

// A stamp is when an item of news came out.
type stamp struct {
	time     time.Time // UTC; midnight of the date where dateOnly
	dateOnly bool
	// midnight is set where a time of day of 00:00 was taken for no time at all.
	midnight bool
}

// Times that [ImportNews] refuses a file for: every stamp in it would be read by
// the same guess. [NewsOptions] have the answer.
var (
	ErrNoZone    = errors.New("has no zone")
	ErrDateOrder = errors.New("does not show whether day or month comes first")
)

// errRelative is a time that says nothing by itself, which is a fault of the item
// alone.
var errRelative = errors.New("counts from the time of fetching, which the file does not say")

// read understands, with any time of day and zone behind a date:
//
//	2024-03-08T18:30:00-05:00   2024-03-08 18:30:00+00:00   2024/03/08   20240308T183000Z
//	1709940600  1709940600000   seconds, milli-, micro- or nanoseconds since 1970 by the number of digits
//	Fri Oct 23 15:08:18 +0000 2015   January 25, 2024 — 03:33 am EST   DEC 18, 2023   18-Jul-2020
//	03/08/2024                  by [DateOrder]
//
// Zones are offsets, UTC, GMT, Z and the abbreviations of RFC 2822 for North
// America; EST is five hours behind UTC also in summer, ET is the time of New
// York.
//
// A stamp of exactly 00:00:00 is a date that some program wrote with a time; it
// counts as the date alone, which is never known earlier. A clock time that the
// zone had twice, or skipped, is the later of the two it may be.
func (r *stampReader) read(text string) (stamp, error) {
	text = strings.TrimSpace(text)
	if missingText(text) {
		return stamp{}, errors.New("time is missing")
	}
	fail := func(err error) (stamp, error) { return stamp{}, fmt.Errorf("time %.40q %w", text, err) }
	if len(text) > maxStamp || !utf8.ValidString(text) {
		return fail(errors.New("is not a time"))
	}
	if s, ok, err := readNumberStamp(text); ok {
		if err != nil {
			return fail(err)
		}
		return s, nil
	}
	p := stampParser{rest: text, reader: r}
	if err := p.parse(); err != nil {
		return fail(err)
	}
	s, err := p.stamp()
	if err != nil {
		return fail(err)
	}
	return s, nil
}

// maxStamp is longer than any time that is written in words.
const maxStamp = 80

// readNumberStamp reads a time that is one number: 20240308, 20240308183000 or a
// count since 1970. ok is set where the text is a number at all.
func readNumberStamp(text string) (s stamp, ok bool, err error) {
	whole, fraction, hasPoint := strings.Cut(text, ".")
	if !allDigits(whole) || hasPoint && fraction != "" && !allDigits(fraction) {
		return stamp{}, false, nil
	}
	if len(whole) == 8 && !hasPoint || len(whole) == 14 && !hasPoint {
		return stamp{}, false, nil // a date written together
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return stamp{}, true, errors.New("is a number too large for a time")
	}
	var t time.Time
	switch len(whole) {
	case 9, 10:
		nanos, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64) // nine digits
		t = time.Unix(n, nanos)
	case 12, 13:
		t = time.UnixMilli(n)
	case 15, 16:
		t = time.UnixMicro(n)
	case 18, 19:
		t = time.Unix(0, n)
	default:
		return stamp{}, true, errors.New("is a number; want seconds or milliseconds since 1970, or a date")
	}
	return newStamp(t.UTC()), true, nil
}

// newStamp is the stamp of an instant, in the zone in which it was written.
func newStamp(t time.Time) stamp {
	if h, m, s := t.Clock(); h == 0 && m == 0 && s == 0 && t.Nanosecond() == 0 {
		return stamp{time: data.SessionOf(t).In(time.UTC), dateOnly: true, midnight: true}
	}
	return stamp{time: t.UTC()}
}

// A stampParser takes a time apart, piece by piece. A piece is recognised by
// itself, wherever it stands.
type stampParser struct {
	rest   string
	reader *stampReader
	joined bool // a T was read last, which joins date and clock

	year, month, day int // 0 while not seen
	weekday          time.Weekday
	hasWeekday       bool

	hasClock               bool
	hour, minute, sec, nsc int
	half                   string // am or pm

	hasZone bool
	zone    *time.Location
}

func (p *stampParser) parse() error {
	for p.rest != "" {
		c := p.rest[0]
		joined := p.joined
		p.joined = false
		var err error
		switch {
		case c >= '0' && c <= '9':
			err = p.number(joined)
		case (c == '+' || c == '-') && p.hasClock && len(p.rest) > 1 && isDigit(p.rest[1]):
			err = p.offset()
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			err = p.word()
		default:
			r, size := utf8.DecodeRuneInString(p.rest)
			if !strings.ContainsRune(" ,-–—|@()\t\u00a0\u202f·•", r) {
				return errors.New("is not a time")
			}
			p.rest = p.rest[size:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// digits takes a run of at most limit digits off the rest.
func (p *stampParser) digits(limit int) (n, length int) {
	for length < len(p.rest) && length < limit && isDigit(p.rest[length]) {
		n = 10*n + int(p.rest[length]-'0')
		length++
	}
	p.rest = p.rest[length:]
	return n, length
}

// take removes one of the bytes off the rest, if it is next and a digit follows.
func (p *stampParser) take(bytes string) (byte, bool) {
	if len(p.rest) < 2 || !isDigit(p.rest[1]) || !strings.Contains(bytes, p.rest[:1]) {
		return 0, false
	}
	c := p.rest[0]
	p.rest = p.rest[1:]
	return c, true
}

var errNoDate = errors.New("has no whole date")

var errNotATime = errors.New("is not a time; want one such as 2024-03-08T18:30:00-05:00, or a date")

// number reads what starts with a digit: a clock, a whole date, a year or a day.
func (p *stampParser) number(joined bool) error {
	written := p.rest
	n, length := p.digits(14)
	if p.rest != "" && isDigit(p.rest[0]) {
		return errNotATime
	}
	switch {
	case length == 8 || length == 14:
		if err := p.date(atoi(written[:4]), atoi(written[4:6]), atoi(written[6:8])); err != nil || length == 8 {
			return err
		}
		return p.clock(atoi(written[8:10]), atoi(written[10:12]), atoi(written[12:14]))
	case joined && length == 4:
		return p.clock(n/100, n%100, 0)
	case joined && length == 6:
		return p.clock(n/10000, n/100%100, n%100)
	case length <= 2 && strings.HasPrefix(p.rest, ":"):
		return p.colons(n)
	case length <= 2:
		return p.short(n)
	case length == 4:
		separator, ok := p.take("-/.")
		if !ok {
			return p.set(&p.year, n)
		}
		month, wide := p.digits(2)
		again, ok := p.take(string(separator))
		day, narrow := p.digits(2)
		if !ok || again != separator || wide == 0 || narrow == 0 {
			return errNotATime
		}
		return p.date(n, month, day)
	}
	return errNotATime
}

// short reads a number of one or two digits: a day, the start of 03/08/2024, or
// an hour as in 9am.
func (p *stampParser) short(n int) error {
	switch word := p.nextWord(); word {
	case "am", "pm":
		return p.clock(n, 0, 0)
	case "st", "nd", "rd", "th":
		p.rest = p.rest[2:]
		return p.set(&p.day, n)
	}
	saved := p.rest
	separator, ok := p.take("/.-")
	if !ok {
		return p.set(&p.day, n)
	}
	second, wide := p.digits(2)
	again, ok := p.take("/.-")
	year, long := p.digits(4)
	if !ok || again != separator || wide == 0 || long != 4 {
		if separator == '-' {
			p.rest = saved // 18-Jul or 18 - 03:33, not a date of three numbers
			return p.set(&p.day, n)
		}
		return errNotATime
	}
	switch p.reader.order {
	case MonthDayYear:
		return p.date(year, n, second)
	case DayMonthYear:
		return p.date(year, second, n)
	}
	if n == second {
		return p.date(year, n, second)
	}
	return ErrDateOrder
}

// nextWord is the run of letters that comes next, in lower case; it stays.
func (p *stampParser) nextWord() string {
	n := 0
	for n < len(p.rest) && (p.rest[n]|0x20 >= 'a' && p.rest[n]|0x20 <= 'z') {
		n++
	}
	return strings.ToLower(p.rest[:n])
}

func atoi(digits string) int {
	n, _ := strconv.Atoi(digits) // digits were counted before
	return n
}

var errTwice = errors.New("says the same part of a time twice")

func (p *stampParser) set(part *int, n int) error {
	if *part != 0 {
		return errTwice
	}
	if n == 0 {
		return errNotATime
	}
	*part = n
	return nil
}

func (p *stampParser) date(year, month, day int) error {
	return errors.Join(p.set(&p.year, year), p.set(&p.month, month), p.set(&p.day, day))
}

func (p *stampParser) clock(hour, minute, second int) error {
	if p.hasClock {
		return errTwice
	}
	if hour > 23 || minute > 59 || second > 59 {
		return errors.New("has a time of day that does not exist")
	}
	p.hasClock, p.hour, p.minute, p.sec = true, hour, minute, second
	return nil
}

// colons reads the rest of hh:mm, hh:mm:ss or hh:mm:ss.fraction.
func (p *stampParser) colons(hour int) error {
	p.rest = p.rest[1:]
	minute, wide := p.digits(2)
	if wide != 2 {
		return errNotATime
	}
	second := 0
	if _, ok := p.take(":"); ok {
		if second, wide = p.digits(2); wide != 2 {
			return errNotATime
		}
		if _, ok := p.take(".,"); ok {
			scale := 100_000_000
			for p.rest != "" && isDigit(p.rest[0]) {
				p.nsc += scale * int(p.rest[0]-'0')
				scale /= 10
				p.rest = p.rest[1:]
			}
		}
	}
	return p.clock(hour, minute, second)
}

// offset reads +05:30, -0500 or +00.
func (p *stampParser) offset() error {
	sign := 1
	if p.rest[0] == '-' {
		sign = -1
	}
	p.rest = p.rest[1:]
	hours, wide := p.digits(2)
	if wide != 2 {
		return errNotATime
	}
	p.take(":")
	minutes, wide := p.digits(2)
	if wide == 1 || hours > 15 || minutes > 59 || p.rest != "" && isDigit(p.rest[0]) {
		return errors.New("has an offset that does not exist")
	}
	return p.zoned(time.FixedZone("", sign*(hours*60+minutes)*60))
}

func (p *stampParser) zoned(zone *time.Location) error {
	// Dates of JavaScript say "GMT-0500": an offset behind UTC replaces it.
	if p.hasZone && p.zone != time.UTC {
		return errTwice
	}
	p.hasZone, p.zone = true, zone
	return nil
}

// word reads a name: of a month, a weekday, a zone, or half of the day.
func (p *stampParser) word() error {
	word := p.nextWord()
	p.rest = p.rest[len(word):]
	switch word {
	case "t":
		p.joined = true
		return nil
	case "at", "on":
		return nil
	case "am", "pm":
		if p.half != "" {
			return errTwice
		}
		p.half = word
		return nil
	case "z", "utc", "gmt":
		return p.zoned(time.UTC)
	case "ago", "yesterday", "today", "tomorrow", "now", "just", "last", "this", "a", "an", "sec", "secs", "second", "seconds",
		"min", "mins", "minute", "minutes", "h", "hr", "hrs", "hour", "hours", "d", "day", "days", "week", "weeks",
		"mo", "month", "months", "year", "years":
		return errRelative
	}
	if month := monthNamed(word); month != 0 {
		return p.set(&p.month, month)
	}
	if day, ok := weekdayNamed(word); ok {
		if p.hasWeekday {
			return errTwice
		}
		p.hasWeekday, p.weekday = true, day
		return nil
	}
	zone, err := p.reader.zoneNamed(word)
	if err != nil {
		return err
	}
	return p.zoned(zone)
}

func monthNamed(word string) int {
	if word == "sept" {
		return 9
	}
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		if word == name || word == name[:3] {
			return int(m)
		}
	}
	return 0
}

func weekdayNamed(word string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if word == name || len(word) >= 3 && len(word) <= 5 && strings.HasPrefix(name, word) {
			return d, true
		}
	}
	return 0, false
}

// zoneNamed knows the zone names of RFC 2822, and ET, CT, MT and PT for what the
// clocks there show.
func (r *stampReader) zoneNamed(word string) (*time.Location, error) {
	for i, place := range []string{"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"} {
		initial := "ecmp"[i : i+1]
		switch word {
		case initial + "st":
			return time.FixedZone("", -(5+i)*60*60), nil
		case initial + "dt":
			return time.FixedZone("", -(4+i)*60*60), nil
		case initial + "t":
			if r.places[place] == nil {
				zone, err := time.LoadLocation(place)
				if err != nil {
					return nil, err
				}
				r.places[place] = zone
			}
			return r.places[place], nil
		}
	}
	return nil, fmt.Errorf("has the word %q, which is no month, weekday or known zone", word)
}

// stamp puts the pieces together.
func (p *stampParser) stamp() (stamp, error) {
	if p.year == 0 || p.month == 0 || p.day == 0 {
		return stamp{}, errNoDate
	}
	date := time.Date(p.year, time.Month(p.month), p.day, 0, 0, 0, 0, time.UTC)
	if date.Day() != p.day || date.Month() != time.Month(p.month) {
		return stamp{}, errors.New("is a date that does not exist")
	}
	if p.hasWeekday && date.Weekday() != p.weekday {
		return stamp{}, fmt.Errorf("is a %s", date.Weekday())
	}
	if !p.hasClock {
		if p.half != "" {
			return stamp{}, errNotATime
		}
		return stamp{time: date, dateOnly: true}, nil
	}
	if p.half != "" {
		if p.hour < 1 || p.hour > 12 {
			return stamp{}, errors.New("has a time of day that does not exist")
		}
		p.hour %= 12
		if p.half == "pm" {
			p.hour += 12
		}
	}
	if p.hour == 0 && p.minute == 0 && p.sec == 0 && p.nsc == 0 {
		return stamp{time: date, dateOnly: true, midnight: true}, nil
	}
	zone := p.reader.zone
	if p.hasZone {
		zone = p.zone
	}
	if zone == nil {
		return stamp{}, ErrNoZone
	}
	t := time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.sec, p.nsc, zone)
	// Where the clocks went back the hour was there twice, where they went forward
	// not at all; either way the later reading is never ahead of the truth.
	if again := t.Add(time.Hour); again.Hour() == t.Hour() || t.Hour() < p.hour {
		t = again
	}
	return stamp{time: t.UTC()}, nil
}
