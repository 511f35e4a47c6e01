package data

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// What breaks a series is rarely the market: two files joined, a split that one
// half lacks, pence for pounds. The limits below are set so that no series of a
// real stock is called broken for what it did; those they were tried on are in
// the tests.
const (
	// levelBars is how many bars on each side of a jump have to lie on their own
	// level for it to be one of the whole series.
	levelBars = 5
	// leastLevelBars is how many are enough where the series has no more.
	leastLevelBars = 3
	// levelSlack is by how much the market may have moved them.
	levelSlack = 1.25
	// ratioSlack is how far a jump may be from a split's ratio.
	ratioSlack = 1.05
	// plainRatio is the smallest split that is told from a fall of the market. A
	// share loses half of its value in a day now and then; two thirds, to stay
	// there on a round fraction, hardly.
	plainRatio = 2.5
	// spikeRatio and spikeBars bound what goes out and comes back: by a factor of at
	// least the one and within the other.
	spikeRatio = 5.0
	spikeBars  = 20
	// unitRatio is what no market does in a session; what comes back from there need
	// not come back to the same place.
	unitRatio = 50.0
	unitSlack = 2.5
	// volumeBars and volumeRatio: so many volumes on one side are each more than so
	// many times all of those on the other.
	volumeBars  = 20
	volumeRatio = 20.0
	// adjustedSlack is the relative step of adjusted close to close that rounding can
	// make.
	adjustedSlack = 0.005
	// staleBars is how many closes in a row that do not move are worth a word.
	staleBars = 5
	// twinBars is how many of their last bars two symbols have alike if they are one.
	twinBars = 20
	// dividendBars is the distance below which two dividends may be one.
	dividendBars = 5
)

// splitRatios are those that splits have, new shares for one old.
func splitRatios() []float64 { return []float64{2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 100} }

// A Spike is a run of closes on another scale than those around it: a slip of the
// unit, or a split applied to some days only.
type Spike struct {
	From   Session `json:"from"`
	To     Session `json:"to"`     // the last of them
	Factor float64 `json:"factor"` // how many times the others
}

// A VolumeBreak is a session from which on volumes are counted in another unit.
type VolumeBreak struct {
	Session Session `json:"session"`
	Factor  float64 `json:"factor"` // of the medians, after over before
	// Split is the ratio of the split on file at the session, 0 for none.
	Split float64 `json:"split"`
}

// An AdjustedBreak is a step of the adjusted close against the close that the
// dividends and splits on file do not make.
type AdjustedBreak struct {
	Previous Session `json:"previous"`
	Session  Session `json:"session"`
	Step     float64 `json:"step"`     // of adjusted close over close; 1.02 is 2 % up
	Expected float64 `json:"expected"` // by the actions on file
	Dividend float64 `json:"dividend"` // on file at the session
}

// checkBreaks looks for places at which a series is not one series.
func (r *SymbolReport) checkBreaks(h History, adjustment Adjustment) {
	bars := h.Bars
	at := make(map[Session]int, len(bars))
	for i, b := range bars {
		at[b.Session] = i
	}
	for k := range r.Jumps {
		j := &r.Jumps[k]
		j.Ratio = levelRatio(bars, at[j.Session])
	}
	r.Spikes = spikes(r.Jumps, at, bars)
	actions := actionsByBar(h)
	r.VolumeBreaks = volumeBreaks(bars, actions, adjustment)
	r.AdjustedBreaks = adjustedBreaks(bars, actions, adjustment)
	r.StaleRuns = staleRuns(bars)
	last := -1
	for i := range bars {
		if actions[i].Dividend == 0 {
			continue
		}
		if last >= 0 && i-last <= dividendBars && !r.spiked(bars[i].Session) {
			r.CloseDividends = append(r.CloseDividends, [2]Session{bars[last].Session, bars[i].Session})
		}
		last = i
	}
}

// spiked reports whether a session lies in a spike.
func (r *SymbolReport) spiked(s Session) bool {
	return slices.ContainsFunc(r.Spikes, func(x Spike) bool { return s >= x.From && s <= x.To })
}

// actionsByBar are the actions that take effect after one bar and up to the next,
// together, in the place of the latter.
func actionsByBar(h History) []Action {
	list := make([]Action, len(h.Bars))
	next := 0
	for i, b := range h.Bars {
		for ; next < len(h.Actions) && h.Actions[next].Session <= b.Session; next++ {
			a := h.Actions[next]
			list[i].Dividend += a.Dividend
			if a.Split != 0 {
				list[i].Split = a.Split
			}
		}
	}
	return list
}

