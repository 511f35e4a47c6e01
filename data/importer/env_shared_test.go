package importer_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/shared"
)

// content sums up a history in one line: sessions, news, days with news, and
// the dates of the filings.
func content(h data.History) string {
	days := map[time.Time]bool{}
	for _, n := range h.News {
		days[n.Time] = true
	}
	var annual, quarterly []string
	for _, f := range h.Filings {
		date := f.Accepted.Format(time.DateOnly)
		if f.Form == "10-K" {
			annual = append(annual, date)
		} else {
			quarterly = append(quarterly, date)
		}
	}
	bars := h.Bars
	return fmt.Sprintf("%d %s..%s news %d on %d 10-K %v 10-Q %v",
		len(bars), bars[0].Session, bars[len(bars)-1].Session, len(h.News), len(days), annual, quarterly)
}

// The files that researchers have, and what is in them. The figures were counted
// with Python's own readers.
func TestSharedContents(t *testing.T) {
	type reader func(context.Context, string, string, importer.EnvOptions) (importer.Result, error)
	tests := []struct {
		path, symbol string
		read         reader
		calendar     string
		want         string
	}{
		{"data/finmem/tsla.pkl", "TSLA", importer.Pickle, "NYSE",
			"353 2025-01-02..2026-06-01 news 5262 on 353 10-K [2025-01-29 2026-01-28] 10-Q [2025-04-22 2025-07-23 2025-10-22 2026-04-22]"},
		{"data/finmem/amzn.pkl", "AMZN", importer.Pickle, "NYSE",
			"353 2025-01-02..2026-06-01 news 4086 on 353 10-K [2025-02-06 2026-02-05] 10-Q [2025-05-01 2025-07-31 2025-10-30 2026-04-29]"},
		{"data/finmem/msft.pkl", "MSFT", importer.Pickle, "NYSE",
			"353 2025-01-02..2026-06-01 news 4002 on 353 10-K [2025-07-30] 10-Q [2025-01-29 2025-04-30 2025-10-29 2026-01-28 2026-04-29]"},
		{"data/finmem/nflx.pkl", "NFLX", importer.Pickle, "NYSE",
			"353 2025-01-02..2026-06-01 news 1135 on 286 10-K [2025-01-27 2026-01-23] 10-Q [2025-07-18 2025-10-22 2026-04-17]"},
		{"data/finmem/coin.pkl", "COIN", importer.Pickle, "NYSE",
			"353 2025-01-02..2026-06-01 news 1243 on 329 10-K [2025-02-13 2026-02-12] 10-Q [2025-05-08 2025-07-31 2025-10-30 2026-05-07]"},
		{"data/finmem/pickles/fake_env_data_tuple_form.pkl", "TSLA", importer.Pickle, "NYSE",
			"496 2016-01-13..2017-12-29 news 0 on 0 10-K [2017-10-02] 10-Q [2016-01-29 2016-02-22 2017-10-10 2017-11-07 2017-11-16 2017-11-20]"},
		{"data/finmem/pickles/fake_subset_symbols_dict_form.pkl", "MSFT", importer.Pickle, "NYSE",
			"496 2016-01-13..2017-12-29 news 0 on 0 10-K [2017-05-01 2017-12-19] 10-Q [2017-10-11 2017-11-20 2017-12-11]"},
		{"data/investorbench/jnj.json", "JNJ", importer.InvestorBench, "NYSE",
			"291 2020-03-12..2021-05-06 news 910 on 265 10-K [2021-02-22] 10-Q [2020-04-29 2020-07-24 2020-10-23 2021-04-30]"},
		{"data/investorbench/nflx.json", "NFLX", importer.InvestorBench, "NYSE",
			"234 2020-03-12..2021-05-06 news 481 on 201 10-K [2021-01-28] 10-Q [2020-04-21 2020-07-20 2020-10-22 2021-04-22]"},
		{"data/investorbench/msft.json", "MSFT", importer.InvestorBench, "NYSE",
			"291 2020-03-12..2021-05-06 news 3636 on 281 10-K [2020-07-30] 10-Q [2020-04-29 2020-10-27 2021-01-26 2021-04-27]"},
		{"data/investorbench/hon.json", "HON", importer.InvestorBench, "NYSE",
			"291 2020-03-12..2021-05-06 news 444 on 212 10-K [2021-02-12] 10-Q [2020-05-01 2020-07-24 2020-10-30 2021-04-23]"},
		{"data/investorbench/uvv.json", "UVV", importer.InvestorBench, "NYSE",
			"291 2020-03-12..2021-05-06 news 640 on 241 10-K [2020-05-28] 10-Q [2020-08-05 2020-11-05 2021-02-08]"},
		{"data/investorbench/btc.json", "BTC-USD", importer.InvestorBench, "24/7",
			"386 2022-11-29..2023-12-19 news 4966 on 386 10-K [] 10-Q []"},
		{"data/investorbench/eth.json", "ETH-USD", importer.InvestorBench, "24/7",
			"318 2022-12-02..2023-12-19 news 1067 on 318 10-K [] 10-Q []"},
		{"data/finmem/finmem_period/TSLA.json", "TSLA", importer.InvestorBench, "NYSE",
			"414 2021-08-17..2023-04-10 news 4089 on 318 10-K [2022-02-07 2023-01-31] 10-Q [2021-10-25 2022-04-25 2022-07-25 2022-10-24]"},
		{"data/finmem/finmem_period/AMZN.json", "AMZN", importer.InvestorBench, "NYSE",
			"414 2021-08-17..2023-04-10 news 0 on 0 10-K [2023-02-03] 10-Q []"},
		{"data/finmem/finmem_period/MSFT.json", "MSFT", importer.InvestorBench, "NYSE",
			"414 2021-08-17..2023-04-10 news 0 on 0 10-K [] 10-Q [2023-01-24]"},
		{"data/finmem/finmem_period/NFLX.json", "NFLX", importer.InvestorBench, "NYSE",
			"414 2021-08-17..2023-04-10 news 0 on 0 10-K [2023-01-26] 10-Q []"},
		{"data/finmem/finmem_period/COIN.json", "COIN", importer.InvestorBench, "NYSE",
			"414 2021-08-17..2023-04-10 news 0 on 0 10-K [] 10-Q []"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			r, err := tt.read(context.Background(), shared.Path(t, tt.path), tt.symbol, importer.EnvOptions{})
			if err != nil {
				t.Fatal(err)
			}
			checkImport(t, r, err)
			if got := content(r.History); got != tt.want || r.Meta.Calendar != tt.calendar {
				t.Errorf("calendar %s, %s\nwant %s, %s", r.Meta.Calendar, got, tt.calendar, tt.want)
			}
			if len(r.Report.Skipped) != 0 {
				t.Errorf("skipped %v", r.Report.Skipped)
			}
		})
	}
}

