package backtest_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/metrics"
	"finmem/data"
)

// fiveDays buys at 100 on the second session and sells at 99 on the fourth:
//
//	session  open close  equity at the close
//	03-04     100   100   10,000  buy
//	03-05     100   110   11,000  100 shares at 100
//	03-06     110    99    9,900  sell
//	03-07      99    99    9,900  100 shares at 99
//	03-08      90   120    9,900
func fiveDays(t *testing.T) backtest.Result {
	t.Helper()
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04", To: "2024-03-08"}
	feed := market(t, bar("2024-03-04", 100, 100), bar("2024-03-05", 100, 110), bar("2024-03-06", 110, 99), bar("2024-03-07", 99, 99), bar("2024-03-08", 90, 120))
	records := mustRun(t, cfg, feed, &script{actions: map[data.Session]agent.Action{"2024-03-04": agent.Buy, "2024-03-06": agent.Sell}})
	return backtest.Evaluate("AAA", "x", "2024-03-01", 10000, 0, 252, records)
}

// near compares to the ninth digit; both undefined is equal.
func near(got, want float64) bool {
	return math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= 1e-9
}

type figure struct {
	name      string
	got, want float64
}

func checkFigures(t *testing.T, figures []figure) {
	t.Helper()
	for _, f := range figures {
		if !near(f.got, f.want) {
			t.Errorf("%s = %v, want %v", f.name, f.got, f.want)
		}
	}
}

func TestEvaluateFigures(t *testing.T) {
	r := fiveDays(t)
	nan := math.NaN()
	checkFigures(t, []figure{
		{"sessions", float64(r.Sessions), 5},
		{"final equity", r.FinalEquity, 9900},
		{"return", float64(r.CumulativeReturn), -0.01},
		{"log return", float64(r.LogReturn), math.Log(0.99)},
		{"annual return", float64(r.AnnualReturn), math.Pow(0.99, 252.0/5) - 1},
		{"CAGR over 7 days", float64(r.CAGR), math.Pow(0.99, 365.25/7) - 1},
		// Returns 0, 10 %, -10 %, 0, 0: sum of squares 0.02 about a mean of 0.
		{"volatility", float64(r.Volatility), math.Sqrt(0.02/4) * math.Sqrt(252)},
		{"downside deviation", float64(r.DownsideDeviation), math.Sqrt(0.01/5) * math.Sqrt(252)},
		{"Sharpe", float64(r.Sharpe), 0},
		{"Sortino", float64(r.Sortino), 0},
		{"Omega", float64(r.Omega), 1},
		{"drawdown", float64(r.MaxDrawdown), 0.1},
		{"Calmar", float64(r.Calmar), (math.Pow(0.99, 365.25/7) - 1) / 0.1},
		{"Ulcer", float64(r.Ulcer), math.Sqrt(3 * 0.01 / 5)}, // three of five closes 10 % under
		{"value at risk", float64(r.ValueAtRisk95), 0.1},
		{"conditional value at risk", float64(r.ConditionalVaR95), 0.1},
		{"skew", float64(r.Skew), 0},
		{"best session", float64(r.BestSession.Return), 0.1},
		{"worst session", float64(r.WorstSession.Return), -0.1},
		{"best month", float64(r.BestMonth.Return), -0.01},
		{"exposed", float64(r.ExposureTime), 0.4},
		{"average exposure", float64(r.AverageExposure), 0.4},
		{"turnover", float64(r.Turnover), 19900 / ((10000 + 11000 + 3*9900) / 5.0) * 252 / 5},
		{"price return", float64(r.PriceReturn), 0.2},
		{"trades", float64(r.Trades), 1},
		{"win rate", float64(r.WinRate), 0},
		{"profit factor", float64(r.ProfitFactor), 0},
		{"expectancy", float64(r.Expectancy), -100},
		{"expected return", float64(r.ExpectedReturn), -0.01},
		{"SQN of one trade", float64(r.SQN), nan},
		{"holding", float64(r.AverageHolding), 2},
	})
	if r.BestSession.Label != "2024-03-05" || r.WorstSession.Label != "2024-03-06" || r.WorstMonth.Label != "2024-03" {
		t.Errorf("best %+v, worst %+v, worst month %+v", r.BestSession, r.WorstSession, r.WorstMonth)
	}
	if len(r.Months) != 1 || len(r.Years) != 1 || r.Years[0].Label != "2024" || r.Years[0].Sessions != 5 {
		t.Errorf("months %+v, years %+v; want March and 2024 with 5 sessions", r.Months, r.Years)
	}
	want := []metrics.Drawdown{{Start: "2024-03-05", Trough: "2024-03-06", Depth: r.MaxDrawdown, Sessions: 3}}
	if !slices.Equal(r.Drawdowns, want) || r.DrawdownStart != "2024-03-05" || r.DrawdownRecovery != "" {
		t.Errorf("drawdowns %+v, want %+v", r.Drawdowns, want)
	}
}

