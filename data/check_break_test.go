package data_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"finmem/data"
)

// level is n closes around one price, none of them equal to the one before.
func level(price float64, n int) []float64 {
	var prices []float64
	for i := range n {
		prices = append(prices, price*(1+0.01*float64(i%3)))
	}
	return prices
}

// breaks are the errors and warnings of a check, those about missing sessions and
// documents left out.
func breaks(t testing.TB, adjustment data.Adjustment, h data.History) []string {
	t.Helper()
	m := meta()
	m.Adjustment = adjustment
	var list []string
	for _, f := range check(t, newDataset(t, m, h)).Findings {
		switch {
		case f.Error && !f.Warning:
			t.Errorf("%q is an error and no warning", f.Text)
		case f.Error:
			list = append(list, "error: "+f.Text)
		case f.Warning:
			list = append(list, "warning: "+f.Text)
		}
	}
	return list
}

// A jump by the ratio of a split, after which prices stay where they are, is no
// move of a market (B01). A half is what markets do, and a level of a bar or two is
// none.
func TestCheckLevels(t *testing.T) {
	missing := ": a split is missing, or two sources are joined"
	for _, tt := range []struct {
		name   string
		closes []float64
		want   []string
	}{
		{"20 for 1", slices.Concat(level(2000, 6), level(101, 6)),
			[]string{"error: close moves -95.0 % from 2024-03-14 to 2024-03-15 with no corporate action on file, by the ratio of a split of 20, and prices stay there" + missing}},
		{"1 for 10", slices.Concat(level(1, 6), level(10, 6)),
			[]string{"error: close moves +880.4 % from 2024-03-14 to 2024-03-15 with no corporate action on file, by the ratio of a split of 0.1, and prices stay there" + missing}},
		{"a half", slices.Concat(level(100, 6), level(50, 6)),
			[]string{"warning: close moves -51.0 % from 2024-03-14 to 2024-03-15 with no corporate action on file, by the ratio of a split of 2, and prices stay there" + missing}},
		{"no ratio", slices.Concat(level(100, 6), level(45, 6)), []string{"warning: close moves -55.9 % from 2024-03-14 to 2024-03-15 with no corporate action on file"}},
		{"no level", []float64{100, 101, 102, 20, 27, 36, 45}, []string{"warning: close moves -80.4 % from 2024-03-11 to 2024-03-12 with no corporate action on file"}},
		{"two bars", []float64{400, 401, 100, 101}, []string{"warning: close moves -75.1 % from 2024-03-08 to 2024-03-11 with no corporate action on file"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := data.History{Symbol: "TSLA", Bars: closes(t, "2024-03-07", tt.closes...)}
			if got := breaks(t, data.SplitAdjusted, h); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	h := data.History{Symbol: "TSLA", Bars: closes(t, "2024-03-07", slices.Concat(level(2000, 6), level(101, 6))...)}
	report, err := data.Check(newDataset(t, meta(), h), data.CheckOptions{})
	if err != nil || report.Errors() != 1 || report.Symbols[0].Jumps[0].Ratio != 20 {
		t.Errorf("%d errors, jumps %+v, %v; want 1 with the ratio 20", report.Errors(), report.Symbols[0].Jumps, err)
	}
}

// What goes out by a factor and comes back is a slip of the unit, said once.
func TestCheckSpikes(t *testing.T) {
	pence := slices.Concat(level(2, 5), level(200, 3), level(2.04, 5))
	h := data.History{Symbol: "TSLA", Bars: closes(t, "2024-03-07", pence...)}
	want := []string{"error: closes from 2024-03-14 to 2024-03-18 are 99.01 times those around them: a slip of the unit, or a split applied to some days only"}
	if got := breaks(t, data.SplitAdjusted, h); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// A fall by half and its recovery are two moves of a market.
	h.Bars = closes(t, "2024-03-07", 100, 50, 101)
	if got := breaks(t, data.SplitAdjusted, h); len(got) != 2 || strings.Contains(strings.Join(got, ""), "error") {
		t.Errorf("a fall and a recovery: %q", got)
	}
}

// volumes gives bars a volume each.
func volumes(bars []data.Bar, of func(i int) float64) []data.Bar {
	for i := range bars {
		bars[i].Volume = of(i)
	}
	return bars
}

// B25: volume that leaves a split out beside prices that contain it; and volume in
// lots of a hundred beside volume in shares.
func TestCheckVolumeUnits(t *testing.T) {
	noise := func(i int) float64 { return 1 + 0.5*float64(i%4) }
	step := func(factor float64) func(int) float64 {
		return func(i int) float64 {
			if i >= 25 {
				return 1e6 * factor * noise(i)
			}
			return 1e6 * noise(i)
		}
	}
	bars := func(volume func(int) float64) []data.Bar {
		return volumes(closes(t, "2024-03-07", level(100, 50)...), volume)
	}
	split := []data.Action{{Session: "2024-04-12", Split: 4}} // bar 25
	for _, tt := range []struct {
		name       string
		adjustment data.Adjustment
		factor     float64
		actions    []data.Action
		want       []string
	}{
		{"lots", data.SplitAdjusted, 0.01, nil, []string{"warning: volume from 2024-04-12 on is 0.01 times that before: another unit or another source"}},
		{"shares", data.SplitAdjusted, 100, nil, []string{"warning: volume from 2024-04-12 on is 100 times that before: another unit or another source"}},
		{"a busy month", data.SplitAdjusted, 8, nil, nil},
		{"raw volume at a split", data.SplitAdjusted, 4, split,
			[]string{"warning: volume from 2024-04-12 on is 4 times that before, as the split of 4 there: prices contain it and volume does not"}},
		{"adjusted volume at a split", data.SplitAdjusted, 1, split, nil},
		{"adjusted volume and a rush", data.SplitAdjusted, 2, split, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := data.History{Symbol: "TSLA", Bars: bars(step(tt.factor)), Actions: tt.actions}
			if got := breaks(t, tt.adjustment, h); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// B02: the adjusted close steps against the close at dividends and at nothing else,
// and never falls: 2.00 after a close of 100 makes 1 / 0.98, which is +2.04 %.
func TestCheckAdjustedClose(t *testing.T) {
	series := func(adjusted ...float64) []data.Bar {
		bars := closes(t, "2024-03-07", 99, 100, 98, 99)
		for i := range bars {
			bars[i].AdjClose = adjusted[i]
		}
		return bars
	}
	dividend := []data.Action{{Session: "2024-03-11", Dividend: 2}}
	nan := math.NaN()
	for _, tt := range []struct {
		name    string
		bars    []data.Bar
		actions []data.Action
		want    []string
	}{
		{"the dividend is in it", series(97.02, 98, 98, 99), dividend, nil},
		{"and the split is, beside prices with it", series(97.02, 98, 98, 99), []data.Action{{Session: "2024-03-11", Dividend: 2, Split: 0.5}}, nil},
		{"no dividends on file", series(97.02, 98, 98, 99), nil, nil},
		{"not in it", series(99, 100, 98, 99), dividend,
			[]string{"warning: adjusted close to close steps +0.00 % at the dividend of 2 on 2024-03-11, which makes +2.04 %: the adjusted close has another dividend, or none"}},
		{"twice in it", series(95.04, 96, 98, 99), dividend,
			[]string{"warning: adjusted close to close steps +4.17 % at the dividend of 2 on 2024-03-11, which makes +2.04 %: the adjusted close has another dividend, or none"}},
		{"not on file", series(97.02, 98, 98, 99), []data.Action{{Session: "2024-03-12", Dividend: 0.01}},
			[]string{"warning: adjusted close to close rises 2.04 % from 2024-03-08 to 2024-03-11 with no dividend on file"}},
		{"two vintages", series(99, 100, 88.2, 89.1), nil,
			[]string{"error: adjusted close to close falls 10.00 % from 2024-03-08 to 2024-03-11, which no dividend does: adjusted closes of two vintages"}},
		{"missing in places", series(97.02, nan, 98, 99), dividend, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := breaks(t, data.SplitAdjusted, data.History{Symbol: "KO", Bars: tt.bars, Actions: tt.actions}); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	raw := closes(t, "2024-06-07", 400, 102)
	raw[0].AdjClose, raw[1].AdjClose = 100, 102
	if got := breaks(t, data.Raw, data.History{Symbol: "NVDA", Bars: raw, Actions: []data.Action{{Session: "2024-06-10", Split: 4}}}); len(got) != 0 {
		t.Errorf("a split in prices as traded: %q", got)
	}
}

// The same dividend on two days in a row, and closes that stand still.
func TestCheckTwiceAndStale(t *testing.T) {
	h := data.History{Symbol: "KO", Bars: closes(t, "2024-03-07", 99, 100, 98, 98, 98, 98, 98, 99),
		Actions: []data.Action{{Session: "2024-03-08", Dividend: 2}, {Session: "2024-03-11", Dividend: 2.1}}}
	if got, want := breaks(t, data.SplitAdjusted, h), []string{"warning: dividends on 2024-03-08 and on 2024-03-11: one of them twice?"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	r := check(t, newDataset(t, meta(), h))
	if want := []data.Gap{{From: "2024-03-11", To: "2024-03-15", Sessions: 5}}; !slices.Equal(r.StaleRuns, want) || r.FlatTail != 0 {
		t.Errorf("stale %v, want %v; flat tail %d", r.StaleRuns, want, r.FlatTail)
	}
	if !slices.ContainsFunc(r.Findings, func(f data.Finding) bool {
		return !f.Warning && f.Text == "closes that do not move for 5 sessions or more: 2024-03-11 to 2024-03-15 (5)"
	}) {
		t.Errorf("findings %+v", r.Findings)
	}
}

// One series under two names would be traded twice.
func TestCheckTwins(t *testing.T) {
	prices := level(300, 30)
	other := slices.Clone(prices)
	other[29]++
	d := newDataset(t, meta(),
		data.History{Symbol: "FB", Bars: closes(t, "2024-03-07", prices...)[5:]},
		data.History{Symbol: "META", Bars: closes(t, "2024-03-07", prices...)},
		data.History{Symbol: "TSLA", Bars: closes(t, "2024-03-07", other...)},
		data.History{Symbol: "AAA", Bars: closes(t, "2024-03-07", prices[:19]...)},
		data.History{Symbol: "AAB", Bars: closes(t, "2024-03-07", prices[:19]...)},
	)
	report, err := data.Check(d, data.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := data.Finding{Warning: true, Text: "FB, META have the same closes on their last 20 sessions: one series under several names"}
	n := 0
	for _, f := range report.Findings {
		if strings.Contains(f.Text, "same closes") {
			n++
			if f != want {
				t.Errorf("got %+v, want %+v", f, want)
			}
		}
	}
	if n != 1 || report.Errors() != 0 {
		t.Errorf("%d of them, %d errors: %+v", n, report.Errors(), report.Findings)
	}
}

// Months without news between those that have some are named, runs of them by
// their ends.
func TestCheckSilentMonths(t *testing.T) {
	on := func(date data.Session) data.News {
		return data.News{Time: date.In(data.NYSE().Location()), Text: "News of " + string(date) + "."}
	}
	h := data.History{Symbol: "KO", Bars: closes(t, "2024-01-31", level(60, 106)...), // to 2024-07-02
		News: []data.News{on("2024-01-31"), on("2024-03-05"), on("2024-07-02")}}
	r := check(t, newDataset(t, meta(), h))
	if !slices.ContainsFunc(r.Findings, func(f data.Finding) bool {
		return f.Text == "no news in 4 of 7 months: 2024-02, 2024-04 to 2024-06"
	}) {
		t.Errorf("findings %+v", r.Findings)
	}
}

// No walk of up to a quarter a day, with volumes that vary tenfold and dividends
// that the adjusted close contains, is called broken.
func TestCheckFindsNothingInAMarket(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 80).Draw(rt, "bars")
		moves := rapid.SliceOfN(rapid.Float64Range(-0.25, 0.33), n, n).Draw(rt, "moves")
		traded := rapid.SliceOfN(rapid.Float64Range(1e5, 1e6), n, n).Draw(rt, "volumes")
		price, prices := 100.0, make([]float64, n)
		for i, move := range moves {
			price *= 1 + move
			prices[i] = price
		}
		h := data.History{Symbol: "KO", Bars: volumes(closes(t, "2024-03-07", prices...), func(i int) float64 { return traded[i] })}
		factor := 1.0
		for i := n - 1; i >= 0; i-- {
			h.Bars[i].AdjClose = h.Bars[i].Close * factor
			if i > 0 && i%6 == 5 {
				d := h.Bars[i-1].Close * 0.02
				h.Actions = append(h.Actions, data.Action{Session: h.Bars[i].Session, Dividend: d})
				factor *= 1 - d/h.Bars[i-1].Close
			}
		}
		slices.Reverse(h.Actions)
		for _, f := range check(t, newDataset(t, meta(), h)).Findings {
			if f.Warning && !strings.Contains(f.Text, "do not move") {
				rt.Fatal(fmt.Sprint(f))
			}
		}
	})
}