// The pickles and their JSON lines are two writings of one thing.
func TestSharedPickleEqualsLines(t *testing.T) {
	for _, symbol := range []string{"TSLA", "AMZN", "MSFT", "NFLX", "COIN"} {
		t.Run(symbol, func(t *testing.T) {
			pickled, err := importer.Pickle(context.Background(), shared.Path(t, "data/finmem", strings.ToLower(symbol)+".pkl"), symbol, importer.EnvOptions{})
			if err != nil {
				t.Fatal(err)
			}
			lines, err := importer.InvestorBench(context.Background(), linesAsObject(t, shared.Path(t, "data/finmem/fivesym_2025_2026/env_"+symbol+".jsonl")), symbol, importer.EnvOptions{})
			if err != nil {
				t.Fatal(err)
			}
			p, l := pickled.History, lines.History
			if !slices.EqualFunc(p.Bars, l.Bars, func(a, b data.Bar) bool { return a.Session == b.Session && a.Close == b.Close }) {
				t.Error("bars differ")
			}
			if !slices.EqualFunc(p.News, l.News, func(a, b data.News) bool {
				return a.Time.Equal(b.Time) && a.Text == b.Text && *a.Sentiment == *b.Sentiment
			}) {
				t.Error("news differ")
			}
			if !slices.Equal(p.Filings, l.Filings) {
				t.Error("filings differ")
			}
		})
	}
}

// linesAsObject writes JSON lines with a date each as one dict of dates.
func linesAsObject(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out strings.Builder
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 16<<20)
	for sep := "{"; scanner.Scan(); sep = ",\n" {
		var line struct{ Date string }
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s%q: %s", sep, line.Date, scanner.Bytes())
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return file(t, "lines.json", []byte(out.String()+"}"))
}

