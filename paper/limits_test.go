package paper_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"finmem/agent"
	"finmem/backtest"
	"finmem/data"
	"finmem/paper"
)

// prices sets the closes of the world's week; each session opens at the close
// before.
func (w *world) prices(symbol string, closes ...float64) {
	h := w.histories[symbol]
	open := closes[0]
	for i := range h.Bars {
		b := &h.Bars[i]
		if b.Session < w.settings.Start {
			b.Open, b.High, b.Low, b.Close = open, open, open, open
			continue
		}
		k := slices.IndexFunc(sessions(w.t, w.settings.Start, w.settings.End), func(s data.Session) bool { return s == b.Session })
		b.Open, b.Close = open, closes[k]
		b.High, b.Low = max(open, b.Close), min(open, b.Close)
		open = b.Close
	}
}

// B55: what limits the loop's orders, whatever the model says. Cash of 10,000 at a
// price of 100 would buy 100 shares.
func TestLimits(t *testing.T) {
	buys := script{"2024-11-18": agent.Buy, "2024-11-19": agent.Buy, "2024-11-20": agent.Buy, "2024-11-21": agent.Buy}
	mixed := script{"2024-11-18": agent.Buy, "2024-11-20": agent.Sell, "2024-11-21": agent.Buy}
	for _, tt := range []struct {
		name   string
		limits paper.Limits
		script script
		closes []float64
		halt   string
		holds  string
		breach []string
		halted []string
	}{
		{name: "none", script: mixed, holds: "0/10000 100/0 100/0 0/10000 100/0"},
		{name: "symbols", limits: paper.Limits{Symbols: []string{"BBB"}}, script: buys, holds: "0/10000 0/10000 0/10000 0/10000 0/10000",
			breach: []string{"symbols: AAA is not among", "symbols", "symbols", "symbols"}},
		{name: "order value", limits: paper.Limits{MaxOrderValue: dec("3050")}, script: mixed, holds: "0/10000 30/7000 30/7000 0/10000 30/7000",
			breach: []string{"order-value: an order may be worth 3050 at most", "order-value"}},
		{name: "order value, sale", limits: paper.Limits{MaxOrderValue: dec("3050")}, script: script{"2024-11-18": agent.Buy, "2024-11-19": agent.Sell},
			closes: []float64{100, 200, 200, 200, 200}, holds: "0/10000 30/7000 15/10000 15/10000 15/10000",
			breach: []string{"order-value", "order-value"}},
		{name: "position value", limits: paper.Limits{MaxPositionValue: dec("4000")}, script: buys, holds: "0/10000 40/6000 40/6000 40/6000 40/6000",
			breach: []string{"position-value: a position may be worth 4000 at most", "position-value", "position-value", "position-value"}},
		{name: "position value does not hold a sale up", limits: paper.Limits{MaxPositionValue: dec("4000")}, script: mixed, holds: "0/10000 40/6000 40/6000 0/10000 40/6000",
			breach: []string{"position-value", "position-value"}},
		{name: "daily loss", limits: paper.Limits{MaxDailyLoss: 0.05}, script: script{"2024-11-18": agent.Buy, "2024-11-20": agent.Sell, "2024-11-21": agent.Buy},
			closes: []float64{100, 100, 90, 85, 85}, holds: "0/10000 100/0 100/0 0/9000 105/75",
			// The sale after the loss is let through, and the limit is of one session: on
			// the next, which lost nothing, it buys again.
			breach: []string{"equity 9000.00 is 10.00 % below that of the session before"}},
		{name: "daily loss halts", limits: paper.Limits{MaxDailyLoss: 0.05}, halt: paper.LimitDailyLoss, script: mixed,
			closes: []float64{100, 100, 90, 85, 85}, holds: "0/10000 100/0 100/0 100/0 100/0",
			breach: []string{"equity 9000.00 is 10.00 % below that of the session before", "equity 8500.00 is 5.56 % below"}, halted: []string{"equity 9000.00 is 10.00 %"}},
		{name: "drawdown", limits: paper.Limits{MaxDrawdown: 0.2}, script: script{"2024-11-18": agent.Buy, "2024-11-20": agent.Sell, "2024-11-21": agent.Buy},
			closes: []float64{100, 100, 80, 80, 80}, holds: "0/10000 100/0 100/0 0/8000 0/8000",
			breach: []string{"equity 8000.00 is 20.00 % below its peak of 10000.00", "equity 8000.00 is 20.00 % below its peak", "drawdown: equity 8000.00", "equity 8000.00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := scriptedWorld(t, tt.script)
			if tt.closes != nil {
				w.prices("AAA", tt.closes...)
			}
			w.settings.Limits = tt.limits
			if tt.halt != "" {
				w.settings.HaltOn = []string{tt.halt}
			}
			if err := w.run(); err != nil {
				t.Fatal(err)
			}
			if got := w.holds("AAA"); got != tt.holds {
				t.Errorf("held %s, want %s", got, tt.holds)
			}
			wantTexts(t, w, paper.Breach, tt.breach...)
			wantTexts(t, w, paper.Halted, tt.halted...)
		})
	}
}

