package evaluation_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"finmem/backtest/decisions"
	"finmem/backtest/evaluation"
	"finmem/backtest/metrics"
	"finmem/backtest/protocol"
	"finmem/backtest/protocol/protocoltest"
	"finmem/internal/shared"
)

func seriesOf(t *testing.T, name, path, symbol string) evaluation.Series {
	t.Helper()
	f, err := os.Open(shared.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := decisions.Read(f, path)
	if err != nil {
		t.Fatal(err)
	}
	list, err := file.For(symbol)
	if err != nil {
		t.Fatal(err)
	}
	return evaluation.Series{Name: name, File: path, Blank: file.Blank, Decisions: list}
}

func same(t *testing.T, what string, got metrics.Figure, want float64) {
	t.Helper()
	if !(math.Abs(float64(got)-want) <= 1e-6) {
		t.Errorf("%s = %.10g, want %.10g", what, float64(got), want)
	}
}

// Table I of the FinMem paper with all that goes with it, in one evaluation.
func TestPaperTableI(t *testing.T) {
	var want struct {
		Tables []struct {
			Rows map[string]map[string]float64
		}
		Statistics map[string]json.RawMessage `json:"statistics_table_I"`
		Execution  map[string]float64         `json:"execution_table_I_compounded_return_unit_positions"`
	}
	protocoltest.Published(t, "data/paper/expected.json", &want)
	r := evaluation.Request{
		Symbol: "TSLA", Protocol: evaluation.FinMem, Fill: protocol.SameClose, Price: protocol.AdjClose,
		Prices: protocoltest.Yahoo(t, "TSLA").Window("2022-10-10", "2023-04-06"),
		Basis:  metrics.Basis{PeriodsPerYear: 252}, Resamples: 50, Seed: 1,
	}
	for _, name := range []string{"finmem", "generative-agents", "fingpt", "a2c", "ppo", "dqn"} {
		r.Series = append(r.Series, seriesOf(t, name, "data/paper/actions/"+name+".csv", "TSLA"))
	}
	e, err := evaluation.Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range e.Rows {
		w := want.Tables[0].Rows[strings.ReplaceAll(row.Name, " ", "-")]
		same(t, row.Name+" return", row.FinMem.LogReturn, w["cumulative_return_log"])
		same(t, row.Name+" Sharpe", row.FinMem.Sharpe, w["sharpe"])
		same(t, row.Name+" drawdown", row.FinMem.MaxDrawdown, w["max_drawdown"])
	}
	finmem := e.Rows[1]
	for _, x := range finmem.Execution {
		key := map[protocol.Fill]string{protocol.SameClose: "same close", protocol.NextOpen: "next open"}[x.Fill]
		same(t, key, x.CumulativeReturn, want.Execution[key+", "+strconv.FormatFloat(x.CostBps, 'f', -1, 64)+" bp a side"])
	}
	wilcoxon := map[string]struct{ Statistic, P float64 }{}
	for key, raw := range want.Statistics {
		var v float64
		switch {
		case strings.HasPrefix(key, "wilcoxon"):
			if err := json.Unmarshal(raw, &wilcoxon); err != nil {
				t.Fatal(err)
			}
			continue
		case key == "days":
			days := struct{ Long, Flat, Short int }{}
			if err := json.Unmarshal(raw, &days); err != nil {
				t.Fatal(err)
			}
			if finmem.Held.Long != days.Long || finmem.Held.Flat != days.Flat || finmem.Held.Short != days.Short {
				t.Errorf("held %+v, want %+v", *finmem.Held, days)
			}
			continue
		}
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasPrefix(key, "circular_shift_p"):
			same(t, key, finmem.Significance.ShiftP, v)
		case key == "log_return_without_best_5_days":
			same(t, key, finmem.Significance.WithoutBest5, v)
		case key == "log_return_without_best_10_days":
			same(t, key, finmem.Significance.WithoutBest10, v)
		case key == "turnover_units":
			same(t, key, metrics.Figure(finmem.Held.Turnover), v)
		default:
			t.Errorf("no figure of ours for %s", key)
		}
	}
	compared := 0
	for _, p := range e.Pairs {
		for _, pair := range []string{p.A + " vs " + p.B, p.B + " vs " + p.A} {
			if w, ok := wilcoxon[strings.ReplaceAll(pair, "buy and hold", "buy-and-hold")]; ok {
				same(t, pair+" statistic", p.Statistic, w.Statistic)
				same(t, pair+" p", p.P, w.P)
				compared++
			}
		}
	}
	if compared != len(wilcoxon) || compared != 6 {
		t.Errorf("%d of %d pairs compared", compared, len(wilcoxon))
	}
	same(t, "Wilcoxon against buy and hold", finmem.Significance.WilcoxonP, wilcoxon["finmem vs buy-and-hold"].P)
	if len(e.Warnings) != 0 {
		t.Errorf("warnings %q", e.Warnings)
	}
}
