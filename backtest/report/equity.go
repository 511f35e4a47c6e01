package report

import (
	"fmt"
	"math"
	"strings"

	"finmem/backtest/metrics"
	"finmem/data"
)

// rollingWindow is how many sessions a rolling figure looks back: a quarter of a
// year of US sessions.
const rollingWindow = 63

// shownTraders is how many curves a chart starts with; a page 390 pixels wide
// has room for no more. The rest is drawn when asked for.
const shownTraders = 4

// The baselines that are always drawn in the same colour.
const (
	buyAndHold = "buy and hold"
	flat       = "flat"
)

// curveOf is trader i as it is drawn: the agent, buying and holding, and doing
// nothing in a colour of their own, while the rest takes turns.
func curveOf(traders []Trader, i int, values []float64) series {
	c := series{Name: traders[i].Name, Style: line, Values: numbers(values)}
	switch {
	case i == 0:
		c.Color = ofAgent
	case traders[i].Name == buyAndHold:
		c.Color = ofMarket
	case traders[i].Name == flat:
		c.Color = ofCash
	default:
		for _, t := range traders[1 : i+1] {
			if t.Name != buyAndHold && t.Name != flat {
				c.Other++
			}
		}
		c.Color = otherColors[(c.Other-1)%len(otherColors)]
	}
	return c
}

// leading are the agent and buying and holding, for charts where more curves
// would hide each other.
func leading(traders []Trader) []int {
	list := []int{0}
	for i, t := range traders {
		if i > 0 && t.Name == buyAndHold {
			list = append(list, i)
		}
	}
	return list
}

// equityChart is the value of every account.
func equityChart(d *drawing, s Symbol, sync string) chart {
	c := chart{Title: "Account against the baselines", Unit: inMoney, Height: 300, Sync: sync,
		Scale: "value of the account at the close", Axis: d.axis(sessionsOf(s.Traders[0].Curve))}
	var told []string
	for i, t := range s.Traders {
		values := aligned(s.Traders[0].Curve, t.Curve)
		curve := curveOf(s.Traders, i, values)
		curve.Hidden = i >= shownTraders
		c.Series = append(c.Series, curve)
		if curve.Hidden {
			continue
		}
		last := values[len(values)-1]
		told = append(told, fmt.Sprintf("%s from %s to %s (%s)", t.Name, inMoney.format(values[0]), inMoney.format(last), percent(last/values[0]-1)))
	}
	c.Summary = "At the close of the last session: " + strings.Join(told, "; ") + "."
	return d.add(c)
}

// drawdownChart is how far the account is below its highest value so far.
func drawdownChart(d *drawing, s Symbol, sync string, axis int) chart {
	c := chart{Title: "Drawdown", Unit: inPercent, Height: 180, Sync: sync, Zero: true, Down: true, Axis: axis, Scale: "below the highest value so far, %"}
	var told []string
	for n, i := range leading(s.Traders) {
		t := s.Traders[i]
		curve := curveOf(s.Traders, i, drawdowns(aligned(s.Traders[0].Curve, t.Curve)))
		if n == 0 {
			curve.Style = area
		}
		c.Series = append(c.Series, curve)
		deepest, fell := metrics.DeepestDrawdown(t.Curve)
		if !fell {
			told = append(told, t.Name+" none")
			continue
		}
		recovered := "not recovered by the end"
		if deepest.Recovery != "" {
			recovered = "recovered on " + string(deepest.Recovery)
		}
		told = append(told, fmt.Sprintf("%s %s, from %s to %s, %s", t.Name, percent(float64(deepest.Depth)), deepest.Start, deepest.Trough, recovered))
	}
	c.Summary = "The deepest: " + strings.Join(told, "; ") + "."
	return d.add(c)
}

// drawdowns is the value over the highest so far, less 1.
func drawdowns(values []float64) []float64 {
	list := make([]float64, len(values))
	peak := math.Inf(-1)
	for i, v := range values {
		peak = max(peak, v)
		list[i] = v/peak - 1
	}
	return list
}

// sharpeChart is the Sharpe ratio of the last sessions of each day. ok is false where the
// test is shorter than that.
func sharpeChart(d *drawing, s Symbol, b metrics.Basis, sync string) (c chart, ok bool) {
	curve := s.Traders[0].Curve
	if len(curve)-1 < rollingWindow {
		return c, false
	}
	c = chart{Title: fmt.Sprintf("Rolling Sharpe ratio, %d sessions", rollingWindow), Unit: asRatio, Height: 200, Sync: sync, Zero: true,
		Scale: "Sharpe ratio a year", Axis: d.axis(sessionsOf(curve[rollingWindow:]))}
	var told []string
	for _, i := range leading(s.Traders) {
		t := s.Traders[i]
		values := rollingSharpe(aligned(curve, t.Curve), b)
		c.Series = append(c.Series, curveOf(s.Traders, i, values))
		low, high := extent(values)
		told = append(told, fmt.Sprintf("%s between %s and %s, at the end %s", t.Name, asRatio.format(low), asRatio.format(high), asRatio.format(values[len(values)-1])))
	}
	c.Summary = fmt.Sprintf("Of the %d sessions up to each day: ", rollingWindow) + strings.Join(told, "; ") + "."
	return d.add(c), true
}

// rollingSharpe has one value for every session that ends a whole window.
func rollingSharpe(values []float64, b metrics.Basis) []float64 {
	returns := metrics.Returns(values)
	var list []float64
	for end := rollingWindow; end <= len(returns); end++ {
		list = append(list, metrics.Sharpe(returns[end-rollingWindow:end], b.RiskFree, b.PeriodsPerYear))
	}
	return list
}

func sessionsOf(curve metrics.EquityCurve) []data.Session {
	list := make([]data.Session, len(curve))
	for i, p := range curve {
		list[i] = p.Session
	}
	return list
}

// aligned is curve on the sessions of base; NaN where it has none.
func aligned(base, curve metrics.EquityCurve) []float64 {
	at := map[data.Session]float64{}
	for _, p := range curve {
		at[p.Session] = p.Value
	}
	list := make([]float64, len(base))
	for i, p := range base {
		v, ok := at[p.Session]
		if !ok {
			v = math.NaN()
		}
		list[i] = v
	}
	return list
}

// extent is the lowest and highest defined value, NaN for none.
func extent(values []float64) (low, high float64) {
	low, high = math.NaN(), math.NaN()
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		if math.IsNaN(low) || v < low {
			low = v
		}
		if math.IsNaN(high) || v > high {
			high = v
		}
	}
	return low, high
}

// capital is s with a capital first letter, if that is an ASCII one.
func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
