package broker_test

import (
	"math"
	"testing"

	"github.com/quagmt/udecimal"
	"pgregory.net/rapid"

	"finmem/agent"
	"finmem/backtest/broker"
)

func TestSizingOrder(t *testing.T) {
	all, half := broker.DefaultSizing(), broker.Sizing{TargetWeight: 0.5}
	short := broker.Sizing{TargetWeight: 1, Short: true}
	for _, c := range []struct {
		name         string
		sizing       broker.Sizing
		costs        broker.Costs
		cash, shares string
		action       agent.Action
		price        float64
		lot          string

		wantSide   broker.Side // no order if empty
		wantShares string
		wantNote   string
	}{
		{"buy goes all in", all, broker.Costs{}, "10000", "0", agent.Buy, 100, "1", broker.Buy, "100", ""},
		{"buy leaves room for the fee (B70)", all, broker.Costs{CommissionBps: 10}, "10000", "0", agent.Buy, 100, "1", broker.Buy, "99", ""},
		{"buy leaves room for slippage", all, broker.Costs{SlippageBps: 200}, "10000", "0", agent.Buy, 100, "1", broker.Buy, "98", ""},
		{"buy keeps the last share (B73)", all, broker.Costs{}, "51.62", "0", agent.Buy, 1.78, "1", broker.Buy, "29", ""},
		{"buy to half of equity", half, broker.Costs{}, "10000", "0", agent.Buy, 100, "1", broker.Buy, "50", ""},
		{"buy tops up", half, broker.Costs{}, "8000", "20", agent.Buy, 100, "1", broker.Buy, "30", ""},
		{"buy at the target", half, broker.Costs{}, "5000", "50", agent.Buy, 100, "1", "", "", "50 shares held are at or above the target of 50"},
		{"buy never sells", half, broker.Costs{}, "5000", "50", agent.Buy, 200, "1", "", "", "50 shares held are at or above the target of 37"},
		{"buy without cash for a share", all, broker.Costs{}, "99", "0", agent.Buy, 100, "1", "", "", "the target is worth less than one lot at 100"},
		{"buy with cash for a share but not its fee", all, broker.Costs{CommissionBps: 10}, "100", "0", agent.Buy, 100, "1", "", "", "cash 100 pays for less than one lot at 100 with costs"},
		{"buy in fractions", all, broker.Costs{}, "100", "0", agent.Buy, 30000, "0.0001", broker.Buy, "0.0033", ""},
		{"buy up to the cap", broker.Sizing{TargetWeight: 1, MaxShares: dec("30")}, broker.Costs{}, "10000", "10", agent.Buy, 100, "1", broker.Buy, "20", ""},
		{"buy covers a short and goes long", short, broker.Costs{}, "20000", "-100", agent.Buy, 100, "1", broker.Buy, "200", ""},
		{"sell goes flat", all, broker.Costs{}, "0", "100", agent.Sell, 100, "1", broker.Sell, "100", ""},
		{"sell goes flat, fraction and all", all, broker.Costs{}, "0", "0.5", agent.Sell, 100, "1", broker.Sell, "0.5", ""},
		{"sell without a position", all, broker.Costs{}, "10000", "0", agent.Sell, 100, "1", "", "", "nothing to sell: 0 shares held"},
		{"sell from flat to short", short, broker.Costs{}, "10000", "0", agent.Sell, 100, "1", broker.Sell, "100", ""},
		{"sell from long to short", short, broker.Costs{}, "0", "100", agent.Sell, 100, "1", broker.Sell, "200", ""},
		{"sell never buys", short, broker.Costs{}, "20000", "-100", agent.Sell, 120, "1", "", "", "nothing to sell: -100 shares held"},
		{"sell short to half", broker.Sizing{TargetWeight: 0.5, Short: true}, broker.Costs{}, "10000", "0", agent.Sell, 100, "1", broker.Sell, "50", ""},
		{"hold", all, broker.Costs{}, "10000", "0", agent.Hold, 100, "1", "", "", "hold keeps the position"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, ok, note, err := c.sizing.Order("TSLA", monday, c.action, c.price, account(t, c.cash, c.shares), c.costs, dec(c.lot))
			if err != nil {
				t.Fatal(err)
			}
			if note != c.wantNote || ok != (c.wantSide != "") {
				t.Fatalf("ok = %v, note %q, want note %q", ok, note, c.wantNote)
			}
			if !ok {
				return
			}
			same(t, "shares", o.Shares, c.wantShares)
			if o.ID != "TSLA-2024-03-04-"+string(c.wantSide) || o.Side != c.wantSide || o.Decided != monday || o.Symbol != "TSLA" {
				t.Errorf("order %+v", o)
			}
		})
	}
}

