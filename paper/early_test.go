package paper_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"finmem/agent"
	"finmem/backtest"
	"finmem/data"
	"finmem/paper"
)

// early makes the world decide a quarter of an hour before the close.
func (w *world) early() {
	w.settings.After, w.settings.Tolerance = -15*time.Minute, 10*time.Minute
}

// B85, B10: fifteen minutes before the close is 12:45 on a half day. The bar of
// the session is not known, whatever the data has; news up to then is, and that of
// 14:30 belongs to the next session. The order fills at the same session's close
// and is booked when that close is known.
func TestDecisionBeforeTheClose(t *testing.T) {
	w := newWorld(t, "2024-11-27", "2024-11-27", "2024-12-03", "AAA")
	w.early()
	w.settings.Engine.Sim.Costs.CommissionBps, w.settings.Engine.Sim.Costs.SlippageBps = 0, 0
	w.flatMarket("AAA", 100)
	w.prices("AAA", 100, 110, 120, 130) // 27 and 29 November, 2 and 3 December
	at := func(clock string) time.Time {
		x, err := time.ParseInLocation(time.DateTime, "2024-11-29 "+clock, nyse.Location())
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	h := w.histories["AAA"]
	h.News = []data.News{{Time: at("12:44:59"), Title: "before"}, {Time: at("12:45:00"), Title: "at the cut-off"}, {Time: at("14:30:00"), Title: "afternoon"}}
	w.histories["AAA"] = h
	var seen []agent.Observation
	w.trader = func(backtest.Trader) backtest.Trader {
		return watcher{script{"2024-11-29": agent.Buy, "2024-12-02": agent.Sell}, &seen}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	var times []string
	for _, e := range w.notes.events {
		if e.Kind == paper.Decided {
			times = append(times, e.At.In(nyse.Location()).Format("01-02 15:04"))
		}
	}
	if want := []string{"11-27 15:45", "11-29 12:45", "12-02 15:45", "12-03 15:45"}; !slices.Equal(times, want) {
		t.Errorf("decided at %v, want %v", times, want)
	}
	titles := func(o agent.Observation) (list []string) {
		for _, n := range o.Day.News {
			list = append(list, n.Title)
		}
		return list
	}
	if got := titles(seen[1]); !slices.Equal(got, []string{"before"}) {
		t.Errorf("the half day sees %v", got)
	}
	if got := titles(seen[2]); !slices.Equal(got, []string{"at the cut-off", "afternoon"}) {
		t.Errorf("the next session sees %v", got)
	}
	for _, o := range seen {
		last := o.Bars[len(o.Bars)-1]
		before, err := nyse.Prev(o.Day.Session)
		if err != nil {
			t.Fatal(err)
		}
		if o.Day.HasBar || last.Session != before || !o.Early {
			t.Errorf("session %s: own bar %t, last bar of %s; want that of %s", o.Day.Session, o.Day.HasBar, last.Session, before)
		}
	}
	// On the half day 10,000 buys 100 shares at the last known close of 100; they
	// fill at the half day's own close of 110, for 90 of them. They are sold at the
	// close of 120.
	if got, want := w.holds("AAA"), "0/10000 0/10000 90/100 0/10900"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
	r := w.records("AAA")[2]
	if f := r.Settled.Fill; f.Session != "2024-11-29" || f.Price.String() != "110" || f.Basis != "close" {
		t.Errorf("fill %+v, want at the close of 110 on 2024-11-29", f)
	}
	if r.Close != 110 || r.Account.Equity != 10000 {
		t.Errorf("marked at %v, equity %v; want 110 and 10000", r.Close, r.Account.Equity)
	}
	wantTexts(t, w, paper.Corrected)
	wantTexts(t, w, paper.Trouble)
}

// A watcher notes what its trader is shown.
type watcher struct {
	backtest.Trader
	seen *[]agent.Observation
}

func (w watcher) Decide(ctx context.Context, obs agent.Observation) (agent.Decision, error) {
	*w.seen = append(*w.seen, obs)
	return w.Trader.Decide(ctx, obs)
}

// With the real agent, studied sessions included: outcomes are judged once each,
// when they are known, and a split and a dividend do not set ledger and account
// apart. A loop that is killed comes to the same.
func TestEarlyLoopWithAnAgent(t *testing.T) {
	make := func() *world {
		w := newWorld(t, "2024-10-28", "2024-11-11", "2024-12-06", "AAA", "BBB")
		w.early()
		w.settings.Engine.Adjustment = data.Raw
		w.settings.Engine.Sim.Lot = dec("0.01")
		h := w.histories["AAA"]
		for _, s := range sessions(t, "2024-11-14", "2024-12-05") {
			a := data.Action{Session: s, Split: 2}
			switch s[len(s)-1] % 4 {
			case 1:
				a.Split = 0.5
			case 2:
				a.Split, a.Dividend = 0, 0.25
			case 3:
				continue
			}
			h.Actions = append(h.Actions, a)
		}
		w.histories["AAA"] = h
		b := w.histories["BBB"]
		b.Bars = slices.DeleteFunc(b.Bars, func(x data.Bar) bool { return x.Session == "2024-11-20" })
		w.histories["BBB"] = b
		return w
	}
	w := make()
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Corrected)
	wantTexts(t, w, paper.Missed)
	if n := len(w.notes.of(paper.Fill)); n < 2 {
		t.Errorf("%d fills: too few to show anything", n)
	}
	judged := map[data.Session]int{}
	decided, feedback := 0, 0
	records := w.records("AAA")
	for _, r := range records {
		if r.Decision == nil {
			continue
		}
		decided++
		for _, f := range r.Decision.Trace.Feedback {
			judged[f.Decided]++
			feedback++
		}
	}
	for s, n := range judged {
		if n != 1 {
			t.Errorf("the decision of %s was judged %d times", s, n)
		}
	}
	// A decision is judged by the close five sessions later, which the sixth knows:
	// the last six are not. One of the warm-up is judged in a session without a
	// decision, which keeps no trace of it.
	if want := decided - 7; feedback != want {
		t.Errorf("%d of %d decisions were judged, want %d", feedback, decided, want)
	}
	killed := make()
	killed.settings.Engine.Parallel = 1
	deaths := 0
	for at := int64(40); ; at += 17 {
		killed.mortalise(&reaper{at: at})
		died, err := killed.die()
		if err != nil {
			t.Fatal(err)
		}
		if !died {
			break
		}
		deaths++
	}
	if digest(t, killed.dir) != digest(t, w.dir) || deaths < 3 {
		t.Errorf("after %d deaths the journal is another", deaths)
	}
}
