package indicator

import (
	"math"

	talib "github.com/markcheno/go-talib"
)

// Momentum is the simple return over the last sessions closes:
//
//	close[t] / close[t-sessions] - 1
//
// It is NaN with fewer than sessions+1 closes, or where the earlier close is not
// above zero.
func Momentum(closes []float64, sessions int) float64 {
	closes = clean(closes)
	if sessions < 1 || len(closes) <= sessions {
		return math.NaN()
	}
	before := closes[len(closes)-1-sessions]
	if before <= 0 {
		return math.NaN()
	}
	return last(closes)/before - 1
}

// RSI is Wilder's relative strength index of the closes, in [0, 100]:
//
//	100 · G / (G + L)
//
// where G and L are the average gain and loss per session, smoothed by Wilder's
// method over period sessions. It is NaN with fewer than period+1 closes, and
// where the price never moved, since then there is neither gain nor loss to
// compare (go-talib gives 0 there, which reads as "only losses").
//
// Source: Wilder, J. W. (1978), New Concepts in Technical Trading Systems.
func RSI(closes []float64, period int) float64 {
	closes = clean(closes)
	if period < 2 || len(closes) < period+1 {
		return math.NaN()
	}
	if rsi := last(talib.Rsi(closes, period)); rsi != 0 {
		return rsi
	}
	// A 0 is real where the mirrored series has 100; where both give 0 there was
	// no movement.
	mirrored := make([]float64, len(closes))
	for i, c := range closes {
		mirrored[i] = -c
	}
	if last(talib.Rsi(mirrored, period)) == 0 {
		return math.NaN()
	}
	return 0
}

// Convergence is the moving average convergence/divergence, in the unit of the
// prices: Line is the fast average less the slow one, Signal the average of
// Line, Histogram the distance of the two.
type Convergence struct{ Line, Signal, Histogram float64 }

// MACD is Appel's moving average convergence/divergence:
//
//	line = EMA(fast) - EMA(slow),  signal = EMA of line over signal sessions
//
// Each average starts from the mean of its first values, and the signal from the
// first slow average on. All three are NaN until there are slow+signal-1 closes
// (34 for 12, 26, 9).
//
// The averages are go-talib's; its Macd is not used, because it seeds the signal
// with the zeros of the warm-up and so understates it by up to two thirds for
// weeks.
//
// Source: Appel, G. (2005), Technical Analysis: Power Tools for Active Investors.
func MACD(closes []float64, fast, slow, signal int) Convergence {
	closes = clean(closes)
	if fast < 1 || slow <= fast || signal < 1 || len(closes) < slow+signal-1 {
		return Convergence{math.NaN(), math.NaN(), math.NaN()}
	}
	fastAverage := talib.Ema(closes, fast)[slow-1:]
	slowAverage := talib.Ema(closes, slow)[slow-1:]
	line := make([]float64, len(slowAverage))
	for i := range line {
		line[i] = fastAverage[i] - slowAverage[i]
	}
	c := Convergence{Line: last(line), Signal: last(talib.Ema(line, signal))}
	c.Histogram = c.Line - c.Signal
	return c
}
