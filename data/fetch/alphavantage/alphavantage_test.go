package alphavantage_test

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
	"finmem/data/fetch/alphavantage"
	"finmem/data/fetch/fetchtest"
)

// The texts are in the vendor's manner.
const (
	dailyLimit = `{"Information":"We have detected your API key as SENTINEL_KEY_123 and our standard API rate limit is 25 requests per day. Please subscribe to any of the premium plans to remove daily rate limits."}`
	perSecond  = `{"Information":"Please consider spreading out your free API requests more sparingly (1 request per second). Subscribe to a premium plan to lift the free key rate limit (25 requests per day)."}`
	oldLimit   = `{"Note":"Our standard API call frequency is 5 calls per minute and 500 calls per day."}`
	premium    = `{"Information":"This is a premium endpoint. You may subscribe to any of the premium plans to unlock it."}`
	badKey     = `{"Error Message":"the parameter apikey is invalid or missing."}`
	badCall    = `{"Error Message":"Invalid API call. Please retry or visit the documentation for TIME_SERIES_DAILY."}`
)

func source(t *testing.T, url, now string) *alphavantage.Source {
	t.Helper()
	s, err := alphavantage.New(fetchtest.NewClock(t, now).Network(), url, func(string) (string, bool) { return fetchtest.Sentinel, true })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const october = "2025-10-31T12:00:00-04:00"

// The plan that costs nothing: the table with actions is not in it.
func TestRecordedPrices(t *testing.T) {
	table := fetchtest.File(t, "alphavantage", "TIME_SERIES_DAILY_TSLA.json")
	s := fetchtest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query(); q.Get("function") {
		case "TIME_SERIES_DAILY_ADJUSTED":
			fmt.Fprint(w, premium)
		case "TIME_SERIES_DAILY":
			fmt.Fprint(w, table)
		case "SPLITS":
			fmt.Fprint(w, `{"symbol":"TSLA","data":[{"effective_date":"2025-10-21","split_factor":"3.0000"},{"effective_date":"2022-08-25","split_factor":"3.0000"}]}`)
		case "DIVIDENDS":
			fmt.Fprint(w, `{"symbol":"TSLA","data":[{"ex_dividend_date":"2025-10-22","amount":"0.5"},{"ex_dividend_date":"2025-10-23","amount":"None"}]}`)
		}
	})
	free := source(t, s.URL, october)
	p, err := free.Prices(t.Context(), "TSLA", data.NYSE(), fetch.Days("2025-10-20", "2025-10-24"))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Bars) != 5 || p.Bars[0].Close != 447.43 || p.Bars[4].Volume != 94727774 || !math.IsNaN(p.Bars[0].AdjClose) {
		t.Errorf("bars %v", p.Bars)
	}
	if got := fmt.Sprint(p.Actions); got != "[{2025-10-21 3 0} {2025-10-22 0 0.5}]" || len(p.Skipped) != 1 {
		t.Errorf("actions %s, skipped %v", got, p.Skipped)
	}
	if q := s.Requests()[0].URL.Query(); q.Get("outputsize") != "compact" || q.Get("apikey") != fetchtest.Sentinel || s.Calls() != 4 {
		t.Errorf("%d calls, the first %v", s.Calls(), q)
	}
	// What is not in the plan is not asked for twice.
	if _, err := free.Prices(t.Context(), "TSLA", data.NYSE(), fetch.Days("2025-10-20", "2025-10-24")); err != nil || s.Calls() != 4+3 {
		t.Errorf("again: %d calls, %v", s.Calls()-4, err)
	}
}

