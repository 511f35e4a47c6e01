package data_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"finmem/data"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func newFeed(t testing.TB, h data.History, opts data.FeedOptions) *data.Feed {
	t.Helper()
	f, err := data.NewFeed(data.NYSE(), h, opts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func day(t testing.TB, f *data.Feed, s data.Session) data.Day {
	t.Helper()
	d, err := f.Day(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func titles(news []data.News) []string {
	var all []string
	for _, n := range news {
		all = append(all, n.Title)
	}
	return all
}

// newsAt is an item stamped in New York.
func newsAt(t testing.TB, stamp string) data.News {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", stamp, newYork(t))
	if err != nil {
		t.Fatal(err)
	}
	return data.News{Time: at, Title: stamp, Copies: 1}
}

// B05: the window is half-open. Of items a second before, at and after the
// cut-off, the session sees the first and the next session the other two,
// whatever the host's zone.
func TestFeedHalfOpenWindow(t *testing.T) {
	items := []data.News{newsAt(t, "2024-03-07 15:59:59"), newsAt(t, "2024-03-07 16:00:00"), newsAt(t, "2024-03-07 16:00:01")}
	for _, zone := range []string{"UTC", "America/Los_Angeles", "Asia/Tokyo"} {
		t.Run(zone, func(t *testing.T) {
			loc, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			before := time.Local
			time.Local = loc // as on a machine in that zone
			t.Cleanup(func() { time.Local = before })
			var h data.History
			for _, n := range items {
				n.Time = n.Time.In(loc)
				h.News = append(h.News, n)
			}
			f := newFeed(t, h, data.FeedOptions{})
			if got := titles(day(t, f, "2024-03-07").News); !slices.Equal(got, []string{"2024-03-07 15:59:59"}) {
				t.Errorf("2024-03-07 sees %q", got)
			}
			if got := titles(day(t, f, "2024-03-08").News); !slices.Equal(got, []string{"2024-03-07 16:00:00", "2024-03-07 16:00:01"}) {
				t.Errorf("2024-03-08 sees %q", got)
			}
		})
	}
}

// B06: Friday sees none of what came after its close, Monday all of it.
func TestFeedWeekend(t *testing.T) {
	f := newFeed(t, data.History{News: []data.News{
		newsAt(t, "2024-03-08 18:30:00"), newsAt(t, "2024-03-09 12:00:00"), newsAt(t, "2024-03-10 23:00:00"), newsAt(t, "2024-03-11 08:00:00"),
	}}, data.FeedOptions{})
	if got := day(t, f, "2024-03-08").News; len(got) != 0 {
		t.Errorf("Friday sees %q", titles(got))
	}
	if got := day(t, f, "2024-03-11").News; len(got) != 4 {
		t.Errorf("Monday sees %q, want all 4", titles(got))
	}
}

// B85: after the 13:00 close of a half day an item belongs to the next session,
// and a cut-off 15 minutes before the close is at 12:45.
func TestFeedHalfDay(t *testing.T) {
	h := data.History{News: []data.News{newsAt(t, "2024-11-29 12:44:59"), newsAt(t, "2024-11-29 12:50:00"), newsAt(t, "2024-11-29 14:30:00")}}
	for _, tt := range []struct {
		before time.Duration
		cutoff string
		seen   int
	}{{0, "13:00", 2}, {15 * time.Minute, "12:45", 1}} {
		f := newFeed(t, h, data.FeedOptions{CutoffBefore: tt.before})
		d := day(t, f, "2024-11-29")
		if got := d.Cutoff.Format("15:04"); got != tt.cutoff || len(d.News) != tt.seen {
			t.Errorf("%s before the close: cut-off %s with %d items, want %s with %d", tt.before, got, len(d.News), tt.cutoff, tt.seen)
		}
		if got := len(day(t, f, "2024-12-02").News); got != 3-tt.seen {
			t.Errorf("%s before the close: the next session sees %d items, want %d", tt.before, got, 3-tt.seen)
		}
	}
}

// An item of which only the date is known belongs to that date's session. With a
// cut-off before the close it is not known yet and belongs to the next.
func TestFeedDateOnlyNews(t *testing.T) {
	dated := func(s data.Session) data.News {
		return data.News{Time: s.In(time.UTC), DateOnly: true, Title: string(s)}
	}
	h := data.History{News: []data.News{dated("2024-03-08"), dated("2024-03-09"), dated("2024-03-11")}}
	f := newFeed(t, h, data.FeedOptions{})
	if got := titles(day(t, f, "2024-03-08").News); !slices.Equal(got, []string{"2024-03-08"}) {
		t.Errorf("Friday sees %q", got)
	}
	if got := titles(day(t, f, "2024-03-11").News); !slices.Equal(got, []string{"2024-03-09", "2024-03-11"}) {
		t.Errorf("Monday sees %q", got)
	}
	f = newFeed(t, h, data.FeedOptions{CutoffBefore: time.Minute})
	for s, want := range map[data.Session][]string{
		"2024-03-08": nil, "2024-03-11": {"2024-03-08", "2024-03-09"}, "2024-03-12": {"2024-03-11"},
	} {
		if got := titles(day(t, f, s).News); !slices.Equal(got, want) {
			t.Errorf("with a cut-off before the close %s sees %q, want %q", s, got, want)
		}
	}
}

// B09: a filing shows from its acceptance on, not from the end of its period.
func TestFeedFilings(t *testing.T) {
	ny := newYork(t)
	h := data.History{Filings: []data.Filing{
		{Accepted: time.Date(2024, 5, 10, 0, 0, 0, 0, time.UTC), DateOnly: true, Form: "10-Q", Period: "2024-03-31", Text: "dated"},
		{Accepted: time.Date(2024, 5, 10, 15, 0, 0, 0, ny), Form: "10-Q", Period: "2024-03-31", Text: "in hours"},
		{Accepted: time.Date(2024, 5, 10, 16, 0, 0, 0, ny), Form: "10-Q", Period: "2024-03-31", Text: "at the close"},
		{Accepted: time.Date(2022, 2, 4, 20, 11, 0, 0, ny), Form: "10-K", Text: "Friday evening"},
		{Accepted: time.Date(2024, 5, 10, 15, 0, 0, 0, ny), Form: "10-Q"}, // blank
	}}
	f := newFeed(t, h, data.FeedOptions{})
	seen := func(s data.Session) []string {
		var texts []string
		for _, x := range day(t, f, s).Filings {
			texts = append(texts, x.Text)
		}
		return texts
	}
	for s, want := range map[data.Session][]string{
		"2024-04-01": nil, "2024-05-09": nil,
		"2024-05-10": {"in hours"},
		"2024-05-13": {"dated", "at the close"},
		"2022-02-04": nil, "2022-02-07": {"Friday evening"},
	} {
		if got := seen(s); !slices.Equal(got, want) {
			t.Errorf("%s sees %q, want %q", s, got, want)
		}
	}
}

// B22: copies of one story are one item that says how many there were.
func TestFeedFoldsCopies(t *testing.T) {
	at := time.Date(2024, 3, 8, 15, 0, 0, 0, time.UTC)
	item := func(minutes int, title, text, url string) data.News {
		return data.News{Time: at.Add(time.Duration(minutes) * time.Minute), Title: title, Text: text, URL: url}
	}
	h := data.History{News: []data.News{
		item(4, "TESLA BEATS", "Deliveries rose.", "d"),
		item(0, "Tesla beats", "Deliveries rose.", "a"),
		item(1, "Tesla  beats ", "Deliveries\nrose.", "b"),
		item(2, "tesla beats", "deliveries rose.", "c"),
		item(3, "Tesla Beats", "DELIVERIES ROSE.", "e"),
		item(3, "Tesla beats", "Deliveries fell.", "f"),
	}}
	h.News[2].Copies = 3 // already folded by an importer
	f := newFeed(t, h, data.FeedOptions{})
	news := day(t, f, "2024-03-08").News
	if len(news) != 2 {
		t.Fatalf("session sees %q, want two stories", titles(news))
	}
	if news[0].URL != "a" || news[0].Copies != 7 {
		t.Errorf("first story is %q with %d copies, want the earliest, a, with 7", news[0].URL, news[0].Copies)
	}
	if news[1].URL != "f" || news[1].Copies != 1 {
		t.Errorf("second story is %q with %d copies, want f with 1", news[1].URL, news[1].Copies)
	}
	if h.News[1].Copies != 0 {
		t.Error("the caller's news was changed")
	}
}

// B12: a session without news is a day like any other.
func TestFeedWithoutNews(t *testing.T) {
	h := data.History{Symbol: "TSLA", Bars: closes(t, "2024-03-01", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), News: []data.News{newsAt(t, "2024-03-01 10:00:00"), newsAt(t, "2024-03-11 10:00:00")}}
	f := newFeed(t, h, data.FeedOptions{})
	for i, b := range h.Bars {
		d := day(t, f, b.Session)
		want := 0
		if i == 0 || i == 6 {
			want = 1
		}
		if !d.HasBar || d.Bar.Close != b.Close || len(d.News) != want || d.Symbol != "TSLA" {
			t.Errorf("%s: %+v, want %d items", b.Session, d, want)
		}
	}
}

// B07: whatever comes after a session cannot change its day.
func TestFeedShowsNothingFromTheFuture(t *testing.T) {
	calendar := data.NYSE()
	sessions, err := calendar.Range("2024-01-02", "2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	start := calendar.Open(sessions[0])
	span := calendar.Close(sessions[len(sessions)-1]).Sub(start)
	rapid.Check(t, func(t *rapid.T) {
		h := data.History{Symbol: "TSLA"}
		for i, s := range sessions {
			h.Bars = append(h.Bars, data.CloseBar(s, float64(i+1)))
		}
		for i := range rapid.IntRange(0, 30).Draw(t, "items") {
			at := start.Add(time.Duration(rapid.Int64Range(0, int64(span)-1).Draw(t, "at"))).Truncate(time.Second)
			n := data.News{Time: at, Title: fmt.Sprint(i)}
			if rapid.Bool().Draw(t, "date only") {
				n.DateOnly, n.Time = true, data.SessionOf(at).In(time.UTC)
			}
			h.News = append(h.News, n)
			h.Filings = append(h.Filings, data.Filing{Accepted: n.Time, DateOnly: n.DateOnly, Form: "10-Q", Text: n.Title})
		}
		now := rapid.SampledFrom(sessions[:len(sessions)-1]).Draw(t, "session")
		before := time.Duration(rapid.IntRange(0, 60).Draw(t, "minutes")) * time.Minute
		full, err := data.NewFeed(calendar, h, data.FeedOptions{CutoffBefore: before})
		if err != nil {
			t.Fatal(err)
		}
		cutoff := calendar.Cutoff(now, before)
		future := func(at time.Time, dateOnly bool) bool {
			if dateOnly {
				return data.SessionOf(at.UTC()) > now
			}
			return !at.Before(cutoff)
		}
		past := h
		past.News = slices.DeleteFunc(slices.Clone(h.News), func(n data.News) bool { return future(n.Time, n.DateOnly) })
		past.Filings = slices.DeleteFunc(slices.Clone(h.Filings), func(x data.Filing) bool { return future(x.Accepted, x.DateOnly) })
		past.Bars = slices.DeleteFunc(slices.Clone(h.Bars), func(b data.Bar) bool { return b.Session > now })
		cut, err := data.NewFeed(calendar, past, data.FeedOptions{CutoffBefore: before})
		if err != nil {
			t.Fatal(err)
		}
		a, errA := full.Day(now)
		b, errB := cut.Day(now)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if diff := cmp.Diff(b, a, equalNaN()); diff != "" {
			t.Fatalf("the future changes %s (-without +with):\n%s", now, diff)
		}
		if diff := cmp.Diff(cut.Bars(now), full.Bars(now), equalNaN()); diff != "" {
			t.Fatalf("the future changes the bars at %s:\n%s", now, diff)
		}
	})
}

// Every document is shown on exactly one session.
func TestFeedLosesNothing(t *testing.T) {
	calendar := data.NYSE()
	all, err := calendar.Range("2023-01-01", "2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	var h data.History
	rapid.Check(t, func(t *rapid.T) {
		h.News, h.Filings = nil, nil
		n := rapid.IntRange(0, 20).Draw(t, "items")
		for i := range n {
			at := time.Unix(rapid.Int64Range(1672531200, 1735600000).Draw(t, "seconds"), 0).UTC()
			h.News = append(h.News, data.News{Time: at, Title: fmt.Sprint(i)})
			h.Filings = append(h.Filings, data.Filing{Accepted: at, Form: "8-K", Text: "x"})
		}
		f, err := data.NewFeed(calendar, h, data.FeedOptions{})
		if err != nil {
			t.Fatal(err)
		}
		news, filings := 0, 0
		for _, s := range all {
			d, err := f.Day(s)
			if err != nil {
				t.Fatal(err)
			}
			news, filings = news+len(d.News), filings+len(d.Filings)
		}
		if news != n || filings != n {
			t.Fatalf("%d documents of each kind, %d news and %d filings shown", n, news, filings)
		}
	})
}

func TestFeedDayOrder(t *testing.T) {
	at := time.Date(2024, 3, 8, 15, 0, 0, 0, time.UTC)
	h := data.History{News: []data.News{
		{Time: at, Title: "b", Text: "1"}, {Time: at, Title: "a", Text: "2"}, {Time: at, Title: "a", Text: "1"}, {Time: at.Add(-time.Hour), Title: "c"},
	}}
	want := []string{"c", "a1", "a2", "b1"}
	for range 3 {
		var got []string
		for _, n := range day(t, newFeed(t, h, data.FeedOptions{}), "2024-03-08").News {
			got = append(got, n.Title+n.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("order is %q, want %q", got, want)
		}
		slices.Reverse(h.News) // the order of the file does not matter
	}
}

func TestFeedBars(t *testing.T) {
	h := data.History{Bars: []data.Bar{data.CloseBar("1980-12-12", 1), data.CloseBar("2024-03-07", 2), data.CloseBar("2024-03-09", 3), data.CloseBar("2024-03-11", 4)}}
	f := newFeed(t, h, data.FeedOptions{})
	// The Saturday is no session and its bar is nobody's; the bar from before the
	// calendar is a past price like any other.
	for upTo, want := range map[data.Session][]float64{
		"1980-01-01": nil, "2024-03-06": {1}, "2024-03-07": {1, 2}, "2024-03-10": {1, 2}, "2024-03-11": {1, 2, 4}, "2025-01-01": {1, 2, 4},
	} {
		var got []float64
		for _, b := range f.Bars(upTo) {
			got = append(got, b.Close)
		}
		if !slices.Equal(got, want) {
			t.Errorf("Bars(%s) = %v, want %v", upTo, got, want)
		}
	}
	if len(h.Bars) != 4 {
		t.Error("the caller's bars were changed")
	}
	if cap(f.Bars("2024-03-07")) != 2 {
		t.Error("appending to what Bars gives would overwrite later bars")
	}
}

// B21: after the last bar there is a day, without a price.
func TestFeedAfterTheLastBar(t *testing.T) {
	f := newFeed(t, data.History{Symbol: "SIVB", Bars: closes(t, "2023-04-06", 106.04)}, data.FeedOptions{})
	d := day(t, f, "2023-04-10")
	if d.HasBar || d.Bar != (data.Bar{}) {
		t.Errorf("day after the last bar has a bar: %+v", d.Bar)
	}
	if got := f.Bars("2023-04-10"); len(got) != 1 || got[0].Session != "2023-04-06" {
		t.Errorf("Bars = %v, want the last one known", got)
	}
}

func TestFeedRefuses(t *testing.T) {
	f := newFeed(t, data.History{}, data.FeedOptions{})
	for _, s := range []data.Session{"2024-03-09", "2025-01-09", "2031-01-02", "nonsense"} {
		if _, err := f.Day(s); err == nil || !strings.Contains(err.Error(), "not a session of the NYSE calendar") {
			t.Errorf("Day(%s) error = %v", s, err)
		}
	}
	for says, h := range map[string]data.History{
		"outside the NYSE calendar": {News: []data.News{{Time: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), Title: "old"}}},
		`news of TSLA "new"`:        {Symbol: "TSLA", News: []data.News{{Time: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), DateOnly: true, Title: "new"}}},
		"filing 10-K of TSLA":       {Symbol: "TSLA", Filings: []data.Filing{{Accepted: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC), Form: "10-K", Text: "t"}}},
		"oldest first":              {Bars: []data.Bar{data.CloseBar("2024-03-08", 1), data.CloseBar("2024-03-07", 1)}},
	} {
		if _, err := data.NewFeed(data.NYSE(), h, data.FeedOptions{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error = %v, want it to say %q", err, says)
		}
	}
	for _, before := range []time.Duration{-time.Minute, 3 * time.Hour} {
		if _, err := data.NewFeed(data.NYSE(), data.History{}, data.FeedOptions{CutoffBefore: before}); err == nil {
			t.Errorf("a cut-off %s before the close gives no error", before)
		}
	}
}

func BenchmarkNewFeed(b *testing.B) {
	calendar := data.NYSE()
	var h data.History
	start := time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC)
	for i := range 5000 {
		h.News = append(h.News, data.News{Time: start.Add(time.Duration(i) * 100 * time.Minute), Title: fmt.Sprint(i), Text: strings.Repeat("some words of news ", 20)})
	}
	for b.Loop() {
		if _, err := data.NewFeed(calendar, h, data.FeedOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFeedDay(b *testing.B) {
	f := newFeed(b, data.History{Bars: closes(b, "2024-03-07", 1, 2, 3)}, data.FeedOptions{})
	for b.Loop() {
		if _, err := f.Day("2024-03-08"); err != nil {
			b.Fatal(err)
		}
		f.Bars("2024-03-08")
	}
}
