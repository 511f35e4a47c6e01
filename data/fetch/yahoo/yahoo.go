// Package yahoo gets prices from Yahoo's chart API (version 8).
//
// It needs no key. Open, high, low, close and volume contain all splits up to the
// day of asking, the adjusted close dividends as well; dividends come in the
// shares of that day. Yahoo counts a limit by address and gives no figure; the
// client asks once in half a second.
package yahoo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"finmem/data"
	"finmem/data/fetch"
)

// Name is the vendor's name in flags and datasets.
const Name = "yahoo"

// DefaultURL is where the API is.
const DefaultURL = "https://query1.finance.yahoo.com"

// A Source has prices.
type Source struct {
	client *fetch.Client
	base   string
}

// New makes a source. An empty baseURL is [DefaultURL].
func New(n *fetch.Network, baseURL string) *Source {
	if baseURL == "" {
		baseURL = DefaultURL
	}
	return &Source{
		// The default name of Go's client is turned away.
		client: n.Client(fetch.Vendor{Name: Name, PerSecond: 2, Burst: 2, UserAgent: "Mozilla/5.0 (compatible; finmem)"}),
		base:   strings.TrimSuffix(baseURL, "/"),
	}
}

// Name is "yahoo".
func (s *Source) Name() string { return Name }

// Adjustment is that of the close; see the package comment.
func (s *Source) Adjustment() data.Adjustment { return data.SplitAdjusted }

// Ticker is Yahoo's spelling of a canonical symbol: BRK-B for BRK.B.
func Ticker(symbol string) string { return strings.ReplaceAll(symbol, ".", "-") }

// Prices implements [fetch.PriceSource].
func (s *Source) Prices(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.Prices, error) {
	ticker := Ticker(symbol)
	from, to := r.Instants(calendar.Location())
	query := url.Values{
		"interval":             {"1d"},
		"events":               {"div,splits"},
		"includeAdjustedClose": {"true"},
		"period1":              {strconv.FormatInt(from.Unix(), 10)},
		"period2":              {strconv.FormatInt(to.Unix(), 10)},
	}
	var prices fetch.Prices
	_, err := s.client.Get(ctx, fetch.Request{
		URL:     s.base + "/v8/finance/chart/" + url.PathEscape(ticker) + "?" + query.Encode(),
		KeepFor: fetch.KeepPrices,
		Until:   fetch.CompleteAt(calendar, r),
		Accept: func(body []byte) (err error) {
			prices, err = read(body, symbol, calendar, r)
			return err
		},
		Refusal: refusal,
	})
	if err != nil {
		return fetch.Prices{}, err
	}
	return prices, nil
}

// refusal tells what answers of other statuses mean.
func refusal(status int, body []byte) fetch.Kind {
	var c chart
	known := json.Unmarshal(body, &c) == nil
	switch {
	case status == 999: // Yahoo's own
		return fetch.RateLimited
	case status == http.StatusNotFound && known && c.Chart.Error != nil:
		return fetch.NoSymbol
	case status == http.StatusBadRequest && known && c.Chart.Error != nil && strings.Contains(c.Chart.Error.Description, "Data doesn't exist"):
		return fetch.Empty
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fetch.Refused // there is no key that could be wrong
	}
	return ""
}

// chart is the answer, as far as it is read.
type chart struct {
	Chart struct {
		Result []result `json:"result"`
		Error  *struct {
			Code        string `json:"code"`
			Description string `json:"description"`
		} `json:"error"`
	} `json:"chart"`
}

type result struct {
	Meta struct {
		Currency             string `json:"currency"`
		Symbol               string `json:"symbol"`
		ExchangeTimezoneName string `json:"exchangeTimezoneName"`
		DataGranularity      string `json:"dataGranularity"`
	} `json:"meta"`
	Timestamp []int64 `json:"timestamp"`
	Events    struct {
		Dividends map[string]struct {
			Amount float64 `json:"amount"`
			Date   int64   `json:"date"`
		} `json:"dividends"`
		Splits map[string]struct {
			Date        int64   `json:"date"`
			Numerator   float64 `json:"numerator"`
			Denominator float64 `json:"denominator"`
		} `json:"splits"`
	} `json:"events"`
	Indicators struct {
		Quote []struct {
			Open   []*float64 `json:"open"`
			High   []*float64 `json:"high"`
			Low    []*float64 `json:"low"`
			Close  []*float64 `json:"close"`
			Volume []*float64 `json:"volume"`
		} `json:"quote"`
		AdjClose []struct {
			AdjClose []*float64 `json:"adjclose"`
		} `json:"adjclose"`
	} `json:"indicators"`
}

