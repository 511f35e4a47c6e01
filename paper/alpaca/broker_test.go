package alpaca_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quagmt/udecimal"

	"finmem/backtest/broker"
	"finmem/data"
	"finmem/internal/alpacatest"
	"finmem/internal/loopback"
	"finmem/paper"
	"finmem/paper/alpaca"
	"finmem/paper/brokertest"
)

var (
	dec  = udecimal.MustParse
	nyse = data.NYSE()
)

// A clock has the server's time, and does not wait; it notes how long it should
// have.
type clock struct {
	server *alpacatest.Server
	mu     sync.Mutex
	waits  []time.Duration
	// onSleep, if set, happens during a wait.
	onSleep func()
}

func (c *clock) Now() time.Time { return c.server.Now() }

func (c *clock) Sleep(ctx context.Context, until time.Time) error {
	c.mu.Lock()
	c.waits = append(c.waits, until.Sub(c.server.Now()))
	c.mu.Unlock()
	if c.onSleep != nil {
		c.onSleep()
	}
	return ctx.Err()
}

// environment is one with the server's keys and these variables besides.
func environment(pairs ...string) func(string) (string, bool) {
	env := map[string]string{alpaca.KeyVariable: alpacatest.Key, alpaca.SecretVariable: alpacatest.Secret}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return func(name string) (string, bool) { v, ok := env[name]; return v, ok }
}

// server is a fake Alpaca on the evening of 2024-11-27, before Thanksgiving.
func server(t *testing.T) *alpacatest.Server {
	s := alpacatest.New(t)
	var days []alpacatest.Day
	list, err := nyse.Range("2024-11-01", "2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		days = append(days, alpacatest.Day{Date: d.String(), Open: "09:30", Close: nyse.Close(d).In(alpacatest.Eastern()).Format("15:04")})
	}
	s.SetCalendar(days)
	return s
}

func config(s *alpacatest.Server) alpaca.Config {
	return alpaca.Config{URL: s.URL(), Lookup: environment(), Calendar: nyse, Clock: &clock{server: s}}
}

func dial(t *testing.T, cfg alpaca.Config) *alpaca.Broker {
	t.Helper()
	b, err := alpaca.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBroker(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, setup brokertest.Setup) brokertest.Account {
		s := server(t)
		s.AddAsset(alpacatest.Asset{Symbol: brokertest.Symbol, Fractionable: setup.Fractional})
		s.SetPrice(brokertest.Symbol, "100")
		s.SetCash(setup.Cash)
		s.SetPosition(brokertest.Symbol, setup.Shares, "100")
		prices := func(price string) map[string]string {
			if price == "" {
				return nil
			}
			return map[string]string{brokertest.Symbol: price}
		}
		return brokertest.Account{
			Broker: dial(t, config(s)),
			Open:   func(d data.Session, price string) { s.Open(d.String(), prices(price)) },
			End: func(d data.Session, price string) {
				if price != "" {
					s.SetPrice(brokertest.Symbol, price)
				}
				s.Close(d.String())
			},
			Restart:    func() paper.Broker { return dial(t, config(s)) },
			FillPart:   s.Fill,
			LoseAnswer: func() { s.Fault(alpacatest.Fault{Method: "POST", Path: "/v2/orders", Drop: true}) },
		}
	})
}

