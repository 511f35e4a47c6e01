package backtest_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/quagmt/udecimal"
	"pgregory.net/rapid"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/data"
)

// week is a market of as many sessions from 2024-03-04 on as there are closes,
// each opening at the close before, and a window over all of them.
func week(t *testing.T, cfg *backtest.Config, closes ...float64) (*data.Feed, []data.Session) {
	t.Helper()
	sessions, err := nyse.Range("2024-03-04", "2024-06-28")
	if err != nil {
		t.Fatal(err)
	}
	sessions = sessions[:len(closes)]
	cfg.Window = backtest.Window{WarmupFrom: sessions[0], From: sessions[0], To: sessions[len(sessions)-1]}
	var bars []data.Bar
	open := closes[0]
	for i, s := range sessions {
		bars = append(bars, bar(s, open, closes[i]))
		open = closes[i]
	}
	return market(t, bars...), sessions
}

// always says the same on every session.
func always(sessions []data.Session, a agent.Action) *script {
	s := &script{actions: map[data.Session]agent.Action{}}
	for _, x := range sessions {
		s.actions[x] = a
	}
	return s
}

// shares is the position at each close.
func shares(records []backtest.Record) []float64 {
	var list []float64
	for _, r := range records {
		list = append(list, r.Account.Shares)
	}
	return list
}

// limited is what limits changed, as "session number: limit wish -> allowed".
func limited(records []backtest.Record) []string {
	list := []string{}
	for i, r := range records {
		for _, l := range r.Limited {
			list = append(list, fmt.Sprintf("%d: %s %.4g -> %.4g", i, l.Limit, l.Wish, l.Allowed))
		}
	}
	return list
}

