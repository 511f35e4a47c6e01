package data_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"finmem/data"
)

func fetchedMeta(fetched ...data.Fetched) data.Meta {
	return data.Meta{
		Name: "x", Calendar: "NYSE", PriceKind: data.CloseOnly, Adjustment: data.Raw,
		Sources: []string{}, Notes: []string{}, Fetched: fetched,
	}
}

func TestWhatWasFetchedIsKeptWithTheDataset(t *testing.T) {
	at := time.Date(2024, 3, 11, 21, 0, 0, 0, time.UTC)
	of := func(symbol, kind, vendor string) data.Fetched {
		return data.Fetched{Symbol: symbol, Kind: kind, Vendor: vendor, From: "2024-03-04", To: "2024-03-09", At: at}
	}
	history := func(symbol string) data.History {
		return data.History{Symbol: symbol, Bars: []data.Bar{data.CloseBar("2024-03-08", 100)}}
	}
	write := func(dir string, meta data.Meta, symbols ...string) {
		t.Helper()
		var histories []data.History
		for _, s := range symbols {
			histories = append(histories, history(s))
		}
		d, err := data.NewDataset(meta, histories...)
		if err != nil {
			t.Fatal(err)
		}
		if err := data.WriteDataset(t.Context(), dir, d, data.WriteOptions{Replace: true}); err != nil {
			t.Fatal(err)
		}
	}
	read := func(dir string) []data.Fetched {
		t.Helper()
		d, err := data.ReadDataset(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		return d.Meta.Fetched
	}
	dir := filepath.Join(t.TempDir(), "ds")
	aNews, aPrices := of("AAA", "news", "tiingo"), of("AAA", "prices", "yahoo")
	b := of("BBB", "prices", "yahoo")
	// That of a symbol which is not written is not kept, and the order is fixed.
	write(dir, fetchedMeta(of("CCC", "prices", "yahoo"), b, aNews, aPrices), "BBB", "AAA")
	if diff := cmp.Diff([]data.Fetched{aPrices, aNews, b}, read(dir)); diff != "" {
		t.Errorf("after writing (-want +got)\n%s", diff)
	}
	// A symbol that is written again by an import is no longer what was fetched.
	write(dir, fetchedMeta(), "BBB")
	if diff := cmp.Diff([]data.Fetched{aPrices, aNews}, read(dir)); diff != "" {
		t.Errorf("after replacing BBB (-want +got)\n%s", diff)
	}
	write(dir, fetchedMeta(of("BBB", "prices", "stooq")), "BBB")
	if diff := cmp.Diff([]data.Fetched{aPrices, aNews, of("BBB", "prices", "stooq")}, read(dir)); diff != "" {
		t.Errorf("after fetching BBB (-want +got)\n%s", diff)
	}
}

func TestDescribe(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := data.Describe(t.Context(), dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Describe of an empty folder = %v", err)
	}
	bar := []data.Bar{data.CloseBar("2024-03-08", 100)}
	d, err := data.NewDataset(fetchedMeta(), data.History{Symbol: "BBB", Bars: bar}, data.History{Symbol: "AAA", Bars: bar})
	if err != nil {
		t.Fatal(err)
	}
	if err := data.WriteDataset(t.Context(), dir, d, data.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	meta, symbols, err := data.Describe(t.Context(), dir)
	if err != nil || meta.Name != "x" || strings.Join(symbols, " ") != "AAA BBB" {
		t.Errorf("Describe = %+v, %v, %v", meta, symbols, err)
	}
}

func TestADatasetThatWasNotFetchedSaysNothingOfIt(t *testing.T) {
	dir := t.TempDir()
	d, err := data.NewDataset(fetchedMeta(), data.History{Symbol: "AAA", Bars: []data.Bar{data.CloseBar("2024-03-08", 100)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := data.WriteDataset(t.Context(), dir, d, data.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "dataset.toml"))
	if err != nil || strings.Contains(string(text), "fetched") {
		t.Fatalf("dataset.toml is %q, %v", text, err)
	}
}

func TestFetchedIsChecked(t *testing.T) {
	good := data.Fetched{Symbol: "AAA", Kind: "prices", Vendor: "yahoo", From: "2024-03-04", To: "2024-03-09"}
	for want, change := range map[string]func(*data.Fetched){
		"canonical":     func(f *data.Fetched) { f.Symbol = "aaa" },
		"kind":          func(f *data.Fetched) { f.Kind = "tweets" },
		"vendor":        func(f *data.Fetched) { f.Vendor = "" },
		"YYYY-MM-DD":    func(f *data.Fetched) { f.To = "2024-02-30" },
		"before it":     func(f *data.Fetched) { f.To = "2024-03-01" },
		"appear twice":  func(f *data.Fetched) {},
		"symbol is emp": func(f *data.Fetched) { f.Symbol = "" },
	} {
		f := good
		change(&f)
		if err := fetchedMeta(good, f).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Validate of %+v = %v, want %q", f, err, want)
		}
	}
	if err := fetchedMeta(good).Validate(); err != nil {
		t.Error(err)
	}
}
