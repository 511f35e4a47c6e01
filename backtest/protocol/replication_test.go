package protocol_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"finmem/backtest/metrics"
	"finmem/backtest/protocol"
	"finmem/backtest/protocol/protocoltest"
	"finmem/internal/shared"
)

// The replication study on 2026 data, recomputed from its own decisions. It
// shows drawdowns as negative numbers.
func TestReplication(t *testing.T) {
	files := map[string]string{"FinMem-Ours": "memory", "No-memory": "no-memory", "LC-Trader": "lc-trader"}
	compared := 0
	for _, row := range replicationRows(t) {
		symbol, strategy := row["ticker"], row["strategy"]
		if strategy == "As-shipped" {
			continue // its decisions were not published
		}
		compared++
		prices := protocoltest.FiveSymbols(t, symbol).Window("2026-01-02", "2026-06-01")
		actions := protocol.AlwaysBuy(len(prices.Close) - 1)
		if strategy != "BuyHold" {
			actions = protocoltest.Actions(t, "data/replication/"+symbol+"-"+files[strategy]+".csv", symbol, prices.Sessions)
		}
		positions := protocol.KeepOnHold(actions, false)
		table := func(bps float64) protocol.CarryTable {
			o, err := protocol.Execute(positions, prices, protocol.SameClose, bps)
			if err != nil {
				t.Fatal(err)
			}
			return protocol.NewCarryTable(o)
		}
		free, paid := table(0), table(10)
		want := map[string]float64{}
		for k, v := range row {
			if k == "ticker" || k == "strategy" {
				continue
			}
			f, err := strconv.ParseFloat(v, 64)
			if err != nil {
				t.Fatal(err)
			}
			want[k] = f
		}
		compareRow(t, symbol+" "+strategy, want, map[string]metrics.Figure{
			"cr_0": free.CumulativeReturn, "cr_10": paid.CumulativeReturn,
			"ann_return_0": free.AnnualReturn, "ann_vol_0": free.AnnualVolatility,
			"sharpe_0": free.Sharpe, "sharpe_10": paid.Sharpe, "sortino_0": free.Sortino,
			"mdd_0": -free.MaxDrawdown, "mdd_10": -paid.MaxDrawdown,
			"alpha_ann_0": free.Alpha, "beta_vs_bh_0": free.Beta,
			"turnover": free.Turnover, "pct_days_long": free.ShareLong,
		}, 1e-6)
	}
	if compared != 20 {
		t.Errorf("%d rows compared, want 4 strategies on 5 symbols", compared)
	}
}

func replicationRows(t *testing.T) []map[string]string {
	t.Helper()
	f, err := os.Open(shared.Path(t, "data/replication/expected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = l[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// Buy and hold of 2026-01-02 to 2026-06-01 between closes, as the data's readme
// states it, to four decimals of a per cent.
func TestBuyAndHoldFiveSymbols(t *testing.T) {
	for symbol, want := range map[string]float64{"TSLA": -5.0654, "NFLX": -5.6490, "AMZN": 15.3466, "MSFT": -2.1925, "COIN": -22.7963} {
		prices := protocoltest.FiveSymbols(t, symbol).Window("2026-01-02", "2026-06-01")
		if got := 100 * metrics.CumulativeReturn(prices.Close); !(math.Abs(got-want) < 5e-5) {
			t.Errorf("%s: %.4f %%, want %.4f %%", symbol, got, want)
		}
	}
}