func TestSizingOrderReason(t *testing.T) {
	o, _, _, err := broker.DefaultSizing().Order("TSLA", monday, agent.Buy, 100, account(t, "10000", "0"), broker.Costs{CommissionBps: 10}, dec("1"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "buy: from 0 to 99 shares at close 100"; o.Reason != want {
		t.Errorf("reason %q, want %q", o.Reason, want)
	}
}

func TestSizingOrderErrors(t *testing.T) {
	all := broker.DefaultSizing()
	for _, c := range []struct {
		name   string
		sizing broker.Sizing
		costs  broker.Costs
		action agent.Action
		price  float64
		lot    string
		want   string
	}{
		{"no action", all, broker.Costs{}, "", 100, "1", `sizing  for TSLA in session 2024-03-04: action "" is not buy, sell or hold`},
		{"no price", all, broker.Costs{}, agent.Buy, math.NaN(), "1", "sizing buy for TSLA in session 2024-03-04: price NaN: want a number above 0 and up to 1e+12"},
		{"no weight", broker.Sizing{}, broker.Costs{}, agent.Buy, 100, "1", "sizing buy for TSLA in session 2024-03-04: target weight 0: want a number from 0.0001 to 1"},
		{"margin", broker.Sizing{TargetWeight: 1.5}, broker.Costs{}, agent.Buy, 100, "1", "sizing buy for TSLA in session 2024-03-04: target weight 1.5: want a number from 0.0001 to 1"},
		{"negative cap", broker.Sizing{TargetWeight: 1, MaxShares: dec("-1")}, broker.Costs{}, agent.Buy, 100, "1", "sizing buy for TSLA in session 2024-03-04: largest position of -1 shares: want a number from 0"},
		{"negative lot", all, broker.Costs{}, agent.Buy, 100, "-1", "sizing buy for TSLA in session 2024-03-04: lot -1: want a number of shares above 0 with at most 9 decimals"},
		{"negative costs", all, broker.Costs{CommissionBps: -1}, agent.Buy, 100, "1", "sizing buy for TSLA in session 2024-03-04: commission of -1 bp: want a number from 0 to below 10000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, ok, _, err := c.sizing.Order("TSLA", monday, c.action, c.price, account(t, "1000", "0"), c.costs, dec(c.lot))
			if err == nil || err.Error() != c.want || ok {
				t.Errorf("got %+v, %v, %v, want error %q", o, ok, err, c.want)
			}
		})
	}
}

// B55: what a model asks for is held against the account.
func TestSizingCheck(t *testing.T) {
	all := broker.DefaultSizing()
	for _, c := range []struct {
		name         string
		sizing       broker.Sizing
		cash, shares string
		side         broker.Side
		requested    float64
		want, reason string
	}{
		{"a million (B55)", all, "10000", "0", broker.Buy, 1e6, "100", "100 of 1e+06 shares: cash 10000 pays for 100 at 100 with the fee"},
		{"negative (B55)", all, "10000", "0", broker.Buy, -5, "0", "rejected: -5 is not a number of shares from above 0 to 1e+12"},
		{"zero (B55)", all, "10000", "0", broker.Buy, 0, "0", "rejected: 0 is not a number of shares from above 0 to 1e+12"},
		{"absurd (B55)", all, "10000", "0", broker.Buy, 1e308, "0", "rejected: 1e+308 is not a number of shares from above 0 to 1e+12"},
		{"not a number", all, "10000", "0", broker.Buy, math.NaN(), "0", "rejected: NaN is not a number of shares from above 0 to 1e+12"},
		{"infinite", all, "10000", "0", broker.Buy, math.Inf(1), "0", "rejected: +Inf is not a number of shares from above 0 to 1e+12"},
		{"fraction (B55)", all, "10000", "0", broker.Buy, 2.7, "2", "2 of 2.7 shares: the lot is 1"},
		{"below one share (B81)", all, "10000", "0", broker.Buy, 0.4, "0", "rejected: 0.4 is below one lot of 1"},
		{"sell without a position (B55)", all, "10000", "0", broker.Sell, 1, "0", "rejected: no shares to sell"},
		{"sell more than held", all, "0", "10", broker.Sell, 25, "10", "10 of 25 shares: 10 held"},
		{"within reason", all, "10000", "0", broker.Buy, 7, "7", ""},
		{"the configured cap (B55)", broker.Sizing{TargetWeight: 1, MaxShares: dec("40")}, "10000", "10", broker.Buy, 1e6, "30", "30 of 1e+06 shares: the largest position is 40 shares"},
		{"the cap is reached", broker.Sizing{TargetWeight: 1, MaxShares: dec("10")}, "10000", "10", broker.Buy, 1, "0", "rejected: the largest position is 10 shares"},
		{"the cap does not hinder going flat", broker.Sizing{TargetWeight: 1, MaxShares: dec("10")}, "10000", "15", broker.Sell, 15, "15", ""},
		{"the cap holds below zero too", broker.Sizing{TargetWeight: 1, Short: true, MaxShares: dec("10")}, "10000", "0", broker.Sell, 15, "10", "10 of 15 shares: the largest position is 10 shares"},
		{"a position is sold whole", all, "0", "10.5", broker.Sell, 11, "10.5", "10.5 of 11 shares: 10.5 held"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, reason, err := c.sizing.Check(c.side, c.requested, 100, account(t, c.cash, c.shares), broker.Costs{}, dec("1"))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "shares", got, c.want)
			if reason != c.reason {
				t.Errorf("reason %q, want %q", reason, c.reason)
			}
		})
	}
}

