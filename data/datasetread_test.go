package data_test

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"finmem/data"

	"github.com/google/go-cmp/cmp"
)

const tomlText = `name = "hand-made"
calendar = "NYSE"
price_kind = "ohlcv"
adjustment = "split"
`

const pricesText = `date,open,high,low,close,adj_close,volume
2024-03-07,99,101,98,100,99.5,1000
2024-03-08,100,112,100,110,110,2000
2024-03-11,110,122,109,121,121,3000
`

// folder writes files below a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// readOne reads a folder with a dataset.toml and one more file.
func readOne(t testing.TB, name, text string) (*data.Dataset, error) {
	t.Helper()
	return data.ReadDataset(context.Background(), folder(t, map[string]string{"dataset.toml": tomlText, name: text}))
}

func mustHistory(t testing.TB, d *data.Dataset, err error, symbol string) data.History {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	h, err := d.History(symbol)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// B19: the same bars come out of every accepted form.
func TestReadPricesForms(t *testing.T) {
	want := []data.Bar{
		{Session: "2024-03-07", Open: 99, High: 101, Low: 98, Close: 100, AdjClose: 99.5, Volume: 1000},
		{Session: "2024-03-08", Open: 100, High: 112, Low: 100, Close: 110, AdjClose: 110, Volume: 2000},
		{Session: "2024-03-11", Open: 110, High: 122, Low: 109, Close: 121, AdjClose: 121, Volume: 3000},
	}
	for name, text := range map[string]string{
		"as written":            pricesText,
		"byte-order mark":       "\ufeff" + pricesText,
		"CRLF":                  strings.ReplaceAll(pricesText, "\n", "\r\n"),
		"empty line at the end": pricesText + "\n",
		"no newline at the end": strings.TrimSuffix(pricesText, "\n"),
		"quoted":                strings.ReplaceAll(pricesText, "100,", `"100",`),
		"spaces":                strings.ReplaceAll(pricesText, ",", ", "),
		"exponents":             strings.ReplaceAll(pricesText, "3000", "3e3"),
		"another order": "volume,date,close,adj_close,low,open,high\n1000,2024-03-07,100,99.5,98,99,101\n" +
			"2000,2024-03-08,110,110,100,100,112\n3000,2024-03-11,121,121,109,110,122\n",
	} {
		d, err := readOne(t, "prices/TSLA.csv", text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, mustHistory(t, d, err, "TSLA").Bars); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What is missing is NaN, never zero.
func TestReadPricesMissingValues(t *testing.T) {
	d, err := readOne(t, "prices/TSLA.csv", "date,close,open\n2024-03-07,100,\n2024-03-08,110,109\n")
	h := mustHistory(t, d, err, "TSLA")
	nan := math.NaN()
	want := []data.Bar{
		{Session: "2024-03-07", Open: nan, High: nan, Low: nan, Close: 100, AdjClose: nan, Volume: nan},
		{Session: "2024-03-08", Open: 109, High: nan, Low: nan, Close: 110, AdjClose: nan, Volume: nan},
	}
	if diff := cmp.Diff(want, h.Bars, equalNaN()); diff != "" {
		t.Errorf("bars (-want +got):\n%s", diff)
	}
	if h.Bars[0].HasOpen() || !h.Bars[1].HasOpen() {
		t.Error("HasOpen is wrong about a missing open")
	}
}

// B03: a row without a close is a session without a price: no bar, so no trade.
func TestReadPricesMissingClose(t *testing.T) {
	d, err := readOne(t, "prices/TSLA.csv", "date,close\n2024-03-07,100\n2024-03-08,\n2024-03-11,110\n")
	h := mustHistory(t, d, err, "TSLA")
	if len(h.Bars) != 2 || h.Bars[0].Session != "2024-03-07" || h.Bars[1].Session != "2024-03-11" {
		t.Errorf("bars = %v, want those of 2024-03-07 and 2024-03-11", h.Bars)
	}
	if got := check(t, d).MissingCount; got != 1 {
		t.Errorf("%d sessions missing, want 1", got)
	}
}

// B03, B04, B18 and more: a bad row is an error with file, line and value.
func TestReadPricesRefuses(t *testing.T) {
	row := func(cells string) string {
		return "date,close,open,high,low,volume\n2024-03-07,100,,,,\n" + cells + "\n"
	}
	for _, tt := range []struct{ name, text, says string }{
		{"NaN", row("2024-03-08,NaN,,,,"), `line 3: close "NaN" is not a number; leave a missing value empty`},
		{"infinity", row("2024-03-08,Inf,,,,"), `line 3: close "Inf" is not a number`},
		{"minus infinity", row("2024-03-08,-infinity,,,,"), `close "-infinity" is not a number`},
		{"hexadecimal", row("2024-03-08,0x1p-2,,,,"), `close "0x1p-2" is not a number`},
		{"underscore", row("2024-03-08,1_000,,,,"), `close "1_000" is not a number`},
		{"dash", row("2024-03-08,-,,,,"), `close "-" is not a number`},
		{"dashes", row("2024-03-08,--,,,,"), `close "--" is not a number`},
		{"null", row("2024-03-08,null,,,,"), `close "null" is not a number`},
		{"N/A", row("2024-03-08,N/A,,,,"), `close "N/A" is not a number`},
		{"placeholder in volume", row("2024-03-08,110,,,,-"), `line 3: volume "-" is not a number`},
		{"thousands", row(`2024-03-08,"1,234.50",,,,`), `close "1,234.50" is not a number`},
		{"thousands unquoted", row("2024-03-08,1,234.50,,,,"), "line 3: 7 cells where the header has 6"},
		{"suffix", row("2024-03-08,110,,,,1.2M"), `volume "1.2M" is not a number`},
		{"out of range", row("2024-03-08,1e999,,,,"), `close "1e999" is out of range`},
		{"zero close", row("2024-03-08,0,,,,"), "line 3: close 0 of 2024-03-08: want a price above zero"},
		{"negative close", row("2024-03-08,-5,,,,"), "close -5 of 2024-03-08"},
		{"zero open", row("2024-03-08,110,0,,,"), "open 0 of 2024-03-08"},
		{"negative volume", row("2024-03-08,110,,,,-1"), "volume -1"},
		{"high below close", row("2024-03-08,110,,109,,"), "high 109 of 2024-03-08 below its close 110"},
		{"low above open", row("2024-03-08,110,100,,101,"), "low 101 of 2024-03-08 above its open 100"},
		{"date that does not exist", row("2024-02-30,110,,,,"), `line 3: date "2024-02-30"`},
		{"date in another form", row("03/08/2024,110,,,,"), `line 3: date "03/08/2024": want YYYY-MM-DD`},
		{"no date", row(",110,,,,"), `line 3: date ""`},
		{"newest first", row("2024-03-06,110,,,,"), "line 3: 2024-03-06 comes after 2024-03-07; want the oldest first"},
		{"same date, other close", row("2024-03-07,110,,,,"), "line 3: 2024-03-07 has a close of 110 here and of 100 in"},
		{"same date, other close, first line", row("2024-03-07,110,,,,"), "TSLA.csv line 2; keep one of the rows"},
		{"same date, no close", row("2024-03-07,,,,,"), "has a close of nothing here and of 100"},
		{"too few cells", row("2024-03-08,110"), "line 3: 2 cells where the header has 6"},
		{"open quote", row(`2024-03-08,"110,,,,`), "TSLA.csv: parse error on line 3"},
		{"unknown column", "date,close,adjclose\n", `line 1: unknown column "adjclose"; did you mean "adj_close"?`},
		{"capital", "Date,Close\n2024-03-07,100\n", `unknown column "Date"; did you mean "date"?`},
		{"column twice", "date,close,close\n", `column "close" appears twice`},
		{"no close", "date,open\n", `no column "close"`},
		{"no rows", "date,close\n", "no rows below the header"}, // B11
		{"empty", "", "empty file"},
	} {
		_, err := readOne(t, "prices/TSLA.csv", tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "TSLA.csv") {
			t.Errorf("%s: error = %v, want it to name TSLA.csv and say %q", tt.name, err, tt.says)
		}
	}
}

// Rows that repeat the one before are folded, and the count is reported.
func TestReadPricesFoldsRepeats(t *testing.T) {
	d, err := readOne(t, "prices/TSLA.csv", "date,close,open\n2024-03-07,100,\n2024-03-07,100,\n2024-03-08,110,\n2024-03-08,110,\n2024-03-08,110,\n")
	if h := mustHistory(t, d, err, "TSLA"); len(h.Bars) != 2 {
		t.Errorf("%d bars, want 2", len(h.Bars))
	}
	if got := check(t, d).FoldedRows; got != 3 {
		t.Errorf("%d rows folded, want 3", got)
	}
}

func TestReadActions(t *testing.T) {
	d, err := readOne(t, "actions/AAPL.csv", "date,split,dividend\n2020-08-07,,0.82\n2020-08-31,4,\n")
	want := []data.Action{{Session: "2020-08-07", Dividend: 0.82}, {Session: "2020-08-31", Split: 4}}
	if diff := cmp.Diff(want, mustHistory(t, d, err, "AAPL").Actions); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	for text, says := range map[string]string{
		"date,split,dividend\n2020-08-31,4:1,\n":             `line 2: split "4:1" is not a number`,
		"date,split,dividend\n2020-08-31,-4,\n":              "split -4",
		"date,split,dividend\n2020-08-31,,\n":                "neither split nor dividend",
		"date,dividend\n2020-08-31,0.1\n2020-08-07,0.1\n":    "line 3: 2020-08-07 comes after 2020-08-31",
		"date,dividend\n2020-08-31,0.1\n2020-08-31,0.2\n":    "line 3: 2020-08-31 is also in",
		"date,divident\n2020-08-31,0.1\n":                    `did you mean "dividend"?`,
		"split,dividend\n4,0.1\n":                            `no column "date"`,
		"date,split,dividend\n2020-08-31,4,0.1,surprising\n": "line 2: 4 cells",
	} {
		if _, err := readOne(t, "actions/AAPL.csv", text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error = %v, want it to say %q", err, says)
		}
	}
}

func TestReadNews(t *testing.T) {
	d, err := readOne(t, "news/TSLA.jsonl", "\ufeff"+`{"time":"2024-03-09","title":"Saturday"}`+"\r\n\r\n"+
		`{"time":"2024-03-08T18:30:00-05:00","title":"Friday","text":"t","source":"s","url":"u","sentiment":{"positive":0.5,"neutral":0.25,"negative":0.25,"compound":-0.5,"method":"vader"},"copies":4}`)
	want := []data.News{
		{Time: time.Date(2024, 3, 8, 23, 30, 0, 0, time.UTC), Title: "Friday", Text: "t", Source: "s", URL: "u", Copies: 4,
			Sentiment: &data.Sentiment{Positive: 0.5, Neutral: 0.25, Negative: 0.25, Compound: -0.5, Method: "vader"}},
		{Time: time.Date(2024, 3, 9, 0, 0, 0, 0, time.UTC), DateOnly: true, Title: "Saturday", Copies: 1},
	}
	if diff := cmp.Diff(want, mustHistory(t, d, err, "TSLA").News); diff != "" {
		t.Errorf("news (-want +got):\n%s", diff)
	}
	for text, says := range map[string]string{
		`{"time":"2024-03-08T18:30:00","title":"no zone"}`:          "want a time with its zone",
		`{"time":"4 hours ago","title":"relative"}`:                 `line 1: time "4 hours ago"`,
		`{"time":"2024-02-30","title":"t"}`:                         "a date that exists",
		`{"title":"no time"}`:                                       `time "": want`,
		`{"time":"2024-03-08","tittle":"t"}`:                        `line 1: unknown field "tittle"; did you mean "title"?`,
		`{"time":"2024-03-08","title":"a"} {"time":"2024-03-08"}`:   "more than one JSON value",
		`{"time":"2024-03-08","title":`:                             "line 1: unexpected EOF",
		`{"time":"2024-03-08","title":7}`:                           "title",
		`{'time': '2024-03-08'}`:                                    "invalid character",
		`["2024-03-08"]`:                                            "cannot unmarshal",
		`{"time":"2024-03-08","sentiment":{"positive":2}}`:          "sentiment positive 2",
		`{"time":"2024-03-08","copies":-2}`:                         "copies -2",
		`{"time":"2024-03-08","title":"ok"}` + "\n" + `{"time":""}`: "line 2",
	} {
		if _, err := readOne(t, "news/TSLA.jsonl", text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error = %v, want it to say %q", text, err, says)
		}
	}
}

// An empty news file is a symbol without news, not an error (B12).
func TestReadEmptyNews(t *testing.T) {
	d, err := data.ReadDataset(context.Background(), folder(t, map[string]string{
		"dataset.toml": tomlText, "prices/TSLA.csv": pricesText, "news/TSLA.jsonl": "",
	}))
	if h := mustHistory(t, d, err, "TSLA"); len(h.News) != 0 || len(h.Bars) != 3 {
		t.Errorf("%d news and %d bars, want 0 and 3", len(h.News), len(h.Bars))
	}
}

func TestReadFilings(t *testing.T) {
	long := strings.Repeat("management's discussion ", 200_000) // longer than any line buffer
	d, err := readOne(t, "filings/TSLA.jsonl", `{"accepted":"2024-05-10T17:01:02.5-04:00","form":"10-Q","period":"2024-03-31","text":"`+long+`"}`+"\n"+
		`{"accepted":"2024-02-01","form":"10-K","text":"year"}`)
	want := []data.Filing{
		{Accepted: time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC), DateOnly: true, Form: "10-K", Text: "year"},
		{Accepted: time.Date(2024, 5, 10, 21, 1, 2, 500_000_000, time.UTC), Form: "10-Q", Period: "2024-03-31", Text: long},
	}
	if diff := cmp.Diff(want, mustHistory(t, d, err, "TSLA").Filings); diff != "" {
		t.Errorf("filings (-want +got):\n%.300s", diff)
	}
	for text, says := range map[string]string{
		`{"accepted":"2024-02-01","text":"t"}`:                              "form is empty",
		`{"accepted":"2024-02-01","form":"10-K","period":"2023","text":""}`: "period: date",
		`{"accepted":"","form":"10-K","text":"t"}`:                          `accepted "": want`,
		`{"filed":"2024-02-01","form":"10-K","text":"t"}`:                   `unknown field "filed"`,
	} {
		if _, err := readOne(t, "filings/TSLA.jsonl", text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error = %v, want it to say %q", text, err, says)
		}
	}
}

func TestReadMeta(t *testing.T) {
	d, err := data.ReadDataset(context.Background(), folder(t, map[string]string{"dataset.toml": "\ufeff" + strings.ReplaceAll(tomlText, "\n", "\r\n")}))
	if err != nil {
		t.Fatal(err)
	}
	want := data.Meta{Name: "hand-made", Calendar: "NYSE", PriceKind: data.OHLCV, Adjustment: data.SplitAdjusted, Sources: []string{}, Notes: []string{}}
	if diff := cmp.Diff(want, d.Meta); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
	for text, says := range map[string]string{
		tomlText + "asof = \"2024-01-01\"\n":      `unknown key "asof"; did you mean "as_of"?`,
		tomlText + "as_of = \"2024-13-01\"\n":     "as_of: date",
		tomlText + "synthetic = \"yes\"\n":        "synthetic",
		"name = \"x\"\n":                          "calendar",
		strings.Replace(tomlText, "NYSE", "X", 1): `calendar "X": want "NYSE" or "24/7"`,
		"name = ": "line 1",
	} {
		_, err := data.ReadDataset(context.Background(), folder(t, map[string]string{"dataset.toml": text}))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "dataset.toml") {
			t.Errorf("%q: error = %v, want it to name dataset.toml and say %q", text, err, says)
		}
	}
	if _, err := data.ReadDataset(context.Background(), t.TempDir()); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "not a dataset folder") {
		t.Errorf("a folder without dataset.toml: %v", err)
	}
}

