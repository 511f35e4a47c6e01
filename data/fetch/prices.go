package fetch

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"finmem/data"
)

// Prices are what a vendor has of a symbol: bars and corporate actions. They are
// gathered with Bar, Split and Dividend, in any order, and put in order by Order.
type Prices struct {
	Bars    []data.Bar
	Actions []data.Action
	Tally
}

// Bar adds a bar. One outside the range is passed over, since vendors send more
// than they were asked for; one that cannot be used is left out and named. Prices
// of 0 and below stand for missing ones.
func (p *Prices) Bar(r Range, b data.Bar) {
	if !r.Contains(b.Session) {
		return
	}
	p.Read++
	for _, v := range []*float64{&b.Open, &b.High, &b.Low, &b.Close, &b.AdjClose} {
		if !(*v > 0) {
			*v = math.NaN()
		}
	}
	if math.IsNaN(b.Close) {
		p.Skip(string(b.Session), "the row has no close")
		return
	}
	if err := b.Validate(); err != nil {
		p.Skip(string(b.Session), "%v", err)
		return
	}
	p.Bars = append(p.Bars, b)
}

// Split adds a split of so many new shares for an old one. A ratio of 1 is none.
func (p *Prices) Split(r Range, s data.Session, ratio float64) {
	if ratio != 1 {
		p.action(r, data.Action{Session: s, Split: ratio})
	}
}

// Dividend adds cash per share. 0 is none.
func (p *Prices) Dividend(r Range, s data.Session, cash float64) {
	if cash != 0 {
		p.action(r, data.Action{Session: s, Dividend: cash})
	}
}

func (p *Prices) action(r Range, a data.Action) {
	if !r.Contains(a.Session) {
		return
	}
	if err := a.Validate(); err != nil {
		p.Skip(string(a.Session), "%v", err)
		return
	}
	p.Actions = append(p.Actions, a)
}

// Order puts bars and actions in order, each session once. Of two bars of one
// session the first that was added stays, and the other is named unless it is the
// same. Without any bar the error is an [*Error] of kind [Empty].
func (p *Prices) Order(symbol string, r Range) error {
	slices.SortStableFunc(p.Bars, func(a, b data.Bar) int { return cmp.Compare(a.Session, b.Session) })
	bars := p.Bars[:0]
	for _, b := range p.Bars {
		if n := len(bars); n > 0 && bars[n-1].Session == b.Session {
			if bars[n-1].Close != b.Close {
				p.Skip(string(b.Session), "a second row with a close of %v; that of the first, %v, was kept", b.Close, bars[n-1].Close)
			}
			continue
		}
		bars = append(bars, b)
	}
	p.Bars = bars
	p.orderActions()
	if len(p.Bars) == 0 {
		return Errorf(Empty, "no prices for %s in %s", symbol, r)
	}
	return nil
}

// orderActions puts actions in order and makes one of those of one session.
func (p *Prices) orderActions() {
	slices.SortStableFunc(p.Actions, func(a, b data.Action) int { return cmp.Compare(a.Session, b.Session) })
	actions := p.Actions[:0]
	for _, a := range p.Actions {
		n := len(actions)
		if n == 0 || actions[n-1].Session != a.Session {
			actions = append(actions, a)
			continue
		}
		both := actions[n-1]
		both.Dividend += a.Dividend
		switch {
		case both.Split == 0:
			both.Split = a.Split
		case a.Split != 0:
			both.Split *= a.Split
		}
		if err := both.Validate(); err != nil {
			p.Skip(string(a.Session), "two actions of one session: %v", err)
			continue
		}
		actions[n-1] = both
	}
	p.Actions = actions
}

// Shortest is the shortest decimal of the float32 that v holds, or v where it
// holds none. Vendors that keep prices as float32 and send them as float64 say
// 129.0399932861328 for 129.04.
func Shortest(v float64) float64 {
	short := float32(v)
	if float64(short) != v {
		return v
	}
	d, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', -1, 32), 64)
	if err != nil {
		return v
	}
	return d
}

// CompleteAt is the close of the last session of a range: from then on prices of
// the range can be complete. A range without a session is complete at once.
func CompleteAt(calendar *data.Calendar, r Range) time.Time {
	last, err := calendar.Prev(r.To)
	if err != nil || last < r.From {
		return time.Time{}
	}
	return calendar.Close(last)
}

// KeepPrices and KeepNews are how long answers serve to go on with a fetch that
// was interrupted. Longer would hide what a vendor has mended since.
const (
	KeepPrices = 12 * time.Hour
	KeepNews   = 12 * time.Hour
)