func same[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// B55: cash of 10,000 at a price of 100 buys 100 shares; with a largest weight
// of 0.1 it is 10, whatever the trader says and however often.
func TestMaxWeight(t *testing.T) {
	for _, tt := range []struct {
		weight float64
		want   float64
	}{
		{0, 100}, {1, 100}, {0.1, 10},
		{0.5, 50}, {0.3333, 33}, {0.0199, 1}, // whole shares, rounded down
		{0.0099, 0}, // 99 dollars buy none
	} {
		cfg := free()
		if tt.weight > 0 {
			cfg.Limits = []backtest.Limit{backtest.MaxWeight{Weight: tt.weight}}
		}
		feed, sessions := week(t, &cfg, 100, 100, 100, 100)
		same(t, fmt.Sprintf("shares under a largest weight of %v", tt.weight), shares(mustRun(t, cfg, feed, always(sessions, agent.Buy))), []float64{0, tt.want, tt.want, tt.want})
	}
}

// A position that the market carries above the largest weight is cut back once
// it is more than a tenth above it, also on a hold; what is recorded is what was
// changed.
func TestMaxWeightCutsBack(t *testing.T) {
	cfg := free()
	cfg.Limits = []backtest.Limit{backtest.MaxWeight{Weight: 0.5}}
	// 50 shares at 100, then 115: 5,750 of 10,750 is 0.5349, within a tenth of
	// 0.5; at 130 6,500 of 11,500 is 0.5652, which is not: 44 shares are 5,720.
	feed, sessions := week(t, &cfg, 100, 100, 115, 130, 130, 130)
	hold := &script{actions: map[data.Session]agent.Action{sessions[0]: agent.Buy}}
	records := mustRun(t, cfg, feed, hold)
	same(t, "shares", shares(records), []float64{0, 50, 50, 50, 44, 44})
	same(t, "limited", limited(records), []string{"0: max-weight 1 -> 0.5", "3: max-weight 0.5652 -> 0.5"})
	order := records[3].Order
	if order.Side != broker.Sell || order.Reason != "limited to 0.5 of equity: from 50 to 44 shares at close 130" {
		t.Errorf("order %+v, want a sale of 6 shares with its reason", order)
	}
	// A buy on every session asks for all of the equity each time. What is near
	// enough to the limit is kept, with a note.
	feed, sessions = week(t, &cfg, 100, 100, 115, 130, 130, 130)
	records = mustRun(t, cfg, feed, always(sessions, agent.Buy))
	same(t, "shares", shares(records), []float64{0, 50, 50, 50, 44, 44})
	if got := limited(records); len(got) != 6 || got[1] != "1: max-weight 1 -> 0.5" {
		t.Errorf("limited = %v, want every session", got)
	}
	same(t, "notes", records[2].Notes, []string{"no order: a weight of 0.5349 is held and 0.5000 is allowed, which is near enough"})
	r := backtest.Evaluate("AAA", "x", "2024-03-01", 10000, 0, 252, records)
	if r.Limited["max-weight"] != 6 {
		t.Errorf("limited sessions = %v, want 6 of max-weight", r.Limited)
	}
}

// Bought at 100, peak 12,000 at 120; at 96 equity is 20 % below it. The stop
// sells at the next open and keeps the account flat for three decisions, then
// the peak counts from 9,600.
func TestDrawdownStop(t *testing.T) {
	cfg := free()
	cfg.Limits = []backtest.Limit{backtest.DrawdownStop{Depth: 0.2, Sessions: 3}}
	feed, sessions := week(t, &cfg, 100, 120, 97, 96, 96, 100, 100, 100, 90, 80, 80)
	records := mustRun(t, cfg, feed, always(sessions, agent.Buy))
	// The second buy is of 96 shares at 100; 90 is 10 % below 9,600, 80 is 20 %.
	same(t, "shares", shares(records), []float64{0, 100, 100, 100, 0, 0, 0, 96, 96, 96, 0})
	same(t, "limited", limited(records), []string{"3: drawdown-stop 1 -> 0", "4: drawdown-stop 1 -> 0", "5: drawdown-stop 1 -> 0", "9: drawdown-stop 1 -> 0", "10: drawdown-stop 1 -> 0"})
	if got, want := records[3].Limited[0].Reason, "equity 9600.00 is 20.00 % below its peak of 12000.00; flat for 3 sessions"; got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
}

// An error day leaves the position alone, but not what a limit forbids.
func TestLimitsHoldOnErrorDays(t *testing.T) {
	cfg := free()
	cfg.Limits = []backtest.Limit{backtest.DrawdownStop{Depth: 0.2, Sessions: 3}}
	feed, sessions := week(t, &cfg, 100, 100, 79, 79, 79)
	trader := &script{actions: map[data.Session]agent.Action{sessions[0]: agent.Buy}, errs: map[data.Session]error{}}
	for _, s := range sessions[1:] {
		trader.errs[s] = &agent.Failure{Session: s, Reason: "cut"}
	}
	records := mustRun(t, cfg, feed, trader)
	same(t, "shares", shares(records), []float64{0, 100, 100, 0, 0})
	if records[2].Status != backtest.StatusError || records[2].Decision != nil || records[2].Order == nil {
		t.Errorf("the session of the stop = %+v, want an error day with an order", records[2])
	}
	cfg.Limits = nil
	same(t, "shares without limits", shares(mustRun(t, cfg, feed, trader)), []float64{0, 100, 100, 100, 100})
}

// Bought at 100, sold at 90: a loss. With a cool-down of two nothing is bought
// by the decision of that session and the next. Sold with a gain there is none.
func TestCoolDown(t *testing.T) {
	cfg := free()
	cfg.Limits = []backtest.Limit{backtest.CoolDown{Sessions: 2}}
	for _, tt := range []struct {
		exit    float64
		shares  []float64
		limited []string
	}{
		{90, []float64{0, 100, 0, 0, 0, 90, 90}, []string{"2: cool-down 1 -> 0", "3: cool-down 1 -> 0"}},
		{100, []float64{0, 100, 0, 100, 100, 100, 100}, []string{}},
		{110, []float64{0, 100, 0, 100, 100, 100, 100}, []string{}},
	} {
		feed, sessions := week(t, &cfg, 100, tt.exit, tt.exit, tt.exit, 100, 100, 100)
		if tt.exit > 100 {
			feed, sessions = week(t, &cfg, 100, tt.exit, tt.exit, tt.exit, tt.exit, tt.exit, tt.exit)
		}
		trader := always(sessions, agent.Buy)
		trader.actions[sessions[1]] = agent.Sell
		records := mustRun(t, cfg, feed, trader)
		same(t, fmt.Sprintf("limited after an exit at %v", tt.exit), limited(records), tt.limited)
		same(t, fmt.Sprintf("shares after an exit at %v", tt.exit), shares(records), tt.shares)
	}
}

// A round trip that gained on the price and lost on fees has lost; a dividend
// can save it. A position that is reduced has not ended.
func TestCoolDownCountsFeesAndDividends(t *testing.T) {
	for _, tt := range []struct {
		name     string
		bps      float64
		dividend float64
		want     int // sessions limited
	}{{"fees", 10, 0, 1}, {"fees and a dividend", 10, 1, 0}, {"free", 0, 0, 0}} {
		cfg := free()
		cfg.Sim.CommissionBps = tt.bps
		cfg.Limits = []backtest.Limit{backtest.CoolDown{Sessions: 1}}
		feed, sessions := week(t, &cfg, 100, 100, 100.1, 100.1, 100.1)
		trader := always(sessions, agent.Buy)
		trader.actions[sessions[2]] = agent.Sell
		var actions []data.Action
		if tt.dividend > 0 {
			actions = []data.Action{{Session: sessions[2], Dividend: tt.dividend}}
		}
		records := mustRun(t, cfg, feed, trader, actions...)
		if got := len(limited(records)); got != tt.want {
			t.Errorf("%s: %d sessions limited, want %d", tt.name, got, tt.want)
		}
	}
}

// Going through zero ends a trade too: a long one lost, so the short one that
// was opened with the same fill may be kept but not enlarged.
func TestCoolDownWithShortPositions(t *testing.T) {
	cfg := free()
	cfg.Sizing.Short, cfg.Sim.Short = true, true
	cfg.Limits = []backtest.Limit{backtest.CoolDown{Sessions: 3}}
	feed, sessions := week(t, &cfg, 100, 90, 90, 80, 70, 70, 70)
	trader := always(sessions, agent.Sell)
	trader.actions[sessions[0]] = agent.Buy
	records := mustRun(t, cfg, feed, trader)
	// 100 long at 100, turned at 90 into 100 short: 9,000 of equity 9,000. At 80
	// equity is 10,000 and the weight -0.8, at 70 it is -7,000 of 11,000; selling
	// more is not allowed until three decisions are over. Then 11,000 bear 157.
	same(t, "shares", shares(records), []float64{0, 100, -100, -100, -100, -100, -157})
	same(t, "limited", limited(records), []string{"3: cool-down -1 -> -0.8", "4: cool-down -1 -> -0.6364"})
}

// Closes that go up and down by 1 % move by 15.9 % a year and more; a target of
// 8 % halves the weight. Until there are 21 closes nothing may be held.
func TestVolTarget(t *testing.T) {
	cfg := free()
	var closes []float64
	for i := range 24 {
		closes = append(closes, []float64{100, 101}[i%2])
	}
	feed, sessions := week(t, &cfg, closes...)
	// Ten returns of +1 % and ten of 1/1.01 - 1 = -0.990099 %: the sample deviation
	// is 0.0199010/2 · √(20/19).
	sigma := (0.01 + 0.01/1.01) / 2 * math.Sqrt(20.0/19) * math.Sqrt(252)
	cfg.Limits = []backtest.Limit{backtest.VolTarget{Yearly: sigma / 2, PeriodsPerYear: 252}}
	records := mustRun(t, cfg, feed, always(sessions, agent.Buy))
	for i, r := range records {
		want := 0.0
		if i >= 20 {
			want = 0.5
		}
		if len(r.Limited) != 1 || math.Abs(r.Limited[0].Allowed-want) > 1e-9 {
			t.Errorf("session %d: %+v, want a weight of %v", i, r.Limited, want)
		}
	}
	if got, want := records[19].Limited[0].Reason, "volatility is n/a on 20 closes: want 21"; got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
	if got := records[21].Account.Shares; got != 50 {
		t.Errorf("%v shares after the first buy, want 50", got)
	}

	// A calm market is not scaled up, nor is a hold scaled twice.
	cfg.Limits = []backtest.Limit{backtest.VolTarget{Yearly: 10, PeriodsPerYear: 252}}
	if got := mustRun(t, cfg, feed, always(sessions, agent.Buy))[21]; got.Account.Shares != 100 || len(got.Limited) != 0 {
		t.Errorf("under a high target: %v shares, limited %v; want 100 and nothing", got.Account.Shares, got.Limited)
	}
	cfg.Limits = []backtest.Limit{backtest.VolTarget{Yearly: sigma / 2, PeriodsPerYear: 252}}
	records = mustRun(t, cfg, feed, &script{actions: map[data.Session]agent.Action{sessions[20]: agent.Buy}})
	same(t, "shares held", shares(records)[20:], []float64{0, 50, 50, 50})
}

// The volatility does not see a split in prices as traded.
func TestVolTargetOverASplit(t *testing.T) {
	cfg := free()
	var closes []float64
	for i := range 24 {
		closes = append(closes, []float64{400, 404}[i%2])
		if i >= 12 {
			closes[i] /= 4
		}
	}
	feed, sessions := week(t, &cfg, closes...)
	cfg.Limits = []backtest.Limit{backtest.VolTarget{Yearly: 0.5, PeriodsPerYear: 252}}
	records := mustRun(t, cfg, feed, always(sessions, agent.Buy), data.Action{Session: sessions[12], Split: 4})
	if got := records[20].Limited; len(got) != 0 {
		t.Errorf("limited over the split: %+v", got)
	}
}

// Each limit is given what the one before it allowed.
func TestLimitsApplyInTurn(t *testing.T) {
	limits, err := backtest.LimitSettings{VolTarget: 1e-9, MaxWeight: 0.5, CoolDown: 2, DrawdownStop: 0.1, StopSessions: 5}.Limits(252)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range limits {
		names = append(names, l.Name())
	}
	same(t, "order", names, []string{"vol-target", "max-weight", "cool-down", "drawdown-stop"})
	cfg := free()
	cfg.Limits = limits[1:]
	feed, sessions := week(t, &cfg, 100, 100, 50, 50, 50)
	records := mustRun(t, cfg, feed, always(sessions, agent.Buy))
	same(t, "limited", limited(records), []string{"0: max-weight 1 -> 0.5", "1: max-weight 1 -> 0.5",
		"2: max-weight 1 -> 0.5", "2: drawdown-stop 0.5 -> 0",
		"3: max-weight 1 -> 0.5", "3: cool-down 0.5 -> 0",
		"4: max-weight 1 -> 0.5", "4: cool-down 0.5 -> 0"})
}

func TestLimitSettings(t *testing.T) {
	if limits, err := (backtest.LimitSettings{StopSessions: 20}).Limits(252); err != nil || len(limits) != 0 {
		t.Errorf("all off: %v, %v; want no limits", limits, err)
	}
	nan := math.NaN()
	for _, s := range []backtest.LimitSettings{
		{MaxWeight: -0.1}, {MaxWeight: 1.1}, {MaxWeight: 0.00001}, {MaxWeight: nan},
		{VolTarget: -1}, {VolTarget: nan}, {VolTarget: math.Inf(1)},
		{DrawdownStop: 1, StopSessions: 5}, {DrawdownStop: -0.1, StopSessions: 5}, {DrawdownStop: nan, StopSessions: 5},
		{DrawdownStop: 0.1}, {CoolDown: -1},
	} {
		if _, err := s.Limits(252); err == nil {
			t.Errorf("%+v was accepted", s)
		}
	}
}

// A rogue is a limit that says what it likes.
type rogue float64

func (rogue) Name() string { return "rogue" }
func (r rogue) Apply(backtest.Standing, *backtest.LimitMemory, float64) (float64, string) {
	return float64(r), "because"
}

// Whatever a limit says, it can only bring a wish nearer to zero.
func TestLimitsCannotEnlarge(t *testing.T) {
	for says, want := range map[float64]float64{5: 50, -5: 0, math.Inf(1): 50, math.Inf(-1): 0, 0.2: 20, 0: 0} {
		cfg := free()
		cfg.Sizing.TargetWeight = 0.5
		cfg.Limits = []backtest.Limit{rogue(says)}
		feed, sessions := week(t, &cfg, 100, 100)
		if got := shares(mustRun(t, cfg, feed, always(sessions, agent.Buy)))[1]; got != want {
			t.Errorf("a limit that says %v: %v shares, want %v", says, got, want)
		}
	}
	cfg := free()
	cfg.Limits = []backtest.Limit{rogue(math.NaN())}
	feed, sessions := week(t, &cfg, 100, 100)
	if got := shares(mustRun(t, cfg, feed, always(sessions, agent.Buy)))[1]; got != 0 {
		t.Errorf("a limit that says nothing: %v shares, want 0", got)
	}
}

// A walk is a random market with a random trader on it.
type walk struct {
	cfg     backtest.Config
	feed    *data.Feed
	trader  *script
	actions []data.Action
}

func drawWalk(t *testing.T, rt *rapid.T) walk {
	w := walk{cfg: free()}
	n := rapid.IntRange(2, 40).Draw(rt, "sessions")
	sessions, err := nyse.Range("2024-03-04", "2024-06-28")
	if err != nil {
		t.Fatal(err)
	}
	sessions = sessions[:n]
	w.cfg.Window = backtest.Window{WarmupFrom: sessions[0], From: sessions[0], To: sessions[n-1]}
	w.cfg.Sizing.Short = rapid.Bool().Draw(rt, "short")
	w.cfg.Sim.Short = w.cfg.Sizing.Short
	w.cfg.Sizing.TargetWeight = rapid.SampledFrom([]float64{1, 0.6}).Draw(rt, "target")
	w.cfg.Sim.CommissionBps = rapid.SampledFrom([]float64{0, 20}).Draw(rt, "bps")
	w.trader = &script{actions: map[data.Session]agent.Action{}, errs: map[data.Session]error{}}
	var bars []data.Bar
	price := 100.0
	for i, s := range sessions {
		open := price * rapid.Float64Range(0.9, 1.1).Draw(rt, "gap")
		price = open * rapid.Float64Range(0.8, 1.2).Draw(rt, "move")
		if i > 0 && rapid.IntRange(0, 14).Draw(rt, "split?") == 0 {
			ratio := rapid.SampledFrom([]float64{2, 0.1}).Draw(rt, "ratio")
			w.actions = append(w.actions, data.Action{Session: s, Split: ratio})
			open, price = open/ratio, price/ratio
		}
		if rapid.IntRange(0, 9).Draw(rt, "gone?") > 0 {
			bars = append(bars, bar(s, open, price))
		}
		w.trader.actions[s] = rapid.SampledFrom([]agent.Action{agent.Buy, agent.Sell, agent.Hold}).Draw(rt, "action")
		if rapid.IntRange(0, 9).Draw(rt, "error?") == 0 {
			w.trader.errs[s] = &agent.Failure{Session: s, Reason: "cut"}
		}
	}
	w.feed = market(t, bars...)
	return w
}

func drawLimits(rt *rapid.T) []backtest.Limit {
	settings := backtest.LimitSettings{
		VolTarget:    rapid.SampledFrom([]float64{0, 0.5, 2}).Draw(rt, "vol target"),
		MaxWeight:    rapid.SampledFrom([]float64{0, 0.3, 0.7}).Draw(rt, "max weight"),
		CoolDown:     rapid.IntRange(0, 4).Draw(rt, "cool-down"),
		DrawdownStop: rapid.SampledFrom([]float64{0, 0.05, 0.2}).Draw(rt, "stop"),
		StopSessions: rapid.IntRange(1, 5).Draw(rt, "stop sessions"),
	}
	limits, err := settings.Limits(252)
	if err != nil {
		rt.Fatal(err)
	}
	return limits
}

// From the same holdings, an order under limits never leaves a larger position
// than the order without them would, nor one on the other side.
func TestLimitsNeverEnlargeAPosition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWalk(t, rt)
		w.cfg.Limits = drawLimits(rt)
		for _, r := range mustRun(t, w.cfg, w.feed, w.trader, w.actions...) {
			bars := w.feed.Bars(w.cfg.Window.To)
			if !r.HasBar || r.Session >= bars[len(bars)-1].Session {
				continue // nothing could be filled any more
			}
			held := udecimal.MustParse(r.State.Ledger.Shares)
			free, limited := held, held
			if r.Decision != nil {
				order, ok, _, err := w.cfg.Sizing.Order("AAA", r.Session, r.Decision.Action, r.Close, holdings{r.State.Ledger.Cash, r.State.Ledger.Shares}, w.cfg.Sim.Costs, w.cfg.Sim.Lot)
				if err != nil {
					rt.Fatal(err)
				}
				if ok {
					free = after(held, order)
				}
			}
			if r.Order != nil {
				limited = after(held, *r.Order)
			}
			if limited.Abs().GreaterThan(free.Abs()) || limited.Sign()*free.Sign() < 0 {
				rt.Fatalf("%s: from %s to %s shares under limits, to %s without: %+v", r.Session, held, limited, free, r.Limited)
			}
			for _, l := range r.Limited {
				if math.Abs(l.Allowed) > math.Abs(l.Wish) || l.Allowed*l.Wish < 0 || l.Reason == "" {
					rt.Fatalf("%s: %+v, want a weight between 0 and the wish, and a reason", r.Session, l)
				}
			}
		}
	})
}

