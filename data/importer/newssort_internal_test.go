package importer

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"finmem/data"
)

// drain reads all records of a sorter.
func drain(t interface {
	Helper()
	Fatal(...any)
}, s *recordSorter) [][]byte {
	t.Helper()
	records, err := s.sorted()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for {
		record, err := records.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, bytes.Clone(record))
	}
	if err := records.close(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRecordSorterSorts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		folder, err := os.MkdirTemp("", "runs")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(folder)
		// A limit of a few bytes makes a run of almost every record.
		s := newRecordSorter(folder, rapid.IntRange(1, 200).Draw(t, "limit"))
		in := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 30), 0, 400).Draw(t, "records")
		for _, record := range in {
			if err := s.add(record); err != nil {
				t.Fatal(err)
			}
		}
		want := slices.Clone(in)
		slices.SortFunc(want, bytes.Compare)
		if got := drain(t, s); !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("%d records sorted to\n%v, want\n%v", len(in), got, want)
		}
	})
}

func TestRecordSorterMergesManyRuns(t *testing.T) {
	s := newRecordSorter(t.TempDir(), 8)
	const n = mergeWidth*mergeWidth + 5*mergeWidth + 3
	for i := range n {
		k := (i * 7919) % n
		if err := s.add([]byte{byte(k >> 8), byte(k), 0, 0, 0, 0, 0}); err != nil {
			t.Fatal(err)
		}
	}
	got := drain(t, s)
	if len(got) != n {
		t.Fatalf("%d records came back, want %d", len(got), n)
	}
	for i, record := range got {
		if k := int(record[0])<<8 | int(record[1]); k != i {
			t.Fatalf("record %d is number %d", i, k)
		}
	}
}

func drawNews(t *rapid.T) data.News {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "a", "a\x00", "a\x01", "a\x00b", "\x01\x01"}))
	n := data.News{
		Time:   time.Unix(rapid.Int64Range(-1e10, 1e11).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC(),
		Title:  text.Draw(t, "title"),
		Text:   text.Draw(t, "text"),
		Source: text.Draw(t, "source"),
		URL:    text.Draw(t, "url"),
		Copies: rapid.IntRange(1, 1<<31-1).Draw(t, "copies"),
	}
	if rapid.Bool().Draw(t, "date only") {
		n.DateOnly, n.Time = true, n.Time.Truncate(24*time.Hour)
	}
	if rapid.Bool().Draw(t, "scored") {
		n.Sentiment = &data.Sentiment{Positive: rapid.Float64().Draw(t, "positive"), Compound: -0.25, Method: text.Draw(t, "method")}
	}
	if rapid.Bool().Draw(t, "summarized") {
		n.Summary = &data.Summary{Method: "extract", SHA256: "00", Characters: 12}
	}
	return n
}

func TestNewsRecordsKeepItems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := newsRecord{symbol: rapid.Uint16().Draw(t, "symbol"), item: drawNews(t), there: rapid.Bool().Draw(t, "there")}
		direct := in.appendByTime(nil)
		content := in.appendByContent(nil, -3, contentDigest(in.item))
		if !bytes.Equal(byTime(nil, content), direct) {
			t.Fatalf("the record by content does not become that by time")
		}
		out, err := readByTime(direct)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.appendByTime(nil), direct) || !out.item.Time.Equal(in.item.Time) || out.item.Title != in.item.Title ||
			out.item.Text != in.item.Text || out.item.Source != in.item.Source || out.item.URL != in.item.URL || out.item.Copies != in.item.Copies ||
			out.there != in.there || out.symbol != in.symbol || out.item.DateOnly != in.item.DateOnly ||
			(out.item.Sentiment == nil) != (in.item.Sentiment == nil) || (out.item.Summary == nil) != (in.item.Summary == nil) {
			t.Fatalf("%+v came back as %+v", in, out)
		}
		for i := range direct {
			_, _ = readByTime(direct[:i]) // a cut record may be read as another one, but not panic
		}
	})
}

// The order of records is the order in which a dataset keeps its news: by time,
// title, text, source and address.
func TestNewsRecordsAreOrderedLikeADataset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawNews(t), drawNews(t)
		if rapid.Bool().Draw(t, "same time") {
			b.Time = a.Time
		}
		if rapid.Bool().Draw(t, "same title") {
			b.Title = a.Title
		}
		first, second := newsRecord{item: a}.appendByTime(nil), newsRecord{item: b}.appendByTime(nil)
		ds, err := data.NewDataset(data.Meta{Name: "x", Calendar: "NYSE", PriceKind: data.OHLCV, Adjustment: data.Raw},
			data.History{Symbol: "A", News: []data.News{{Time: b.Time, Title: b.Title, Text: b.Text, Source: b.Source, URL: b.URL}, {Time: a.Time, Title: a.Title, Text: a.Text, Source: a.Source, URL: a.URL}}})
		if err != nil {
			t.Skip("not a valid item")
		}
		h, err := ds.History("A")
		if err != nil {
			t.Fatal(err)
		}
		n := h.News[0]
		aFirst := n.Time.Equal(a.Time) && n.Title == a.Title && n.Text == a.Text && n.Source == a.Source && n.URL == a.URL
		bFirst := n.Time.Equal(b.Time) && n.Title == b.Title && n.Text == b.Text && n.Source == b.Source && n.URL == b.URL
		if c := bytes.Compare(first, second); c < 0 && !aFirst || c > 0 && !bFirst {
			t.Fatalf("records of %+v and %+v compare as %d, the dataset has %+v first", a, b, c, n)
		}
	})
}
