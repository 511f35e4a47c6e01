package data_test

import (
	"math"
	"slices"
	"testing"

	"finmem/data"

	"pgregory.net/rapid"
)

// traded is a bar as it was traded.
func traded(s data.Session, price, volume float64) data.Bar {
	return data.Bar{Session: s, Open: price - 1, High: price + 2, Low: price - 2, Close: price, AdjClose: 7, Volume: volume}
}

// B01, B25: prices as traded fall by three quarters in a 4:1 split and the
// volume is four times as high; seen from after it, neither moved.
func TestRestateBarsTakesTheCliffAway(t *testing.T) {
	bars := []data.Bar{traded("2024-06-07", 400, 10e6), traded("2024-06-10", 102, 40e6), traded("2024-06-11", 103, 40e6)}
	split := []data.Action{{Session: "2024-06-10", Split: 4}}
	got := data.RestateBars(bars, split, "2024-06-10")
	if got[0].Open != 399.0/4 || got[0].High != 402.0/4 || got[0].Low != 398.0/4 || got[0].Close != 100 {
		t.Errorf("the bar before the split = %+v, want a close of 100 and all prices a quarter", got[0])
	}
	if ratio := got[1].Volume / got[0].Volume; ratio != 1 {
		t.Errorf("volume after over before = %v, want 1.0", ratio)
	}
	if move := got[1].Close/got[0].Close - 1; math.Abs(move-0.02) > 1e-12 {
		t.Errorf("move over the split = %v, want +2.0 %%", move)
	}
	if got[0].AdjClose != 7 || !slices.Equal(got[1:], bars[1:]) {
		t.Errorf("restated = %+v, want the vendor's adjusted close and the bars from the split on as they were", got)
	}
	if bars[0].Close != 400 {
		t.Error("the bars that were given have changed")
	}
}

func TestRestateBars(t *testing.T) {
	bars := []data.Bar{traded("2024-06-06", 600, 1e6), traded("2024-06-07", 300, 2e6), traded("2024-06-10", 100, 6e6)}
	two, three := data.Action{Session: "2024-06-07", Split: 2}, data.Action{Session: "2024-06-10", Split: 3}
	for name, tt := range map[string]struct {
		actions []data.Action
		upTo    data.Session
		want    []float64 // closes
	}{
		"none":                        {nil, "2024-06-10", []float64{600, 300, 100}},
		"two splits":                  {[]data.Action{two, three}, "2024-06-10", []float64{100, 100, 100}},
		"the second is still to come": {[]data.Action{two, three}, "2024-06-07", []float64{300, 300, 100}},
		"both are still to come":      {[]data.Action{two, three}, "2024-06-06", []float64{600, 300, 100}},
		"before the first bar":        {[]data.Action{{Session: "2024-06-05", Split: 2}}, "2024-06-10", []float64{600, 300, 100}},
		"on the first bar":            {[]data.Action{{Session: "2024-06-06", Split: 2}}, "2024-06-10", []float64{600, 300, 100}},
		"a dividend":                  {[]data.Action{{Session: "2024-06-07", Dividend: 5}}, "2024-06-10", []float64{600, 300, 100}},
		"one into ten":                {[]data.Action{{Session: "2024-06-10", Split: 0.1}}, "2024-06-10", []float64{6000, 3000, 100}},
	} {
		var closes []float64
		for _, b := range data.RestateBars(bars, tt.actions, tt.upTo) {
			closes = append(closes, b.Close)
		}
		if !slices.Equal(closes, tt.want) {
			t.Errorf("%s: closes %v, want %v", name, closes, tt.want)
		}
	}
	if got := data.RestateBars(nil, []data.Action{two}, "2024-06-10"); len(got) != 0 {
		t.Errorf("no bars became %v", got)
	}
	close := data.RestateBars([]data.Bar{data.CloseBar("2024-06-06", 8), data.CloseBar("2024-06-07", 4)}, []data.Action{two}, "2024-06-07")
	if close[0].Close != 4 || !math.IsNaN(close[0].Open) || !math.IsNaN(close[0].Volume) {
		t.Errorf("a bar with a close alone = %+v, want 4 and the rest missing", close[0])
	}
}

// The money traded, price times volume, is the same on every basis, and what is
// restated up to a session does not depend on what comes after it.
func TestRestateBarsKeepsTheMoney(t *testing.T) {
	sessions, err := data.NYSE().Range("2024-01-02", "2024-02-29")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var bars []data.Bar
		var actions []data.Action
		for _, s := range sessions {
			bars = append(bars, traded(s, rapid.Float64Range(5, 500).Draw(t, "price"), rapid.Float64Range(1, 1e9).Draw(t, "volume")))
			if rapid.IntRange(0, 9).Draw(t, "split?") == 0 {
				actions = append(actions, data.Action{Session: s, Split: rapid.SampledFrom([]float64{2, 4, 1.5, 0.1}).Draw(t, "ratio")})
			}
		}
		at := rapid.IntRange(0, len(bars)-1).Draw(t, "session")
		upTo := bars[at].Session
		got := data.RestateBars(bars[:at+1], actions, upTo)
		for i, b := range got {
			if money, want := b.Close*b.Volume, bars[i].Close*bars[i].Volume; math.Abs(money-want) > 1e-9*want {
				t.Fatalf("%s: %v traded, want %v", b.Session, money, want)
			}
		}
		known := slices.DeleteFunc(slices.Clone(actions), func(a data.Action) bool { return a.Session > upTo })
		if !slices.Equal(got, data.RestateBars(bars[:at+1], known, upTo)) {
			t.Fatalf("a split after %s changed what was shown on it", upTo)
		}
	})
}