type holdings struct{ cash, shares string }

func (h holdings) Cash() udecimal.Decimal   { return udecimal.MustParse(h.cash) }
func (h holdings) Shares() udecimal.Decimal { return udecimal.MustParse(h.shares) }

func after(held udecimal.Decimal, o broker.Order) udecimal.Decimal {
	if o.Side == broker.Buy {
		return held.Add(o.Shares)
	}
	return held.Sub(o.Shares)
}

// Limits that nothing reaches change nothing but what they remember.
func TestLimitsOutOfReachChangeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWalk(t, rt)
		w.cfg.Sizing.Short, w.cfg.Sim.Short = false, false
		want := mustRun(t, w.cfg, w.feed, w.trader, w.actions...)
		w.cfg.Limits = []backtest.Limit{backtest.MaxWeight{Weight: 1}, backtest.DrawdownStop{Depth: 0.999999, Sessions: 5}}
		got := mustRun(t, w.cfg, w.feed, w.trader, w.actions...)
		for i := range got {
			if got[i].State.Limits == nil || want[i].State.Limits != nil {
				rt.Fatalf("state %+v with limits, %+v without", got[i].State.Limits, want[i].State.Limits)
			}
			got[i].State.Limits = nil
		}
		if diff := cmp.Diff(want, got, exactly...); diff != "" {
			rt.Fatalf("records differ (-without +with):\n%s", diff)
		}
	})
}

