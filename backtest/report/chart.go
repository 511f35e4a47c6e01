package report

import (
	"math"
	"strconv"
	"time"

	"finmem/data"
)

// A chart is what the page's script draws into the element of that id.
type chart struct {
	ID     string   `json:"id"`
	Title  string   `json:"-"`
	Unit   unit     `json:"unit"`
	Height int      `json:"height"`
	Axis   int      `json:"axis"` // of drawing.Axes
	Series []series `json:"series"`
	// Sync is the same for charts whose cursors move together.
	Sync string `json:"sync"`
	// Zero keeps the zero line in the picture, Margin leaves room at both ends.
	Zero   bool `json:"zero"`
	Margin bool `json:"margin,omitempty"`
	// Down says that values lie below zero, also where all of them are zero.
	Down bool `json:"down,omitempty"`
	// Start is the day on which the test begins, 0 for no mark.
	Start int `json:"start,omitempty"`
	// Scale says in words what the vertical axis counts.
	Scale string `json:"-"`
	// Summary is what the picture shows, for those who do not see it.
	Summary string `json:"-"`
}

// A series is one line, area, row of bars or kind of mark.
type series struct {
	Name   string   `json:"name"`
	Style  style    `json:"style"`
	Color  color    `json:"color"`
	Other  int      `json:"other,omitempty"`  // counts the further baselines, from 1: each has dashes of its own
	Hidden bool     `json:"hidden,omitempty"` // until it is asked for
	Values []number `json:"values"`
}

type style string

const (
	line style = "line"
	area style = "area"
	step style = "step" // a value holds until the next
	bars style = "bars"
	// The marks of decisions differ in shape as well as in colour.
	markBuy   style = "buy"
	markSell  style = "sell"
	markHold  style = "hold"
	markError style = "error"
)

// A color names an entry of the script's palettes.
type color string

const (
	ofAgent  color = "agent"
	ofMarket color = "market"
	ofCash   color = "cash"
	ofPrice  color = "price"
	ofBuy    color = "buy"
	ofSell   color = "sell"
	ofHold   color = "hold"
	ofError  color = "error"
)

// otherColors are for further baselines, in turn.
var otherColors = [...]color{"other1", "other2", "other3", "other4", "other5"}

// A drawing is all that the script is given.
type drawing struct {
	Axes   [][]int `json:"axes"` // days since 1970-01-01
	Charts []chart `json:"charts"`
}

// axis adds a horizontal axis and returns its number.
func (d *drawing) axis(sessions []data.Session) int {
	days := make([]int, len(sessions))
	for i, s := range sessions {
		days[i] = dayOf(s)
	}
	d.Axes = append(d.Axes, days)
	return len(d.Axes) - 1
}

// add takes a chart in and gives it back as it was drawn, with its id.
func (d *drawing) add(c chart) chart {
	c.ID = "chart" + strconv.Itoa(len(d.Charts)+1)
	d.Charts = append(d.Charts, c)
	return c
}

// dayOf counts days since 1970-01-01.
func dayOf(s data.Session) int {
	return int(s.In(time.UTC).Unix() / (24 * 60 * 60))
}

// A number is a value of a series; an undefined one is null, a gap. Eight digits
// are more than a screen can show.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', 8, 64), nil
}

func numbers(values []float64) []number {
	list := make([]number, len(values))
	for i, v := range values {
		list[i] = number(v)
	}
	return list
}
