package data_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"finmem/data"
)

func itemAt(minute int, title string) data.News {
	return data.News{Time: time.Date(2024, 3, 8, 15, minute, 0, 0, time.UTC), Title: title, Copies: 1}
}

func newsMeta() data.Meta {
	return data.Meta{Name: "news", Calendar: "NYSE", Sources: []string{"a file"}, PriceKind: data.OHLCV, Adjustment: data.UnknownAdjustment}
}

// change makes a change of the news of one symbol.
func change(t *testing.T, dir, symbol string, items ...data.News) error {
	t.Helper()
	c, err := data.BeginNewsChange(t.Context(), dir)
	if err != nil {
		return err
	}
	defer c.Discard()
	w, err := c.Create(symbol)
	if err != nil {
		return err
	}
	for _, n := range items {
		if err := w.Write(n); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Commit(t.Context(), newsMeta())
}

func TestNewsChange(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ds")
	if err := change(t, dir, "brk/b", itemAt(1, "a"), itemAt(2, "b")); err != nil {
		t.Fatal(err)
	}
	ds, err := data.ReadDataset(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := ds.History("BRK.B")
	if err != nil || len(h.News) != 2 || h.News[1].Title != "b" {
		t.Errorf("history %+v, %v; want the two items", h, err)
	}
	if ds.Meta.Name != "news" {
		t.Errorf("description %+v", ds.Meta)
	}

	c, err := data.BeginNewsChange(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Discard()
	if meta, ok := c.Meta(); !ok || meta.Name != "news" || len(c.Priced()) != 0 {
		t.Errorf("the folder is said to be %+v, %v, with prices of %v", meta, ok, c.Priced())
	}
	var titles []string
	for _, symbol := range []string{"BRK.B", "NONE"} {
		if err := c.Each(t.Context(), symbol, func(n data.News) error { titles = append(titles, n.Title); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(titles, []string{"a", "b"}) {
		t.Errorf("the items there are %v", titles)
	}
	scratch, err := c.Scratch()
	if err != nil || !strings.HasPrefix(scratch, dir) {
		t.Fatalf("scratch folder %q, %v", scratch, err)
	}
	if err := os.WriteFile(filepath.Join(scratch, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Commit(t.Context(), newsMeta()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder has %v, %v; want dataset.toml and news", entries, err)
	}
}

// The order and the rules of a dataset are kept, and nothing is left of a change
// that breaks them.
func TestNewsChangeRefusals(t *testing.T) {
	invalid := itemAt(1, "a")
	invalid.Sentiment = &data.Sentiment{Compound: 7}
	for name, tt := range map[string]struct {
		symbol string
		items  []data.News
		want   string
	}{
		"order":   {"A", []data.News{itemAt(2, "a"), itemAt(1, "b")}, "news of 2024-03-08T15:01:00Z follows one of 2024-03-08T15:02:00Z"},
		"invalid": {"A", []data.News{invalid}, "sentiment compound 7"},
		"path":    {"../x", nil, `symbol "../x"`},
	} {
		dir := filepath.Join(t.TempDir(), "ds")
		if err := change(t, dir, tt.symbol, tt.items...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s: the folder is there: %v", name, err)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := change(t, dir, "A", itemAt(1, "a")); err == nil || !strings.Contains(err.Error(), "choose a new or empty folder") {
		t.Errorf("a folder of something else: %v", err)
	}
}

// News added to prices do not change what is said of the prices.
func TestNewsChangeKeepsTheDescription(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ds")
	meta := data.Meta{Name: "prices", Calendar: "24/7", PriceKind: data.CloseOnly, Adjustment: data.TotalReturn, Sources: []string{"p"}}
	ds, err := data.NewDataset(meta, data.History{Symbol: "BTC-USD", Bars: []data.Bar{data.CloseBar("2024-03-09", 1)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := data.WriteDataset(t.Context(), dir, ds, data.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := change(t, dir, "BTC-USD", itemAt(1, "a")); err != nil {
		t.Fatal(err)
	}
	ds, err = data.ReadDataset(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := ds.History("BTC-USD")
	if err != nil || len(h.Bars) != 1 || len(h.News) != 1 {
		t.Errorf("history %+v, %v", h, err)
	}
	if m := ds.Meta; m.Name != "prices" || m.Calendar != "24/7" || m.PriceKind != data.CloseOnly || m.Adjustment != data.TotalReturn || !slices.Equal(m.Sources, []string{"p", "a file"}) {
		t.Errorf("description %+v", m)
	}
}

// Prices go into the same change as news, as a whole or merged; a dataset that
// brings news of its own does not.
func TestNewsChangeWithPrices(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	writeDataset(t, dir, newDataset(t, meta(), history("TSLA"), history("NFLX")))
	prices := history("TSLA")
	prices.News, prices.Filings = nil, nil
	prices.Bars = append(prices.Bars, data.CloseBar("2024-03-12", 130))
	d := newDataset(t, meta(), prices)
	for _, merge := range []bool{true, false} {
		c, err := data.BeginNewsChange(ctx, dir)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Discard()
		if merge {
			report, err := c.Merge(ctx, d)
			if err != nil || len(report) != 1 || report[0].Bars != (data.Joined{Added: 1, Same: 3}) {
				t.Fatalf("merged %+v, %v", report, err)
			}
		} else if err := c.Write(ctx, d, data.WriteOptions{Replace: true}); err != nil {
			t.Fatal(err)
		}
		if err := c.Commit(ctx, meta()); err != nil {
			t.Fatal(err)
		}
		got, err := data.ReadDataset(ctx, dir)
		if err != nil {
			t.Fatal(err)
		}
		h, err := got.History("TSLA")
		if err != nil {
			t.Fatal(err)
		}
		// Merged, the documents stay; replaced, the symbol has what it was given.
		documents := len(h.News) + len(h.Filings)
		if len(h.Bars) != 4 || merge && documents != 4 || !merge && documents != 0 {
			t.Errorf("merge %v: %d bars, %d documents", merge, len(h.Bars), documents)
		}
		if other := newDataset(t, meta(), history("NFLX")).Digest("NFLX"); got.Digest("NFLX") != other {
			t.Errorf("merge %v changed another symbol", merge)
		}
	}
	c, err := data.BeginNewsChange(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Discard()
	if err := c.Write(ctx, newDataset(t, meta(), history("KO")), data.WriteOptions{}); err == nil || !strings.Contains(err.Error(), "2 news of KO besides those of the files") {
		t.Errorf("a dataset with news: %v", err)
	}
	if err := c.Write(ctx, d, data.WriteOptions{}); err == nil || !strings.Contains(err.Error(), "already has TSLA") {
		t.Errorf("a symbol that is there: %v", err)
	}
}

// Join puts datasets together as merging their folders does.
func TestJoin(t *testing.T) {
	prices, news := history("TSLA"), history("TSLA")
	prices.News, prices.Filings, news.Bars, news.Actions = nil, nil, nil, nil
	documents := meta()
	documents.PriceKind, documents.Adjustment, documents.Notes = data.CloseOnly, data.Raw, []string{"news"}
	for _, order := range [][2]*data.Dataset{
		{newDataset(t, meta(), prices, history("NFLX")), newDataset(t, documents, news)},
		{newDataset(t, documents, news), newDataset(t, meta(), prices, history("NFLX"))},
	} {
		got, notes, err := data.Join(order[0], order[1])
		if err != nil || len(notes) > 0 {
			t.Fatal(notes, err)
		}
		want := newDataset(t, meta(), history("TSLA"), history("NFLX"))
		if got.Digest("TSLA") != want.Digest("TSLA") || got.Digest("NFLX") != want.Digest("NFLX") || len(got.Symbols()) != 2 {
			t.Errorf("joined: %v", got.Symbols())
		}
		if got.Meta.PriceKind != data.OHLCV || got.Meta.Adjustment != data.SplitAdjusted || len(got.Meta.Notes) != 2 {
			t.Errorf("joined: %+v", got.Meta)
		}
	}
	raw := meta()
	raw.Adjustment = data.Raw
	if _, _, err := data.Join(newDataset(t, meta(), history("TSLA")), newDataset(t, raw, history("NFLX"))); err == nil {
		t.Error("prices of two adjustments are joined")
	}
	other := history("TSLA")
	other.Bars[0].Close = 100.5
	if _, _, err := data.Join(newDataset(t, meta(), history("TSLA")), newDataset(t, meta(), other)); !errors.Is(err, data.ErrConflict) {
		t.Errorf("two vintages: %v", err)
	}
	// Two years that do not meet.
	next := data.History{Symbol: "TSLA", Bars: []data.Bar{data.CloseBar("2024-03-12", 12)}}
	_, notes, err := data.Join(newDataset(t, meta(), history("TSLA")), newDataset(t, meta(), next))
	if err != nil || len(notes) != 1 || !strings.HasPrefix(notes[0], "TSLA: the old and the new bars have no session in common") {
		t.Errorf("notes %q, %v", notes, err)
	}
}