// A step earns from one open to the next, so that exposures times markets add up
// to what the account made.
func TestSteps(t *testing.T) {
	r := fiveDays(t)
	want := []backtest.Step{
		{Session: "2024-03-04", Exposure: 0, Market: 0},
		{Session: "2024-03-05", Exposure: 1, Market: 0.1, Traded: 1},
		{Session: "2024-03-06", Exposure: 1, Market: -0.1},
		{Session: "2024-03-07", Exposure: 0, Market: 90.0/99 - 1, Traded: 1},
		{Session: "2024-03-08", Exposure: 0, Market: 120.0/90 - 1},
	}
	if diff := cmp.Diff(want, r.Steps, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("steps differ (-want +got):\n%s", diff)
	}
}

// The deepest five of six drawdowns are kept, the deepest first.
func TestDeepestDrawdowns(t *testing.T) {
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04", To: "2024-03-20"}
	sessions, err := nyse.Range(cfg.Window.From, cfg.Window.To)
	if err != nil {
		t.Fatal(err)
	}
	// Bought at 100; every second close is lower by these per cent.
	falls := []float64{3, 1, 6, 2, 5, 4}
	var bars []data.Bar
	for i, s := range sessions {
		price := 100.0
		if i%2 == 0 && i > 0 {
			price -= falls[i/2-1]
		}
		bars = append(bars, bar(s, 100, price))
	}
	r := backtest.Evaluate("AAA", "x", "2024-03-01", 10000, 0, 252,
		mustRun(t, cfg, market(t, bars...), &script{actions: map[data.Session]agent.Action{sessions[0]: agent.Buy}}))
	var depths []float64
	for _, d := range r.Drawdowns {
		depths = append(depths, math.Round(100*float64(d.Depth)))
	}
	if !slices.Equal(depths, []float64{6, 5, 4, 3, 2}) || !near(float64(r.MaxDrawdown), 0.06) {
		t.Errorf("drawdowns of %v %%, the largest %v; want 6, 5, 4, 3, 2 and 0.06", depths, r.MaxDrawdown)
	}
}

// Nothing scored is undefined, not zero.
func TestEvaluateNothing(t *testing.T) {
	r := backtest.Evaluate("AAA", "x", "2024-03-01", 10000, 0, 252, nil)
	if r.Sessions != 0 || r.CumulativeReturn.Defined() || r.Sharpe.Defined() || r.ExposureTime.Defined() || r.PriceReturn.Defined() || r.FinalEquity != 10000 {
		t.Errorf("result of no sessions = %+v", r)
	}
}

// half earns half of what buying and holding does, before costs: returns of
// +10 %, -10 % and 0 against +20 %, -20 % and 0.
func half() (own, benchmark backtest.Result) {
	curve := func(values ...float64) metrics.EquityCurve {
		var c metrics.EquityCurve
		for i, s := range []data.Session{"2024-03-01", "2024-03-04", "2024-03-05", "2024-03-06"} {
			c = append(c, metrics.Point{Session: s, Value: values[i]})
		}
		return c
	}
	basis := metrics.Basis{PeriodsPerYear: 252}
	own = backtest.Result{Symbol: "AAA", Trader: "x", Basis: basis, Curve: curve(100, 110, 99, 99)}
	benchmark = backtest.Result{Symbol: "AAA", Trader: "buy and hold", Basis: basis, Curve: curve(100, 120, 96, 96)}
	own.Performance, benchmark.Performance = metrics.Measure(own.Curve, basis), metrics.Measure(benchmark.Curve, basis)
	return own, benchmark
}

func TestCompareWith(t *testing.T) {
	r, benchmark := half()
	if err := r.CompareWith(benchmark); err != nil {
		t.Fatal(err)
	}
	c := r.Relative
	checkFigures(t, []figure{
		{"excess return", float64(c.ExcessReturn), -0.01 - -0.04},
		{"beta", float64(c.Beta), 0.5},
		{"alpha", float64(c.Alpha), 0},
		{"r squared", float64(c.RSquared), 1},
		{"beta's t where the line meets every point", float64(c.BetaT), math.NaN()},
		// Differences -0.1, +0.1, 0.
		{"tracking error", float64(c.TrackingError), 0.1 * math.Sqrt(252)},
		{"information ratio", float64(c.InformationRatio), 0},
		{"Treynor", float64(c.Treynor), 0},
		{"up capture", float64(c.UpCapture), 0.5},
		{"down capture", float64(c.DownCapture), 0.5},
	})
	if c.Benchmark != "buy and hold" {
		t.Errorf("benchmark %q", c.Benchmark)
	}
}

