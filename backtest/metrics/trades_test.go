package metrics_test

import (
	"math"
	"slices"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

func TestTrades(t *testing.T) {
	trades := []metrics.Trade{{10, 0.10, 3}, {-5, -0.02, 1}, {0, 0, 2}, {1, 0.01, 6}}
	near(t, "WinRate", metrics.WinRate(trades), 0.5, 0)
	near(t, "ProfitFactor", metrics.ProfitFactor(trades), 2.2, 1e-12)
	near(t, "Expectancy", metrics.Expectancy(trades), 1.5, 1e-12)
	near(t, "ExpectedReturn", metrics.ExpectedReturn(trades), 0.0225, 1e-12)
	near(t, "AverageHolding", metrics.AverageHolding(trades), 3, 1e-12)
	// Deviations 8.5, -6.5, -1.5, -0.5: Σ² = 117, stdev √39.
	near(t, "SQN", metrics.SQN(trades), 2*1.5/math.Sqrt(39), 1e-12)

	s := metrics.MeasureTrades(trades)
	got := []float64{float64(s.Trades), float64(s.WinRate), float64(s.ProfitFactor), float64(s.Expectancy), float64(s.ExpectedReturn), float64(s.SQN), float64(s.AverageHolding)}
	want := []float64{4, metrics.WinRate(trades), metrics.ProfitFactor(trades), metrics.Expectancy(trades), metrics.ExpectedReturn(trades), metrics.SQN(trades), metrics.AverageHolding(trades)}
	if !slices.Equal(got, want) {
		t.Errorf("summary %v, want %v", got, want)
	}
}

// B69: an open position is no trade, and no trade has no win rate.
func TestB69NoTrades(t *testing.T) {
	for name, f := range map[string]func([]metrics.Trade) float64{
		"WinRate": metrics.WinRate, "ProfitFactor": metrics.ProfitFactor, "Expectancy": metrics.Expectancy,
		"ExpectedReturn": metrics.ExpectedReturn, "SQN": metrics.SQN, "AverageHolding": metrics.AverageHolding,
	} {
		undefined(t, name+" without trades", f(nil))
	}
	one := []metrics.Trade{{Profit: 10, Return: 0.1, Sessions: 1}}
	undefined(t, "ProfitFactor without a loss", metrics.ProfitFactor(one))
	undefined(t, "SQN of one trade", metrics.SQN(one))
	undefined(t, "SQN of equal profits", metrics.SQN(append(one, one...)))
	unknown := []metrics.Trade{{Profit: math.NaN()}}
	undefined(t, "WinRate with an unknown profit", metrics.WinRate(unknown))
	undefined(t, "Expectancy with an unknown profit", metrics.Expectancy(unknown))
}

func TestTradesProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.SliceOfN(rapid.IntRange(-100_000, 100_000), 1, 30).Draw(t, "cents")
		profits := make([]float64, len(cents))
		for i, c := range cents {
			profits[i] = float64(c) / 100
		}
		trades := func(by float64) []metrics.Trade {
			list := make([]metrics.Trade, len(profits))
			for i, p := range profits {
				list[i] = metrics.Trade{Profit: p * by}
			}
			return list
		}
		one, ten := trades(1), trades(10)
		kept := slices.Clone(one)
		if metrics.WinRate(one) != metrics.WinRate(ten) || !same(metrics.ProfitFactor(one), metrics.ProfitFactor(ten)) || !same(metrics.SQN(one), metrics.SQN(ten)) {
			t.Fatal("a ratio depends on the size of the account")
		}
		if !same(10*metrics.Expectancy(one), metrics.Expectancy(ten)) {
			t.Fatal("expectancy is not in money")
		}
		if w := metrics.WinRate(one); w < 0 || w > 1 {
			t.Fatalf("win rate %g", w)
		}
		if !slices.Equal(one, kept) {
			t.Fatal("input changed")
		}
	})
}
