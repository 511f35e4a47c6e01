package simulated_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quagmt/udecimal"

	"finmem/backtest/broker"
	"finmem/data"
	"finmem/paper"
	"finmem/paper/brokertest"
	"finmem/paper/simulated"
)

var dec = udecimal.MustParse

// clock stands still.
type clock time.Time

func (c clock) Now() time.Time                               { return time.Time(c) }
func (c clock) Sleep(ctx context.Context, _ time.Time) error { return ctx.Err() }

var evening = clock(time.Date(2024, 11, 27, 21, 5, 0, 0, time.UTC))

func open(t *testing.T, path string, cfg simulated.Config) *simulated.Broker {
	t.Helper()
	if cfg.Clock == nil {
		cfg.Clock = evening
	}
	b, err := simulated.Open(t.Context(), path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func bar(s data.Session, price float64) data.Bar {
	b := data.CloseBar(s, price)
	b.Open = price
	return b
}

func settle(t *testing.T, b *simulated.Broker, markets ...simulated.Market) []paper.Receipt {
	t.Helper()
	ended, err := b.Settle(t.Context(), markets...)
	if err != nil {
		t.Fatal(err)
	}
	return ended
}

func TestBroker(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, s brokertest.Setup) brokertest.Account {
		path := filepath.Join(t.TempDir(), "account.db")
		shares := dec(s.Shares)
		cfg := simulated.Config{Symbols: []string{brokertest.Symbol}, Cash: dec(s.Cash).Add(shares.Mul(dec("100"))), Adjustment: data.Raw}
		if s.Fractional {
			cfg.Sim.Lot = dec("0.000000001")
		}
		b := open(t, path, cfg)
		if shares.IsPos() {
			if _, err := b.Submit(t.Context(), paper.Ticket{ClientID: "held before", Symbol: brokertest.Symbol, Side: broker.Buy, Shares: shares, For: brokertest.Before}); err != nil {
				t.Fatal(err)
			}
			settle(t, b, simulated.Market{Session: brokertest.Before, Symbol: brokertest.Symbol, HasBar: true, Bar: bar(brokertest.Before, 100)})
		}
		market := func(s data.Session, price string) {
			t.Helper()
			m := simulated.Market{Session: s, Symbol: brokertest.Symbol}
			if price != "" {
				p, err := strconv.ParseFloat(price, 64)
				if err != nil {
					t.Fatal(err)
				}
				m.HasBar, m.Bar = true, bar(s, p)
			}
			settle(t, b, m)
		}
		return brokertest.Account{Broker: b, Open: market, End: market, Restart: func() paper.Broker {
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			b = open(t, path, cfg)
			return b
		}}
	})
}

func buy(id, shares string, s data.Session) paper.Ticket {
	return paper.Ticket{ClientID: id, Symbol: "AAA", Side: broker.Buy, Shares: dec(shares), For: s}
}

