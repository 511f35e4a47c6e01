package data

import "math"

// A Bar is one session's trading, known at the session's close. Prices are in
// the quote currency per share, Volume in shares. A value that the source does
// not have is NaN; Close is always present and positive in a [History].
type Bar struct {
	Session  Session
	Open     float64
	High     float64
	Low      float64
	Close    float64
	AdjClose float64
	Volume   float64
}

// CloseBar is a bar of which only the close is known.
func CloseBar(s Session, price float64) Bar {
	nan := math.NaN()
	return Bar{Session: s, Open: nan, High: nan, Low: nan, Close: price, AdjClose: nan, Volume: nan}
}

// HasOpen reports whether the bar has an opening price to fill at.
func (b Bar) HasOpen() bool { return usable(b.Open) }

// The range of prices. What lies outside is a slip: money in the ledger has six
// decimals, and nothing costs a thousand billion.
const (
	smallestPrice = 0.000001
	largestPrice  = 1e12
)

// usable reports whether p can be a price.
func usable(p float64) bool { return p >= smallestPrice && p <= largestPrice }

// An Action is a corporate action that takes effect before the open of its
// session. Split is the ratio of new to old shares (4 for a 4:1 split, 0.1 for
// a 1:10 reverse split, 0 where there is none); Dividend is cash per share held
// at the previous close, in the shares that the dataset's prices are in: where the
// prices contain later splits, so does the dividend, as vendors give it.
type Action struct {
	Session  Session
	Split    float64
	Dividend float64
}
