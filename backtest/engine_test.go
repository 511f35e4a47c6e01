package backtest_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/quagmt/udecimal"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/data"
)

// nyse is made once: it does not change, and it is the most of many a test.
var nyse = data.NYSE()

// A script is a trader with a fixed decision per session, which notes what it
// was shown.
type script struct {
	actions map[data.Session]agent.Action
	errs    map[data.Session]error
	seen    []agent.Observation
}

func (s *script) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	s.seen = append(s.seen, obs)
	if err := s.errs[obs.Day.Session]; err != nil {
		return agent.Decision{}, err
	}
	action, ok := s.actions[obs.Day.Session]
	if !ok {
		action = agent.Hold
	}
	return agent.Decision{Action: action}, nil
}

// A student also studies; it notes its lessons.
type student struct {
	script
	lessons  []agent.Lesson
	observed []data.Session
}

func (s *student) Learn(_ context.Context, l agent.Lesson) (agent.Decision, error) {
	s.lessons = append(s.lessons, l)
	return agent.Decision{Action: agent.Buy}, nil
}

func (s *student) Observe(_ context.Context, obs agent.Observation) error {
	s.observed = append(s.observed, obs.Day.Session)
	return nil
}

type tape struct{ records []backtest.Record }

func (t *tape) Commit(_ context.Context, _ data.Session, r []backtest.Record) error {
	t.records = append(t.records, r...)
	return nil
}

// bar is a bar with an open and a close.
func bar(s data.Session, open, close float64) data.Bar {
	b := data.CloseBar(s, close)
	b.Open, b.High, b.Low = open, max(open, close), min(open, close)
	return b
}

