package data_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"finmem/data"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Merging what is there already adds nothing, in any number of copies.
func TestMergeTwice(t *testing.T) {
	h := history("TSLA")
	h.News = append(h.News, h.News[0], h.News[0]) // equal items of one day stay as they are
	dir := filepath.Join(t.TempDir(), "ds")
	d := newDataset(t, meta(), h)
	for n, want := range []data.Merged{
		{Symbol: "TSLA", Bars: data.Joined{Added: 3}, Actions: data.Joined{Added: 2}, News: data.Joined{Added: 4}, Filings: data.Joined{Added: 2}, Notes: []string{}},
		{Symbol: "TSLA", Bars: data.Joined{Same: 3}, Actions: data.Joined{Same: 2}, News: data.Joined{Same: 4}, Filings: data.Joined{Same: 2}, Notes: []string{}},
	} {
		got, err := data.MergeDataset(context.Background(), dir, d)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]data.Merged{want}, got); diff != "" {
			t.Errorf("merge %d (-want +got):\n%s", n+1, diff)
		}
		read, err := data.ReadDataset(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if read.Digest("TSLA") != d.Digest("TSLA") {
			t.Errorf("merge %d changed what is there", n+1)
		}
	}
}

func TestMergeJoins(t *testing.T) {
	nan := math.NaN()
	day := func(n int) time.Time { return time.Date(2024, 3, n, 0, 0, 0, 0, time.UTC) }
	sum := sha256.Sum256([]byte("a long text"))
	there := data.History{
		Symbol: "TSLA",
		Bars: []data.Bar{
			{Session: "2024-03-07", Open: 99, High: 101, Low: 98, Close: 100, AdjClose: nan, Volume: 1000},
			data.CloseBar("2024-03-08", 110),
		},
		Actions: []data.Action{{Session: "2024-03-08", Split: 4}},
		News: []data.News{
			{Time: day(7), DateOnly: true, Title: "Beat", Text: "text", Copies: 1},
			{Time: day(8), DateOnly: true, Text: "short", Copies: 1, Summary: &data.Summary{Method: "extract", SHA256: hex.EncodeToString(sum[:]), Characters: 11}},
		},
		Filings: []data.Filing{{Accepted: day(7), DateOnly: true, Form: "10-Q", Text: "q"}},
	}
	added := data.History{
		Symbol: "TSLA",
		Bars: []data.Bar{
			data.CloseBar("2024-03-06", 90),
			{Session: "2024-03-08", Open: 100, High: 112, Low: 100, Close: 110, AdjClose: 110, Volume: 2000},
			data.CloseBar("2024-03-11", 121),
		},
		Actions: []data.Action{{Session: "2024-03-07", Dividend: 0.5}, {Session: "2024-03-08", Dividend: 0.25}},
		News: []data.News{
			{Time: day(7), DateOnly: true, Title: "Beat", Text: "text", Source: "wire", URL: "https://example.com", Sentiment: &data.Sentiment{Compound: 0.5}, Copies: 2},
			{Time: day(7), DateOnly: true, Title: "Beat", Text: "text", Copies: 1}, // a second one of the same
			{Time: day(7), Title: "Beat", Text: "text", Copies: 1},                 // another time: midnight itself
			{Time: day(8), DateOnly: true, Text: "a long text", Copies: 1, Sentiment: &data.Sentiment{Compound: 0.5}},
		},
		Filings: []data.Filing{
			{Accepted: day(7), DateOnly: true, Form: "10-Q", Period: "2023-12-31", Text: "q"},
			{Accepted: day(7), DateOnly: true, Form: "10-K", Text: "q"},
		},
	}
	got, report, err := data.Merge(there, added)
	if err != nil {
		t.Fatal(err)
	}
	want := data.History{
		Symbol: "TSLA",
		Bars: []data.Bar{
			data.CloseBar("2024-03-06", 90),
			there.Bars[0],
			added.Bars[1],
			data.CloseBar("2024-03-11", 121),
		},
		Actions: []data.Action{{Session: "2024-03-07", Dividend: 0.5}, {Session: "2024-03-08", Split: 4, Dividend: 0.25}},
		News: []data.News{
			added.News[1],
			added.News[2],
			added.News[0],
			there.News[1],
		},
		Filings: []data.Filing{added.Filings[1], added.Filings[0]},
	}
	slices.SortStableFunc(want.Filings, func(a, b data.Filing) int { return strings.Compare(a.Form, b.Form) })
	slices.SortStableFunc(got.Filings, func(a, b data.Filing) int { return strings.Compare(a.Form, b.Form) })
	if diff := cmp.Diff(want, got, equalNaN()); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
	wantReport := data.Merged{Symbol: "TSLA", Bars: data.Joined{Added: 2, Same: 1}, Actions: data.Joined{Added: 1, Same: 1},
		News: data.Joined{Added: 2, Same: 2}, Filings: data.Joined{Added: 1, Same: 1}, Notes: []string{}}
	if diff := cmp.Diff(wantReport, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if there.News[0].Source != "" || len(there.Actions) != 1 || there.Bars[1].HasOpen() {
		t.Error("Merge changed its arguments")
	}
}

// Two vintages of a series do not continue each other, and neither do two splits
// of one session.
func TestMergeConflicts(t *testing.T) {
	for says, change := range map[string]func(*data.History){
		"close of 2024-03-08 is 110 there and 11 in the new data; 1 of 3 common sessions differ": func(h *data.History) {
			h.Bars[1] = data.CloseBar("2024-03-08", 11)
		},
		"volume of 2024-03-07 is 1000 there and 4000": func(h *data.History) { h.Bars[0].Volume = 4000 },
		"split of 2024-03-08 is 4 there and 2":        func(h *data.History) { h.Actions[0].Split = 2 },
		"dividend of 2024-03-11 is 0.1 there and 0.2": func(h *data.History) { h.Actions[1].Dividend = 0.2 },
	} {
		dir := t.TempDir()
		writeDataset(t, dir, newDataset(t, meta(), history("TSLA")))
		before := contents(t, dir)
		h := history("TSLA")
		change(&h)
		_, err := data.MergeDataset(context.Background(), dir, newDataset(t, meta(), h))
		if !errors.Is(err, data.ErrConflict) || !strings.Contains(err.Error(), says) {
			t.Errorf("error = %v, want it to say %q", err, says)
		}
		if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
			t.Errorf("the refused merge changed the folder:\n%s", diff)
		}
	}
	if _, _, err := data.Merge(history("TSLA"), history("NFLX")); err == nil {
		t.Error("two symbols are merged")
	}
}

