package alpaca_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/fetch/alpaca"
	"finmem/data/fetch/fetchtest"
	"finmem/internal/alpacatest"
)

func keys(name string) (string, bool) {
	return map[string]string{alpaca.KeyVariable: alpacatest.Key, alpaca.SecretVariable: alpacatest.Secret}[name], true
}

func source(t *testing.T, url, now string) *alpaca.Source {
	t.Helper()
	s, err := alpaca.New(fetchtest.NewClock(t, now).Network(), url, keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closes(p fetch.Prices) string {
	var out []string
	for _, b := range p.Bars {
		out = append(out, fmt.Sprintf("%s %v", b.Session, b.Close))
	}
	return strings.Join(out, ", ")
}

const monday = "2024-11-25T12:00:00-05:00"

// B17: a daily bar is stamped with midnight in New York, on either side of the
// change of the clocks, whatever the host's zone.
func TestPricesAndActionsOverPages(t *testing.T) {
	for _, zone := range []string{"America/Los_Angeles", "Asia/Tokyo"} {
		t.Run(zone, func(t *testing.T) {
			loc, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			local := time.Local
			time.Local = loc
			t.Cleanup(func() { time.Local = local })
			s := alpacatest.New(t)
			s.SetPageSize(1)
			s.SetBars("BRK.B", []alpacatest.Bar{
				alpacatest.Daily("2024-03-07", 99, 99, 99, 99, 10),
				alpacatest.Daily("2024-03-08", 100, 102, 99, 101, 20),
				alpacatest.Daily("2024-03-11", 101, 103, 100, 102, 30),
				alpacatest.Daily("2024-03-12", 99, 99, 99, 99, 10),
			})
			s.AddAction("forward_splits", `{"symbol":"BRK.B","ex_date":"2024-03-11","process_date":"2024-03-11","new_rate":4,"old_rate":1}`)
			s.AddAction("reverse_splits", `{"symbol":"BRK.B","ex_date":"2024-03-12","process_date":"2024-03-12","new_rate":1,"old_rate":10}`)
			s.AddAction("cash_dividends", `{"symbol":"BRK.B","ex_date":"2024-03-08","process_date":"2024-03-08","rate":0.25}`)
			s.AddAction("cash_dividends", `{"symbol":"BRK.B","ex_date":"2024-03-08","process_date":"2024-03-08","rate":0.5,"special":true}`)
			p, err := source(t, s.URL(), monday).Prices(t.Context(), "BRK.B", data.NYSE(), fetch.Days("2024-03-08", "2024-03-11"))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := closes(p), "2024-03-08 101, 2024-03-11 102"; got != want {
				t.Errorf("bars %s, want %s", got, want)
			}
			if got, want := fmt.Sprint(p.Actions), "[{2024-03-08 0 0.75} {2024-03-11 4 0}]"; got != want {
				t.Errorf("actions %s, want %s", got, want)
			}
			calls := s.Calls("", "/v2/stocks/bars")
			if len(calls) != 2 || calls[0].Query.Get("adjustment") != "raw" || calls[0].Query.Get("start") != "2024-03-08T00:00:00-05:00" {
				t.Errorf("%d calls, the first with %v", len(calls), calls[0].Query)
			}
		})
	}
}

// The shape that the service documents.
func TestRecordedBars(t *testing.T) {
	bars := fetchtest.Alpaca(t, "data_stock.json", "test_get_bars")[0]
	s := fetchtest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch page := r.URL.Query().Get("page_token"); {
		case page != "" && strings.HasSuffix(r.URL.Path, "/corporate-actions"):
			fmt.Fprint(w, `{"corporate_actions":{},"next_page_token":null}`)
		case strings.HasSuffix(r.URL.Path, "/corporate-actions"):
			fmt.Fprint(w, fetchtest.Alpaca(t, "data_corporate_actions.json", "test_get_corporate_actions")[0])
		case page != "":
			fmt.Fprint(w, `{"bars":{},"next_page_token":null}`)
		default:
			fmt.Fprint(w, bars)
		}
	})
	p, err := source(t, s.URL, monday).Prices(t.Context(), "AAPL", data.NYSE(), fetch.Days("2022-02-01", "2022-02-02"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := closes(p), "2022-02-01 174.61, 2022-02-02 175.84"; got != want {
		t.Errorf("bars %s, want %s", got, want)
	}
	if p.Bars[0].Volume != 85998033 || p.Bars[0].AdjClose == p.Bars[0].AdjClose {
		t.Errorf("bar %+v; want the volume, and no adjusted close", p.Bars[0])
	}
}

func TestRecordedNews(t *testing.T) {
	pages := fetchtest.Alpaca(t, "data_news.json", "test_get_news")
	s := fetchtest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := pages[0]
		if r.URL.Query().Get("page_token") != "" {
			page = pages[1]
		}
		fmt.Fprint(w, page)
	})
	n, err := source(t, s.URL, monday).News(t.Context(), "AAPL", data.NYSE(), fetch.Days("2024-08-18", "2024-11-07"))
	if err != nil {
		t.Fatal(err)
	}
	if n.Read != 2 || len(n.Items) != 2 {
		t.Fatalf("%d read, items %v", n.Read, n.Items)
	}
	first := n.Items[0]
	if first.Title != "headline" || first.Text != "summary" || first.Time.Format(time.RFC3339) != "2024-08-18T20:15:44Z" {
		t.Errorf("first item %+v", first)
	}
}

