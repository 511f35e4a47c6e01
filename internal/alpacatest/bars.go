package alpacatest

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// A Bar is one bar as the data service has it. The time of a daily bar is
// midnight in New York.
type Bar struct {
	Time       time.Time
	Open, High float64
	Low, Close float64
	Volume     uint64
	Trades     uint64
	VWAP       float64
}

// Daily is a daily bar of a date.
func Daily(date string, open, high, low, closing float64, volume uint64) Bar {
	t, err := time.ParseInLocation(time.DateOnly, date, Eastern())
	if err != nil {
		panic("alpacatest: " + err.Error())
	}
	return Bar{Time: t, Open: open, High: high, Low: low, Close: closing, Volume: volume, Trades: volume / 100, VWAP: (high + low + closing) / 3}
}

// SetBars sets the bars of a symbol, which are served whatever time frame and
// adjustment is asked for. Bars that begin after the server's time are not
// served yet.
func (s *Server) SetBars(symbol string, bars []Bar) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bars[symbol] = slices.Clone(bars)
	slices.SortStableFunc(s.bars[symbol], func(a, b Bar) int { return a.Time.Compare(b.Time) })
}

// SetFreePlan makes the data plan one that may not read the last 15 minutes of
// the whole market ("sip", which is what a request without a feed means), as
// plans are that cost nothing.
func (s *Server) SetFreePlan(free bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = free
}

// SetPageSize bounds the length of a page below what a client asks for, so that
// few bars and news make several pages; 0 takes the bound away.
func (s *Server) SetPageSize(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pageSize = n
}

func (b Bar) json() map[string]any {
	return map[string]any{"t": b.Time.UTC().Format(time.RFC3339), "o": b.Open, "h": b.High, "l": b.Low, "c": b.Close,
		"v": b.Volume, "n": b.Trades, "vw": b.VWAP}
}

// interval is [start, end] of a request, with what a plan allows.
func (s *Server) interval(q url.Values) (start, end time.Time, out *reply) {
	refuse := func(status int, text string) (time.Time, time.Time, *reply) {
		r := refusal(status, 0, "%s", text)
		return time.Time{}, time.Time{}, &r
	}
	start = time.Date(s.now.Year(), s.now.Month(), s.now.Day(), 0, 0, 0, 0, time.UTC)
	end = s.now
	recent := s.now.Add(-15 * time.Minute)
	restricted := s.free && (q.Get("feed") == "" || q.Get("feed") == "sip")
	if restricted {
		end = recent
	}
	for _, bound := range []struct {
		name string
		into *time.Time
	}{{"start", &start}, {"end", &end}} {
		text := q.Get(bound.name)
		if text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			if t, err = time.Parse(time.DateOnly, text); err != nil {
				return refuse(http.StatusBadRequest, "invalid "+bound.name)
			}
		}
		*bound.into = t
	}
	switch {
	case end.Before(start):
		return refuse(http.StatusBadRequest, "end should not be before start")
	case restricted && end.After(recent):
		return refuse(http.StatusForbidden, "subscription does not permit querying recent SIP data")
	}
	return start, end, nil
}

// page is the length of a page.
func (s *Server) page(q url.Values, usual, most int) (int, *reply) {
	n := usual
	if text := q.Get("limit"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 || n > most {
			r := refusal(http.StatusBadRequest, 0, "invalid limit: must be from 1 to %d", most)
			return 0, &r
		}
	}
	if s.pageSize > 0 {
		n = min(n, s.pageSize)
	}
	return n, nil
}

// multiBars serves bars of several symbols: a symbol's bars by time, one symbol
// after the other, cut into pages.
func (s *Server) multiBars(q url.Values) reply {
	symbols := strings.Split(q.Get("symbols"), ",")
	if q.Get("symbols") == "" {
		return refusal(http.StatusBadRequest, 0, "symbols is required")
	}
	bars, token, failed := s.barPage(symbols, q)
	if failed != nil {
		return *failed
	}
	return reply{http.StatusOK, map[string]any{"bars": bars, "next_page_token": token}}
}

func (s *Server) singleBars(symbol string, q url.Values) reply {
	bars, token, failed := s.barPage([]string{symbol}, q)
	if failed != nil {
		return *failed
	}
	return reply{http.StatusOK, map[string]any{"symbol": symbol, "bars": bars[symbol], "next_page_token": token}}
}

func (s *Server) barPage(symbols []string, q url.Values) (map[string][]map[string]any, any, *reply) {
	start, end, failed := s.interval(q)
	if failed != nil {
		return nil, nil, failed
	}
	limit, failed := s.page(q, 1000, 10000)
	if failed != nil {
		return nil, nil, failed
	}
	if q.Get("timeframe") == "" {
		r := refusal(http.StatusBadRequest, 0, "timeframe is required")
		return nil, nil, &r
	}
	symbols = slices.Clone(symbols)
	sort.Strings(symbols)
	type entry struct {
		token string
		bar   Bar
		of    string
	}
	var all []entry
	for _, symbol := range slices.Compact(symbols) {
		var list []entry
		for _, b := range s.bars[symbol] {
			if b.Time.Before(start) || b.Time.After(end) || b.Time.After(s.now) {
				continue
			}
			at := b.Time.UTC().Format("2006-01-02T15:04:05.000000000Z")
			list = append(list, entry{base64.StdEncoding.EncodeToString([]byte(symbol + "|D|" + at)), b, symbol})
		}
		if q.Get("sort") == "desc" {
			slices.Reverse(list)
		}
		all = append(all, list...)
	}
	if token := q.Get("page_token"); token != "" {
		i := slices.IndexFunc(all, func(e entry) bool { return e.token == token })
		if i < 0 {
			r := refusal(http.StatusBadRequest, 0, "invalid page_token")
			return nil, nil, &r
		}
		all = all[i+1:]
	}
	var next any
	if len(all) > limit {
		all = all[:limit]
		next = all[limit-1].token
	}
	out := map[string][]map[string]any{}
	for _, e := range all {
		out[e.of] = append(out[e.of], e.bar.json())
	}
	return out, next, nil
}
