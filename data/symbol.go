package data

import (
	"fmt"
	"strings"
)

// maxSymbol is the longest canonical symbol; the longest in use have about half
// of that.
const maxSymbol = 20

// Canonical is the one spelling of a symbol that finmem uses in files, memory
// and reports. It is never a path: letters A to Z, digits, and at most one
// separator between them.
//
//	BRK.B, BRK-B, BRK/B, brk.b   BRK.B     one or two characters after the
//	                                       separator: a share class or exchange
//	BTC-USD, btc/usd             BTC-USD   three to six: a pair and its quote
//	                                       currency
//
// Vendors that leave the separator out (BRKB, BTCUSD) name a different symbol
// as far as anyone can tell. A pair with a dot (BTC.USD) is refused, naming the
// spelling that is meant.
func Canonical(symbol string) (string, error) {
	if symbol == "" {
		return "", fmt.Errorf("symbol is empty")
	}
	if len(symbol) > maxSymbol {
		return "", fmt.Errorf("symbol %.24q…: longer than %d characters", symbol, maxSymbol)
	}
	separator := -1
	upper := []byte(symbol)
	for i, c := range upper {
		switch {
		case c >= 'a' && c <= 'z':
			// Only ASCII letters change case: strings.ToUpper would turn a
			// Turkish dotless i into an I.
			upper[i] = c - 'a' + 'A'
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case (c == '.' || c == '-' || c == '/') && separator < 0 && i > 0:
			separator = i
		default:
			return "", fmt.Errorf("symbol %q: want letters, digits and at most one separator, such as TSLA, BRK.B or BTC-USD", symbol)
		}
	}
	if separator < 0 {
		return string(upper), nil
	}
	root, suffix := string(upper[:separator]), string(upper[separator+1:])
	switch n := len(suffix); {
	case n == 1 || n == 2:
		return root + "." + suffix, nil
	case n >= 3 && n <= 6 && symbol[separator] == '.':
		return "", fmt.Errorf("symbol %q: write a pair as %s-%s", symbol, root, suffix)
	case n >= 3 && n <= 6:
		return root + "-" + suffix, nil
	}
	return "", fmt.Errorf("symbol %q: want one to six characters after %q", symbol, symbol[separator])
}

// IsPair reports whether a canonical symbol names a pair such as BTC-USD rather
// than a share.
func IsPair(symbol string) bool { return strings.Contains(symbol, "-") }