// exactly compares records field by field.
var exactly = []cmp.Option{
	cmp.Comparer(func(a, b udecimal.Decimal) bool { return a.Equal(b) }),
	cmpopts.EquateNaNs(), cmpopts.EquateEmpty(),
}

// A run that stopped after any session goes on to the same records from the
// state that session left, by way of JSON as in the journal.
func TestLimitsSurviveAnInterruption(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWalk(t, rt)
		w.cfg.Limits = drawLimits(rt)
		whole := mustRun(t, w.cfg, w.feed, w.trader, w.actions...)
		stop := rapid.IntRange(1, len(whole)).Draw(rt, "stop after")

		text, err := json.Marshal(whole[stop-1].State)
		if err != nil {
			rt.Fatal(err)
		}
		var state backtest.State
		if err := json.Unmarshal(text, &state); err != nil {
			rt.Fatal(err)
		}
		book := backtest.NewBook("AAA", w.feed, w.actions, w.trader, w.cfg)
		if err := book.Restore(state); err != nil {
			rt.Fatal(err)
		}
		var rest []data.Session
		for _, r := range whole[stop:] {
			rest = append(rest, r.Session)
		}
		var rec tape
		if err := backtest.Run(t.Context(), w.cfg, rest, []*backtest.Book{book}, &rec, nil); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(whole[stop:], rec.records, exactly...); diff != "" {
			rt.Fatalf("records after going on differ (-unbroken +resumed):\n%s", diff)
		}
	})
}