// Only the paper service is reached, whoever asks for another one and how.
func TestOnlyThePaperServiceIsReached(t *testing.T) {
	base := roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.URL.Scheme != "https" || req.URL.Host != "paper-api.alpaca.markets" {
			t.Errorf("a call goes to %s", req.URL)
		}
		return nil, errors.New("the network is out of order")
	})
	s := server(t)
	try := func(url string, env ...string) error {
		_, err := alpaca.Dial(t.Context(), alpaca.Config{URL: url, Lookup: environment(env...), Calendar: nyse, Clock: &clock{server: s}, Base: base})
		if err == nil {
			t.Fatalf("%q %q: reached", url, env)
		}
		return err
	}
	for _, url := range []string{
		"https://api.alpaca.markets", "https://API.alpaca.markets/", "https://api.alpaca.markets.", "https://api.alpaca.markets:443/v2",
		"http://api.alpaca.markets", "//api.alpaca.markets", "api.alpaca.markets", "https:api.alpaca.markets",
		"http://paper-api.alpaca.markets", "https://paper-api.alpaca.markets:8443", "https://paper-api.alpaca.markets/other",
		"https://paper-api.alpaca.markets.evil.example", "https://evil.example/paper-api.alpaca.markets", "https://paper-api.alpaca.markets@api.alpaca.markets",
		"https://api.alpaca.markets#paper-api.alpaca.markets", "https://xpaper-api.alpaca.markets", "https://paper-api-alpaca.markets",
		"https://paper-api.alpaca.markets?x=1", "https://data.alpaca.markets", "https://broker-api.alpaca.markets", "ftp://127.0.0.1", "https://127.0.0.1.evil.example",
		"https://user:SENTINEL_PASSWORD@paper-api.alpaca.markets", "https://%zz", "",
	} {
		var env []string
		if url != "" {
			for _, pair := range [][]string{nil, {alpaca.URLVariable, alpaca.PaperURL}} {
				if err := try(url, pair...); errors.Is(err, paper.ErrUnavailable) || strings.Contains(err.Error(), "SENTINEL") {
					t.Errorf("%s: %v: want a refusal that shows no password", url, err)
				}
			}
			env = []string{alpaca.URLVariable, url}
		}
		err := try("", env...)
		if reached := errors.Is(err, paper.ErrUnavailable); reached != (url == "") {
			t.Errorf("%s=%q: %v", alpaca.URLVariable, url, err)
		}
	}
	if err := try("https://api.alpaca.markets"); !strings.Contains(err.Error(), "real money") {
		t.Errorf("error %q does not say why", err)
	}
	for _, url := range []string{alpaca.PaperURL, alpaca.PaperURL + "/", alpaca.PaperURL + "/v2", "https://PAPER-API.alpaca.markets:443"} {
		if err := try(url); !errors.Is(err, paper.ErrUnavailable) {
			t.Errorf("%s: %v: want it tried", url, err)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// A redirect is not followed, to the real money or anywhere else.
func TestRedirects(t *testing.T) {
	other := server(t)
	for _, to := range []string{"https://api.alpaca.markets/v2/orders", other.URL() + "/v2/orders"} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			s := server(t)
			s.AddAsset(alpacatest.Asset{Symbol: "AAA"})
			b := dial(t, config(s))
			s.Fault(alpacatest.Fault{Times: -1, Status: status, Location: to})
			_, err := b.Submit(t.Context(), ticket("one"))
			var r *paper.Rejected
			if err == nil || errors.As(err, &r) || !strings.Contains(err.Error(), "a redirect to ") {
				t.Errorf("%d to %s: error %v", status, to, err)
			}
			if _, err = b.Account(t.Context()); err == nil {
				t.Errorf("%d to %s: followed", status, to)
			}
		}
	}
	if n := len(other.Calls("", "")); n != 0 {
		t.Errorf("%d calls arrived elsewhere", n)
	}
}

func ticket(id string) paper.Ticket {
	return paper.Ticket{ClientID: id, Symbol: "AAA", Side: broker.Buy, Shares: dec("10"), For: "2024-11-29"}
}

func TestKeys(t *testing.T) {
	s := server(t)
	for _, env := range [][]string{{alpaca.KeyVariable, ""}, {alpaca.SecretVariable, "  "}, {alpaca.KeyVariable, "wrong"}, {alpaca.SecretVariable, "wrong"}} {
		cfg := config(s)
		cfg.Lookup = environment(env...)
		if _, err := alpaca.Dial(t.Context(), cfg); !errors.Is(err, paper.ErrKey) {
			t.Errorf("%q: error %v, want ErrKey", env, err)
		}
	}
	// An order that is refused is not a key that is refused, and the other way.
	s.AddAsset(alpacatest.Asset{Symbol: "AAA"})
	b := dial(t, config(s))
	for _, tt := range []struct {
		status int
		body   string
		key    bool
	}{
		{401, `{"code":40110000,"message":"request is not authorized"}`, true},
		{403, `{"message":"forbidden."}`, true},
		{403, `{"code":40310000,"message":"insufficient buying power"}`, false},
		{403, `{"message":"account is restricted to liquidation only"}`, false},
	} {
		s.Fault(alpacatest.Fault{Method: "POST", Status: tt.status, Body: tt.body})
		_, err := b.Submit(t.Context(), ticket("one"))
		var r *paper.Rejected
		if errors.Is(err, paper.ErrKey) != tt.key || errors.As(err, &r) == tt.key {
			t.Errorf("%d %s: error %v", tt.status, tt.body, err)
		}
	}
}

