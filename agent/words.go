package agent

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// notAvailable is how an undefined number shows in a prompt.
const notAvailable = "n/a"

// percent is a ratio in per cent with its sign, such as "+1.23 %".
func percent(r float64) string {
	if math.IsNaN(r) || math.IsInf(r, 0) {
		return notAvailable
	}
	return signed(100*r) + " %"
}

// signed is a number with its sign and two decimals. What rounds to zero is
// "+0.00", whichever side it comes from.
func signed(x float64) string {
	s := fmt.Sprintf("%+.2f", x)
	if s == "-0.00" {
		return "+0.00"
	}
	return s
}

// amount is a price or sum of money: two decimals, or six below 1 so that the
// price of a small coin is not 0.00.
func amount(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return notAvailable
	case math.Abs(x) < 1 && x != 0:
		return strconv.FormatFloat(x, 'f', 6, 64)
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

// plain is a number with two decimals.
func plain(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return notAvailable
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

// quantity is a number of shares or coins without needless decimals.
func quantity(x float64) string {
	s := strconv.FormatFloat(x, 'f', 6, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// counted is "1 session", "2 sessions".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
