package importer_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/shared"
)

// A realSeries is what a real file has of one symbol.
type realSeries struct {
	file, format string
	symbol       string // "" where the file names none
	bars         int
	first, last  data.Session
	close        float64 // of the last bar
	skipped      int
	adjustment   data.Adjustment
}

// realSeriesList are the price files of the shared data with the counts that are on
// record for them; dates and closes as Python's csv module reads them.
func realSeriesList() []realSeries {
	return []realSeries{
		{"prices/AAPL.csv", "csv", "", 2768, "2013-01-02", "2023-12-29", 192.52999877929688, 0, "unknown"},
		{"prices/AMZN.csv", "csv", "", 2768, "2013-01-02", "2023-12-29", 151.94000244140625, 0, "unknown"},
		{"prices/GOOGL.csv", "csv", "", 2768, "2013-01-02", "2023-12-29", 139.69000244140625, 0, "unknown"},
		{"prices/META.csv", "csv", "", 2768, "2013-01-02", "2023-12-29", 353.9599914550781, 0, "unknown"},
		{"prices/MSFT.csv", "csv", "", 2768, "2013-01-02", "2023-12-29", 376.0400085449219, 0, "unknown"},
		{"prices/NVDA.csv", "csv", "", 2768, "2013-01-02", "2023-12-29", 495.2200012207031, 0, "unknown"},
		{"prices/TSLA.csv", "csv", "", 2768, "2013-01-02", "2023-12-29", 248.47999572753906, 0, "unknown"},
		{"prices/delisted/ATVI.csv", "csv", "ATVI", 2014, "2015-01-02", "2022-12-30", 76.55000305175781, 0, "unknown"},
		{"prices/delisted/BBBY.csv", "csv", "BBBY", 2014, "2015-01-02", "2022-12-30", 2.509999990463257, 0, "unknown"},
		{"prices/delisted/BBBYQ_yfinance_2022.csv", "yahoo", "", 251, "2022-01-03", "2022-12-30", 2.509999990463257, 0, "total"},
		{"prices/delisted/FRC.csv", "csv", "FRC", 2014, "2015-01-02", "2022-12-30", 121.88999938964844, 0, "unknown"},
		{"prices/delisted/META.csv", "csv", "META", 2014, "2015-01-02", "2022-12-30", 120.33999633789062, 0, "unknown"},
		{"prices/delisted/RAD.csv", "csv", "RAD", 2014, "2015-01-02", "2022-12-30", 3.3399999141693115, 0, "unknown"},
		{"prices/delisted/SIVB.csv", "csv", "SIVB", 2014, "2015-01-02", "2022-12-30", 230.13999938964844, 0, "unknown"},
		{"prices/delisted/SIVB_yahoo_2022-12-13_2023-03-10.csv", "yahoo", "", 60, "2022-12-13", "2023-03-10", 106.040001, 0, "split"},
		{"prices/fnspid_AA_2015_2024.csv", "yahoo", "", 2287, "2015-01-02", "2024-02-02", 29.489999771118164, 0, "split"},
		{"prices/investing_com/AMZN_2015_2023-01.csv", "csv", "", 2028, "2015-01-02", "2023-01-20", 97.25, 0, "unknown"},
		{"prices/investing_com/NFLX_2020_2022.csv", "csv", "", 744, "2020-01-21", "2022-12-30", 294.88, 0, "unknown"},
		{"prices/investing_com/TSLA_2020_2022.csv", "csv", "", 744, "2020-01-21", "2022-12-30", 123.18, 0, "unknown"},
		{"prices/vintage_2017/AAPL.csv", "yahoo", "", 1258, "2012-09-04", "2017-09-01", 164.050003, 0, "split"},
		{"prices/vintage_2017/AMZN.csv", "yahoo", "", 1258, "2012-09-04", "2017-09-01", 978.25, 0, "split"},
		{"prices/vintage_2017/MSFT.csv", "yahoo", "", 1258, "2012-09-04", "2017-09-01", 73.940002, 0, "split"},
		{"prices/vintage_2026/AMZN.csv", "csv", "", 2051, "2018-03-12", "2026-05-07", 271.1700134277344, 0, "unknown"},
		{"prices/vintage_2026/COIN.csv", "csv", "", 1274, "2021-04-14", "2026-05-08", 201.16000366210938, 0, "unknown"},
		{"prices/vintage_2026/MSFT.csv", "csv", "", 2051, "2018-03-12", "2026-05-07", 420.7699890136719, 0, "unknown"},
		{"prices/vintage_2026/NFLX.csv", "csv", "", 2051, "2018-03-12", "2026-05-07", 88.25, 0, "unknown"},
		{"prices/vintage_2026/TSLA.csv", "csv", "", 2051, "2018-03-12", "2026-05-07", 411.7900085449219, 0, "unknown"},
		{"prices/yahoo_adj/AAPL.csv", "yahoo", "", 11060, "1980-12-12", "2024-10-25", 231.41000366210938, 0, "split"},
		{"prices/yahoo_adj/AMZN.csv", "yahoo", "", 6908, "1997-05-15", "2024-10-25", 187.8300018310547, 0, "split"},
		{"prices/yahoo_adj/COIN.csv", "yahoo", "", 891, "2021-04-14", "2024-10-25", 205.0399932861328, 0, "split"},
		{"prices/yahoo_adj/KO.csv", "yahoo", "", 15813, "1962-01-02", "2024-10-25", 66.91999816894531, 0, "split"},
		{"prices/yahoo_adj/MSFT.csv", "yahoo", "", 9734, "1986-03-13", "2024-10-25", 428.1499938964844, 0, "split"},
		{"prices/yahoo_adj/NFLX.csv", "yahoo", "", 5646, "2002-05-23", "2024-10-25", 754.6799926757812, 0, "split"},
		{"prices/yahoo_adj/SPY.csv", "yahoo", "", 7993, "1993-01-29", "2024-10-25", 579.0399780273438, 0, "split"},
		{"prices/yahoo_adj/TSLA.csv", "yahoo", "", 3607, "2010-06-29", "2024-10-25", 269.19000244140625, 0, "split"},
		{"odd/JNJ_zero_open_1962.csv", "yahoo", "", 2744, "1962-01-02", "1972-12-29", 2.71875, 1, "split"},
		{"odd/KWE_reverse_splits.csv", "yahoo", "", 956, "2021-01-08", "2024-10-25", 1.7599999904632568, 0, "split"},
		{"odd/fnspid_newest_first_tz_AAPL.csv", "yahoo", "", 1499, "2018-02-20", "2024-02-02", 185.8500061035156, 0, "split"},
		{"odd/index_column_symbol_column_HTZ.csv", "csv", "HTZ", 379, "2021-07-01", "2022-12-30", 15.390000343322754, 0, "unknown"},
		{"odd/investing_AZO_thousands_separators.csv", "csv", "", 2028, "2015-01-02", "2023-01-23", 2318.96, 0, "unknown"},
		{"odd/investing_natgas_empty_volume.csv", "csv", "", 792, "2020-01-01", "2022-12-30", 4.475, 0, "unknown"},
		{"odd/long_multi_ticker_yfinance.csv", "csv", "AAPL", 1498, "2018-07-02", "2024-06-13", 214.24000549316406, 0, "unknown"},
		{"odd/long_multi_ticker_yfinance.csv", "csv", "ALB", 1498, "2018-07-02", "2024-06-13", 108.2300033569336, 0, "unknown"},
		{"odd/long_multi_ticker_yfinance.csv", "csv", "AMZN", 1498, "2018-07-02", "2024-06-13", 183.8300018310547, 0, "unknown"},
		{"odd/long_multi_ticker_yfinance.csv", "csv", "AVGO", 1498, "2018-07-02", "2024-06-13", 1678.989990234375, 0, "unknown"},
		{"odd/long_multi_ticker_yfinance.csv", "csv", "SMCI", 1498, "2018-07-02", "2024-06-13", 871.0999755859375, 0, "unknown"},
		{"odd/long_multi_ticker_yfinance.csv", "csv", "TSLA", 1498, "2018-07-02", "2024-06-13", 182.47000122070312, 0, "unknown"},
		{"odd/reversed_zero_volume_AEX_2013_2015.csv", "yahoo", "", 699, "2012-12-04", "2015-09-02", 433.559998, 0, "split"},
		{"odd/yahoo_null_rows_PTR.csv", "yahoo", "", 1257, "2012-09-04", "2017-09-01", 65.139999, 1, "split"},
		{"odd/yfinance_repair/4063-T-1d-bad-stock-split-fixed.csv", "yahoo", "", 22, "2023-03-15", "2023-04-14", 4129, 0, "split"},
		{"odd/yfinance_repair/4063-T-1d-bad-stock-split.csv", "yahoo", "", 22, "2023-03-15", "2023-04-14", 4129, 0, "split"},
		{"odd/yfinance_repair/8TRA-DE-1d-missing-div-adjust-fixed.csv", "yahoo", "", 5, "2023-05-30", "2023-06-06", 18.6599998474121, 0, "split"},
		{"odd/yfinance_repair/8TRA-DE-1d-missing-div-adjust.csv", "yahoo", "", 5, "2023-05-30", "2023-06-06", 18.65999984741211, 0, "split"},
		{"odd/yfinance_repair/AET-L-1d-100x-error-fixed.csv", "yahoo", "", 23, "2022-05-03", "2022-06-06", 14.5500004291534, 0, "split"},
		{"odd/yfinance_repair/AET-L-1d-100x-error.csv", "yahoo", "", 23, "2022-05-03", "2022-06-06", 0.14550000429153442, 0, "split"},
		{"odd/yfinance_repair/ALPHA-PA-1d-bad-stock-split-fixed.csv", "yahoo", "", 29, "2023-04-20", "2023-05-31", 0.379999995231628, 0, "split"},
		{"odd/yfinance_repair/ALPHA-PA-1d-bad-stock-split.csv", "yahoo", "", 29, "2023-04-20", "2023-05-31", 0.3799999952316284, 0, "split"},
		{"odd/yfinance_repair/CALM-1d-no-bad-divs.csv", "yahoo", "", 662, "2022-01-03", "2024-08-21", 71.88999938964844, 0, "split"},
		{"odd/yfinance_repair/DODFX-1d-cg-double-count-fixed.csv", "yahoo", "", 502, "2024-01-10", "2026-01-09", 16.8099994659424, 0, "split"},
		{"odd/yfinance_repair/DODFX-1d-cg-double-count.csv", "yahoo", "", 502, "2024-01-10", "2026-01-09", 16.8099994659424, 0, "split"},
		{"odd/yfinance_repair/KAP-IL-1d-bad-div-fixed.csv", "yahoo", "", 665, "2022-01-04", "2024-08-22", 36.75, 0, "split"},
		{"odd/yfinance_repair/KAP-IL-1d-bad-div.csv", "yahoo", "", 665, "2022-01-04", "2024-08-22", 36.75, 0, "split"},
		{"odd/yfinance_repair/MOB-ST-1d-bad-stock-split-fixed.csv", "yahoo", "", 16, "2023-05-08", "2023-05-30", 20.4500007629395, 0, "split"},
		{"odd/yfinance_repair/MOB-ST-1d-bad-stock-split.csv", "yahoo", "", 16, "2023-05-08", "2023-05-30", 20.450000762939453, 0, "split"},
		{"odd/yfinance_repair/TEP-PA-1d-bad-div-fixed.csv", "yahoo", "", 676, "2022-01-03", "2024-08-21", 102.9000015258789, 1, "split"},
		{"odd/yfinance_repair/TEP-PA-1d-bad-div.csv", "yahoo", "", 676, "2022-01-03", "2024-08-21", 102.9000015258789, 1, "split"},
		{"news/fnspid_gpt_sentiment_AMZN.csv", "yahoo", "", 196, "2023-03-09", "2023-12-15", 149.97000122070312, 0, "split"},
		{"news/fnspid_gpt_sentiment_MSFT.csv", "yahoo", "", 414, "2022-04-26", "2023-12-15", 370.7300109863281, 0, "split"},
		{"news/fnspid_gpt_sentiment_TSLA.csv", "yahoo", "", 410, "2022-05-02", "2023-12-15", 253.5, 0, "split"},
	}
}

