package stooq_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/fetch/fetchtest"
	"finmem/data/fetch/stooq"
)

func noKey(string) (string, bool) { return "", false }

func ask(t *testing.T, body, symbol string, lookup func(string) (string, bool)) (fetch.Prices, *fetchtest.Server, error) {
	t.Helper()
	s := fetchtest.Serve(t, fetchtest.Status(200, body))
	source := stooq.New(fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00").Network(), s.URL, lookup)
	p, err := source.Prices(t.Context(), symbol, data.NYSE(), fetch.Days("2024-03-07", "2024-03-11"))
	return p, s, err
}

func TestPrices(t *testing.T) {
	body := "\ufeffDate,Open,High,Low,Close,Volume\r\n2024-03-11,101,103,100,102,30\r\n2024-03-07,99,99.5,98,99,10.5\r\n2024-03-08,100,102,99,,\r\n2024-03-12,1,1,1,1,1\r\n"
	p, s, err := ask(t, body, "BRK.B", noKey)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Requests()[0].URL.String(), "/q/d/l/?d1=20240307&d2=20240311&i=d&s=brk-b.us"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	if len(p.Bars) != 2 || p.Bars[0].Session != "2024-03-07" || p.Bars[1].Close != 102 || !math.IsNaN(p.Bars[0].AdjClose) {
		t.Errorf("bars %v", p.Bars)
	}
	if got := fmt.Sprint(p.Skipped); got != "[2024-03-08: the row has no close]" {
		t.Errorf("skipped %s", got)
	}
}

func TestAnIndexHasNoVolume(t *testing.T) {
	p, _, err := ask(t, "Date,Open,High,Low,Close\n2024-03-08,1,1,1,1\n", "AAA", noKey)
	if err != nil || !math.IsNaN(p.Bars[0].Volume) {
		t.Errorf("bars %v, %v", p.Bars, err)
	}
}

func TestWhatComesInPlaceOfPrices(t *testing.T) {
	for _, c := range []struct {
		body  string
		kind  fetch.Kind
		calls int
	}{
		{"No data", fetch.Empty, 1},
		{"", fetch.Empty, 1},
		{"Date,Open,High,Low,Close,Volume\n", fetch.Empty, 1}, // B11
		{"Exceeded the daily hits limit", fetch.RateLimited, 4},
		{"Get your apikey:\n\n1. Open the page", fetch.KeyMissing, 1},
		{"<!DOCTYPE html><html>", fetch.BadFormat, 1},
		{"Access denied", fetch.BadFormat, 1},
		{"Date,Open,High,Low,Close,Volume\n2024-03-08,1,1,1,-,1\n", fetch.BadFormat, 1},
		{"Date,Open,High,Low,Close,Volume\n2024-03-08,1,1,1,1,0x1p3\n", fetch.BadFormat, 1},
		{"Date,Open,High,Low,Close,Volume\n2024-02-30,1,1,1,1,1\n", fetch.BadFormat, 1},
		{"Date,Open,High,Low\n2024-03-08,1,1,1\n", fetch.BadFormat, 1},
		{"Date,Open,High,Low,Close,Volume\n2024-03-08,1,1", fetch.Cut, 4},
	} {
		_, s, err := ask(t, c.body, "AAA", noKey)
		if fetch.KindOf(err) != c.kind || s.Calls() != c.calls {
			t.Errorf("%q: %v after %d calls, want kind %q after %d", c.body, err, s.Calls(), c.kind, c.calls)
		}
	}
}

// B87: the key is in the address, and in nothing else.
func TestKey(t *testing.T) {
	_, s, err := ask(t, "Get your apikey, "+fetchtest.Sentinel, "AAA", func(string) (string, bool) { return fetchtest.Sentinel, true })
	if s.Requests()[0].URL.Query().Get("apikey") != fetchtest.Sentinel || strings.Contains(err.Error(), fetchtest.Sentinel) {
		t.Errorf("asked %s, error %v", s.Requests()[0].URL, err)
	}
}

func TestOnlyShares(t *testing.T) {
	if _, s, err := ask(t, "", "BTC-USD", noKey); fetch.KindOf(err) != fetch.Refused || s.Calls() != 0 {
		t.Errorf("a pair: %v", err)
	}
}
