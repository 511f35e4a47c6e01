// Package tiingo gets prices and news from Tiingo.
//
// Prices are as traded, with splits and dividends beside them; the adjusted close
// contains both. News are titles with a short description, known from the date of
// publication on; they need a plan that covers them. The plan that costs nothing
// allows 50 requests an hour and 1,000 a day.
package tiingo

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/markup"
)

// Name is the vendor's name in flags and datasets.
const Name = "tiingo"

// DefaultURL is where the service is.
const DefaultURL = "https://api.tiingo.com"

// KeyVariable is the environment variable of the key.
const KeyVariable = "TIINGO_API_KEY"

// A Source has prices and news.
type Source struct {
	client *fetch.Client
	base   string
}

// New makes a source. lookup finds a variable of the environment, as os.LookupEnv
// does; without the key in it the error is of kind [fetch.KeyMissing]. An empty
// baseURL is [DefaultURL].
func New(n *fetch.Network, baseURL string, lookup func(string) (string, bool)) (*Source, error) {
	key, err := fetch.LookupKey(Name, KeyVariable, lookup)
	if err != nil {
		return nil, err
	}
	if baseURL == "" {
		baseURL = DefaultURL
	}
	return &Source{
		client: n.Client(fetch.Vendor{
			Name: Name, PerSecond: 1, Burst: 10,
			KeyHeader: http.Header{"Authorization": {"Token " + key}},
		}),
		base: strings.TrimSuffix(baseURL, "/"),
	}, nil
}

// Name is "tiingo".
func (s *Source) Name() string { return Name }

// Adjustment is raw; see the package comment.
func (s *Source) Adjustment() data.Adjustment { return data.Raw }

// Ticker is Tiingo's spelling of a canonical symbol: BRK-B for BRK.B.
func Ticker(symbol string) string { return strings.ReplaceAll(symbol, ".", "-") }

// row is one day of prices.
type row struct {
	Date        string   `json:"date"`
	Open        *float64 `json:"open"`
	High        *float64 `json:"high"`
	Low         *float64 `json:"low"`
	Close       *float64 `json:"close"`
	Volume      *float64 `json:"volume"`
	AdjClose    *float64 `json:"adjClose"`
	DivCash     float64  `json:"divCash"`
	SplitFactor float64  `json:"splitFactor"`
}

// Prices implements [fetch.PriceSource].
func (s *Source) Prices(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.Prices, error) {
	if data.IsPair(symbol) {
		return fetch.Prices{}, s.client.Error(fetch.Errorf(fetch.Refused, "%s is no share; only those are fetched from here", symbol))
	}
	query := url.Values{"startDate": {string(r.From)}, "endDate": {string(r.Last())}, "format": {"json"}, "resampleFreq": {"daily"}}
	var p fetch.Prices
	_, err := s.client.Get(ctx, fetch.Request{
		URL:     s.base + "/tiingo/daily/" + url.PathEscape(Ticker(symbol)) + "/prices?" + query.Encode(),
		KeepFor: fetch.KeepPrices,
		Until:   fetch.CompleteAt(calendar, r),
		Refusal: refusal,
		Accept: func(body []byte) (err error) {
			p, err = readPrices(body, symbol, r)
			return err
		},
	})
	if err != nil {
		return fetch.Prices{}, err
	}
	return p, nil
}

func readPrices(body []byte, symbol string, r fetch.Range) (fetch.Prices, error) {
	var rows []row
	if err := decode(body, &rows); err != nil {
		return fetch.Prices{}, err
	}
	var p fetch.Prices
	for _, x := range rows {
		// The stamp is midnight UTC of the session's date.
		date, _, _ := strings.Cut(x.Date, "T")
		session, err := data.ParseSession(date)
		if err != nil {
			return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "prices of %s: %v", symbol, err)
		}
		p.Bar(r, data.Bar{
			Session: session, Open: value(x.Open), High: value(x.High), Low: value(x.Low), Close: value(x.Close),
			AdjClose: value(x.AdjClose), Volume: value(x.Volume),
		})
		if x.SplitFactor != 0 {
			p.Split(r, session, x.SplitFactor)
		}
		p.Dividend(r, session, x.DivCash)
	}
	return p, p.Order(symbol, r)
}

