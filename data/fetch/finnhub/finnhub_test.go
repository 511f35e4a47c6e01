package finnhub_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/fetch/fetchtest"
	"finmem/data/fetch/finnhub"
)

func source(t *testing.T, url string) *finnhub.Source {
	t.Helper()
	s, err := finnhub.New(fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00").Network(), url, func(string) (string, bool) { return fetchtest.Sentinel, true })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRecordedNews(t *testing.T) {
	s := fetchtest.Serve(t, fetchtest.Status(200, fetchtest.File(t, "finnhub", "company_news_TSLA_2021-09-09.json")))
	n, err := source(t, s.URL).News(t.Context(), "TSLA", data.NYSE(), fetch.Days("2021-09-09", "2021-09-09"))
	if err != nil {
		t.Fatal(err)
	}
	q := s.Requests()[0]
	// The date of New York reaches into the next of UTC.
	if got, want := q.URL.String(), "/api/v1/company-news?from=2021-09-09&symbol=TSLA&to=2021-09-10"; got != want || q.Header.Get("X-Finnhub-Token") != fetchtest.Sentinel {
		t.Errorf("asked %s, want %s with the key in a header", got, want)
	}
	if len(n.Items) != 2 || n.Read != 2 {
		t.Fatalf("items %v", n.Items)
	}
	first, second := n.Items[0], n.Items[1]
	if first.Time.Format(time.RFC3339) != "2021-09-09T23:17:00Z" || !strings.HasPrefix(first.Text, "NEW YORK, Sept. 09, 2021") || first.Source != "Yahoo" {
		t.Errorf("first %+v", first)
	}
	if second.Text != "" || second.Title != "Significant Upside Potential In XPeng's Valuation" {
		t.Errorf("second %+v; want no text, since the summary is empty", second)
	}
}

func TestWeeksAreAskedForOneByOne(t *testing.T) {
	s := fetchtest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		// The same item in every week, and one without a time.
		fmt.Fprint(w, `[{"id":1,"datetime":1709899200,"headline":"a"},{"id":2,"datetime":0,"headline":"b"}]`)
	})
	n, err := source(t, s.URL).News(t.Context(), "BRK.B", data.NYSE(), fetch.Days("2024-03-01", "2024-03-15"))
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, r := range s.Requests() {
		q := r.URL.Query()
		asked = append(asked, q.Get("symbol")+" "+q.Get("from")+" "+q.Get("to"))
	}
	want := "BRK.B 2024-03-01 2024-03-07, BRK.B 2024-03-08 2024-03-14, BRK.B 2024-03-15 2024-03-16"
	if got := strings.Join(asked, ", "); got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	if len(n.Items) != 1 || n.Read != 2 || len(n.Skipped) != 1 {
		t.Errorf("%d read, items %v, skipped %v", n.Read, n.Items, n.Skipped)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		kind   fetch.Kind // "" for success
		calls  int
	}{
		{"no news", 200, `[]`, "", 1},
		{"B24: wrong key", 401, `{"error":"Invalid API key: SENTINEL_KEY_123"}`, fetch.KeyRefused, 1},
		{"B24: wrong key in a 200", 200, `{"error":"Invalid API key"}`, fetch.KeyRefused, 1},
		{"plan", 403, `{"error":"You don't have access to this resource."}`, fetch.NotEntitled, 1},
		{"plan in a 200", 200, `{"error":"You don't have access to this resource."}`, fetch.NotEntitled, 1},
		{"limit", 429, `{"error":"API limit reached. Please try again later."}`, fetch.RateLimited, 4},
		{"B20: limit in a 200", 200, `{"error":"API limit reached. Please try again later."}`, fetch.RateLimited, 4},
		{"an object", 200, `{}`, fetch.BadFormat, 1},
		{"a web page", 200, `<html>`, fetch.BadFormat, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fetchtest.Serve(t, fetchtest.Status(c.status, c.body))
			_, err := source(t, s.URL).News(t.Context(), "AAA", data.NYSE(), fetch.Days("2024-03-07", "2024-03-08"))
			if fetch.KindOf(err) != c.kind || (err == nil) != (c.kind == "") || s.Calls() != c.calls {
				t.Errorf("%v after %d calls, want kind %q after %d", err, s.Calls(), c.kind, c.calls)
			}
			if err != nil && strings.Contains(err.Error(), fetchtest.Sentinel) {
				t.Errorf("the key is in %v", err)
			}
		})
	}
}

func TestKeyIsNeeded(t *testing.T) {
	_, err := finnhub.New(fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00").Network(), "", func(string) (string, bool) { return "", false })
	if fetch.KindOf(err) != fetch.KeyMissing || !strings.Contains(err.Error(), finnhub.KeyVariable) {
		t.Errorf("New = %v", err)
	}
}
