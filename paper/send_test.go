package paper_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quagmt/udecimal"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/paper"
	"finmem/paper/simulated"
)

// A dawdler is a clock whose waits end a moment late, as those of a machine do.
type dawdler struct{ *paper.SimClock }

func (d dawdler) Sleep(ctx context.Context, until time.Time) error {
	if !until.After(d.Now()) {
		return ctx.Err()
	}
	return d.SimClock.Sleep(ctx, until.Add(time.Millisecond))
}

// twoSymbols is a week of two symbols at 100 a share, without costs.
func twoSymbols(t *testing.T, s script) *world {
	w := newWorld(t, "2024-11-18", "2024-11-18", "2024-11-22", "AAA", "BBB")
	w.flatMarket("AAA", 100)
	w.flatMarket("BBB", 100)
	w.settings.Engine.Sim.Costs = broker.Costs{}
	w.scripted(s)
	return w
}

// A symbol whose price does not come, such as one that is suspended, keeps no
// other from being decided in time.
func TestSuspendedSymbolHoldsUpNoOther(t *testing.T) {
	w := twoSymbols(t, script{"2024-11-20": agent.Buy})
	w.ticker = dawdler{w.clock}
	h := w.histories["AAA"]
	for i, b := range h.Bars {
		if b.Session == "2024-11-20" {
			h.Bars = append(h.Bars[:i:i], h.Bars[i+1:]...)
			break
		}
	}
	w.histories["AAA"] = h
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Missed)
	if got, want := w.holds("AAA"), "0/10000 0/10000 0/10000 0/10000 0/10000"; got != want {
		t.Errorf("AAA: held %s, want %s", got, want)
	}
	if got, want := w.holds("BBB"), "0/10000 0/10000 0/10000 100/0 100/0"; got != want {
		t.Errorf("BBB: held %s, want %s", got, want)
	}
}

// An order that cannot be placed all night holds up no other.
func TestOneOrderHoldsUpNoOther(t *testing.T) {
	w := twoSymbols(t, script{"2024-11-18": agent.Buy})
	w.broker = func(b paper.Broker) paper.Broker {
		return faulty{Broker: b, submit: func(ctx context.Context, k paper.Ticket) (paper.Receipt, error) {
			if k.Symbol == "AAA" {
				return paper.Receipt{}, paper.ErrUnavailable
			}
			return b.Submit(ctx, k)
		}}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.NotFilled, "not sent: the broker never had the order")
	for _, e := range w.notes.events {
		if e.Kind == paper.Sent && e.At.After(nyse.Close("2024-11-18").Add(16*time.Minute)) {
			t.Errorf("the order for %s was sent at %s only", e.Symbol, e.At)
		}
	}
	if got, want := w.holds("BBB"), "0/10000 100/0 100/0 100/0 100/0"; got != want {
		t.Errorf("BBB: held %s, want %s", got, want)
	}
}

// A stubborn broker cancels as its function says.
type stubborn struct {
	faulty
	cancel func(ctx context.Context, id string) error
}

func (s stubborn) Cancel(ctx context.Context, id string) error { return s.cancel(ctx, id) }

