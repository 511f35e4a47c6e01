package tiingo_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/fetch/fetchtest"
	"finmem/data/fetch/tiingo"
)

func source(t *testing.T, url string) *tiingo.Source {
	t.Helper()
	s, err := tiingo.New(fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00").Network(), url, func(string) (string, bool) { return fetchtest.Sentinel, true })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRecordedPrices(t *testing.T) {
	s := fetchtest.Serve(t, fetchtest.Status(200, fetchtest.Tiingo(t, "ticker_price_with_date.json")))
	p, err := source(t, s.URL).Prices(t.Context(), "GOOGL", data.NYSE(), fetch.Days("2015-01-01", "2015-01-05"))
	if err != nil {
		t.Fatal(err)
	}
	q := s.Requests()[0]
	if got, want := q.URL.String(), "/tiingo/daily/GOOGL/prices?endDate=2015-01-05&format=json&resampleFreq=daily&startDate=2015-01-01"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	if got := q.Header.Get("Authorization"); got != "Token "+fetchtest.Sentinel {
		t.Errorf("authorization %q", got)
	}
	want := data.Bar{Session: "2015-01-02", Open: 532.6, High: 535.8, Low: 527.88, Close: 529.55, AdjClose: 529.55, Volume: 1327870}
	if len(p.Bars) != 2 || p.Bars[0] != want || len(p.Actions) != 0 {
		t.Errorf("bars %v, actions %v", p.Bars, p.Actions)
	}
}

// Prices as traded, with the split and the dividend beside them. B25: the volume
// is on the same basis as the prices.
func TestActions(t *testing.T) {
	s := fetchtest.Serve(t, fetchtest.Status(200, `[
		{"date":"2020-08-28T00:00:00.000Z","close":499.23,"high":505.77,"low":498.31,"open":504.05,"volume":46907479,"adjClose":124.81,"divCash":0.0,"splitFactor":1.0},
		{"date":"2020-08-31T00:00:00.000Z","close":129.04,"high":131,"low":126,"open":127.58,"volume":223505733,"adjClose":129.04,"divCash":0.205,"splitFactor":4.0},
		{"date":"2020-09-01T00:00:00.000Z","close":null,"high":null,"low":null,"open":null,"volume":null,"adjClose":null,"divCash":0,"splitFactor":1}]`))
	p, err := source(t, s.URL).Prices(t.Context(), "BRK.B", data.NYSE(), fetch.Days("2020-08-28", "2020-09-01"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(p.Actions); got != "[{2020-08-31 4 0.205}]" {
		t.Errorf("actions %s", got)
	}
	restated := data.RestateBars(p.Bars, p.Actions, "2020-08-31")
	if r := restated[1].Close/restated[0].Close - 1; math.Abs(r-0.0339) > 1e-4 {
		t.Errorf("the return over the split is %v, want 3.39 %%", r)
	}
	if v := restated[1].Volume / restated[0].Volume; math.Abs(v-1.191) > 1e-3 {
		t.Errorf("the volume changes by the factor %v over the split, want 1.191", v)
	}
	if !strings.HasPrefix(s.Requests()[0].URL.Path, "/tiingo/daily/BRK-B/") || len(p.Skipped) != 1 {
		t.Errorf("asked %s, skipped %v", s.Requests()[0].URL, p.Skipped)
	}
}

func TestRecordedNews(t *testing.T) {
	for _, c := range []struct{ file, at, source, title string }{
		{"news.json", "2016-01-11T23:13:00Z", "cnbc.com", "Tech giants may be stronger than you think"},
		{"news_empty_sources.json", "2020-10-12T16:45:48Z", "finance.yahoo.com", ""},
	} {
		s := fetchtest.Serve(t, fetchtest.Status(200, fetchtest.Tiingo(t, c.file)))
		n, err := source(t, s.URL).News(t.Context(), "GOOGL", data.NYSE(), fetch.Days("2016-01-01", "2020-12-31"))
		if err != nil {
			t.Fatal(err)
		}
		if len(n.Items) != 1 || n.Items[0].Time.Format(time.RFC3339) != c.at || n.Items[0].Source != c.source ||
			!strings.HasPrefix(n.Items[0].Title, c.title) || n.Items[0].Text == "" {
			t.Errorf("%s: %+v", c.file, n.Items)
		}
		if got := s.Requests()[0].URL.Query(); got.Get("tickers") != "googl" || got.Get("endDate") != "2021-01-01" {
			t.Errorf("asked %v", got)
		}
	}
}

func TestNewsOverPages(t *testing.T) {
	const total = 1500
	s := fetchtest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		var offset int
		fmt.Sscan(r.URL.Query().Get("offset"), &offset)
		list := []map[string]any{}
		for i := offset; i < min(offset+1000, total); i++ {
			list = append(list, map[string]any{"id": i, "title": fmt.Sprint(i), "url": "https://example.com", "publishedDate": "2024-03-08T12:00:00Z"})
		}
		_ = json.NewEncoder(w).Encode(list)
	})
	n, err := source(t, s.URL).News(t.Context(), "AAA", data.NYSE(), fetch.Days("2024-03-08", "2024-03-08"))
	if err != nil || len(n.Items) != total || s.Calls() != 2 {
		t.Errorf("%d items after %d calls, %v", len(n.Items), s.Calls(), err)
	}
	var same []map[string]any
	for i := range 1000 {
		same = append(same, map[string]any{"id": i, "publishedDate": "2024-03-08T12:00:00Z"})
	}
	text, err := json.Marshal(same)
	if err != nil {
		t.Fatal(err)
	}
	s = fetchtest.Serve(t, fetchtest.Status(200, string(text)))
	if _, err := source(t, s.URL).News(t.Context(), "AAA", data.NYSE(), fetch.Days("2024-03-08", "2024-03-08")); fetch.KindOf(err) != fetch.BadFormat || s.Calls() != 2 {
		t.Errorf("the same page for ever: %v after %d calls", err, s.Calls())
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		kind   fetch.Kind
		calls  int
	}{
		{"B11: nothing in the range", 200, `[]`, fetch.Empty, 1},
		{"unknown ticker", 404, `{"detail":"Error: Ticker 'XXXX' not found"}`, fetch.NoSymbol, 1},
		{"a web page of 404", 404, "<!DOCTYPE html>\n<html lang=en>not found", fetch.Refused, 1},
		{"B24: wrong key", 401, `{"detail":"Invalid token SENTINEL_KEY_123."}`, fetch.KeyRefused, 1},
		{"B24: wrong key in a 200", 200, `{"detail":"Invalid token SENTINEL_KEY_123."}`, fetch.KeyRefused, 1},
		{"plan", 403, `{"detail":"You do not have permission to access the News API"}`, fetch.NotEntitled, 1},
		{"limit", 429, `{"detail":"Error: You have run over your hourly request allocation."}`, fetch.RateLimited, 4},
		{"B20: limit in a 200", 200, `{"detail":"Error: You have run over your hourly request allocation."}`, fetch.RateLimited, 4},
		{"B20: limit as a text in a 200", 200, `You have run over your 500 symbol look up for this month.`, fetch.RateLimited, 4},
		{"a web page", 200, "<html>", fetch.BadFormat, 1},
		{"no list of rows", 200, `[{"date":5}]`, fetch.BadFormat, 1},
		{"a date that is none", 200, `[{"date":"2024-02-30T00:00:00Z"}]`, fetch.BadFormat, 1},
		{"cut", 200, `[{"date":"2024`, fetch.Cut, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fetchtest.Serve(t, fetchtest.Status(c.status, c.body))
			_, err := source(t, s.URL).Prices(t.Context(), "AAA", data.NYSE(), fetch.Days("2024-03-07", "2024-03-11"))
			if fetch.KindOf(err) != c.kind || s.Calls() != c.calls {
				t.Errorf("%v after %d calls, want kind %q after %d", err, s.Calls(), c.kind, c.calls)
			}
			if strings.Contains(err.Error(), fetchtest.Sentinel) {
				t.Errorf("the key is in %v", err)
			}
			if c.kind == fetch.Empty {
				return
			}
			_, err = source(t, s.URL).News(t.Context(), "AAA", data.NYSE(), fetch.Days("2024-03-07", "2024-03-11"))
			if err == nil && !strings.HasPrefix(c.body, "[{") {
				t.Errorf("News: no error")
			}
		})
	}
}

func TestRecordedWebPage(t *testing.T) {
	s := fetchtest.Serve(t, fetchtest.Status(404, fetchtest.Tiingo(t, "invalid_url.json")))
	_, err := source(t, s.URL).Prices(t.Context(), "AAA", data.NYSE(), fetch.Days("2024-03-07", "2024-03-11"))
	if err == nil || !strings.Contains(err.Error(), "refused (status 404): a web page came in place of an answer") {
		t.Errorf("Prices = %v", err)
	}
}

func TestKeyIsNeeded(t *testing.T) {
	_, err := tiingo.New(fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00").Network(), "", func(string) (string, bool) { return "", false })
	if fetch.KindOf(err) != fetch.KeyMissing || !strings.Contains(err.Error(), tiingo.KeyVariable) {
		t.Errorf("New = %v", err)
	}
}
