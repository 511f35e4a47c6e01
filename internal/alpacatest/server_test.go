package alpacatest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alpacahq/alpaca-trade-api-go/v3/alpaca"
	"github.com/alpacahq/alpaca-trade-api-go/v3/marketdata"
	"github.com/shopspring/decimal"

	"finmem/internal/alpacatest"
)

func trading(s *alpacatest.Server) *alpaca.Client {
	return alpaca.NewClient(alpaca.ClientOpts{APIKey: alpacatest.Key, APISecret: alpacatest.Secret, BaseURL: s.URL(), RetryLimit: -1})
}

func buy(id, symbol, qty string) alpaca.PlaceOrderRequest {
	q := decimal.RequireFromString(qty)
	return alpaca.PlaceOrderRequest{Symbol: symbol, Qty: &q, Side: alpaca.Buy, Type: alpaca.Market, TimeInForce: alpaca.Day, ClientOrderID: id}
}

func sell(id, symbol, qty string) alpaca.PlaceOrderRequest {
	r := buy(id, symbol, qty)
	r.Side = alpaca.Sell
	return r
}

func limited(r alpaca.PlaceOrderRequest, limit string) alpaca.PlaceOrderRequest {
	l := decimal.RequireFromString(limit)
	r.Type, r.LimitPrice = alpaca.Limit, &l
	return r
}

// refused is the service's error.
func refused(t *testing.T, err error, status int, text string) {
	t.Helper()
	var api *alpaca.APIError
	if !errors.As(err, &api) || api.StatusCode != status || !strings.Contains(api.Message, text) {
		t.Errorf("error %v, want status %d and %q", err, status, text)
	}
}

func is(t *testing.T, what string, got any, want string) {
	t.Helper()
	s, ok := got.(string)
	if d, isDecimal := got.(decimal.Decimal); isDecimal {
		s, ok = d.String(), true
	}
	if !ok || s != want {
		t.Errorf("%s is %v, want %s", what, got, want)
	}
}

