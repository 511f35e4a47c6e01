package fetch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"finmem/data"
)

// overlapSlack is by how much, relative to the price, the bar that both the
// dataset and an answer have may differ and still be the same. Splits and
// dividends change prices by far more, rounding by far less.
const overlapSlack = 1e-5

// prices fetches the bars and actions that are missing. Each question includes one
// bar that the dataset has: where it came out differently, the vendor has
// rewritten the past, and the whole series is fetched anew.
func (f *fetching) prices(ctx context.Context, r *symbolResult, part *Part, wanted, have Range, step Step) (Range, error) {
	bars := r.history.Bars
	got := Range{min(wanted.From, orFirst(have.From, wanted.From)), max(wanted.To, have.To)}
	restated := ""
	for _, missing := range wanted.without(have) {
		if _, err := f.calendar.Range(missing.From, missing.Last()); err != nil && !have.Empty() {
			continue // no session among them, so there is nothing to ask for
		}
		asked := missing
		if n := len(bars); n > 0 && !have.Empty() {
			if missing.From < have.From {
				asked.To = max(asked.To, bars[0].Session.AddDays(1))
			} else {
				asked.From = min(asked.From, bars[n-1].Session)
			}
		}
		p, err := f.askPrices(ctx, part, r.history.Symbol, asked, step)
		if err != nil {
			return Range{}, err
		}
		if restated = rewritten(bars, p.Bars); restated != "" {
			break
		}
		part.mergeBars(&r.history, p, asked)
		f.noteMissing(part, r.history, missing)
	}
	if restated != "" {
		part.Restated = true
		part.Note("the vendor has rewritten the past (%s): the whole series was fetched anew", restated)
		p, err := f.askPrices(ctx, part, r.history.Symbol, got, step)
		if err != nil {
			return Range{}, err
		}
		if err := replaces(bars, p.Bars); err != nil {
			return Range{}, err
		}
		r.history.Bars, r.history.Actions = nil, nil
		part.Known, part.Added, part.Replaced = 0, 0, 0
		part.mergeBars(&r.history, p, got)
		part.Added -= len(bars)
		part.Replaced = len(bars)
		f.noteMissing(part, r.history, got)
	}
	// Sessions at the end that the vendor did not have are asked for again.
	if n := len(r.history.Bars); n > 0 {
		got.To = min(got.To, r.history.Bars[n-1].Session.AddDays(1))
	}
	return got, nil
}

func orFirst(s, other data.Session) data.Session {
	if s == "" {
		return other
	}
	return s
}

// askPrices asks the source and leaves out bars on dates without a session.
func (f *fetching) askPrices(ctx context.Context, part *Part, symbol string, r Range, step Step) (Prices, error) {
	if err := f.ask(ctx, part, r, step); err != nil {
		return Prices{}, err
	}
	p, err := f.sources.Prices.Prices(ctx, symbol, f.calendar, r)
	if err != nil {
		return Prices{}, f.failed(part.Vendor, err)
	}
	p.Bars = slices.DeleteFunc(p.Bars, func(b data.Bar) bool {
		if f.calendar.IsSession(b.Session) {
			return false
		}
		p.Skip(string(b.Session), "no session of the %s calendar", f.calendar.Name())
		return true
	})
	if p.Actions, err = f.calendar.OnSessions(p.Actions); err != nil {
		return Prices{}, err
	}
	p.orderActions()
	part.add(p.Tally)
	if len(p.Bars) == 0 {
		return Prices{}, &Error{Kind: Empty, Vendor: part.Vendor, Message: fmt.Sprintf("no prices for %s in %s", symbol, r)}
	}
	return p, nil
}

