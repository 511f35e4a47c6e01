package importer_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"finmem/data"
	"finmem/data/importer"
)

// utf16File is a text in UTF-16 with a byte-order mark.
func utf16File(order binary.AppendByteOrder, text string) string {
	b := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// sessionCloses are the sessions and closes of a result, as in "2024-03-07 100".
func sessionCloses(r importer.Result) []string {
	var out []string
	for _, b := range r.History.Bars {
		out = append(out, fmt.Sprintf("%s %v", b.Session, b.Close))
	}
	return out
}

// Header forms of vendors, one file each, with the closes that are in it: two
// sessions of TSLA unless it says otherwise.
func TestPriceForms(t *testing.T) {
	both := []string{"2024-03-07 178.65", "2024-03-08 175.34"}
	for _, tt := range []struct {
		name, text string
		opts       importer.CSVOptions
		want       []string
	}{
		{"Stooq, bulk", "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n" +
			"TSLA.US,D,20240307,000000,174.35,180.04,173.7,178.65,102129000,0\nTSLA.US,D,20240308,000000,181.5,182.73,174.7,175.34,85315300,0\n", importer.CSVOptions{}, both},
		{"Stooq, plain", "Date,Open,High,Low,Close,Volume\n2024-03-07,174.35,180.04,173.7,178.65,102129000\n2024-03-08,181.5,182.73,174.7,175.34,85315300\n", importer.CSVOptions{}, both},
		{"Alpaca", "symbol,timestamp,open,high,low,close,volume,trade_count,vwap\n" +
			"TSLA,2024-03-07 05:00:00+00:00,174.35,180.04,173.7,178.65,102129000,1078000,177.2\nTSLA,2024-03-08 05:00:00+00:00,181.5,182.73,174.7,175.34,85315300,970000,178.1\n", importer.CSVOptions{}, both},
		{"Kaggle, Name", "Date,Open,High,Low,Close,Volume,Name\n2024-03-07,174.35,180.04,173.7,178.65,102129000,TSLA\n2024-03-08,181.5,182.73,174.7,175.34,85315300,TSLA\n", importer.CSVOptions{}, both},
		{"a company's name", "Date,Close,Name\n2024-03-07,178.65,\"Tesla, Inc.\"\n2024-03-08,175.34,\"Tesla, Inc.\"\n", importer.CSVOptions{}, both},
		{"Investing.com", "\ufeff\"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change %\"\n" +
			"\"03/15/2024\",\"163.57\",\"163.16\",\"165.18\",\"160.76\",\"96.97M\",\"0.66%\"\n\"03/08/2024\",\"175.34\",\"181.50\",\"182.73\",\"174.70\",\"85.32M\",\"-1.85%\"\n\"03/07/2024\",\"178.65\",\"174.35\",\"180.04\",\"173.70\",\"102.13M\",\"1.20%\"\n",
			importer.CSVOptions{}, append(slices.Clone(both), "2024-03-15 163.57")},
		{"MarketWatch", "Date,Open,High,Low,Close,Volume\n\"03/08/2024\",\"181.50\",\"182.73\",\"174.70\",\"175.34\",\"85,315,320\"\n\"03/07/2024\",\"174.35\",\"180.04\",\"173.70\",\"178.65\",\"102,129,000\"\n\"Download Data\"\n",
			importer.CSVOptions{DateOrder: importer.MonthDayYear}, both},
		{"Nasdaq.com", "Date,Close/Last,Volume,Open,High,Low\n03/15/2024,$163.57,96971910,$163.16,$165.18,$160.76\n03/08/2024,$175.34,85315320,$181.5,$182.73,$174.7\n", importer.CSVOptions{}, []string{"2024-03-08 175.34", "2024-03-15 163.57"}},
		{"Google Sheets", "Date,Close\n3/7/2024 16:00:00,178.65\n3/8/2024 16:00:00,175.34\n3/15/2024 16:00:00,163.57\n", importer.CSVOptions{}, append(slices.Clone(both), "2024-03-15 163.57")},
		{"a half day at its close", "Date,Close\n2024-11-27 16:00:00,332.89\n2024-11-29 13:00:00,345.16\n", importer.CSVOptions{}, []string{"2024-11-27 332.89", "2024-11-29 345.16"}},
		{"Excel", "sep=;\r\nDatum;Eröffnung;Hoch;Tief;Schlusskurs;Volumen\r\n07.03.2024;174,35;180,04;173,70;178,65;102.129.000\r\n08.03.2024;181,50;182,73;174,70;175,34;85.315.320\r\nSumme;;;;;187.444.320\r\n",
			importer.CSVOptions{Decimal: importer.DecimalComma}, both},
		{"Excel, French", "Date;Ouverture;Plus haut;Plus bas;Dernier;Volume\n07/03/2024;174,35;180,04;173,70;178,65;102 129 000\n08/03/2024;181,50;182,73;174,70;175,34;85\u202f315\u202f320\n",
			importer.CSVOptions{Decimal: importer.DecimalComma, DateOrder: importer.DayMonthYear}, both},
		{"Excel, dates in words", "Date,Close\n7-Mar-24,178.65\n8-Mar-24,175.34\n", importer.CSVOptions{}, both},
		{"UTF-16 little end first", utf16File(binary.LittleEndian, "Date\tClose\r\n2024-03-07\t178.65\r\n2024-03-08\t175.34\r\n"), importer.CSVOptions{}, both},
		{"UTF-16 big end first", utf16File(binary.BigEndian, "Date,Close\n2024-03-07,178.65\n2024-03-08,175.34\n"), importer.CSVOptions{}, both},
		{"two-digit years, said", "Date,Close\n03/07/24,178.65\n03/08/24,175.34\n", importer.CSVOptions{DateOrder: importer.MonthDayYear}, both},
		{"year first with two digits, said", "Date,Close\n24/03/07,178.65\n24-03-08,175.34\n", importer.CSVOptions{DateOrder: importer.YearMonthDay}, both},
		{"year first", "Date,Close\n2024/3/7,178.65\n2024.03.08,175.34\n", importer.CSVOptions{}, both},
		{"month first with dots, said", "Date;Close\n3.7.2024;178.65\n3.8.2024;175.34\n", importer.CSVOptions{DateOrder: importer.MonthDayYear}, both},
		{"day first, seen from one date", "Date,Close\n07/03/2024,178.65\n08/03/2024,175.34\n15/03/2024,163.57\n", importer.CSVOptions{}, append(slices.Clone(both), "2024-03-15 163.57")},
		{"epoch seconds of midnight in New York", "timestamp,close\n1709787600,178.65\n1709874000,175.34\n", importer.CSVOptions{}, both},
		{"epoch seconds of the open, as in Yahoo's chart", "timestamp,close\n1709821800,178.65\n1709908200,175.34\n", importer.CSVOptions{}, both},
		{"epoch milliseconds", "timestamp,close\n1709787600000,178.65\n1709874000000,175.34\n", importer.CSVOptions{}, both},
		{"epoch nanoseconds of midnight UTC", "timestamp,close\n1709769600000000000,178.65\n1709856000000000000,175.34\n", importer.CSVOptions{}, both},
		{"stamps of the close in UTC", "date,close\n2024-03-07T21:00:00Z,178.65\n2024-03-08T21:00:00Z,175.34\n", importer.CSVOptions{}, both},
		{"MetaTrader", "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n2024.03.07\t174.35\t180.04\t173.70\t178.65\t10\t0\t1\n2024.03.08\t181.50\t182.73\t174.70\t175.34\t10\t0\t1\n", importer.CSVOptions{}, both},
		{"Alpha Vantage", "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient\n2024-03-08,181.5,182.73,174.7,175.34,175.34,85315320,0.0000,1.0\n2024-03-07,174.35,180.04,173.7,178.65,178.65,102129000,0.0000,1.0\n", importer.CSVOptions{}, both},
		{"Tiingo", "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor\n2024-03-07,178.65,180.04,173.7,174.35,102129000,178.65,180.04,173.7,174.35,102129000,0.0,1.0\n2024-03-08,175.34,182.73,174.7,181.5,85315320,175.34,182.73,174.7,181.5,85315320,0.0,1.0\n", importer.CSVOptions{}, both},
		{"titles before the header", "TSLA historical prices\nDownloaded 2024-03-09\n\nDate,Close\n2024-03-07,178.65\n2024-03-08,175.34\n", importer.CSVOptions{}, both},
		{"remarks", "# TSLA, by hand, and with commas\nDate,Close\n2024-03-07,178.65\n2024-03-08,175.34\n", importer.CSVOptions{}, both},
		{"remarks at the end", "Date,Close,Volume\n2024-03-07,178.65,1\n2024-03-08,175.34,1\n\nSource: the vendor\nTotal,,2\n", importer.CSVOptions{}, both},
		{"two files joined", "Date,Close\n2024-03-07,178.65\nDate,Close\n2024-03-08,175.34\n", importer.CSVOptions{}, both},
		{"a comma at the end of rows", "Date,Close\n2024-03-07,178.65,\n2024-03-08,175.34,,\n", importer.CSVOptions{}, both},
		{"one currency in the header", "Date,Open (USD),Close (USD),Volume\n2024-03-07,174.35,178.65,1\n2024-03-08,181.5,175.34,1\n", importer.CSVOptions{}, both},
		{"one currency in a column", "Date,Close,Currency\n2024-03-07,178.65,EUR\n2024-03-08,175.34,EUR\n", importer.CSVOptions{}, both},
		{"one currency beside the prices", "Date,Close\n2024-03-07,€178.65\n2024-03-08,€ 175.34\n", importer.CSVOptions{}, both},
		{"crypto with two volumes", "Daily data of a vendor\nDate,Symbol,Open,High,Low,Close,Volume BTC,Volume USD\n2024-03-07,TSLA,1,200,1,178.65,1,2\n2024-03-08,TSLA,1,200,1,175.34,1,2\n", importer.CSVOptions{}, both},
	} {
		r, err := importer.CSV(context.Background(), priceFile(t, tt.text), "TSLA", tt.opts)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := sessionCloses(r); !slices.Equal(got, tt.want) {
			t.Errorf("%s: closes %q, want %q (skipped %v)", tt.name, got, tt.want, r.Report.Skipped)
		}
		if r.Report.Read != r.Report.Kept+len(r.Report.Skipped) {
			t.Errorf("%s: %d rows read, %d kept, %d skipped", tt.name, r.Report.Read, r.Report.Kept, len(r.Report.Skipped))
		}
	}
}

// Every value of the forms whose columns stand in another order, or have other
// names, goes where it belongs.
func TestPriceFormsValues(t *testing.T) {
	want := data.Bar{Session: "2024-03-08", Open: 181.5, High: 182.73, Low: 174.7, Close: 175.34, AdjClose: 175.3, Volume: 85_315_320}
	for name, text := range map[string]string{
		"Stooq":         "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<ADJ CLOSE>\nTSLA.US,D,20240308,000000,181.5,182.73,174.7,175.34,85315320,175.3\n",
		"Investing.com": "Price,Date,Open,High,Low,Vol.,Change %,Adj Close\n175.34,2024-03-08,181.50,182.73,174.70,85.31532M,-1.85%,175.3\n",
		"Excel":         "sep=;\nDatum;Eröffnung;Hoch;Tief;Schluss;Volumen;Adj. Close\n08.03.2024;\"181.50\";182.73;174.70;175.34;85315320;175.30\n",
		"wide":          "Date,TSLA_Volume,TSLA_Adj Close,TSLA_Low,TSLA_High,TSLA_Open,TSLA_Close\n2024-03-08,85315320,175.3,174.7,182.73,181.5,175.34\n",
		"Alpha Vantage": "timestamp,open,high,low,close,adjusted_close,volume\n2024-03-08,181.5,182.73,174.7,175.34,175.3,85315320\n",
	} {
		r, err := importer.CSV(context.Background(), priceFile(t, text), "TSLA", importer.CSVOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := diffBars([]data.Bar{want}, r.History.Bars); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What can be read in two ways, or not at all, is refused with what to do.
func TestPriceFormsRefused(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"two currencies in the header", "timestamp,open (CNY),close (CNY),open (USD),close (USD)\n2024-03-08,1,1,2,2\n", "prices in two currencies, CNY and USD; keep the columns of one"},
		{"two currencies in wide columns", "Date,Close EUR,Close USD\n2024-03-08,1,1.09\n", `column "Close EUR" names the currency EUR; keep the columns of one currency`},
		{"two currencies in a column", "Date,Close,Currency\n2024-03-07,178.65,USD\n2024-03-08,160.2,EUR\n", "line 3: the price is in EUR, in line 2 it was in USD; keep the rows of one currency"},
		{"two currencies beside the prices", "Date,Close\n2024-03-07,$178.65\n2024-03-08,€160.20\n", `prices in two currencies, $ and "€160.20"; keep the rows of one`},
		{"Stooq within the day", "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nTSLA.US,5,20240307,153000,1,1,1,1,1,0\n", `line 2: the period is "5"; want daily bars, which are of period D`},
		{"closes of several symbols", "Date,AAPL,MSFT,TSLA\n2024-03-08,170.73,406.22,175.34\n", "if each column is the close of a symbol, name them AAPL_close and so on"},
		{"a symbol without a close", "Date,TSLA_Open,TSLA_High,AAPL_Close\n2024-03-08,1,2,3\n", "no close column of TSLA in the header"},
		{"one symbol's close twice", "Date,TSLA_Close,Close TSLA\n2024-03-08,1,2\n", `columns "TSLA_Close" and "Close TSLA" could both be the close`},
		{"another delimiter", "sep=^\nDate^Close\n2024-03-08^1\n", "cells are separated by '^', which is not understood"},
		{"a quote that is not closed", "Date,Close\n2024-03-08,\"1\n" + strings.Repeat("2024-03-08,1\n", 200_000), "a row of more than 1024 KiB; is there a quote that is not closed?"},
		{"names of companies", "Date,Close,Name\n2024-03-08,1,Tesla Inc\n2024-03-08,2,Apple Inc\n", `line 3: the column Name has "Apple Inc", which is no symbol, and other names`},
		{"cut off", "Date,Close,Volume\n2024-03-07,178.65,1\n2024-03-08,175\n", "line 3: 2 cells where the header has 3; is a row cut off?"},
		{"hours without a zone", "Date,Close\n2024-03-07 09:30:00,1\n2024-03-08 09:30:00,1\n", "line 2: 2024-03-07 09:30:00 has a time of day"},
		{"no symbol in it", "Date,Close,Symbol\n2024-03-07,1,\n", "no prices: none of 1 rows can be used; prices.csv line 2: no symbol"},
		{"an answer instead of data", "No data", "no date column among No data"},
	} {
		_, err := importer.CSV(context.Background(), priceFile(t, tt.text), "TSLA", importer.CSVOptions{})
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: error = %v, want it to say %q", tt.name, err, tt.says)
		}
	}
}

// A file may have the prices of many symbols: one below the other, or side by
// side in columns.
func TestPricesOfManySymbols(t *testing.T) {
	want := map[string][]string{"AAPL": {"2024-03-07 169", "2024-03-08 170.73"}, "BRK.B": {"2024-03-08 405.96"}, "TSLA": {"2024-03-07 178.65", "2024-03-08 175.34"}}
	long := "Date,Symbol,Close\n2024-03-07,TSLA,178.65\n2024-03-07,AAPL,169\n2024-03-08,TSLA,175.34\n2024-03-08,brk-b,405.96\n2024-03-08,AAPL,170.73\n"
	for name, text := range map[string]string{
		"long": long,
		"Stooq": "<TICKER>,<PER>,<DATE>,<CLOSE>\nTSLA.US,D,20240307,178.65\nTSLA.US,D,20240308,175.34\nAAPL.US,D,20240307,169\nAAPL.US,D,20240308,170.73\n" +
			"BRK-B.US,D,20240308,405.96\n",
		"wide, symbol first":          "Date,TSLA_Close,AAPL_Close,BRK-B_Close\n2024-03-07,178.65,169,\n2024-03-08,175.34,170.73,405.96\n",
		"wide, field first":           "Date,Close TSLA,Close AAPL,Close BRK.B\n2024-03-07,178.65,169,NaN\n2024-03-08,175.34,170.73,405.96\n",
		"wide, pairs":                 "Date,\"('Close', 'TSLA')\",\"('Close', 'AAPL')\",\"('Close', 'BRK-B')\"\n2024-03-07,178.65,169,\n2024-03-08,175.34,170.73,405.96\n",
		"three rows":                  "Price,Close,Close,Close\nTicker,TSLA,AAPL,BRK-B\nDate,,,\n2024-03-07,178.65,169,\n2024-03-08,175.34,170.73,405.96\n",
		"three rows, grouped":         "Ticker,TSLA,AAPL,BRK-B\nPrice,Close,Close,Close\nDate,,,\n2024-03-07,178.65,169,\n2024-03-08,175.34,170.73,405.96\n",
		"three rows without names":    ",Close,Close,Close\n,TSLA,AAPL,BRK-B\nDate,,,\n2024-03-07,178.65,169,\n2024-03-08,175.34,170.73,405.96\n",
		"two rows":                    "Price,Close,Close,Close\nTicker,TSLA,AAPL,BRK-B\n2024-03-07,178.65,169,\n2024-03-08,175.34,170.73,405.96\n",
		"three rows, with an index":   "Price,Close,Close,Close,Close\nTicker,TSLA,AAPL,BRK-B,^GSPC\nDate,,,,\n2024-03-07,178.65,169,,5157\n2024-03-08,175.34,170.73,405.96,5123\n",
		"pandas-datareader":           "Attributes,Close,Close,Close\nSymbols,TSLA,AAPL,BRK-B\nDate,,,\n2024-03-07,178.65,169,\n2024-03-08,175.34,170.73,405.96\n",
		"wide, in semicolons and CRs": "sep=;\r\nDate;TSLA Close;AAPL Close;BRK/B Close\r\n2024-03-07;178.65;169;\r\n2024-03-08;175.34;170.73;405.96\r\n",
	} {
		results, err := importer.CSVAll(context.Background(), priceFile(t, text), nil, importer.CSVOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(results) != len(want) {
			t.Errorf("%s: %d symbols, want %d", name, len(results), len(want))
		}
		for _, r := range results {
			if got := sessionCloses(r); !slices.Equal(got, want[r.History.Symbol]) || r.Report.Symbol != r.History.Symbol || r.Report.Kept != len(got) {
				t.Errorf("%s: %s has %q, want %q (report %+v)", name, r.History.Symbol, got, want[r.History.Symbol], r.Report)
			}
		}
	}
	// Those that are asked for.
	results, err := importer.CSVAll(context.Background(), priceFile(t, long), []string{"tsla", "NFLX"}, importer.CSVOptions{})
	if err != nil || len(results) != 1 || results[0].History.Symbol != "TSLA" {
		t.Fatalf("TSLA and NFLX of a file without NFLX: %d results, %v", len(results), err)
	}
	if want := "rows of other symbols were not read: AAPL, BRK.B"; !slices.Contains(results[0].Report.Notes, want) {
		t.Errorf("notes %q lack %q", results[0].Report.Notes, want)
	}
	if _, err := importer.CSV(context.Background(), priceFile(t, long), "", importer.CSVOptions{}); err == nil || !strings.Contains(err.Error(), "it has the symbols AAPL, BRK.B, TSLA; say which") {
		t.Errorf("one of three symbols: %v", err)
	}
	for name, symbols := range map[string][]string{"none": nil, "two": {"TSLA", "AAPL"}} {
		if _, err := importer.CSVAll(context.Background(), priceFile(t, threeBars), symbols, importer.CSVOptions{}); !errors.Is(err, importer.ErrNoSymbol) {
			t.Errorf("%s for a file that names none: %v", name, err)
		}
	}
	// One symbol of many without a price is named and left out.
	results, err = importer.CSVAll(context.Background(), priceFile(t, long+"2024-03-08,HALT,null\n"), nil, importer.CSVOptions{})
	if err != nil || len(results) != 3 || len(results[0].Report.Skipped) != 1 || !strings.Contains(results[0].Report.Skipped[0].Reason, "no prices for HALT") {
		t.Errorf("%d results, %v", len(results), err)
	}
}

// A long table says how far it is, packed or not.
func TestPriceProgress(t *testing.T) {
	var text strings.Builder
	text.WriteString("Date,Close\n")
	session := data.Session("1990-01-01")
	for range 12_000 {
		session = session.AddDays(1)
		fmt.Fprintf(&text, "%s,1%d\n", session, len(session))
	}
	for name, tt := range map[string]struct {
		content string
		known   bool // is the share
	}{
		"plain": {text.String(), true}, "gzip": {gzipped(t, text.String()), true}, "zip": {zipped(t, "a.csv", text.String()), false},
	} {
		var rows []int
		var last float64
		opts := importer.CSVOptions{Calendar: data.Always(), Progress: func(n int, share float64) {
			if share < last || share > 1 {
				t.Errorf("%s: share %v after %v", name, share, last)
			}
			rows, last = append(rows, n), share
		}}
		if _, err := importer.CSV(context.Background(), fileNamed(t, "TSLA", tt.content), "TSLA", opts); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(rows) != 11 || !slices.IsSorted(rows) || (last > 0) != tt.known {
			t.Errorf("%s: told of %v, the last share %v", name, rows, last)
		}
	}
}
