package portfolio_test

import (
	"math"
	"testing"

	"finmem/agent"
	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// trade sizes an action at one session's close and fills it in the next one.
func trade(t *testing.T, l *portfolio.Ledger, action agent.Action, decided data.Bar, next data.Bar, sim broker.Sim) broker.Result {
	t.Helper()
	o, ok, note, err := broker.DefaultSizing().Order("TSLA", decided.Session, action, decided.Close, l, sim.Costs, sim.Lot)
	if err != nil || !ok {
		t.Fatalf("no order: %q, %v", note, err)
	}
	got, err := sim.Fill(o, next, l)
	if err != nil {
		t.Fatal(err)
	}
	if got.Fill != nil {
		if err := l.Apply(*got.Fill); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// bar is a session of March 2024 with an open and a close.
func bar(day string, open, close float64) data.Bar {
	b := data.CloseBar(data.Session("2024-03-"+day), close)
	b.Open = open
	return b
}

// B61: decided at a close of 100 and filled at the next open of 110, a close of
// 115 is a gain of 4.545 %, not of 15 %.
func TestDecisionFillsAtTheNextOpen(t *testing.T) {
	l := portfolio.New(dec("11000"), false)
	got := trade(t, l, agent.Buy, bar("04", 99, 100), bar("05", 110, 115), broker.Sim{})
	same(t, "fill price", got.Fill.Price, "110")
	same(t, "shares", got.Fill.Shares, "100")
	if gain := l.Equity(dec("115")).InexactFloat64()/11000 - 1; math.Abs(gain-0.0454545) > 1e-6 {
		t.Errorf("gain %.6f, want 0.045455", gain)
	}
}

// B70: a gap at the open is paid from the cash there is.
func TestGapAtTheOpen(t *testing.T) {
	l := portfolio.New(dec("10000"), false)
	got := trade(t, l, agent.Buy, bar("04", 99, 100), bar("05", 105, 106), broker.Sim{Costs: broker.Costs{CommissionBps: 10}})
	if !got.Clamped {
		t.Error("99 shares were ordered and 95 filled, and it does not say so")
	}
	same(t, "shares", l.Shares(), "95")
	same(t, "cash", l.Cash(), "15.025")
}

// B71: two sells on one day cannot sell the position twice.
func TestSellingTwice(t *testing.T) {
	l := booked(t, "1000", false, fill("04", broker.Buy, "10", "100", "0"))
	o, ok, _, err := broker.DefaultSizing().Order("TSLA", "2024-03-04", agent.Sell, 100, l, broker.Costs{}, dec("1"))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	for i, want := range []bool{true, false} {
		got, err := broker.Sim{}.Fill(o, bar("05", 100, 100), l)
		if err != nil {
			t.Fatal(err)
		}
		if (got.Fill != nil) != want {
			t.Fatalf("sale %d: %+v", i+1, got)
		}
		if got.Fill != nil {
			if err := l.Apply(*got.Fill); err != nil {
				t.Fatal(err)
			}
		}
	}
	same(t, "shares", l.Shares(), "0")
	same(t, "cash", l.Cash(), "1000")
}

// B73: 51.62 buys 29 shares at 1.78 and leaves nothing.
func TestLastShare(t *testing.T) {
	l := portfolio.New(dec("51.62"), false)
	trade(t, l, agent.Buy, bar("04", 1.78, 1.78), bar("05", 1.78, 1.8), broker.Sim{})
	same(t, "shares", l.Shares(), "29")
	same(t, "cash", l.Cash(), "0")
}

// BenchmarkSession is one session of one symbol: size an order, fill it, book it.
func BenchmarkSession(b *testing.B) {
	sim := broker.Sim{Costs: broker.Costs{CommissionBps: 5, SlippageBps: 5}}
	l := portfolio.New(dec("100000"), false)
	days := []data.Bar{bar("04", 100.25, 101.37), bar("05", 101.4, 100.2)}
	for i := 0; b.Loop(); i++ {
		action := []agent.Action{agent.Buy, agent.Sell}[i%2]
		o, ok, _, err := broker.DefaultSizing().Order("TSLA", days[0].Session, action, days[0].Close, l, sim.Costs, sim.Lot)
		if err != nil || !ok {
			b.Fatal(ok, err)
		}
		got, err := sim.Fill(o, days[1], l)
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Apply(*got.Fill); err != nil {
			b.Fatal(err)
		}
		if l.Cash().LessThan(dec("1000")) && l.Shares().IsZero() { // costs have eaten it
			l = portfolio.New(dec("100000"), false)
		}
	}
}
