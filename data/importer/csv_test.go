package importer_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // so that the tests run on machines without zone files

	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/shared"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const threeBars = `Date,Open,High,Low,Close,Adj Close,Volume
2024-03-07,99,101,98,100,99.5,1000
2024-03-08,100,112,100,110,110,2000
2024-03-11,110,122,109,121,121,3000
`

func wantThreeBars() []data.Bar {
	return []data.Bar{
		{Session: "2024-03-07", Open: 99, High: 101, Low: 98, Close: 100, AdjClose: 99.5, Volume: 1000},
		{Session: "2024-03-08", Open: 100, High: 112, Low: 100, Close: 110, AdjClose: 110, Volume: 2000},
		{Session: "2024-03-11", Open: 110, High: 122, Low: 109, Close: 121, AdjClose: 121, Volume: 3000},
	}
}

// priceFile writes a file of prices to a new folder.
func priceFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prices.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func importCSV(t testing.TB, text string, opts importer.CSVOptions) importer.Result {
	t.Helper()
	r, err := importer.CSV(context.Background(), priceFile(t, text), "TSLA", opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// onHost makes the test run as on a machine in another time zone.
func onHost(t *testing.T, zone string) {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	before := time.Local
	time.Local = loc
	t.Cleanup(func() { time.Local = before })
}

func diffBars(want, got []data.Bar) string { return cmp.Diff(want, got, cmpopts.EquateNaNs()) }

// B19: the same bars come out of every accepted form.
func TestCSVForms(t *testing.T) {
	semicolon := strings.ReplaceAll(threeBars, ",", ";")
	for name, text := range map[string]string{
		"Yahoo":                  threeBars,
		"byte-order mark":        "\ufeff" + threeBars,
		"lower case, underline":  strings.Replace(threeBars, "Date,Open,High,Low,Close,Adj Close,Volume", "date,open,high,low,close,adj_close,volume", 1),
		"semicolons":             semicolon,
		"tabs":                   strings.ReplaceAll(threeBars, ",", "\t"),
		"bars":                   strings.ReplaceAll(threeBars, ",", "|"),
		"CRLF":                   strings.ReplaceAll(threeBars, "\n", "\r\n"),
		"empty line at the end":  threeBars + "\n",
		"empty cells at the end": threeBars + ",,,,,,\n",
		"no newline at the end":  strings.TrimSuffix(threeBars, "\n"),
		"spaces after commas":    strings.ReplaceAll(threeBars, ",", ", "),
		"stars":                  strings.Replace(threeBars, "Close,Adj Close", "Close*,Adj Close**", 1),
		"index column":           "Unnamed: 0,Date,Open,High,Low,Close,Adj Close,Volume\n0,2024-03-07,99,101,98,100,99.5,1000\n1,2024-03-08,100,112,100,110,110,2000\n2,2024-03-11,110,122,109,121,121,3000\n",
		"symbol column": strings.NewReplacer("Volume\n", "Volume,Symbol\n", "1000\n", "1000,tsla\n", "2000\n", "2000,TSLA\n", "3000\n", "3000,TSLA\n").
			Replace(threeBars),
		"stamps in New York": strings.NewReplacer("2024-03-07", "2024-03-07 00:00:00-05:00", "2024-03-08", "2024-03-08 00:00:00-05:00", "2024-03-11", "2024-03-11 00:00:00-04:00").
			Replace(threeBars),
		"stamps of New York midnight in UTC": strings.NewReplacer("2024-03-07", "2024-03-07T05:00:00Z", "2024-03-08", "2024-03-08T05:00:00Z", "2024-03-11", "2024-03-11T04:00:00Z").
			Replace(threeBars), // B17
		"stamps in UTC":                 strings.NewReplacer("2024-03-07", "2024-03-07 00:00:00+00:00", "2024-03-08", "2024-03-08 00:00:00+00:00").Replace(threeBars),
		"stamps without zone":           strings.ReplaceAll(strings.ReplaceAll(threeBars, "2024-03-07", "2024-03-07 00:00:00"), "2024-03-11", "2024-03-11T00:00:00"),
		"compact dates":                 strings.NewReplacer("2024-03-07", "20240307", "2024-03-08", "20240308", "2024-03-11", "20240311").Replace(threeBars),
		"dates in words":                strings.NewReplacer("2024-03-07", `"Mar 7, 2024"`, "2024-03-08", "08-Mar-2024", "2024-03-11", "11 Mar 2024").Replace(threeBars),
		"newest first":                  "Date,Open,High,Low,Close,Adj Close,Volume\n2024-03-11,110,122,109,121,121,3000\n2024-03-08,100,112,100,110,110,2000\n2024-03-07,99,101,98,100,99.5,1000\n",
		"another column order":          "Volume,Adj Close,Date,Close,High,Low,Open\n1000,99.5,2024-03-07,100,101,98,99\n2000,110,2024-03-08,110,112,100,100\n3000,121,2024-03-11,121,122,109,110\n",
		"volume shortened":              strings.NewReplacer("1000", "1K", "2000", "0.002M", "3000", "3.0k").Replace(threeBars),
		"volume as a float":             strings.NewReplacer("1000", "1000.0").Replace(threeBars),
		"thousands in volume":           strings.NewReplacer("1000", `"1,000"`).Replace(threeBars),
		"thousands in a semicolon file": strings.NewReplacer("1000", "1,000").Replace(semicolon),
		"dates with dots":               strings.NewReplacer("2024-03-07", "07.03.2024", "2024-03-08", "08.03.2024", "2024-03-11", "11.03.2024").Replace(semicolon),
	} {
		for _, host := range []string{"UTC", "Asia/Tokyo"} {
			onHost(t, host)
			r, err := importer.CSV(context.Background(), priceFile(t, text), "TSLA", importer.CSVOptions{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if diff := diffBars(wantThreeBars(), r.History.Bars); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			if r.Report.Read != 3 || r.Report.Kept != 3 || len(r.Report.Skipped) != 0 {
				t.Errorf("%s: %d read, %d kept, skipped %v; want 3, 3 and none", name, r.Report.Read, r.Report.Kept, r.Report.Skipped)
			}
			if r.History.Symbol != "TSLA" || r.Report.Symbol != "TSLA" || r.Report.Format != "csv" || r.Meta.PriceKind != data.OHLCV {
				t.Errorf("%s: report %+v of %+v", name, r.Report, r.Meta)
			}
		}
	}
}

// B18: rows from the newest to the oldest give the return of the right sign.
func TestCSVNewestFirst(t *testing.T) {
	r := importCSV(t, "Date,Close\n2024-03-12,133.1\n2024-03-11,121\n2024-03-08,110\n2024-03-07,100\n", importer.CSVOptions{})
	bars := r.History.Bars
	if got := bars[len(bars)-1].Close/bars[0].Close - 1; math.Abs(got-0.331) > 1e-12 {
		t.Errorf("total return = %v, want 0.331", got)
	}
	if !slices.Contains(r.Report.Notes, "rows were newest first and were put in order") {
		t.Errorf("notes = %q", r.Report.Notes)
	}
	if r.Meta.PriceKind != data.CloseOnly || r.Meta.Calendar != "NYSE" {
		t.Errorf("meta = %+v", r.Meta)
	}
}

// B03, B04: a row without a usable close is left out, with file, line and
// reason; the rest goes on.
func TestCSVSkipsRows(t *testing.T) {
	text := `Date,Close,Open,High,Low,Volume
