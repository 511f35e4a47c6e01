package published_test

import (
	"math"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/backtest/decisions"
	"finmem/backtest/protocol"
	"finmem/backtest/published"
	"finmem/data"
)

// tenDays is ten prices that repeat no return.
func tenDays() protocol.Prices {
	p := protocol.Prices{OpenAfter: math.NaN()}
	for i, c := range []float64{100, 101, 99, 104, 103, 108, 101, 109, 110, 100} {
		p.Sessions = append(p.Sessions, data.Session("2024-01-01").AddDays(i))
		p.Close = append(p.Close, c)
	}
	return p
}

func TestFind(t *testing.T) {
	p := tenDays()
	truth := p.Window("2024-01-03", "2024-01-08")
	for name, table := range map[string]published.Table{"finmem": published.FinMem, "carry": published.Carry(10, false)} {
		var list []decisions.Decision
		for i, a := range []agent.Action{agent.Buy, agent.Sell, agent.Buy, agent.Hold, agent.Buy, agent.Sell, agent.Buy, agent.Buy, agent.Sell, agent.Buy} {
			list = append(list, decisions.Decision{Session: p.Sessions[i], Action: a, Line: i + 2})
		}
		figures, err := table(decisions.Align(list, truth.Sessions).Actions, truth)
		if err != nil {
			t.Fatal(err)
		}
		row := published.Row{From: "2024-01-02", To: "2024-01-09", Figures: figures}
		got, err := published.Search{Reach: 3, Tolerance: 1e-9}.Find(row, list, p, table)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Holding) != 1 || got.Holding[0].From != "2024-01-03" || got.Holding[0].To != "2024-01-08" || got.Holding[0].Moved != 2 || got.Holding[0].Missing != 0 {
			t.Errorf("%s: %+v", name, got.Holding)
		}
		if got.Stated.From != "2024-01-02" || got.Stated.Prices != 8 || got.Stated.Largest < 1e-9 || got.Nearest != got.Holding[0] {
			t.Errorf("%s: stated %+v, nearest %+v", name, got.Stated, got.Nearest)
		}
	}
}

func TestFindNothing(t *testing.T) {
	row := published.Row{From: "2024-01-02", To: "2024-01-09", Figures: map[published.Figure]float64{published.CumulativeReturn: 9}}
	got, err := published.Search{Reach: 20, Tolerance: 1e-9}.Find(row, nil, tenDays(), published.FinMem)
	if err != nil || len(got.Holding) != 0 || got.Tried != 45 || got.Nearest.Figure != published.CumulativeReturn {
		t.Errorf("%+v, %v", got, err)
	}
	if common := published.Common(nil); len(common) != 0 {
		t.Errorf("no row holds on %v", common)
	}
}

func TestFindRefuses(t *testing.T) {
	figures := map[published.Figure]float64{published.CumulativeReturn: 9}
	for _, tt := range []struct {
		row  published.Row
		want string
	}{
		{published.Row{Figures: figures}, "no window is stated"},
		{published.Row{From: "2023-01-01", To: "2023-02-01", Figures: figures}, "no two prices between 2023-01-01 and 2023-02-01"},
		{published.Row{From: "2024-01-02", To: "2024-01-09", Figures: map[published.Figure]float64{published.Sortino: 1}}, "none of the stated figures"},
	} {
		if _, err := (published.Search{Reach: 1}).Find(tt.row, nil, tenDays(), published.FinMem); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}
