package indicator

import (
	"math"

	talib "github.com/markcheno/go-talib"
)

// ATR is Wilder's average true range, in the unit of the prices: the true range
//
//	max(high, close before) - min(low, close before)
//
// smoothed by Wilder's method over period sessions. The three series run in
// step. It is NaN with fewer than period+1 complete bars at the end of the
// series, so always where a source has closes only; and where the lengths
// differ.
//
// Source: Wilder, J. W. (1978), New Concepts in Technical Trading Systems.
func ATR(highs, lows, closes []float64, period int) float64 {
	if len(highs) != len(closes) || len(lows) != len(closes) {
		return math.NaN()
	}
	n := min(len(clean(highs)), len(clean(lows)), len(clean(closes)))
	if period < 2 || n < period+1 {
		return math.NaN()
	}
	from := len(closes) - n
	return last(talib.Atr(highs[from:], lows[from:], closes[from:], period))
}
