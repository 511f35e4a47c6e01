package report

import (
	"math"
	"strconv"
	"strings"
)

// notAvailable is how an undefined figure is shown.
const notAvailable = "n/a"

// A unit says how a number is written.
type unit string

const (
	inPercent  unit = "percent" // a fraction, shown times 100
	inMoney    unit = "money"   // of the account's currency
	inPrice    unit = "price"
	asRatio    unit = "ratio"
	asCount    unit = "count"
	asFlow     unit = "flow" // a count whose sign is its direction
	asP        unit = "p"    // a probability of a test
	asRank     unit = "rank" // a sum of ranks
	inBps      unit = "bps"
	inSessions unit = "sessions"
	asText     unit = "text"
	asPeriod   unit = "period" // a return and when it was
	asGiven    unit = "given"  // no unit known
)

// symbol is what stands behind the name of a figure.
func (u unit) symbol() string {
	switch u {
	case inPercent, asPeriod:
		return "%"
	case inBps:
		return "bp"
	case inSessions:
		return "sessions"
	}
	return ""
}

// format writes v in its unit, without the unit's symbol.
func (u unit) format(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return notAvailable
	}
	switch u {
	case inPercent:
		return grouped(100*v, 2)
	case inMoney, inPrice:
		return grouped(v, 2)
	case asRatio:
		return grouped(v, 3)
	case asCount, asFlow:
		return grouped(v, 0)
	case asP:
		if v > 0 && v < 0.00005 {
			return "<0.0001"
		}
		return grouped(v, 4)
	case inBps, inSessions, asRank:
		return grouped(v, 1)
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// grouped is v with the given decimals and a comma between thousands. What
// rounds to zero has no sign.
func grouped(v float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	var b strings.Builder
	if v < 0 && strings.Trim(text, "0.") != "" {
		b.WriteByte('-')
	}
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if decimals > 0 {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// percent is a fraction as per cent with its symbol.
func percent(v float64) string {
	text := inPercent.format(v)
	if text == notAvailable {
		return text
	}
	return text + " %"
}

// plural is "1 session" or "3 sessions".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(float64(n), 0) + " " + noun + "s"
}
