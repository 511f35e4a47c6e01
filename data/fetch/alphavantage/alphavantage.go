// Package alphavantage gets prices and news from Alpha Vantage.
//
// Prices are as traded, with splits and dividends beside them. The plan that costs
// nothing has the last 100 sessions and 25 requests a day; where it does not have
// the table with corporate actions, they are asked for by themselves. News are
// titles with a summary, to the second. The vendor's sentiment is not taken over:
// it is one figure, and its shares are not known.
//
// Limits, keys that are wrong and tables that are not in the plan all come as
// friendly text with status 200, under field names that have changed before. So an
// answer without data is never taken for one that has none.
package alphavantage

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/markup"
)

// Name is the vendor's name in flags and datasets.
const Name = "alphavantage"

// DefaultURL is where the service is.
const DefaultURL = "https://www.alphavantage.co"

// KeyVariable is the environment variable of the key.
const KeyVariable = "ALPHAVANTAGE_API_KEY"

// A Source has prices and news.
type Source struct {
	client *fetch.Client
	base   string
	// free is set once the plan turned out not to have the adjusted table, so that
	// it is not asked for again: requests are few.
	free atomic.Bool
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
		client: n.Client(fetch.Vendor{Name: Name, PerSecond: 0.8, Burst: 1, KeyQuery: url.Values{"apikey": {key}}}),
		base:   strings.TrimSuffix(baseURL, "/"),
	}, nil
}

// Name is "alphavantage".
func (s *Source) Name() string { return Name }

// Adjustment is raw; see the package comment.
func (s *Source) Adjustment() data.Adjustment { return data.Raw }

// Ticker is the vendor's spelling of a canonical symbol: BRK-B for BRK.B.
func Ticker(symbol string) string { return strings.ReplaceAll(symbol, ".", "-") }

// ask asks for a table. field is what every answer with data has.
func (s *Source) ask(ctx context.Context, query url.Values, field string, keepFor time.Duration, until time.Time, read func(body []byte) error) error {
	_, err := s.client.Get(ctx, fetch.Request{
		URL:     s.base + "/query?" + query.Encode(),
		KeepFor: keepFor,
		Until:   until,
		Accept: func(body []byte) error {
			var fields map[string]json.RawMessage
			if err := fetch.DecodeJSON(body, &fields); err != nil {
				return err
			}
			if _, there := fields[field]; !there {
				return said(fields)
			}
			return read(body)
		},
	})
	return err
}

// said reads an answer without data.
func said(fields map[string]json.RawMessage) error {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var text string
		if json.Unmarshal(fields[name], &text) == nil && text != "" {
			texts = append(texts, text)
		}
	}
	all := strings.Join(texts, " ")
	if len(fields) == 0 {
		return fetch.Errorf(fetch.Empty, "the answer has nothing in it")
	}
	switch text := strings.ToLower(all); {
	case strings.Contains(text, "rate limit"), strings.Contains(text, "requests per"), strings.Contains(text, "call frequency"):
		// Such a text names the key and offers premium plans, and is neither a wrong
		// key nor a table that is not in the plan.
		return fetch.Errorf(fetch.RateLimited, "%s", all)
	case strings.Contains(text, "premium"):
		return fetch.Errorf(fetch.NotEntitled, "%s", all)
	case strings.Contains(text, "demo") && strings.Contains(text, "api key"),
		strings.Contains(text, "apikey"), strings.Contains(text, "invalid api key"):
		return fetch.Errorf(fetch.KeyRefused, "%s", all)
	case strings.Contains(text, "invalid api call"):
		return fetch.Errorf(fetch.NoSymbol, "%s", all)
	case strings.Contains(text, "invalid inputs"):
		return fetch.Errorf(fetch.Refused, "%s", all)
	}
	return fetch.Errorf(fetch.RateLimited, "%s", all)
}

// compactSessions is how many sessions the short form of a table has.
const compactSessions = 100

// Prices implements [fetch.PriceSource].
func (s *Source) Prices(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.Prices, error) {
	if data.IsPair(symbol) {
		return fetch.Prices{}, s.client.Error(fetch.Errorf(fetch.Refused, "%s is no share; only those are fetched from here", symbol))
	}
	size := "full"
	if today := data.SessionOf(s.client.Now().In(calendar.Location())); calendar.Distance(r.From, today) < compactSessions-1 {
		size = "compact"
	}
	until := fetch.CompleteAt(calendar, r)
	daily := func(function string) (p fetch.Prices, err error) {
		query := url.Values{"function": {function}, "symbol": {Ticker(symbol)}, "outputsize": {size}, "datatype": {"json"}}
		err = s.ask(ctx, query, "Time Series (Daily)", fetch.KeepPrices, until, func(body []byte) (err error) {
			p, err = readDaily(body, r)
			return err
		})
		return p, err
	}
	var p fetch.Prices
	var err error
	if !s.free.Load() {
		p, err = daily("TIME_SERIES_DAILY_ADJUSTED")
		s.free.Store(fetch.KindOf(err) == fetch.NotEntitled)
	}
	if s.free.Load() {
		if p, err = daily("TIME_SERIES_DAILY"); err == nil {
			err = s.actions(ctx, symbol, r, until, &p)
		}
	}
	if err != nil {
		return fetch.Prices{}, err
	}
	if err := p.Order(symbol, r); err != nil {
		return fetch.Prices{}, s.client.Error(err)
	}
	return p, nil
}