// B13, B14: a file's name is its symbol and is checked like one.
func TestReadDatasetNames(t *testing.T) {
	for name, says := range map[string]string{
		"prices/tsla.csv":     "name it TSLA.csv",
		"prices/BRK-B.csv":    "name it BRK.B.csv",
		"prices/TSLA.txt":     "<SYMBOL>.csv",
		"news/TSLA.csv":       "<SYMBOL>.jsonl",
		"prices/TS LA.csv":    "want letters",
		"prices/TSLA.bak.csv": "write a pair as",
	} {
		if _, err := readOne(t, name, pricesText); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error = %v, want it to say %q", name, err, says)
		}
	}
	d, err := readOne(t, "prices/.TSLA.csv.123.tmp", "half a f")
	if err != nil || len(d.Symbols()) != 0 {
		t.Errorf("with a leftover of an interrupted write: %v", err)
	}
}

func TestReadDatasetChoosesSymbols(t *testing.T) {
	dir := folder(t, map[string]string{
		"dataset.toml": tomlText, "prices/TSLA.csv": pricesText, "prices/BRK.B.csv": pricesText, "prices/NFLX.csv": "not read",
	})
	d, err := data.ReadDataset(context.Background(), dir, "tsla", "BRK-B", "TSLA")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"BRK.B", "TSLA"}, d.Symbols()); diff != "" {
		t.Errorf("symbols (-want +got):\n%s", diff)
	}
	if _, err := data.ReadDataset(context.Background(), dir, "COIN"); err == nil || !strings.Contains(err.Error(), "it has BRK.B, NFLX, TSLA") {
		t.Errorf("a symbol that is not there: %v", err)
	}
	if _, err := data.ReadDataset(context.Background(), dir, "../TSLA"); err == nil {
		t.Error("a path instead of a symbol gives no error")
	}
}

