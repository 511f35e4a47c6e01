package backtest

import (
	"fmt"
	"math"

	"finmem/backtest/metrics"
	"finmem/data"
)

// volatilitySessions is how many returns the realised volatility is taken from:
// about a month.
const volatilitySessions = 20

// VolTarget scales the target weight down when the market moves more than it is
// meant to:
//
//	largest weight = target weight · min(1, Yearly / σ)
//
// σ is the yearly volatility of the last 20 close-to-close returns
// ([metrics.Volatility]). It never scales up: a calm market is no reason to
// borrow. Until there are 20 returns σ is n/a, and so is a weight that would be
// safe: nothing may be held.
//
// Source: Moreira, A. and Muir, T. (2017), "Volatility-Managed Portfolios",
// Journal of Finance 72(4), who scale by the variance and both ways.
type VolTarget struct {
	Yearly         float64 // above 0
	PeriodsPerYear float64
}

func (VolTarget) Name() string { return "vol-target" }

func (l VolTarget) Apply(at Standing, _ *LimitMemory, wish float64) (allowed float64, reason string) {
	sigma := realised(at.Bars, l.PeriodsPerYear)
	if math.IsNaN(sigma) {
		return 0, fmt.Sprintf("volatility is n/a on %d closes: want %d", len(at.Bars), volatilitySessions+1)
	}
	scale := 1.0
	if sigma > l.Yearly {
		scale = l.Yearly / sigma
	}
	return capped(wish, at.TargetWeight*scale), fmt.Sprintf("volatility %.2f %% a year over %d sessions, target %.2f %%", 100*sigma, volatilitySessions, 100*l.Yearly)
}

// realised is the yearly volatility of the last returns, NaN on too few bars.
func realised(bars []data.Bar, periodsPerYear float64) float64 {
	if len(bars) <= volatilitySessions {
		return math.NaN()
	}
	var closes []float64
	for _, b := range bars[len(bars)-volatilitySessions-1:] {
		closes = append(closes, b.Close)
	}
	return metrics.Volatility(metrics.Returns(closes), periodsPerYear)
}
