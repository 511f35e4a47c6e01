package broker_test

import (
	"math"
	"testing"

	"github.com/quagmt/udecimal"
	"pgregory.net/rapid"

	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

const (
	monday  = data.Session("2024-03-04")
	tuesday = data.Session("2024-03-05")
)

// account is a ledger with cash and a position, long or short.
func account(t testing.TB, cash, shares string) *portfolio.Ledger {
	t.Helper()
	cost := "1"
	if dec(shares).IsZero() {
		cost = "0"
	}
	l, err := portfolio.FromState(portfolio.State{Cash: cash, Shares: shares, Cost: cost, Short: dec(shares).IsNeg()})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// order asks for shares, decided after Monday's close.
func order(side broker.Side, shares string) broker.Order {
	return broker.Order{ID: broker.OrderID("TSLA", monday, side), Symbol: "TSLA", Decided: monday, Side: side, Shares: dec(shares)}
}

// opening is Tuesday's bar with an open and a close one above it.
func opening(price float64) data.Bar {
	bar := data.CloseBar(tuesday, price+1)
	bar.Open = price
	return bar
}

func TestSimFill(t *testing.T) {
	tenBps := broker.Costs{CommissionBps: 10}
	for _, c := range []struct {
		name         string
		sim          broker.Sim
		cash, shares string
		order        broker.Order
		bar          data.Bar

		wantShares, wantPrice, wantFee string // no fill if empty
		wantCash                       string // once booked
		wantNote                       string
	}{
		{"all in with a fee buys 99, not 100 (B70)", broker.Sim{Costs: tenBps}, "10000", "0", order(broker.Buy, "100"), opening(100),
			"99", "100", "9.9", "90.1", "99 of 100 shares: cash 10000 pays for 99 at 100 with the fee"},
		{"a gap up is paid from the same cash (B70)", broker.Sim{Costs: tenBps}, "10000", "0", order(broker.Buy, "99"), opening(105),
			"95", "105", "9.975", "15.025", "95 of 99 shares: cash 10000 pays for 95 at 105 with the fee"},
		{"a gap down buys no more than ordered", broker.Sim{Costs: tenBps}, "10000", "0", order(broker.Buy, "99"), opening(95),
			"99", "95", "9.405", "585.595", ""},
		{"the last share is not lost to rounding (B73)", broker.Sim{}, "51.62", "0", order(broker.Buy, "30"), opening(1.78),
			"29", "1.78", "0", "0", "29 of 30 shares: cash 51.62 pays for 29 at 1.78 with the fee"},
		{"selling more than held sells what is held (B71)", broker.Sim{}, "0", "10", order(broker.Sell, "25"), opening(100),
			"10", "100", "0", "1000", "10 of 25 shares: 10 held"},
		{"selling twice on a day finds nothing left (B71)", broker.Sim{}, "1000", "0", order(broker.Sell, "10"), opening(100),
			"", "", "", "1000", "rejected: no shares to sell"},
		{"too little cash for one share", broker.Sim{Costs: tenBps}, "100.05", "0", order(broker.Buy, "1"), opening(100),
			"", "", "", "100.05", "rejected: cash 100.05 pays for 0 at 100 with the fee"},
		{"no cash at all", broker.Sim{}, "0", "3", order(broker.Buy, "1"), opening(100),
			"", "", "", "0", "rejected: cash 0 pays for 0 at 100 with the fee"},
		{"slippage raises a buy", broker.Sim{Costs: broker.Costs{SlippageBps: 10}}, "1000", "0", order(broker.Buy, "2"), opening(100),
			"2", "100.1", "0", "799.8", ""},
		{"slippage lowers a sell", broker.Sim{Costs: broker.Costs{CommissionBps: 10, SlippageBps: 10}}, "0", "2", order(broker.Sell, "2"), opening(100),
			"2", "99.9", "0.1998", "199.6002", ""},
		{"slippage never rounds away", broker.Sim{Costs: broker.Costs{SlippageBps: 1}}, "1", "0", order(broker.Buy, "1"), opening(0.00001),
			"1", "0.000011", "0", "0.999989", ""},
		{"slippage of a sell never rounds away either", broker.Sim{Costs: broker.Costs{SlippageBps: 1}}, "0", "1", order(broker.Sell, "1"), opening(1.000001),
			"1", "0.9999", "0", "0.9999", ""},
		{"half a millionth of a fee goes to even, down", broker.Sim{Costs: tenBps}, "1", "0", order(broker.Buy, "1"), opening(0.0005),
			"1", "0.0005", "0", "0.9995", ""},
		{"half a millionth of a fee goes to even, up", broker.Sim{Costs: tenBps}, "1", "0", order(broker.Buy, "3"), opening(0.0005),
			"3", "0.0005", "0.000002", "0.998498", ""},
		{"a buy of as many as are held is in whole lots", broker.Sim{}, "2000", "10.5", order(broker.Buy, "10.5"), opening(100),
			"10", "100", "0", "1000", "10 of 10.5 shares: the lot is 1"},
		{"a bar without an open fills at its close", broker.Sim{}, "1000", "0", order(broker.Buy, "2"), data.CloseBar(tuesday, 50),
			"2", "50", "0", "900", ""},
		{"a fraction below one share (B81)", broker.Sim{}, "1000", "0", order(broker.Buy, "0.4"), opening(100),
			"", "", "", "1000", "rejected: 0.4 shares are below one lot of 1"},
		{"a fraction above one share is cut to whole shares (B81)", broker.Sim{}, "1000", "0", order(broker.Buy, "3.654"), opening(100),
			"3", "100", "0", "700", "3 of 3.654 shares: the lot is 1"},
		{"fractional lots", broker.Sim{Costs: tenBps, Lot: dec("0.001")}, "100", "0", order(broker.Buy, "1"), opening(30000),
			"0.003", "30000", "0.09", "9.91", "0.003 of 1 shares: cash 100 pays for 0.003 at 30000 with the fee"},
		{"a position that is no multiple of the lot is sold whole", broker.Sim{}, "0", "10.5", order(broker.Sell, "10.5"), opening(100),
			"10.5", "100", "0", "1050", ""},
		{"nothing left of a price after slippage", broker.Sim{Costs: broker.Costs{SlippageBps: 5000}}, "0", "10", order(broker.Sell, "10"), opening(0.000001),
			"", "", "", "0", "rejected: nothing is left of the price 0.000001 after slippage"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := account(t, c.cash, c.shares)
			got, err := c.sim.Fill(c.order, c.bar, l)
			if err != nil {
				t.Fatal(err)
			}
			if got.Note != c.wantNote {
				t.Errorf("note %q, want %q", got.Note, c.wantNote)
			}
			if c.wantShares == "" {
				if got.Fill != nil || got.Clamped {
					t.Fatalf("got %+v, want no fill", got)
				}
				return
			}
			if got.Fill == nil {
				t.Fatalf("no fill: %q", got.Note)
			}
			same(t, "shares", got.Fill.Shares, c.wantShares)
			same(t, "price", got.Fill.Price, c.wantPrice)
			same(t, "fee", got.Fill.Fee, c.wantFee)
			if want := !got.Fill.Shares.Equal(c.order.Shares); got.Clamped != want {
				t.Errorf("clamped = %v, want %v", got.Clamped, want)
			}
			if err := l.Apply(*got.Fill); err != nil {
				t.Fatal(err)
			}
			same(t, "cash", l.Cash(), c.wantCash)
		})
	}
}

// A short sale stops where the short position is worth as much as the equity.
func TestSimFillShort(t *testing.T) {
	for _, c := range []struct {
		name         string
		cash, shares string
		side         broker.Side
		ask          string
		open         float64
		want, note   string
	}{
		{"from flat", "1000", "0", broker.Sell, "10", 100, "10", ""},
		{"from flat, gap up", "1000", "0", broker.Sell, "10", 125, "8", "8 of 10 shares: equity 1000 bears a sale of 8 at 125"},
		{"from long, through zero", "0", "10", broker.Sell, "20", 100, "20", ""},
		{"already short for all of the equity", "2000", "-10", broker.Sell, "1", 100, "0", "rejected: equity 1000 bears no further short shares at 100"},
		{"equity used up by a loss", "2000", "-10", broker.Sell, "1", 200, "0", "rejected: equity 0 bears no further short shares at 200"},
		{"covering is a buy from cash", "2000", "-10", broker.Buy, "10", 150, "10", ""},
		{"covering what cash pays for", "2000", "-10", broker.Buy, "10", 250, "8", "8 of 10 shares: cash 2000 pays for 8 at 250 with the fee"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := broker.Sim{Short: true}.Fill(order(c.side, c.ask), opening(c.open), account(t, c.cash, c.shares))
			if err != nil {
				t.Fatal(err)
			}
			if got.Note != c.note {
				t.Errorf("note %q, want %q", got.Note, c.note)
			}
			if got.Fill == nil {
				same(t, "shares", dec("0"), c.want)
				return
			}
			same(t, "shares", got.Fill.Shares, c.want)
		})
	}
}