// B87: keys are in no error, also where the server echoes them.
func TestKeysAreNowhere(t *testing.T) {
	const key, secret = "SENTINEL_KEY_123", `SENTINEL/SECRET+"456`
	s := server(t)
	s.SetKeys(key, secret)
	s.AddAsset(alpacatest.Asset{Symbol: "AAA"})
	cfg := config(s)
	cfg.Lookup = environment(alpaca.KeyVariable, key, alpaca.SecretVariable, secret)
	b := dial(t, cfg)
	echo := `{"code":1,"message":"no such key {key} with {secret} SENTINEL%2FSECRET%2B%22456 SENTINEL/SECRET+\"456"}`
	var errs []error
	for _, status := range []int{301, 400, 401, 403, 404, 418, 422, 429, 500} {
		s.Fault(alpacatest.Fault{Times: -1, Status: status, Body: echo, Location: "https://" + key + ".example"})
		_, err := b.Submit(t.Context(), ticket("one"))
		errs = append(errs, err, b.Cancel(t.Context(), "one"))
		_, err = b.Account(t.Context())
		errs = append(errs, err)
		_, err = b.Open(t.Context())
		errs = append(errs, err)
		_, err = b.Asset(t.Context(), "AAA")
		_, dialled := alpaca.Dial(t.Context(), cfg)
		errs = append(errs, err, dialled)
		s.ClearFaults()
	}
	s.Stop()
	_, err := b.Account(t.Context())
	errs = append(errs, err)
	some := 0
	for _, err := range errs {
		if err == nil {
			continue // such as the asset that there is not, status 404
		}
		some++
		if strings.Contains(strings.ToUpper(err.Error()), "SENTINEL") {
			t.Errorf("error shows a key: %v", err)
		}
	}
	if some < 40 || strings.Contains(b.Name(), "SENTINEL") {
		t.Errorf("%d errors of %d", some, len(errs))
	}
	for _, c := range s.Calls("", "") {
		if c.Header.Get("Authorization") != "" || c.Header.Get("APCA-API-KEY-ID") != key {
			t.Errorf("headers %v", c.Header)
		}
	}
}

// An order is sent once, whatever comes back, and the error says what is known.
func TestOrdersAreSentOnce(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fault  alpacatest.Fault
		arrive bool
		want   error // nil for a rejection
	}{
		{"B79: dropped after it was taken", alpacatest.Fault{Drop: true}, true, paper.ErrUnavailable},
		{"a body that breaks off", alpacatest.Fault{Cut: 30}, true, paper.ErrUnavailable},
		{"a body that is no answer", alpacatest.Fault{Status: 200, Body: `<html>`}, false, paper.ErrUnavailable},
		{"slow", alpacatest.Fault{Delay: 10 * time.Second}, false, paper.ErrUnavailable},
		{"429", alpacatest.TooMany(), false, paper.ErrUnavailable},
		{"500", alpacatest.Fault{Status: 500}, false, paper.ErrUnavailable},
		{"504", alpacatest.Fault{Status: 504, Body: "<html>gateway</html>"}, false, paper.ErrUnavailable},
		{"duplicate", alpacatest.Fault{Status: 422, Body: `{"code":40010001,"message":"client_order_id must be unique"}`}, false, paper.ErrDuplicate},
		{"422", alpacatest.Fault{Status: 422, Body: `{"code":42210000,"message":"asset \"AAA\" is not tradable"}`}, false, nil},
		{"403", alpacatest.Fault{Status: 403, Body: `{"code":40310000,"message":"insufficient buying power"}`}, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := server(t)
			s.AddAsset(alpacatest.Asset{Symbol: "AAA"})
			cfg := config(s)
			cfg.Timeout = time.Second
			b := dial(t, cfg)
			tt.fault.Method, tt.fault.Path, tt.fault.Times = "POST", "/v2/orders", -1
			s.Fault(tt.fault)
			_, err := b.Submit(t.Context(), ticket("one"))
			var r *paper.Rejected
			if tt.want != nil && !errors.Is(err, tt.want) || (tt.want == nil) != errors.As(err, &r) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if r != nil && (r.Code != tt.fault.Status || r.Reason == "") {
				t.Errorf("rejection %+v", r)
			}
			if n := len(s.Calls("POST", "/v2/orders")); n != 1 {
				t.Errorf("sent %d times", n)
			}
			if _, found, err := b.Find(t.Context(), "one"); found != tt.arrive || err != nil {
				t.Errorf("found %v, %v; want %v", found, err, tt.arrive)
			}
		})
	}
}