// B07: what comes is the text of the last update, so the item is known from then.
func TestNewsAreKnownFromTheirLastUpdate(t *testing.T) {
	s := alpacatest.New(t)
	s.SetPageSize(1)
	created := time.Date(2024, 11, 20, 15, 0, 0, 0, time.UTC)
	s.AddNews(
		alpacatest.News{ID: 1, Headline: "A &amp; B", Content: "<p>Profit <b>rose</b>.</p><script>x</script>", Created: created, Updated: created.Add(time.Hour), Symbols: []string{"TSLA"}, URL: "https://example.com/1"},
		alpacatest.News{ID: 2, Headline: "later", Created: created.Add(24 * time.Hour), Symbols: []string{"TSLA"}},
		alpacatest.News{ID: 3, Headline: "other", Created: created, Symbols: []string{"MSFT"}},
	)
	n, err := source(t, s.URL(), monday).News(t.Context(), "TSLA", data.NYSE(), fetch.Days("2024-11-20", "2024-11-21"))
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Items) != 2 {
		t.Fatalf("items %v, want 2", n.Items)
	}
	if x := n.Items[0]; x.Title != "A & B" || x.Text != "Profit rose." || !x.Time.Equal(created.Add(time.Hour)) || x.URL != "https://example.com/1" {
		t.Errorf("first item %+v", x)
	}
	if len(s.Calls("", "/v1beta1/news")) != 2 {
		t.Error("the pages were not followed")
	}
}

// B86: a plan that may not read the last 15 minutes.
func TestTheLastMinutesAreLeftOutWhereThePlanIsFree(t *testing.T) {
	s := alpacatest.New(t) // it is 16:05 of 2024-11-27
	s.SetFreePlan(true)
	s.SetBars("TSLA", []alpacatest.Bar{alpacatest.Daily("2024-11-26", 338, 338, 338, 338, 1), alpacatest.Daily("2024-11-27", 332, 332, 332, 332, 1)})
	p, err := source(t, s.URL(), "2024-11-27T16:05:00-05:00").Prices(t.Context(), "TSLA", data.NYSE(), fetch.Days("2024-11-26", "2024-11-27"))
	if err != nil {
		t.Fatal(err)
	}
	calls := s.Calls("", "/v2/stocks/bars")
	if len(calls) != 2 || len(p.Bars) != 2 || len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "asked up to 2024-11-27 15:49 EST") {
		t.Errorf("%d calls, notes %v, bars %s", len(calls), p.Notes, closes(p))
	}
	// A refusal that lasts ends it.
	s.Fault(alpacatest.Fault{Path: "/v2/stocks*", Times: -1, Status: http.StatusForbidden, Body: `{"message":"subscription does not permit querying recent SIP data"}`})
	_, err = source(t, s.URL(), "2024-11-27T16:05:00-05:00").Prices(t.Context(), "TSLA", data.NYSE(), fetch.Days("2024-11-26", "2024-11-27"))
	if fetch.KindOf(err) != fetch.NotEntitled || len(s.Calls("", "/v2/stocks/bars")) != 4 {
		t.Errorf("Prices = %v after %d calls", err, len(s.Calls("", "/v2/stocks/bars"))-2)
	}
}