func TestSizingCheckErrors(t *testing.T) {
	for name, check := range map[string]func() error{
		"price": func() error {
			_, _, err := broker.DefaultSizing().Check(broker.Buy, 1, math.NaN(), account(t, "1000", "0"), broker.Costs{}, dec("1"))
			return err
		},
		"costs": func() error {
			_, _, err := broker.DefaultSizing().Check(broker.Buy, 1, 100, account(t, "1000", "0"), broker.Costs{SlippageBps: -1}, dec("1"))
			return err
		},
		"lot": func() error {
			_, _, err := broker.DefaultSizing().Check(broker.Buy, 1, 100, account(t, "1000", "0"), broker.Costs{}, dec("-1"))
			return err
		},
		"side": func() error {
			_, _, err := broker.DefaultSizing().Check("hold", 1, 100, account(t, "1000", "0"), broker.Costs{}, dec("1"))
			return err
		},
	} {
		if check() == nil {
			t.Errorf("a bad %s passes", name)
		}
	}
}

// An order that sizing makes fills whole where the market opens at the close it
// was sized at, and the position then is what sizing aimed at.
func TestSizingOrderFillsWholeAtTheSamePrice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizing := broker.Sizing{TargetWeight: rapid.Float64Range(0.0001, 1).Draw(t, "weight"), Short: rapid.Bool().Draw(t, "short")}
		costs := broker.Costs{CommissionBps: rapid.Float64Range(0, 100).Draw(t, "commission")}
		lot := rapid.SampledFrom([]broker.Decimal{dec("1"), dec("0.01")}).Draw(t, "lot")
		price := rapid.Float64Range(0.5, 2000).Draw(t, "price")
		cash := udecimal.MustFromInt64(rapid.Int64Range(0, 1e11).Draw(t, "cash"), 6)
		held := udecimal.MustFromInt64(rapid.Int64Range(0, 500).Draw(t, "held"), 0)
		action := rapid.SampledFrom([]agent.Action{agent.Buy, agent.Sell}).Draw(t, "action")

		l := holdings{cash, held}
		o, ok, note, err := sizing.Order("X", monday, action, price, l, costs, lot)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			if note == "" {
				t.Fatal("no order, and no reason")
			}
			return
		}
		got, err := broker.Sim{Costs: costs, Lot: lot, Short: sizing.Short}.Fill(o, opening(price), l)
		if err != nil {
			t.Fatal(err)
		}
		if got.Fill == nil || got.Clamped {
			t.Fatalf("order for %s shares: %+v", o.Shares, got)
		}
	})
}

// holdings are fixed figures.
type holdings struct{ cash, shares broker.Decimal }

func (h holdings) Cash() broker.Decimal   { return h.cash }
func (h holdings) Shares() broker.Decimal { return h.shares }
