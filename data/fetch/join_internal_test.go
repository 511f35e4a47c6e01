package fetch

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"finmem/data"
)

// all has the bars of a list.
type all []data.Bar

func (all) Name() string                { return "all" }
func (all) Adjustment() data.Adjustment { return data.Raw }

func (a all) Prices(_ context.Context, symbol string, _ *data.Calendar, r Range) (Prices, error) {
	var p Prices
	for _, b := range a {
		p.Bar(r, b)
	}
	return p, p.Order(symbol, r)
}

// However a range is cut into fetches, the same series comes of it: one without a
// gap, from the first session asked for to the last.
func TestFetchesJoin(t *testing.T) {
	calendar := data.NYSE()
	sessions, err := calendar.Range("2024-01-02", "2024-03-15")
	if err != nil {
		t.Fatal(err)
	}
	var bars all
	for i, s := range sessions {
		bars = append(bars, data.CloseBar(s, float64(i+1)))
	}
	rapid.Check(t, func(t *rapid.T) {
		f := &fetching{sources: Sources{Prices: bars}, calendar: calendar, now: time.Date(2024, 4, 1, 12, 0, 0, 0, time.UTC)}
		r := symbolResult{history: data.History{Symbol: "AAA"}}
		var have Range
		first, last := len(bars), -1
		for range rapid.IntRange(1, 5).Draw(t, "fetches") {
			i := rapid.IntRange(0, len(bars)-1).Draw(t, "from")
			j := rapid.IntRange(i, len(bars)-1).Draw(t, "to")
			wanted := Days(bars[i].Session, bars[j].Session)
			if len(wanted.without(have)) > 0 {
				part := newPart("prices", "all")
				var err error
				if have, err = f.prices(t.Context(), &r, &part, wanted, have, Step{}); err != nil {
					t.Fatal(err)
				}
			}
			first, last = min(first, i), max(last, j)
		}
		if got, want := fmt.Sprint(r.history.Bars), fmt.Sprint(bars[first:last+1]); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if want := Days(bars[first].Session, bars[last].Session); have != want {
			t.Fatalf("has %s, want %s", have, want)
		}
	})
}