// rewritten says how a bar that both series have differs, "" where none does.
func rewritten(old, fresh []data.Bar) string {
	for _, b := range fresh {
		i, found := findBar(old, b.Session)
		if !found {
			continue
		}
		for _, v := range []struct {
			name     string
			old, new float64
		}{{"close", old[i].Close, b.Close}, {"adjusted close", old[i].AdjClose, b.AdjClose}} {
			if math.Abs(v.new-v.old) > overlapSlack*math.Abs(v.old) {
				return fmt.Sprintf("the %s of %s was %v and is %v", v.name, b.Session, v.old, v.new)
			}
		}
	}
	return ""
}

func findBar(bars []data.Bar, s data.Session) (int, bool) {
	return slices.BinarySearchFunc(bars, s, func(b data.Bar, s data.Session) int { return strings.Compare(string(b.Session), string(s)) })
}

// replaces checks that a series that takes the place of another has all of its
// sessions.
func replaces(old, fresh []data.Bar) error {
	var lost []data.Session
	for _, b := range old {
		if _, found := findBar(fresh, b.Session); !found {
			lost = append(lost, b.Session)
		}
	}
	if len(lost) > 0 {
		return Errorf(Refused, "the vendor has rewritten the past, and its new series lacks %d sessions that the dataset has, the first of them %s: fetch into another folder", len(lost), lost[0])
	}
	return nil
}

// mergeBars puts bars and actions into a history. Within the range, what came
// takes the place of what was there.
func (p *Part) mergeBars(h *data.History, fresh Prices, r Range) {
	bars := make([]data.Bar, 0, len(h.Bars)+len(fresh.Bars))
	for _, b := range h.Bars {
		if _, again := findBar(fresh.Bars, b.Session); !again {
			bars = append(bars, b)
		}
	}
	for _, b := range fresh.Bars {
		switch i, there := findBar(h.Bars, b.Session); {
		case !there:
			p.Added++
		case sameBar(h.Bars[i], b):
			p.Known++
		default:
			p.Replaced++
		}
		bars = append(bars, b)
	}
	slices.SortFunc(bars, func(a, b data.Bar) int { return strings.Compare(string(a.Session), string(b.Session)) })
	h.Bars = bars
	var actions []data.Action
	for _, a := range h.Actions {
		if !r.Contains(a.Session) {
			actions = append(actions, a)
		}
	}
	for _, a := range fresh.Actions {
		// One on a date without trading may have moved out of the range.
		if !slices.ContainsFunc(actions, func(b data.Action) bool { return b.Session == a.Session }) {
			actions = append(actions, a)
		}
	}
	slices.SortFunc(actions, func(a, b data.Action) int { return strings.Compare(string(a.Session), string(b.Session)) })
	h.Actions = actions
}

func sameBar(a, b data.Bar) bool {
	same := func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }
	return same(a.Open, b.Open) && same(a.High, b.High) && same(a.Low, b.Low) &&
		same(a.Close, b.Close) && same(a.AdjClose, b.AdjClose) && same(a.Volume, b.Volume)
}

// noteMissing names the sessions of a range without a bar. A series that begins
// or ends within the range is no gap, but is said as well: nothing is made up for
// it, and nothing is sold because of it.
func (f *fetching) noteMissing(part *Part, h data.History, r Range) {
	sessions, err := f.calendar.Range(r.From, r.Last())
	if err != nil {
		return
	}
	var gone []string
	for _, s := range sessions {
		if _, found := findBar(h.Bars, s); !found {
			gone = append(gone, string(s))
		}
	}
	if len(gone) == 0 {
		return
	}
	if first := string(h.Bars[0].Session); gone[0] < first {
		before := 0
		for before < len(gone) && gone[before] < first {
			before++
		}
		part.Note("prices begin on %s, %d sessions after the start of the range", first, before)
		if gone = gone[before:]; len(gone) == 0 {
			return
		}
	}
	const most = 5
	shown := strings.Join(gone[:min(len(gone), most)], ", ")
	if len(gone) > most {
		shown += ", …, " + gone[len(gone)-1]
	}
	if len(gone) == 1 {
		part.Note("1 session missing (%s)", shown)
	} else {
		part.Note("%d sessions missing (%s)", len(gone), shown)
	}
}