// What changes nothing is asked again, as told by the server, and not for ever.
func TestCallsAreRepeated(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault alpacatest.Fault
		want  string // "" for success
		waits []time.Duration
	}{
		{"a limit", alpacatest.Fault{Times: 2, Status: 429, RetryAfter: "7"}, "", []time.Duration{7 * time.Second, 7 * time.Second}},
		{"an outage", alpacatest.Fault{Times: 3, Status: 503}, "", []time.Duration{1e9, 2e9, 4e9}},
		{"cut bodies", alpacatest.Fault{Times: 1, Cut: 1}, "", []time.Duration{1e9}},
		{"dropped", alpacatest.Fault{Times: 1, Drop: true}, "", []time.Duration{1e9}},
		{"a date", alpacatest.Fault{Times: 1, Status: 429, RetryAfter: "Wed, 27 Nov 2024 21:05:30 GMT"}, "", []time.Duration{30e9}},
		{"for ever", alpacatest.Fault{Times: -1, Status: 502}, "status 502: bad gateway (after 4 calls)", []time.Duration{1e9, 2e9, 4e9}},
		{"too long", alpacatest.Fault{Times: -1, Status: 429, RetryAfter: "3600"}, "status 429", nil},
		{"no outage", alpacatest.Fault{Times: -1, Status: 400, Body: `{"message":"what?"}`}, "status 400: what?", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := server(t)
			cfg := config(s)
			c := &clock{server: s}
			cfg.Clock = c
			b := dial(t, cfg)
			tt.fault.Path = "/v2/positions"
			s.Fault(tt.fault)
			_, err := b.Account(t.Context())
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if err != nil && errors.Is(err, paper.ErrUnavailable) != (tt.fault.Status != 400) {
				t.Errorf("error %v", err)
			}
			if len(c.waits) != len(tt.waits) {
				t.Fatalf("waits %v, want %v", c.waits, tt.waits)
			}
			for i := range tt.waits {
				if c.waits[i] != tt.waits[i] {
					t.Errorf("waits %v, want %v", c.waits, tt.waits)
				}
			}
		})
	}
}