// read turns an answer into prices.
func read(body []byte, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.Prices, error) {
	var c chart
	if err := fetch.DecodeJSON(body, &c); err != nil {
		return fetch.Prices{}, err
	}
	switch {
	case c.Chart.Error != nil && strings.EqualFold(c.Chart.Error.Code, "Not Found"):
		return fetch.Prices{}, fetch.Errorf(fetch.NoSymbol, "%s: %s", symbol, c.Chart.Error.Description)
	case c.Chart.Error != nil:
		return fetch.Prices{}, fetch.Errorf(fetch.Refused, "%s: %s: %s", symbol, c.Chart.Error.Code, c.Chart.Error.Description)
	case len(c.Chart.Result) != 1:
		return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "chart of %s: %d results, want one", symbol, len(c.Chart.Result))
	}
	found := c.Chart.Result[0]
	if err := found.check(symbol, calendar); err != nil {
		return fetch.Prices{}, err
	}
	var p fetch.Prices
	if calendar.Name() == "NYSE" && found.Meta.Currency != "USD" {
		p.Note("prices are in %s", found.Meta.Currency)
	}
	if err := found.bars(&p, calendar, r); err != nil {
		return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "chart of %s: %v", symbol, err)
	}
	for _, key := range slices.Sorted(maps.Keys(found.Events.Dividends)) {
		d := found.Events.Dividends[key]
		p.Dividend(r, sessionAt(d.Date, calendar), fetch.Shortest(d.Amount))
	}
	for _, key := range slices.Sorted(maps.Keys(found.Events.Splits)) {
		s := found.Events.Splits[key]
		p.Split(r, sessionAt(s.Date, calendar), s.Numerator/s.Denominator)
	}
	return p, p.Order(symbol, r)
}

// check compares what came with what was asked for.
func (x *result) check(symbol string, calendar *data.Calendar) error {
	zone := map[string]string{"NYSE": "America/New_York", "24/7": "UTC"}[calendar.Name()]
	switch {
	case !strings.EqualFold(x.Meta.Symbol, Ticker(symbol)):
		return fetch.Errorf(fetch.BadFormat, "asked for %s, and %q came", Ticker(symbol), x.Meta.Symbol)
	case x.Meta.ExchangeTimezoneName != zone:
		return fetch.Errorf(fetch.Refused, "%s trades in the time zone %s and in %s; the %s calendar is that of %s",
			symbol, x.Meta.ExchangeTimezoneName, x.Meta.Currency, calendar.Name(), zone)
	case x.Meta.Currency == "GBp", x.Meta.Currency == "ZAc", x.Meta.Currency == "ILA":
		return fetch.Errorf(fetch.Refused, "prices of %s are in %s, hundredths of its currency", symbol, x.Meta.Currency)
	case x.Meta.DataGranularity != "" && x.Meta.DataGranularity != "1d":
		return fetch.Errorf(fetch.BadFormat, "bars of %s are of %s each; one a session was asked for", symbol, x.Meta.DataGranularity)
	}
	return nil
}

// bars adds the rows. Yahoo has a row of nulls for a session without trade, and
// after the last row often one of the price now, whose date may be there already.
func (x *result) bars(p *fetch.Prices, calendar *data.Calendar, r fetch.Range) error {
	if len(x.Timestamp) == 0 {
		if len(x.Indicators.Quote) > 0 && len(x.Indicators.Quote[0].Close) > 0 {
			return fmt.Errorf("%d prices and no dates", len(x.Indicators.Quote[0].Close))
		}
		return nil
	}
	if len(x.Indicators.Quote) != 1 {
		return fmt.Errorf("%d lists of prices, want one", len(x.Indicators.Quote))
	}
	q := x.Indicators.Quote[0]
	adjusted := make([]*float64, len(x.Timestamp))
	if len(x.Indicators.AdjClose) > 0 {
		adjusted = x.Indicators.AdjClose[0].AdjClose
	}
	for _, column := range []struct {
		name   string
		values []*float64
	}{{"open", q.Open}, {"high", q.High}, {"low", q.Low}, {"close", q.Close}, {"volume", q.Volume}, {"adjclose", adjusted}} {
		if len(column.values) != len(x.Timestamp) {
			return fmt.Errorf("%d dates and %d values of %s", len(x.Timestamp), len(column.values), column.name)
		}
	}
	for i, t := range x.Timestamp {
		p.Bar(r, data.Bar{
			Session: sessionAt(t, calendar),
			Open:    value(q.Open[i]), High: value(q.High[i]), Low: value(q.Low[i]), Close: value(q.Close[i]),
			AdjClose: value(adjusted[i]), Volume: volume(q.Volume[i]),
		})
	}
	return nil
}

func value(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return fetch.Shortest(*v)
}

// volume is a number of shares; no float32, which would lose shares above 16
// million.
func volume(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// sessionAt is the exchange's date of an instant.
func sessionAt(seconds int64, calendar *data.Calendar) data.Session {
	return data.SessionOf(time.Unix(seconds, 0).In(calendar.Location()))
}
