package importer

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"finmem/data"
)

// missingText reports whether a cell holds one of the words with which vendors
// say that there is no value.
func missingText(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "-", "--", "null", "nan", "none", "n/a", "na", "#n/a", "<na>", "nil":
		return true
	}
	return false
}

// A numberReader reads the numbers of one file. Whether a comma groups thousands
// or comes before the decimals is the same in all of it.
type numberReader struct {
	decimal DecimalMark
	comma   bool   // cells are separated by commas, so a comma inside one was quoted
	pointed bool   // a price with a decimal point was seen
	unclear string // the first price that is another number under the other reading
	divided string // the first price in which a comma can only come before decimals
}

// price reads a cell of a price column; NaN is a missing value.
func (r *numberReader) price(cell string) (float64, error) {
	if missingText(cell) {
		return math.NaN(), nil
	}
	v, err := r.number(cell)
	hasPoint, hasComma := strings.Contains(cell, "."), strings.Contains(cell, ",")
	switch {
	case err == nil && hasPoint:
		r.pointed = true
	case err == nil && hasComma && r.unclear == "":
		r.unclear = cell
	case err != nil && hasComma && r.divided == "":
		if _, ok := plainNumber(cell, '.', ','); ok {
			r.divided = cell
		}
	}
	return v, err
}

// number reads a number that is there.
func (r *numberReader) number(cell string) (float64, error) {
	group, point := byte(','), byte('.')
	if r.decimal == DecimalComma {
		group, point = '.', ','
	}
	plain, ok := plainNumber(cell, group, point)
	if !ok {
		return 0, fmt.Errorf("%q is not a number", cell)
	}
	v, err := strconv.ParseFloat(plain, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is out of range", cell)
	}
	return v, nil
}

// volume reads a number of shares, which may be shortened as in 157.78M; NaN is
// a missing value.
func (r *numberReader) volume(cell string) (float64, error) {
	if missingText(cell) {
		return math.NaN(), nil
	}
	exponent := ""
	switch cell[len(cell)-1] {
	case 'K', 'k':
		exponent = "e3"
	case 'M', 'm':
		exponent = "e6"
	case 'B', 'b':
		exponent = "e9"
	}
	v, err := r.number(strings.TrimRight(cell, "KkMmBb"))
	if err != nil || exponent == "" {
		return v, err
	}
	// Moving the decimal point in the text is exact; 157.78 × 1e6 is not.
	text := strconv.FormatFloat(v, 'f', -1, 64) + exponent
	return strconv.ParseFloat(text, 64)
}

// split reads a ratio of new to old shares, as in 4, 4.0, 4:1 or 1/10. No split
// is 0; vendors write it as 0, 1 or nothing.
func (r *numberReader) split(cell string) (float64, error) {
	if missingText(cell) {
		return 0, nil
	}
	numerator, denominator, isRatio := strings.Cut(strings.Replace(cell, "/", ":", 1), ":")
	v, err := r.number(strings.TrimSpace(numerator))
	if err != nil {
		return 0, err
	}
	if isRatio {
		per, err := r.number(strings.TrimSpace(denominator))
		if err != nil {
			return 0, err
		}
		if per <= 0 {
			return 0, fmt.Errorf("%q is not a ratio", cell)
		}
		v /= per
	}
	if v == 1 {
		v = 0
	}
	return v, nil
}

// check refuses a file whose numbers were read in one of two ways without a sign
// that it is the right one.
func (r *numberReader) check() error {
	switch {
	case r.decimal != DecimalAuto:
		return nil
	case r.divided != "":
		return fmt.Errorf("price %q: the comma comes before the decimals; say so with the decimal mark", r.divided)
	case r.unclear != "" && !(r.comma && r.pointed):
		return fmt.Errorf("price %q: the comma may group thousands or come before the decimals; say which with the decimal mark", r.unclear)
	}
	return nil
}