// refusedFiles are those that are no daily prices, or are not to be read, with the
// reason.
func refusedFiles() map[string]string {
	return map[string]string{
		"odd/epoch_seconds_intraday_NFLX.csv":              "line 2: 1600272900 has a time of day; want daily bars, one row a date",
		"odd/semicolon_6EH4_bars.csv":                      "line 2: 2024-01-01 23:01:00 has a time of day; want daily bars, one row a date",
		"odd/yfinance_repair/ASAI-L-1h-bad-unit.csv":       "line 2: 2024-10-21 10:00:00+01:00 has a time of day; want daily bars, one row a date",
		"odd/yfinance_repair/ASAI-L-1h-bad-unit-fixed.csv": "line 2: 2024-10-21 10:00:00+01:00 has a time of day; want daily bars, one row a date",
		"odd/companyfacts_python_repr_not_json.json":       "not CSV: it starts with",
		"odd/headlines_relative_dates.csv":                 "no close column among",
		"odd/iex_news_epoch_ms_multilang_NFLX.csv":         "no close column among datetime",
		"odd/fnspid_aapl_news_bom_multiline.csv":           "no close column among Date, Url, Text, Mark",
		"odd/tsla_news_pylist_cells_2022-10_2023-04.csv":   "no close column among date, news",
		"news/llm_replies_TSLA_2022_2024.csv":              "no close column among date, LLM_output, confidence",
	}
}

