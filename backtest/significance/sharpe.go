package significance

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"finmem/backtest/metrics"
)

// Moments are what the error of a Sharpe ratio depends on.
type Moments struct {
	Sharpe   float64 // per period, no risk-free rate, sample deviation
	Skew     float64 // m3/m2^1.5 about the mean, not corrected for bias
	Kurtosis float64 // m4/m2², not corrected; 3 for a normal distribution
	Returns  int
}

// MomentsOf is the moments of returns per period. NaN where there are fewer than
// two returns or all are the same.
func MomentsOf(returns []float64) Moments {
	m := Moments{Sharpe: metrics.Sharpe(returns, 0, 1), Skew: math.NaN(), Kurtosis: math.NaN(), Returns: len(returns)}
	if math.IsNaN(m.Sharpe) {
		return m
	}
	m2 := stat.Moment(2, returns, nil)
	m.Skew = stat.Moment(3, returns, nil) / math.Pow(m2, 1.5)
	m.Kurtosis = stat.Moment(4, returns, nil) / (m2 * m2)
	return m
}

// spread is (n-1) times the variance of the estimated ratio:
//
//	1 - skew·SR + (kurtosis-1)/4 · SR²
func (m Moments) spread() float64 {
	return 1 - float64(m.Skew*m.Sharpe) + float64((m.Kurtosis-1)/4*m.Sharpe*m.Sharpe)
}

// ProbabilisticSharpe is the probability that the true Sharpe ratio per period
// lies above benchmark, given the estimate, its length and its shape:
//
//	PSR = Φ( (SR - benchmark) · √(n-1) / √(1 - skew·SR + (kurtosis-1)/4 · SR²) )
//
// Independent returns are assumed. A yearly benchmark b is b/√N per period. NaN
// where the moments are. Source: Bailey, D. H. and López de Prado, M. (2012),
// "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2).
func ProbabilisticSharpe(m Moments, benchmark float64) float64 {
	return distuv.UnitNormal.CDF((m.Sharpe - benchmark) * math.Sqrt(float64(m.Returns-1)) / math.Sqrt(m.spread()))
}

// ExpectedMaximum is the highest Sharpe ratio to be expected among trials
// variants of which none is worth anything, when their ratios scatter with the
// given deviation:
//
//	E = deviation · ( (1-γ)·Φ⁻¹(1 - 1/trials) + γ·Φ⁻¹(1 - 1/(trials·e)) )
//
// γ is the constant of Euler and Mascheroni. 0 for one trial. NaN for fewer.
func ExpectedMaximum(trials int, deviation float64) float64 {
	const gamma = 0.57721566490153286
	switch n := float64(trials); {
	case trials < 1:
		return math.NaN()
	case trials == 1:
		return 0
	default:
		return deviation * ((1-gamma)*distuv.UnitNormal.Quantile(1-1/n) + gamma*distuv.UnitNormal.Quantile(1-1/(n*math.E)))
	}
}

// DeflatedSharpe is the probability that the true Sharpe ratio is above zero
// after the best of a number of variants was picked: [ProbabilisticSharpe]
// against [ExpectedMaximum]. trials counts every variant that was tried, not only
// those that are shown; deviation is that of their ratios per period. Where it is
// not known, the error of one ratio, [Moments.Error], stands for it: variants
// that are all worth nothing and independent scatter by that much.
//
// Source: Bailey, D. H. and López de Prado, M. (2014), "The Deflated Sharpe
// Ratio", Journal of Portfolio Management 40(5).
func DeflatedSharpe(m Moments, trials int, deviation float64) float64 {
	return ProbabilisticSharpe(m, ExpectedMaximum(trials, deviation))
}

// Error is the standard error of the Sharpe ratio per period.
func (m Moments) Error() float64 {
	return math.Sqrt(m.spread() / float64(m.Returns-1))
}

// MinimumTrackRecord is the number of returns with the same moments from which on
// [ProbabilisticSharpe] against benchmark reaches confidence (0.95):
//
//	1 + (1 - skew·SR + (kurtosis-1)/4 · SR²) · (Φ⁻¹(confidence)/(SR - benchmark))²
//
// NaN where the ratio is not above the benchmark: no record is long enough.
// Source: as ProbabilisticSharpe.
func MinimumTrackRecord(m Moments, benchmark, confidence float64) float64 {
	if !(m.Sharpe > benchmark) || !(confidence > 0.5 && confidence < 1) {
		return math.NaN()
	}
	z := distuv.UnitNormal.Quantile(confidence) / (m.Sharpe - benchmark)
	return 1 + float64(m.spread()*z*z)
}
