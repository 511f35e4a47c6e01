package backtest_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/quagmt/udecimal"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// An ender is a feed that knows where it ends.
type ender struct {
	*data.Feed
	last data.Session
}

func (e ender) Ends() data.Session { return e.last }

// A window without an end places orders on its last known bar, as a market that
// is still open needs; a feed that says that it ends does not.
func TestOpenEndedWindow(t *testing.T) {
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04"}
	feed := market(t, bar("2024-03-04", 99, 100))
	for _, tt := range []struct {
		name  string
		feed  backtest.Feed
		order bool
	}{{"goes on", feed, true}, {"goes on, it says", ender{feed, "2024-03-05"}, true}, {"ends", ender{feed, "2024-03-04"}, false}} {
		var rec tape
		trader := &script{actions: map[data.Session]agent.Action{"2024-03-04": agent.Buy}}
		book := backtest.NewBook("AAA", tt.feed, nil, trader, cfg)
		if err := backtest.Run(t.Context(), cfg, []data.Session{"2024-03-04"}, []*backtest.Book{book}, &rec, nil); err != nil {
			t.Fatal(err)
		}
		if got := rec.records[0].Order != nil; got != tt.order {
			t.Errorf("%s: order %v, want %v", tt.name, got, tt.order)
		}
		if got := book.Pending() != nil; got != tt.order {
			t.Errorf("%s: pending %v, want %v", tt.name, got, tt.order)
		}
	}
}

// An answers executor says what it was told to say.
type answers map[data.Session]broker.Result

func (a answers) Settle(_ context.Context, _ broker.Order, day data.Day, _ broker.Holdings) (broker.Result, bool, error) {
	r, ok := a[day.Session]
	return r, ok, nil
}

// The executor's word is booked: when the order ends, for how much and at which
// price. B82: of 100 shares 40 were filled at 10.00 before the rest was
// cancelled; the position is 40 and cash fell by 400.
func TestExecutorSettles(t *testing.T) {
	cfg := free()
	cfg.Cash, cfg.Follow = udecimal.MustParse("1000"), true
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04"}
	cfg.Executor = answers{"2024-03-06": {Clamped: true, Note: "40 of 100 shares: cancelled",
		Fill: &broker.Fill{OrderID: "AAA-2024-03-04-buy", Symbol: "AAA", Session: "2024-03-05", Side: broker.Buy,
			Shares: udecimal.MustParse("40"), Price: udecimal.MustParse("10"), Basis: broker.AtBroker}}}
	feed := market(t, bar("2024-03-04", 10, 10), bar("2024-03-05", 10, 10), bar("2024-03-06", 10, 11))
	trader := &script{actions: map[data.Session]agent.Action{"2024-03-04": agent.Buy}}
	var rec tape
	book := backtest.NewBook("AAA", feed, nil, trader, cfg)
	sessions := []data.Session{"2024-03-04", "2024-03-05", "2024-03-06"}
	if err := backtest.Run(t.Context(), cfg, sessions, []*backtest.Book{book}, &rec, nil); err != nil {
		t.Fatal(err)
	}
	if got := rec.records[0].Order.Shares.String(); got != "100" {
		t.Errorf("ordered %s shares, want 100", got)
	}
	if r := rec.records[1]; r.Settled != nil || r.State.Pending == nil || r.Account.Cash != 1000 {
		t.Errorf("the open order: settled %v, pending %v, cash %v; want it open and cash 1000", r.Settled, r.State.Pending, r.Account.Cash)
	}
	r := rec.records[2]
	if r.Settled == nil || !r.Settled.Clamped || r.State.Pending != nil {
		t.Errorf("settled %+v, pending %v; want 40 of 100", r.Settled, r.State.Pending)
	}
	if r.Account.Shares != 40 || r.Account.Cash != 600 || r.Account.Equity != 1040 {
		t.Errorf("account %+v, want 40 shares, 600 in cash, equity 1040", r.Account)
	}
	if got := trader.seen[2].Account.Shares; got != 40 {
		t.Errorf("the next decision saw %v shares, want 40", got)
	}
}

