package protocol

import (
	"fmt"
	"math"
)

// A Fill says at which price a position is taken.
type Fill string

const (
	// SameClose fills at the close at which the decision was taken.
	SameClose Fill = "close"
	// NextOpen fills at the open of the session after the decision.
	NextOpen Fill = "next-open"
)

// ParseFill reads the name of a fill.
func ParseFill(s string) (Fill, error) {
	switch f := Fill(s); f {
	case SameClose, NextOpen:
		return f, nil
	}
	return "", fmt.Errorf("fill %q: want %s or %s", s, SameClose, NextOpen)
}

// Execute is what positions earn from fill to fill, in simple returns:
//
//	reward[t] = position[t] · (fill[t+1]/fill[t] - 1) - cost · |position[t] - position[t-1]|
//
// where fill[t] is close[t] ([SameClose]) or open[t+1] ([NextOpen]) and cost is
// costBps/10000 of the value traded, per side. A position is one unit of the
// account throughout: that it has to be rebalanced as prices move costs nothing
// here.
//
// Under NextOpen the last position ends at Prices.OpenAfter or, where that is
// not known, at the last close; Outcome.AtClose says so. An open that is missing
// is an error that names the session.
func Execute(positions []float64, p Prices, fill Fill, costBps float64) (Outcome, error) {
	if err := check(positions, p); err != nil {
		return Outcome{}, err
	}
	if !(costBps >= 0) || math.IsInf(costBps, 1) {
		return Outcome{}, fmt.Errorf("cost of %g basis points: want zero or more", costBps)
	}
	fills, atClose, err := fillPrices(p, fill)
	if err != nil {
		return Outcome{}, err
	}
	n := max(len(fills)-1, 0)
	o := Outcome{Positions: positions, Traded: traded(positions[:n]), AtClose: atClose}
	for t := range n {
		market := fills[t+1]/fills[t] - 1
		o.Market = append(o.Market, market)
		o.Rewards = append(o.Rewards, float64(positions[t]*market)-float64(costBps/1e4*o.Traded[t]))
	}
	return o, nil
}

// fillPrices is the price at which the position of each session is taken, and
// one more for the end of the last rewarded one.
func fillPrices(p Prices, fill Fill) (fills []float64, atClose bool, err error) {
	switch fill {
	case SameClose:
		return p.Close, false, nil
	case NextOpen:
	default:
		return nil, false, fmt.Errorf("fill %q: want %s or %s", fill, SameClose, NextOpen)
	}
	if len(p.Close) == 0 {
		return nil, false, nil
	}
	if p.Open == nil {
		return nil, false, fmt.Errorf("fill at the next open: the prices have no opens; fill at the close instead")
	}
	for i, o := range p.Open[1:] {
		if !isPrice(o) {
			return nil, false, fmt.Errorf("session %s: open %g is not a price to fill at", p.Sessions[i+1], o)
		}
		fills = append(fills, o)
	}
	if isPrice(p.OpenAfter) {
		return append(fills, p.OpenAfter), false, nil
	}
	return append(fills, p.Close[len(p.Close)-1]), true, nil
}