// An order that was decided before a split fills in new shares; so does the limit.
func TestSplitScalesAnOrder(t *testing.T) {
	b := open(t, filepath.Join(t.TempDir(), "account.db"), simulated.Config{Symbols: []string{"AAA"}, Cash: dec("10000"), Adjustment: data.Raw})
	settle(t, b, simulated.Market{Session: "2024-11-26", Symbol: "AAA", HasBar: true, Bar: bar("2024-11-26", 400)})
	k := buy("one", "10", "2024-11-27")
	k.Limit = dec("410")
	if _, err := b.Submit(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	split := simulated.Market{Session: "2024-11-27", Symbol: "AAA", Actions: []data.Action{{Session: "2024-11-27", Split: 4}}}
	settle(t, b, split)
	settle(t, b, split) // told again, it does not split again
	r, _, err := b.Find(t.Context(), "one")
	if err != nil || !r.Shares.Equal(dec("40")) || !r.Limit.Equal(dec("102.5")) || r.Status != paper.Open {
		t.Errorf("receipt %+v, %v: want 40 shares up to 102.5", r, err)
	}
	if _, mark, _ := b.Ledger("AAA"); mark != 100 {
		t.Errorf("marked at %v, want 100", mark)
	}
	split.HasBar, split.Bar = true, bar("2024-11-27", 101)
	ended := settle(t, b, split)
	if len(ended) != 1 || ended[0].Status != paper.Filled || !ended[0].Result.Fill.Shares.Equal(dec("40")) {
		t.Errorf("ended %+v, want the order with 40 shares", ended)
	}
	if ended = settle(t, b, split); len(ended) != 0 {
		t.Errorf("told again, %+v ended", ended)
	}

	if _, err := b.Submit(t.Context(), buy("two", "3", "2024-11-29")); err != nil {
		t.Fatal(err)
	}
	ended = settle(t, b, simulated.Market{Session: "2024-11-29", Symbol: "AAA", Actions: []data.Action{{Session: "2024-11-29", Split: 0.1}}})
	if len(ended) != 1 || ended[0].Status != paper.Refused || ended[0].Result.Note != "rejected: the split left less than one lot" {
		t.Errorf("ended %+v, want a refusal", ended)
	}
	if state, _, _ := b.Ledger("AAA"); state.Shares != "4" {
		t.Errorf("%s shares, want 4", state.Shares)
	}
}

// A live price fills what is due, costs included, and orders of a later session
// wait.
func TestTrade(t *testing.T) {
	b := open(t, filepath.Join(t.TempDir(), "account.db"), simulated.Config{Symbols: []string{"AAA"}, Cash: dec("1000"),
		Sim: broker.Sim{Costs: broker.Costs{CommissionBps: 10, SlippageBps: 100}}})
	for _, k := range []paper.Ticket{buy("now", "5", "2024-11-27"), buy("later", "1", "2024-11-29"), buy("all", "100", "2024-11-27")} {
		if _, err := b.Submit(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	ended, err := b.Trade(t.Context(), "2024-11-27", "AAA", 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(ended) != 2 || ended[0].ClientID != "now" || ended[1].ClientID != "all" {
		t.Fatalf("ended %+v, want now and all", ended)
	}
	// 5 × 101 and 0.505; then 494.495 pays for 4 at 101 with 0.404.
	if f := ended[0].Result.Fill; !f.Price.Equal(dec("101")) || !f.Fee.Equal(dec("0.505")) {
		t.Errorf("fill %+v", *f)
	}
	if r := ended[1]; r.Status != paper.Cancelled || !r.Result.Clamped || !r.Result.Fill.Shares.Equal(dec("4")) {
		t.Errorf("receipt %+v, want one cut to 4 shares", r)
	}
	a, err := b.Account(t.Context())
	if err != nil || !a.Cash.Equal(dec("90.091")) || !a.Equity.Equal(dec("990.091")) {
		t.Errorf("account %+v, %v", a, err)
	}
}

func TestEachSymbolHasItsOwnCash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "account.db")
	b := open(t, path, simulated.Config{Symbols: []string{"AAA"}, Cash: dec("100")})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = open(t, path, simulated.Config{Symbols: []string{"BBB", "AAA"}, Cash: dec("300"), Name: "mine"})
	if got := strings.Join(b.Symbols(), " "); got != "AAA BBB" || b.Name() != "mine" {
		t.Errorf("symbols %s of %s", got, b.Name())
	}
	if a, err := b.Account(t.Context()); err != nil || !a.Cash.Equal(dec("400")) {
		t.Errorf("cash %s, %v: want 100 of the account there was and 300 of the new one", a.Cash, err)
	}
	k := buy("b", "1", "2024-11-27")
	k.Symbol = "BBB"
	if _, err := b.Submit(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Trade(t.Context(), "2024-11-27", "BBB", 400); err != nil {
		t.Fatal(err)
	}
	if r, _, _ := b.Find(t.Context(), "b"); r.Status != paper.Refused || r.Result.Note == "" {
		t.Errorf("receipt %+v: 300 pay for no share at 400", r)
	}
}

func TestSettleRefuses(t *testing.T) {
	b := open(t, filepath.Join(t.TempDir(), "account.db"), simulated.Config{Symbols: []string{"AAA"}, Cash: dec("100")})
	settle(t, b, simulated.Market{Session: "2024-11-27", Symbol: "AAA"})
	for _, m := range []simulated.Market{{Session: "2024-11-26", Symbol: "AAA"}, {Session: "2024-11-29", Symbol: "BBB"}} {
		if _, err := b.Settle(t.Context(), m); err == nil || !strings.Contains(err.Error(), m.Symbol) {
			t.Errorf("%+v: error %v", m, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	if err := os.WriteFile(path, []byte("this is no database, and it is long enough to look like one"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]simulated.Config{
		"another file":  {Clock: evening},
		"no clock":      {},
		"negative cash": {Clock: evening, Cash: dec("-1")},
		"costs":         {Clock: evening, Sim: broker.Sim{Costs: broker.Costs{SlippageBps: -1}}},
	} {
		if b, err := simulated.Open(t.Context(), path, cfg); err == nil {
			b.Close()
			t.Errorf("%s: opened", name)
		}
	}
}
