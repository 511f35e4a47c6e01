package profile

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A period is a stretch of calendar dates that a text names, both ends included.
type period struct{ first, last time.Time }

// A mention is a period and the bytes of the text that name it.
type mention struct {
	start, end int
	period
}

// mentions are the periods named in an English text, in the order of the text.
//
// It reads days (2022-10-06, 10/6/2022, 6 October 2022, Oct. 6th, 2022), months,
// quarters and halves (Q3 2022, 3Q22, third quarter of 2022, H1 2022), fiscal
// years (FY22, fiscal 2022), decades (2020s) and years (2022, 2021-22). It does
// not read dates without a year, years in words, or "last spring".
func mentions(text string) []mention {
	// What one form has read is blanked out for the forms after it, so that the
	// year inside "6 October 2022" is not read again as a whole year.
	rest := []byte(text)
	var found []mention
	for _, f := range forms {
		for _, loc := range f.pattern.FindAllSubmatchIndex(rest, -1) {
			p, ok := f.read(groups(rest, loc))
			if !ok || f.yearAlone && isQuantity(text, loc[0], loc[1]) {
				continue
			}
			found = append(found, mention{start: loc[0], end: loc[1], period: p})
			for i := loc[0]; i < loc[1]; i++ {
				rest[i] = blank
			}
		}
	}
	slices.SortFunc(found, func(a, b mention) int { return cmp.Compare(a.start, b.start) })
	return found
}

// blank is neither a letter or digit nor white space, so that nothing matches
// across it.
const blank = '\x00'

// A form is one way of writing a period: a pattern, and how to read its groups,
// the first of which is in g[1]. A form of a year alone also has to tell the
// year from a count.
type form struct {
	pattern   *regexp.Regexp
	read      func(g []string) (period, bool)
	yearAlone bool
}

// The parts of the patterns. Apostrophes and hyphens come in several shapes, and
// no-break spaces are spaces.
const (
	reYear    = `((?:19|20|21)\d\d)`
	reYY      = `['’](\d\d)`
	reMonth   = `(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?`
	reDay     = `(\d{1,2})(?:st|nd|rd|th)?`
	reSpace   = `[\s\x{a0}\x{2009}\x{202f}]`
	reDash    = `[-‐‑–—]`
	reTo      = reSpace + `*(?:` + reDash + `|to|and|through)` + reSpace + `*`
	reDays    = reDay + `(?:` + reTo + reDay + `)?`
	reGap     = `(?:` + reSpace + `|[,-])+(?:of` + reSpace + `+)?`
	reOf      = reSpace + `+(?:of` + reSpace + `+|in` + reSpace + `+)?(?:the` + reSpace + `+)?`
	reFiscal  = `(?:FY|fiscal(?:` + reSpace + `+year)?|financial` + reSpace + `+year)`
	reOrdinal = `(first|second|third|fourth|1st|2nd|3rd|4th|last|final)`
)

func pattern(s string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + s) }