// market is a feed on the NYSE calendar.
func market(t *testing.T, bars ...data.Bar) *data.Feed {
	t.Helper()
	feed, err := data.NewFeed(nyse, data.History{Symbol: "AAA", Bars: bars}, data.FeedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return feed
}

func free() backtest.Config {
	return backtest.Config{Cash: udecimal.MustParse("10000"), Sizing: broker.DefaultSizing(), LookBack: 120, Adjustment: data.Raw}
}

// run walks the window and returns the records.
func run(t *testing.T, cfg backtest.Config, feed *data.Feed, trader backtest.Trader, actions ...data.Action) ([]backtest.Record, error) {
	t.Helper()
	sessions, err := nyse.Range(cfg.Window.WarmupFrom, cfg.Window.To)
	if err != nil {
		t.Fatal(err)
	}
	var rec tape
	book := backtest.NewBook("AAA", feed, actions, trader, cfg)
	err = backtest.Run(t.Context(), cfg, sessions, []*backtest.Book{book}, &rec, nil)
	return rec.records, err
}

func mustRun(t *testing.T, cfg backtest.Config, feed *data.Feed, trader backtest.Trader, actions ...data.Action) []backtest.Record {
	t.Helper()
	records, err := run(t, cfg, feed, trader, actions...)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// B61: a decision after the close fills at the next open, never at the close
// that made it, and one on the last session is not executed.
func TestFillIsAtTheNextOpen(t *testing.T) {
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04", To: "2024-03-05"}
	feed := market(t, bar("2024-03-04", 99, 100), bar("2024-03-05", 110, 115), bar("2024-03-06", 120, 130))
	trader := &script{actions: map[data.Session]agent.Action{"2024-03-04": agent.Buy, "2024-03-05": agent.Sell}}
	records := mustRun(t, cfg, feed, trader)

	if records[0].Order == nil || records[0].Order.Shares.String() != "100" {
		t.Fatalf("order of day 1 = %+v, want 100 shares", records[0].Order)
	}
	fill := records[1].Settled.Fill
	if fill.Price.String() != "110" || fill.Session != "2024-03-05" {
		t.Errorf("filled at %s on %s, want 110 on 2024-03-05", fill.Price, fill.Session)
	}
	// 10,000 buys 90 whole shares at 110 with 100 left: the clamp of the gap.
	if got, want := records[1].Account.Equity, 100+90*115.0; got != want {
		t.Errorf("equity = %v, want %v", got, want)
	}
	if got, want := records[1].Close/110-1, 0.0454545; math.Abs(got-want) > 1e-6 {
		t.Errorf("return of the position = %v, want %v", got, want)
	}
	if records[1].Order != nil || len(records[1].Notes) != 1 {
		t.Errorf("last session: order %v, notes %q; want no order and one note", records[1].Order, records[1].Notes)
	}
}

// B62: earlier bars change nothing, and only sessions in the window are scored.
func TestEarlierBarsChangeNothing(t *testing.T) {
	sessions, err := nyse.Range("2022-05-02", "2024-02-29")
	if err != nil {
		t.Fatal(err)
	}
	var bars []data.Bar
	for i, s := range sessions {
		p := 100 + 10*math.Sin(float64(i)/7)
		bars = append(bars, bar(s, p, p+1))
	}
	first := slices.Index(sessions, "2024-01-02")
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-01-02", From: "2024-01-02", To: "2024-02-29"}
	var results []backtest.Result
	var shown [][]int
	for _, earlier := range []int{200, 400} {
		trader := &script{actions: map[data.Session]agent.Action{"2024-01-04": agent.Buy, "2024-02-05": agent.Sell}}
		records := mustRun(t, cfg, market(t, bars[first-earlier:]...), trader)
		var lengths []int
		for _, o := range trader.seen {
			lengths = append(lengths, len(o.Bars))
		}
		shown = append(shown, lengths)
		results = append(results, backtest.Evaluate("AAA", "x", "2023-12-29", 10000, 0, 252, records))
	}
	if !slices.Equal(shown[0], shown[1]) {
		t.Error("the trader was shown more bars where there were more")
	}
	a, b := results[0], results[1]
	if a.Sessions != 41 || a.FinalEquity != b.FinalEquity || a.Sharpe != b.Sharpe || a.Fills != 2 {
		t.Errorf("with 200 earlier bars: %d sessions, %d fills, equity %v; with 400: %v; want 41 sessions, 2 fills and the same", a.Sessions, a.Fills, a.FinalEquity, b.FinalEquity)
	}
}

// B03: a session without a price trades nothing; equity is carried and marked.
func TestMissingPriceIsCarriedAndMarked(t *testing.T) {
	cfg := free()
	cfg.Cash = udecimal.MustParse("1000")
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-01", From: "2024-03-01", To: "2024-03-06"}
	// 2024-03-05 is missing; a Friday and the Monday come before it.
	feed := market(t, bar("2024-03-01", 100, 100), bar("2024-03-04", 100, 100), bar("2024-03-06", 105, 110))
	trader := &script{actions: map[data.Session]agent.Action{"2024-03-01": agent.Buy, "2024-03-04": agent.Sell}}
	records := mustRun(t, cfg, feed, trader)
	var equity []float64
	for _, r := range records {
		equity = append(equity, r.Account.Equity)
	}
	// The sell waits over the missing session and fills at the open of the 6th.
	if want := []float64{1000, 1000, 1000, 1050}; !slices.Equal(equity, want) {
		t.Errorf("equity = %v, want %v", equity, want)
	}
	if records[2].HasBar || records[2].Settled != nil || records[2].Status != backtest.StatusIdle {
		t.Errorf("the missing session = %+v, want no price, no fill and nothing asked", records[2])
	}
	r := backtest.Evaluate("AAA", "x", "2024-02-29", 1000, 0, 252, records)
	if r.StaleSessions != 1 {
		t.Errorf("stale sessions = %d, want 1", r.StaleSessions)
	}
}

// B51: an error day is no hold; too many in a row stop the run, with the
// sessions up to then recorded.
func TestErrorDaysAreCountedAndStopTheRun(t *testing.T) {
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04", To: "2024-03-15"}
	cfg.MaxErrorDays = 3
	sessions, err := nyse.Range(cfg.Window.From, cfg.Window.To)
	if err != nil {
		t.Fatal(err)
	}
	var bars []data.Bar
	for _, s := range sessions {
		bars = append(bars, bar(s, 100, 100))
	}
	fail := func(s data.Session) error { return &agent.Failure{Session: s, Reason: "cut"} }

	trader := &script{actions: map[data.Session]agent.Action{sessions[0]: agent.Buy, sessions[4]: agent.Sell, sessions[6]: agent.Buy},
		errs: map[data.Session]error{sessions[2]: fail(sessions[2])}}
	r := backtest.Evaluate("AAA", "x", "2024-03-01", 10000, 0, 252, mustRun(t, cfg, market(t, bars...), trader))
	if r.Holds != 6 || r.Buys != 2 || r.Sells != 1 || r.ErrorDays != 1 {
		t.Errorf("holds %d, buys %d, sells %d, error days %d; want 6, 2, 1, 1", r.Holds, r.Buys, r.Sells, r.ErrorDays)
	}

	trader = &script{errs: map[data.Session]error{}}
	for _, s := range sessions[3:] {
		trader.errs[s] = fail(s)
	}
	records, err := run(t, cfg, market(t, bars...), trader)
	if !errors.Is(err, backtest.ErrTooManyErrorDays) || len(records) != 6 {
		t.Errorf("%d sessions recorded, error %v; want 6 and too many error days", len(records), err)
	}
}

// B58: an error that is no answer leaves no trace of its session.
func TestBrokenSessionLeavesNoTrace(t *testing.T) {
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04", To: "2024-03-08"}
	sessions, err := nyse.Range(cfg.Window.From, cfg.Window.To)
	if err != nil {
		t.Fatal(err)
	}
	var bars []data.Bar
	for _, s := range sessions {
		bars = append(bars, bar(s, 100, 100))
	}
	down := errors.New("connection refused")
	trader := &script{errs: map[data.Session]error{sessions[2]: down}}
	records, err := run(t, cfg, market(t, bars...), trader)
	if !errors.Is(err, down) || len(records) != 2 {
		t.Errorf("%d sessions recorded, error %v; want 2 and the cause", len(records), err)
	}
}

// The warm-up shows outcomes, but the last one's lies in the test window: that
// session is only observed.
func TestWarmupNeverShowsTheTestWindow(t *testing.T) {
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-07", To: "2024-03-08"}
	feed := market(t, bar("2024-03-04", 100, 100), bar("2024-03-05", 100, 110), bar("2024-03-06", 100, 99), bar("2024-03-07", 100, 50), bar("2024-03-08", 50, 50))
	trader := &student{}
	records := mustRun(t, cfg, feed, trader)
	if len(trader.lessons) != 2 || math.Abs(trader.lessons[0].Return-0.1) > 1e-12 || math.Abs(trader.lessons[1].Return+0.1) > 1e-12 || trader.lessons[1].Known != "2024-03-06" {
		t.Errorf("lessons = %+v, want +10 %% and -10 %%, the latter known on 2024-03-06", trader.lessons)
	}
	if !slices.Equal(trader.observed, []data.Session{"2024-03-06"}) {
		t.Errorf("observed %v, want the last warm-up session only", trader.observed)
	}
	if len(trader.seen) != 2 {
		t.Errorf("%d decisions, want 2", len(trader.seen))
	}
	for _, r := range records[:3] {
		if r.Order != nil || r.Account.Equity != 10000 {
			t.Errorf("warm-up session %s traded: %+v", r.Session, r)
		}
	}
}

// B61, where a symbol's prices end before the window does: what is decided on
// its last price is not executed, and is not left open without a word.
func TestNoOrderAfterTheLastPrice(t *testing.T) {
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04", To: "2024-03-08"}
	feed := market(t, bar("2024-03-04", 100, 100), bar("2024-03-05", 100, 100))
	records := mustRun(t, cfg, feed, &script{actions: map[data.Session]agent.Action{"2024-03-05": agent.Buy}})
	if r := records[1]; r.Order != nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "not executed: buy 100 shares") {
		t.Errorf("order %v, notes %q; want no order and a note that it was not executed", r.Order, r.Notes)
	}
}

// A run that was stopped knows how many error days came before: it stops on the
// same session as one that was not.
func TestErrorDaysAreCountedAcrossAResume(t *testing.T) {
	cfg := free()
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04", To: "2024-03-15"}
	cfg.MaxErrorDays = 5
	sessions, err := data.NYSE().Range(cfg.Window.From, cfg.Window.To)
	if err != nil {
		t.Fatal(err)
	}
	var bars []data.Bar
	trader := &script{errs: map[data.Session]error{}}
	for _, s := range sessions {
		bars = append(bars, bar(s, 100, 100))
		trader.errs[s] = &agent.Failure{Session: s, Reason: "cut"}
	}
	feed := market(t, bars...)
	var rec tape
	first := backtest.NewBook("AAA", feed, nil, trader, cfg)
	if err := backtest.Run(t.Context(), cfg, sessions[:3], []*backtest.Book{first}, &rec, nil); err != nil {
		t.Fatal(err)
	}
	second := backtest.NewBook("AAA", feed, nil, trader, cfg)
	if err := second.Restore(rec.records[2].State); err != nil {
		t.Fatal(err)
	}
	err = backtest.Run(t.Context(), cfg, sessions[3:], []*backtest.Book{second}, &rec, nil)
	if !errors.Is(err, backtest.ErrTooManyErrorDays) || len(rec.records) != 5 {
		t.Errorf("%d sessions recorded, error %v; want 5 and too many error days", len(rec.records), err)
	}
}

// No observation holds a bar, or anything else, of a later session.
func TestObservationsEndAtTheirSession(t *testing.T) {
	cfg := free()
	cfg.LookBack = 2
	cfg.Window = backtest.Window{WarmupFrom: "2024-03-04", From: "2024-03-04", To: "2024-03-08"}
	feed := market(t, bar("2024-03-01", 1, 1), bar("2024-03-04", 1, 2), bar("2024-03-05", 1, 3), bar("2024-03-06", 1, 4), bar("2024-03-07", 1, 5), bar("2024-03-08", 1, 6))
	trader := &script{}
	mustRun(t, cfg, feed, trader)
	for _, o := range trader.seen {
		if len(o.Bars) != 2 || o.Bars[1].Session != o.Day.Session || o.Bars[1].Close != o.Day.Bar.Close {
			t.Errorf("session %s was shown %v", o.Day.Session, o.Bars)
		}
	}
}

// B01: with prices as traded, a split changes the number of shares, not the
// value; an order decided before it is scaled.
func TestSplitKeepsTheValue(t *testing.T) {
	cfg := free()
	cfg.Cash = udecimal.MustParse("4000")
	cfg.Window = backtest.Window{WarmupFrom: "2024-06-06", From: "2024-06-06", To: "2024-06-11"}
	feed := market(t, bar("2024-06-06", 400, 400), bar("2024-06-07", 400, 400), bar("2024-06-10", 101, 102), bar("2024-06-11", 102, 102))
	split := data.Action{Session: "2024-06-10", Split: 4}
	records := mustRun(t, cfg, feed, &script{actions: map[data.Session]agent.Action{"2024-06-06": agent.Buy}}, split)
	if got := records[2].Account; got.Shares != 40 || got.Equity != 4080 {
		t.Errorf("after the split: %v shares worth %v, want 40 and 4080 (+2.0 %%)", got.Shares, got.Equity)
	}

	records = mustRun(t, cfg, feed, &script{actions: map[data.Session]agent.Action{"2024-06-07": agent.Buy}}, split)
	// Decided before the split for 10 old shares, filled after it for what cash
	// pays for of 40 new ones at 101: 39.
	if fill := records[2].Settled.Fill; fill.Shares.String() != "39" || fill.Price.String() != "101" {
		t.Errorf("filled %s at %s, want 39 at 101", fill.Shares, fill.Price)
	}

	cfg.Adjustment = data.SplitAdjusted
	records = mustRun(t, cfg, feed, &script{actions: map[data.Session]agent.Action{"2024-06-06": agent.Buy}}, split)
	if got := records[2].Account.Shares; got != 10 {
		t.Errorf("prices that contain the split: %v shares, want 10", got)
	}
}

// B02: a dividend is paid in cash unless the prices already contain it.
func TestDividendIsPaidOnce(t *testing.T) {
	feed := market(t, bar("2024-06-06", 100, 100), bar("2024-06-07", 100, 100), bar("2024-06-10", 98, 98))
	dividend := data.Action{Session: "2024-06-10", Dividend: 2}
	for _, tt := range []struct {
		adjustment data.Adjustment
		want       float64
	}{{data.Raw, 10000}, {data.SplitAdjusted, 10000}, {data.TotalReturn, 9800}, {data.UnknownAdjustment, 9800}} {
		cfg := free()
		cfg.Adjustment = tt.adjustment
		cfg.Window = backtest.Window{WarmupFrom: "2024-06-06", From: "2024-06-06", To: "2024-06-10"}
		records := mustRun(t, cfg, feed, &script{actions: map[data.Session]agent.Action{"2024-06-06": agent.Buy}}, dividend)
		if got := records[2].Account.Equity; got != tt.want {
			t.Errorf("%s prices: equity %v, want %v", tt.adjustment, got, tt.want)
		}
	}
}

// B90: a window that runs backwards is refused.
func TestReversedWindow(t *testing.T) {
	for _, w := range []backtest.Window{
		{WarmupFrom: "2024-01-02", From: "2025-05-01", To: "2024-05-23"},
		{WarmupFrom: "2025-06-02", From: "2025-05-01", To: "2025-05-23"},
	} {
		if err := w.Validate(); err == nil {
			t.Errorf("%+v was accepted", w)
		}
	}
}
