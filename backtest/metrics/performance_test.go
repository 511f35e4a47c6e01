package metrics_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"finmem/backtest/metrics"
)

// Every figure of a Performance and a Relative is the function of its name: the
// right arguments reach the right place.
func TestMeasure(t *testing.T) {
	c := curve(metrics.Compounded(100, []float64{0.010, -0.005, 0.007, 0.002, -0.004, 0.006})...)
	r := metrics.Returns(c.Values())
	b := metrics.Basis{RiskFree: 0.01, PeriodsPerYear: 252}
	p := metrics.Measure(c, b)
	for name, pair := range map[string][2]float64{
		"cumulative": {float64(p.CumulativeReturn), metrics.CumulativeReturn(c.Values())},
		"log":        {float64(p.LogReturn), metrics.LogReturn(c.Values())},
		"annual":     {float64(p.AnnualReturn), metrics.AnnualReturn(r, 252)},
		"cagr":       {float64(p.CAGR), metrics.CAGR(c)},
		"volatility": {float64(p.Volatility), metrics.Volatility(r, 252)},
		"downside":   {float64(p.DownsideDeviation), metrics.DownsideDeviation(r, 0.01, 252)},
		"sharpe":     {float64(p.Sharpe), metrics.Sharpe(r, 0.01, 252)},
		"sortino":    {float64(p.Sortino), metrics.Sortino(r, 0.01, 252)},
		"calmar":     {float64(p.Calmar), metrics.CAGR(c) / metrics.MaxDrawdown(c.Values())},
		"omega":      {float64(p.Omega), metrics.Omega(r, 0.01, 252)},
		"drawdown":   {float64(p.MaxDrawdown), metrics.MaxDrawdown(c.Values())},
		"ulcer":      {float64(p.Ulcer), metrics.Ulcer(c.Values())},
		"VaR":        {float64(p.ValueAtRisk95), metrics.ValueAtRisk(r, 0.05)},
		"CVaR":       {float64(p.ConditionalVaR95), metrics.ConditionalValueAtRisk(r, 0.05)},
		"skew":       {float64(p.Skew), metrics.Skew(r)},
		"kurtosis":   {float64(p.Kurtosis), metrics.Kurtosis(r)},
	} {
		near(t, name, pair[0], pair[1], 0)
	}
	if p.Sessions != 6 || p.BestSession.Label != "2024-01-02" || p.WorstSession.Label != "2024-01-03" || len(p.Months) != 1 || len(p.Years) != 1 || len(p.Drawdowns) != 2 || p.BestMonth == nil || p.WorstMonth == nil {
		t.Errorf("%+v", p)
	}
	market := []float64{0.008, -0.01, 0.004, 0.003, -0.001, 0.002}
	rel, fit := metrics.Compare(r, market, b), metrics.Regress(r, market, 0.01, 252)
	for name, pair := range map[string][2]float64{
		"alpha": {float64(rel.Alpha), fit.Alpha}, "alpha t": {float64(rel.AlphaT), fit.AlphaT}, "alpha p": {float64(rel.AlphaP), fit.AlphaP},
		"beta": {float64(rel.Beta), fit.Beta}, "beta t": {float64(rel.BetaT), fit.BetaT}, "beta p": {float64(rel.BetaP), fit.BetaP},
		"R²":       {float64(rel.RSquared), fit.RSquared},
		"tracking": {float64(rel.TrackingError), metrics.TrackingError(r, market, 252)},
		"IR":       {float64(rel.InformationRatio), metrics.InformationRatio(r, market, 252)},
		"Treynor":  {float64(rel.Treynor), metrics.Treynor(r, market, 0.01, 252)},
		"up":       {float64(rel.UpCapture), metrics.UpCapture(r, market)},
		"down":     {float64(rel.DownCapture), metrics.DownCapture(r, market)},
	} {
		near(t, name, pair[0], pair[1], 0)
	}
}

// A curve of nothing measures as nothing, and says so in JSON.
func TestMeasureNothing(t *testing.T) {
	for _, c := range []metrics.EquityCurve{nil, curve(100)} {
		p := metrics.Measure(c, metrics.Basis{PeriodsPerYear: 252})
		raw, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(raw), "null") != 20 || !strings.Contains(string(raw), `"months":[]`) {
			t.Errorf("%s", raw)
		}
		if !math.IsNaN(float64(p.CumulativeReturn)) {
			t.Errorf("return %v", p.CumulativeReturn)
		}
	}
}