// forms are tried in this order: the longer ways of writing come first.
var forms = []form{
	// 2022-10-06, 2022/10/6, also before the time of day of a stamp
	{pattern: pattern(`\b` + reYear + `[-/.](\d{1,2})[-/.](\d{1,2})(?:\b|T)`),
		read: func(g []string) (period, bool) { return day(num(g[1]), num(g[2]), num(g[3])) }},
	// 10/6/2022, 6.10.2022, 10/6/22: month first or day first, the later reading
	{pattern: pattern(`\b(\d{1,2})[-/.](\d{1,2})[-/.]` + reYear + `\b`), read: dayEitherWay},
	{pattern: pattern(`\b(\d{1,2})/(\d{1,2})/(\d\d)\b`), read: dayEitherWay},
	// 6 October 2022, 6th of Oct. 2022, 6-Oct-2022, 6 to 8 October 2022
	{pattern: pattern(`\b` + reDays + `(?:` + reSpace + `|` + reDash + `)+(?:of` + reSpace + `+)?` + reMonth + reGap + reYear + `\b`),
		read: func(g []string) (period, bool) { return dayRange(g[4], g[3], g[1], g[2]) }},
	// October 6, 2022, Oct 6th 2022, October 6-8, 2022
	{pattern: pattern(`\b` + reMonth + reSpace + `*` + reDays + `(?:` + reSpace + `|,)+` + reYear + `\b`),
		read: func(g []string) (period, bool) { return dayRange(g[4], g[1], g[2], g[3]) }},
	// October 2022, Oct. 2022, October of 2022, Oct-2022, Oct '22
	{pattern: pattern(`\b` + reMonth + reGap + reYear + `\b`),
		read: func(g []string) (period, bool) { return months(num(g[2]), month(g[1]), 1) }},
	{pattern: pattern(`\b` + reMonth + reSpace + `*` + reYY + `\b`),
		read: func(g []string) (period, bool) { return months(num(g[2]), month(g[1]), 1) }},
	// 10/2022, 2022-10
	{pattern: pattern(`\b(0?[1-9]|1[0-2])/` + reYear + `\b`),
		read: func(g []string) (period, bool) { return months(num(g[2]), num(g[1]), 1) }},
	{pattern: pattern(`\b` + reYear + `-(0[1-9]|1[0-2])\b`),
		read: func(g []string) (period, bool) { return months(num(g[1]), num(g[2]), 1) }},
	// Q3 FY2022, third quarter of fiscal 2022, third fiscal quarter 2022, fiscal Q3 2022
	{pattern: pattern(`\b[QH][1-4](?:` + reSpace + `|[-,/])*(?:of` + reSpace + `+)?` + reFiscal + `(?:` + reSpace + `|-)*['’]?` + reYear + `\b`),
		read: func(g []string) (period, bool) { return fiscalYear(num(g[1])) }},
	{pattern: pattern(`\b` + reOrdinal + reSpace + `+(?:quarter|half)` + reOf + reFiscal + reSpace + `*` + reYear + `\b`),
		read: func(g []string) (period, bool) { return fiscalYear(num(g[2])) }},
	{pattern: pattern(`\b` + reOrdinal + reSpace + `+fiscal` + reSpace + `+(?:quarter|half)` + reOf + reYear + `\b`),
		read: func(g []string) (period, bool) { return fiscalYear(num(g[2])) }},
	{pattern: pattern(`\bfiscal` + reSpace + `+(?:[QH][1-4]|` + reOrdinal + reSpace + `+(?:quarter|half))` + reOf + reYear + `\b`),
		read: func(g []string) (period, bool) { return fiscalYear(num(g[2])) }},
	// Q3 2022, Q3-2022, Q3'22, 3Q22, 2022Q3
	{pattern: pattern(`\bQ([1-4])(?:` + reSpace + `|[-,/])*(?:of` + reSpace + `+)?` + reYear + `\b`),
		read: func(g []string) (period, bool) { return months(num(g[2]), 3*num(g[1])-2, 3) }},
	{pattern: pattern(`\bQ([1-4])` + reSpace + `*` + reYY + `\b`),
		read: func(g []string) (period, bool) { return months(num(g[2]), 3*num(g[1])-2, 3) }},
	{pattern: pattern(`\b([1-4])Q(?:` + reSpace + `|-)*` + reYear + `\b`),
		read: func(g []string) (period, bool) { return months(num(g[2]), 3*num(g[1])-2, 3) }},
	{pattern: pattern(`\b([1-4])Q[-'’]?(\d\d)\b`),
		read: func(g []string) (period, bool) { return months(num(g[2]), 3*num(g[1])-2, 3) }},
	{pattern: pattern(`\b` + reYear + `(?:` + reSpace + `|-)*Q([1-4])\b`),
		read: func(g []string) (period, bool) { return months(num(g[1]), 3*num(g[2])-2, 3) }},
	// third quarter of 2022, last quarter 2022, second half of 2022, H2 2022, 2H22
	{pattern: pattern(`\b` + reOrdinal + reSpace + `+quarter` + reOf + `(?:calendar` + reSpace + `+(?:year` + reSpace + `+)?)?` + reYear + `\b`),
		read: func(g []string) (period, bool) { return months(num(g[2]), 3*ordinal(g[1], 4)-2, 3) }},
	{pattern: pattern(`\b` + reOrdinal + reSpace + `+half` + reOf + reYear + `\b`),
		read: func(g []string) (period, bool) { return half(num(g[2]), ordinal(g[1], 2)) }},
	{pattern: pattern(`\bH([12])(?:` + reSpace + `|[-,/])*` + reYear + `\b`),
		read: func(g []string) (period, bool) { return half(num(g[2]), num(g[1])) }},
	{pattern: pattern(`\b([12])H(?:` + reSpace + `|-)*` + reYear + `\b`),
		read: func(g []string) (period, bool) { return half(num(g[2]), num(g[1])) }},
	{pattern: pattern(`\b([12])H[-'’]?(\d\d)\b`),
		read: func(g []string) (period, bool) { return half(num(g[2]), num(g[1])) }},
	// FY2022, FY22, FY'22, fiscal 2022, fiscal year 2022, fiscal 2021/22
	{pattern: pattern(`\b` + reFiscal + `(?:` + reSpace + `|-)*['’]?` + reYear + `(?:[-/–](\d\d|\d{4}))?\b`),
		read: func(g []string) (period, bool) {
			p, ok := yearRange(g[1], g[2])
			if !ok {
				return period{}, false
			}
			return fiscalYear(p.last.Year())
		}},
	{pattern: pattern(`\bFY(?:` + reSpace + `|-)*['’]?(\d\d)\b`),
		read: func(g []string) (period, bool) { return fiscalYear(num(g[1])) }},
	// 2020s
	{pattern: pattern(`\b((?:19|20|21)\d)0s\b`),
		read: func(g []string) (period, bool) { return months(10*num(g[1]), 1, 120) }},
	// 2021-22, 2021/22
	{pattern: pattern(`\b` + reYear + reSpace + `*(?:/|` + reDash + `)` + reSpace + `*(\d\d)\b`),
		read: func(g []string) (period, bool) { return yearRange(g[1], g[2]) }},
	// since '22
	{pattern: pattern(`\b(?:in|since|of|during|by|until|from|to|through|for|early|late|mid|end)(?:` + reSpace + `|-)+` + reYY + `\b`),
		read: func(g []string) (period, bool) { return months(num(g[1]), 1, 12) }},
	// 2022, CY2022, and 2022E as analysts mark an estimate
	{pattern: pattern(`\b(?:CY)?` + reYear + `[AEFP]?\b`), yearAlone: true,
		read: func(g []string) (period, bool) { return months(num(g[1]), 1, 12) }},
}

