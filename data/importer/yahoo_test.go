package importer_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/shared"

	"github.com/google/go-cmp/cmp"
)

// The header of three rows holds one or several tickers; the columns of the one
// asked for are read.
func TestYahooThreeRowHeader(t *testing.T) {
	one := `Price,Close,High,Low,Open,Volume
Ticker,TSLA,TSLA,TSLA,TSLA,TSLA
Date,,,,,
2024-03-07,100,101,98,99,1000
2024-03-08,110,112,100,100,2000
`
	two := `Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume
Ticker,BRK-B,TSLA,BRK-B,TSLA,BRK-B,TSLA,BRK-B,TSLA,BRK-B,TSLA
Date,,,,,,,,,,
2024-03-07,400,100,401,101,398,98,399,99,1,1000
2024-03-08,410,110,412,112,400,100,400,100,2,2000
`
	grouped := `Ticker,TSLA,TSLA,TSLA,TSLA,TSLA,NFLX,NFLX,NFLX,NFLX,NFLX
Price,Open,High,Low,Close,Volume,Open,High,Low,Close,Volume
Date,,,,,,,,,,
2024-03-07,99,101,98,100,1000,1,1,1,1,1
2024-03-08,100,112,100,110,2000,2,2,2,2,2
`
	nan := math.NaN()
	want := []data.Bar{
		{Session: "2024-03-07", Open: 99, High: 101, Low: 98, Close: 100, AdjClose: nan, Volume: 1000},
		{Session: "2024-03-08", Open: 100, High: 112, Low: 100, Close: 110, AdjClose: nan, Volume: 2000},
	}
	for name, text := range map[string]string{"one ticker": one, "two tickers": two, "grouped by ticker": grouped} {
		r, err := importer.Yahoo(context.Background(), priceFile(t, text), "TSLA", importer.CSVOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := diffBars(want, r.History.Bars); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if r.Report.Read != 2 || r.Meta.Adjustment != data.TotalReturn {
			t.Errorf("%s: %d rows read, adjustment %q", name, r.Report.Read, r.Meta.Adjustment)
		}
	}
	if r, err := importer.Yahoo(context.Background(), priceFile(t, one), "", importer.CSVOptions{}); err != nil || r.History.Symbol != "TSLA" {
		t.Errorf("symbol from the header = %q, %v; want TSLA", r.History.Symbol, err)
	}
	if r, err := importer.Yahoo(context.Background(), priceFile(t, two), "brk.b", importer.CSVOptions{}); err != nil || r.History.Bars[0].Close != 400 { // B13
		t.Errorf("brk.b from a header with BRK-B: %+v, %v", r.History, err)
	}
	for symbol, says := range map[string]string{
		"NFLX": `the header has the symbols BRK.B, TSLA, not NFLX`,
		"":     `it has the symbols BRK.B, TSLA; say which`,
	} {
		if _, err := importer.Yahoo(context.Background(), priceFile(t, two), symbol, importer.CSVOptions{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("symbol %q: error = %v, want it to say %q", symbol, err, says)
		}
	}
}

// Splits and dividends become corporate actions. The row of a dividend may have
// no price of its own.
func TestYahooActions(t *testing.T) {
	text := `Date,Open,High,Low,Close,Volume,Dividends,Stock Splits
2020-08-06 00:00:00-04:00,110,111,109,110,1,0.0,0.0
2020-08-07 00:00:00-04:00,null,null,null,null,null,0.205,0.0
2020-08-07 00:00:00-04:00,111,112,110,111,1,0.0,0.0
2020-08-31 00:00:00-04:00,127,131,126,129,1,0.0,4.0
2020-09-01 00:00:00-04:00,132,134,130,134,1,0.5,1:10
`
	r, err := importer.Yahoo(context.Background(), priceFile(t, text), "AAPL", importer.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []data.Action{{Session: "2020-08-07", Dividend: 0.205}, {Session: "2020-08-31", Split: 4}, {Session: "2020-09-01", Split: 0.1, Dividend: 0.5}}
	if diff := cmp.Diff(want, r.History.Actions); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	if len(r.History.Bars) != 4 || len(r.Report.Skipped) != 1 || r.Report.Skipped[0].Line != 3 {
		t.Errorf("%d bars, skipped %v", len(r.History.Bars), r.Report.Skipped)
	}
}

// What the prices contain follows from the columns, unless it is said.
func TestYahooAdjustment(t *testing.T) {
	header := "Date,Open,High,Low,Close,Volume"
	row := "2024-03-07,99,101,98,100,1000"
	for _, tt := range []struct {
		text string
		said data.Adjustment
		want data.Adjustment
	}{
		{header + ",Adj Close\n" + row + ",99.5\n", "", data.SplitAdjusted},
		{header + ",Dividends,Stock Splits\n" + row + ",0,0\n", "", data.TotalReturn},
		{header + ",Adj Close,Dividends,Stock Splits\n" + row + ",99.5,0,0\n", "", data.SplitAdjusted},
		{header + "\n" + row + "\n", "", data.UnknownAdjustment},
		{header + "\n" + row + "\n", data.TotalReturn, data.TotalReturn},
	} {
		r, err := importer.Yahoo(context.Background(), priceFile(t, tt.text), "TSLA", importer.CSVOptions{Adjustment: tt.said})
		if err != nil || r.Meta.Adjustment != tt.want {
			t.Errorf("%q: adjustment %q, %v; want %q", tt.text, r.Meta.Adjustment, err, tt.want)
		}
	}
}

func TestYahooRefusesOtherFiles(t *testing.T) {
	for says, text := range map[string]string{
		"no open column, which Yahoo always has": "Date,Close\n2024-03-07,1\n",
		"cells are separated by ';'":             strings.ReplaceAll(threeBars, ",", ";"),
	} {
		if _, err := importer.Yahoo(context.Background(), priceFile(t, text), "TSLA", importer.CSVOptions{}); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "plain CSV") {
			t.Errorf("error = %v, want it to say %q and name the plain import", err, says)
		}
	}
}

// B04: the one row of nulls in a real file is skipped and named.
func TestYahooNullRow(t *testing.T) {
	r, err := importer.Yahoo(context.Background(), shared.Path(t, "data", "odd", "yahoo_null_rows_PTR.csv"), "PTR", importer.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []importer.Skip{{File: "yahoo_null_rows_PTR.csv", Line: 962, Reason: "no close"}}
	if diff := cmp.Diff(want, r.Report.Skipped); diff != "" || r.Report.Kept != 1257 {
		t.Errorf("%d kept, skipped (-want +got):\n%s", r.Report.Kept, diff)
	}
	if slices.ContainsFunc(r.History.Bars, func(b data.Bar) bool { return b.Session == "2016-06-29" }) {
		t.Error("the session without a price has a bar")
	}
}

// An open of 0 is no price to fill at. One row of this file has its low above
// its close and is left out.
func TestYahooZeroOpen(t *testing.T) {
	r, err := importer.Yahoo(context.Background(), shared.Path(t, "data", "odd", "JNJ_zero_open_1962.csv"), "JNJ", importer.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	missing := 0
	for _, b := range r.History.Bars {
		if !b.HasOpen() {
			missing++
		}
	}
	// The row that is left out is one of the 1,986 without an open.
	if len(r.History.Bars) != 2744 || missing != 1985 {
		t.Errorf("%d bars, %d without an open; want 2744 and 1985", len(r.History.Bars), missing)
	}
	if want := "JNJ: open is 0 on 1986 rows and was taken as missing"; !slices.Contains(r.Meta.Notes, want) {
		t.Errorf("notes of the dataset %q lack %q", r.Meta.Notes, want)
	}
	if len(r.Report.Skipped) != 1 || r.Report.Skipped[0].Line != 1980 || !strings.Contains(r.Report.Skipped[0].Reason, "low 1.1458330154418945 of 1969-12-18 above its close") {
		t.Errorf("skipped %v", r.Report.Skipped)
	}
}

// B21, and the end of a bank: the last row is a halt at volume 0.
func TestYahooDelisted(t *testing.T) {
	r, err := importer.Yahoo(context.Background(), shared.Path(t, "data", "prices", "delisted", "SIVB_yahoo_2022-12-13_2023-03-10.csv"), "SIVB", importer.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.NewDataset(r.Meta, r.History)
	if err != nil {
		t.Fatal(err)
	}
	report, err := data.Check(d, data.CheckOptions{To: "2023-03-14"})
	if err != nil {
		t.Fatal(err)
	}
	got := report.Symbols[0]
	if got.MissingCount != 2 || got.FlatTail != 1 || !slices.Equal(got.ZeroVolume, []data.Session{"2023-03-10"}) || len(got.Jumps) != 1 || got.Jumps[0].Session != "2023-03-09" {
		t.Errorf("check says %+v", got)
	}
}

// B01: reverse splits that the prices lack show as jumps in the check.
func TestYahooJumps(t *testing.T) {
	r, err := importer.Yahoo(context.Background(), shared.Path(t, "data", "odd", "KWE_reverse_splits.csv"), "KWE", importer.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.NewDataset(r.Meta, r.History)
	if err != nil {
		t.Fatal(err)
	}
	report, err := data.Check(d, data.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, j := range report.Symbols[0].Jumps {
		got = append(got, fmt.Sprintf("%s %.2f", j.Session, j.Return))
	}
	want := []string{"2022-10-21 0.46", "2022-10-28 -0.99", "2022-11-01 57.15", "2024-05-15 -0.47", "2024-06-10 1.17", "2024-10-23 1.13", "2024-10-24 -0.41"}
	if !slices.Equal(got, want) {
		t.Errorf("jumps %q, want %q", got, want)
	}
}

// The symbol column of another symbol, and rows of several, are refused by name.
func TestYahooWrongSymbol(t *testing.T) {
	for file, says := range map[string]string{
		"odd/index_column_symbol_column_HTZ.csv": "the rows are of HTZ, not of TSLA",
	} {
		if _, err := importer.Yahoo(context.Background(), shared.Path(t, "data", file), "TSLA", importer.CSVOptions{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error = %v, want it to say %q", file, err, says)
		}
	}
	r, err := importer.Yahoo(context.Background(), shared.Path(t, "data", "odd", "index_column_symbol_column_HTZ.csv"), "", importer.CSVOptions{})
	if err != nil || r.History.Symbol != "HTZ" {
		t.Errorf("symbol from the column = %q, %v; want HTZ", r.History.Symbol, err)
	}
}

// Real corrections by yfinance: rows as downloaded, bad or mended, are read as
// they are; the check names the jumps that errors of unit and split leave.
func TestYahooRepairFiles(t *testing.T) {
	for _, tt := range []struct {
		file    string
		rows    int
		actions int
	}{
		{"4063-T-1d-bad-stock-split", 22, 1},
		{"8TRA-DE-1d-missing-div-adjust", 5, 1},
		{"AET-L-1d-100x-error", 23, 0},
		{"ALPHA-PA-1d-bad-stock-split", 29, 1},
		{"CALM-1d-no-bad-divs", 662, 10},
		{"DODFX-1d-cg-double-count", 502, 3},
		{"KAP-IL-1d-bad-div", 665, 4},
		{"MOB-ST-1d-bad-stock-split", 16, 1},
	} {
		path := shared.Path(t, "data", "odd", "yfinance_repair", tt.file+".csv")
		r, err := importer.Yahoo(context.Background(), path, "TEST", importer.CSVOptions{})
		if err != nil {
			t.Errorf("%s: %v", tt.file, err)
			continue
		}
		if r.Report.Kept != tt.rows || len(r.History.Actions) != tt.actions {
			t.Errorf("%s: %d kept, %d actions; want %d and %d", tt.file, r.Report.Kept, len(r.History.Actions), tt.rows, tt.actions)
		}
	}
	// B01: the vendor left 5:1 out of the older prices, down to the wrong session;
	// the mended file has it right.
	for file, jumps := range map[string]int{"4063-T-1d-bad-stock-split": 1, "4063-T-1d-bad-stock-split-fixed": 0} {
		r, err := importer.Yahoo(context.Background(), shared.Path(t, "data", "odd", "yfinance_repair", file+".csv"), "4063.T", importer.CSVOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := data.NewDataset(r.Meta, r.History)
		if err != nil {
			t.Fatal(err)
		}
		report, err := data.Check(d, data.CheckOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got := report.Symbols[0].Jumps
		if len(got) != jumps || jumps == 1 && got[0].Session != "2023-03-29" {
			t.Errorf("%s: jumps %+v, want %d", file, got, jumps)
		}
	}
	path := shared.Path(t, "data", "odd", "yfinance_repair", "ASAI-L-1h-bad-unit.csv")
	if _, err := importer.Yahoo(context.Background(), path, "ASAI", importer.CSVOptions{}); err == nil || !strings.Contains(err.Error(), "has a time of day") {
		t.Errorf("hourly bars: %v", err)
	}
}

// The same prices in two vintages: NFLX of 2026 is a tenth of that of 2024,
// after its split of 10:1. Nothing in either file says so, which is why as_of and
// digest are kept.
func TestYahooVintagesDiffer(t *testing.T) {
	read := func(vintage string) data.History {
		r, err := importer.Yahoo(context.Background(), shared.Path(t, "data", "prices", vintage, "NFLX.csv"), "NFLX", importer.CSVOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return r.History
	}
	closes := make(map[data.Session]float64)
	for _, b := range read("yahoo_adj").Bars {
		closes[b.Session] = b.Close
	}
	common := 0
	for _, b := range read("vintage_2026").Bars {
		if c, ok := closes[b.Session]; ok {
			common++
			if math.Abs(b.Close/c-0.1) > 1e-6 {
				t.Fatalf("%s: %v and %v, want a tenth", b.Session, b.Close, c)
			}
		}
	}
	if common < 1600 {
		t.Errorf("%d sessions in common, want all of 2018 to 2024", common)
	}
}

func ExampleSkip() {
	fmt.Println(importer.Skip{File: "TSLA.csv", Line: 14, Reason: `close "abc" is not a number`})
	// Output: TSLA.csv line 14: close "abc" is not a number
}
