package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"finmem/data"
)

// live counts the events of every layer at the end of each session.
func live(s Symbol) map[string][]float64 {
	counts := map[string][]float64{}
	for _, layer := range s.Layers {
		counts[layer] = make([]float64, len(s.Sessions))
	}
	now := map[string]int{}
	next := 0
	for i, x := range s.Sessions {
		for ; next < len(s.Moves) && s.Moves[next].Session <= x.Date; next++ {
			m := s.Moves[next]
			if m.From != "" {
				now[m.From] -= m.Events
			}
			if m.To != "" {
				now[m.To] += m.Events
			}
		}
		for _, layer := range s.Layers {
			counts[layer][i] = float64(now[layer])
		}
	}
	return counts
}

// layerCharts are one small chart per layer. They do not share a scale: there
// are hundreds of news for every filing.
func layerCharts(d *drawing, s Symbol, sync string) []chart {
	counts := live(s)
	dates := make([]data.Session, len(s.Sessions))
	start := 0
	for i, x := range s.Sessions {
		dates[i] = x.Date
		if x.Test && start == 0 && i > 0 {
			start = dayOf(x.Date)
		}
	}
	axis := d.axis(dates)
	var list []chart
	for _, layer := range s.Layers {
		values := counts[layer]
		low, high := extent(values)
		list = append(list, d.add(chart{
			Title: capital(layer) + " layer", Unit: asCount, Height: 150, Axis: axis, Sync: sync, Zero: true, Start: start,
			Scale:  "events remembered",
			Series: []series{{Name: layer, Style: step, Color: layerColor(slices.Index(s.Layers, layer)), Values: numbers(values)}},
			Summary: fmt.Sprintf("Between %s and %s events, %s at the end.",
				asCount.format(low), asCount.format(high), asCount.format(values[len(values)-1])),
		}))
	}
	return list
}

func layerColor(i int) color { return otherColors[i%len(otherColors)] }

// weeksUpTo is how many weeks the flows are shown week by week; a longer run is
// shown by months.
const weeksUpTo = 80

// A period is a week or a month of flows.
type period struct {
	start                          data.Session
	added, promoted, demoted, gone float64
}

// flowCharts are what came into the memory and left it, and what changed layer.
func flowCharts(d *drawing, s Symbol, sync string) []chart {
	per, name := weekOf, "week"
	if first, last := s.Sessions[0].Date, s.Sessions[len(s.Sessions)-1].Date; (dayOf(last)-dayOf(first))/7 > weeksUpTo {
		per, name = monthOf, "month"
	}
	var periods []period
	for _, x := range s.Sessions {
		if p := per(x.Date); len(periods) == 0 || periods[len(periods)-1].start != p {
			periods = append(periods, period{start: p})
		}
	}
	totals := map[Op]int{}
	for _, m := range s.Moves {
		i, ok := slices.BinarySearchFunc(periods, per(m.Session), func(p period, start data.Session) int {
			return strings.Compare(string(p.start), string(start))
		})
		if !ok {
			continue
		}
		totals[m.Op] += m.Events
		switch n := float64(m.Events); m.Op {
		case Added:
			periods[i].added += n
		case Promoted:
			periods[i].promoted += n
		case Demoted:
			periods[i].demoted += n
		case Forgotten:
			periods[i].gone += n
		}
	}
	starts := make([]data.Session, len(periods))
	columns := [4][]float64{}
	for i, p := range periods {
		starts[i] = p.start
		for k, v := range [...]float64{p.added, -p.gone, p.promoted, -p.demoted} {
			columns[k] = append(columns[k], v)
		}
	}
	axis := d.axis(starts)
	made := func(title, up, down string, i int, ups, downs Op) chart {
		return d.add(chart{
			Title: fmt.Sprintf("%s per %s", title, name), Unit: asFlow, Height: 190, Axis: axis, Sync: sync, Zero: true,
			Scale: fmt.Sprintf("events a %s; %s above the line, %s below", name, up, down),
			Series: []series{
				{Name: up, Style: bars, Color: ofAgent, Values: numbers(columns[i])},
				{Name: down, Style: bars, Color: ofMarket, Values: numbers(columns[i+1])},
			},
			Summary: fmt.Sprintf("Over the whole run %s %s and %s %s.", asCount.format(float64(totals[ups])), up, asCount.format(float64(totals[downs])), down),
		})
	}
	return []chart{
		made("Added and forgotten", "added", "forgotten", 0, Added, Forgotten),
		made("Promoted and demoted", "promoted", "demoted", 2, Promoted, Demoted),
	}
}

// weekOf is the Monday of the session's week.
func weekOf(s data.Session) data.Session {
	return s.AddDays(-(int(s.In(time.UTC).Weekday()) + 6) % 7)
}

// monthOf is the first of the session's month.
func monthOf(s data.Session) data.Session {
	return s[:len("2006-01")] + "-01"
}

// A layerRow is the balance of one layer: what came in less what went out is
// what is there at the end.
type layerRow struct {
	Layer                                                            string
	Added, PromotedIn, PromotedOut, DemotedIn, DemotedOut, Gone, End string
}

func layerRows(s Symbol) []layerRow {
	type balance struct{ added, promotedIn, promotedOut, demotedIn, demotedOut, gone int }
	of := map[string]*balance{"": {}}
	for _, layer := range s.Layers {
		of[layer] = &balance{}
	}
	for _, m := range s.Moves {
		switch m.Op {
		case Added:
			of[m.To].added += m.Events
		case Promoted:
			of[m.From].promotedOut += m.Events
			of[m.To].promotedIn += m.Events
		case Demoted:
			of[m.From].demotedOut += m.Events
			of[m.To].demotedIn += m.Events
		case Forgotten:
			of[m.From].gone += m.Events
		}
	}
	var rows []layerRow
	for _, layer := range s.Layers {
		b := of[layer]
		n := func(v int) string { return asCount.format(float64(v)) }
		end := b.added + b.promotedIn - b.promotedOut + b.demotedIn - b.demotedOut - b.gone
		rows = append(rows, layerRow{layer, n(b.added), n(b.promotedIn), n(b.promotedOut), n(b.demotedIn), n(b.demotedOut), n(b.gone), n(end)})
	}
	return rows
}
