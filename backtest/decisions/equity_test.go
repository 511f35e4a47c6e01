package decisions_test

import (
	"math"
	"strings"
	"testing"

	"finmem/backtest/decisions"
	"finmem/backtest/metrics"
	"finmem/data"

	"github.com/google/go-cmp/cmp"
)

func TestReadEquity(t *testing.T) {
	// B18: newest first is sorted. The second curve starts late and has a hole.
	curves, err := decisions.ReadEquity(strings.NewReader("date,A, B ,\n10/11/22,99.5,10,\n2022-10-10,100,,\n2022-10-07,1e2,11,\n2022-10-06,100,,\n,,,\n"), "e.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := []decisions.Curve{
		{Name: "A", Points: metrics.EquityCurve{{Session: "2022-10-06", Value: 100}, {Session: "2022-10-07", Value: 100}, {Session: "2022-10-10", Value: 100}, {Session: "2022-10-11", Value: 99.5}}},
		{Name: "B", Points: metrics.EquityCurve{{Session: "2022-10-07", Value: 11}, {Session: "2022-10-11", Value: 10}}, Gaps: []data.Session{"2022-10-10"}},
	}
	if diff := cmp.Diff(want, curves); diff != "" {
		t.Errorf("curves (-want +got):\n%s", diff)
	}
}

// A run's own equity.csv has the curves one below the other.
func TestReadEquityOfARun(t *testing.T) {
	text := "symbol,trader,date,equity\nAAA,finmem,2024-01-02,100\nAAA,finmem,2024-01-03,110\nAAA,flat,2024-01-02,100\nAAA,flat,2024-01-03,100\nBBB,finmem,2024-01-03,50\n"
	curves, err := decisions.ReadEquity(strings.NewReader(text), "equity.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := []decisions.Curve{
		{Name: "AAA finmem", Points: metrics.EquityCurve{{Session: "2024-01-02", Value: 100}, {Session: "2024-01-03", Value: 110}}},
		{Name: "AAA flat", Points: metrics.EquityCurve{{Session: "2024-01-02", Value: 100}, {Session: "2024-01-03", Value: 100}}},
		{Name: "BBB finmem", Points: metrics.EquityCurve{{Session: "2024-01-03", Value: 50}}},
	}
	if diff := cmp.Diff(want, curves); diff != "" {
		t.Errorf("curves (-want +got):\n%s", diff)
	}
	if _, err := decisions.ReadEquity(strings.NewReader(text+"AAA,flat,2024-01-03,101\n"), "equity.csv"); err == nil || !strings.Contains(err.Error(), "equity.csv line 7: AAA flat has a value for 2024-01-03 already") {
		t.Errorf("a value twice: %v", err)
	}
}

func TestReadEquityRefuses(t *testing.T) {
	for _, tt := range []struct{ name, csv, want string }{
		{"nothing", "", "e.csv is empty"},
		{"no curve", "date\n2022-10-06\n", "no column besides the date"},
		{"no date", "day,A\n2022-10-06,1\n", "no column named date"},
		{"an empty curve", "date,A,B\n2022-10-06,1,\n", `column "B" has no value`},
		{"a word", "date,A\n2022-10-06,n/a\n", `e.csv line 2: A "n/a" is not an amount; leave the cell empty`},
		{"a NaN", "date,A\n2022-10-06,NaN\n", `"NaN" is not an amount`},
		{"a hexadecimal", "date,A\n2022-10-06,0x1p-2\n", `"0x1p-2" is not an amount`},
		{"too large", "date,A\n2022-10-06,1e999\n", `"1e999" is not an amount`},
		{"a date twice", "date,A\n2022-10-06,1\n10/6/22,2\n", "e.csv line 3: date 2022-10-06 was on line 2 already"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decisions.ReadEquity(strings.NewReader(tt.csv), "e.csv")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzReadEquity(f *testing.F) {
	f.Add("date,A,B\n2022-10-06,100,\n2022-10-07,101.5,7\n")
	f.Add("\ufeffdates,A\r\n10/6/22,1e5\r\n")
	f.Fuzz(func(t *testing.T, csv string) {
		curves, err := decisions.ReadEquity(strings.NewReader(csv), "e.csv")
		if err != nil {
			return
		}
		for _, c := range curves {
			for i, p := range c.Points {
				if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) || (i > 0 && p.Session <= c.Points[i-1].Session) {
					t.Fatalf("curve %q: %+v", c.Name, c.Points)
				}
			}
		}
	})
}