// An order outside the collar does not fill, and nothing is lost by it.
func TestCollarKeepsAnOrderFromFilling(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
	w.settings.Limits = paper.Limits{Collar: 0.05}
	h := w.histories["AAA"]
	for i := range h.Bars {
		if h.Bars[i].Session == "2024-11-19" {
			h.Bars[i].Open, h.Bars[i].High = 106, 106
		}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Sent, "buy 100 shares up to a price of 105")
	wantTexts(t, w, paper.NotFilled, "not filled: the price 106 is beyond the limit 105")
	if got, want := w.holds("AAA"), "0/10000 0/10000 0/10000 0/10000 0/10000"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}

// One order a session over all symbols: the first symbol's, whatever the
// processors.
func TestOrdersPerDay(t *testing.T) {
	w := newWorld(t, "2024-11-18", "2024-11-18", "2024-11-19", "AAA", "BBB", "CCC")
	for _, s := range w.symbols {
		w.flatMarket(s, 100)
	}
	w.settings.Limits = paper.Limits{MaxOrders: 1}
	w.scripted(script{"2024-11-18": agent.Buy})
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Sent, "buy 99 shares")
	if r := w.records("AAA")[0]; r.Order == nil {
		t.Error("the first symbol has no order")
	}
	for _, s := range []string{"BBB", "CCC"} {
		r := w.records(s)[0]
		if r.Order != nil || len(r.Limited) != 1 || r.Limited[0].Limit != paper.LimitOrdersPerDay {
			t.Errorf("%s: order %v, limited %v; want it held back", s, r.Order, r.Limited)
		}
	}
}

// A short position that has cost more than there was leaves no equity to weigh an
// order by. The session is in the journal all the same, with a weight that is a
// number, and the order that brings the position down goes out.
func TestLimitWithoutEquity(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Sell, "2024-11-20": agent.Buy})
	w.settings.Engine.Sizing.Short, w.settings.Engine.Sim.Short = true, true
	w.prices("AAA", 100, 100, 250, 250, 250)
	w.settings.Limits = paper.Limits{MaxOrderValue: dec("12500")}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	r := w.records("AAA")[2]
	want := backtest.Limited{Limit: paper.LimitOrderValue, Wish: -math.MaxFloat64, Allowed: -math.MaxFloat64, Reason: "an order may be worth 12500 at most"}
	if r.Account.Equity != -5000 || len(r.Limited) != 1 || r.Limited[0] != want {
		t.Errorf("equity %v, limited %+v; want -5000 and %+v", r.Account.Equity, r.Limited, want)
	}
	if got, want := w.holds("AAA"), "0/10000 -100/20000 -100/20000 -50/7500 -50/7500"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}