// Every price file of the shared data is told by its content and read in whole.
func TestEveryPriceFile(t *testing.T) {
	for _, want := range realSeriesList() {
		path := shared.Path(t, "data", want.file)
		sample, err := importer.Peek(path)
		if err != nil {
			t.Fatal(err)
		}
		read, format := importer.CSVAll, "csv"
		if importer.DetectYahoo(sample) != "" {
			read, format = importer.YahooAll, "yahoo"
		} else if importer.DetectCSV(sample) == "" {
			format = "none"
		}
		if format != want.format {
			t.Errorf("%s is taken for %s, want %s", want.file, format, want.format)
			continue
		}
		symbols := []string{want.symbol}
		if want.symbol == "" {
			symbols = []string{"TEST"}
		}
		results, err := read(context.Background(), path, symbols, importer.CSVOptions{})
		if err != nil || len(results) != 1 {
			t.Errorf("%s: %d results, %v", want.file, len(results), err)
			continue
		}
		r := results[0]
		bars := r.History.Bars
		got := realSeries{want.file, format, want.symbol, len(bars), bars[0].Session, bars[len(bars)-1].Session, bars[len(bars)-1].Close, len(r.Report.Skipped), r.Meta.Adjustment}
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if r.Report.Read != want.bars+want.skipped || r.Meta.PriceKind != data.OHLCV || r.Meta.Calendar != "NYSE" {
			t.Errorf("%s: %d rows read, %s prices, calendar %s", want.file, r.Report.Read, r.Meta.PriceKind, r.Meta.Calendar)
		}
		if err := r.History.Validate(); err != nil {
			t.Errorf("%s: %v", want.file, err)
		}
	}
	for file, says := range refusedFiles() {
		if _, err := importer.CSV(context.Background(), shared.Path(t, "data", file), "TEST", importer.CSVOptions{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error = %v, want it to say %q", file, err, says)
		}
	}
}

// No price file of the shared data is forgotten in the lists above.
func TestNoPriceFileIsForgotten(t *testing.T) {
	known := make(map[string]bool)
	for _, s := range realSeriesList() {
		known[s.file] = true
	}
	for file := range refusedFiles() {
		known[file] = true
	}
	root := filepath.Dir(shared.Path(t, "data", "prices"))
	for _, folder := range []string{"prices", "odd"} {
		var forgotten []string
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			name, err := filepath.Rel(root, path)
			if !known[filepath.ToSlash(name)] {
				forgotten = append(forgotten, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(forgotten) > 0 {
			slices.Sort(forgotten)
			t.Errorf("files in neither list: %s", strings.Join(forgotten, ", "))
		}
	}
}
