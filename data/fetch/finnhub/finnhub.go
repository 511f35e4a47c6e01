// Package finnhub gets news of companies from Finnhub.
//
// An item is a headline with a summary, which is often empty, and the second of
// its publication. The plan that costs nothing reaches back a year and allows 60
// requests a minute. One answer holds only so many items, so weeks are asked for
// one by one.
package finnhub

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/markup"
)

// Name is the vendor's name in flags and datasets.
const Name = "finnhub"

// DefaultURL is where the service is.
const DefaultURL = "https://finnhub.io"

// KeyVariable is the environment variable of the key.
const KeyVariable = "FINNHUB_API_KEY"

// A Source has news.
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
		client: n.Client(fetch.Vendor{Name: Name, PerSecond: 1, Burst: 10, KeyHeader: http.Header{"X-Finnhub-Token": {key}}}),
		base:   strings.TrimSuffix(baseURL, "/"),
	}, nil
}

// Name is "finnhub".
func (s *Source) Name() string { return Name }

// item is one item of news.
type item struct {
	ID       int64  `json:"id"`
	Datetime int64  `json:"datetime"` // seconds since 1970
	Headline string `json:"headline"`
	Summary  string `json:"summary"`
	Source   string `json:"source"`
	URL      string `json:"url"`
}

// window is how many days are asked for at once.
const window = 7

// News implements [fetch.NewsSource].
func (s *Source) News(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.News, error) {
	if data.IsPair(symbol) {
		return fetch.News{}, s.client.Error(fetch.Errorf(fetch.Refused, "%s is no share; only those are fetched from here", symbol))
	}
	var n fetch.News
	seen := make(map[int64]bool)
	// The service counts dates by UTC: those of New York reach into the next one.
	for from := r.From; from <= r.To; from = from.AddDays(window) {
		to := min(from.AddDays(window-1), r.To)
		items, err := s.week(ctx, symbol, calendar, from, to)
		if err != nil {
			return fetch.News{}, err
		}
		for _, x := range items {
			if seen[x.ID] {
				continue
			}
			seen[x.ID] = true
			n.Read++
			if x.Datetime <= 0 {
				n.Skip(x.Headline, "it has no time")
				continue
			}
			n.Items = append(n.Items, data.News{
				Time: time.Unix(x.Datetime, 0).UTC(), Title: markup.Text(x.Headline), Text: markup.Text(x.Summary), Source: x.Source, URL: x.URL,
			})
		}
	}
	return n, nil
}

func (s *Source) week(ctx context.Context, symbol string, calendar *data.Calendar, from, to data.Session) ([]item, error) {
	query := url.Values{"symbol": {symbol}, "from": {string(from)}, "to": {string(to)}}
	var items []item
	_, err := s.client.Get(ctx, fetch.Request{
		URL:     s.base + "/api/v1/company-news?" + query.Encode(),
		KeepFor: fetch.KeepNews,
		Until:   to.AddDays(1).In(calendar.Location()),
		Refusal: func(status int, _ []byte) fetch.Kind {
			if status == http.StatusForbidden {
				return fetch.NotEntitled
			}
			return ""
		},
		Accept: func(body []byte) error {
			items = nil
			return decode(body, &items)
		},
	})
	return items, err
}

// decode reads a list, or the error that came in its place with status 200.
func decode(body []byte, list *[]item) error {
	var said struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &said) == nil {
		switch text := strings.ToLower(said.Error); {
		case strings.Contains(text, "api key"), strings.Contains(text, "token"):
			return fetch.Errorf(fetch.KeyRefused, "%s", said.Error)
		case strings.Contains(text, "access"):
			return fetch.Errorf(fetch.NotEntitled, "%s", said.Error)
		case text != "":
			return fetch.Errorf(fetch.RateLimited, "%s", said.Error)
		}
		return fetch.Errorf(fetch.BadFormat, "no list of news came: %s", body)
	}
	return fetch.DecodeJSON(body, list)
}