func groups(b []byte, loc []int) []string {
	g := make([]string, len(loc)/2)
	for i := range g {
		if loc[2*i] >= 0 {
			g[i] = string(b[loc[2*i]:loc[2*i+1]])
		}
	}
	return g
}

// num is the value of a group of digits; the patterns let nothing else through.
func num(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// fullYear turns 22 into 2022 and 97 into 1997.
func fullYear(y int) int {
	switch {
	case y >= 100:
		return y
	case y < 70:
		return 2000 + y
	}
	return 1900 + y
}

func date(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

func day(y, m, d int) (period, bool) {
	t := date(fullYear(y), m, d)
	if int(t.Month()) != m || t.Day() != d {
		return period{}, false
	}
	return period{t, t}, true
}

// dayEitherWay reads a date of which it is open whether month or day comes
// first. Both readings are kept: the first day is that of the earlier one, the
// last day that of the later.
func dayEitherWay(g []string) (period, bool) {
	a, okA := day(num(g[3]), num(g[1]), num(g[2]))
	b, okB := day(num(g[3]), num(g[2]), num(g[1]))
	switch {
	case !okA:
		return b, okB
	case !okB || a.first.Equal(b.first):
		return a, true
	case a.first.Before(b.first):
		return period{a.first, b.last}, true
	}
	return period{b.first, a.last}, true
}

func dayRange(year, name, from, to string) (period, bool) {
	first, ok := day(num(year), month(name), num(from))
	if !ok || to == "" {
		return first, ok
	}
	last, ok := day(num(year), month(name), num(to))
	return period{first.first, last.last}, ok && !last.last.Before(first.first)
}

var monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// month is the number of a month by its name, 0 for what is none: letters that
// only fold to those of a name match a pattern too.
func month(name string) int {
	return 1 + slices.Index(monthNames, strings.ToLower(name[:3]))
}

// months is a stretch of n months from month m of year y on.
func months(y, m, n int) (period, bool) {
	if m < 1 || m > 12 {
		return period{}, false
	}
	first := date(fullYear(y), m, 1)
	return period{first, first.AddDate(0, n, -1)}, true
}

func half(y, h int) (period, bool) {
	if h < 1 || h > 2 {
		return period{}, false
	}
	return months(y, 6*h-5, 6)
}

// fiscalYear is the longest stretch that "fiscal 2022" may mean. Companies name
// their fiscal year by the year in which it ends, and it may have begun in
// February of the year before, or by the year in which it begins, and it may run
// to the end of March of the next.
func fiscalYear(y int) (period, bool) {
	y = fullYear(y)
	return period{date(y-1, 2, 1), date(y+1, 3, 31)}, true
}

// yearRange is 2021-22 or 2021-2022; without a second year, one year. A second
// number that is not above the first belongs to something else.
func yearRange(from, to string) (period, bool) {
	y := num(from)
	if to == "" {
		return months(y, 1, 12)
	}
	last := num(to)
	if last < 100 {
		last += y / 100 * 100
	}
	if last <= y {
		return period{}, false
	}
	return period{date(y, 1, 1), date(last, 12, 31)}, true
}

var ordinals = map[string]int{"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}

// ordinal is the number of "third"; "last" is the last of n.
func ordinal(word string, n int) int {
	if i, ok := ordinals[strings.ToLower(word)]; ok {
		return i
	}
	return n
}

// A number from 1900 to 2199 is taken for a year unless its surroundings show
// that it counts something: a currency before it, decimals, a unit or a counted
// noun after it. A noun proves nothing after "in", "since" and the like ("in 2022
// employees went on strike") or after an article or pronoun ("its 2022 cars").
// What stays open is a year.
var (
	quantityBefore = pattern(`(?:[$€£¥₹#]` + reSpace + `*|\d\.|\b(?:USD|EUR|GBP|JPY|CHF|CAD|No\.)` + reSpace + `*)$`)
	quantityAfter  = pattern(`^(?:\.\d|` + reSpace + `*(?:%|‰)|(?:` + reSpace + `|-)+(?:(?:full-time|part-time|additional|more)` + reSpace + `+)?` +
		`(?:employees?|people|persons?|workers?|staff|shares?|holders|stores?|shops|restaurants|warehouses|factories|plants|offices|countries|cities|` +
		`cars|trucks|units|customers|clients|users|subscribers|members|titles|products|patents|stations|chargers|sites|sessions|days|` +
		`miles|feet|metres|meters|kilometres|kilometers|km|kg|tons|tonnes|acres|MW|MWh|GW|GWh|kWh|watts|megawatts|` +
		`points?|percent|per` + reSpace + `+cent|basis|bps?|dollars?|euros?|cents|thousand|million|billion|trillion|mn|bn|times)\b)`)
	yearBefore = pattern(`(?:\b(?:in|since|during|until|till|throughout|year|early|late|mid|after|before|by|` +
		`the|a|an|its|their|our|his|her|this|that|whose|new|all|model)|['’]s)(?:` + reSpace + `|-)+$`)
)

// isQuantity reports whether the number at text[start:end] counts something.
func isQuantity(text string, start, end int) bool {
	before, after := text[max(0, start-20):start], text[end:min(len(text), end+40)]
	if quantityBefore.MatchString(before) {
		return true
	}
	return quantityAfter.MatchString(after) && !yearBefore.MatchString(before)
}
