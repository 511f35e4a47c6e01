// Package alpaca gets prices and news from Alpaca's market data service, through
// its official client.
//
// Prices are as traded: neither splits nor dividends are in them. Both come
// beside them as corporate actions, so an update never finds the past rewritten.
// A daily bar is stamped with midnight in New York, which is 04:00 or 05:00 UTC.
//
// News come from Benzinga with their text. An item counts as known from its last
// update on, since the text that comes is that of the last update.
//
// The plan that costs nothing may not read the last 15 minutes of prices; where a
// request is turned away for that, it is sent once more with an earlier end.
// Alpaca allows 200 requests a minute.
package alpaca

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alpacahq/alpaca-trade-api-go/v3/marketdata"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/markup"
)

// Name is the vendor's name in flags and datasets.
const Name = "alpaca"

// DefaultURL is where the market data service is.
const DefaultURL = "https://data.alpaca.markets"

// The environment variables of the keys.
const (
	KeyVariable    = "APCA_API_KEY_ID"
	SecretVariable = "APCA_API_SECRET_KEY"
)

// A Source has prices and news.
type Source struct {
	client *fetch.Client
	base   string
}

// New makes a source. lookup finds a variable of the environment, as os.LookupEnv
// does; without the keys in it the error is of kind [fetch.KeyMissing]. An empty
// baseURL is [DefaultURL].
func New(n *fetch.Network, baseURL string, lookup func(string) (string, bool)) (*Source, error) {
	key, err := fetch.LookupKey(Name, KeyVariable, lookup)
	if err != nil {
		return nil, err
	}
	secret, err := fetch.LookupKey(Name, SecretVariable, lookup)
	if err != nil {
		return nil, err
	}
	if baseURL == "" {
		baseURL = DefaultURL
	}
	return &Source{
		client: n.Client(fetch.Vendor{
			Name: Name, PerSecond: 3, Burst: 10,
			KeyHeader: http.Header{"APCA-API-KEY-ID": {key}, "APCA-API-SECRET-KEY": {secret}},
		}),
		base: strings.TrimSuffix(baseURL, "/"),
	}, nil
}

// Name is "alpaca".
func (s *Source) Name() string { return Name }

// Adjustment is raw; see the package comment.
func (s *Source) Adjustment() data.Adjustment { return data.Raw }

// library is Alpaca's client on ours. It is given keys that are none, since ours
// puts the keys in and the library would look for them in the environment.
//
// field is what every answer must have: its absence is no empty list.
func (s *Source) library(ctx context.Context, field string, r fetch.Request) *marketdata.Client {
	r.Refusal = refusal
	r.Accept = func(body []byte) error {
		var fields map[string]json.RawMessage
		if err := fetch.DecodeJSON(body, &fields); err != nil {
			return err
		}
		if _, there := fields[field]; !there {
			return fetch.Errorf(fetch.BadFormat, "the answer has no %q: %s", field, body)
		}
		return nil
	}
	return marketdata.NewClient(marketdata.ClientOpts{
		APIKey: "none", APISecret: "none", OAuth: "", BaseURL: s.base,
		RetryLimit: -1, HTTPClient: s.client.HTTP(ctx, r),
	})
}

// refusal tells a plan that does not reach from a key that is wrong.
func refusal(status int, body []byte) fetch.Kind {
	switch text := strings.ToLower(string(body)); {
	case status == http.StatusForbidden && strings.Contains(text, "subscription"):
		return fetch.NotEntitled
	case (status == http.StatusBadRequest || status == http.StatusUnprocessableEntity || status == http.StatusNotFound) && strings.Contains(text, "invalid symbol"):
		return fetch.NoSymbol
	}
	return ""
}

// plain is what failed, without the library's words around it.
func plain(err error) error {
	var e *fetch.Error
	if errors.As(err, &e) {
		return e
	}
	for _, cancelled := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cancelled) {
			return cancelled
		}
	}
	return &fetch.Error{Kind: fetch.BadFormat, Vendor: Name, Message: err.Error(), Err: err}
}

// recent is how far before now a plan that costs nothing may read, and a minute.
const recent = 16 * time.Minute