func TestSimFillSaysWhatItDid(t *testing.T) {
	sim := broker.Sim{Costs: broker.Costs{CommissionBps: 10, SlippageBps: 25}}
	got, err := sim.Fill(order(broker.Buy, "2"), opening(100), account(t, "1000", "0"))
	if err != nil {
		t.Fatal(err)
	}
	f := got.Fill
	if f.OrderID != "TSLA-2024-03-04-buy" || f.Symbol != "TSLA" || f.Session != tuesday || f.Side != broker.Buy || f.Basis != broker.AtOpen {
		t.Errorf("fill %+v", f)
	}
	same(t, "slippage", f.Slippage, "0.5") // 0.25 a share
	same(t, "value", f.Value(), "200.5")
	same(t, "fee", f.Fee, "0.2005")

	got, err = sim.Fill(order(broker.Sell, "2"), opening(100), account(t, "0", "2"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "slippage of a sell", got.Fill.Slippage, "0.5")

	got, err = sim.Fill(order(broker.Buy, "2"), data.CloseBar(tuesday, 100), account(t, "1000", "0"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Fill.Basis != broker.AtClose {
		t.Errorf("without an open, basis = %q, want close", got.Fill.Basis)
	}
}

func TestSimFillErrors(t *testing.T) {
	sameDay, noPrice, noSide, nothing := opening(100), data.CloseBar(tuesday, math.NaN()), order("hold", "1"), order(broker.Buy, "0")
	sameDay.Session = monday
	for _, c := range []struct {
		name  string
		sim   broker.Sim
		order broker.Order
		bar   data.Bar
		want  string
	}{
		{"the price that made the decision (B61)", broker.Sim{}, order(broker.Buy, "1"), sameDay,
			"order TSLA-2024-03-04-buy was decided after the close of session 2024-03-04 and cannot fill in session 2024-03-04"},
		{"no price (B03)", broker.Sim{}, order(broker.Buy, "1"), noPrice,
			"order TSLA-2024-03-04-buy in session 2024-03-05: close price NaN: want a number above 0 and up to 1e+12"},
		{"no side", broker.Sim{}, noSide, opening(100), `order TSLA-2024-03-04-hold: side "hold" is not buy or sell`},
		{"no shares", broker.Sim{}, nothing, opening(100), "order TSLA-2024-03-04-buy: 0 shares: want a number above 0 with at most 9 decimals"},
		{"too fine", broker.Sim{}, order(broker.Buy, "0.0000000001"), opening(100),
			"order TSLA-2024-03-04-buy: 0.0000000001 shares: want a number above 0 with at most 9 decimals"},
		{"negative lot", broker.Sim{Lot: dec("-1")}, order(broker.Buy, "1"), opening(100), "lot -1: want a number of shares above 0 with at most 9 decimals"},
		{"negative costs", broker.Sim{Costs: broker.Costs{CommissionBps: -1}}, order(broker.Buy, "1"), opening(100),
			"commission of -1 bp: want a number from 0 to below 10000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.sim.Fill(c.order, c.bar, account(t, "1000", "0"))
			if err == nil || err.Error() != c.want {
				t.Errorf("got %+v, %v, want error %q", got, err, c.want)
			}
		})
	}
}

func TestSimValidate(t *testing.T) {
	if err := (broker.Sim{Lot: dec("0.00000001"), Costs: broker.Costs{CommissionBps: 5}}).Validate(); err != nil {
		t.Error(err)
	}
	for _, sim := range []broker.Sim{{Lot: dec("-1")}, {Lot: dec("0.0000000001")}, {Costs: broker.Costs{SlippageBps: -1}}} {
		if err := sim.Validate(); err == nil {
			t.Errorf("%+v: want an error", sim)
		}
	}
}

// A cut buy is the largest that cash pays for: one lot more would not fit.
func TestSimBuysTheLastLot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lot := rapid.SampledFrom([]broker.Decimal{dec("1"), dec("100"), dec("0.01"), dec("0.000000001")}).Draw(t, "lot")
		cash := udecimal.MustFromInt64(rapid.Int64Range(0, 1e13).Draw(t, "cash"), 6)
		sim := broker.Sim{Lot: lot, Costs: broker.Costs{
			CommissionBps: rapid.Float64Range(0, 500).Draw(t, "commission"),
			SlippageBps:   rapid.Float64Range(0, 500).Draw(t, "slippage"),
		}}
		l := portfolio.New(cash, false)
		price := rapid.Float64Range(1e-5, 1e5).Draw(t, "price")
		got, err := sim.Fill(order(broker.Buy, "1000000000000"), opening(price), l)
		if err != nil {
			t.Fatal(err)
		}
		lots := dec("0")
		if got.Fill != nil {
			if err := l.Apply(*got.Fill); err != nil {
				t.Fatal(err)
			}
			whole, rest := got.Fill.Shares.MustQuoRem(lot)
			if !rest.IsZero() {
				t.Fatalf("%s shares are no multiple of %s", got.Fill.Shares, lot)
			}
			lots = whole
		}
		more := order(broker.Buy, "1")
		more.Shares = lots.Mul(lot).Add(lot)
		again, err := sim.Fill(more, opening(price), portfolio.New(cash, false))
		if err != nil {
			t.Fatal(err)
		}
		if again.Fill != nil && !again.Fill.Shares.LessThan(more.Shares) {
			t.Fatalf("%s shares fit, one lot more than the %s that were filled", more.Shares, lots.Mul(lot))
		}
	})
}

