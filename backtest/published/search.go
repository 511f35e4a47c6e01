package published

import (
	"fmt"
	"math"
	"slices"

	"finmem/agent"
	"finmem/backtest/decisions"
	"finmem/backtest/metrics"
	"finmem/backtest/protocol"
	"finmem/data"
)

// A Table computes the figures of a protocol from decisions and prices of the
// same sessions.
type Table func(actions []agent.Action, p protocol.Prices) (map[Figure]float64, error)

// FinMem is the [Table] of the FinMem paper, in which the cumulative return is a
// log return.
func FinMem(actions []agent.Action, p protocol.Prices) (map[Figure]float64, error) {
	o, err := protocol.LogRewards(protocol.FlatOnHold(actions), p)
	if err != nil {
		return nil, err
	}
	return plain(OfFinMem(protocol.NewFinMemTable(o))), nil
}

// OfFinMem is the figures of the FinMem paper's columns.
func OfFinMem(t protocol.FinMemTable) map[Figure]metrics.Figure {
	return map[Figure]metrics.Figure{
		CumulativeReturn: t.LogReturn, Sharpe: t.Sharpe, DailyDeviation: t.DailyDeviation,
		AnnualVolatility: t.AnnualVolatility, MaxDrawdown: t.MaxDrawdown,
	}
}

// Carry is the [Table] of carried positions at the given cost per side.
func Carry(costBps float64, short bool) Table {
	return func(actions []agent.Action, p protocol.Prices) (map[Figure]float64, error) {
		o, err := protocol.Execute(protocol.KeepOnHold(actions, short), p, protocol.SameClose, costBps)
		if err != nil {
			return nil, err
		}
		return plain(OfCarry(protocol.NewCarryTable(o))), nil
	}
}

// OfCarry is the figures of the replication study's columns.
func OfCarry(t protocol.CarryTable) map[Figure]metrics.Figure {
	return map[Figure]metrics.Figure{
		CumulativeReturn: t.CumulativeReturn, AnnualReturn: t.AnnualReturn, AnnualVolatility: t.AnnualVolatility,
		Sharpe: t.Sharpe, Sortino: t.Sortino, MaxDrawdown: t.MaxDrawdown,
	}
}

func plain(figures map[Figure]metrics.Figure) map[Figure]float64 {
	out := make(map[Figure]float64, len(figures))
	for k, v := range figures {
		out[k] = float64(v)
	}
	return out
}

// A Window is a span of sessions on which a row was tried.
type Window struct {
	From, To data.Session // first and last price
	Prices   int
	// Moved is how many sessions the two ends lie from the stated ones, added.
	Moved int
	// Largest is the largest difference of a stated figure to ours, and Figure
	// is which.
	Largest float64
	Figure  Figure
	// Missing counts the sessions of the window without a decision.
	Missing int
}

// A Search is the question on which windows near the stated one a row holds.
type Search struct {
	// Reach is how many sessions either end may move.
	Reach int
	// Tolerance is the difference up to which a figure agrees. Half a unit of
	// the last decimal the source shows is right, and a little more for its own
	// rounding.
	Tolerance float64
}

// A Found is the answer.
type Found struct {
	Stated Window // the stated window itself, on the sessions inside it
	// Holding are the windows on which every figure agrees, least moved first.
	Holding []Window
	// Nearest is the window with the smallest largest difference.
	Nearest Window
	Tried   int
}

// Find tries every window whose ends lie within Reach sessions of the row's.
// prices are all there are of the symbol; list is the decisions, nil for buy and
// hold. Figures that the table does not have are not compared; it is an error if
// none is left, or if the row states no window.
func (s Search) Find(row Row, list []decisions.Decision, prices protocol.Prices, table Table) (Found, error) {
	if row.From == "" || row.To == "" {
		return Found{}, fmt.Errorf("no window is stated")
	}
	// The first session on or after From and the last on or before To.
	first, _ := slices.BinarySearch(prices.Sessions, row.From)
	last, exact := slices.BinarySearch(prices.Sessions, row.To)
	if !exact {
		last--
	}
	if first >= last {
		return Found{}, fmt.Errorf("no two prices between %s and %s", row.From, row.To)
	}
	found := Found{}
	try := func(from, to int) (Window, error) {
		w := Window{From: prices.Sessions[from], To: prices.Sessions[to], Prices: to - from + 1, Moved: abs(from-first) + abs(to-last)}
		p := prices.Window(w.From, w.To)
		actions := protocol.AlwaysBuy(len(p.Sessions))
		if list != nil {
			series := decisions.Align(list, p.Sessions)
			actions = series.Actions
			w.Missing = len(series.Missing)
			if n := len(series.Missing); n > 0 && series.Missing[n-1] == w.To {
				w.Missing-- // the last session's decision has no outcome here
			}
		}
		ours, err := table(actions, p)
		if err != nil {
			return w, err
		}
		w.Largest, w.Figure = largestDifference(row.Figures, ours)
		if w.Figure == "" {
			return w, fmt.Errorf("none of the stated figures is one that the protocol has")
		}
		return w, nil
	}
	var err error
	if found.Stated, err = try(first, last); err != nil {
		return found, err
	}
	found.Nearest = found.Stated
	for from := max(first-s.Reach, 0); from <= first+s.Reach; from++ {
		for to := max(last-s.Reach, from+1); to <= min(last+s.Reach, len(prices.Sessions)-1); to++ {
			w, err := try(from, to)
			if err != nil {
				return found, err
			}
			found.Tried++
			if w.Largest <= s.Tolerance {
				found.Holding = append(found.Holding, w)
			}
			if w.Largest < found.Nearest.Largest {
				found.Nearest = w
			}
		}
	}
	slices.SortStableFunc(found.Holding, func(a, b Window) int { return a.Moved - b.Moved })
	return found, nil
}

// Common is the windows on which every one of the searched rows holds, those
// least moved first. Rows of one table share a window, and a row whose positions
// are flat near the ends can hold on several.
func Common(all []Found) []Window {
	if len(all) == 0 {
		return nil
	}
	var common []Window
	for _, w := range all[0].Holding {
		everywhere := true
		for _, f := range all[1:] {
			everywhere = everywhere && slices.ContainsFunc(f.Holding, func(o Window) bool { return o.From == w.From && o.To == w.To })
		}
		if everywhere {
			common = append(common, w)
		}
	}
	return common
}

// largestDifference is over the figures that both have; an undefined one of ours
// differs without bound.
func largestDifference(stated, ours map[Figure]float64) (largest float64, figure Figure) {
	for _, f := range Figures() {
		want, ok := stated[f]
		got, has := ours[f]
		if !ok || !has {
			continue
		}
		d := math.Abs(got - want)
		if math.IsNaN(d) {
			d = math.Inf(1)
		}
		if figure == "" || d > largest {
			largest, figure = d, f
		}
	}
	return largest, figure
}

func abs(n int) int { return max(n, -n) }
