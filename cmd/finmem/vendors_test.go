package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"finmem/data"
)

// vendorsCmd starts a server that answers like the vendors, and points finmem at
// it: vendors. What a symbol's name says is what happens:
//
//	UNKN   there is no such symbol
//	LIMIT  the limit of requests is reached for an hour
//	HTML   a web page comes
//	others a bar for each session of the range; at the end one of today
//
// Alpaca refuses every key, and says which it was.
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
	s := httptest.NewServer(mux)
	ts.Defer(s.Close)
	for _, vendor := range []string{"yahoo", "alpaca"} {
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