// readDaily reads a table of days. All numbers are strings under numbered names.
func readDaily(body []byte, r fetch.Range) (fetch.Prices, error) {
	var table struct {
		Days map[string]map[string]string `json:"Time Series (Daily)"`
	}
	if err := fetch.DecodeJSON(body, &table); err != nil {
		return fetch.Prices{}, err
	}
	var p fetch.Prices
	for _, date := range slices.Sorted(maps.Keys(table.Days)) {
		session, err := data.ParseSession(date)
		if err != nil {
			return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "%v", err)
		}
		values := map[string]float64{}
		for _, name := range slices.Sorted(maps.Keys(table.Days[date])) {
			// "5. adjusted close" and "5. volume": the number is of no use.
			_, plain, _ := strings.Cut(name, ". ")
			if values[plain], err = fetch.ParseNumber(table.Days[date][name]); err != nil {
				return fetch.Prices{}, fetch.Errorf(fetch.BadFormat, "%s of %s: %v", name, date, err)
			}
		}
		value := func(name string) float64 {
			if v, there := values[name]; there {
				return v
			}
			return math.NaN()
		}
		p.Bar(r, data.Bar{
			Session: session, Open: value("open"), High: value("high"), Low: value("low"), Close: value("close"),
			AdjClose: value("adjusted close"), Volume: value("volume"),
		})
		if ratio := value("split coefficient"); ratio > 0 {
			p.Split(r, session, ratio)
		}
		if cash := value("dividend amount"); cash > 0 {
			p.Dividend(r, session, cash)
		}
	}
	return p, nil
}

// actions asks for splits and dividends.
func (s *Source) actions(ctx context.Context, symbol string, r fetch.Range, until time.Time, p *fetch.Prices) error {
	type action struct {
		Effective string `json:"effective_date"`
		Factor    string `json:"split_factor"`
		Ex        string `json:"ex_dividend_date"`
		Amount    string `json:"amount"`
	}
	for _, function := range []string{"SPLITS", "DIVIDENDS"} {
		var list struct {
			Data []action `json:"data"`
		}
		query := url.Values{"function": {function}, "symbol": {Ticker(symbol)}}
		err := s.ask(ctx, query, "data", fetch.KeepPrices, until, func(body []byte) error {
			list.Data = nil
			return fetch.DecodeJSON(body, &list)
		})
		if err != nil {
			return err
		}
		for _, x := range list.Data {
			date, amount, add := x.Effective, x.Factor, p.Split
			if function == "DIVIDENDS" {
				date, amount, add = x.Ex, x.Amount, p.Dividend
			}
			session, err := data.ParseSession(date)
			if err != nil {
				p.Skip(strings.ToLower(function), "%v", err)
				continue
			}
			v, err := fetch.ParseNumber(amount)
			if err != nil || math.IsNaN(v) {
				p.Skip(fmt.Sprintf("%s of %s", strings.ToLower(function), date), "the amount %.20q is no number", amount)
				continue
			}
			add(r, session, v)
		}
	}
	return nil
}

// mostNews is how many items one answer holds at most.
const mostNews = 1000

// The forms of times in questions and in answers, both of UTC.
const (
	askedTime     = "20060102T1504"
	publishedTime = "20060102T150405"
)

// item is one item of news.
type item struct {
	Title     string `json:"title"`
	URL       string `json:"url"`
	Published string `json:"time_published"`
	Summary   string `json:"summary"`
	Source    string `json:"source"`
}

// News implements [fetch.NewsSource]. Where an answer is full, the next one begins
// with the minute of its last item.
func (s *Source) News(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.News, error) {
	from, to := r.Instants(calendar.Location())
	ticker := Ticker(symbol)
	if data.IsPair(symbol) {
		base, _, _ := strings.Cut(symbol, "-")
		ticker = "CRYPTO:" + base
	}
	var n fetch.News
	seen := make(map[string]bool)
	for {
		query := url.Values{
			"function": {"NEWS_SENTIMENT"}, "tickers": {ticker}, "sort": {"EARLIEST"}, "limit": {fmt.Sprint(mostNews)},
			"time_from": {from.UTC().Format(askedTime)}, "time_to": {to.UTC().Format(askedTime)},
		}
		var list struct {
			Feed []item `json:"feed"`
		}
		err := s.ask(ctx, query, "feed", fetch.KeepNews, to, func(body []byte) error {
			list.Feed = nil
			return fetch.DecodeJSON(body, &list)
		})
		if err != nil {
			return fetch.News{}, err
		}
		last := from
		for _, x := range list.Feed {
			at, err := time.Parse(publishedTime, x.Published)
			key := x.Published + " " + x.URL + " " + x.Title
			if seen[key] {
				continue
			}
			seen[key] = true
			n.Read++
			if err != nil {
				n.Skip(x.Title, "the time %.30q is none such as 20230410T133000", x.Published)
				continue
			}
			if at.After(last) {
				last = at
			}
			n.Items = append(n.Items, data.News{Time: at, Title: markup.Text(x.Title), Text: markup.Text(x.Summary), Source: x.Source, URL: x.URL})
		}
		if len(list.Feed) < mostNews {
			return n, nil
		}
		if last = last.Truncate(time.Minute); !last.After(from) {
			return fetch.News{}, s.client.Error(fetch.Errorf(fetch.BadFormat, "more than %d news of %s in one minute, or the same answer twice", mostNews, symbol))
		}
		from = last
	}
}
