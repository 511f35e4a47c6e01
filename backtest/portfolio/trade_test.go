package portfolio_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// B69: what was bought and never sold is no trade yet.
func TestOpenPositionIsNoTrade(t *testing.T) {
	closed, open := portfolio.Trades([]broker.Fill{fill("05", broker.Buy, "10", "100", "0")})
	if len(closed) != 0 || open == nil {
		t.Fatalf("closed %+v, open %+v, want none closed and one open", closed, open)
	}
	if open.Exit != "" || !math.IsNaN(open.Return) || !open.PnL.IsZero() {
		t.Errorf("open trade %+v, want no exit, no return, no profit", open)
	}
	same(t, "held", open.Held, "10")
	marked := open.At(dec("110"))
	same(t, "unrealised profit", marked.PnL, "100")
	if marked.Return != 0.1 {
		t.Errorf("unrealised return %v, want 0.1", marked.Return)
	}
}

func TestTrades(t *testing.T) {
	type want struct {
		side                        broker.Side
		entry, exit                 data.Session
		shares, entryPrice, exit2   string
		fees, pnl                   string
		ret                         float64
		held, dividends, entryValue string
	}
	for _, c := range []struct {
		name        string
		fills       []broker.Fill
		adjustments []portfolio.Adjustment
		closed      []want
		open        *want
	}{
		{name: "nothing"},
		{
			name: "in and out",
			fills: []broker.Fill{
				fill("05", broker.Buy, "10", "100", "1"), fill("07", broker.Sell, "10", "110", "1.1")},
			closed: []want{{broker.Buy, "2024-03-05", "2024-03-07", "10", "100", "110", "2.1", "97.9", 0.0979, "0", "0", "1000"}},
		},
		{
			name: "a loss",
			fills: []broker.Fill{
				fill("05", broker.Buy, "10", "100", "0"), fill("07", broker.Sell, "10", "90", "0")},
			closed: []want{{broker.Buy, "2024-03-05", "2024-03-07", "10", "100", "90", "0", "-100", -0.1, "0", "0", "1000"}},
		},
		{
			name: "several fills each way are one trade",
			fills: []broker.Fill{
				fill("05", broker.Buy, "10", "100", "0"), fill("06", broker.Sell, "5", "120", "0"),
				fill("07", broker.Buy, "15", "110", "0"), fill("08", broker.Sell, "20", "130", "0")},
			closed: []want{{broker.Buy, "2024-03-05", "2024-03-08", "25", "106", "128", "0", "550", 550.0 / 2650, "0", "0", "2650"}},
		},
		{
			name: "short",
			fills: []broker.Fill{
				fill("05", broker.Sell, "10", "100", "1"), fill("07", broker.Buy, "10", "90", "0.9")},
			closed: []want{{broker.Sell, "2024-03-05", "2024-03-07", "10", "100", "90", "1.9", "98.1", 0.0981, "0", "0", "1000"}},
		},
		{
			name: "through zero",
			fills: []broker.Fill{
				fill("05", broker.Buy, "10", "100", "1"), fill("07", broker.Sell, "30", "110", "3")},
			closed: []want{{broker.Buy, "2024-03-05", "2024-03-07", "10", "100", "110", "2", "98", 0.098, "0", "0", "1000"}},
			open:   &want{broker.Sell, "2024-03-07", "", "20", "110", "0", "2", "0", math.NaN(), "20", "0", "2200"},
		},
		{
			name: "partly sold",
			fills: []broker.Fill{
				fill("05", broker.Buy, "10", "100", "1"), fill("07", broker.Sell, "4", "110", "0.5")},
			open: &want{broker.Buy, "2024-03-05", "", "10", "100", "110", "1.5", "0", math.NaN(), "6", "0", "1000"},
		},
		{
			name: "a split between entry and exit (B01)",
			fills: []broker.Fill{
				fill("07", broker.Buy, "10", "400", "0"), fill("11", broker.Sell, "40", "102", "0")},
			adjustments: []portfolio.Adjustment{{Session: "2024-03-10", Before: dec("10"), After: dec("40")}},
			closed:      []want{{broker.Buy, "2024-03-07", "2024-03-11", "40", "100", "102", "0", "80", 0.02, "0", "0", "4000"}},
		},
		{
			name: "a dividend on the way (B02)",
			fills: []broker.Fill{
				fill("05", broker.Buy, "100", "100", "0"), fill("06", broker.Sell, "100", "98", "0")},
			adjustments: []portfolio.Adjustment{{Session: "2024-03-06", Dividend: dec("200"), Before: dec("100"), After: dec("100")}},
			closed:      []want{{broker.Buy, "2024-03-05", "2024-03-06", "100", "100", "98", "0", "0", 0, "0", "200", "10000"}},
		},
		{
			name: "cash in lieu is part of the exit",
			fills: []broker.Fill{
				fill("05", broker.Buy, "25", "4", "0"), fill("07", broker.Sell, "2", "50", "0")},
			adjustments: []portfolio.Adjustment{{Session: "2024-03-06", Before: dec("25"), After: dec("2"), Fraction: dec("0.5"), CashInLieu: dec("20")}},
			closed:      []want{{broker.Buy, "2024-03-05", "2024-03-07", "2.5", "40", "48", "0", "20", 0.2, "0", "0", "100"}},
		},
		{
			name:        "a split that leaves nothing ends the trade",
			fills:       []broker.Fill{fill("05", broker.Buy, "3", "4", "0")},
			adjustments: []portfolio.Adjustment{{Session: "2024-03-06", Before: dec("3"), Fraction: dec("0.3"), CashInLieu: dec("15")}},
			closed:      []want{{broker.Buy, "2024-03-05", "2024-03-06", "0.3", "40", "50", "0", "3", 0.25, "0", "0", "12"}},
		},
		{
			name:        "an action while flat",
			fills:       []broker.Fill{fill("05", broker.Buy, "10", "100", "0")},
			adjustments: []portfolio.Adjustment{{Session: "2024-03-04"}},
			open:        &want{broker.Buy, "2024-03-05", "", "10", "100", "0", "0", "0", math.NaN(), "10", "0", "1000"},
		},
	} {
		check := func(t *testing.T, got portfolio.Trade, w want) {
			t.Helper()
			if got.Symbol != "TSLA" || got.Side != w.side || got.Entry != w.entry || got.Exit != w.exit {
				t.Errorf("trade %+v, want %+v", got, w)
			}
			same(t, "shares", got.Shares, w.shares)
			same(t, "entry price", got.EntryPrice, w.entryPrice)
			same(t, "exit price", got.ExitPrice, w.exit2)
			same(t, "fees", got.Fees, w.fees)
			same(t, "profit", got.PnL, w.pnl)
			same(t, "held", got.Held, w.held)
			same(t, "dividends", got.Dividends, w.dividends)
			same(t, "entry value", got.EntryValue, w.entryValue)
			if got.Return != w.ret && !(math.IsNaN(got.Return) && math.IsNaN(w.ret)) {
				t.Errorf("return = %v, want %v", got.Return, w.ret)
			}
		}
		t.Run(c.name, func(t *testing.T) {
			closed, open := portfolio.Trades(c.fills, c.adjustments...)
			if len(closed) != len(c.closed) || (open == nil) != (c.open == nil) {
				t.Fatalf("closed %+v, open %+v", closed, open)
			}
			for i := range closed {
				check(t, closed[i], c.closed[i])
			}
			if open != nil {
				check(t, *open, *c.open)
			}
		})
	}
}

