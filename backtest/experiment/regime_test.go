package experiment_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"finmem/backtest/experiment"
	"finmem/backtest/metrics"
	"finmem/data"
)

func TestRule(t *testing.T) {
	r := experiment.DefaultRule()
	for _, tt := range []struct {
		move float64
		n    int
		want experiment.Regime
	}{
		// The threshold is 5 % over 63 sessions and twice that over four times as many.
		{0.0501, 63, experiment.Up},
		{0.05, 63, experiment.Side},
		{-0.05, 63, experiment.Side},
		{-0.0501, 63, experiment.Down},
		{0.0999, 252, experiment.Side},
		{0.1001, 252, experiment.Up},
		{0.0166, 7, experiment.Side}, // 5 %/3
		{0.0167, 7, experiment.Up},
		{math.NaN(), 63, ""},
	} {
		if got := r.Of(tt.move, tt.n); got != tt.want {
			t.Errorf("a move of %v over %d sessions is %q, want %q", tt.move, tt.n, got, tt.want)
		}
	}
	if got := (experiment.Rule{Move: 0, Sessions: 1}).Of(1e-9, 5); got != experiment.Up {
		t.Errorf("without a threshold a rise is %q, want up", got)
	}
	for _, bad := range []experiment.Rule{{-0.01, 63}, {math.NaN(), 63}, {math.Inf(1), 63}, {0.05, 0}} {
		if bad.Validate() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
}

func TestQuarters(t *testing.T) {
	sessions := []data.Session{"2023-12-28", "2023-12-29", "2024-01-02", "2024-03-28", "2024-04-01", "2024-10-01", "2025-01-02"}
	want := []experiment.Span{{"2023Q4", 0, 2}, {"2024Q1", 2, 4}, {"2024Q2", 4, 5}, {"2024Q4", 5, 6}, {"2025Q1", 6, 7}}
	if got := experiment.Quarters(sessions); !slices.Equal(got, want) {
		t.Errorf("Quarters = %v, want %v", got, want)
	}
	if got := experiment.Quarters(nil); got != nil {
		t.Errorf("Quarters of nothing = %v", got)
	}
}

// Three stretches of two sessions: the market makes +21 %, -19 % and, with a
// threshold of 2 %, nothing much; the trader half of it.
func TestByRegime(t *testing.T) {
	market := []float64{0.1, 0.1, -0.1, -0.1, 0.01, 0}
	own := []float64{0.05, 0.05, -0.05, -0.05, 0, 0.02}
	spans := []experiment.Span{{"a", 0, 2}, {"b", 2, 4}, {"c", 4, 6}}
	stretches := experiment.Rule{Move: 0.02, Sessions: 2}.Classify(spans, market)
	for i, want := range []experiment.Regime{experiment.Up, experiment.Down, experiment.Side} {
		if stretches[i].Regime != want {
			t.Errorf("stretch %d is %q, want %q", i, stretches[i].Regime, want)
		}
	}
	rows := experiment.ByRegime(stretches, own, market, metrics.Basis{PeriodsPerYear: 252})
	for i, want := range []struct {
		regime     experiment.Regime
		ahead      int
		own, bench float64
	}{
		{experiment.Up, 0, 0.1025, 0.21},     // 1.05² - 1, 1.1² - 1
		{experiment.Side, 1, 0.02, 0.01},     // the trader is ahead
		{experiment.Down, 1, -0.0975, -0.19}, // 0.95² - 1, 0.9² - 1
	} {
		r := rows[i]
		if r.Regime != want.regime || r.Stretches != 1 || r.Sessions != 2 || r.Ahead != want.ahead ||
			math.Abs(float64(r.CumulativeReturn)-want.own) > 1e-12 || math.Abs(float64(r.Benchmark)-want.bench) > 1e-12 {
			t.Errorf("row %d = %+v, want %+v", i, r, want)
		}
	}
	// 0 and 2 %: a mean of 1 % and a sample deviation of √2 %, over a year √252 times 1/√2.
	if got, want := float64(rows[1].Sharpe), math.Sqrt(252)/math.Sqrt2; math.Abs(got-want) > 1e-9 {
		t.Errorf("Sharpe = %v, want %v", got, want)
	}
}

// A regime that did not occur has a row of undefined figures, not of zeros; a
// stretch of unknown moves is in no row.
func TestRegimeThatDidNotOccur(t *testing.T) {
	market := []float64{0.1, math.NaN()}
	stretches := experiment.DefaultRule().Classify([]experiment.Span{{"a", 0, 1}, {"b", 1, 2}}, market)
	if stretches[1].Regime != "" || !math.IsNaN(stretches[1].Move) {
		t.Errorf("a stretch of unknown moves is %+v", stretches[1])
	}
	rows := experiment.ByRegime(stretches, []float64{0, 0}, market, metrics.Basis{PeriodsPerYear: 252})
	if rows[0].Sessions != 1 || rows[0].CumulativeReturn != 0 {
		t.Errorf("up = %+v, want one session of 0", rows[0])
	}
	for _, r := range rows[1:] {
		if r.Stretches != 0 || r.Sessions != 0 || r.CumulativeReturn.Defined() || r.Benchmark.Defined() || r.Sharpe.Defined() {
			t.Errorf("%s = %+v, want nothing", r.Regime, r)
		}
	}
}

// The three rows together are the whole: as many sessions, and returns that
// compound to the same.
func TestRegimesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var spans []experiment.Span
		var market, own []float64
		for range rapid.IntRange(1, 8).Draw(t, "stretches") {
			n := rapid.IntRange(1, 6).Draw(t, "sessions")
			spans = append(spans, experiment.Span{From: len(market), To: len(market) + n})
			market = append(market, rapid.SliceOfN(rapid.Float64Range(-0.1, 0.1), n, n).Draw(t, "market")...)
			own = append(own, rapid.SliceOfN(rapid.Float64Range(-0.1, 0.1), n, n).Draw(t, "own")...)
		}
		rows := experiment.ByRegime(experiment.DefaultRule().Classify(spans, market), own, market, metrics.Basis{PeriodsPerYear: 252})
		sessions, grown, stretches := 0, 1.0, 0
		for _, r := range rows {
			sessions, stretches = sessions+r.Sessions, stretches+r.Stretches
			if r.Sessions > 0 {
				grown *= 1 + float64(r.CumulativeReturn)
			}
		}
		whole := 1.0
		for _, r := range own {
			whole *= 1 + r
		}
		if sessions != len(own) || stretches != len(spans) || math.Abs(grown-whole) > 1e-9 {
			t.Errorf("%d sessions in %d stretches growing to %v, want %d, %d and %v", sessions, stretches, grown, len(own), len(spans), whole)
		}
	})
}
