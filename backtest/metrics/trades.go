package metrics

import "math"

// A Trade is a round trip, entry to exit. An open position is not a trade.
type Trade struct {
	Profit   float64 // money after costs; negative is a loss
	Return   float64 // profit over the money put in, as a fraction
	Sessions int     // sessions from entry to exit
}

// WinRate is the share of trades with a profit above zero, in [0, 1]. A trade
// that breaks even is not a win. NaN without trades, whatever is still open.
func WinRate(trades []Trade) float64 {
	if len(trades) == 0 {
		return math.NaN()
	}
	won := 0
	for _, t := range trades {
		if math.IsNaN(t.Profit) {
			return math.NaN()
		}
		if t.Profit > 0 {
			won++
		}
	}
	return float64(won) / float64(len(trades))
}
