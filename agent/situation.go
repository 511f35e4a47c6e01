package agent

import (
	"math"

	"finmem/data"
	"finmem/data/indicator"
)

// momentumSessions is the paper's: the prompt tells the return of three sessions.
const momentumSessions = 3

// longestAverage is the number of closes that the technical view's longest moving
// average needs.
const longestAverage = 50

// A technical view is what the closes, highs and lows say; NaN where the history
// is too short. The periods are the customary ones.
type technical struct {
	close, momentum, rsi, sma20, sma50, atr float64
	macd                                    indicator.Convergence
	bands                                   indicator.Bands
}

func technicalOf(bars []data.Bar) technical {
	highs, lows, closes := make([]float64, len(bars)), make([]float64, len(bars)), make([]float64, len(bars))
	for i, b := range bars {
		highs[i], lows[i], closes[i] = b.High, b.Low, b.Close
	}
	t := technical{
		close:    math.NaN(),
		momentum: indicator.Momentum(closes, momentumSessions),
		rsi:      indicator.RSI(closes, 14),
		sma20:    indicator.SMA(closes, 20),
		sma50:    indicator.SMA(closes, longestAverage),
		atr:      indicator.ATR(highs, lows, closes, 14),
		macd:     indicator.MACD(closes, 12, 26, 9),
		bands:    indicator.Bollinger(closes, 20, 2),
	}
	if len(closes) > 0 {
		t.close = closes[len(closes)-1]
	}
	return t
}