// plainNumber rewrites a decimal number without thousands separators and with a
// point. Separators must stand at every third digit.
func plainNumber(text string, group, point byte) (plain string, ok bool) {
	digits := strings.TrimPrefix(text, "-")
	sign := text[:len(text)-len(digits)]
	whole, fraction, hasPoint := strings.Cut(digits, string(point))
	if sections := strings.Split(whole, string(group)); len(sections) > 1 {
		for i, s := range sections {
			if !allDigits(s) || len(s) > 3 || i > 0 && len(s) != 3 {
				return "", false
			}
		}
		whole = strings.Join(sections, "")
	}
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(fraction), "e")
	if !hasPoint {
		whole, exponent, scientific = strings.Cut(strings.ToLower(whole), "e")
		mantissa = ""
	}
	if whole == "" && mantissa == "" || whole != "" && !allDigits(whole) || mantissa != "" && !allDigits(mantissa) {
		return "", false
	}
	plain = sign + whole + "." + mantissa
	if !scientific {
		return plain, true
	}
	if power := strings.TrimLeft(exponent, "+-"); !allDigits(power) || len(exponent) > len(power)+1 {
		return "", false
	}
	return plain + "e" + exponent, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

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

// readDate reads a date or the stamp of a daily bar. A stamp is one of midnight,
// either as it is written or in the exchange's zone.
func readDate(cell string, exchange *time.Location) (dateCell, error) {
	if t, err := time.Parse(time.DateOnly, cell); err == nil {
		return dateCell{session: data.SessionOf(t)}, nil
	}
	for _, form := range []string{"20060102", "2006/01/02", "Jan 2, 2006", "January 2, 2006", "2 Jan 2006", "02-Jan-2006", "02.01.2006"} {
		if t, err := time.Parse(form, cell); err == nil {
			return dateCell{session: data.SessionOf(t)}, nil
		}
	}
	for _, form := range []string{"2006-01-02 15:04:05Z07:00", time.RFC3339, "2006-01-02 15:04:05Z0700"} {
		if t, err := time.Parse(form, cell); err == nil {
			return stampDate(cell, t, exchange), nil
		}
	}
	for _, form := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if t, err := time.Parse(form, cell); err == nil {
			return stampDate(cell, t, nil), nil
		}
	}
	if d, ok := slashDate(cell); ok {
		return d, nil
	}
	if allDigits(cell) && len(cell) >= 9 {
		return dateCell{}, fmt.Errorf("date %q looks like seconds since 1970; want dates such as 2024-03-08", cell)
	}
	return dateCell{}, fmt.Errorf("date %q: want a day that exists, such as 2024-03-08", cell)
}

// stampDate is the date of a stamp of midnight. exchange is nil where the stamp
// has no zone.
func stampDate(cell string, t time.Time, exchange *time.Location) dateCell {
	midnight := func(t time.Time) bool { h, m, s := t.Clock(); return h == 0 && m == 0 && s == 0 }
	switch {
	case midnight(t):
		return dateCell{session: data.SessionOf(t)}
	case exchange != nil && midnight(t.In(exchange)):
		return dateCell{session: data.SessionOf(t.In(exchange))}
	}
	return dateCell{session: data.SessionOf(t), clock: cell}
}

// slashDate reads 01/20/2023 or 20/01/2023, which may also have dashes. Only the
// whole file can tell which it is.
func slashDate(cell string) (dateCell, bool) {
	parts := strings.FieldsFunc(cell, func(c rune) bool { return c == '/' || c == '-' })
	if len(parts) != 3 || len(parts[2]) != 4 {
		return dateCell{}, false
	}
	read := func(month, day string) data.Session {
		t, err := time.Parse("1/2/2006", month+"/"+day+"/"+parts[2])
		if err != nil {
			return ""
		}
		return data.SessionOf(t)
	}
	d := dateCell{monthDay: read(parts[0], parts[1]), dayMonth: read(parts[1], parts[0])}
	return d, d.monthDay != "" || d.dayMonth != ""
}
