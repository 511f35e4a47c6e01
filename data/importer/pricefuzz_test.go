package importer_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"finmem/data"
	"finmem/data/importer"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// priceSeeds are tables in the forms that vendors write.
func priceSeeds() []string {
	return []string{
		threeBars,
		"\ufeffdate;close;vol\r\n07.03.2024;1.234,5;1,5M\r\n",
		"sep=;\nDatum;Eröffnung;Hoch;Tief;Schlusskurs;Volumen\n07.03.2024;1,5;1,6;1,4;1,5;1.000\n",
		"Price,Close,High\nTicker,TSLA,TSLA\nDate,,\n2024-03-07,1,2\n",
		"Price,Close,Close\nTicker,TSLA,^GSPC\n2024-03-07,1,2\n",
		"Date,TSLA_Close,AAPL_Close,Open AAPL\n2024-03-07,1,2,3\n2024-03-08,,2,\n",
		"<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<CLOSE>\nTSLA.US,D,20240307,000000,1,2\n",
		"symbol,timestamp,close,trade_count\nTSLA,2024-03-07 05:00:00+00:00,1,2\nAAPL,2024-03-07T05:00:00Z,1,2\n",
		"Date,Close,Dividends,Stock Splits\n2024-03-07 00:00:00-05:00,1,0.5,4:1\n2024-03-07,NaN,0,0\n",
		"Date,Close\n01/02/2024,\"1,234\"\n13/02/2024,\"1,2\n34\"\n",
		"Date\tClose\n20240307\t1e308\n20240308\t-1e-400\n",
		"Date,Close,Currency\n3/7/24,$1,USD\n",
		"timestamp,close (USD)\n1709787600,1\n1709874000000,2\n9223372036854775807,3\n",
		"Title\n# remark\nDate,Close,Name\n2024-03-08 16:00:00,1 234.5,Tesla Inc\n\"Download Data\"\nDate,Close,Name\n",
		"Date,Close\n9999-12-31,1\n0000-01-01,1\n45359,1\n2024-02-30,1\n",
		"Date,Close,Volume\n2024-03-07,.,K\n2024-03-08,e,-\n2024-03-11,,1:0\n",
		utf16File(binary.LittleEndian, "Date\tClose\r\n2024-03-07\t1\r\n"),
		"\xff\xfe\x00\xd8\n",
	}
}

// Whatever the bytes, a table of any symbols ends in histories that are valid, or
// an error, the same each time; every row is accounted for; and what is read is
// what the detectors say it is.
func FuzzPriceTable(f *testing.F) {
	for i, seed := range priceSeeds() {
		f.Add(seed, []string{"", "TSLA", "AAPL,TSLA"}[i%3], uint8(i))
	}
	orders := []importer.DateOrder{importer.DateOrderAuto, importer.MonthDayYear, importer.DayMonthYear, importer.YearMonthDay}
	marks := []importer.DecimalMark{importer.DecimalAuto, importer.DecimalPoint, importer.DecimalComma}
	nyse := data.NYSE()
	f.Fuzz(func(t *testing.T, text, symbols string, settings uint8) {
		path := priceFile(t, text)
		sample, err := importer.Peek(path)
		if err != nil {
			return // packed, and badly
		}
		var wanted []string
		if symbols != "" {
			wanted = strings.Split(symbols, ",")
		}
		opts := importer.CSVOptions{DateOrder: orders[settings%4], Decimal: marks[settings/4%3]}
		if settings < 240 {
			opts.Calendar = nyse // made once, since it takes longer than all the rest
		}
		results, err := importer.CSVAll(context.Background(), path, wanted, opts)
		if err != nil {
			return
		}
		if importer.DetectCSV(sample) == "" && importer.DetectYahoo(sample) == "" {
			t.Fatal("read, but not taken for a table of prices")
		}
		if len(results) == 0 {
			t.Fatal("neither a result nor an error")
		}
		for _, r := range results {
			if err := r.History.Validate(); err != nil {
				t.Fatalf("imported, but not valid: %v", err)
			}
			if _, err := data.NewDataset(r.Meta, r.History); err != nil {
				t.Fatalf("imported, but no dataset: %v", err)
			}
			if r.Report.Kept != len(r.History.Bars) || r.Report.Read != r.Report.Kept+len(r.Report.Skipped) {
				t.Fatalf("%d rows read, %d kept, %d skipped", r.Report.Read, r.Report.Kept, len(r.Report.Skipped))
			}
		}
		again, err := importer.CSVAll(context.Background(), path, wanted, opts)
		if err != nil || cmp.Diff(results, again, cmpopts.EquateNaNs()) != "" {
			t.Fatalf("a second import differs: %v", err)
		}
	})
}

// Whatever the bytes, packed or not, telling a format ends in one or in none.
func FuzzDetect(f *testing.F) {
	for _, seed := range priceSeeds() {
		f.Add([]byte(seed))
	}
	for _, seed := range []string{
		"", "{}", "[]", "PAR1", "\x80\x04}.", `{"2020-03-12": {"prices": 1}}`, `[{"time":"2024-03-08","title":"a"}]`,
		`{"ticker":"TSLA","form":"10-K","date":"2024-01-29","text":"a"}`, "<html>", "time,title\n2024-03-08,a\n",
		gzipped(f, threeBars), zipped(f, "TSLA.csv", threeBars), zipped(f, "a.csv", "", "b.csv", ""),
	} {
		f.Add([]byte(seed))
	}
	detectors := map[string]func(importer.Sample) string{
		"pickle": importer.DetectPickle, "investorbench": importer.DetectInvestorBench, "yahoo": importer.DetectYahoo, "csv": importer.DetectCSV,
		"filings": importer.DetectFilings, "news": importer.DetectNews,
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "file.csv")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		sample, err := importer.Peek(path)
		if err != nil {
			return
		}
		for name, detect := range detectors {
			if first, again := detect(sample), detect(sample); first != again {
				t.Fatalf("%s says %q and then %q", name, first, again)
			}
		}
		if importer.DetectCSV(sample) != "" && importer.DetectYahoo(sample) != "" {
			t.Fatal("taken for two kinds of prices")
		}
		in, err := importer.Open(path)
		if err != nil {
			t.Fatalf("peeked at, but not opened: %v", err)
		}
		defer in.Close()
		if _, err := io.Copy(io.Discard, io.LimitReader(in, 1<<20)); err != nil && in.Packing == "" {
			t.Fatal(err)
		}
	})
}

// millionRows is a table of 100 symbols with 10,000 sessions each.
func millionRows(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "million.csv")
	var text strings.Builder
	text.WriteString("Date,Symbol,Open,High,Low,Close,Adj Close,Volume\n")
	for symbol := range 100 {
		session := data.Session("1985-01-01")
		for i := range 10_000 {
			session = session.AddDays(1)
			price := 100 + float64((i*7+symbol)%1000)/16
			fmt.Fprintf(&text, "%s,SYM%d,%.4f,%.4f,%.4f,%.4f,%.4f,%d\n", session, symbol, price, price*1.01, price*0.99, price, price, 1_000_000+i)
		}
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// A million rows of a hundred symbols.
func BenchmarkMillionRows(b *testing.B) {
	path := millionRows(b)
	b.ReportAllocs()
	for b.Loop() {
		results, err := importer.CSVAll(context.Background(), path, nil, importer.CSVOptions{Calendar: data.NYSE()})
		if err != nil || len(results) != 100 {
			b.Fatalf("%d symbols, %v", len(results), err)
		}
	}
	b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "rows/s")
}