// A halt on a breach names the order's symbol, and orders stop.
func TestHaltOnABreach(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy, "2024-11-20": agent.Sell})
	w.settings.Limits, w.settings.HaltOn = paper.Limits{MaxOrderValue: dec("5000")}, []string{paper.LimitOrderValue}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Halted, "AAA: an order may be worth 5000 at most")
	// Also the order that was cut is held back: a halt lets nothing out.
	wantTexts(t, w, paper.Sent)
	if got, want := w.holds("AAA"), "0/10000 0/10000 0/10000 0/10000 0/10000"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}

// A breach by the account is told of once, however often the session is tried, and
// it is in the session's record though no order was held up by it. Each limit that
// is beyond halts where it is named, not only the last.
func TestBreachIsToldOnceAndKept(t *testing.T) {
	w := scriptedWorld(t, nil)
	w.prices("AAA", 100, 100, 80, 80, 80)
	w.settings.Limits = paper.Limits{MaxDailyLoss: 0.05, MaxDrawdown: 0.1}
	w.settings.HaltOn = []string{paper.LimitDailyLoss}
	tries := 0
	w.trader = func(backtest.Trader) backtest.Trader {
		return script{"2024-11-18": agent.Buy}
	}
	w.record = func(r paper.Record) paper.Record { return failsTwice{r, "2024-11-20", &tries} }
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if tries != 3 {
		t.Fatalf("the session was tried %d times, want 3", tries)
	}
	loss, fall := "equity 8000.00 is 20.00 % below that of the session before", "equity 8000.00 is 20.00 % below its peak of 10000.00"
	wantTexts(t, w, paper.Breach, loss, fall) // the halt starts the drawdown anew
	wantTexts(t, w, paper.Halted, loss)
	want := []string{"daily-loss: " + loss, "drawdown: " + fall, "nothing was decided: trading is halted: " + loss}
	if got := w.records("AAA")[2]; !slices.Equal(got.Notes, want) || len(got.Limited) != 0 {
		t.Errorf("notes %q, limited %v; want %q and none", got.Notes, got.Limited, want)
	}
}

// failsTwice is a record that cannot be written the first two times.
type failsTwice struct {
	paper.Record
	session data.Session
	tries   *int
}

func (f failsTwice) Commit(ctx context.Context, s data.Session, records []backtest.Record) error {
	if s == f.session {
		if *f.tries++; *f.tries < 3 {
			return errors.New("the disk is full")
		}
	}
	return f.Record.Commit(ctx, s, records)
}

// A breach in a session during which an older halt was taken back halts again.
func TestResumeSwallowsNoBreach(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
	w.prices("AAA", 100, 100, 80, 80, 80)
	w.settings.Limits, w.settings.HaltOn = paper.Limits{MaxDailyLoss: 0.05}, []string{paper.LimitDailyLoss}
	w.notes.hook = func(e paper.Event) {
		if e.Kind == paper.Finished && e.Session == "2024-11-19" {
			if err := paper.Halt(w.dir, "by hand", e.At); err != nil {
				t.Fatal(err)
			}
		}
	}
	resumed := false
	w.broker = func(b paper.Broker) paper.Broker {
		return faulty{Broker: b, account: func(a paper.Account) paper.Account {
			if at := w.clock.Now(); !resumed && at.After(nyse.Close("2024-11-20")) {
				resumed = true
				if err := paper.Resume(w.dir, at); err != nil {
					t.Fatal(err)
				}
			}
			return a
		}}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Halted, "by hand", "equity 8000.00 is 20.00 % below that of the session before")
	wantTexts(t, w, paper.Resumed, "orders are sent again")
	if halt, err := paper.ReadHalt(w.dir); err != nil || !halt.Halted {
		t.Errorf("halt %+v, %v; want it halted", halt, err)
	}
}

