package importer

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// missingText reports whether a cell holds one of the words with which vendors
// say that there is no value.
func missingText(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "-", "--", "–", "—", ".", "null", "nan", "none", "n/a", "n.a.", "na", "#n/a", "<na>", "nil", "nat":
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
	money   string // the currency that prices are written with, "" for none
	other   string // the first price with another currency
}

// price reads a cell of a price column; NaN is a missing value.
func (r *numberReader) price(cell string) (float64, error) {
	if v, ok := r.simple(cell); ok {
		return v, nil
	}
	if missingText(cell) {
		return math.NaN(), nil
	}
	number, money := cutMoney(cell)
	switch {
	case money == "" || money == r.money:
	case r.money == "":
		r.money = strings.Clone(money)
	case r.other == "":
		r.other = strings.Clone(cell)
	}
	v, err := r.number(number)
	hasPoint, hasComma := strings.Contains(number, "."), strings.Contains(number, ",")
	switch {
	case err == nil && hasPoint:
		r.pointed = true
	case err == nil && hasComma && r.unclear == "":
		r.unclear = strings.Clone(cell)
	case err != nil && hasComma && r.divided == "":
		if _, ok := plainNumber(number, '.', ','); ok {
			r.divided = strings.Clone(cell)
		}
	}
	return v, err
}

// simple reads what most cells are: digits with at most one point.
func (r *numberReader) simple(cell string) (float64, bool) {
	if r.decimal == DecimalComma || cell == "" {
		return 0, false
	}
	points := 0
	for i := range len(cell) {
		switch c := cell[i]; {
		case c == '.':
			points++
		case c < '0' || c > '9':
			return 0, false
		}
	}
	if points > 1 || points == len(cell) {
		return 0, false
	}
	v, err := strconv.ParseFloat(cell, 64)
	r.pointed = r.pointed || points > 0
	return v, err == nil
}

// cutMoney takes the sign or the code of a currency off a price.
func cutMoney(cell string) (number, money string) {
	first, _ := utf8.DecodeRuneInString(cell)
	last, _ := utf8.DecodeLastRuneInString(cell)
	digit := func(c rune) bool { return c >= '0' && c <= '9' || c == '.' || c == ',' || c == '-' }
	switch {
	case !digit(first):
		i := strings.IndexFunc(cell, digit)
		if i > 0 && isMoney(strings.TrimSpace(cell[:i])) {
			return cell[i:], strings.TrimSpace(cell[:i])
		}
	case !digit(last):
		i := strings.LastIndexFunc(cell, digit)
		if rest := strings.TrimSpace(cell[i+1:]); isMoney(rest) {
			return cell[:i+1], rest
		}
	}
	return cell, ""
}

// isMoney reports whether a text beside a number names a currency.
func isMoney(text string) bool {
	switch text {
	case "$", "US$", "€", "£", "¥", "₹", "₩", "Fr.", "C$", "A$", "HK$", "R$", "kr", "zł", "₽", "₺", "p", "GBp":
		return true
	}
	return isCurrency(text)
}

// number reads a number that is there.
func (r *numberReader) number(cell string) (float64, error) {
	group, point := byte(','), byte('.')
	if r.decimal == DecimalComma {
		group, point = '.', ','
	}
	plain, ok := plainNumber(cell, group, point)
	if !ok {
		// Spaces, some of them narrow, and apostrophes group digits and never
		// come before decimals.
		marks := strings.NewReplacer(" ", "\x00", "\u00a0", "\x00", "\u202f", "\x00", "\u2009", "\x00", "'", "\x00", "’", "\x00")
		if marked := marks.Replace(cell); marked != cell {
			plain, ok = plainNumber(marked, 0, point)
		}
	}
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
	if v, err := strconv.ParseUint(cell, 10, 53); err == nil {
		return float64(v), nil
	}
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
// that it is the right one, or are sums of two currencies.
func (r *numberReader) check() error {
	switch {
	case r.other != "":
		return fmt.Errorf("prices in two currencies, %s and %q; keep the rows of one", r.money, r.other)
	case r.decimal != DecimalAuto:
		return nil
	case r.divided != "":
		return fmt.Errorf("price %q: the comma comes before the decimals; say so with --decimal ,", r.divided)
	case r.unclear != "" && !(r.comma && r.pointed):
		return fmt.Errorf("price %q: the comma may group thousands or come before the decimals; say which with --decimal . or --decimal ,", r.unclear)
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