// An order of after the close waits for the next open, fills there, and the
// account adds up. The client is Alpaca's own.
func TestOrderFillsAtTheNextOpen(t *testing.T) {
	s := alpacatest.New(t)
	s.SetCalendar([]alpacatest.Day{{Date: "2024-11-27", Open: "09:30", Close: "16:00"}, {Date: "2024-11-29", Open: "09:30", Close: "13:00"}, {Date: "2024-12-02", Open: "09:30", Close: "16:00"}})
	s.AddAsset(alpacatest.Asset{Symbol: "TSLA", Fractionable: true})
	s.SetPrice("TSLA", "332.89")
	c := trading(s)

	placed, err := c.PlaceOrder(buy("a", "TSLA", "10.5"))
	if err != nil {
		t.Fatal(err)
	}
	is(t, "status", placed.Status, "accepted")
	account, err := c.GetAccount()
	if err != nil {
		t.Fatal(err)
	}
	is(t, "buying power", account.BuyingPower, "96504.655") // 100000 - 10.5 × 332.89
	is(t, "cash", account.Cash, "100000")

	s.Open("2024-11-29", map[string]string{"TSLA": "336.08"})
	got, err := c.GetOrderByClientOrderID("a")
	if err != nil {
		t.Fatal(err)
	}
	is(t, "status", got.Status, "filled")
	is(t, "average", *got.FilledAvgPrice, "336.08")
	if p, err := c.GetPosition("TSLA"); err != nil {
		t.Error(err)
	} else {
		is(t, "position", p.Qty, "10.5")
		is(t, "average entry", p.AvgEntryPrice, "336.08")
	}
	is(t, "cash", s.Cash(), "96471.16") // 100000 - 3528.84
	clock, err := c.GetClock()
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2024, 11, 29, 18, 0, 0, 0, time.UTC); !clock.IsOpen || !clock.NextClose.Equal(want) {
		t.Errorf("clock %+v, want open until %s", clock, want)
	}
	days, err := c.GetCalendar(alpaca.GetCalendarRequest{Start: time.Date(2024, 11, 28, 0, 0, 0, 0, time.UTC), End: time.Date(2024, 12, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil || len(days) != 1 || days[0].Close != "13:00" {
		t.Errorf("calendar %+v, %v: want the half day alone", days, err)
	}
	// Selling it again brings the money back.
	if _, err := c.PlaceOrder(sell("b", "TSLA", "10.5")); err != nil {
		t.Fatal(err)
	}
	is(t, "position", s.Position("TSLA"), "0")
	is(t, "cash", s.Cash(), "100000")
}

func TestPartialFillsAndExpiry(t *testing.T) {
	s := alpacatest.New(t)
	s.AddAsset(alpacatest.Asset{Symbol: "A"})
	c := trading(s)
	if _, err := c.PlaceOrder(limited(buy("a", "A", "100"), "10.05")); err != nil {
		t.Fatal(err)
	}
	s.SetSize("A", "40")
	s.Open("2024-11-28", map[string]string{"A": "10.00"})
	s.SetPrice("A", "10.06") // above the limit
	s.SetSize("A", "20")
	s.SetPrice("A", "10.03")
	got, err := c.GetOrderByClientOrderID("a")
	if err != nil {
		t.Fatal(err)
	}
	is(t, "status", got.Status, "partially_filled")
	is(t, "filled", got.FilledQty, "60")
	is(t, "average", *got.FilledAvgPrice, "10.01") // (400 + 200.6) / 60
	s.Close("2024-11-28")
	if got, err = c.GetOrder(got.ID); err != nil {
		t.Fatal(err)
	}
	is(t, "status", got.Status, "expired")
	if got.ExpiredAt == nil {
		t.Error("no time of expiry")
	}
	is(t, "cash", s.Cash(), "99399.4")
	open, err := c.GetOrders(alpaca.GetOrdersRequest{Status: "open"})
	if err != nil || len(open) != 0 {
		t.Errorf("open orders %v, %v", open, err)
	}
}

func TestRefusals(t *testing.T) {
	s := alpacatest.New(t)
	for _, a := range []alpacatest.Asset{{Symbol: "A"}, {Symbol: "F", Fractionable: true}, {Symbol: "H", Untradable: true}, {Symbol: "I", Inactive: true}} {
		s.AddAsset(a)
	}
	s.SetPrice("A", "100")
	s.SetPrice("F", "100")
	s.SetPosition("A", "10", "90")
	c := trading(s)
	if _, err := c.PlaceOrder(sell("held", "A", "6")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		order  alpaca.PlaceOrderRequest
		status int
		text   string
	}{
		{"an id again", buy("held", "F", "1"), 422, "client_order_id must be unique"},
		{"held by an order (B80)", sell("", "A", "10"), 403, "insufficient qty available for order (requested: 10, available: 4)"},
		{"nothing held", sell("", "F", "1"), 403, "account is not allowed to short"},
		{"the other side is open", buy("", "A", "1"), 403, "wash trade"},
		{"too dear", buy("", "F", "1000.01"), 403, "insufficient buying power"},
		{"a fraction (B81)", sell("", "A", "3.5"), 403, "not fractionable"},
		{"below a dollar", buy("", "F", "0.0099"), 403, "minimal amount of order 1"},
		{"no shares", buy("", "F", "0"), 422, "qty must be > 0"},
		{"halted", buy("", "H", "1"), 422, "not tradable"},
		{"gone", buy("", "I", "1"), 422, "not found"},
		{"unknown", buy("", "NONE", "1"), 422, "not found"},
		{"sub-penny", limited(buy("", "F", "1"), "10.001"), 422, "sub-penny"},
	} {
		_, err := c.PlaceOrder(tt.order)
		t.Log(tt.name)
		refused(t, err, tt.status, tt.text)
	}
	if n := len(s.Orders()); n != 1 {
		t.Errorf("%d orders, want the one that was accepted", n)
	}
	if _, err := c.PlaceOrder(limited(buy("", "F", "100"), "0.1234")); err != nil {
		t.Errorf("four decimals below a dollar: %v", err)
	}
	_, err := c.GetPosition("NONE")
	refused(t, err, 404, "position does not exist")
	_, err = c.GetOrder("x")
	refused(t, err, 404, "order not found")
	_, err = c.GetAsset("NONE")
	refused(t, err, 404, "asset not found")

	s.SetBlocked(true)
	_, err = c.PlaceOrder(buy("", "F", "1"))
	refused(t, err, 403, "restricted")
}

func TestCancel(t *testing.T) {
	s := alpacatest.New(t)
	s.AddAsset(alpacatest.Asset{Symbol: "A"})
	c := trading(s)
	placed, err := c.PlaceOrder(buy("a", "A", "1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CancelOrder(placed.ID); err != nil {
		t.Fatal(err)
	}
	is(t, "status", s.Orders()[0].Status, "canceled")
	refused(t, c.CancelOrder(placed.ID), 422, "already in")
	if _, err := c.PlaceOrder(buy("b", "A", "1")); err != nil {
		t.Fatal(err)
	}
	if err := c.CancelAllOrders(); err != nil {
		t.Fatal(err)
	}
	is(t, "status", s.Orders()[1].Status, "canceled")
}

func TestKeys(t *testing.T) {
	s := alpacatest.New(t)
	_, err := alpaca.NewClient(alpaca.ClientOpts{APIKey: "wrong", APISecret: "wrong", BaseURL: s.URL()}).GetAccount()
	refused(t, err, 403, "forbidden.")
	resp, err := http.Get(s.URL() + "/v2/account")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 401 {
		t.Errorf("status %d without keys, want 401", resp.StatusCode)
	}
}

func TestFaults(t *testing.T) {
	s := alpacatest.New(t)
	s.AddAsset(alpacatest.Asset{Symbol: "A"})
	c := trading(s)

	// B79: the order is there and its answer is not.
	s.Fault(alpacatest.Fault{Method: "POST", Path: "/v2/orders", Drop: true})
	if _, err := c.PlaceOrder(buy("a", "A", "1")); err == nil {
		t.Error("a dropped connection is no error")
	}
	if n := len(s.Orders()); n != 1 {
		t.Errorf("%d orders, want 1", n)
	}
	// The second and third call to the account fail, in a body cut short and in
	// a status.
	s.Fault(alpacatest.Fault{Path: "/v2/account", Skip: 1, Cut: 20})
	s.Fault(alpacatest.Fault{Path: "/v2/account", Skip: 2, Status: 500})
	for i, want := range []string{"", "unexpected EOF", "internal server error (HTTP 500)", ""} {
		if _, err := c.GetAccount(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("call %d: error %v, want %q", i+1, err, want)
		}
	}
	s.Fault(alpacatest.TooMany())
	_, err := c.GetAccount()
	refused(t, err, 429, "too many requests")
	s.Fault(alpacatest.Fault{Times: -1, Status: 403, Body: `{"message":"{key} {secret}"}`})
	for range 2 {
		_, err = c.GetAccount()
		refused(t, err, 403, alpacatest.Key+" "+alpacatest.Secret)
	}
	s.ClearFaults()
	if _, err = c.GetAccount(); err != nil {
		t.Error(err)
	}
	if n := len(s.Calls("POST", "/v2/orders")); n != 1 {
		t.Errorf("%d orders were posted, want 1", n)
	}
}

func data(s *alpacatest.Server) *marketdata.Client {
	return marketdata.NewClient(marketdata.ClientOpts{APIKey: alpacatest.Key, APISecret: alpacatest.Secret, BaseURL: s.URL(), RetryLimit: -1})
}

func TestBars(t *testing.T) {
	s := alpacatest.New(t)
	s.SetPageSize(2)
	s.SetBars("B", []alpacatest.Bar{alpacatest.Daily("2024-11-26", 2, 2, 2, 2, 100), alpacatest.Daily("2024-11-25", 1, 1, 1, 1, 100)})
	s.SetBars("A", []alpacatest.Bar{alpacatest.Daily("2024-11-25", 10, 12, 9, 11, 5000), alpacatest.Daily("2024-11-29", 9, 9, 9, 9, 1)})
	got, err := data(s).GetMultiBars([]string{"B", "A"}, marketdata.GetBarsRequest{Start: time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2024, 12, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if len(got["A"]) != 1 || len(got["B"]) != 2 || got["B"][0].Close != 1 {
		t.Errorf("bars %+v: want one of A, the other being in the future, and two of B by time", got)
	}
	if b := got["A"][0]; b.High != 12 || b.Volume != 5000 || !b.Timestamp.Equal(time.Date(2024, 11, 25, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("bar %+v", b)
	}
	if n := len(s.Calls("GET", "/v2/stocks/bars")); n != 2 {
		t.Errorf("%d pages, want 2", n)
	}
}

// B86: a free plan may not read the last 15 minutes.
func TestFreePlan(t *testing.T) {
	s := alpacatest.New(t)
	s.SetFreePlan(true)
	start := s.Now().Add(-48 * time.Hour)
	ask := func(end time.Time, feed string) error {
		_, err := data(s).GetBars("A", marketdata.GetBarsRequest{Start: start, End: end, Feed: feed})
		return err
	}
	refused(t, ask(s.Now(), ""), 403, "recent SIP data")
	refused(t, ask(s.Now().Add(-14*time.Minute), marketdata.SIP), 403, "recent SIP data")
	for _, err := range []error{ask(s.Now().Add(-15*time.Minute), ""), ask(s.Now(), marketdata.IEX), ask(time.Time{}, "")} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestNews(t *testing.T) {
	s := alpacatest.New(t)
	at := func(hour int) time.Time { return time.Date(2024, 11, 27, hour, 0, 0, 0, time.UTC) }
	s.AddNews(
		alpacatest.News{ID: 1, Headline: "one", Created: at(1), Symbols: []string{"A"}},
		alpacatest.News{ID: 2, Headline: "two", Created: at(2), Symbols: []string{"A", "B"}, Content: "<p>text</p>"},
		alpacatest.News{ID: 3, Headline: "three", Created: at(3), Symbols: []string{"B"}},
		alpacatest.News{ID: 4, Headline: "later", Created: at(23), Symbols: []string{"A"}},
	)
	s.SetPageSize(1)
	got, err := data(s).GetNews(marketdata.GetNewsRequest{Symbols: []string{"A"}, Start: at(0), NoTotalLimit: true, IncludeContent: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].ID != 2 || got[1].ID != 1 || got[0].Content != "<p>text</p>" {
		t.Errorf("news %+v: want 2 and 1", got)
	}
}

func TestCorporateActions(t *testing.T) {
	s := alpacatest.New(t)
	s.AddAction("forward_splits", `{"symbol":"A","ex_date":"2024-11-25","process_date":"2024-11-25","new_rate":2,"old_rate":1}`)
	s.AddAction("cash_dividends", `{"symbol":"B","ex_date":"2024-11-25","process_date":"2024-11-25","rate":0.25}`)
	got, err := data(s).GetCorporateActions(marketdata.GetCorporateActionsRequest{Symbols: []string{"A"}})
	if err != nil || len(got.ForwardSplits) != 1 || got.ForwardSplits[0].NewRate != 2 || len(got.CashDividends) != 0 {
		t.Errorf("actions %+v, %v: want A's split alone", got, err)
	}
}
