package published_test

import (
	"math"
	"strings"
	"testing"

	"finmem/backtest/published"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	tesla := published.Row{
		Name: "FinMe", Symbol: "TSLA", Table: "main", From: "2022-10-06", To: "2023-04-10",
		Figures: map[published.Figure]float64{published.CumulativeReturn: 0.617758, published.MaxDrawdown: 0.108},
	}
	for name, text := range map[string]string{
		"an object with rows":  `{"note": "x", "rows": [{"ticker": "tsla", "model": "FinMe", "table": "main", "stated_start": "2022-10-06", "stated_end": "2023-04-10", "cumulative_return": 0.617758, "max_drawdown": 0.108, "actions_file": null, "reproduced_here": true}]}`,
		"a list":               `[{"symbol": "TSLA", "name": "FinMe", "table": "main", "from": "2022-10-06", "to": "2023-04-10", "Total Return": 0.617758, "maxDrawdown": -0.108}]`,
		"CSV":                  "\ufeffTicker,Strategy,Table,Start,End,total_return (%),max_drawdown (%),sharpe\nTSLA,FinMe,main,2022-10-06,2023-04-10,61.7758,-10.8,\n",
		"drawdown in per cent": `[{"symbol": "TSLA", "name": "FinMe", "table": "main", "from": "2022-10-06", "to": "2023-04-10", "total_return": 0.617758, "max_drawdown": 10.8}]`,
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := published.Read(strings.NewReader(text), "s")
			if err != nil {
				t.Fatal(err)
			}
			near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-12 && b-a < 1e-12 })
			if diff := cmp.Diff([]published.Row{tesla}, rows, near); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// One drawdown above 1 puts those of the whole file in per cent: 0.9 beside 24
// is 0.9 %.
func TestReadDrawdownUnit(t *testing.T) {
	rows, err := published.Read(strings.NewReader(`[{"max_drawdown": 0.9}, {"max_drawdown": 24}]`), "s")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := rows[0].Figures[published.MaxDrawdown], rows[1].Figures[published.MaxDrawdown]; math.Abs(a-0.009) > 1e-12 || b != 0.24 {
		t.Errorf("drawdowns %g and %g", a, b)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", " \n", "s is empty"},
		{"no figure", `[{"symbol": "TSLA"}]`, "s: no row with a figure"},
		{"broken JSON", `{"rows": [`, "s: "},
		{"broken CSV", "a,b\n1\n", "s: "},
		{"a word", "sharpe\nhigh\n", `s row 1: sharpe "high" is not a number`},
		{"a NaN", "sharpe\nNaN\n", `sharpe "NaN" is not a number`},
		{"a date that does not exist", `[{"sharpe": 1}, {"sharpe": 1, "from": "2022-02-30"}]`, `s row 2: from: date "2022-02-30"`},
		{"a window backwards", `[{"sharpe": 1, "from": "2022-03-01", "to": "2022-02-01"}]`, "runs from 2022-03-01 back to 2022-02-01"},
		{"a figure twice", `[{"sharpe": 1, "sharpe_ratio": 2}]`, "sharpe_ratio: stated twice"},
		{"a symbol that is a path", `[{"sharpe": 1, "ticker": "../x"}]`, "ticker: symbol"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := published.Read(strings.NewReader(tt.text), "s")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"rows": [{"ticker": "TSLA", "sharpe": 1.5, "max_drawdown": 12, "stated_start": "2022-10-06"}]}`)
	f.Add("Ticker,total_return (%)\nTSLA,10.7\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := published.Read(strings.NewReader(text), "s")
		if err != nil {
			return
		}
		for _, r := range rows {
			if d, ok := r.Figures[published.MaxDrawdown]; ok && d < 0 {
				t.Fatalf("drawdown %g", d)
			}
			if len(r.Figures) == 0 {
				t.Fatal("a row without figures")
			}
		}
	})
}
