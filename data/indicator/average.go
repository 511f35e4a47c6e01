package indicator

import (
	"math"

	talib "github.com/markcheno/go-talib"
)

// SMA is the simple moving average of the last period closes, in the unit of
// the prices. It is NaN for a period below 1 and for fewer closes than period.
func SMA(closes []float64, period int) float64 {
	closes = clean(closes)
	if period < 1 || len(closes) < period {
		return math.NaN()
	}
	return last(talib.Sma(closes[len(closes)-period:], period))
}

// Bands are Bollinger's bands, in the unit of the prices:
//
//	middle = SMA(period),  upper, lower = middle ± width · deviation
//
// The deviation is that of the population (divided by n), as Bollinger defines
// it.
type Bands struct{ Upper, Middle, Lower float64 }

// Bollinger is Bands over the last period closes; all NaN for a period below 2
// and for fewer closes than period.
//
// Source: Bollinger, J. (2001), Bollinger on Bollinger Bands.
func Bollinger(closes []float64, period int, width float64) Bands {
	closes = clean(closes)
	if period < 2 || len(closes) < period {
		return Bands{math.NaN(), math.NaN(), math.NaN()}
	}
	upper, middle, lower := talib.BBands(closes[len(closes)-period:], period, width, width, talib.SMA)
	return Bands{Upper: last(upper), Middle: last(middle), Lower: last(lower)}
}
