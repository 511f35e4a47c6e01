// Package brokertest holds every [paper.Broker] to the same promises: an order is
// there once however often it is sent, an order that was refused leaves no trace,
// what is filled is what the account shows, and a restart forgets nothing.
package brokertest

import (
	"context"
	"errors"
	"testing"

	"github.com/quagmt/udecimal"

	"finmem/backtest/broker"
	"finmem/data"
	"finmem/paper"
)

// The sessions and the symbol of the suite. An account is made after the close of
// Before; orders are for Next, which is a half day, and After follows it.
const (
	Before data.Session = "2024-11-27"
	Next   data.Session = "2024-11-29"
	After  data.Session = "2024-12-02"
	Symbol              = "AAA"
)

// A Setup is what an account of the suite begins with.
type Setup struct {
	Cash   string // money, after Shares were bought
	Shares string // of Symbol held, "0" for none, bought at 100
	// Fractional lets fractions of a share be traded.
	Fractional bool
}

// An Account is a broker with a hold on its market.
type Account struct {
	Broker paper.Broker
	// Open trades Symbol at the open of a session, and End is its close. A price of
	// "" is a session without one.
	Open func(s data.Session, price string)
	End  func(s data.Session, price string)
	// Restart is another broker on the same account, as after a restart; the first
	// one is not used again.
	Restart func() paper.Broker
	// FillPart fills a part of an open order in the present session. It is nil for
	// a broker that knows no partial fills.
	FillPart func(clientID, shares, price string)
	// LoseAnswer makes the answer to the next submission get lost after the order
	// was taken. It is nil for a broker whose answers cannot get lost.
	LoseAnswer func()
}

// Run runs the suite on accounts that open makes.
func Run(t *testing.T, open func(t *testing.T, s Setup) Account) {
	for _, tt := range []struct {
		name  string
		setup Setup
		test  func(*testing.T, Account)
	}{
		{"an order fills at the open", Setup{Cash: "10000", Shares: "0"}, fills},
		{"an order is there once", Setup{Cash: "10000", Shares: "0"}, once},
		{"a lost answer (B79)", Setup{Cash: "10000", Shares: "0"}, lostAnswer},
		{"cancel", Setup{Cash: "10000", Shares: "0"}, cancel},
		{"a limit", Setup{Cash: "10000", Shares: "0"}, limit},
		{"a limit that is met", Setup{Cash: "10000", Shares: "10"}, limitMet},
		{"selling more than held (B71)", Setup{Cash: "0", Shares: "10"}, oversell},
		{"shares held by an order (B80)", Setup{Cash: "0", Shares: "10"}, held},
		{"whole shares only (B81)", Setup{Cash: "10000", Shares: "0"}, whole},
		{"fractions", Setup{Cash: "10000", Shares: "0", Fractional: true}, fractions},
		{"a partial fill (B82)", Setup{Cash: "10000", Shares: "0"}, partial},
		{"a refused order (B83)", Setup{Cash: "10000", Shares: "0"}, refused},
		{"more than the money (B70)", Setup{Cash: "1000", Shares: "0"}, dear},
		{"no price", Setup{Cash: "10000", Shares: "0"}, noPrice},
		{"a context that ended", Setup{Cash: "10000", Shares: "0"}, ended},
		{"restart", Setup{Cash: "10000", Shares: "10"}, restart},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open(t, tt.setup)) })
	}
}

func dec(text string) paper.Decimal { return udecimal.MustParse(text) }

func ticket(id string, side broker.Side, shares string) paper.Ticket {
	return paper.Ticket{ClientID: id, Symbol: Symbol, Side: side, Shares: dec(shares), For: Next}
}

