package importer_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"finmem/data"
	"finmem/data/importer"
)

// dataset imports a price file into a dataset, as a backtest gets it.
func dataset(t *testing.T, text, symbol string, opts importer.CSVOptions) (*data.Dataset, importer.Result) {
	t.Helper()
	r, err := importer.CSV(context.Background(), priceFile(t, text), symbol, opts)
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.NewDataset(r.Meta, r.History)
	if err != nil {
		t.Fatal(err)
	}
	return d, r
}

// B01: a jump without an action on file is a warning of the check; with the
// action it is none.
func TestCaseB01JumpWithoutAction(t *testing.T) {
	for text, jumps := range map[string]int{
		"Date,Close\n2024-06-07,400\n2024-06-10,102\n":                        1,
		"Date,Close,Stock Splits\n2024-06-07,400,0\n2024-06-10,102,4.0\n":     0,
		"Date,Close,Stock Splits\n2024-06-07,400,0\n2024-06-10,102,\"4:1\"\n": 0,
	} {
		d, r := dataset(t, text, "NVDA", importer.CSVOptions{Adjustment: data.Raw})
		report, err := data.Check(d, data.CheckOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(report.Symbols[0].Jumps); got != jumps {
			t.Errorf("%q: %d jumps, want %d", text, got, jumps)
		}
		if jumps == 0 && (len(r.History.Actions) != 1 || r.History.Actions[0] != data.Action{Session: "2024-06-10", Split: 4}) {
			t.Errorf("%q: actions %+v", text, r.History.Actions)
		}
	}
}

// B02: the bar's four prices stay on one basis, and the adjusted close beside
// them; the dividend is an action. What the prices contain follows the columns,
// so that nothing is counted twice.
func TestCaseB02OneBasis(t *testing.T) {
	text := "Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits\n2024-03-07,100,101,99,100,98,10,0,0\n2024-03-08,98,99,97,98,98,10,2.00,0\n"
	r, err := importer.Yahoo(context.Background(), priceFile(t, text), "KO", importer.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b := r.History.Bars
	if r.Meta.Adjustment != data.SplitAdjusted || b[0].Close != 100 || b[0].AdjClose != 98 || b[0].Open != 100 || r.History.Actions[0].Dividend != 2 {
		t.Errorf("%+v, bars %+v, actions %+v", r.Meta, b, r.History.Actions)
	}
	price, total := b[1].Close/b[0].Close-1, (b[1].Close+r.History.Actions[0].Dividend)/b[0].Close-1
	if math.Abs(price+0.02) > 1e-12 || math.Abs(total) > 1e-12 || math.Abs(b[1].AdjClose/b[0].AdjClose-1) > 1e-12 {
		t.Errorf("price return %v, total return %v; want -0.02 and 0", price, total)
	}
	// Without Adj Close, yfinance's prices contain the dividend, and say so: then
	// nobody adds it again.
	r, err = importer.Yahoo(context.Background(), priceFile(t, strings.ReplaceAll(strings.ReplaceAll(text, "Adj Close,", ""), ",98,10", ",10")), "KO", importer.CSVOptions{})
	if err != nil || r.Meta.Adjustment != data.TotalReturn {
		t.Errorf("without Adj Close: %+v, %v", r.Meta, err)
	}
}

// B11: a file without a row says so and of which symbol; nothing is made of it.
func TestCaseB11Empty(t *testing.T) {
	for _, text := range []string{"Date,Open,High,Low,Close,Volume\n", "Date,Close\n\n\n", "Date,Close\n,\n", "Date;Close"} {
		_, err := importer.CSV(context.Background(), priceFile(t, text), "TSLA", importer.CSVOptions{})
		if err == nil || !strings.Contains(err.Error(), "no prices for TSLA") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// B13: however a file or a caller spells it, there is one symbol.
func TestCaseB13ClassShares(t *testing.T) {
	for _, spelled := range []string{"BRK.B", "BRK-B", "brk.b", "BRK/B"} {
		for _, text := range []string{
			"Date,Close,Symbol\n2024-03-08,405.96," + spelled + "\n",
			"Date,Close " + spelled + "\n2024-03-08,405.96\n",
			"Price,Close\nTicker," + spelled + "\nDate,\n2024-03-08,405.96\n",
		} {
			for _, asked := range []string{"", "BRK-B", "brk/b"} {
				r, err := importer.CSV(context.Background(), priceFile(t, text), asked, importer.CSVOptions{})
				if err != nil || r.History.Symbol != "BRK.B" || r.History.Bars[0].Close != 405.96 {
					t.Errorf("%q asked as %q: %q, %v", text, asked, r.History.Symbol, err)
				}
			}
		}
	}
	_, err := importer.CSV(context.Background(), priceFile(t, "Date,Close,Symbol\n2024-03-08,68000,BTC.USD\n"), "", importer.CSVOptions{})
	if err == nil || !strings.Contains(err.Error(), "write a pair as BTC-USD") {
		t.Errorf("a pair with a dot: %v", err)
	}
}

// B14: no symbol of a file is a path, and a refused one leaves nothing behind.
func TestCaseB14SymbolIsNoPath(t *testing.T) {
	for _, symbol := range []string{"../../tmp/x", "..", "A\x01B", strings.Repeat("A", 300), "a/b/c", `..\x`, "C:x", "~"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "prices.csv")
		if err := os.WriteFile(path, []byte("Date,Close,Symbol\n2024-03-08,1,\""+symbol+"\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := importer.CSVAll(context.Background(), path, nil, importer.CSVOptions{}); err == nil || !strings.Contains(err.Error(), "line 2: symbol") {
			t.Errorf("column with %q: %+v, %v", symbol, r, err)
		}
		if _, err := importer.CSV(context.Background(), path, symbol, importer.CSVOptions{}); err == nil {
			t.Errorf("asked for %q: no error", symbol)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%q left %v, %v", symbol, entries, err)
		}
	}
}

// B16: a range whose ends are no sessions has the sessions between them.
func TestCaseB16RangeOfImportedBars(t *testing.T) {
	calendar := data.NYSE()
	sessions, err := calendar.Range("2024-06-01", "2024-07-21")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("Date,Close\n")
	for _, s := range sessions {
		text.WriteString(string(s) + ",100\n")
	}
	_, r := dataset(t, text.String(), "TSLA", importer.CSVOptions{})
	bars := r.History.Bars
	if len(bars) != 33 || bars[0].Session != "2024-06-03" || bars[32].Session != "2024-07-19" {
		t.Errorf("%d bars from %s to %s, want 33 from 2024-06-03 to 2024-07-19", len(bars), bars[0].Session, bars[len(bars)-1].Session)
	}
	for _, b := range bars {
		if b.Session == "2024-06-19" || b.Session == "2024-07-04" {
			t.Errorf("a bar on %s, a holiday", b.Session)
		}
	}
}

// B21: one session is missing at the end, and is named; the bar before is the
// last, and no other is made up.
func TestCaseB21EndsBeforeTheRange(t *testing.T) {
	d, r := dataset(t, "Date,Close\n2023-04-04,1\n2023-04-05,2\n2023-04-06,3\n", "TSLA", importer.CSVOptions{})
	report, err := data.Check(d, data.CheckOptions{To: "2023-04-10"})
	if err != nil {
		t.Fatal(err)
	}
	got := report.Symbols[0]
	if got.MissingCount != 1 || len(got.Missing) != 1 || got.Missing[0].From != "2023-04-10" || len(r.History.Bars) != 3 {
		t.Errorf("%d missing %+v, %d bars; want 2023-04-10 alone (04-07 was a holiday)", got.MissingCount, got.Missing, len(r.History.Bars))
	}
}

// B25: with the action on file, shares before a split are restated with the
// price: no spike of the volume is left.
func TestCaseB25VolumeOnTheSplitDay(t *testing.T) {
	text := "Date,Open,High,Low,Close,Volume,Stock Splits\n2020-08-28,500,500,500,500,10M,0\n2020-08-31,125,125,125,125,40M,4\n"
	_, r := dataset(t, text, "AAPL", importer.CSVOptions{Adjustment: data.Raw})
	bars := data.RestateBars(r.History.Bars, r.History.Actions, "2020-08-31")
	if got := bars[1].Volume / bars[0].Volume; got != 1 {
		t.Errorf("volume after by volume before = %v, want 1", got)
	}
	if bars[0].Close != 125 {
		t.Errorf("close before, in shares of the day = %v, want 125", bars[0].Close)
	}
}
