package protocol_test

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"testing"

	"finmem/agent"
	"finmem/backtest/metrics"
	"finmem/backtest/protocol"
	"finmem/backtest/protocol/protocoltest"
	"finmem/data"
)

// The paper's tables, recomputed from the authors' own decisions.
func TestPaperTables(t *testing.T) {
	var want struct {
		Tables []struct {
			Table        string
			Symbol       string
			Start        data.Session
			EndExclusive data.Session `json:"end_exclusive"`
			Prices       int
			Rows         map[string]map[string]float64
		}
	}
	protocoltest.Published(t, "data/paper/expected.json", &want)
	rows := 0
	for _, table := range want.Tables {
		prices := protocoltest.Yahoo(t, table.Symbol).Window(table.Start, table.EndExclusive.AddDays(-1))
		if len(prices.Close) != table.Prices {
			t.Errorf("table %s: %d prices, want %d", table.Table, len(prices.Close), table.Prices)
			continue
		}
		for agentName, row := range table.Rows {
			rows++
			actions := protocol.AlwaysBuy(len(prices.Close))
			if agentName != "buy-and-hold" {
				actions = protocoltest.Actions(t, "data/paper/actions/"+agentName+".csv", table.Symbol, prices.Sessions)
			}
			o, err := protocol.LogRewards(protocol.FlatOnHold(actions), prices)
			if err != nil {
				t.Fatal(err)
			}
			got := protocol.NewFinMemTable(o)
			compareRow(t, fmt.Sprintf("table %s, %s", table.Table, agentName), row, map[string]metrics.Figure{
				"cumulative_return_log": got.LogReturn,
				"sharpe":                got.Sharpe,
				"daily_std":             got.DailyDeviation,
				"annual_volatility":     got.AnnualVolatility,
				"max_drawdown":          got.MaxDrawdown,
			}, 1e-6)
		}
	}
	if rows != 22 {
		t.Errorf("%d rows compared, the four tables have 22", rows)
	}
}

// compareRow holds every published figure of a row against ours.
func compareRow(t *testing.T, name string, want map[string]float64, got map[string]metrics.Figure, tolerance float64) {
	t.Helper()
	keys := make([]string, 0, len(want))
	for k := range want {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		ours, known := got[k]
		if !known {
			t.Errorf("%s: no figure of ours for %s", name, k)
		} else if !(math.Abs(float64(ours)-want[k]) <= tolerance) {
			t.Errorf("%s: %s = %.10g, published %.10g", name, k, float64(ours), want[k])
		}
	}
}

func finmemTableI(t *testing.T) ([]agent.Action, protocol.Prices) {
	prices := protocoltest.Yahoo(t, "TSLA").Window("2022-10-10", "2023-04-06")
	return protocoltest.Actions(t, "data/paper/actions/finmem.csv", "TSLA", prices.Sessions), prices
}

func TestPaperDaysAndTurnover(t *testing.T) {
	var want struct {
		Statistics struct {
			Days          struct{ Long, Flat, Short int }
			TurnoverUnits float64 `json:"turnover_units"`
		} `json:"statistics_table_I"`
	}
	protocoltest.Published(t, "data/paper/expected.json", &want)
	actions, prices := finmemTableI(t)
	o, err := protocol.LogRewards(protocol.FlatOnHold(actions), prices)
	if err != nil {
		t.Fatal(err)
	}
	long, flat, short := o.Days()
	if d := want.Statistics.Days; long != d.Long || flat != d.Flat || short != d.Short {
		t.Errorf("%d long, %d flat, %d short, want %+v", long, flat, short, d)
	}
	if o.Turnover() != want.Statistics.TurnoverUnits {
		t.Errorf("turnover %g units, want %g", o.Turnover(), want.Statistics.TurnoverUnits)
	}
}

// What remains of the paper's table I with simple returns, costs and a fill one
// can get.
func TestPaperExecution(t *testing.T) {
	var want struct {
		Execution map[string]float64 `json:"execution_table_I_compounded_return_unit_positions"`
	}
	protocoltest.Published(t, "data/paper/expected.json", &want)
	actions, prices := finmemTableI(t)
	positions := protocol.FlatOnHold(actions)
	compared := 0
	for name, fill := range map[string]protocol.Fill{"same close": protocol.SameClose, "next open": protocol.NextOpen} {
		for _, bps := range []float64{0, 5, 10, 20} {
			key := name + ", " + strconv.FormatFloat(bps, 'f', -1, 64) + " bp a side"
			o, err := protocol.Execute(positions, prices, fill, bps)
			if err != nil {
				t.Fatal(err)
			}
			expected, ok := want.Execution[key]
			if got := metrics.CumulativeReturn(o.Equity()); !ok || !(math.Abs(got-expected) < 1e-6) {
				t.Errorf("%s: %.10g, want %.10g", key, got, expected)
			}
			if o.AtClose {
				t.Errorf("%s: the open after the window was not used", key)
			}
			compared++
		}
	}
	if compared != len(want.Execution) {
		t.Errorf("%d of %d execution figures compared", compared, len(want.Execution))
	}
}

// A later look at the authors' notebook: the windows their figures hold on, and
// four more symbols.
func TestPublishedMetrics(t *testing.T) {
	var want struct {
		Rows []struct {
			Table, Ticker, Model string
			First                data.Session `json:"first_price_date"`
			Last                 data.Session `json:"last_price_date"`
			Prices               int          `json:"n_prices"`
			ActionsFile          string       `json:"actions_file"`
			Reproduced           bool         `json:"reproduced_here"`
			CumulativeReturn     float64      `json:"cumulative_return"`
			Sharpe               float64
			DailyStd             float64 `json:"daily_std"`
			AnnualVol            float64 `json:"annual_vol"`
			MaxDrawdown          float64 `json:"max_drawdown"`
		}
	}
	protocoltest.Published(t, "data/finmem/published_metrics/finmem_published_metrics.json", &want)
	compared := 0
	for _, row := range want.Rows {
		if !row.Reproduced {
			continue
		}
		compared++
		name := fmt.Sprintf("%s %s %s", row.Table, row.Ticker, row.Model)
		prices := protocoltest.Yahoo(t, row.Ticker).Window(row.First, row.Last)
		if len(prices.Close) != row.Prices {
			t.Errorf("%s: %d prices, want %d", name, len(prices.Close), row.Prices)
			continue
		}
		actions := protocol.AlwaysBuy(len(prices.Close))
		if row.ActionsFile != "" {
			actions = protocoltest.Actions(t, "data/"+row.ActionsFile, row.Ticker, prices.Sessions)
		}
		o, err := protocol.LogRewards(protocol.FlatOnHold(actions), prices)
		if err != nil {
			t.Fatal(err)
		}
		got := protocol.NewFinMemTable(o)
		compareRow(t, name, map[string]float64{
			"cumulative return": row.CumulativeReturn, "sharpe": row.Sharpe, "daily": row.DailyStd, "annual": row.AnnualVol, "drawdown": row.MaxDrawdown,
		}, map[string]metrics.Figure{
			"cumulative return": got.LogReturn, "sharpe": got.Sharpe, "daily": got.DailyDeviation, "annual": got.AnnualVolatility, "drawdown": got.MaxDrawdown,
		}, 5e-6)
	}
	if compared != 31 {
		t.Errorf("%d rows compared, want 31", compared)
	}
}