// Error days halt the loop, instead of ending it, once there are so many in a row:
// not before, and not where nobody asked for it.
func TestErrorDaysHalt(t *testing.T) {
	for _, tt := range []struct {
		name   string
		most   int
		haltOn []string
		days   int
		halted []string
	}{
		{"at the second in a row", 2, []string{paper.HaltErrorDays}, 2, []string{"error days in a row: 2"}},
		{"not before the fifth", 5, []string{paper.HaltErrorDays}, 5, []string{"error days in a row: 5"}},
		{"never", 0, []string{paper.HaltErrorDays}, 5, nil},
		{"not asked for", 2, []string{paper.LimitDrawdown}, 5, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := scriptedWorld(t, nil)
			w.settings.Engine.MaxErrorDays, w.settings.HaltOn = tt.most, tt.haltOn
			w.trader = func(backtest.Trader) backtest.Trader { return failing{} }
			if err := w.run(); err != nil {
				t.Fatal(err)
			}
			if got := len(w.notes.of(paper.ErrorDay)); got != tt.days {
				t.Errorf("%d error days, want %d of five sessions", got, tt.days)
			}
			wantTexts(t, w, paper.Halted, tt.halted...)
			if health, _, err := paper.ReadHealth(w.dir); err != nil || (health.Halted != "") != (tt.halted != nil) {
				t.Errorf("health %+v, %v; halted should be %q", health, err, tt.halted)
			}
		})
	}
}

// One bad answer, and then a good one, is no streak.
func TestErrorDaysApartDoNotHalt(t *testing.T) {
	w := scriptedWorld(t, nil)
	w.settings.Engine.MaxErrorDays, w.settings.HaltOn = 2, []string{paper.HaltErrorDays}
	w.trader = func(backtest.Trader) backtest.Trader { return everyOther{} }
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.ErrorDay, "no answer", "no answer", "no answer")
	wantTexts(t, w, paper.Halted)
}

// everyOther fails on the first, third and fifth session of the week.
type everyOther struct{}

func (everyOther) Decide(ctx context.Context, obs agent.Observation) (agent.Decision, error) {
	switch obs.Day.Session {
	case "2024-11-19", "2024-11-21":
		return agent.Decision{Action: agent.Hold}, nil
	}
	return failing{}.Decide(ctx, obs)
}

// Whatever an order is, no limit lets more through than it says, and none makes
// an order larger or turns it round.
func TestLimitsHoldForAllOrders(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		most := rapid.IntRange(0, 5000).Draw(rt, "position value")
		order := rapid.IntRange(0, 5000).Draw(rt, "order value")
		cash := rapid.IntRange(100, 20000).Draw(rt, "cash")
		price := float64(rapid.IntRange(1, 300).Draw(rt, "price"))
		acts := rapid.SliceOfN(rapid.SampledFrom([]agent.Action{agent.Buy, agent.Sell, agent.Hold}), 3, 3).Draw(rt, "actions")
		list := sessions(t, "2024-11-18", "2024-11-20")
		w := scriptedWorld(t, script{list[0]: acts[0], list[1]: acts[1], list[2]: acts[2]})
		w.flatMarket("AAA", price)
		w.settings.End = list[2]
		w.settings.Engine.Cash = dec(fmt.Sprint(cash))
		w.settings.Limits = paper.Limits{MaxPositionValue: dec(fmt.Sprint(most)), MaxOrderValue: dec(fmt.Sprint(order))}
		if err := w.run(); err != nil {
			rt.Fatal(err)
		}
		for _, r := range w.records("AAA") {
			if most > 0 && r.Account.Shares*price > float64(most) {
				rt.Fatalf("a position of %v at %v, and %d are allowed", r.Account.Shares, price, most)
			}
			if r.Order != nil && order > 0 && r.Order.Shares.InexactFloat64()*price > float64(order) {
				rt.Fatalf("an order of %s at %v, and %d are allowed", r.Order.Shares, price, order)
			}
			if r.Account.Shares < 0 || r.Account.Cash < 0 {
				rt.Fatalf("account %+v", r.Account)
			}
			if r.Order != nil && r.Decision != nil && string(r.Order.Side) != string(r.Decision.Action) {
				rt.Fatalf("%s became an order to %s", r.Decision.Action, r.Order.Side)
			}
		}
	})
}
