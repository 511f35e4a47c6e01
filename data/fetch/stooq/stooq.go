// Package stooq gets prices of US shares from Stooq, as CSV.
//
// The file does not say which corporate actions the prices contain, so their
// adjustment is unknown and neither splits nor dividends are applied to them
// again. Stooq limits the number of files a day and says so in an answer of status
// 200. Of some callers it wants a key, which STOOQ_API_KEY may hold.
package stooq

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strings"

	"finmem/data"
	"finmem/data/fetch"
)

// Name is the vendor's name in flags and datasets.
const Name = "stooq"

// DefaultURL is where the files are.
const DefaultURL = "https://stooq.com"

// KeyVariable is the environment variable of the key, which few need.
const KeyVariable = "STOOQ_API_KEY"

// A Source has prices.
type Source struct {
	client *fetch.Client
	base   string
}

// New makes a source. lookup finds a variable of the environment, as os.LookupEnv
// does. An empty baseURL is [DefaultURL].
func New(n *fetch.Network, baseURL string, lookup func(string) (string, bool)) *Source {
	if baseURL == "" {
		baseURL = DefaultURL
	}
	v := fetch.Vendor{Name: Name, PerSecond: 1, Burst: 1}
	if key, err := fetch.LookupKey(Name, KeyVariable, lookup); err == nil {
		v.KeyQuery = url.Values{"apikey": {key}}
	}
	return &Source{client: n.Client(v), base: strings.TrimSuffix(baseURL, "/")}
}

// Name is "stooq".
func (s *Source) Name() string { return Name }

// Adjustment is unknown; see the package comment.
func (s *Source) Adjustment() data.Adjustment { return data.UnknownAdjustment }

// Ticker is Stooq's spelling of a canonical symbol: brk-b.us for BRK.B.
func Ticker(symbol string) string {
	return strings.ToLower(strings.ReplaceAll(symbol, ".", "-")) + ".us"
}

// Prices implements [fetch.PriceSource].
func (s *Source) Prices(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.Prices, error) {
	if data.IsPair(symbol) {
		return fetch.Prices{}, s.client.Error(fetch.Errorf(fetch.Refused, "%s is no US share; only those are fetched from here", symbol))
	}
	day := func(d data.Session) string { return strings.ReplaceAll(string(d), "-", "") }
	query := url.Values{"s": {Ticker(symbol)}, "i": {"d"}, "d1": {day(r.From)}, "d2": {day(r.Last())}}
	var p fetch.Prices
	_, err := s.client.Get(ctx, fetch.Request{
		URL:     s.base + "/q/d/l/?" + query.Encode(),
		KeepFor: fetch.KeepPrices,
		Until:   fetch.CompleteAt(calendar, r),
		Accept: func(body []byte) (err error) {
			p, err = read(body, symbol, r)
			return err
		},
	})
	if err != nil {
		return fetch.Prices{}, err
	}
	return p, nil
}

// columns are those of the file; Volume may be missing.
func columns() []string { return []string{"Date", "Open", "High", "Low", "Close", "Volume"} }

// read turns an answer into prices. Stooq says everything with status 200.
func read(body []byte, symbol string, r fetch.Range) (fetch.Prices, error) {
	text := strings.TrimSpace(string(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	lower := strings.ToLower(text[:min(len(text), 500)])
	switch {
	case fetch.IsWebPage([]byte(text)):
		return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "a web page came in place of prices")
	case text == "" || lower == "no data":
		return fetch.Prices{}, fetch.Errorf(fetch.Empty, "no prices for %s in %s; it does not say whether it knows the symbol", symbol, r)
	case strings.HasPrefix(lower, "date,"):
	case strings.Contains(lower, "apikey"):
		return fetch.Prices{}, fetch.Errorf(fetch.KeyMissing, "set %s in the environment to a key for downloads: %s", KeyVariable, text)
	case strings.Contains(lower, "limit") || strings.Contains(lower, "exceeded"):
		return fetch.Prices{}, fetch.Errorf(fetch.RateLimited, "%s", text)
	default:
		return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "a text came in place of prices: %s", text)
	}
	var p fetch.Prices
	c := csv.NewReader(strings.NewReader(text))
	c.FieldsPerRecord = -1
	header, err := c.Read()
	if err != nil {
		return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "%v", err)
	}
	for _, name := range columns()[:5] {
		if !slices.Contains(header, name) {
			return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "no column %q; the header is %s", name, strings.Join(header, ","))
		}
	}
	for {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "%v", err)
		}
		line, _ := c.FieldPos(0)
		if len(cells) != len(header) {
			return fetch.Prices{}, fetch.Errorf(fetch.Cut, "line %d has %d cells where the header has %d", line, len(cells), len(header))
		}
		bar, err := readBar(header, cells)
		if err != nil {
			return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "line %d: %v", line, err)
		}
		p.Bar(r, bar)
	}
	return p, p.Order(symbol, r)
}

func readBar(header, cells []string) (data.Bar, error) {
	b := data.Bar{Volume: math.NaN(), AdjClose: math.NaN()}
	for i, name := range header {
		var into *float64
		switch name {
		case "Date":
			session, err := data.ParseSession(cells[i])
			if err != nil {
				return b, err
			}
			b.Session = session
			continue
		case "Open":
			into = &b.Open
		case "High":
			into = &b.High
		case "Low":
			into = &b.Low
		case "Close":
			into = &b.Close
		case "Volume":
			into = &b.Volume
		default:
			continue
		}
		v, err := fetch.ParseNumber(cells[i])
		if err != nil {
			return b, fmt.Errorf("%s %w", name, err)
		}
		*into = v
	}
	return b, nil
}