// Whatever a file holds, reading ends in a dataset that is valid or an error.
func FuzzReadDataset(f *testing.F) {
	f.Add("prices/TSLA.csv", pricesText)
	f.Add("prices/TSLA.csv", "\ufeffdate;close\r\n2024-03-07;0x1p-2\n")
	f.Add("prices/TSLA.csv", "date,close\n2024-03-07,\"1\n2\"\n2024-03-07,NaN")
	f.Add("actions/TSLA.csv", "date,split,dividend\n2024-03-08,4,0.25\n")
	f.Add("news/TSLA.jsonl", `{"time":"2024-03-08T18:30:00-05:00","title":"t","sentiment":{"compound":1e400}}`)
	f.Add("news/TSLA.jsonl", `{"time":"0001-01-01T00:00:00+23:59","copies":9223372036854775807}`)
	f.Add("filings/TSLA.jsonl", `{"accepted":"2024-05-10","form":"10-Q","text":"\ud800"}`)
	f.Add("dataset.toml", tomlText)
	f.Add("dataset.toml", `name.x = [[1], {a = 1979-05-27T07:32:00Z}]`)
	f.Fuzz(func(t *testing.T, name, text string) {
		switch name {
		case "prices/TSLA.csv", "actions/TSLA.csv", "news/TSLA.jsonl", "filings/TSLA.jsonl", "dataset.toml":
		default:
			return
		}
		files := map[string]string{"dataset.toml": tomlText}
		files[name] = text
		d, err := data.ReadDataset(context.Background(), folder(t, files))
		if err != nil {
			return
		}
		for _, symbol := range d.Symbols() {
			h, err := d.History(symbol)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Validate(); err != nil {
				t.Fatalf("read, but not valid: %v", err)
			}
			d.Digest(symbol)
		}
		dir := filepath.Join(t.TempDir(), "out")
		if err := data.WriteDataset(context.Background(), dir, d, data.WriteOptions{}); err != nil {
			t.Fatalf("read, but cannot be written: %v", err)
		}
		again, err := data.ReadDataset(context.Background(), dir)
		if err != nil {
			t.Fatalf("written, but cannot be read: %v", err)
		}
		for _, symbol := range d.Symbols() {
			h, _ := d.History(symbol)
			empty := len(h.Bars) == 0 && len(h.News) == 0 && len(h.Filings) == 0 && len(h.Actions) == 0
			if !empty && again.Digest(symbol) != d.Digest(symbol) {
				t.Fatalf("%s changed by writing and reading", symbol)
			}
		}
	})
}