// A session that is only read is remembered and settles; the model is not asked,
// and nothing is ordered.
func TestReadOnlySessions(t *testing.T) {
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-05"}
	feed := market(t, bar("2024-03-04", 10, 10), bar("2024-03-05", 10, 10), bar("2024-03-06", 20, 21), bar("2024-03-07", 21, 21))
	trader := &student{script: script{actions: map[data.Session]agent.Action{"2024-03-05": agent.Buy, "2024-03-06": agent.Sell}}}
	var rec tape
	book := backtest.NewBook("AAA", feed, nil, trader, cfg)
	read := cfg
	read.ReadOnly = "the machine slept"
	for _, day := range []struct {
		s   data.Session
		cfg backtest.Config
	}{{"2024-03-04", read}, {"2024-03-05", cfg}, {"2024-03-06", read}, {"2024-03-07", cfg}} {
		if err := backtest.Run(t.Context(), day.cfg, []data.Session{day.s}, []*backtest.Book{book}, &rec, nil); err != nil {
			t.Fatal(err)
		}
	}
	if want := []data.Session{"2024-03-04", "2024-03-06"}; !slices.Equal(trader.observed, want) {
		t.Errorf("only read %v, want %v", trader.observed, want)
	}
	if len(trader.lessons) != 0 || len(trader.seen) != 2 {
		t.Errorf("%d lessons and %d decisions, want none and 2", len(trader.lessons), len(trader.seen))
	}
	missed := rec.records[2]
	if missed.Status != backtest.StatusMissed || missed.Order != nil || missed.Decision != nil {
		t.Errorf("status %s, order %v, decision %v; want missed and neither", missed.Status, missed.Order, missed.Decision)
	}
	if want := []string{"nothing was decided: the machine slept"}; !slices.Equal(missed.Notes, want) {
		t.Errorf("notes %q, want %q", missed.Notes, want)
	}
	if missed.Settled == nil || missed.Account.Shares != 500 {
		t.Errorf("settled %v with %v shares, want the order of the day before filled for 500", missed.Settled, missed.Account.Shares)
	}
}

// A gate that halves an order, and one that refuses it.
type gate struct{ refuse bool }

func (g gate) Pass(p backtest.Proposal) (broker.Order, bool, []backtest.Limited) {
	wish := p.Weight(p.After())
	if g.refuse {
		return p.Order, false, []backtest.Limited{{Limit: "symbols", Wish: wish, Reason: "AAA may not be traded"}}
	}
	p.Order.Shares = p.Order.Shares.MustDiv(udecimal.MustParse("2"))
	return p.Order, true, []backtest.Limited{{Limit: "order-value", Wish: wish, Allowed: p.Weight(p.After()), Reason: "half"}}
}

func TestGateHasTheLastWord(t *testing.T) {
	for _, tt := range []struct {
		gate  gate
		order string
		want  []backtest.Limited
		notes []string
	}{
		{gate{}, "50", []backtest.Limited{{Limit: "order-value", Wish: 1, Allowed: 0.5, Reason: "half"}}, nil},
		{gate{refuse: true}, "", []backtest.Limited{{Limit: "symbols", Wish: 1, Reason: "AAA may not be traded"}}, []string{"no order: AAA may not be traded"}},
	} {
		cfg := free()
		cfg.Window, cfg.Gate = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04"}, tt.gate
		var rec tape
		book := backtest.NewBook("AAA", market(t, bar("2024-03-04", 99, 100)), nil, &script{actions: map[data.Session]agent.Action{"2024-03-04": agent.Buy}}, cfg)
		if err := backtest.Run(t.Context(), cfg, []data.Session{"2024-03-04"}, []*backtest.Book{book}, &rec, nil); err != nil {
			t.Fatal(err)
		}
		r := rec.records[0]
		got := ""
		if r.Order != nil {
			got = r.Order.Shares.String()
		}
		if got != tt.order || !slices.Equal(r.Notes, tt.notes) {
			t.Errorf("ordered %q shares with notes %q, want %q and %q", got, r.Notes, tt.order, tt.notes)
		}
		if diff := cmp.Diff(tt.want, r.Limited); diff != "" {
			t.Errorf("limited (-want +got):\n%s", diff)
		}
	}
}

// An account at a broker is paid a dividend when the broker pays it, not on the
// ex-date; the split of the same session takes effect. An account of the engine's
// own is paid on the ex-date: 100 shares at 0.50 are 50.
func TestDividendAtABroker(t *testing.T) {
	for _, tt := range []struct {
		follow       bool
		adjustment   data.Adjustment
		split        float64
		shares, cash float64
		adjustments  int
	}{
		{false, data.Raw, 0, 100, 50, 1},
		{true, data.Raw, 0, 100, 0, 0},
		{true, data.SplitAdjusted, 0, 100, 0, 0},
		{true, data.Raw, 2, 200, 0, 1},
	} {
		cfg := free()
		cfg.Follow, cfg.Adjustment = tt.follow, tt.adjustment
		cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04"}
		feed := market(t, bar("2024-03-04", 100, 100), bar("2024-03-05", 100, 100), bar("2024-03-06", 100, 100))
		actions := []data.Action{{Session: "2024-03-06", Dividend: 0.5, Split: tt.split}}
		book := backtest.NewBook("AAA", feed, actions, &script{actions: map[data.Session]agent.Action{"2024-03-04": agent.Buy}}, cfg)
		var rec tape
		if err := backtest.Run(t.Context(), cfg, []data.Session{"2024-03-04", "2024-03-05", "2024-03-06"}, []*backtest.Book{book}, &rec, nil); err != nil {
			t.Fatal(err)
		}
		r := rec.records[2]
		if r.Account.Shares != tt.shares || r.Account.Cash != tt.cash || len(r.Adjustments) != tt.adjustments {
			t.Errorf("%+v: account %+v with %d adjustments", tt, r.Account, len(r.Adjustments))
		}
	}
}