// A halt cancels what is open also where the broker was out of reach when it came.
func TestHaltCancelsOnceTheBrokerIsBack(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
	w.settings.Beat, w.settings.End = 10*time.Minute, "2024-11-19"
	back := nyse.Close("2024-11-18").Add(time.Hour)
	w.broker = func(b paper.Broker) paper.Broker {
		return stubborn{faulty{Broker: b}, func(ctx context.Context, id string) error {
			if w.clock.Now().Before(back) {
				return paper.ErrUnavailable
			}
			return b.Cancel(ctx, id)
		}}
	}
	w.notes.hook = func(e paper.Event) {
		if e.Kind == paper.Sent {
			if err := paper.Halt(w.dir, "by hand", e.At); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if got, want := w.holds("AAA"), "0/10000 0/10000"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
	if s := w.records("AAA")[1].Settled; s == nil || !strings.Contains(s.Note, "cancelled") {
		t.Errorf("settled %+v, want it cancelled", s)
	}
}

// A prompter is a clock that calls do after each wait.
type prompter struct {
	*paper.SimClock
	do func(context.Context)
}

func (p prompter) Sleep(ctx context.Context, until time.Time) error {
	err := p.SimClock.Sleep(ctx, until)
	p.do(ctx)
	return err
}

// An order whose answer was lost, and that appears once a halt has come, is
// cancelled too.
func TestHaltCancelsAnOrderThatAppearsLate(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
	w.settings.Beat, w.settings.End = 10*time.Minute, "2024-11-19"
	appears := nyse.Close("2024-11-18").Add(time.Hour)
	var kept *paper.Ticket
	var account paper.Broker
	w.ticker = prompter{w.clock, func(ctx context.Context) {
		if kept == nil || w.clock.Now().Before(appears) {
			return
		}
		if _, err := account.Submit(ctx, *kept); err != nil {
			t.Fatal(err)
		}
		kept = nil
	}}
	w.broker = func(b paper.Broker) paper.Broker {
		account = b
		return faulty{Broker: b, submit: func(_ context.Context, k paper.Ticket) (paper.Receipt, error) {
			kept = &k
			if err := paper.Halt(w.dir, "by hand", w.clock.Now()); err != nil {
				t.Fatal(err)
			}
			return paper.Receipt{}, paper.ErrUnavailable
		}}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if kept != nil {
		t.Fatal("the order never appeared")
	}
	if got, want := w.holds("AAA"), "0/10000 0/10000"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}

// A halt that comes while the order is on its way cancels it before a loop for
// what is due now ends.
func TestHaltWhileAnOrderIsSentOnce(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
	if err := w.clock.Sleep(t.Context(), nyse.Close("2024-11-18").Add(16*time.Minute)); err != nil {
		t.Fatal(err)
	}
	w.broker = func(b paper.Broker) paper.Broker {
		return faulty{Broker: b, submit: func(ctx context.Context, k paper.Ticket) (paper.Receipt, error) {
			if err := paper.Halt(w.dir, "by hand", w.clock.Now()); err != nil {
				t.Fatal(err)
			}
			return b.Submit(ctx, k)
		}}
	}
	if err := w.with((*paper.Loop).Once); err != nil {
		t.Fatal(err)
	}
	sim, err := simulated.Open(t.Context(), filepath.Join(w.dir, "account.db"), simulated.Config{Symbols: w.symbols, Clock: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	if open, err := sim.Open(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("open orders %v, %v; want none", open, err)
	}
}

// After a halt for an error day, a session that is missed is no error day and
// halts nothing again.
func TestMissedSessionIsNoErrorDay(t *testing.T) {
	w := scriptedWorld(t, nil)
	w.settings.Engine.MaxErrorDays, w.settings.HaltOn = 1, []string{paper.HaltErrorDays}
	w.trader = func(backtest.Trader) backtest.Trader { return failing{} }
	w.settings.End = "2024-11-19"
	w.notes.hook = func(e paper.Event) {
		if e.Kind != paper.Halted || !w.clock.Now().Before(nyse.Close("2024-11-19")) {
			return
		}
		if err := paper.Resume(w.dir, e.At); err != nil {
			t.Fatal(err)
		}
		if err := w.clock.Sleep(t.Context(), nyse.Close("2024-11-19").Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Missed, "session 2024-11-19")
	wantTexts(t, w, paper.Halted, "error days in a row: 1")
}

// Without the file that says how much of the account is the loop's, a loop that
// has traded does not guess.
func TestStateIsGone(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
	w.settings.End = "2024-11-19"
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(w.dir, "loop.json")
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w.settings.End = "2024-11-22"
	for _, tt := range []struct{ text, want string }{{"", "loop.json is gone"}, {`{"cashApart":`, "loop.json is damaged"}} {
		err := os.Remove(path)
		if tt.text != "" {
			err = os.WriteFile(path, []byte(tt.text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := w.run(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: ended with %v, want %q", tt.text, err, tt.want)
		}
		if err := os.WriteFile(path, kept, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if got, want := w.holds("AAA"), "0/10000 100/0 100/0 100/0 100/0"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}

// Another account, after a reset or with the keys of another, is refused before
// anything is asked of it: there the order on its way was never placed, and the
// position of the ledger is nobody's.
func TestAnotherAccountIsRefused(t *testing.T) {
	w, server, clock := alpacaWorld(t, "2024-11-18", "2024-11-22", "AAA")
	w.flatMarket("AAA", 100)
	w.scripted(script{"2024-11-18": agent.Buy, "2024-11-19": agent.Sell})
	// Stopped once it has bought, and the sale is on its way.
	err := w.with(func(l *paper.Loop, ctx, stop context.Context) error {
		stop, halt := context.WithCancel(stop)
		w.notes.hook = func(e paper.Event) {
			if e.Kind == paper.Sent && e.Session == "2024-11-19" {
				halt()
			}
		}
		return l.Run(ctx, stop)
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	server.SetNumber("PA3ANOTHER")
	w.account = dial(t, server, clock)
	var other *paper.OtherAccount
	if err := w.run(); !errors.As(err, &other) || other.Kept != "alpaca paper PA3ALPACATEST" || other.Now != "alpaca paper PA3ANOTHER" {
		t.Errorf("ended with %v, want it to refuse another account", err)
	}
	if got := len(w.records("AAA")); got != 2 {
		t.Errorf("%d sessions in the journal, want the 2 of before", got)
	}
	// With the first account's keys it goes on where it was.
	server.SetNumber("PA3ALPACATEST")
	w.account = dial(t, server, clock)
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if got, want := w.holds("AAA"), "0/10000 95/500 0/10000 0/10000 0/10000"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
	wantTexts(t, w, paper.Corrected)
}

// A real broker takes no order that goes through zero, in either direction: the
// position is closed first, and the next decision opens the other one.
func TestPositionIsNotTurnedRoundAtOnce(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy, "2024-11-19": agent.Sell, "2024-11-20": agent.Sell, "2024-11-21": agent.Buy})
	w.settings.Engine.Sizing.Short, w.settings.Engine.Sim.Short, w.settings.Engine.Follow = true, true, true
	held := udecimal.Zero
	w.broker = func(b paper.Broker) paper.Broker {
		return faulty{Broker: b, submit: func(ctx context.Context, k paper.Ticket) (paper.Receipt, error) {
			a, err := b.Account(ctx)
			if err != nil {
				return paper.Receipt{}, err
			}
			held = a.Positions["AAA"].Shares
			against := held.IsPos() && k.Side == broker.Sell || held.IsNeg() && k.Side == broker.Buy
			if against && k.Shares.GreaterThan(held.Abs()) {
				return paper.Receipt{}, &paper.Rejected{Code: 403, Reason: fmt.Sprintf("insufficient qty available for order (requested: %s, available: %s)", k.Shares, held)}
			}
			return b.Submit(ctx, k)
		}}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Sent, "buy 100 shares", "sell 100 shares; 100 of 200 shares: 100 held", "sell 100 shares", "buy 100 shares; 100 of 200 shares: -100 held")
	if got, want := w.holds("AAA"), "0/10000 100/0 0/10000 -100/20000 0/10000"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}