func TestCompareWithOtherSessions(t *testing.T) {
	r, benchmark := half()
	benchmark.Curve[3].Session = "2024-03-07"
	for name, err := range map[string]error{"CompareWith": r.CompareWith(benchmark), "Assess": r.Assess(benchmark, 1, 1)} {
		if err == nil || !strings.Contains(err.Error(), "2024-03-04 to 2024-03-06") || !strings.Contains(err.Error(), "to 2024-03-07") {
			t.Errorf("%s: error %v, want one that names both windows", name, err)
		}
	}
	benchmark.Curve = nil
	if err := r.CompareWith(benchmark); err == nil {
		t.Error("a benchmark without a curve was accepted")
	}
	if r.Relative != nil || r.Significance != nil {
		t.Error("a refused comparison has set its figures")
	}
}

func TestAssess(t *testing.T) {
	r := fiveDays(t)
	benchmark := r
	if err := r.Assess(benchmark, 7, 1); err != nil {
		t.Fatal(err)
	}
	s := r.Significance
	if s.Level != 0.95 || s.Resamples != 2000 || s.Seed != 7 || s.Trials != 1 {
		t.Errorf("settings %+v, want a level of 0.95, 2000 resamples, seed 7 and one trial", s)
	}
	checkFigures(t, []figure{
		// In the market on two of five sessions; moved by 2, 3 or 4 sessions
		// that earns 4/3 · 10/11, 4/3 and 1.1, by 1 session 0.9 · 10/11, against 0.99.
		{"circular shift", float64(s.ShiftP), 4.0 / 5},
		{"Wilcoxon against itself", float64(s.WilcoxonP), math.NaN()},
		{"break-even cost of a loss", float64(s.BreakEvenBps), math.NaN()},
		{"probabilistic Sharpe", float64(s.PSR), 0.5},
		{"deflated Sharpe of one trial", float64(s.DSR), 0.5},
		{"log return", float64(s.LogReturn), math.Log(0.99)},
		{"without the best five of five sessions", float64(s.WithoutBest5), 0},
		{"their share of a loss", float64(s.Best5Share), math.NaN()},
	})
	if !(s.ReturnLow < -0.01 && s.ReturnHigh > -0.01) {
		t.Errorf("interval %v to %v does not hold the return", s.ReturnLow, s.ReturnHigh)
	}

	again := fiveDays(t)
	if err := again.Assess(benchmark, 7, 10); err != nil {
		t.Fatal(err)
	}
	if again.Significance.ReturnLow != s.ReturnLow || again.Significance.SharpeHigh != s.SharpeHigh {
		t.Error("the same seed gave other intervals")
	}
	if !(again.Significance.DSR < s.DSR) || again.Significance.PSR != s.PSR {
		t.Errorf("deflated Sharpe after 10 trials %v, after one %v: want less", again.Significance.DSR, s.DSR)
	}
	if err := r.Assess(benchmark, 7, 0); err == nil {
		t.Error("no variants tried were accepted")
	}
}

// Bought at 100 and sold at 121: (1-k)·1.21·(1-k) = 1 at k = 1/11, whatever was
// paid.
func TestBreakEvenCost(t *testing.T) {
	feed := market(t, bar("2024-03-04", 100, 100), bar("2024-03-05", 100, 100), bar("2024-03-06", 100, 100), bar("2024-03-07", 121, 121))
	for _, bps := range []float64{0, 50} {
		cfg := free()
		cfg.Cash = cfg.Cash.Mul(cfg.Cash) // so many shares that whole ones do not matter
		cfg.Sim.CommissionBps = bps
		cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04", To: "2024-03-07"}
		records := mustRun(t, cfg, feed, &script{actions: map[data.Session]agent.Action{"2024-03-04": agent.Buy, "2024-03-06": agent.Sell}})
		r := backtest.Evaluate("AAA", "x", "2024-03-01", cfg.Cash.InexactFloat64(), 0, 252, records)
		if err := r.Assess(r, 1, 1); err != nil {
			t.Fatal(err)
		}
		// A cost leaves a little less to hold, hence the tolerance.
		if got, want := float64(r.Significance.BreakEvenBps), 1e4/11; math.Abs(got-want) > 0.01*want {
			t.Errorf("paying %v bp: break-even cost %v bp, want %v", bps, got, want)
		}
	}
}

// Undefined figures are null in JSON, and what was written is read back.
func TestResultJSON(t *testing.T) {
	r := fiveDays(t)
	if err := r.CompareWith(r); err != nil {
		t.Fatal(err)
	}
	if err := r.Assess(r, 1, 1); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"sqn":null`) || strings.Contains(string(text), "NaN") {
		t.Errorf("undefined figures in %s", text)
	}
	var got backtest.Result
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	r.Basis, r.Curve, r.Steps, r.Closed = metrics.Basis{}, nil, nil, nil // these are not in it
	figures := cmp.Comparer(func(a, b metrics.Figure) bool { return a == b || !a.Defined() && !b.Defined() })
	if diff := cmp.Diff(r, got, figures); diff != "" {
		t.Errorf("read back differs (-want +got):\n%s", diff)
	}
}