// What a broker holds and the ledger does not know of is booked after the
// session's own order, and shows what it was.
func TestCorrection(t *testing.T) {
	cfg := free()
	cfg.Follow = true
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04"}
	feed := market(t, bar("2024-03-04", 100, 100), bar("2024-03-05", 100, 110))
	book := backtest.NewBook("AAA", feed, nil, &script{actions: map[data.Session]agent.Action{"2024-03-04": agent.Buy}}, cfg)
	var rec tape
	step := func(s data.Session) {
		t.Helper()
		if err := backtest.Run(t.Context(), cfg, []data.Session{s}, []*backtest.Book{book}, &rec, nil); err != nil {
			t.Fatal(err)
		}
	}
	step("2024-03-04")
	after, mark, err := book.Settled(t.Context(), cfg, "2024-03-05")
	if err != nil {
		t.Fatal(err)
	}
	if after.Shares().String() != "100" || after.Cash().String() != "0" || mark != 110 {
		t.Errorf("expected %s shares, cash %s, at %v; want 100, 0, 110", after.Shares(), after.Cash(), mark)
	}
	if s := book.Ledger(); s.Shares != "0" || s.Cash != "10000" {
		t.Errorf("looking ahead changed the ledger: %+v", s)
	}
	// Somebody sold ten shares by hand, at 109.50.
	book.Correct(&portfolio.Correction{Cash: udecimal.MustParse("1095"), Shares: udecimal.MustParse("-10"), Price: udecimal.MustParse("110"), Reason: "the broker holds 90"})
	step("2024-03-05")
	r := rec.records[1]
	if r.Account.Shares != 90 || r.Account.Cash != 1095 || r.Account.Equity != 1095+90*110 || r.Account.AverageCost != 100 {
		t.Errorf("account %+v, want 90 shares at a cost of 100, 1095 in cash", r.Account)
	}
	if len(r.Adjustments) != 1 || r.Adjustments[0].Correction == nil || r.Adjustments[0].After.String() != "90" {
		t.Errorf("adjustments %+v, want the correction to 90 shares", r.Adjustments)
	}
	_, open := portfolio.Trades([]broker.Fill{*r.Settled.Fill}, r.Adjustments...)
	if open == nil || open.Held.String() != "90" || open.ExitValue.String() != "1100" {
		t.Errorf("open trade %+v, want 90 of 100 shares held and 10 sold for 1100", open)
	}
}

// A live loop holds shares that it bought at the prices of their day. A vendor
// whose prices contain splits restates the past when one comes: 10 shares bought
// at 400 are 40 at 102, worth 4080 (B01), and a dividend of 0.50 on them is 20 in
// cash. The same prices in a backtest contain the split already.
func TestLiveSplitOfRestatedPrices(t *testing.T) {
	cfg := free()
	cfg.Adjustment, cfg.Live, cfg.Cash = data.SplitAdjusted, true, udecimal.MustParse("4000")
	cfg.Window = backtest.Window{WarmupFrom: "2024-06-06", From: "2024-06-06"}
	trader := &script{actions: map[data.Session]agent.Action{"2024-06-06": agent.Buy}}
	before := market(t, bar("2024-06-06", 400, 400), bar("2024-06-07", 400, 400))
	restated := market(t, bar("2024-06-06", 100, 100), bar("2024-06-07", 100, 100), bar("2024-06-10", 101, 102), bar("2024-06-11", 102, 102))
	actions := []data.Action{{Session: "2024-06-10", Split: 4}, {Session: "2024-06-11", Dividend: 0.5}}
	var rec tape
	book := backtest.NewBook("AAA", before, nil, trader, cfg)
	for _, s := range []data.Session{"2024-06-06", "2024-06-07", "2024-06-10", "2024-06-11"} {
		if s == "2024-06-10" {
			book.Feed, book.Actions = restated, actions
		}
		if err := backtest.Run(t.Context(), cfg, []data.Session{s}, []*backtest.Book{book}, &rec, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []agent.Account{
		{Cash: 4000, Equity: 4000},
		{Shares: 10, Equity: 4000, AverageCost: 400},
		{Shares: 40, Equity: 4080, AverageCost: 100},
		{Cash: 20, Shares: 40, Equity: 4100, AverageCost: 100},
	} {
		if got := rec.records[i].Account; got != want {
			t.Errorf("session %s: account %+v, want %+v", rec.records[i].Session, got, want)
		}
	}
	if got := rec.records[2].Split; got != 4 {
		t.Errorf("split %v on record, want 4", got)
	}
	if got := trader.seen[2].Bars; got[1].Close != 100 || got[2].Close != 102 {
		t.Errorf("the agent saw closes %v and %v, want those of the vendor", got[1].Close, got[2].Close)
	}
}