// levelRatio is the split, new shares for one old, that would explain a jump of
// the close at bar i: the jump has its ratio and the bars on both sides keep to
// their levels. It is 0 where there is none.
func levelRatio(bars []Bar, i int) float64 {
	before, after := bars[max(i-levelBars, 0):i], bars[i:min(i+levelBars, len(bars))]
	if len(before) < leastLevelBars || len(after) < leastLevelBars {
		return 0
	}
	factor := before[len(before)-1].Close / after[0].Close
	for _, n := range splitRatios() {
		for _, ratio := range []float64{n, 1 / n} {
			if within(factor, ratio, ratioSlack) && levelled(before, before[len(before)-1].Close) && levelled(after, after[0].Close) {
				return ratio
			}
		}
	}
	return 0
}

func levelled(bars []Bar, level float64) bool {
	return !slices.ContainsFunc(bars, func(b Bar) bool { return !within(b.Close, level, levelSlack) })
}

// within reports whether x is y but for a factor of slack.
func within(x, y, slack float64) bool { return x <= y*slack && y <= x*slack }

// spikes pairs jumps with those that undo them.
func spikes(jumps []Jump, at map[Session]int, bars []Bar) []Spike {
	list := []Spike{}
	for k := 0; k+1 < len(jumps); k++ {
		out, back := 1+jumps[k].Return, 1+jumps[k+1].Return
		first, end := at[jumps[k].Session], at[jumps[k+1].Session]
		slack := levelSlack
		if out >= unitRatio || out <= 1/unitRatio {
			slack = unitSlack
		}
		if (out >= spikeRatio || out <= 1/spikeRatio) && within(out*back, 1, slack) && end-first <= spikeBars {
			list = append(list, Spike{From: jumps[k].Session, To: bars[end-1].Session, Factor: out})
			k++
		}
	}
	return list
}