// pageSize is how many items of news are asked for at once.
const pageSize = 1000

// item is one item of news.
type item struct {
	ID            json.Number `json:"id"`
	PublishedDate time.Time   `json:"publishedDate"`
	Title         string      `json:"title"`
	Description   string      `json:"description"`
	URL           string      `json:"url"`
	Source        string      `json:"source"`
}

// News implements [fetch.NewsSource].
func (s *Source) News(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.News, error) {
	_, to := r.Instants(calendar.Location())
	var n fetch.News
	seen := make(map[string]bool)
	for offset := 0; ; offset += pageSize {
		query := url.Values{
			"tickers": {strings.ToLower(Ticker(symbol))}, "sortBy": {"publishedDate"},
			// Dates are of UTC here, so the last one is asked for as well; what lies
			// outside the range is left out by the caller.
			"startDate": {string(r.From)}, "endDate": {string(r.To)},
			"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(offset)},
		}
		var items []item
		_, err := s.client.Get(ctx, fetch.Request{
			URL:     s.base + "/tiingo/news?" + query.Encode(),
			KeepFor: fetch.KeepNews,
			Until:   to,
			Refusal: refusal,
			Accept: func(body []byte) error {
				items = nil
				return decode(body, &items)
			},
		})
		if err != nil {
			return fetch.News{}, err
		}
		fresh := 0
		for _, x := range items {
			key := x.ID.String() + " " + x.URL
			if seen[key] {
				continue // pages shift when news come in meanwhile
			}
			seen[key] = true
			fresh++
			n.Read++
			if x.PublishedDate.IsZero() {
				n.Skip(x.Title, "it has no time")
				continue
			}
			n.Items = append(n.Items, data.News{
				Time: x.PublishedDate.UTC(), Title: markup.Text(x.Title), Text: markup.Text(x.Description), Source: x.Source, URL: x.URL,
			})
		}
		if len(items) < pageSize {
			return n, nil
		}
		if fresh == 0 {
			return fetch.News{}, s.client.Error(fetch.Errorf(fetch.BadFormat, "the same page of news came twice"))
		}
	}
}

// refusal tells what answers of other statuses mean.
func refusal(status int, body []byte) fetch.Kind {
	text := strings.ToLower(string(body))
	switch {
	case status == http.StatusNotFound && strings.Contains(text, "not found") && !fetch.IsWebPage(body):
		return fetch.NoSymbol
	case status == http.StatusForbidden && strings.Contains(text, "permission"):
		return fetch.NotEntitled
	}
	return ""
}

// decode reads a list. In its place an object or a text may come, with status 200,
// which says why there is none.
func decode(body []byte, list any) error {
	trimmed := strings.TrimSpace(string(body))
	if strings.HasPrefix(trimmed, "[") || trimmed == "" || fetch.IsWebPage(body) {
		return fetch.DecodeJSON(body, list)
	}
	var said struct {
		Detail string `json:"detail"`
	}
	if json.Unmarshal(body, &said) == nil && said.Detail != "" {
		trimmed = said.Detail
	}
	switch text := strings.ToLower(trimmed); {
	case strings.Contains(text, "token") || strings.Contains(text, "api key"):
		return fetch.Errorf(fetch.KeyRefused, "%s", trimmed)
	case strings.Contains(text, "not found"):
		return fetch.Errorf(fetch.NoSymbol, "%s", trimmed)
	case strings.Contains(text, "permission"):
		return fetch.Errorf(fetch.NotEntitled, "%s", trimmed)
	}
	// A text where data should be is a limit until it is known to be something else.
	return fetch.Errorf(fetch.RateLimited, "%s", trimmed)
}

// value is a number that may be missing.
func value(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}