func TestFaults(t *testing.T) {
	days := fetch.Days("2024-11-20", "2024-11-22")
	for _, c := range []struct {
		name  string
		fault alpacatest.Fault
		kind  fetch.Kind // "" for success
		calls int
	}{
		// B24, B87: the answer to a wrong key echoes it.
		{"wrong key", alpacatest.Fault{Status: 401, Times: -1, Body: `{"message":"unauthorized {key} {secret}"}`}, fetch.KeyRefused, 1},
		{"wrong key, 403", alpacatest.Fault{Status: 403, Times: -1, Body: `{"message":"forbidden."}`}, fetch.KeyRefused, 1},
		{"limit that passes", alpacatest.TooMany(), "", 2},
		{"outage", alpacatest.Fault{Status: 500, Times: -1}, fetch.Unavailable, 4},
		{"invalid symbol", alpacatest.Fault{Status: 400, Times: -1, Body: `{"message":"invalid symbol: TSLA"}`}, fetch.NoSymbol, 1},
		{"cut in the middle", alpacatest.Fault{Cut: 10}, "", 2},
		{"no answer", alpacatest.Fault{Drop: true}, "", 2},
		{"no data and no error", alpacatest.Fault{Status: 200, Times: -1, Body: `{"message":"busy"}`}, fetch.BadFormat, 1},
		{"a web page", alpacatest.Fault{Status: 200, Times: -1, Body: `<html>`}, fetch.BadFormat, 1},
		{"a page of another shape", alpacatest.Fault{Status: 200, Times: -1, Body: `{"bars":[1]}`}, fetch.BadFormat, 1},
		{"pages in a circle", alpacatest.Fault{Status: 200, Times: -1, Body: `{"bars":{},"next_page_token":"x"}`}, fetch.BadFormat, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := alpacatest.New(t)
			s.SetBars("TSLA", []alpacatest.Bar{alpacatest.Daily("2024-11-21", 1, 1, 1, 1, 1)})
			c.fault.Path = "/v2/stocks*"
			s.Fault(c.fault)
			_, err := source(t, s.URL(), monday).Prices(t.Context(), "TSLA", data.NYSE(), days)
			if fetch.KindOf(err) != c.kind || (err == nil) != (c.kind == "") {
				t.Errorf("Prices = %v, want kind %q", err, c.kind)
			}
			if n := len(s.Calls("", "/v2/stocks")); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
			if err != nil && (strings.Contains(err.Error(), alpacatest.Key) || strings.Contains(err.Error(), alpacatest.Secret)) {
				t.Errorf("the key is in %v", err)
			}
		})
	}
}

func TestAnUnknownSymbolHasNoPrices(t *testing.T) {
	s := alpacatest.New(t)
	_, err := source(t, s.URL(), monday).Prices(t.Context(), "XXXX", data.NYSE(), fetch.Days("2024-11-20", "2024-11-22"))
	if fetch.KindOf(err) != fetch.Empty || !strings.Contains(err.Error(), "alpaca: empty answer: no prices for XXXX in [2024-11-20, 2024-11-22]") {
		t.Errorf("Prices = %v", err)
	}
}

func TestKeysAreNeeded(t *testing.T) {
	_, err := alpaca.New(fetchtest.NewClock(t, monday).Network(), "", func(string) (string, bool) { return " ", true })
	if fetch.KindOf(err) != fetch.KeyMissing || !strings.Contains(err.Error(), "APCA_API_KEY_ID") {
		t.Errorf("New = %v", err)
	}
}

func TestCancelled(t *testing.T) {
	s := alpacatest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := source(t, s.URL(), monday).Prices(ctx, "TSLA", data.NYSE(), fetch.Days("2024-11-20", "2024-11-22"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Prices = %v", err)
	}
}
