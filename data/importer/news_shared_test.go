package importer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/shared"
)

// Every real file of news is read with the counts that its description gives, or
// refused for the reason that it gives.
func TestImportNewsSharedFiles(t *testing.T) {
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	of := func(symbols ...string) importer.NewsOptions { return importer.NewsOptions{Symbols: symbols} }
	in := func(zone *time.Location, symbols ...string) importer.NewsOptions {
		return importer.NewsOptions{Symbols: symbols, Zone: zone}
	}
	tests := []struct {
		file   string
		opts   importer.NewsOptions
		symbol string
		format string
		// read = used + others + skipped; used - folded = items
		read, others, skipped, folded int
		first, last                   string
		refused                       string
	}{
		// 7,294 texts; 224 stand twice under their date, 17 more under the dates of a weekend.
		{file: "news/tsla_news_2022_2024.jsonl", symbol: "TSLA", format: "jsonl", read: 7294, folded: 241, first: "2022-01-01", last: "2024-03-31"},
		{file: "news/fnspid_AA_2016_2024.csv", opts: of("AA"), symbol: "AA", format: "csv", read: 1502, folded: 25, first: "2016-03-22T04:39:00Z", last: "2024-01-17T03:06:00Z"},
		{file: "news/headlines_2024-06_absolute_dates.csv", opts: in(ny, "TSLA"), symbol: "TSLA", format: "csv", read: 2740, others: 1600, folded: 940,
			first: "2024-06-14T06:15:32.762627Z", last: "2024-06-20T02:15:32.762627Z"},
		{file: "news/headlines_2024-06_absolute_dates.csv", opts: of("TSLA"), refused: `line 2: time "2024-06-19 22:15:32.762627" has no zone`},
		{file: "news/alpaca_news_NFLX_2025_2026.parquet", opts: in(time.UTC), symbol: "NFLX", format: "parquet", read: 1341, folded: 1, first: "2025-01-01T20:00:12Z", last: "2026-05-24T09:01:31Z"},
		{file: "news/alpaca_news_NFLX_2025_2026.parquet", refused: `row 1: time "2025-01-01T20:00:12" has no zone`},
		{file: "news/stocknet_tweets_AMZN.jsonl", opts: of("AMZN"), symbol: "AMZN", format: "jsonl", read: 235, folded: 41, first: "2015-10-19T00:47:56Z", last: "2015-10-30T18:35:11Z"},
		{file: "news/stocknet_tweets_AAPL.jsonl", opts: of("AAPL"), symbol: "AAPL", format: "jsonl", read: 475, folded: 47, first: "2015-07-16T22:00:04Z", last: "2015-07-26T20:30:12Z"},
		{file: "news/stocknet_tweets_AAPL.jsonl", refused: "does not say which symbol"},
		// Prices with a column of sentiment, and answers of a model, are no news.
		{file: "news/fnspid_gpt_sentiment_TSLA.csv", opts: of("TSLA"), refused: "has prices and no news"},
		{file: "news/fnspid_gpt_sentiment_MSFT.csv", opts: of("MSFT"), refused: "has prices and no news"},
		{file: "news/fnspid_gpt_sentiment_AMZN.csv", opts: of("AMZN"), refused: "has prices and no news"},
		{file: "news/llm_replies_TSLA_2022_2024.csv", opts: of("TSLA"), refused: "has answers of a language model and no news"},
		{file: "news/llm_replies_MSFT_2022_2024.csv", opts: of("MSFT"), refused: "has answers of a language model and no news"},
		{file: "news/llm_replies_TSLA_fenced_2022_2024.csv", opts: of("TSLA"), refused: "has answers of a language model and no news"},
		// Relative dates only.
		{file: "odd/headlines_relative_dates.csv", opts: of("TSLA"), refused: `none of 2740 items can be used; the first: headlines_relative_dates.csv line 2: time "4 hours ago" counts from the time of fetching`},
		{file: "odd/iex_news_epoch_ms_multilang_NFLX.csv", symbol: "NFLX", format: "csv", read: 1000, first: "2020-09-15T20:01:27Z", last: "2020-12-19T06:12:03Z"},
		// 904 rows: 143 bodies over several lines; 720 of the 756 bodies "0" have a date,
		// 35 have "5 DAYS AGO" and the like, 6 have "2" or "0" for it.
		{file: "odd/fnspid_aapl_news_bom_multiline.csv", opts: of("AAPL"), symbol: "AAPL", format: "csv", read: 904, skipped: 761, folded: 5, first: "2024-01-25T08:33:00Z", last: "2024-02-03T18:07:00Z"},
		// 192 rows of lists: 1,931 texts, and two rows of none.
		{file: "odd/tsla_news_pylist_cells_2022-10_2023-04.csv", opts: of("TSLA"), symbol: "TSLA", format: "csv", read: 1933, skipped: 2, folded: 86, first: "2022-10-01", last: "2023-04-10"},
		{file: "fixtures/finnhub/company_news_TSLA_2021-09-09.json", symbol: "TSLA", format: "json", read: 2, first: "2021-09-09T22:48:16Z", last: "2021-09-09T23:17:00Z"},
	}
	for _, tt := range tests {
		t.Run(filepath.Base(tt.file), func(t *testing.T) {
			path := shared.Path(t, "data", filepath.FromSlash(tt.file))
			dir := filepath.Join(t.TempDir(), "ds")
			report, err := importer.ImportNews(t.Context(), dir, []string{path}, tt.opts)
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Fatalf("error %v, want %q", err, tt.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s := report.Symbols[0]
			if report.Files[0].Format != tt.format || report.Read != tt.read || report.OfOthers != tt.others || report.SkippedCount != tt.skipped {
				t.Errorf("%s: read %d, of others %d, left out %d; want %s, %d, %d, %d", report.Files[0].Format, report.Read, report.OfOthers, report.SkippedCount, tt.format, tt.read, tt.others, tt.skipped)
			}
			used := tt.read - tt.others - tt.skipped
			if len(report.Symbols) != 1 || s.Symbol != tt.symbol || s.New != used || s.Folded != tt.folded || s.Items != used-tt.folded || s.First != tt.first || s.Last != tt.last {
				t.Errorf("%+v; want %s with %d new, %d folded, %s to %s", report.Symbols, tt.symbol, used, tt.folded, tt.first, tt.last)
			}
			ds, err := data.ReadDataset(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			copies := 0
			for _, n := range newsOf(t, ds, tt.symbol) {
				copies += n.Copies
			}
			if copies != used {
				t.Errorf("the copies add up to %d, want %d", copies, used)
			}
		})
	}
}

// Recorded answers of vendors, as they would be saved to a file.
func TestImportNewsSharedAnswers(t *testing.T) {
	tests := []struct {
		file    string
		answer  int // among those of the file; -1 where it has one
		symbol  string
		title   string
		refused string
	}{
		{file: "alpaca/data_news.json", answer: 0, symbol: "QCOM", title: "headline"},
		{file: "alpaca/data_news.json", answer: 1, symbol: "CWAN", title: "Piper Sandler Maintains Neutral on Clearwater Analytics Hldg, Raises Price Target to $28"},
		{file: "tiingo/news.json", answer: 0, symbol: "GOOGL", title: "Tech giants may be stronger than you think"},
		{file: "tiingo/news_empty_sources.json", answer: 0, symbol: "GOOG", title: "Blockchain Bites: Bitcoin on Ethereum – The Whos, Whats and Whys"},
		{file: "tiingo/news_bulk.json", answer: 0, symbol: "AAPL", refused: `no field is known to hold the time of the news; it has "detail"`},
		{file: "yahoo/search-AAPL.json", answer: -1, symbol: "AAPL"},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			content, err := os.ReadFile(shared.Path(t, "data", "fixtures", filepath.FromSlash(tt.file)))
			if err != nil {
				t.Fatal(err)
			}
			type recorded struct {
				Response struct {
					Body     json.RawMessage `json:"body"`
					BodyJSON json.RawMessage `json:"bodyJson"`
				} `json:"response"`
			}
			var answers []recorded
			if tt.answer < 0 {
				answers = make([]recorded, 1)
				err = json.Unmarshal(content, &answers[0])
			} else {
				err = json.Unmarshal(content, &answers)
			}
			if err != nil {
				t.Fatal(err)
			}
			answer := answers[max(tt.answer, 0)].Response
			body := append(answer.Body, answer.BodyJSON...)
			var text string
			if json.Unmarshal(body, &text) == nil {
				body = []byte(text)
			}
			report, ds, err := importNews(t, "answer.json", string(body), importer.NewsOptions{Symbols: []string{tt.symbol}})
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Fatalf("error %v, want %q", err, tt.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if n := newsOf(t, ds, tt.symbol); report.Used == 0 || tt.title != "" && (len(n) != 1 || n[0].Title != tt.title) {
				t.Errorf("%d used: %+v; want %q", report.Used, n, tt.title)
			}
		})
	}
}