func TestAdjustedTable(t *testing.T) {
	s := fetchtest.Serve(t, fetchtest.Status(200, `{"Meta Data":{},"Time Series (Daily)":{
		"2020-08-31":{"1. open":"127.58","2. high":"131.0","3. low":"126.0","4. close":"129.04","5. adjusted close":"126.5","6. volume":"223505733","7. dividend amount":"0.0000","8. split coefficient":"4.0"},
		"2020-08-28":{"1. open":"504.05","2. high":"505.77","3. low":"498.31","4. close":"499.23","5. adjusted close":"122.3","6. volume":"46907479","7. dividend amount":"0.0000","8. split coefficient":"1.0"}}}`))
	p, err := source(t, s.URL, october).Prices(t.Context(), "BRK.B", data.NYSE(), fetch.Days("2020-08-28", "2020-08-31"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(p.Actions); len(p.Bars) != 2 || p.Bars[0].AdjClose != 122.3 || got != "[{2020-08-31 4 0}]" {
		t.Errorf("bars %v, actions %s", p.Bars, got)
	}
	if q := s.Requests()[0].URL.Query(); q.Get("outputsize") != "full" || q.Get("symbol") != "BRK-B" || s.Calls() != 1 {
		t.Errorf("%d calls, the first %v", s.Calls(), q)
	}
}

func TestWhatComesInPlaceOfData(t *testing.T) {
	for _, c := range []struct {
		name, body string
		kind       fetch.Kind
		calls      int
	}{
		{"B20, B87: the day's limit, with the key in it", dailyLimit, fetch.RateLimited, 4},
		{"B20: one a second", perSecond, fetch.RateLimited, 4},
		{"B20: the old field", oldLimit, fetch.RateLimited, 4},
		{"B20: a field that nobody knows", `{"Message":"come back tomorrow"}`, fetch.RateLimited, 4},
		{"B24: wrong key", badKey, fetch.KeyRefused, 1},
		{"B24: demo key", `{"Information":"The **demo** API key is for demo purposes only."}`, fetch.KeyRefused, 1},
		{"no such symbol", badCall, fetch.NoSymbol, 1},
		{"nothing", `{}`, fetch.Empty, 1},
		{"a web page", `<html>`, fetch.BadFormat, 1},
		{"a price that is none", `{"Time Series (Daily)":{"2025-10-20":{"4. close":"1,5"}}}`, fetch.BadFormat, 1},
		{"a date that is none", `{"Time Series (Daily)":{"2025-02-30":{"4. close":"1"}}}`, fetch.BadFormat, 1},
		{"B11: no bar in the range", `{"Time Series (Daily)":{"2025-01-02":{"4. close":"1"}}}`, fetch.Empty, 1},
		{"cut", `{"Time Series (Daily)":{"2025`, fetch.Cut, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fetchtest.Serve(t, fetchtest.Status(200, c.body))
			_, err := source(t, s.URL, october).Prices(t.Context(), "TSLA", data.NYSE(), fetch.Days("2025-10-20", "2025-10-24"))
			if fetch.KindOf(err) != c.kind || s.Calls() != c.calls {
				t.Errorf("%v after %d calls, want kind %q after %d", err, s.Calls(), c.kind, c.calls)
			}
			if strings.Contains(err.Error(), fetchtest.Sentinel) {
				t.Errorf("the key is in %v", err)
			}
		})
	}
}

// B20: a limit is never "no news".
func TestNews(t *testing.T) {
	s := fetchtest.Answers(t,
		fetchtest.Status(200, dailyLimit),
		fetchtest.Status(200, `{"items":"2","feed":[
			{"title":"Profit &amp; loss","url":"https://example.com/1","time_published":"20230410T133000","summary":"It <b>rose</b>.","source":"Wire","overall_sentiment_score":0.3},
			{"title":"Odd","url":"https://example.com/2","time_published":"yesterday"}]}`))
	n, err := source(t, s.URL, october).News(t.Context(), "TSLA", data.NYSE(), fetch.Days("2023-04-10", "2023-04-10"))
	if err != nil {
		t.Fatal(err)
	}
	if q := s.Requests()[1].URL.Query(); q.Get("time_from") != "20230410T0400" || q.Get("time_to") != "20230411T0400" || q.Get("tickers") != "TSLA" {
		t.Errorf("asked %v", q)
	}
	if len(n.Items) != 1 || n.Items[0].Time.Format(time.RFC3339) != "2023-04-10T13:30:00Z" || n.Items[0].Title != "Profit & loss" ||
		n.Items[0].Text != "It rose." || n.Items[0].Sentiment != nil || len(n.Skipped) != 1 {
		t.Errorf("items %+v, skipped %v", n.Items, n.Skipped)
	}
	s = fetchtest.Serve(t, fetchtest.Status(200, oldLimit))
	if _, err := source(t, s.URL, october).News(t.Context(), "TSLA", data.NYSE(), fetch.Days("2023-04-10", "2023-04-10")); fetch.KindOf(err) != fetch.RateLimited {
		t.Errorf("News = %v", err)
	}
	s = fetchtest.Serve(t, fetchtest.Status(200, `{"items":"0","feed":[]}`))
	if n, err := source(t, s.URL, october).News(t.Context(), "BTC-USD", data.Always(), fetch.Days("2023-04-10", "2023-04-10")); err != nil || len(n.Items) != 0 || s.Requests()[0].URL.Query().Get("tickers") != "CRYPTO:BTC" {
		t.Errorf("News = %v, %v", n, err)
	}
}

func TestNewsOverFullAnswers(t *testing.T) {
	start := time.Date(2023, 4, 10, 4, 0, 0, 0, time.UTC)
	s := fetchtest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		from, err := time.Parse("20060102T1504", r.URL.Query().Get("time_from"))
		if err != nil {
			t.Error(err)
		}
		var feed []map[string]any
		for i := range 1200 { // one each half minute
			at := start.Add(time.Duration(i) * 30 * time.Second)
			if !at.Before(from) && len(feed) < 1000 {
				feed = append(feed, map[string]any{"title": fmt.Sprint(i), "url": fmt.Sprint(i), "time_published": at.Format("20060102T150405")})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"feed": feed})
	})
	n, err := source(t, s.URL, october).News(t.Context(), "TSLA", data.NYSE(), fetch.Days("2023-04-10", "2023-04-10"))
	if err != nil || len(n.Items) != 1200 || s.Calls() != 2 {
		t.Errorf("%d items after %d calls, %v", len(n.Items), s.Calls(), err)
	}
}
