package exporter_test

import (
	"context"
	"testing"

	"finmem/data"
	"finmem/data/exporter"
	"finmem/data/importer"
	"finmem/internal/shared"
)

// The files that researchers have, read, written and read again, show the same on
// every session: prices, texts, filings, and the scores of FinBERT to the last bit.
func TestSharedFilesRoundTrip(t *testing.T) {
	type reader func(context.Context, string, string, importer.EnvOptions) (importer.Result, error)
	for _, tt := range []struct {
		path, symbol string
		read         reader
	}{
		{"data/finmem/tsla.pkl", "TSLA", importer.Pickle},
		{"data/finmem/nflx.pkl", "NFLX", importer.Pickle},
		{"data/finmem/amzn.pkl", "AMZN", importer.Pickle},
		{"data/finmem/msft.pkl", "MSFT", importer.Pickle},
		{"data/finmem/coin.pkl", "COIN", importer.Pickle},
		{"data/finmem/pickles/fake_env_data_tuple_form.pkl", "TSLA", importer.Pickle},
		{"data/finmem/pickles/fake_subset_symbols_dict_form.pkl", "MSFT", importer.Pickle},
		{"data/investorbench/jnj.json", "JNJ", importer.InvestorBench},
		{"data/investorbench/msft.json", "MSFT", importer.InvestorBench},
		{"data/investorbench/nflx.json", "NFLX", importer.InvestorBench},
		{"data/investorbench/btc.json", "BTC-USD", importer.InvestorBench},
		{"data/investorbench/eth.json", "ETH-USD", importer.InvestorBench},
		{"data/finmem/finmem_period/TSLA.json", "TSLA", importer.InvestorBench},
	} {
		t.Run(tt.path, func(t *testing.T) {
			r, err := tt.read(t.Context(), shared.Path(t, tt.path), tt.symbol, importer.EnvOptions{})
			if err != nil {
				t.Fatal(err)
			}
			ds, err := data.NewDataset(r.Meta, r.History)
			if err != nil {
				t.Fatal(err)
			}
			want := days(t, ds, tt.symbol)
			format := "investorbench"
			if r.Report.Format == "finmem" {
				format = "dict"
				sameDays(t, "tuple", days(t, readBack(t, "tuple", ds, tt.symbol, exporter.Options{}), tt.symbol), want)
			}
			back := readBack(t, format, ds, tt.symbol, exporter.Options{Sentiment: true})
			sameDays(t, format, days(t, back, tt.symbol), want)
			got, was := tones(t, back, tt.symbol), tones(t, ds, tt.symbol)
			if len(got) != len(was) {
				t.Fatalf("%d texts, want %d", len(got), len(was))
			}
			for text, tone := range was {
				if got[text] != tone {
					t.Fatalf("%q has the tone %v, want %v", text, got[text], tone)
				}
			}
		})
	}
}

// tones are the scores that came with the news, by text.
func tones(t testing.TB, ds *data.Dataset, symbol string) map[string]data.Sentiment {
	t.Helper()
	list := map[string]data.Sentiment{}
	eachDay(t, ds, symbol, func(day data.Day) {
		for _, n := range day.News {
			var tone data.Sentiment
			if n.Sentiment != nil {
				tone = *n.Sentiment
			}
			list[string(day.Session)+" "+n.Text] = tone
		}
	})
	return list
}