// A limit is the worst price: a buy does not fill above it, nor a sell below,
// and a split of 4:1 makes it a quarter.
func TestLimitPrice(t *testing.T) {
	for _, c := range []struct {
		side   broker.Side
		limit  string
		open   float64
		filled bool
	}{{broker.Buy, "101", 101, true}, {broker.Buy, "101", 101.01, false}, {broker.Sell, "99", 99, true}, {broker.Sell, "99", 98.99, false}} {
		bar := data.CloseBar("2024-03-05", c.open)
		bar.Open = c.open
		o := broker.Order{ID: "x", Symbol: "AAA", Decided: "2024-03-04", Side: c.side, Shares: udecimal.MustParse("10"), Limit: udecimal.MustParse(c.limit)}
		ledger := holdings{udecimal.MustParse("10000"), udecimal.MustParse("10")}
		got, err := broker.Sim{}.Fill(o, bar, ledger)
		if err != nil {
			t.Fatal(err)
		}
		if (got.Fill != nil) != c.filled || c.filled != (got.Note == "") {
			t.Errorf("%s with limit %s at %v: %+v, want filled %t", c.side, c.limit, c.open, got, c.filled)
		}
	}
	o := broker.Order{ID: "x", Symbol: "AAA", Decided: "2024-03-04", Side: broker.Buy, Shares: udecimal.MustParse("10"), Limit: udecimal.MustParse("101")}
	after, left, err := o.AfterSplit(4, udecimal.Decimal{})
	if err != nil || !left || after.Limit.String() != "25.25" || after.Shares.String() != "40" {
		t.Errorf("after a split: %+v, %t, %v; want 40 shares up to 25.25", after, left, err)
	}
}