// A context ends a call that is under way and one that waits.
func TestContext(t *testing.T) {
	s := server(t)
	cfg := config(s)
	c := &clock{server: s}
	cfg.Clock = c
	b := dial(t, cfg)

	s.Fault(alpacatest.Fault{Delay: time.Minute})
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, stop)
	if _, err := b.Account(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, paper.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	s.ClearFaults()
	s.Fault(alpacatest.Fault{Times: -1, Status: 500})
	ctx, stop = context.WithCancel(t.Context())
	c.onSleep = stop
	if _, err := b.Account(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := len(c.waits); n != 1 {
		t.Errorf("%d waits, want 1", n)
	}
}

// Each of Alpaca's states has a status, and one that is not known yet is not the
// end of an order.
func TestStates(t *testing.T) {
	for state, want := range map[string]paper.Status{
		"new": paper.Open, "accepted": paper.Open, "pending_new": paper.Open, "accepted_for_bidding": paper.Open,
		"partially_filled": paper.Open, "held": paper.Open, "stopped": paper.Open, "suspended": paper.Open,
		"calculated": paper.Open, "pending_cancel": paper.Open, "pending_replace": paper.Open, "pending_review": paper.Open,
		"of next year": paper.Open, "filled": paper.Filled, "canceled": paper.Cancelled, "replaced": paper.Cancelled,
		"expired": paper.Expired, "done_for_day": paper.Expired, "rejected": paper.Refused,
	} {
		s := server(t)
		s.AddAsset(alpacatest.Asset{Symbol: "AAA"})
		b := dial(t, config(s))
		if _, err := b.Submit(t.Context(), ticket("one")); err != nil {
			t.Fatal(err)
		}
		s.SetStatus("one", state)
		r, _, err := b.Find(t.Context(), "one")
		if err != nil || r.Status != want || (r.Result.Note != "") != (want.Ended()) {
			t.Errorf("state %s: %+v, %v; want %s", state, r, err, want)
		}
	}
}

// What is sent is what the ticket says, on the exchange's grid and never at a
// worse price.
func TestRequests(t *testing.T) {
	for _, tt := range []struct {
		symbol, shares, limit string
		side                  broker.Side
		want                  []string // in the body
	}{
		{"AAA", "10", "0", broker.Buy, []string{`"symbol":"AAA"`, `"qty":"10"`, `"side":"buy"`, `"type":"market"`, `"time_in_force":"day"`, `"limit_price":null`, `"client_order_id":"one"`, `"extended_hours":false`}},
		{"BRK.B", "0.123456789", "0", broker.Buy, []string{`"symbol":"BRK.B"`, `"qty":"0.123456789"`}},
		{"AAA", "1", "101.019999", broker.Buy, []string{`"type":"limit"`, `"limit_price":"101.01"`}},
		{"AAA", "1", "101.010001", broker.Sell, []string{`"side":"sell"`, `"limit_price":"101.02"`}},
		{"AAA", "1", "101.5", broker.Sell, []string{`"limit_price":"101.5"`}},
		{"AAA", "1", "1.00009", broker.Buy, []string{`"limit_price":"1"`}},
		{"AAA", "20", "0.99999", broker.Buy, []string{`"limit_price":"0.9999"`}},
		{"AAA", "1", "0.99991", broker.Sell, []string{`"limit_price":"1"`}},
		{"AAA", "20", "0.123401", broker.Sell, []string{`"limit_price":"0.1235"`}},
	} {
		s := server(t)
		for _, symbol := range []string{"AAA", "BRK.B"} {
			s.AddAsset(alpacatest.Asset{Symbol: symbol, Fractionable: true})
			s.SetPosition(symbol, "100", "50")
		}
		b := dial(t, config(s))
		k := ticket("one")
		k.Symbol, k.Shares, k.Limit, k.Side = tt.symbol, dec(tt.shares), dec(tt.limit), tt.side
		r, err := b.Submit(t.Context(), k)
		if err != nil {
			t.Errorf("%+v: %v", tt, err)
			continue
		}
		if r.Symbol != tt.symbol || !r.Shares.Equal(k.Shares) || r.For != k.For {
			t.Errorf("%+v: receipt %+v", tt, r)
		}
		body := s.Calls("POST", "/v2/orders")[0].Body
		for _, want := range tt.want {
			if !strings.Contains(body, want) {
				t.Errorf("%+v: sent %s, want %s", tt, body, want)
			}
		}
		if a, err := b.Account(t.Context()); err != nil || !a.Positions["BRK.B"].Shares.Equal(dec("100")) {
			t.Errorf("account %+v, %v", a, err)
		}
	}
}

// A ticket that cannot be meant is refused before it is sent; so is one that would
// fill in another session than it is for.
func TestRefusedUnsent(t *testing.T) {
	s := server(t)
	b := dial(t, config(s))
	for name, change := range map[string]func(*paper.Ticket){
		"too late":      func(k *paper.Ticket) { k.For = "2024-11-27" },
		"too early":     func(k *paper.Ticket) { k.For = "2024-12-02" },
		"no shares":     func(k *paper.Ticket) { k.Shares = paper.Decimal{} },
		"no side":       func(k *paper.Ticket) { k.Side = "hold" },
		"a path":        func(k *paper.Ticket) { k.Symbol = "../v1" },
		"no id":         func(k *paper.Ticket) { k.ClientID = "" },
		"a long id":     func(k *paper.Ticket) { k.ClientID = strings.Repeat("x", 129) },
		"limit of none": func(k *paper.Ticket) { k.Limit = dec("0.00001") },
	} {
		k := ticket("one")
		change(&k)
		_, err := b.Submit(t.Context(), k)
		var r *paper.Rejected
		if !errors.As(err, &r) || r.Code != 0 {
			t.Errorf("%s: error %v, want a rejection of our own", name, err)
		}
	}
	if n := len(s.Calls("POST", "")); n != 0 {
		t.Errorf("%d orders were sent", n)
	}
}

// Orders that others placed are listed, more than one page of them.
func TestOpenListsPages(t *testing.T) {
	s := server(t)
	s.AddAsset(alpacatest.Asset{Symbol: "AAA"})
	b := dial(t, config(s))
	at := s.Now()
	for i := range 501 {
		s.SetTime(at.Add(time.Duration(i) * time.Second / 4))
		if _, err := b.Submit(t.Context(), ticket(strings.Repeat("x", i/100+1)+string(rune('A'+i%100)))); err != nil {
			t.Fatal(err)
		}
	}
	list, err := b.Open(t.Context())
	if err != nil || len(list) != 501 {
		t.Fatalf("%d orders, %v; want 501", len(list), err)
	}
	for i := 1; i < len(list); i++ {
		if list[i].Submitted.Before(list[i-1].Submitted) {
			t.Fatal("not oldest first")
		}
	}
}

func TestBlockedAndShort(t *testing.T) {
	s := server(t)
	s.SetBlocked(true)
	s.SetPosition("AAA", "-5", "10")
	s.AddAsset(alpacatest.Asset{Symbol: "AAA", Inactive: true, Shortable: true})
	b := dial(t, config(s))
	a, err := b.Account(t.Context())
	if err != nil || a.Blocked != "trading is blocked" || !a.Positions["AAA"].Shares.Equal(dec("-5")) {
		t.Errorf("account %+v, %v", a, err)
	}
	asset, err := b.Asset(t.Context(), "AAA")
	if err != nil || asset.Tradable || !asset.Shortable || asset.Note != `the asset's status is "inactive"` {
		t.Errorf("asset %+v, %v", asset, err)
	}
	if b.Name() != "alpaca paper PA3ALPACATEST" {
		t.Errorf("name %q", b.Name())
	}
}

// Whatever address is given, a call goes to the paper service by https, to this
// machine, or nowhere.
func FuzzAddress(f *testing.F) {
	for _, url := range []string{"", "https://paper-api.alpaca.markets", "https://api.alpaca.markets", "http://localhost:80/v2/", "https://paper-api.alpaca.markets:443",
		"https://paper-api.alpaca.markets@api.alpaca.markets", "https://api.alpaca.markets%2f@127.0.0.1", "https://[::1]:8443", "http://127.0.0.1:1/v2#@api.alpaca.markets",
		"https://paper-api.alpaca.markets\\@api.alpaca.markets", "HTTPS://PAPER-API.ALPACA.MARKETS.", "https://api。alpaca.markets"} {
		f.Add(url)
	}
	s := alpacatest.New(f)
	f.Fuzz(func(t *testing.T, url string) {
		base := roundTripper(func(req *http.Request) (*http.Response, error) {
			host := req.URL.Hostname()
			if !(req.URL.Scheme == "https" && req.URL.Host == "paper-api.alpaca.markets") && !loopback.Is(strings.TrimSuffix(strings.ToLower(host), ".")) {
				t.Errorf("%q: a call goes to %s", url, req.URL)
			}
			if req.URL.User != nil || req.Host != req.URL.Host && req.Host != "" {
				t.Errorf("%q: a call goes to %s as %s", url, req.URL, req.Host)
			}
			return nil, errors.New("the network is out of order")
		})
		if _, err := alpaca.Dial(t.Context(), alpaca.Config{URL: url, Lookup: environment(), Calendar: nyse, Clock: &clock{server: s}, Base: base}); err == nil {
			t.Errorf("%q: reached", url)
		}
	})
}
