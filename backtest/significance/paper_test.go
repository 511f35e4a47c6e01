package significance_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"finmem/backtest/protocol"
	"finmem/backtest/protocol/protocoltest"
	"finmem/backtest/significance"
)

// statistic reads the figure of the paper's table I whose key starts with name;
// the rest of a key says how it was computed.
func statistic(t *testing.T, name string, v any) {
	t.Helper()
	var file struct {
		Statistics map[string]json.RawMessage `json:"statistics_table_I"`
	}
	protocoltest.Published(t, "data/paper/expected.json", &file)
	for key, raw := range file.Statistics {
		if strings.HasPrefix(key, name) {
			if err := json.Unmarshal(raw, v); err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			return
		}
	}
	t.Fatalf("no figure %s", name)
}

// rewards is what an agent of table I earned, session by session.
func rewards(t *testing.T, agent string) protocol.Outcome {
	t.Helper()
	prices := protocoltest.Yahoo(t, "TSLA").Window("2022-10-10", "2023-04-06")
	actions := protocol.AlwaysBuy(len(prices.Close))
	if agent != "buy-and-hold" {
		actions = protocoltest.Actions(t, "data/paper/actions/"+agent+".csv", "TSLA", prices.Sessions)
	}
	o, err := protocol.LogRewards(protocol.FlatOnHold(actions), prices)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.12g, want %.12g", what, got, want)
	}
}

func TestPaperWilcoxon(t *testing.T) {
	var want map[string]struct{ Statistic, P float64 }
	statistic(t, "wilcoxon_signed_rank", &want)
	finmem := rewards(t, "finmem").Rewards
	for pair, w := range want {
		first, second, _ := strings.Cut(pair, " vs ")
		if first != "finmem" {
			t.Fatalf("pair %q", pair)
		}
		got := significance.Wilcoxon(finmem, rewards(t, second).Rewards)
		near(t, pair+" statistic", got.Statistic, w.Statistic, 1e-9)
		near(t, pair+" p", got.P, w.P, 1e-6)
		if got.Exact {
			t.Errorf("%s: p was counted out for %d pairs", pair, got.Pairs)
		}
	}
	if len(want) != 6 {
		t.Errorf("%d pairs compared, want 6", len(want))
	}
}

func TestPaperCircularShift(t *testing.T) {
	var want float64
	statistic(t, "circular_shift_p", &want)
	o := rewards(t, "finmem")
	got := significance.CircularShift(o.Held(), func(positions []float64) float64 {
		sum := 0.0
		for i, p := range positions {
			sum += float64(p * o.Market[i])
		}
		return sum
	})
	near(t, "p", got, want, 1e-6)
}

func TestPaperBestDays(t *testing.T) {
	var without5, without10 float64
	statistic(t, "log_return_without_best_5_days", &without5)
	statistic(t, "log_return_without_best_10_days", &without10)
	r := rewards(t, "finmem").Rewards
	near(t, "without 5", significance.WithoutBest(r, 5), without5, 1e-6)
	near(t, "without 10", significance.WithoutBest(r, 10), without10, 1e-6)
}