// A stop and a cool-down in force survive; the case by hand that the property
// may not draw.
func TestStopSurvivesAnInterruption(t *testing.T) {
	cfg := free()
	cfg.Limits = []backtest.Limit{backtest.CoolDown{Sessions: 3}, backtest.DrawdownStop{Depth: 0.2, Sessions: 4}}
	feed, sessions := week(t, &cfg, 100, 100, 80, 80, 80, 80, 80, 80, 80, 80)
	trader := always(sessions, agent.Buy)
	whole := mustRun(t, cfg, feed, trader)
	same(t, "shares", shares(whole), []float64{0, 100, 100, 0, 0, 0, 0, 100, 100, 100})
	for stop := 1; stop < len(sessions); stop++ {
		book := backtest.NewBook("AAA", feed, nil, trader, cfg)
		if err := book.Restore(whole[stop-1].State); err != nil {
			t.Fatal(err)
		}
		var rec tape
		if err := backtest.Run(t.Context(), cfg, sessions[stop:], []*backtest.Book{book}, &rec, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole[stop:], rec.records, exactly...); diff != "" {
			t.Errorf("stopped after session %d (-unbroken +resumed):\n%s", stop, diff)
		}
	}
}

func TestRestoreRefusesDamage(t *testing.T) {
	cfg := free()
	book := backtest.NewBook("AAA", nil, nil, &script{}, cfg)
	state := backtest.State{Limits: &backtest.LimitState{Opening: "much"}}
	state.Ledger.Cash, state.Ledger.Shares, state.Ledger.Cost = "1", "0", "0"
	if err := book.Restore(state); err == nil || !strings.Contains(err.Error(), `"much"`) {
		t.Errorf("error %v, want one that names the number", err)
	}
}
