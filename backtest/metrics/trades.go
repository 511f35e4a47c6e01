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
	won := make([]float64, len(trades))
	for i, t := range trades {
		switch {
		case math.IsNaN(t.Profit):
			won[i] = t.Profit
		case t.Profit > 0:
			won[i] = 1
		}
	}
	return mean(won)
}

// ProfitFactor is the profits of the winning trades over the losses of the
// losing ones. NaN where no trade lost.
func ProfitFactor(trades []Trade) float64 {
	return Omega(profits(trades), 0, 1)
}

// Expectancy is the mean profit of a trade in money. NaN without trades.
func Expectancy(trades []Trade) float64 { return mean(profits(trades)) }

// ExpectedReturn is the mean return of a trade on the money put in, without
// regard to size. NaN without trades.
func ExpectedReturn(trades []Trade) float64 {
	returns := make([]float64, len(trades))
	for i, t := range trades {
		returns[i] = t.Return
	}
	return mean(returns)
}

// SQN is the system quality number:
//
//	√n · mean(profit) / stdev(profit)
//
// over the n trades, with the sample deviation; some tools put a ceiling of 100
// on n, this one does not. NaN for fewer than two trades or equal profits.
// Source: Tharp, V. K. (2008), "Definitive Guide to Position Sizing".
func SQN(trades []Trade) float64 {
	p := profits(trades)
	return quotient(mean(p), deviation(p)) * math.Sqrt(float64(len(p)))
}

// AverageHolding is the mean length of a trade in sessions. NaN without trades.
func AverageHolding(trades []Trade) float64 {
	held := make([]float64, len(trades))
	for i, t := range trades {
		held[i] = float64(t.Sessions)
	}
	return mean(held)
}

func profits(trades []Trade) []float64 {
	p := make([]float64, len(trades))
	for i, t := range trades {
		p[i] = t.Profit
	}
	return p
}

// A TradeSummary is every figure of a list of trades. Each is the function of
// the same name.
type TradeSummary struct {
	Trades         int    `json:"trades"`
	WinRate        Figure `json:"winRate"`
	ProfitFactor   Figure `json:"profitFactor"`
	Expectancy     Figure `json:"expectancy"`     // money a trade
	ExpectedReturn Figure `json:"expectedReturn"` // a trade
	SQN            Figure `json:"sqn"`
	AverageHolding Figure `json:"averageHolding"` // sessions
}

// MeasureTrades computes all figures of closed trades.
func MeasureTrades(trades []Trade) TradeSummary {
	return TradeSummary{
		Trades: len(trades), WinRate: Figure(WinRate(trades)), ProfitFactor: Figure(ProfitFactor(trades)),
		Expectancy: Figure(Expectancy(trades)), ExpectedReturn: Figure(ExpectedReturn(trades)),
		SQN: Figure(SQN(trades)), AverageHolding: Figure(AverageHolding(trades)),
	}
}
