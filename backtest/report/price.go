package report

import (
	"fmt"
	"math"

	"finmem/data"
)

// tested are the sessions of the test window.
func tested(sessions []Session) []Session {
	for i, s := range sessions {
		if s.Test {
			return sessions[i:]
		}
	}
	return nil
}

// priceChart is the close with a mark for every decision.
func priceChart(d *drawing, s Symbol, sync string) chart {
	test := tested(s.Sessions)
	dates := make([]data.Session, len(test))
	closes := make([]float64, len(test))
	marks := map[style][]float64{}
	kinds := []style{markBuy, markSell, markHold, markError}
	for _, k := range kinds {
		marks[k] = make([]float64, len(test))
	}
	counts := map[style]int{}
	for i, x := range test {
		dates[i], closes[i] = x.Date, x.Price
		for _, k := range kinds {
			marks[k][i] = math.NaN()
		}
		if kind, ok := markOf(x.Decision); ok {
			marks[kind][i] = x.Price
			counts[kind]++
		}
	}
	c := chart{Title: "Decisions on the price", Unit: inPrice, Height: 340, Sync: sync, Margin: true, Axis: d.axis(dates),
		Scale: "price at the close; each mark is a decision taken after it"}
	c.Series = []series{
		{Name: "close", Style: line, Color: ofPrice, Values: numbers(closes)},
		{Name: "buy", Style: markBuy, Color: ofBuy, Values: numbers(marks[markBuy])},
		{Name: "sell", Style: markSell, Color: ofSell, Values: numbers(marks[markSell])},
		{Name: "hold", Style: markHold, Color: ofHold, Values: numbers(marks[markHold])},
		{Name: "error day", Style: markError, Color: ofError, Values: numbers(marks[markError])},
	}
	low, high := extent(closes)
	c.Summary = fmt.Sprintf("%s: %d buy, %d sell, %d hold and %d without a decision. The price lay between %s and %s.",
		plural(len(test), "session"), counts[markBuy], counts[markSell], counts[markHold], counts[markError], inPrice.format(low), inPrice.format(high))
	return d.add(c)
}

// markOf is the mark of a decision; ok is false where nothing was asked.
func markOf(d Decision) (mark style, ok bool) {
	if d.Failed {
		return markError, true
	}
	switch d.Action {
	case "buy":
		return markBuy, true
	case "sell":
		return markSell, true
	case "hold":
		return markHold, true
	}
	return "", false
}

// positionChart is what was held.
func positionChart(d *drawing, s Symbol, sync string, axis int) chart {
	test := tested(s.Sessions)
	held := make([]float64, len(test))
	invested := 0
	for i, x := range test {
		held[i] = x.Position
		if x.Position != 0 {
			invested++
		}
	}
	c := chart{Title: "Position", Unit: inPercent, Height: 150, Sync: sync, Zero: true, Margin: true, Axis: axis, Scale: "held at the close, % of the account",
		Series: []series{{Name: "position", Style: step, Color: ofAgent, Values: numbers(held)}}}
	c.Summary = fmt.Sprintf("A position was held at the close of %d of %s.", invested, plural(len(test), "session"))
	return d.add(c)
}

// A row of the list of decisions.
type decisionRow struct {
	Date       data.Session
	Action     string
	Confidence string
	Position   string
	Reason     string
	Notes      []string
	Failed     bool
}

// longestReason is how much of a reason the list shows, in characters; a model
// can write without end.
const longestReason = 600

// decisionRows are the decisions of the test, and the error days among them.
func decisionRows(s Symbol) (all, failed []decisionRow) {
	for _, x := range tested(s.Sessions) {
		if _, asked := markOf(x.Decision); !asked {
			continue
		}
		r := decisionRow{Date: x.Date, Action: x.Decision.Action, Confidence: notAvailable, Position: percent(x.Position),
			Reason: shown(x.Decision.Reason, longestReason), Failed: x.Decision.Failed}
		for _, note := range x.Notes {
			r.Notes = append(r.Notes, shown(note, longestReason))
		}
		if x.Decision.Confidence != nil {
			r.Confidence = percent(*x.Decision.Confidence)
		}
		if r.Failed {
			r.Action = "error"
			failed = append(failed, r)
		}
		all = append(all, r)
	}
	return all, failed
}