2024-03-01,100,,,,
2024-03-04,NaN,,,,
2024-03-05,Inf,,,,
2024-03-06,,,,,
2024-03-07,-,,,,
2024-03-08,--,,,,
2024-03-11,null,,,,
2024-03-12,N/A,,,,
2024-03-13,0x1p-2,,,,
2024-03-14,0,,,,
2024-03-15,-5,,,,
2024-02-30,100,,,,
2024-03-18,100,,99,,
2024-03-19,101,,,,abc
2024-03-20,102,,,,-
2024-03-20,102,,,,-
2024-03-21,1_000,,,,
2024-03-22,1.2M,,,,
`
	r := importCSV(t, text, importer.CSVOptions{})
	want := []importer.Skip{
		{File: "prices.csv", Line: 3, Reason: "no close"},
		{File: "prices.csv", Line: 4, Reason: `close "Inf" is not a number`},
		{File: "prices.csv", Line: 5, Reason: "no close"},
		{File: "prices.csv", Line: 6, Reason: "no close"},
		{File: "prices.csv", Line: 7, Reason: "no close"},
		{File: "prices.csv", Line: 8, Reason: "no close"},
		{File: "prices.csv", Line: 9, Reason: "no close"},
		{File: "prices.csv", Line: 10, Reason: `close "0x1p-2" is not a number`},
		{File: "prices.csv", Line: 11, Reason: "close 0 of 2024-03-14: want a price above zero"},
		{File: "prices.csv", Line: 12, Reason: "close -5 of 2024-03-15: want a price above zero"},
		{File: "prices.csv", Line: 13, Reason: `date "2024-02-30": want a day that exists, such as 2024-03-08`},
		{File: "prices.csv", Line: 14, Reason: "high 99 of 2024-03-18 below its close 100"},
		{File: "prices.csv", Line: 15, Reason: `volume "abc" is not a number`},
		{File: "prices.csv", Line: 17, Reason: "repeats line 16"},
		{File: "prices.csv", Line: 18, Reason: `close "1_000" is not a number`},
		{File: "prices.csv", Line: 19, Reason: `close "1.2M" is not a number`},
	}
	if diff := cmp.Diff(want, r.Report.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if r.Report.Read != 18 || r.Report.Kept != 2 || len(r.History.Bars) != 2 {
		t.Errorf("%d read, %d kept, want 18 and 2", r.Report.Read, r.Report.Kept)
	}
	if got := r.Report.Skipped[0].String(); got != "prices.csv line 3: no close" {
		t.Errorf("Skip reads %q", got)
	}
}

// What is missing is missing, and a price of 0 is what vendors write for it.
func TestCSVMissingValues(t *testing.T) {
	r := importCSV(t, "Date,Close,Open,High,Low,Volume\n2024-03-07,100,0,0.0,null,\n2024-03-08,110,109,,,0\n", importer.CSVOptions{})
	nan := math.NaN()
	want := []data.Bar{
		{Session: "2024-03-07", Open: nan, High: nan, Low: nan, Close: 100, AdjClose: nan, Volume: nan},
		{Session: "2024-03-08", Open: 109, High: nan, Low: nan, Close: 110, AdjClose: nan, Volume: 0},
	}
	if diff := diffBars(want, r.History.Bars); diff != "" {
		t.Errorf("bars (-want +got):\n%s", diff)
	}
	for _, want := range []string{"TSLA: open is 0 on 1 rows and was taken as missing", "TSLA: high is 0 on 1 rows and was taken as missing"} {
		if !slices.Contains(r.Meta.Notes, want) {
			t.Errorf("notes of the dataset %q lack %q", r.Meta.Notes, want)
		}
	}
}

// B23: a quoted thousands separator is read, in all the ways that are clear.
func TestCSVNumbers(t *testing.T) {
	for _, tt := range []struct {
		name, text    string
		opts          importer.CSVOptions
		close, volume float64
	}{
		{"quoted thousands", "Date,Close,Volume\n2024-03-08,\"1,234.50\",1.2M\n", importer.CSVOptions{}, 1234.5, 1_200_000},
		{"several groups", "Date,Close,Volume\n2024-03-08,\"1,234,567.5\",\"12,345,678\"\n", importer.CSVOptions{}, 1234567.5, 12345678},
		{"thousands without decimals beside decimals", "Date,Close,Open,Volume\n2024-03-08,\"1,234\",\"1,230.50\",157.78M\n", importer.CSVOptions{}, 1234, 157_780_000},
		{"decimal comma, said so", "Date;Close;Volume\n2024-03-08;1.234,5;1.000\n", importer.CSVOptions{Decimal: importer.DecimalComma}, 1234.5, 1000},
		{"decimal comma without groups", "Date;Close;Volume\n2024-03-08;97,25;143,09K\n", importer.CSVOptions{Decimal: importer.DecimalComma}, 97.25, 143_090},
		{"a comma that groups, said so", "Date;Close;Volume\n2024-03-08;1,234;1\n", importer.CSVOptions{Decimal: importer.DecimalPoint}, 1234, 1},
		{"exponent", "Date,Close,Volume\n2024-03-08,1.5e2,2E+6\n", importer.CSVOptions{}, 150, 2_000_000},
		{"billions", "Date,Close,Volume\n2024-03-08,.5,1.05B\n", importer.CSVOptions{}, 0.5, 1_050_000_000},
		{"no digits behind the point", "Date,Close,Volume\n2024-03-08,5.,000\n", importer.CSVOptions{}, 5, 0},
	} {
		r, err := importer.CSV(context.Background(), priceFile(t, tt.text), "TSLA", tt.opts)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if bar := r.History.Bars[0]; bar.Close != tt.close || bar.Volume != tt.volume {
			t.Errorf("%s: close %v, volume %v; want %v and %v", tt.name, bar.Close, bar.Volume, tt.close, tt.volume)
		}
	}
}

// Dates with slashes go by the days above 12 in the file, or by what is said.
func TestCSVDateOrder(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		order      importer.DateOrder
		want       []data.Session
	}{
		{"month first", "Date,Close\n03/07/2024,1\n03/13/2024,2\n", importer.DateOrderAuto, []data.Session{"2024-03-07", "2024-03-13"}},
		{"day first", "Date,Close\n07/03/2024,1\n13/03/2024,2\n", importer.DateOrderAuto, []data.Session{"2024-03-07", "2024-03-13"}},
		{"said", "Date,Close\n03/04/2024,1\n", importer.MonthDayYear, []data.Session{"2024-03-04"}},
		{"said the other way", "Date,Close\n03/04/2024,1\n", importer.DayMonthYear, []data.Session{"2024-04-03"}},
		{"the same either way", "Date,Close\n03/03/2024,1\n", importer.DateOrderAuto, []data.Session{"2024-03-03"}},
		{"year first", "Date,Close\n2024/03/04,1\n", importer.DateOrderAuto, []data.Session{"2024-03-04"}},
	} {
		r, err := importer.CSV(context.Background(), priceFile(t, tt.text), "TSLA", importer.CSVOptions{DateOrder: tt.order})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []data.Session
		for _, b := range r.History.Bars {
			got = append(got, b.Session)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Whatever can be read in two ways, or is no file of daily prices, is refused
// with what to do about it.
func TestCSVRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"empty", "", "there is nothing in it"},
		{"header only", "Date,Open,Close\n", "no prices for TSLA: there is no row below the header"}, // B11
		{"no usable row", "Date,Close\n2024-03-08,null\n", "none of 1 rows can be used; prices.csv line 2: no close"},
		{"unquoted thousands", "Date,Close,Volume\n2024-03-08,1,234.50,1000\n", "line 2: 4 cells where the header has 3; is there a thousands separator without quotes?"},
		{"cut off", "Date,Close,Volume\n2024-03-08,100,1000\n2024-03-1", "line 3: 1 cells where the header has 3; is a row cut off?"},
		{"no close", "Date,Open,Closing\n2024-03-08,1,2\n", `no close column among Date, Open, Closing`},
		{"close misspelt", "Date,Open,Clsoe\n2024-03-08,1,2\n", `no close column among Date, Open, Clsoe`},
		{"date misspelt", "Daate,Open,Close\n2024-03-08,1,2\n", `no date column among Daate, Open, Close; did you mean "Daate" to be it?`},
		{"no header", "2024-03-08,100\n2024-03-11,101\n", "no date column among 2024-03-08, 100"},
		{"one column", "Close\n100\n", "no date column among Close"},
		{"two closes", "Date,Close,Price\n2024-03-08,100,101\n", `columns "Close" and "Price" could both be the close; remove one`},
		{"date and time", "Date,Time,Close\n2024-03-08,09:30,1\n2024-03-08,09:35,1\n", "line 2: 2024-03-08 09:30:00 has a time of day; want daily bars"},
		{"duplicate with another close", "Date,Close\n2024-03-08,100\n2024-03-11,101\n2024-03-08,102\n", "2024-03-08 has a close of 100 in line 2 and of 102 in line 4"}, // B18
		{"duplicate with another volume", "Date,Close,Volume\n2024-03-08,100,1\n2024-03-08,100,2\n", "2024-03-08 has different rows in line 2 and line 3"},
		{"other symbols", "Date,Close,Symbol\n2024-03-08,100,NFLX\n2024-03-08,100,AMZN\n", "the rows are of AMZN, NFLX, not of TSLA"},
		{"another symbol", "Date,Close,Symbol\n2024-03-08,100,NFLX\n", "the rows are of NFLX, not of TSLA"},
		{"symbol that is a path", "Date,Close,Symbol\n2024-03-08,100,../../x\n", "line 2: symbol"}, // B14
		{"ambiguous dates", "Date,Close\n03/04/2024,1\n03/05/2024,2\n", "the date may be 2024-03-05 or 2024-05-03; say which with --dates mdy or --dates dmy"},
		{"mixed date orders", "Date,Close\n13/03/2024,1\n03/14/2024,2\n", "line 3 has the month first and line 2 the day"},
		{"ambiguous comma", "Date,Close\n2024-03-08,\"4,475\"\n2024-03-11,\"4,558\"\n", `price "4,475": the comma may group thousands or come before the decimals`},
		{"ambiguous comma between semicolons", "Date;Close\n2024-03-08;4,475\n2024-03-11;999.5\n", `price "4,475": the comma may`},
		{"decimal comma", "Date;Close\n2024-03-08;97,25\n", `price "97,25": the comma comes before the decimals; say so`},
		{"decimal comma with groups", "Date;Close\n2024-03-08;1.097,25\n", `price "1.097,25": the comma comes before the decimals`},
		{"intraday", "Date,Close\n2024-03-08 09:30:00,1\n2024-03-08 09:35:00,2\n", "line 2: 2024-03-08 09:30:00 has a time of day; want daily bars"},
		{"intraday with a midnight", "Date,Close\n2024-03-08 00:00:00,1\n2024-03-08 00:05:00,2\n2024-03-08 00:10:00,3\n", "has a time of day"},
		{"epoch seconds within the day", "Timestamp,Close\n1600272900,490\n1600273200,491\n", "line 2: 1600272900 has a time of day; want daily bars"},
		{"serial numbers of a spreadsheet", "Date,Close\n45359,490\n", `date "45359" looks like a spreadsheet's serial number`},
		{"years of two digits", "Date,Close\n03/08/24,490\n", `date "03/08/24" has a year of two digits; say which part is which: --dates mdy`},
		{"UTF-16 without a mark", "D\x00a\x00t\x00e\x00", "if it is UTF-16 without a byte-order mark, save it as UTF-8"},
		{"a web page", "<!DOCTYPE html><html></html>", "not CSV: it starts with"},
		{"an error message", `{"Information": "call frequency exceeded"}`, "not CSV: it starts with"},
		{"open quote", "Date,Close\n2024-03-08,\"100\n", "parse error"},
		{"two dividends", "Date,Close,Dividends\n2024-03-08,,0.5\n2024-03-08,100,0.25\n", "line 3: 2024-03-08 has a second split or dividend"},
	} {
		path := priceFile(t, tt.text)
		r, err := importer.CSV(context.Background(), path, "TSLA", importer.CSVOptions{})
		if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "prices.csv") {
			t.Errorf("%s: error = %v (report %+v), want it to name the file and say %q", tt.name, err, r.Report, tt.says)
		}
	}
	if _, err := importer.CSV(context.Background(), priceFile(t, threeBars), "", importer.CSVOptions{}); err == nil || !strings.Contains(err.Error(), "give one") {
		t.Errorf("no symbol anywhere: %v", err)
	}
	if _, err := importer.CSV(context.Background(), priceFile(t, threeBars), "../x", importer.CSVOptions{}); err == nil {
		t.Error("a path as symbol gives no error")
	}
	if _, err := importer.CSV(context.Background(), filepath.Join(t.TempDir(), "none.csv"), "TSLA", importer.CSVOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	for _, opts := range []importer.CSVOptions{{DateOrder: "ydm"}, {Decimal: ";"}, {Adjustment: "some"}} {
		if _, err := importer.CSV(context.Background(), priceFile(t, threeBars), "TSLA", opts); err == nil {
			t.Errorf("options %+v give no error", opts)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := importer.CSV(ctx, priceFile(t, threeBars), "TSLA", importer.CSVOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// B10: the row of a session that is under way is no bar of a day.
func TestCSVSkipsTheUnfinishedSession(t *testing.T) {
	r := importCSV(t, "Date,Close\n2024-03-07 00:00:00-05:00,100\n2024-03-08 11:00:03-05:00,101\n", importer.CSVOptions{})
	want := []importer.Skip{{File: "prices.csv", Line: 3, Reason: "2024-03-08 11:00:03-05:00 has a time of day: the bar of a session that was not over"}}
	if diff := cmp.Diff(want, r.Report.Skipped); diff != "" || len(r.History.Bars) != 1 {
		t.Errorf("%d bars, skipped (-want +got):\n%s", len(r.History.Bars), diff)
	}
}

func TestCSVSymbolFromColumn(t *testing.T) {
	r, err := importer.CSV(context.Background(), priceFile(t, "Date,Close,Ticker\n2024-03-08,400,BRK-B\n"), "", importer.CSVOptions{})
	if err != nil || r.History.Symbol != "BRK.B" { // B13
		t.Errorf("symbol = %q, %v; want BRK.B", r.History.Symbol, err)
	}
}

// A pair, and a file with prices on weekends, belong to the calendar that never
// closes.
func TestCSVCalendar(t *testing.T) {
	text := "Date,Close\n2024-03-08,1\n2024-03-09,2\n2024-03-10,3\n2024-03-11,4\n"
	for _, tt := range []struct {
		symbol, text string
		calendar     *data.Calendar
		want         string
	}{
		{"BTC-USD", text, nil, "24/7"},
		{"BTC-USD", threeBars, nil, "24/7"},
		{"BTC", text, nil, "24/7"},
		{"TSLA", threeBars, nil, "NYSE"},
		{"TSLA", text, data.NYSE(), "NYSE"},
	} {
		r, err := importer.CSV(context.Background(), priceFile(t, tt.text), tt.symbol, importer.CSVOptions{Calendar: tt.calendar})
		if err != nil || r.Meta.Calendar != tt.want {
			t.Errorf("%s: calendar %q, %v; want %q", tt.symbol, r.Meta.Calendar, err, tt.want)
		}
	}
	r := importCSV(t, text, importer.CSVOptions{Calendar: data.NYSE()})
	if want := "2 prices fall on dates that are no session of the NYSE calendar and will not be traded on: 2024-03-09, 2024-03-10"; !slices.Contains(r.Report.Notes, want) {
		t.Errorf("notes %q lack %q", r.Report.Notes, want)
	}
}

// What an import yields can be written as a dataset, and what is written there
// is what was read.
func TestCSVToDataset(t *testing.T) {
	r := importCSV(t, threeBars, importer.CSVOptions{Adjustment: data.SplitAdjusted})
	d, err := data.NewDataset(r.Meta, r.History)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "ds")
	if err := data.WriteDataset(context.Background(), dir, d, data.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	// The dataset's own price file is itself plain CSV.
	again, err := importer.CSV(context.Background(), filepath.Join(dir, "prices", "TSLA.csv"), "TSLA", importer.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := diffBars(r.History.Bars, again.History.Bars); diff != "" {
		t.Errorf("bars (-want +got):\n%s", diff)
	}
	if r.Meta.Adjustment != data.SplitAdjusted || again.Meta.Adjustment != data.UnknownAdjustment {
		t.Errorf("adjustments %q and %q", r.Meta.Adjustment, again.Meta.Adjustment)
	}
}

// Whatever the bytes, an import ends in a history that is valid or an error, the
// same each time, and accounts for every row.
func FuzzCSV(f *testing.F) {
	for _, seed := range priceSeeds() {
		f.Add(seed, "TSLA")
	}
	f.Fuzz(func(t *testing.T, text, symbol string) {
		path := priceFile(t, text)
		for _, read := range []func(context.Context, string, string, importer.CSVOptions) (importer.Result, error){importer.CSV, importer.Yahoo} {
			r, err := read(context.Background(), path, symbol, importer.CSVOptions{})
			if err != nil {
				continue
			}
			if err := r.History.Validate(); err != nil {
				t.Fatalf("imported, but not valid: %v", err)
			}
			if _, err := data.NewDataset(r.Meta, r.History); err != nil {
				t.Fatalf("imported, but no dataset: %v", err)
			}
			if r.Report.Kept != len(r.History.Bars) || r.Report.Read != r.Report.Kept+len(r.Report.Skipped) {
				t.Fatalf("%d rows read, %d kept, %d skipped", r.Report.Read, r.Report.Kept, len(r.Report.Skipped))
			}
			again, err := read(context.Background(), path, symbol, importer.CSVOptions{})
			if err != nil || cmp.Diff(r, again, cmpopts.EquateNaNs()) != "" {
				t.Fatalf("a second import differs: %v", err)
			}
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	path := shared.Path(b, "data", "prices", "yahoo_adj", "KO.csv")
	for b.Loop() {
		if _, err := importer.CSV(context.Background(), path, "KO", importer.CSVOptions{Calendar: data.NYSE()}); err != nil {
			b.Fatal(err)
		}
	}
}