// submit sends an order that is to be taken.
func submit(t *testing.T, b paper.Broker, k paper.Ticket) paper.Receipt {
	t.Helper()
	r, err := b.Submit(t.Context(), k)
	if err != nil {
		t.Fatalf("submitting %s: %v", k.ClientID, err)
	}
	if r.Status != paper.Open && r.Status != paper.Filled || r.BrokerID == "" || r.Submitted.IsZero() {
		t.Fatalf("receipt %+v: want an order with an id and a time", r)
	}
	same(t, r.Ticket, k)
	return r
}

// same holds a ticket against the one that was sent.
func same(t *testing.T, got, want paper.Ticket) {
	t.Helper()
	if got.ClientID != want.ClientID || got.Symbol != want.Symbol || got.Side != want.Side || got.For != want.For ||
		!got.Shares.Equal(want.Shares) || !got.Limit.Equal(want.Limit) {
		t.Errorf("ticket %+v, want %+v", got, want)
	}
}

// reject sends an order that is to be refused, and sees that it leaves no trace.
func reject(t *testing.T, b paper.Broker, k paper.Ticket) {
	t.Helper()
	before := account(t, b)
	_, err := b.Submit(t.Context(), k)
	var r *paper.Rejected
	if !errors.As(err, &r) || r.Reason == "" {
		t.Errorf("submitting %s: error %v, want a rejection with its reason", k.ClientID, err)
	}
	if _, found, err := b.Find(t.Context(), k.ClientID); found || err != nil {
		t.Errorf("order %s was refused, and the broker has it (%v)", k.ClientID, err)
	}
	after := account(t, b)
	if !after.Cash.Equal(before.Cash) || !after.Positions[Symbol].Shares.Equal(before.Positions[Symbol].Shares) {
		t.Errorf("order %s was refused, and the account went from %+v to %+v", k.ClientID, before, after)
	}
}

