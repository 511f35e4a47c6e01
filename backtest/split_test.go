package backtest_test

import (
	"math"
	"slices"
	"testing"

	"finmem/agent"
	"finmem/backtest"
	"finmem/data"
)

// fourForOne is a market with prices as traded and a 4:1 split on 2024-06-10.
func fourForOne(t *testing.T) (*data.Feed, data.Action) {
	t.Helper()
	bars := []data.Bar{bar("2024-06-06", 400, 400), bar("2024-06-07", 400, 400), bar("2024-06-10", 101, 102), bar("2024-06-11", 102, 102)}
	for i := range bars {
		bars[i].Volume = 10e6
		if i >= 2 {
			bars[i].Volume = 40e6
		}
	}
	return market(t, bars...), data.Action{Session: "2024-06-10", Split: 4}
}

// B01, B25: what a trader is shown after a split in prices as traded is on one
// basis: no cliff in the closes, no spike in the volume. Before the split it is
// shown the prices of the day.
func TestObservationsHaveNoCliffAtASplit(t *testing.T) {
	feed, split := fourForOne(t)
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-06-06", From: "2024-06-06", To: "2024-06-11"}
	for _, tt := range []struct {
		adjustment data.Adjustment
		before     float64 // close before the split, as shown after it
		volume     float64 // volume after it over that before
	}{{data.Raw, 100, 1}, {data.SplitAdjusted, 400, 4}, {data.UnknownAdjustment, 400, 4}} {
		cfg.Adjustment = tt.adjustment
		trader := &script{}
		records := mustRun(t, cfg, feed, trader, split)
		if got := trader.seen[1].Bars; got[0].Close != 400 || got[1].Close != 400 {
			t.Errorf("%s prices, before the split: %+v, want closes of 400", tt.adjustment, got)
		}
		for _, obs := range trader.seen[2:] {
			before, after := obs.Bars[1], obs.Bars[2]
			if before.Close != tt.before || after.Close != 102 || after.Volume/before.Volume != tt.volume {
				t.Errorf("%s prices, shown on %s: close %v then %v, volume %v then %v; want %v then 102 and a ratio of %v", tt.adjustment,
					obs.Day.Session, before.Close, after.Close, before.Volume, after.Volume, tt.before, tt.volume)
			}
		}
		want := make([]float64, 4)
		if tt.adjustment == data.Raw {
			want[2] = 4
		}
		var splits []float64
		for _, r := range records {
			splits = append(splits, r.Split)
		}
		if !slices.Equal(splits, want) {
			t.Errorf("%s prices: splits on record %v, want %v", tt.adjustment, splits, want)
		}
	}
}

// The outcome that a warm-up session is shown is the move of the same share.
func TestLessonOverASplit(t *testing.T) {
	feed, split := fourForOne(t)
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-06-06", From: "2024-06-11", To: "2024-06-11"}
	trader := &student{}
	mustRun(t, cfg, feed, trader, split)
	if len(trader.lessons) != 2 || trader.lessons[0].Return != 0 || math.Abs(trader.lessons[1].Return-0.02) > 1e-12 {
		t.Errorf("lessons = %+v, want 0 and +2.0 %%", trader.lessons)
	}
}

// Buying and holding over a split is +2.0 %, in the account and in the price.
func TestPriceReturnOverASplit(t *testing.T) {
	feed, split := fourForOne(t)
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-06-06", From: "2024-06-06", To: "2024-06-11"}
	records := mustRun(t, cfg, feed, &script{actions: map[data.Session]agent.Action{"2024-06-06": agent.Buy}}, split)
	r := backtest.Evaluate("AAA", "x", "2024-06-05", 10000, 0, 252, records)
	if math.Abs(float64(r.PriceReturn)-0.02) > 1e-12 || math.Abs(float64(r.CumulativeReturn)-0.02) > 1e-12 {
		t.Errorf("price return %v, return %v; want 0.02 both", r.PriceReturn, r.CumulativeReturn)
	}
}
