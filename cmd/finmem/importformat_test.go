package main

import (
	"strings"
	"testing"

	"finmem/internal/shared"
)

// Real files are told by their content.
func TestTellFormatOfRealFiles(t *testing.T) {
	for file, want := range map[string]string{
		"finmem/tsla.pkl": "finmem",
		"finmem/pickles/fake_env_data_tuple_form.pkl":              "finmem",
		"finmem/finmem_period/TSLA.json":                           "investorbench",
		"investorbench/btc.json":                                   "investorbench",
		"prices/yahoo_adj/TSLA.csv":                                "yahoo",
		"prices/delisted/BBBYQ_yfinance_2022.csv":                  "yahoo",
		"prices/TSLA.csv":                                          "csv",
		"prices/investing_com/TSLA_2020_2022.csv":                  "csv",
		"odd/long_multi_ticker_yfinance.csv":                       "csv",
		"odd/semicolon_6EH4_bars.csv":                              "csv", // which is then refused as intraday
		"news/fnspid_gpt_sentiment_TSLA.csv":                       "yahoo",
		"news/tsla_news_2022_2024.jsonl":                           "news",
		"news/alpaca_news_NFLX_2025_2026.parquet":                  "news",
		"news/fnspid_AA_2016_2024.csv":                             "news",
		"odd/iex_news_epoch_ms_multilang_NFLX.csv":                 "news",
		"filings/mdna_10k_10q_2024_2026_five_tickers.parquet":      "filings",
		"filings/mdna_10k_10q_2023_2025_AMZN_MSFT_NFLX_TSLA.jsonl": "filings",
	} {
		f, err := tellFormat(shared.Path(t, "data", file))
		if err != nil || f.format.name != want || f.why == "" {
			t.Errorf("%s: taken for %q (%s), %v; want %s", file, f.format.name, f.why, err, want)
		}
	}
	for _, file := range []string{
		"odd/companyfacts_python_repr_not_json.json", "news/llm_replies_TSLA_2022_2024.csv", "filings/edgar/company_tickers.json",
		"filings/text/Oracle.8-K.html", "fixtures/yahoo",
	} {
		if f, err := tellFormat(shared.Path(t, "data", file)); err == nil || !strings.Contains(err.Error(), "no format that is known") && !strings.Contains(err.Error(), "a folder") {
			t.Errorf("%s: taken for %q (%s), %v; want none", file, f.format.name, f.why, err)
		}
	}
}