// Every score FinMem appended becomes a sentiment, and no text keeps one.
func TestSharedScores(t *testing.T) {
	r, err := importer.Pickle(context.Background(), shared.Path(t, "data/finmem/tsla.pkl"), "TSLA", importer.EnvOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range r.History.News {
		s := n.Sentiment
		if s == nil || s.Method != "finbert" || math.Abs(s.Positive+s.Neutral+s.Negative-1) > 1e-5 || strings.Contains(n.Text, "score for this news") {
			t.Fatalf("%s: %+v of %q", n.Time.Format(time.DateOnly), s, n.Text)
		}
	}
	first := r.History.News[0]
	want := data.Sentiment{Positive: 0.0005615040427073836, Neutral: 0.032002128660678864, Negative: 0.9674363732337952, Compound: 0.0005615040427073836 - 0.9674363732337952, Method: "finbert"}
	if !strings.HasSuffix(first.Text, "reported at 8:41 a.m. PT.") || *first.Sentiment != want {
		t.Errorf("first news %q %+v, want it to end at its own last sentence, %+v", first.Text, *first.Sentiment, want)
	}
	for _, want := range []string{
		"353 dates from 2025-01-02 to 2026-06-01: 353 prices, 5262 news, 4 10-Q, 2 10-K",
		"5262 news came with FinBERT scores, which were taken off the text",
		"1 news repeat another of the same date; all are kept, and a day shows each once with its number of copies",
	} {
		if !slices.Contains(r.Report.Notes, want) {
			t.Errorf("notes lack %q:\n%s", want, strings.Join(r.Report.Notes, "\n"))
		}
	}
}

// INVESTOR-BENCH's labels, counted by Python: 2631 positive, 1092 neutral, 1243
// negative.
func TestSharedLabels(t *testing.T) {
	r, err := importer.InvestorBench(context.Background(), shared.Path(t, "data/investorbench/btc.json"), "BTC-USD", importer.EnvOptions{})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[float64]int{}
	for _, n := range r.History.News {
		if n.Sentiment == nil || n.Sentiment.Method != "label" || strings.Contains(n.Text, "(sentiment:") {
			t.Fatalf("%q has sentiment %+v", n.Text, n.Sentiment)
		}
		counts[n.Sentiment.Compound]++
	}
	if counts[1] != 2631 || counts[0] != 1092 || counts[-1] != 1243 {
		t.Errorf("labels %v, want 2631 of 1, 1092 of 0, 1243 of -1", counts)
	}
	if want := "calendar 24/7: 110 of 386 prices fall on a weekend"; !slices.Contains(r.Report.Notes, want) {
		t.Errorf("notes %q lack %q", r.Report.Notes, want)
	}
}

// Both forms of FinMem's pickle hold the same four symbols.
func TestSharedPickleForms(t *testing.T) {
	paths := []string{shared.Path(t, "data/finmem/pickles/fake_env_data_tuple_form.pkl"), shared.Path(t, "data/finmem/pickles/fake_subset_symbols_dict_form.pkl")}
	for _, path := range paths {
		symbols, err := importer.PickleSymbols(context.Background(), path)
		if err != nil || !slices.Equal(symbols, []string{"AMZN", "MSFT", "NFLX", "TSLA"}) {
			t.Errorf("%s: symbols %q, %v", path, symbols, err)
		}
	}
	for _, symbol := range []string{"AMZN", "MSFT", "NFLX", "TSLA"} {
		tuples, err := importer.Pickle(context.Background(), paths[0], symbol, importer.EnvOptions{})
		if err != nil {
			t.Fatal(err)
		}
		dicts, err := importer.Pickle(context.Background(), paths[1], symbol, importer.EnvOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if content(tuples.History) != content(dicts.History) || closes(tuples.History) != closes(dicts.History) || !slices.Equal(tuples.History.Filings, dicts.History.Filings) {
			t.Errorf("%s: %s\nand %s", symbol, content(tuples.History), content(dicts.History))
		}
		if text := tuples.History.Filings[0].Text; text != "10Q report" && text != "10k report" {
			t.Errorf("%s: filing %q", symbol, text)
		}
	}
}

// A character of a mistaken code page is mended.
func TestSharedMistakenCodePage(t *testing.T) {
	r, err := importer.InvestorBench(context.Background(), shared.Path(t, "data/finmem/finmem_period/TSLA.json"), "TSLA", importer.EnvOptions{})
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, n := range r.History.News {
		if strings.Contains(n.Text, "(NASDAQ:TSLA)’s Elon Mus") {
			right++
		}
	}
	if right != 3 { // two are right in the file, the third has U+0092
		t.Errorf("%d texts have the apostrophe, want 3", right)
	}
}

func BenchmarkPickle(b *testing.B) {
	path := shared.Path(b, "data/finmem/tsla.pkl")
	opts := importer.EnvOptions{Calendar: data.NYSE()}
	for b.Loop() {
		if _, err := importer.Pickle(context.Background(), path, "TSLA", opts); err != nil {
			b.Fatal(err)
		}
	}
}
