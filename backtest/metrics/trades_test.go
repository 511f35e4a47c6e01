package metrics_test

import (
	"math"
	"testing"

	"finmem/backtest/metrics"
)

func TestWinRate(t *testing.T) {
	trades := []metrics.Trade{{Profit: 10}, {Profit: -5}, {Profit: 0}, {Profit: 1}}
	near(t, "WinRate", metrics.WinRate(trades), 0.5, 0)
	// B69: an open position is no trade, and no trade has no win rate.
	undefined(t, "WinRate of nothing", metrics.WinRate(nil))
	undefined(t, "WinRate with an unknown profit", metrics.WinRate([]metrics.Trade{{Profit: math.NaN()}}))
}
