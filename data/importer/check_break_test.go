package importer_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/shared"
)

// priceHistory imports a shared file of prices.
func priceHistory(t *testing.T, path, symbol string) importer.Result {
	t.Helper()
	read := importer.CSV
	if strings.Contains(path, "yfinance_repair") || strings.Contains(path, "yahoo_adj") || strings.Contains(path, "vintage_2017") {
		read = importer.Yahoo
	}
	r, err := read(context.Background(), shared.Path(t, path), symbol, importer.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// breaks are the errors and warnings of a check that are about a series as such:
// without those about the calendar, which files from elsewhere do not keep.
func breaks(t *testing.T, m data.Meta, h data.History) []string {
	t.Helper()
	d, err := data.NewDataset(m, h)
	if err != nil {
		t.Fatal(err)
	}
	report, err := data.Check(d, data.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range report.Symbols[0].Findings {
		if !f.Warning || strings.Contains(f.Text, "session") {
			continue
		}
		kind := "warning: "
		if f.Error {
			kind = "error: "
		}
		list = append(list, kind+f.Text)
	}
	return list
}

// Real errors of a vendor beside their repaired form: each is found, none is found
// in the repaired file, and CALM, whose dividends only look odd, has none (B01, B02).
func TestCheckFindsVendorErrors(t *testing.T) {
	const dir = "data/odd/yfinance_repair/"
	for _, tt := range []struct {
		file, want string
		repaired   bool
	}{
		{"4063-T-1d-bad-stock-split", "error: close moves -79.7 % from 2023-03-28 to 2023-03-29 with no corporate action on file, by the ratio of a split of 5, and prices stay there: a split is missing, or two sources are joined", true},
		{"8TRA-DE-1d-missing-div-adjust", "warning: adjusted close to close steps +0.00 % at the dividend of 0.7 on 2023-06-02, which makes +3.87 %: the adjusted close has another dividend, or none", true},
		{"AET-L-1d-100x-error", "error: closes from 2022-05-09 to 2022-05-19 are 100 times those around them: a slip of the unit, or a split applied to some days only", true},
		{"DODFX-1d-cg-double-count", "warning: adjusted close to close steps +8.00 % at the dividend of 0.837 on 2025-12-18, which makes +5.20 %: the adjusted close has another dividend, or none", true},
		{"KAP-IL-1d-bad-div", "warning: dividends on 2022-07-12 and on 2022-07-13: one of them twice?", true},
		{"MOB-ST-1d-bad-stock-split", "error: closes from 2023-05-22 to 2023-05-22 are 0.102 times those around them: a slip of the unit, or a split applied to some days only", true},
		{"TEP-PA-1d-bad-div", "warning: dividends on 2023-04-20 and on 2023-04-21: one of them twice?", true},
		{"CALM-1d-no-bad-divs", "", false},
	} {
		r := priceHistory(t, dir+tt.file+".csv", "TEST")
		got := breaks(t, r.Meta, r.History)
		if tt.want == "" && len(got) > 0 || tt.want != "" && !slices.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.file, got, tt.want)
		}
		if !tt.repaired {
			continue
		}
		r = priceHistory(t, dir+tt.file+"-fixed.csv", "TEST")
		if got := breaks(t, r.Meta, r.History); slices.ContainsFunc(got, func(text string) bool { return !strings.Contains(text, "do not move") }) {
			t.Errorf("%s, repaired: %q", tt.file, got)
		}
	}
}

// Two vintages of one series, one after the other: what was split since falls by
// the ratio, and where nothing was split the adjusted close tells.
func TestCheckFindsJoinedVintages(t *testing.T) {
	for symbol, want := range map[string]string{
		"AMZN": "error: close moves -95.1 % from 2017-09-01 to 2017-09-05 with no corporate action on file, by the ratio of a split of 20, and prices stay there: a split is missing, or two sources are joined",
		"AAPL": "error: close moves -75.3 % from 2017-09-01 to 2017-09-05 with no corporate action on file, by the ratio of a split of 4, and prices stay there: a split is missing, or two sources are joined",
		"MSFT": "error: adjusted close to close falls 7.63 % from 2017-09-01 to 2017-09-05, which no dividend does: adjusted closes of two vintages",
	} {
		old := priceHistory(t, "data/prices/vintage_2017/"+symbol+".csv", symbol)
		late := priceHistory(t, "data/prices/yahoo_adj/"+symbol+".csv", symbol)
		for _, r := range []importer.Result{old, late} {
			if got := breaks(t, r.Meta, r.History); slices.ContainsFunc(got, func(text string) bool { return strings.HasPrefix(text, "error") }) {
				t.Errorf("%s alone: %q", symbol, got)
			}
		}
		h := old.History
		for _, b := range late.History.Bars {
			if b.Session > "2017-09-01" {
				h.Bars = append(h.Bars, b)
			}
		}
		if got := breaks(t, late.Meta, h); !slices.Contains(got, want) {
			t.Errorf("%s: %q, want %q", symbol, got, want)
		}
	}
}

// Shares that fell, failed, were halted or split ten times are not broken series.
// The one that is has a row of a Saturday at twenty times the price.
func TestCheckKeepsQuietOnRealSeries(t *testing.T) {
	for path, want := range map[string]int{
		"data/prices/delisted/SIVB_yahoo_2022-12-13_2023-03-10.csv": 0,
		"data/prices/delisted/SIVB.csv":                             0,
		"data/prices/delisted/BBBY.csv":                             0,
		"data/prices/delisted/FRC.csv":                              0,
		"data/prices/delisted/RAD.csv":                              0,
		"data/prices/delisted/ATVI.csv":                             0,
		"data/prices/yahoo_adj/TSLA.csv":                            0,
		"data/prices/yahoo_adj/KO.csv":                              0,
		"data/prices/vintage_2026/NFLX.csv":                         0,
		"data/prices/fnspid_AA_2015_2024.csv":                       0,
		"data/odd/reversed_zero_volume_AEX_2013_2015.csv":           0,
		"data/odd/JNJ_zero_open_1962.csv":                           0,
		"data/prices/investing_com/AMZN_2015_2023-01.csv":           1,
	} {
		symbol, _, _ := strings.Cut(filepath.Base(path), "_")
		r := priceHistory(t, path, strings.ToUpper(strings.TrimSuffix(symbol, ".csv")))
		errors := 0
		for _, text := range breaks(t, r.Meta, r.History) {
			if strings.HasPrefix(text, "error: ") {
				errors++
			}
		}
		if errors != want {
			t.Errorf("%s: %q, want %d errors", path, breaks(t, r.Meta, r.History), want)
		}
	}
}