func account(t *testing.T, b paper.Broker) paper.Account {
	t.Helper()
	a, err := b.Account(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// holds sees that the account has so much cash and so many shares, that many of
// them in no order.
func holds(t *testing.T, b paper.Broker, cash, shares, available string) {
	t.Helper()
	a := account(t, b)
	p, has := a.Positions[Symbol]
	if !a.Cash.Equal(dec(cash)) || !p.Shares.Equal(dec(shares)) || !p.Available.Equal(dec(available)) {
		t.Errorf("account has cash %s, %s shares, %s available: want %s, %s, %s", a.Cash, p.Shares, p.Available, cash, shares, available)
	}
	if has == dec(shares).IsZero() {
		t.Errorf("a position of %s shares is listed: %v", shares, has)
	}
}

func find(t *testing.T, b paper.Broker, id string) paper.Receipt {
	t.Helper()
	r, found, err := b.Find(t.Context(), id)
	if err != nil || !found {
		t.Fatalf("order %s: found %v, %v", id, found, err)
	}
	return r
}

// ends sees how an order ended, and what was filled: "0" shares for nothing.
func ends(t *testing.T, b paper.Broker, id string, status paper.Status, shares, price string) paper.Receipt {
	t.Helper()
	r := find(t, b, id)
	if r.Status != status {
		t.Errorf("order %s is %s, want %s", id, r.Status, status)
	}
	if dec(shares).IsZero() {
		if r.Result.Fill != nil {
			t.Errorf("order %s filled %+v, want nothing", id, *r.Result.Fill)
		} else if r.Result.Note == "" {
			t.Errorf("order %s filled nothing and does not say why", id)
		}
		return r
	}
	f := r.Result.Fill
	if f == nil {
		t.Fatalf("order %s filled nothing, want %s shares at %s", id, shares, price)
	}
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	if f.OrderID != id || f.Symbol != r.Symbol || f.Side != r.Side || f.Session != Next || !f.Shares.Equal(dec(shares)) || !f.Price.Equal(dec(price)) || !f.Fee.IsZero() {
		t.Errorf("order %s filled %+v, want %s shares at %s in session %s", id, *f, shares, price, Next)
	}
	if part := f.Shares.LessThan(r.Shares); part != r.Result.Clamped || part != (r.Result.Note != "") {
		t.Errorf("order %s of %s shares: result %+v", id, r.Shares, r.Result)
	}
	return r
}

func openOrders(t *testing.T, b paper.Broker, want ...string) {
	t.Helper()
	list, err := b.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range list {
		if r.Status != paper.Open {
			t.Errorf("order %s is among the open ones and is %s", r.ClientID, r.Status)
		}
		got = append(got, r.ClientID)
	}
	if len(got) != len(want) {
		t.Fatalf("open orders %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("open orders %q, want %q", got, want)
		}
	}
}

func fills(t *testing.T, a Account) {
	submit(t, a.Broker, ticket("one", broker.Buy, "10"))
	openOrders(t, a.Broker, "one")
	if r := find(t, a.Broker, "one"); r.Result.Fill != nil || r.Result.Note != "" {
		t.Errorf("result %+v before the open", r.Result)
	}
	a.Open(Next, "101.25")
	ends(t, a.Broker, "one", paper.Filled, "10", "101.25")
	openOrders(t, a.Broker)
	holds(t, a.Broker, "8987.5", "10", "10")
	a.End(Next, "110")
	if e := account(t, a.Broker); !e.Equity.Equal(dec("10087.5")) || e.Blocked != "" || e.BuyingPower.GreaterThan(e.Cash) {
		t.Errorf("account %+v, want equity of 8987.5 + 10 × 110", e)
	}
	asset, err := a.Broker.Asset(t.Context(), Symbol)
	if err != nil || !asset.Tradable || asset.Shortable {
		t.Errorf("asset %+v, %v", asset, err)
	}
	if asset, err = a.Broker.Asset(t.Context(), "NONE"); err != nil || asset.Tradable || asset.Note == "" {
		t.Errorf("an unknown symbol is %+v, %v: want one that cannot be traded, and why", asset, err)
	}
	if a.Broker.Name() == "" {
		t.Error("the broker has no name")
	}
}

func once(t *testing.T, a Account) {
	if _, found, err := a.Broker.Find(t.Context(), "one"); found || err != nil {
		t.Errorf("an order that was never sent: found %v, %v", found, err)
	}
	submit(t, a.Broker, ticket("one", broker.Buy, "10"))
	twice := func() {
		t.Helper()
		if _, err := a.Broker.Submit(t.Context(), ticket("one", broker.Buy, "10")); !errors.Is(err, paper.ErrDuplicate) {
			t.Errorf("the same id again: error %v, want ErrDuplicate", err)
		}
		if _, err := a.Broker.Submit(t.Context(), ticket("one", broker.Buy, "7")); !errors.Is(err, paper.ErrDuplicate) {
			t.Errorf("the same id for another order: error %v, want ErrDuplicate", err)
		}
	}
	twice()
	openOrders(t, a.Broker, "one")
	a.Open(Next, "100")
	twice()
	a.End(Next, "100")
	a.Broker = a.Restart()
	twice()
	holds(t, a.Broker, "9000", "10", "10")
}

func lostAnswer(t *testing.T, a Account) {
	if a.LoseAnswer == nil {
		t.Skip("this broker's answers cannot get lost")
	}
	a.LoseAnswer()
	if _, err := a.Broker.Submit(t.Context(), ticket("one", broker.Buy, "10")); !errors.Is(err, paper.ErrUnavailable) {
		t.Errorf("error %v, want ErrUnavailable", err)
	}
	same(t, find(t, a.Broker, "one").Ticket, ticket("one", broker.Buy, "10"))
	if _, err := a.Broker.Submit(t.Context(), ticket("one", broker.Buy, "10")); !errors.Is(err, paper.ErrDuplicate) {
		t.Errorf("sent again: error %v, want ErrDuplicate", err)
	}
	openOrders(t, a.Broker, "one")
	a.Open(Next, "100")
	holds(t, a.Broker, "9000", "10", "10")
}

func cancel(t *testing.T, a Account) {
	submit(t, a.Broker, ticket("one", broker.Buy, "10"))
	submit(t, a.Broker, ticket("two", broker.Buy, "5"))
	for range 2 { // one that has ended is no error
		if err := a.Broker.Cancel(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Broker.Cancel(t.Context(), "never sent"); err != nil {
		t.Error(err)
	}
	ends(t, a.Broker, "one", paper.Cancelled, "0", "")
	openOrders(t, a.Broker, "two")
	a.Open(Next, "100")
	holds(t, a.Broker, "9500", "5", "5")
	if err := a.Broker.Cancel(t.Context(), "two"); err != nil {
		t.Error(err)
	}
	ends(t, a.Broker, "two", paper.Filled, "5", "100")
}

func limit(t *testing.T, a Account) {
	k := ticket("one", broker.Buy, "10")
	k.Limit = dec("101")
	submit(t, a.Broker, k)
	a.Open(Next, "101.01")
	a.End(Next, "101.01")
	ends(t, a.Broker, "one", paper.Expired, "0", "")
	holds(t, a.Broker, "10000", "0", "0")
	openOrders(t, a.Broker)
}

func limitMet(t *testing.T, a Account) {
	k := ticket("one", broker.Sell, "10")
	k.Limit = dec("99.5")
	submit(t, a.Broker, k)
	a.Open(Next, "99.75")
	ends(t, a.Broker, "one", paper.Filled, "10", "99.75")
	holds(t, a.Broker, "10997.5", "0", "0")
}

func oversell(t *testing.T, a Account) {
	reject(t, a.Broker, ticket("much", broker.Sell, "25"))
	submit(t, a.Broker, ticket("one", broker.Sell, "10"))
	reject(t, a.Broker, ticket("two", broker.Sell, "10"))
	a.Open(Next, "100")
	ends(t, a.Broker, "one", paper.Filled, "10", "100")
	reject(t, a.Broker, ticket("three", broker.Sell, "1"))
	holds(t, a.Broker, "1000", "0", "0")
}

func held(t *testing.T, a Account) {
	submit(t, a.Broker, ticket("one", broker.Sell, "6"))
	holds(t, a.Broker, "0", "10", "4")
	reject(t, a.Broker, ticket("two", broker.Sell, "10"))
	submit(t, a.Broker, ticket("three", broker.Sell, "4"))
	holds(t, a.Broker, "0", "10", "0")
	if err := a.Broker.Cancel(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	holds(t, a.Broker, "0", "10", "6")
	a.Open(Next, "100")
	holds(t, a.Broker, "400", "6", "6")
}

func whole(t *testing.T, a Account) {
	asset, err := a.Broker.Asset(t.Context(), Symbol)
	if err != nil || asset.Fractional {
		t.Errorf("asset %+v, %v: want one of whole shares", asset, err)
	}
	reject(t, a.Broker, ticket("one", broker.Buy, "3.654"))
	submit(t, a.Broker, ticket("two", broker.Buy, "3"))
}

func fractions(t *testing.T, a Account) {
	asset, err := a.Broker.Asset(t.Context(), Symbol)
	if err != nil || !asset.Fractional {
		t.Errorf("asset %+v, %v: want one of fractions", asset, err)
	}
	submit(t, a.Broker, ticket("one", broker.Buy, "3.654321987"))
	a.Open(Next, "100")
	ends(t, a.Broker, "one", paper.Filled, "3.654321987", "100")
	holds(t, a.Broker, "9634.5678013", "3.654321987", "3.654321987")
}

func partial(t *testing.T, a Account) {
	if a.FillPart == nil {
		t.Skip("this broker knows no partial fills")
	}
	k := ticket("one", broker.Buy, "100")
	k.Limit = dec("10.05")
	submit(t, a.Broker, k)
	a.Open(Next, "")
	a.FillPart("one", "30", "10.00")
	a.FillPart("one", "10", "10.01")
	r := find(t, a.Broker, "one")
	if r.Status != paper.Open || r.Result.Fill == nil || !r.Result.Fill.Shares.Equal(dec("40")) || r.Result.Clamped {
		t.Errorf("receipt %+v, want an open one with 40 shares", r)
	}
	openOrders(t, a.Broker, "one")
	if err := a.Broker.Cancel(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	ends(t, a.Broker, "one", paper.Cancelled, "40", "10.0025")
	holds(t, a.Broker, "9599.9", "40", "40")
}

func refused(t *testing.T, a Account) {
	unknown := ticket("one", broker.Buy, "1")
	unknown.Symbol = "NONE"
	reject(t, a.Broker, unknown)
	reject(t, a.Broker, ticket("two", broker.Buy, "0"))
	reject(t, a.Broker, ticket("three", broker.Sell, "1"))
	openOrders(t, a.Broker)
	a.Open(Next, "100")
	holds(t, a.Broker, "10000", "0", "0")
}

// dear is an order for more than the money: it is refused or cut, and cash never
// goes below zero.
func dear(t *testing.T, a Account) {
	k := ticket("one", broker.Buy, "11")
	k.Limit = dec("100")
	_, err := a.Broker.Submit(t.Context(), k)
	var r *paper.Rejected
	if err != nil && !errors.As(err, &r) {
		t.Fatal(err)
	}
	a.Open(Next, "100")
	a.End(Next, "100")
	if got := account(t, a.Broker); got.Cash.IsNeg() || got.Positions[Symbol].Shares.GreaterThan(dec("10")) {
		t.Errorf("account %+v: 1000 paid for more than 10 shares at 100", got)
	}
	if err == nil {
		if r := find(t, a.Broker, "one"); !r.Result.Clamped || r.Result.Note == "" {
			t.Errorf("receipt %+v: want one that says it was cut", r)
		}
	}
}

// noPrice is a symbol that does not trade in the session: nothing fills, whether
// the order then ends or waits.
func noPrice(t *testing.T, a Account) {
	submit(t, a.Broker, ticket("one", broker.Buy, "10"))
	a.Open(Next, "")
	a.End(Next, "")
	holds(t, a.Broker, "10000", "0", "0")
	if r := find(t, a.Broker, "one"); r.Result.Fill != nil || r.Status == paper.Filled {
		t.Errorf("receipt %+v without a price", r)
	}
	if err := a.Broker.Cancel(t.Context(), "one"); err != nil {
		t.Error(err)
	}
	openOrders(t, a.Broker)
}

// ended sends an order with a context that has ended. Whatever came of it, the
// broker knows, and sending it again does not make two.
func ended(t *testing.T, a Account) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := a.Broker.Submit(ctx, ticket("one", broker.Buy, "10"))
	var r *paper.Rejected
	if err == nil || errors.As(err, &r) {
		t.Errorf("error %v, want one that says nothing about the order", err)
	}
	if _, found, err := a.Broker.Find(t.Context(), "one"); err != nil {
		t.Fatal(err)
	} else if !found {
		submit(t, a.Broker, ticket("one", broker.Buy, "10"))
	}
	openOrders(t, a.Broker, "one")
}

func restart(t *testing.T, a Account) {
	submit(t, a.Broker, ticket("one", broker.Buy, "10"))
	k := ticket("two", broker.Buy, "2")
	k.Limit = dec("120.5")
	submit(t, a.Broker, k)
	a.Broker = a.Restart()
	openOrders(t, a.Broker, "one", "two")
	same(t, find(t, a.Broker, "two").Ticket, k)
	a.Open(Next, "100")
	a.Broker = a.Restart()
	openOrders(t, a.Broker)
	ends(t, a.Broker, "one", paper.Filled, "10", "100")
	ends(t, a.Broker, "two", paper.Filled, "2", "100")
	holds(t, a.Broker, "8800", "22", "22")
}