// volumeBreaks are the changes of the unit of volume: all of volumeBars sessions
// are far above or below all of those before. At a split on file less is needed:
// the medians differ by its ratio while the prices contain it (B25).
func volumeBreaks(bars []Bar, actions []Action, adjustment Adjustment) []VolumeBreak {
	list := []VolumeBreak{}
	var traded []int // bars with a volume
	for i, b := range bars {
		if b.Volume > 0 {
			traded = append(traded, i)
		}
	}
	volumes := make([]float64, len(traded))
	for k, i := range traded {
		volumes[k] = bars[i].Volume
	}
	next := 0 // where the search goes on after a break
	for k := volumeBars; k+volumeBars <= len(volumes); k++ {
		before, after := volumes[k-volumeBars:k], volumes[k:k+volumeBars]
		split := actions[traded[k]].Split
		contained := split >= plainRatio && (adjustment == SplitAdjusted || adjustment == TotalReturn)
		broken := k >= next && (slices.Min(after) > volumeRatio*slices.Max(before) || slices.Max(after)*volumeRatio < slices.Min(before))
		if !broken && !contained {
			continue
		}
		factor := median(after) / median(before)
		if !broken && !within(factor, split, 1.5) {
			continue
		}
		list = append(list, VolumeBreak{Session: bars[traded[k]].Session, Factor: factor, Split: split})
		next = k + volumeBars
	}
	return list
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// adjustedBreaks compares the steps of adjusted close over close with those that
// the actions make: at a dividend d after a close c the ratio rises by
// 1 / (1 - d/c), in prices as traded at a split by its ratio, and else it stays.
//
// Where no dividend is on file a rise may be one that is missing; a fall is none,
// and means that the adjusted closes are of two vintages.
func adjustedBreaks(bars []Bar, actions []Action, adjustment Adjustment) []AdjustedBreak {
	list := []AdjustedBreak{}
	known := slices.ContainsFunc(actions, func(a Action) bool { return a.Dividend != 0 })
	for i := 1; i < len(bars); i++ {
		a, b := bars[i-1], bars[i]
		step := b.AdjClose / b.Close / (a.AdjClose / a.Close)
		if math.IsNaN(step) {
			continue
		}
		expected := 1.0
		if d := actions[i].Dividend; d > 0 && d < a.Close {
			expected = 1 / (1 - d/a.Close)
		}
		if s := actions[i].Split; s != 0 && adjustment == Raw {
			expected *= s
		}
		if within(step, expected, 1+adjustedSlack) || step > 1 && !known {
			continue
		}
		list = append(list, AdjustedBreak{a.Session, b.Session, step, expected, actions[i].Dividend})
	}
	return list
}

// staleRuns are runs of closes that do not move, but for one at the end of the
// series, which [SymbolReport.FlatTail] counts.
func staleRuns(bars []Bar) []Gap {
	runs := []Gap{}
	start := 0
	for i := 1; i < len(bars); i++ {
		if bars[i].Close == bars[start].Close {
			continue
		}
		if i-start >= staleBars {
			runs = append(runs, Gap{From: bars[start].Session, To: bars[i-1].Session, Sessions: i - start})
		}
		start = i
	}
	return runs
}

// twins are symbols whose last bars are those of another: one series under two
// names, such as a company's old symbol and its new one, which would be held twice.
func (d *Dataset) twins(symbols []string) [][]string {
	bySeries := make(map[string][]string)
	var order []string
	for _, symbol := range symbols {
		bars := d.histories[symbol].Bars
		if len(bars) < twinBars {
			continue
		}
		var key strings.Builder
		for _, b := range bars[len(bars)-twinBars:] {
			fmt.Fprintf(&key, "%s %v\n", b.Session, b.Close)
		}
		if bySeries[key.String()] == nil {
			order = append(order, key.String())
		}
		bySeries[key.String()] = append(bySeries[key.String()], symbol)
	}
	var groups [][]string
	for _, key := range order {
		if len(bySeries[key]) > 1 {
			groups = append(groups, bySeries[key])
		}
	}
	return groups
}

// breakFindings puts what breaks a series into sentences.
func (r *SymbolReport) breakFindings(add func(kind findingKind, format string, args ...any)) {
	for _, x := range r.Spikes {
		add(isError, "closes from %s to %s are %.4g times those around them: a slip of the unit, or a split applied to some days only", x.From, x.To, x.Factor)
	}
	for _, x := range r.VolumeBreaks {
		if x.Split != 0 {
			add(isWarning, "volume from %s on is %.3g times that before, as the split of %v there: prices contain it and volume does not", x.Session, x.Factor, x.Split)
			continue
		}
		add(isWarning, "volume from %s on is %.4g times that before: another unit or another source", x.Session, x.Factor)
	}
	for _, x := range r.AdjustedBreaks {
		switch {
		case x.Dividend != 0:
			add(isWarning, "adjusted close to close steps %+.2f %% at the dividend of %v on %s, which makes %+.2f %%: the adjusted close has another dividend, or none", 100*(x.Step-1), x.Dividend, x.Session, 100*(x.Expected-1))
		case x.Step < 1:
			add(isError, "adjusted close to close falls %.2f %% from %s to %s, which no dividend does: adjusted closes of two vintages", 100*(1-x.Step), x.Previous, x.Session)
		default:
			add(isWarning, "adjusted close to close rises %.2f %% from %s to %s with no dividend on file", 100*(x.Step-1), x.Previous, x.Session)
		}
	}
	for _, x := range r.CloseDividends {
		add(isWarning, "dividends on %s and on %s: one of them twice?", x[0], x[1])
	}
	if len(r.StaleRuns) > 0 {
		add(isNote, "closes that do not move for %d sessions or more: %s", staleBars, listed(r.StaleRuns, Gap.String))
	}
}

// finding says why a jump is suspicious, and how bad that is.
func (j Jump) finding(m Meta) (findingKind, string) {
	kind, why := isWarning, "with no corporate action on file"
	switch {
	case j.Split != 0 && m.Adjustment == UnknownAdjustment:
		kind, why = isError, fmt.Sprintf("at a split of %v that is not applied, since nothing says whether the prices contain it", j.Split)
	case j.Split != 0:
		kind, why = isError, fmt.Sprintf("at a split of %v that the prices are said to contain", j.Split)
	case j.Ratio != 0:
		why += fmt.Sprintf(", by the ratio of a split of %.4g, and prices stay there: a split is missing, or two sources are joined", j.Ratio)
		if j.Ratio >= plainRatio || j.Ratio <= 1/plainRatio {
			kind = isError
		}
	}
	return kind, fmt.Sprintf("close moves %+.1f %% from %s to %s %s", 100*j.Return, j.Previous, j.Session, why)
}
