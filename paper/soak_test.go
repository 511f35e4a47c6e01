package paper_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"time"

	"finmem/backtest/broker"
	"finmem/data"
	"finmem/internal/alpacatest"
	"finmem/paper"
	"finmem/paper/alpaca"
)

// An exchange is a clock that makes the fake Alpaca's market open and close as it
// passes.
type exchange struct {
	*paper.SimClock
	server    *alpacatest.Server
	histories map[string]data.History
	sessions  []data.Session
}

func (e *exchange) Sleep(ctx context.Context, until time.Time) error {
	from := e.Now()
	if err := e.SimClock.Sleep(ctx, until); err != nil {
		return err
	}
	for _, s := range e.sessions {
		if open := nyse.Open(s); open.After(from) && !open.After(until) {
			e.server.Open(string(s), e.prices(s))
		}
		if end := nyse.Close(s); end.After(from) && !end.After(until) {
			e.server.Close(string(s))
		}
	}
	e.server.SetTime(e.Now())
	return nil
}

// prices are those at which the symbols open.
func (e *exchange) prices(s data.Session) map[string]string {
	prices := map[string]string{}
	for symbol, h := range e.histories {
		for _, b := range h.Bars {
			if b.Session == s {
				prices[symbol] = strconv.FormatFloat(b.Open, 'f', 2, 64)
			}
		}
	}
	return prices
}

// alpacaWorld is a world whose account is at a fake Alpaca, through the real
// client.
func alpacaWorld(t testing.TB, from, end data.Session, symbols ...string) (*world, *alpacatest.Server, *exchange) {
	w := newWorld(t, from, from, end, symbols...)
	w.settings.Limits.Collar = 0.05
	w.settings.Engine.Follow = true
	w.settings.Engine.Sim = broker.Sim{Costs: broker.Costs{SlippageBps: 500}}
	server := alpacatest.New(t)
	var days []alpacatest.Day
	list := sessions(t, from, end.AddDays(10))
	for _, s := range list {
		days = append(days, alpacatest.Day{Date: string(s), Open: "09:30", Close: nyse.Close(s).In(alpacatest.Eastern()).Format("15:04")})
	}
	server.SetCalendar(days)
	for _, s := range symbols {
		server.AddAsset(alpacatest.Asset{Symbol: s})
	}
	clock := &exchange{SimClock: w.clock, server: server, histories: w.histories, sessions: list}
	server.SetTime(clock.Now())
	w.ticker = clock
	w.account = dial(t, server, clock)
	return w, server, clock
}