func TestTradeSessions(t *testing.T) {
	sessions := []data.Session{"2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08", "2024-03-11"}
	for _, c := range []struct {
		entry, exit data.Session
		want        int
	}{
		{"2024-03-05", "2024-03-06", 1},
		{"2024-03-07", "2024-03-11", 2}, // the weekend is no session
		{"2024-03-05", "", 4},           // still open after the last session
		{"2024-03-11", "", 0},
	} {
		if got := (portfolio.Trade{Entry: c.entry, Exit: c.exit}).Sessions(sessions); got != c.want {
			t.Errorf("from %s to %q: %d sessions, want %d", c.entry, c.exit, got, c.want)
		}
	}
}

// The profits of all trades, the open one marked at a price, are what the
// ledger's equity gained at that price: no money appears or is lost on the way.
func TestTradesAddUpToTheLedger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cash := dec("100000")
		l := portfolio.New(cash, rapid.Bool().Draw(t, "short"))
		var fills []broker.Fill
		var adjustments []portfolio.Adjustment
		for day := range rapid.IntRange(0, 25).Draw(t, "sessions") {
			if rapid.IntRange(0, 4).Draw(t, "action") == 0 {
				a := data.Action{Session: data.Session(fmt.Sprintf("2024-03-%02d", day+1)),
					Split:    rapid.SampledFrom([]float64{0, 2, 4, 1.5, 0.1, 1.0 / 3, 0.5}).Draw(t, "split"),
					Dividend: rapid.SampledFrom([]float64{0, 0.25, 1}).Draw(t, "dividend")}
				if done, err := l.Act(a, dec("12.5"), dec("1")); err == nil {
					adjustments = append(adjustments, done)
				}
			}
			if f := anyFill(t, day+1); l.Apply(f) == nil {
				fills = append(fills, f)
			}
		}
		price := dec("33.3")
		gain := dec("0")
		closed, open := portfolio.Trades(fills, adjustments...)
		for _, trade := range closed {
			if !trade.Held.IsZero() || trade.Exit == "" {
				t.Fatalf("closed trade %+v", trade)
			}
			gain = gain.Add(trade.PnL)
		}
		if open != nil {
			gain = gain.Add(open.At(price).PnL)
			if held := l.Shares().Abs(); !open.Held.Equal(held) {
				t.Fatalf("%s shares held in the open trade, %s in the ledger", open.Held, held)
			}
		} else if !l.Shares().IsZero() {
			t.Fatalf("no open trade, %s shares in the ledger", l.Shares())
		}
		if want := l.Equity(price).Sub(cash); !gain.Equal(want) {
			t.Fatalf("trades gained %s, the ledger %s", gain, want)
		}
	})
}
