package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"finmem/data"
	"finmem/data/importer"
)

// An importFormat is a format that finmem data import reads.
type importFormat struct {
	name, short string
	// detect says why a file is taken for one of the format, "" if it is not.
	detect func(importer.Sample) string
	// read reads the symbols that are given, or all that the file names where none
	// is; its error wraps importer.ErrNoSymbol if the file names none. It is nil
	// for news, which go into the folder as they are read.
	read   func(ctx context.Context, path string, symbols []string, ask importAsk) ([]importer.Result, error)
	prices bool // a table of prices
	own    bool // has a command of its own, with flags of its own
}

// An importAsk is what the flags say of the files.
type importAsk struct {
	calendar      *data.Calendar
	prices        importer.CSVOptions
	filingsOnDate bool
	zone          *time.Location // of times that have none; nil if it was not said
}

// importFormats are the formats, the more particular ones first: a file is taken
// for the first whose detect says so, unless it may be prices as well as news.
func importFormats() []importFormat {
	return []importFormat{
		{name: "finmem", short: "Import FinMem's env_data.pkl", detect: importer.DetectPickle, read: readPickles},
		{name: "investorbench", short: "Import INVESTOR-BENCH JSON", detect: importer.DetectInvestorBench, read: readInvestorBench},
		{
			name: "yahoo", short: "Import prices from a Yahoo or yfinance CSV", detect: importer.DetectYahoo, prices: true,
			read: func(ctx context.Context, path string, symbols []string, ask importAsk) ([]importer.Result, error) {
				return importer.YahooAll(ctx, path, symbols, ask.prices)
			},
		},
		{
			name: "csv", short: "Import prices from a plain CSV", detect: importer.DetectCSV, prices: true,
			read: func(ctx context.Context, path string, symbols []string, ask importAsk) ([]importer.Result, error) {
				return importer.CSVAll(ctx, path, symbols, ask.prices)
			},
		},
		{name: "filings", short: "Import filings", detect: importer.DetectFilings, read: readFilings, own: true},
		{name: "news", short: "Import news", detect: importer.DetectNews, own: true},
	}
}

func readPickles(ctx context.Context, path string, symbols []string, ask importAsk) ([]importer.Result, error) {
	if len(symbols) == 0 {
		var err error
		if symbols, err = importer.PickleSymbols(ctx, path); err != nil {
			return nil, err
		}
	}
	return readEach(ctx, path, symbols, func(symbol string) (importer.Result, error) {
		return importer.Pickle(ctx, path, symbol, importer.EnvOptions{Calendar: ask.calendar, FilingsOnDate: ask.filingsOnDate})
	})
}

func readInvestorBench(ctx context.Context, path string, symbols []string, ask importAsk) ([]importer.Result, error) {
	return readEach(ctx, path, symbols, func(symbol string) (importer.Result, error) {
		return importer.InvestorBench(ctx, path, symbol, importer.EnvOptions{Calendar: ask.calendar, FilingsOnDate: ask.filingsOnDate})
	})
}

// readFilings reads the filings of those symbols that the file has.
func readFilings(ctx context.Context, path string, symbols []string, ask importAsk) ([]importer.Result, error) {
	there, err := importer.FilingSymbols(ctx, path)
	if err != nil {
		return nil, err
	}
	switch {
	case len(there) == 0 && len(symbols) != 1:
		return nil, fmt.Errorf("%s: %w", path, importer.ErrNoSymbol)
	case len(symbols) == 0:
		symbols = there
	case len(there) > 0:
		wanted := slices.DeleteFunc(slices.Clone(symbols), func(s string) bool { return !slices.Contains(there, s) })
		if len(wanted) == 0 {
			return nil, fmt.Errorf("%s has filings of %s, not of %s", path, strings.Join(there, ", "), strings.Join(symbols, ", "))
		}
		symbols = wanted
	}
	opts := importer.FilingOptions{Calendar: ask.calendar, Zone: ask.zone, DateOrder: ask.prices.DateOrder}
	return readEach(ctx, path, symbols, func(symbol string) (importer.Result, error) {
		return importer.Filings(ctx, path, symbol, opts)
	})
}

// readEach reads one symbol after the other.
func readEach(ctx context.Context, path string, symbols []string, read func(symbol string) (importer.Result, error)) ([]importer.Result, error) {
	if len(symbols) == 0 {
		return nil, fmt.Errorf("%s: %w", path, importer.ErrNoSymbol)
	}
	var results []importer.Result
	for _, symbol := range symbols {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := read(symbol)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// An importFile is a file with the format that it is taken for.
type importFile struct {
	path    string
	format  importFormat
	why     string // it is taken for that; "" where the format was said
	name    string // of the file, or of the one that is packed in it
	packing string
}

// tellFormat finds out what a file is.
func tellFormat(path string) (importFile, error) {
	sample, err := importer.Peek(path)
	if err != nil {
		return importFile{}, err
	}
	var known []string
	for _, f := range importFormats() {
		if why := f.detect(sample); why != "" {
			if news := importer.DetectNews(sample); f.prices && news != "" {
				return importFile{}, hinted{
					fmt.Errorf("%s: it may be prices, a %s, or news, %s", path, why, news),
					"say which with finmem data import csv or finmem data import news",
				}
			}
			return importFile{path: path, format: f, why: why, name: sample.Name, packing: sample.Packing}, nil
		}
		known = append(known, f.name)
	}
	hint := "finmem data import FORMAT FILE says what is missing for a format"
	if strings.HasPrefix(strings.TrimSpace(string(sample.Start)), "<") {
		hint = "a document of a filing is read by finmem data import filings, which needs its --form and when it was accepted"
	}
	return importFile{}, hinted{fmt.Errorf("%s: its content is of no format that is known (%s)", path, strings.Join(known, ", ")), hint}
}

// symbolOfName is the symbol that a file is named for: TSLA.csv, BRK-B_2020.csv,
// aapl.us.txt. A name in small letters is a word as likely as a symbol, and some
// words are written in capitals; "" for both.
func symbolOfName(name string) string {
	stem := name
	for _, ext := range []string{".csv", ".txt", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".pkl", ".pickle"} {
		if n := len(stem) - len(ext); n > 0 && strings.EqualFold(stem[n:], ext) {
			stem = stem[:n]
			break
		}
	}
	// Stooq's own names.
	for _, ending := range []string{".us", "_us_d"} {
		if root, ok := strings.CutSuffix(stem, ending); ok {
			stem = strings.ToUpper(root)
			break
		}
	}
	stem, _, _ = strings.Cut(stem, "_")
	stem, _, _ = strings.Cut(stem, " ")
	symbol, err := data.Canonical(stem)
	if err != nil || stem != strings.ToUpper(stem) || !strings.ContainsAny(stem, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return ""
	}
	switch symbol {
	case "DATA", "PRICE", "PRICES", "STOCK", "STOCKS", "QUOTE", "QUOTES", "HISTORY", "DAILY", "TABLE", "EXPORT", "DOWNLOAD", "FILE",
		"TEST", "TRAIN", "NEWS", "FILINGS", "BARS", "OHLC", "OHLCV", "MARKET", "CSV", "ALL", "INPUT", "OUTPUT", "SAMPLE", "ENV":
		return ""
	}
	return symbol
}
