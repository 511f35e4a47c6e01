package protocol

import (
	"fmt"
	"math"
	"slices"

	"finmem/data"
)

// Prices are the prices of consecutive sessions, oldest first. All of one
// series: raw, or adjusted for splits and dividends, but not both.
type Prices struct {
	Sessions []data.Session
	Close    []float64
	// Open may be nil where nothing is filled at the open. An open that the
	// source does not have is NaN.
	Open []float64
	// OpenAfter is the open of the session after the last one, and NaN where it
	// is not known. Only a fill at the next open needs it.
	OpenAfter float64
}

// Window is the prices of the sessions in [from, to], with the open of the
// session after them.
func (p Prices) Window(from, to data.Session) Prices {
	first, _ := slices.BinarySearch(p.Sessions, from)
	last, found := slices.BinarySearch(p.Sessions, to)
	if found {
		last++
	}
	last = max(first, last)
	w := Prices{Sessions: p.Sessions[first:last], Close: p.Close[first:last], OpenAfter: p.OpenAfter}
	if p.Open != nil {
		w.Open = p.Open[first:last]
		if last < len(p.Open) {
			w.OpenAfter = p.Open[last]
		}
	}
	return w
}

// Validate reports the first price that cannot be one.
func (p Prices) Validate() error {
	if len(p.Close) != len(p.Sessions) || (p.Open != nil && len(p.Open) != len(p.Sessions)) {
		return fmt.Errorf("%d sessions with %d closes and %d opens: want one of each", len(p.Sessions), len(p.Close), len(p.Open))
	}
	for i, c := range p.Close {
		if !isPrice(c) {
			return fmt.Errorf("session %s: close %g is not a price", p.Sessions[i], c)
		}
		if i > 0 && p.Sessions[i] <= p.Sessions[i-1] {
			return fmt.Errorf("session %s comes after %s: want sessions in order of time, each once", p.Sessions[i], p.Sessions[i-1])
		}
	}
	return nil
}

func isPrice(p float64) bool { return p > 0 && !math.IsInf(p, 1) }