// dial is a broker as a process that starts makes it.
func dial(t testing.TB, server *alpacatest.Server, clock paper.Clock) paper.Broker {
	t.Helper()
	keys := map[string]string{alpaca.KeyVariable: alpacatest.Key, alpaca.SecretVariable: alpacatest.Secret}
	b, err := alpaca.Dial(t.Context(), alpaca.Config{URL: server.URL(), Calendar: nyse, Clock: clock,
		Lookup: func(name string) (string, bool) { v, ok := keys[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// settledOnce checks what must hold of an account at the end: every order there
// once, and the ledgers the broker's positions and cash.
func settledOnce(t testing.TB, w *world, server *alpacatest.Server) {
	t.Helper()
	seen := map[string]int{}
	for _, o := range server.Orders() {
		seen[o.ClientID]++
	}
	ordered := 0
	apart := dec("100000")
	cash := dec("0")
	for _, symbol := range w.symbols {
		records := w.records(symbol)
		for i, r := range records {
			if r.Order == nil {
				continue
			}
			ordered++
			id := paper.ClientID(w.account.Name(), *r.Order)
			if seen[id] != 1 {
				t.Errorf("order %s is %d times at the broker, want once", r.Order.ID, seen[id])
			}
			if i+1 < len(records) && records[i+1].Settled == nil {
				t.Errorf("order %s was not settled in the next session", r.Order.ID)
			}
		}
		last := records[len(records)-1].State.Ledger
		if got := server.Position(symbol); !dec(got).Equal(dec(last.Shares)) {
			t.Errorf("%s: the broker holds %s shares, the ledger %s", symbol, got, last.Shares)
		}
		apart = apart.Sub(w.settings.Engine.Cash)
		cash = cash.Add(dec(last.Cash))
	}
	if len(seen) != ordered {
		t.Errorf("%d orders at the broker, %d in the journal", len(seen), ordered)
	}
	if diff := dec(server.Cash()).Sub(cash).Sub(apart).Abs(); !diff.LessThan(dec("0.01")) {
		t.Errorf("the broker has %s in cash, the ledgers %s beside %s", server.Cash(), cash, apart)
	}
}

// faults are what goes wrong with calls and changes nothing in the end.
var soakFaults = []alpacatest.Fault{
	{Method: http.MethodPost, Path: "/v2/orders", Drop: true},
	{Method: http.MethodPost, Path: "/v2/orders", Cut: 20},
	{Method: http.MethodPost, Path: "/v2/orders", Status: http.StatusInternalServerError},
	{Method: http.MethodPost, Path: "/v2/orders", Status: http.StatusTooManyRequests, RetryAfter: "1"},
	{Method: http.MethodGet, Path: "/v2/orders*", Status: http.StatusServiceUnavailable, Times: 5},
	{Method: http.MethodGet, Path: "/v2/orders*", Drop: true},
	{Method: http.MethodGet, Path: "/v2/account", Status: http.StatusBadGateway, Times: 4},
	{Method: http.MethodGet, Path: "/v2/account", Cut: 10},
	{Method: http.MethodGet, Path: "/v2/positions*", Status: http.StatusInternalServerError, Times: 2},
	{Method: http.MethodGet, Path: "/v2/assets*", Drop: true},
}

// A soak: 250 sessions at a fake Alpaca, in every tenth of which something goes
// wrong at a random step: a call, or the process dies. No order is lost or
// doubled, the ledger is the broker's, and journal and memory are those of a run
// in which nothing went wrong.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	const from, end = data.Session("2024-01-02"), data.Session("2024-12-27")
	if n := len(sessions(t, from, end)); n != 250 {
		t.Fatalf("%d sessions, want 250", n)
	}
	calm, server, _ := alpacaWorld(t, from, end, "AAA", "BBB")
	if err := calm.run(); err != nil {
		t.Fatal(err)
	}
	settledOnce(t, calm, server)
	want := digest(t, calm.dir)
	t.Logf("%d orders", len(server.Orders()))
	if n := len(server.Orders()); n < 20 {
		t.Fatalf("%d orders: too few to show anything", n)
	}
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed+1), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 11))
			w, server, clock := alpacaWorld(t, from, end, "AAA", "BBB")
			w.settings.Engine.Parallel = 1
			r := &reaper{}
			w.mortalise(r)
			number, faults := 0, 0
			last := data.Session("")
			step := w.notes.hook
			w.notes.hook = func(e paper.Event) {
				if e.Kind == paper.Finished && e.Session != last {
					last = e.Session
					if number++; number%10 == 0 {
						faults++
						if random.IntN(2) == 0 {
							r.at = r.steps.Load() + 1 + random.Int64N(25)
						} else {
							f := soakFaults[random.IntN(len(soakFaults))]
							f.Skip = random.IntN(3)
							server.Fault(f)
						}
					}
				}
				step(e)
			}
			hook := w.notes.hook
			deaths := 0
			for {
				died, err := w.die()
				if err != nil {
					t.Fatal(err)
				}
				if !died {
					break
				}
				deaths++
				fresh := &reaper{at: -1}
				w.mortalise(fresh)
				r = fresh
				step = w.notes.hook
				w.notes.hook = hook
				if err := clock.Sleep(t.Context(), clock.Now().Add(time.Minute)); err != nil {
					t.Fatal(err)
				}
				w.account = dial(t, server, clock)
			}
			t.Logf("%d faults, %d of them deaths", faults, deaths)
			// A process that dies as it reports the tenth session arms nothing.
			if faults < 23 || deaths < 5 {
				t.Errorf("%d faults and %d deaths, want about 25 and some", faults, deaths)
			}
			settledOnce(t, w, server)
			if got := digest(t, w.dir); got != want {
				t.Errorf("journal and memory are not those of the run without faults")
			}
			if n := w.notes.of(paper.Missed); len(n) > 0 {
				t.Errorf("missed %q", n)
			}
		})
	}
}