// Series that do not meet are joined, with a word about it.
func TestMergeWithoutACommonSession(t *testing.T) {
	old := data.History{Symbol: "AMZN", Bars: []data.Bar{data.CloseBar("2017-09-01", 978.25)}}
	later := data.History{Symbol: "AMZN", Bars: []data.Bar{data.CloseBar("2017-09-05", 48.2)}}
	for _, order := range [][2]data.History{{old, later}, {later, old}} {
		_, m, err := data.Merge(order[0], order[1])
		if err != nil || len(m.Notes) != 1 || !strings.Contains(m.Notes[0], "978.25 of 2017-09-01 is followed by 48.2 of 2017-09-05") {
			t.Errorf("notes %q, %v", m.Notes, err)
		}
	}
}

// News go into a dataset of prices and the other way round: what describes prices
// is said by whoever has them.
func TestMergeNewsIntoPrices(t *testing.T) {
	prices, news := history("TSLA"), history("TSLA")
	prices.News, prices.Filings, news.Bars, news.Actions = nil, nil, nil, nil
	other := meta()
	other.PriceKind, other.Adjustment, other.Calendar = data.CloseOnly, data.UnknownAdjustment, "24/7"
	a, b := newDataset(t, meta(), prices), newDataset(t, other, news)
	want := newDataset(t, meta(), history("TSLA")).Digest("TSLA")
	for _, order := range [][]*data.Dataset{{a, b}, {b, a}} {
		dir := t.TempDir()
		for _, d := range order {
			if _, err := data.MergeDataset(context.Background(), dir, d); err != nil {
				t.Fatal(err)
			}
		}
		d, err := data.ReadDataset(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if d.Digest("TSLA") != want || d.Meta.PriceKind != data.OHLCV || d.Meta.Adjustment != data.SplitAdjusted || d.Meta.Calendar != "NYSE" {
			t.Errorf("merged: %+v", d.Meta)
		}
	}
}

// However a history is cut in two, the parts merge to it, in any order, and
// merging a part again changes nothing.
func TestMergeOfParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var whole, a, b data.History
		whole.Symbol, a.Symbol, b.Symbol = "TSLA", "TSLA", "TSLA"
		session := data.Session("2024-01-01")
		for i := range rapid.IntRange(1, 12).Draw(t, "sessions") {
			session = session.AddDays(1)
			bar := data.CloseBar(session, float64(100+i))
			item := data.News{Time: session.In(time.UTC), DateOnly: true, Title: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "title"), Copies: 1}
			whole.Bars, whole.News = append(whole.Bars, bar), append(whole.News, item)
			where := rapid.IntRange(0, 2).Draw(t, "part")
			if where != 1 {
				a.Bars, a.News = append(a.Bars, bar), append(a.News, item)
			}
			if where != 0 {
				b.Bars, b.News = append(b.Bars, bar), append(b.News, item)
			}
		}
		for _, parts := range [][]data.History{{a, b}, {b, a}, {a, b, a}, {whole, b}} {
			got := data.History{Symbol: "TSLA"}
			for _, p := range parts {
				var err error
				if got, _, err = data.Merge(got, p); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(whole.Bars, got.Bars, equalNaN()); diff != "" {
				t.Fatalf("bars (-whole +merged):\n%s", diff)
			}
			if diff := cmp.Diff(whole.News, got.News); diff != "" {
				t.Fatalf("news (-whole +merged):\n%s", diff)
			}
		}
	})
}