// Prices implements [fetch.PriceSource].
func (s *Source) Prices(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.Prices, error) {
	if data.IsPair(symbol) || calendar.Name() != "NYSE" {
		return fetch.Prices{}, &fetch.Error{Kind: fetch.Refused, Vendor: Name, Message: fmt.Sprintf("%s is no US share; only those are fetched from here", symbol)}
	}
	var p fetch.Prices
	bars, err := s.bars(ctx, symbol, calendar, r, &p)
	if err != nil {
		return fetch.Prices{}, plain(err)
	}
	for _, b := range bars {
		p.Bar(r, data.Bar{
			Session: data.SessionOf(b.Timestamp.In(calendar.Location())),
			Open:    b.Open, High: b.High, Low: b.Low, Close: b.Close,
			AdjClose: 0, // missing
			Volume:   float64(b.Volume),
		})
	}
	if err := s.actions(ctx, symbol, calendar, r, &p); err != nil {
		return fetch.Prices{}, plain(err)
	}
	if err := p.Order(symbol, r); err != nil {
		return fetch.Prices{}, s.client.Error(err)
	}
	return p, nil
}

// bars asks for the bars of a range, and if the plan does not reach as far as now,
// once more with an earlier end.
func (s *Source) bars(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range, p *fetch.Prices) ([]marketdata.Bar, error) {
	from, to := r.Instants(calendar.Location())
	end := to.Add(-time.Nanosecond) // the service counts the end in
	now := s.client.Now()
	library := s.library(ctx, "bars", fetch.Request{KeepFor: fetch.KeepPrices, Until: fetch.CompleteAt(calendar, r)})
	ask := func(end time.Time) ([]marketdata.Bar, error) {
		return library.GetBars(symbol, marketdata.GetBarsRequest{
			TimeFrame: marketdata.OneDay, Adjustment: marketdata.AdjustmentRaw, Start: from, End: end, PageLimit: 10000,
		})
	}
	bars, err := ask(end)
	if earlier := now.Add(-recent).Truncate(time.Minute); fetch.KindOf(err) == fetch.NotEntitled && end.After(earlier) && earlier.After(from) {
		p.Note("the plan does not cover the last 15 minutes: asked up to %s", earlier.In(calendar.Location()).Format("2006-01-02 15:04 MST"))
		bars, err = ask(earlier)
	}
	return bars, err
}

// actions asks for corporate actions of a range of dates.
func (s *Source) actions(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range, p *fetch.Prices) error {
	ask := marketdata.GetCorporateActionsRequest{Symbols: []string{symbol}, PageLimit: 1000}
	ask.Start.Year, ask.Start.Month, ask.Start.Day = r.From.In(time.UTC).Date()
	ask.End.Year, ask.End.Month, ask.End.Day = r.Last().In(time.UTC).Date()
	a, err := s.library(ctx, "corporate_actions", fetch.Request{KeepFor: fetch.KeepPrices, Until: fetch.CompleteAt(calendar, r)}).GetCorporateActions(ask)
	if err != nil {
		return err
	}
	session := func(date fmt.Stringer) data.Session { return data.Session(date.String()) }
	for _, x := range a.ForwardSplits {
		p.Split(r, session(x.ExDate), x.NewRate/x.OldRate)
	}
	for _, x := range a.ReverseSplits {
		p.Split(r, session(x.ExDate), x.NewRate/x.OldRate)
	}
	for _, x := range a.StockDividends {
		p.Split(r, session(x.ExDate), 1+x.Rate)
	}
	for _, x := range a.CashDividends {
		p.Dividend(r, session(x.ExDate), x.Rate)
	}
	for _, x := range a.SpinOffs {
		p.Note("a spin-off on %s is in no price and no action: %s shareholders got shares of %s", x.ExDate, symbol, x.NewSymbol)
	}
	if n := len(a.CashMergers) + len(a.StockMergers) + len(a.StockAndCashMergers); n > 0 {
		p.Note("%d mergers that %s took part in are in no action", n, symbol)
	}
	return nil
}

// News implements [fetch.NewsSource].
func (s *Source) News(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.News, error) {
	from, to := r.Instants(calendar.Location())
	items, err := s.library(ctx, "news", fetch.Request{KeepFor: fetch.KeepNews, Until: to}).GetNews(marketdata.GetNewsRequest{
		Symbols: []string{strings.ReplaceAll(symbol, "-", "")}, Start: from, End: to.Add(-time.Second), Sort: marketdata.SortAsc,
		IncludeContent: true, NoTotalLimit: true, PageLimit: 50,
	})
	if err != nil {
		return fetch.News{}, plain(err)
	}
	n := fetch.News{Tally: fetch.Tally{Read: len(items)}}
	for _, x := range items {
		at := x.UpdatedAt
		if at.IsZero() {
			at = x.CreatedAt
		}
		if at.IsZero() {
			n.Skip(x.Headline, "it has no time")
			continue
		}
		text := markup.Text(x.Content)
		if text == "" {
			text = markup.Text(x.Summary)
		}
		n.Items = append(n.Items, data.News{Time: at.UTC(), Title: markup.Text(x.Headline), Text: text, Source: "Benzinga", URL: x.URL})
	}
	return n, nil
}
