package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"finmem/data"
	"finmem/data/fetch"
)

// vendorsCmd starts a server that answers like the vendors, and points finmem at
// it: vendors. What a symbol's name says is what happens:
//
//	UNKN   there is no such symbol
//	LIMIT  the limit of requests is reached for an hour
//	HTML   a web page comes
//	others a bar for each session of the range; at the end one of today
//
// Alpaca refuses every key, and says which it was; Alpha Vantage has no requests
// left for it. The others have prices of 2024-03-07 and 2024-03-08 and one item of
// news of the 8th.
func vendorsCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: vendors")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/yahoo/v8/finance/chart/{symbol}", func(w http.ResponseWriter, r *http.Request) {
		switch symbol := r.PathValue("symbol"); symbol {
		case "UNKN":
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found, symbol may be delisted"}}}`)
		case "LIMIT":
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		case "HTML":
			fmt.Fprint(w, "<!DOCTYPE html><html>We value your privacy")
		default:
			fmt.Fprint(w, yahooChart(symbol, r.URL.Query().Get("period1"), r.URL.Query().Get("period2")))
		}
	})
	mux.HandleFunc("/alpaca/", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"message":"%s %s are no keys"}`, r.Header.Get("APCA-API-KEY-ID"), r.Header.Get("APCA-API-SECRET-KEY"))
	})
	mux.HandleFunc("/tiingo/tiingo/daily/{symbol}/prices", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `[{"date":"2024-03-07T00:00:00Z","close":400,"adjClose":100,"splitFactor":1,"divCash":0.5},
{"date":"2024-03-08T00:00:00Z","close":101,"adjClose":101,"splitFactor":4}]`)
	})
	mux.HandleFunc("/tiingo/tiingo/news", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `[{"id":1,"publishedDate":"2024-03-08T15:00:00Z","title":"Profit beats forecasts","description":"Record sales.","url":"https://example.com/1","source":"wire"}]`)
	})
	mux.HandleFunc("/finnhub/api/v1/company-news", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `[{"id":1,"datetime":1709910000,"headline":"Profit beats forecasts","summary":"","url":"https://example.com/2"}]`)
	})
	mux.HandleFunc("/stooq/q/d/l/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "Date,Open,High,Low,Close,Volume\n2024-03-07,99,99,99,99,1000\n2024-03-08,100,100,100,100,1000\n")
	})
	mux.HandleFunc("/alphavantage/query", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"Information":"We have detected your API key as %s and our standard API rate limit is 25 requests per day."}`, r.URL.Query().Get("apikey"))
	})
	edgar := map[string]string{
		"/files/company_tickers.json": `{"0":{"cik_str":1318605,"ticker":"TSLA","title":"Tesla, Inc."}}`,
		"/submissions/CIK0001318605.json": `{"cik":"1318605","name":"Tesla, Inc.","filings":{"recent":{
"accessionNumber":["0000000000-24-000002","0000000000-24-000001"],"filingDate":["2024-03-11","2024-03-07"],
"reportDate":["2024-03-08","2023-12-31"],"acceptanceDateTime":["2024-03-08T20:11:27.000Z","2024-03-07T08:00:00.000Z"],
"form":["8-K","10-Q"],"items":["8.01",""],"primaryDocument":["event.htm","report.htm"]},"files":[]}}`,
		"/api/xbrl/companyfacts/CIK0001318605.json":                  `{"cik":1318605,"facts":{}}`,
		"/Archives/edgar/data/1318605/000000000024000001/report.htm": "<html><body><p>Item 2. Management's Discussion</p><p>Revenue rose.</p></body></html>",
		"/Archives/edgar/data/1318605/000000000024000002/event.htm":  "<html><body><p>Item 8.01 Other Events</p><p>A factory opens.</p></body></html>",
	}
	mux.HandleFunc("/edgar/", func(w http.ResponseWriter, r *http.Request) {
		text, there := edgar[strings.TrimPrefix(r.URL.Path, "/edgar")]
		if !there {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, text)
	})
	s := httptest.NewServer(mux)
	ts.Defer(s.Close)
	for _, vendor := range []string{"yahoo", "alpaca", "tiingo", "finnhub", "stooq", "alphavantage", "edgar"} {
		ts.Setenv("FINMEM_"+strings.ToUpper(vendor)+"_URL", s.URL+"/"+vendor)
	}
}

// yahooChart has a bar for each session from one instant to another, and one of
// the session under way. The close is the number of the session since 2024.
func yahooChart(symbol, period1, period2 string) string {
	calendar := data.NYSE()
	at := func(text string) data.Session {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return ""
		}
		return data.SessionOf(time.Unix(seconds, 0).In(calendar.Location()))
	}
	from, to := at(period1), at(period2)
	var stamps []int64
	var closes []float64
	for s, err := calendar.RollDate(from); err == nil && s <= to; s, err = calendar.Next(s) {
		stamps = append(stamps, calendar.Open(s).Unix())
		closes = append(closes, 100+float64(calendar.Distance("2024-01-01", s)))
	}
	result := map[string]any{
		"meta":      map[string]any{"symbol": symbol, "currency": "USD", "exchangeTimezoneName": "America/New_York", "dataGranularity": "1d"},
		"timestamp": stamps,
		"indicators": map[string]any{
			"quote":    []any{map[string]any{"open": closes, "high": closes, "low": closes, "close": closes, "volume": closes}},
			"adjclose": []any{map[string]any{"adjclose": closes}},
		},
	}
	text, err := json.Marshal(map[string]any{"chart": map[string]any{"result": []any{result}, "error": nil}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// grepSentinel counts the files below the working folder that have the sentinel in
// them, hidden ones too, as a program that scripts call.
func grepSentinel() {
	hits := 0
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte("SENTINEL")) {
			hits++
			fmt.Println(path)
		}
		return err
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d hits\n", hits)
}

func TestShowStep(t *testing.T) {
	var line bytes.Buffer
	p := newCountProgress(&line, "symbols", 0)
	p.w = &line
	show := showStep(p, &fetch.Network{Now: time.Now})
	show(fetch.Step{Symbol: "TSLA", Kind: "prices", Vendor: "yahoo", Range: fetch.Days("2024-03-01", "2024-03-15"), Total: 6})
	want := "0/6 symbols  0 symbols/s  TSLA: prices from yahoo of [2024-03-01, 2024-03-15]  0 requests  … left"
	if got := line.String(); !strings.HasSuffix(got, want) {
		t.Errorf("the line is %q, want %q", got, want)
	}
}
