package paper_test

import (
	"slices"
	"testing"

	"finmem/data"
	"finmem/paper"
)

// One path: a loop that is played over a dataset comes to the journal of a
// backtest, byte for byte: decisions, prompts, memory, fills and ledger. With a
// symbol whose prices end before the window does, one session without a price,
// and a dividend.
func TestReplayEqualsABacktest(t *testing.T) {
	w := newWorld(t, "2024-10-21", "2024-11-11", "2024-12-06", "AAA", "BBB", "CCC")
	b := w.histories["BBB"]
	b.Bars = slices.DeleteFunc(b.Bars, func(x data.Bar) bool { return x.Session == "2024-11-20" })
	b.Actions = []data.Action{{Session: "2024-11-25", Dividend: 0.5}}
	w.histories["BBB"] = b
	c := w.histories["CCC"]
	c.Bars = slices.DeleteFunc(c.Bars, func(x data.Bar) bool { return x.Session > "2024-11-27" })
	w.histories["CCC"] = c

	want := digest(t, w.backtest())
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if got := digest(t, w.dir); got != want {
		t.Errorf("digest %s, want that of the backtest %s", got, want)
	}
	fills := w.notes.of(paper.Fill)
	if len(fills) < 4 {
		t.Errorf("%d fills: too few to show anything", len(fills))
	}
	for _, kind := range []paper.Kind{paper.Corrected, paper.Missed, paper.Halted, paper.Breach} {
		if got := w.notes.of(kind); len(got) > 0 {
			t.Errorf("%s: %q, want none", kind, got)
		}
	}
}

// Likewise with prices as traded, a 2:1 split over a holding and an open order, a
// reverse split and a dividend, in fractions of a share and with short positions.
func TestReplayEqualsABacktestAcrossSplits(t *testing.T) {
	for _, short := range []bool{false, true} {
		w := newWorld(t, "2024-10-28", "2024-11-11", "2024-12-06", "AAA")
		w.settings.Engine.Adjustment = data.Raw
		w.settings.Engine.Sim.Lot = dec("0.01")
		w.settings.Engine.Sim.Short, w.settings.Engine.Sizing.Short = short, short
		h := w.histories["AAA"]
		for _, s := range sessions(t, "2024-11-12", "2024-12-05") {
			// Every session has an action, so that some order meets each kind.
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
		want := digest(t, w.backtest())
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
		if got := digest(t, w.dir); got != want {
			t.Errorf("short %t: digest %s, want that of the backtest %s", short, got, want)
		}
		if got := w.notes.of(paper.Corrected); len(got) > 0 {
			t.Errorf("short %t: corrected %q", short, got)
		}
		if len(w.notes.of(paper.Fill)) < 2 {
			t.Errorf("short %t: %d fills: too few to show anything", short, len(w.notes.of(paper.Fill)))
		}
	}
}
