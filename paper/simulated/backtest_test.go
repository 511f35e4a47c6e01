package simulated_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/data"
	"finmem/paper"
	"finmem/paper/simulated"
)

// market is a symbol's bars by session; what is not in it has no price.
type market map[data.Session]data.Bar

func (m market) Day(s data.Session) (data.Day, error) {
	b, ok := m[s]
	return data.Day{Session: s, Bar: b, HasBar: ok}, nil
}

func (m market) Bars(upTo data.Session) []data.Bar {
	var list []data.Bar
	for s := sessions[0]; s <= upTo; s = s.AddDays(1) {
		if b, ok := m[s]; ok {
			list = append(list, b)
		}
	}
	return list
}

// script is a trader whose decisions are written down.
type script map[data.Session]agent.Action

func (s script) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	return agent.Decision{Action: s[obs.Day.Session]}, nil
}

type tape []backtest.Record

func (t *tape) Commit(_ context.Context, _ data.Session, records []backtest.Record) error {
	*t = append(*t, records...)
	return nil
}

var sessions = func() []data.Session {
	var list []data.Session
	for i := range 15 {
		list = append(list, data.Session("2024-03-01").AddDays(i))
	}
	return list
}()

// Whatever the market does, the account of a backtest and the simulated one that
// is sent the same orders are the same to the last digit, session by session, and
// so is the end of every order. The broker is opened anew at random, as after a
// kill.
func TestEqualsABacktest(t *testing.T) {
	n, tempDir := 0, t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		n++
		price := rapid.Map(rapid.IntRange(50, 50_000), func(cents int) float64 { return float64(cents) / 100 })
		bars, decisions := market{}, script{}
		var actions []data.Action
		for _, s := range sessions {
			decisions[s] = rapid.SampledFrom([]agent.Action{agent.Buy, agent.Sell, agent.Hold}).Draw(t, "action")
			if rapid.IntRange(0, 9).Draw(t, "halted") > 0 {
				b := data.CloseBar(s, price.Draw(t, "close"))
				if rapid.IntRange(0, 9).Draw(t, "no open") > 0 {
					b.Open = price.Draw(t, "open")
				}
				bars[s] = b
			}
			if rapid.IntRange(0, 5).Draw(t, "acts") == 0 {
				actions = append(actions, rapid.SampledFrom([]data.Action{{Split: 2}, {Split: 0.1}, {Split: 1.0 / 3}, {Split: 1.5, Dividend: 0.013}, {Dividend: 0.25}}).Draw(t, "action"))
				actions[len(actions)-1].Session = s
			}
		}
		sim := broker.Sim{Costs: broker.Costs{CommissionBps: float64(rapid.IntRange(0, 30).Draw(t, "commission")), SlippageBps: float64(rapid.IntRange(0, 30).Draw(t, "slippage"))}}
		if rapid.Bool().Draw(t, "fractional") {
			sim.Lot = dec("0.001")
		}
		adjustment := rapid.SampledFrom([]data.Adjustment{data.Raw, data.SplitAdjusted, data.TotalReturn}).Draw(t, "adjustment")
		cfg := backtest.Config{Window: backtest.Window{WarmupFrom: sessions[0], From: sessions[0], To: sessions[len(sessions)-1]},
			Cash: dec("10000"), Sim: sim, Sizing: broker.DefaultSizing(), Adjustment: adjustment, LookBack: 1}
		var records tape
		if err := backtest.Run(context.Background(), cfg, sessions, []*backtest.Book{backtest.NewBook("AAA", bars, actions, decisions, cfg)}, &records, nil); err != nil {
			t.Fatal(err)
		}

		path := filepath.Join(tempDir, fmt.Sprintf("account %d.db", n))
		open := func() *simulated.Broker {
			b, err := simulated.Open(context.Background(), path, simulated.Config{Symbols: []string{"AAA"}, Cash: cfg.Cash, Sim: sim, Adjustment: adjustment, Clock: evening})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		b := open()
		defer func() { b.Close() }()
		for _, rec := range records {
			day, _ := bars.Day(rec.Session)
			ended, err := b.Settle(context.Background(), simulated.Market{Session: rec.Session, Symbol: "AAA", Bar: day.Bar, HasBar: day.HasBar, Actions: actions})
			if err != nil {
				t.Fatal(err)
			}
			state, mark, _ := b.Ledger("AAA")
			if state != rec.State.Ledger || mark != rec.State.Mark {
				t.Fatalf("session %s: account %+v at %v, and the backtest has %+v at %v", rec.Session, state, mark, rec.State.Ledger, rec.State.Mark)
			}
			if (rec.Settled == nil) != (len(ended) == 0) {
				t.Fatalf("session %s: %+v ended, and in the backtest %+v", rec.Session, ended, rec.Settled)
			}
			if rec.Settled != nil {
				checkEnd(t, ended[0], *rec.Settled)
			}
			if rec.Order != nil {
				if _, err := b.Submit(context.Background(), paper.Ticket{ClientID: rec.Order.ID, Symbol: "AAA", Side: rec.Order.Side, Shares: rec.Order.Shares, For: rec.Session.AddDays(1)}); err != nil {
					t.Fatalf("session %s: %v", rec.Session, err)
				}
			}
			if rapid.IntRange(0, 9).Draw(t, "killed") == 0 {
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
				b = open()
			}
		}
	})
}

func checkEnd(t *rapid.T, got paper.Receipt, want backtest.Settlement) {
	if !got.Shares.Equal(want.Order.Shares) || got.ClientID != want.Order.ID || got.Result.Clamped != want.Clamped || got.Result.Note != want.Note ||
		(got.Result.Fill == nil) != (want.Fill == nil) {
		t.Fatalf("order ended as %+v, and in the backtest as %+v", got, want)
	}
	if f, w := got.Result.Fill, want.Fill; f != nil {
		if f.Session != w.Session || f.Side != w.Side || f.Basis != w.Basis || !f.Shares.Equal(w.Shares) || !f.Price.Equal(w.Price) || !f.Fee.Equal(w.Fee) || !f.Slippage.Equal(w.Slippage) {
			t.Fatalf("fill %+v, and in the backtest %+v", *f, *w)
		}
	}
}
