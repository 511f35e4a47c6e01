package exporter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"finmem/data"
	"finmem/data/exporter"
	"finmem/data/importer"
)

// at is an instant of New York in UTC.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return when.UTC()
}

func dataset(t testing.TB, adjustment data.Adjustment, histories ...data.History) *data.Dataset {
	t.Helper()
	ds, err := data.NewDataset(data.Meta{Name: "ds", Calendar: "NYSE", PriceKind: data.OHLCV, Adjustment: adjustment}, histories...)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func collect(t testing.TB, ds *data.Dataset, o exporter.Options, symbols ...string) (exporter.Env, []exporter.Report) {
	t.Helper()
	env, reports, err := exporter.Collect(t.Context(), ds, symbols, o)
	if err != nil {
		t.Fatal(err)
	}
	return env, reports
}

// acme has a Friday, a Monday without a price and a Tuesday.
func acme(t testing.TB) data.History {
	return data.History{
		Symbol: "ACME",
		Bars:   []data.Bar{data.CloseBar("2024-03-08", 10.25), data.CloseBar("2024-03-12", 11)},
		News: []data.News{
			{Time: at(t, "2024-03-07 12:00"), Title: "Before the first price"},
			{Time: at(t, "2024-03-08 15:59"), Title: "Beat", Text: "Acme beats.", Sentiment: &data.Sentiment{Positive: 0.75, Neutral: 0.25, Compound: 0.6, Method: "vader"}},
			{Time: at(t, "2024-03-08 15:59"), Title: "BEAT", Text: "Acme  beats."},
			{Time: at(t, "2024-03-08 16:00"), Text: "After the close of Friday."},
			{Time: at(t, "2024-03-12 09:00"), Title: "Tuesday", Text: "Tuesday's news."},
			{Time: at(t, "2024-03-12 16:00"), Text: "Too late for Tuesday."},
		},
		Filings: []data.Filing{
			{Accepted: at(t, "2024-03-08 12:00"), Form: "10-Q", Text: "First quarter."},
			{Accepted: at(t, "2024-03-08 12:01"), Form: "10-Q/A", Text: "First quarter, amended."},
			{Accepted: at(t, "2024-03-08 17:00"), Form: "10-K", Text: "The year."},
			{Accepted: at(t, "2024-03-12 09:00"), Form: "8-K", Text: "A current report."},
		},
	}
}

// What came before a close stands at its session, what came at it or after at the
// next that has a price (B06, B09), and nothing stands at a date before it was out.
func TestCollect(t *testing.T) {
	env, reports := collect(t, dataset(t, data.SplitAdjusted, acme(t)), exporter.Options{}, "acme")
	tone := acme(t).News[1].Sentiment
	want := []exporter.Date{
		{Session: "2024-03-08", Entries: []exporter.Entry{{
			Symbol: "ACME", Price: 10.25,
			News: []exporter.Text{{Text: "BEAT\nAcme  beats."}}, Quarterly: []string{"First quarter.", "First quarter, amended."},
		}}},
		{Session: "2024-03-12", Entries: []exporter.Entry{{
			Symbol: "ACME", Price: 11,
			News:   []exporter.Text{{Text: "After the close of Friday."}, {Text: "Tuesday's news."}, {Text: "A current report."}},
			Annual: []string{"The year."},
		}}},
	}
	// Of two items of one content and time the feed keeps the first by title.
	if !reflect.DeepEqual(env.Dates, want) {
		t.Errorf("got %+v\nwant %+v", env.Dates, want)
	}
	r := exporter.Report{Symbol: "ACME", Dates: 2, First: "2024-03-08", Last: "2024-03-12", News: 3, Quarterly: 2, Annual: 1, OtherForms: 1,
		Moved: 2, Folded: 1, NewsLeftOut: 2}
	if len(reports) != 1 || reports[0] != r {
		t.Errorf("got %+v\nwant %+v", reports, r)
	}

	h := acme(t)
	h.News = h.News[:2]
	env, reports = collect(t, dataset(t, data.SplitAdjusted, h), exporter.Options{From: "2024-03-07", To: "2024-03-11"}, "ACME")
	if len(env.Dates) != 1 || !reflect.DeepEqual(env.Dates[0].Entries[0].News, []exporter.Text{{Text: "Before the first price"}, {Text: "Beat\nAcme beats.", Sentiment: tone}}) {
		t.Errorf("from the day before: %+v", env.Dates)
	}
	if r := reports[0]; r.Moved != 1 || r.NewsLeftOut != 0 || r.FilingsLeftOut != 2 || r.WithSentiment != 1 {
		t.Errorf("from the day before: %+v", r)
	}
}

// B01, B02: the formats have no corporate actions, so a split must not look like a
// crash; the adjusted close is there for those who want dividends.
func TestCollectPrices(t *testing.T) {
	h := data.History{Symbol: "ACME", Bars: []data.Bar{data.CloseBar("2024-06-07", 400), data.CloseBar("2024-06-10", 102)},
		Actions: []data.Action{{Session: "2024-06-10", Split: 4}}}
	h.Bars[0].AdjClose, h.Bars[1].AdjClose = 98.5, 102
	for _, tt := range []struct {
		adjustment data.Adjustment
		options    exporter.Options
		want       []float64
		restated   bool
	}{
		{data.Raw, exporter.Options{}, []float64{100, 102}, true},
		{data.Raw, exporter.Options{To: "2024-06-07"}, []float64{400}, false},
		{data.SplitAdjusted, exporter.Options{}, []float64{400, 102}, false},
		{data.Raw, exporter.Options{Price: exporter.AdjClose}, []float64{98.5, 102}, false},
	} {
		env, reports := collect(t, dataset(t, tt.adjustment, h), tt.options, "ACME")
		var got []float64
		for _, d := range env.Dates {
			got = append(got, d.Entries[0].Price)
		}
		if !slices.Equal(got, tt.want) || reports[0].Restated != tt.restated {
			t.Errorf("%s %+v: %v, restated %v; want %v, %v", tt.adjustment, tt.options, got, reports[0].Restated, tt.want, tt.restated)
		}
	}
}

func TestCollectRefuses(t *testing.T) {
	ds := dataset(t, data.SplitAdjusted, acme(t))
	for _, tt := range []struct {
		name    string
		symbols []string
		options exporter.Options
		want    string
	}{
		{"no symbol", nil, exporter.Options{}, "no symbol"},
		{"unknown symbol", []string{"ACNE"}, exporter.Options{}, `no symbol ACNE`},
		{"twice", []string{"ACME", "acme"}, exporter.Options{}, "ACME is asked for twice"},
		{"no prices (B11)", []string{"ACME"}, exporter.Options{From: "2024-03-13", To: "2024-03-20"}, "export ACME: no prices in [2024-03-13, 2024-03-20]"},
		{"reversed (B90)", []string{"ACME"}, exporter.Options{From: "2024-03-12", To: "2024-03-08"}, "starts on 2024-03-12, after its end on 2024-03-08"},
		{"no adjusted close", []string{"ACME"}, exporter.Options{Price: exporter.AdjClose}, "2024-03-08 has no adjusted close"},
		{"unknown price", []string{"ACME"}, exporter.Options{Price: "open"}, `price "open"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := exporter.Collect(t.Context(), ds, tt.symbols, tt.options); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if err := exporter.FinMem(io.Discard, exporter.Env{}, "list"); err == nil || !strings.Contains(err.Error(), `shape "list"`) {
		t.Errorf("shape: %v", err)
	}
	two, _ := collect(t, dataset(t, data.SplitAdjusted, acme(t), data.History{Symbol: "KO", Bars: acme(t).Bars}), exporter.Options{}, "KO", "ACME")
	if err := exporter.InvestorBench(io.Discard, two); err == nil || !strings.Contains(err.Error(), "one symbol a file, not ACME and KO") {
		t.Errorf("two symbols: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := exporter.Collect(ctx, ds, []string{"ACME"}, exporter.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A full disk is an error, whichever byte does not fit.
func TestWriteErrors(t *testing.T) {
	env, _ := collect(t, dataset(t, data.SplitAdjusted, acme(t)), exporter.Options{}, "ACME")
	for name, write := range writers() {
		var all bytes.Buffer
		if err := write(&all, env); err != nil {
			t.Fatal(err)
		}
		for _, room := range []int{0, 1, all.Len() / 2, all.Len() - 1} {
			if err := write(&shortWriter{room}, env); !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("%s with room for %d bytes: %v", name, room, err)
			}
		}
	}
}

type shortWriter struct{ room int }

func (w *shortWriter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		return 0, io.ErrShortWrite
	}
	w.room -= len(p)
	return len(p), nil
}

// The calendars take a moment to make and do not change.
var (
	nyse   = sync.OnceValue(data.NYSE)
	always = sync.OnceValue(data.Always)
)

func calendarOf(ds *data.Dataset) *data.Calendar {
	if ds.Meta.Calendar == "NYSE" {
		return nyse()
	}
	return always()
}

type writer func(io.Writer, exporter.Env) error

func writers() map[string]writer {
	return map[string]writer{
		"dict":          func(w io.Writer, e exporter.Env) error { return exporter.FinMem(w, e, exporter.Dicts) },
		"tuple":         func(w io.Writer, e exporter.Env) error { return exporter.FinMem(w, e, exporter.Tuples) },
		"investorbench": exporter.InvestorBench,
	}
}

// readBack exports a symbol of a dataset and imports the file.
func readBack(t testing.TB, format string, ds *data.Dataset, symbol string, o exporter.Options) *data.Dataset {
	t.Helper()
	env, _ := collect(t, ds, o, symbol)
	path := filepath.Join(t.TempDir(), "env")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := writers()[format](f, env); err != nil {
		t.Fatal(err)
	}
	calendar := calendarOf(ds)
	read := importer.Pickle
	if format == "investorbench" {
		read = importer.InvestorBench
	}
	r, err := read(t.Context(), path, symbol, importer.EnvOptions{Calendar: calendar, FilingsOnDate: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Report.Skipped) > 0 {
		t.Errorf("%s: skipped %v", format, r.Report.Skipped)
	}
	back, err := data.NewDataset(r.Meta, r.History)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// days is what each session that has a price shows of a symbol, as far as the
// formats hold it; what belongs to a session without one is shown at the next.
func days(t testing.TB, ds *data.Dataset, symbol string) []string {
	t.Helper()
	var list, news, annual, quarterly []string
	eachDay(t, ds, symbol, func(day data.Day) {
		for _, n := range day.News {
			news = append(news, fmt.Sprintf("%q", n.Content()))
		}
		for _, f := range day.Filings {
			// Two filings of a kind are one in a pickle.
			texts := strings.Split(strings.TrimSpace(f.Text), "\n\n")
			if f.Annual() {
				annual = append(annual, texts...)
			} else {
				quarterly = append(quarterly, texts...)
			}
		}
		if !day.HasBar {
			return
		}
		for _, texts := range [][]string{news, annual, quarterly} {
			slices.Sort(texts)
		}
		list = append(list, fmt.Sprintf("%s %v news %s 10-K %q 10-Q %q", day.Session, day.Bar.Close, news, annual, quarterly))
		news, annual, quarterly = nil, nil, nil
	})
	return list
}

// eachDay walks the sessions from the first bar to the last.
func eachDay(t testing.TB, ds *data.Dataset, symbol string, see func(data.Day)) {
	t.Helper()
	h, err := ds.History(symbol)
	if err != nil {
		t.Fatal(err)
	}
	calendar := calendarOf(ds)
	feed, err := data.NewFeed(calendar, h, data.FeedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := calendar.Range(h.Bars[0].Session, h.Bars[len(h.Bars)-1].Session)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sessions {
		day, err := feed.Day(s)
		if err != nil {
			t.Fatal(err)
		}
		see(day)
	}
}

func sameDays(t interface {
	Helper()
	Errorf(string, ...any)
}, what string, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d days, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s: got\n%s\nwant\n%s", what, got[i], want[i])
			return
		}
	}
}

// Whatever is in a dataset of one price a session, the file that is made of it has
// the same days, and is made again to the same bytes.
func TestRoundTrip(t *testing.T) {
	sessions, err := nyse().Range("2024-02-20", "2024-03-20")
	if err != nil {
		t.Fatal(err)
	}
	words := rapid.StringMatching(`[A-Za-z0-9<>&"\\é日 .,'(){}]{0,40}[a-z]`)
	start := sessions[0].In(time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		h := data.History{Symbol: "ACME"}
		for i, s := range sessions {
			h.Bars = append(h.Bars, data.CloseBar(s, 100/float64(i+3)))
		}
		moment := func() (time.Time, bool) {
			if rapid.Bool().Draw(rt, "date only") {
				return start.AddDate(0, 0, rapid.IntRange(-2, 30).Draw(rt, "day")), true
			}
			return start.Add(time.Duration(rapid.IntRange(-2*24*60, 30*24*60).Draw(rt, "minute")) * time.Minute), false
		}
		for range rapid.IntRange(0, 12).Draw(rt, "news") {
			n := data.News{Text: words.Draw(rt, "text")}
			n.Time, n.DateOnly = moment()
			h.News = append(h.News, n)
		}
		for range rapid.IntRange(0, 4).Draw(rt, "filings") {
			f := data.Filing{Form: rapid.SampledFrom([]string{"10-K", "10-Q"}).Draw(rt, "form"), Text: words.Draw(rt, "text")}
			f.Accepted, f.DateOnly = moment()
			h.Filings = append(h.Filings, f)
		}
		ds := dataset(t, data.UnknownAdjustment, h)
		want := days(t, ds, "ACME")
		for format := range writers() {
			back := readBack(t, format, ds, "ACME", exporter.Options{})
			sameDays(rt, format, days(t, back, "ACME"), want)
			again := readBack(t, format, back, "ACME", exporter.Options{})
			if again.Digest("ACME") != back.Digest("ACME") {
				rt.Errorf("%s: another file at the second time", format)
			}
		}
	})
}

// FinMem's sentences bring the scores back as they were; INVESTOR-BENCH's label
// keeps the sign.
func TestSentiment(t *testing.T) {
	h := data.History{Symbol: "ACME", Bars: []data.Bar{data.CloseBar("2024-03-08", 10)}}
	for i, s := range []*data.Sentiment{
		{Positive: 0.9107, Neutral: 8.25e-07, Negative: 0.0892991, Compound: 0.8214009, Method: "finbert"},
		{Positive: 0.1, Neutral: 0.9, Compound: 0.05, Method: "vader"},
		{Positive: 0.1, Neutral: 0.9, Compound: 0.0499, Method: "vader"},
		{Neutral: 0.5, Negative: 0.5, Compound: -0.05, Method: "vader"},
		{Positive: 1 + 1e-9, Neutral: 0, Negative: 0, Compound: 1, Method: "vader"},
		nil,
	} {
		h.News = append(h.News, data.News{Time: at(t, "2024-03-08 12:00").Add(time.Duration(i) * time.Minute), Text: fmt.Sprintf("Text %d.", i), Sentiment: s})
	}
	ds := dataset(t, data.UnknownAdjustment, h)
	got := func(format string) []*data.Sentiment {
		back, err := readBack(t, format, ds, "ACME", exporter.Options{Sentiment: true}).History("ACME")
		if err != nil {
			t.Fatal(err)
		}
		var list []*data.Sentiment
		for i, n := range back.News {
			if want := fmt.Sprintf("Text %d.", i); n.Text != want {
				t.Errorf("%s: text %q, want %q", format, n.Text, want)
			}
			list = append(list, n.Sentiment)
		}
		return list
	}
	scores := got("dict")
	for i, n := range h.News {
		if (n.Sentiment == nil) != (scores[i] == nil) {
			t.Errorf("text %d: %v", i, scores[i])
		} else if n.Sentiment != nil && (scores[i].Positive != min(n.Sentiment.Positive, 1) || scores[i].Neutral != n.Sentiment.Neutral || scores[i].Negative != n.Sentiment.Negative) {
			t.Errorf("text %d: %+v, want %+v", i, scores[i], n.Sentiment)
		}
	}
	for i, want := range []float64{1, 1, 0, -1, 1, math.NaN()} {
		s := got("investorbench")[i]
		if math.IsNaN(want) && s != nil || !math.IsNaN(want) && (s == nil || s.Compound != want || s.Method != "label") {
			t.Errorf("text %d: %+v, want a compound of %v", i, s, want)
		}
	}
}

// Several symbols stand in one pickle, each only at the dates on which it has a
// price.
func TestSeveralSymbols(t *testing.T) {
	ko := data.History{Symbol: "KO", Bars: []data.Bar{data.CloseBar("2024-03-07", 60), data.CloseBar("2024-03-11", 61)}}
	ds := dataset(t, data.SplitAdjusted, acme(t), ko)
	env, _ := collect(t, ds, exporter.Options{}, "KO", "ACME")
	var got []string
	for _, d := range env.Dates {
		for _, e := range d.Entries {
			got = append(got, fmt.Sprintf("%s %s %v", d.Session, e.Symbol, e.Price))
		}
	}
	if want := []string{"2024-03-07 KO 60", "2024-03-08 ACME 10.25", "2024-03-11 KO 61", "2024-03-12 ACME 11"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	path := filepath.Join(t.TempDir(), "env.pkl")
	var content bytes.Buffer
	if err := exporter.FinMem(&content, env, exporter.Dicts); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	symbols, err := importer.PickleSymbols(t.Context(), path)
	if err != nil || !slices.Equal(symbols, []string{"ACME", "KO"}) {
		t.Errorf("symbols %v, %v", symbols, err)
	}
}

// Texts that are not UTF-8 would make a file that Python cannot read.
func TestInvalidText(t *testing.T) {
	h := data.History{Symbol: "ACME", Bars: []data.Bar{data.CloseBar("2024-03-08", 10)},
		News: []data.News{{Time: at(t, "2024-03-08 12:00"), Text: "caf\xe9"}}}
	env, _ := collect(t, dataset(t, data.UnknownAdjustment, h), exporter.Options{}, "ACME")
	if got := env.Dates[0].Entries[0].News[0].Text; got != "caf\uFFFD" {
		t.Errorf("got %q", got)
	}
	var out bytes.Buffer
	if err := exporter.InvestorBench(&out, env); err != nil || !json.Valid(out.Bytes()) {
		t.Errorf("%v\n%s", err, out.Bytes())
	}
}
