package protocol

import (
	"fmt"
	"math"

	"finmem/data"
)

// A Basis says which prices of a bar count.
type Basis string

const (
	// Close is the closes and opens as they are.
	Close Basis = "close"
	// AdjClose is the closes with dividends in them, and the opens scaled
	// alike.
	AdjClose Basis = "adj-close"
)

// ParseBasis reads the name of a basis.
func ParseBasis(s string) (Basis, error) {
	switch b := Basis(s); b {
	case Close, AdjClose:
		return b, nil
	}
	return "", fmt.Errorf("price %q: want %s or %s", s, Close, AdjClose)
}

// HasAdjClose reports whether every bar has an adjusted close.
func HasAdjClose(bars []data.Bar) bool {
	for _, b := range bars {
		if !isPrice(b.AdjClose) {
			return false
		}
	}
	return len(bars) > 0
}

// FromBars is the prices of bars, which are in order of time. Asking for
// adjusted closes where a bar has none is an error; opens that are missing stay
// so.
func FromBars(bars []data.Bar, basis Basis) (Prices, error) {
	p := Prices{OpenAfter: math.NaN()}
	opens := false
	for _, b := range bars {
		scale := 1.0
		if basis == AdjClose {
			if !isPrice(b.AdjClose) {
				return Prices{}, fmt.Errorf("session %s has no adjusted close; use the close instead", b.Session)
			}
			scale = b.AdjClose / b.Close
		}
		p.Sessions = append(p.Sessions, b.Session)
		p.Open = append(p.Open, b.Open*scale)
		if basis == AdjClose {
			p.Close = append(p.Close, b.AdjClose)
		} else {
			p.Close = append(p.Close, b.Close)
		}
		opens = opens || b.HasOpen()
	}
	if !opens {
		p.Open = nil
	}
	return p, nil
}
