package indicator_test

import (
	"math"
	"testing"

	"finmem/data/indicator"

	"pgregory.net/rapid"
)

// ramp is 100, 101, … with n values.
func ramp(n int) []float64 {
	closes := make([]float64, n)
	for i := range closes {
		closes[i] = 100 + float64(i)
	}
	return closes
}

func constant(n int, price float64) []float64 {
	closes := make([]float64, n)
	for i := range closes {
		closes[i] = price
	}
	return closes
}

func near(got, want float64) bool {
	return math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) < 1e-9
}

var nan = math.NaN()

// every is each indicator of a series, by the name the prompt gives it.
func every(closes []float64) map[string]float64 {
	macd := indicator.MACD(closes, 12, 26, 9)
	bands := indicator.Bollinger(closes, 20, 2)
	return map[string]float64{
		"RSI14":     indicator.RSI(closes, 14),
		"MACD":      macd.Line,
		"signal":    macd.Signal,
		"histogram": macd.Histogram,
		"SMA20":     indicator.SMA(closes, 20),
		"SMA50":     indicator.SMA(closes, 50),
		"ATR14":     indicator.ATR(closes, closes, closes, 14),
		"upper":     bands.Upper,
		"middle":    bands.Middle,
		"lower":     bands.Lower,
		"momentum":  indicator.Momentum(closes, 20),
	}
}

// B75: too few bars give n/a, not a panic of the library.
func TestShortSeriesAreNotAvailable(t *testing.T) {
	for _, n := range []int{0, 1, 5, 14} {
		for name, got := range every(ramp(n)) {
			if !math.IsNaN(got) {
				t.Errorf("%d closes: %s = %v, want NaN", n, name, got)
			}
		}
	}
}

// B76: the library's warm-up zeros never show.
func TestWarmUp(t *testing.T) {
	tests := []struct {
		name  string
		first int // closes needed for the first value
		of    func(closes []float64) float64
	}{
		{"RSI14", 15, func(c []float64) float64 { return indicator.RSI(c, 14) }},
		{"MACD line", 34, func(c []float64) float64 { return indicator.MACD(c, 12, 26, 9).Line }},
		{"MACD signal", 34, func(c []float64) float64 { return indicator.MACD(c, 12, 26, 9).Signal }},
		{"SMA20", 20, func(c []float64) float64 { return indicator.SMA(c, 20) }},
		{"SMA50", 50, func(c []float64) float64 { return indicator.SMA(c, 50) }},
		{"ATR14", 15, func(c []float64) float64 { return indicator.ATR(c, c, c, 14) }},
		{"Bollinger", 20, func(c []float64) float64 { return indicator.Bollinger(c, 20, 2).Upper }},
		{"momentum 3", 4, func(c []float64) float64 { return indicator.Momentum(c, 3) }},
	}
	for _, tt := range tests {
		for n := range 60 {
			if got := tt.of(ramp(n)); math.IsNaN(got) != (n < tt.first) {
				t.Errorf("%s of %d closes = %v, want its first value at %d", tt.name, n, got, tt.first)
			}
		}
	}
}

func TestSMA(t *testing.T) {
	// B76, on closes 100..129.
	for n, want := range map[int]float64{19: nan, 20: 109.5, 30: 119.5} {
		if got := indicator.SMA(ramp(n), 20); !near(got, want) {
			t.Errorf("SMA20 of %d closes = %v, want %v", n, got, want)
		}
	}
}

func TestMACD(t *testing.T) {
	tests := []struct {
		name               string
		closes             []float64
		fast, slow, signal int
		want               indicator.Convergence
	}{
		// An average of a ramp lags by (period-1)/2: 12.5 - 5.5 = 7. The library's
		// own Macd gives a signal of 2.52 here, from the zeros before it.
		{"ramp", ramp(34), 12, 26, 9, indicator.Convergence{Line: 7, Signal: 7, Histogram: 0}},
		// Fast: 2, 4, 8. Slow: 3, then 3 + (8-3)·2/3 = 19/3. Line: 1, 5/3.
		{"by hand", []float64{2, 4, 8}, 1, 2, 2, indicator.Convergence{Line: 5.0 / 3, Signal: 4.0 / 3, Histogram: 1.0 / 3}},
		{"constant", constant(40, 50), 12, 26, 9, indicator.Convergence{}},
		{"one short", ramp(33), 12, 26, 9, indicator.Convergence{Line: nan, Signal: nan, Histogram: nan}},
		{"fast not below slow", ramp(40), 26, 26, 9, indicator.Convergence{Line: nan, Signal: nan, Histogram: nan}},
	}
	for _, tt := range tests {
		got := indicator.MACD(tt.closes, tt.fast, tt.slow, tt.signal)
		if !near(got.Line, tt.want.Line) || !near(got.Signal, tt.want.Signal) || !near(got.Histogram, tt.want.Histogram) {
			t.Errorf("%s: MACD = %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestRSI(t *testing.T) {
	tests := []struct {
		name   string
		closes []float64
		period int
		want   float64
	}{
		{"gain equals loss", []float64{10, 11, 10}, 2, 50},
		// G = (0.5+2)/2 = 1.25, L = 0.5/2 = 0.25.
		{"by hand", []float64{10, 11, 10, 12}, 2, 100 * 1.25 / 1.5},
		{"only gains", ramp(15), 14, 100},
		{"only losses", []float64{12, 11, 10}, 2, 0},
		{"never moved", constant(30, 42), 14, nan},
		{"a NaN starts anew", []float64{1, nan, 10, 11, 10}, 2, 50},
		{"too short after a NaN", []float64{10, 11, nan, 10, 11}, 2, nan},
	}
	for _, tt := range tests {
		if got := indicator.RSI(tt.closes, tt.period); !near(got, tt.want) {
			t.Errorf("%s: RSI(%v, %d) = %v, want %v", tt.name, tt.closes, tt.period, got, tt.want)
		}
	}
}

func TestATR(t *testing.T) {
	// True ranges: 3, then 2 (from the close before), then 4.
	highs := []float64{11, 12, 13, 12}
	lows := []float64{9, 9, 11, 8}
	closes := []float64{10, 11, 12, 9}
	if got, want := indicator.ATR(highs, lows, closes, 2), 3.25; !near(got, want) {
		t.Errorf("ATR2 = %v, want %v", got, want)
	}
	if got, want := indicator.ATR(highs[:3], lows[:3], closes[:3], 2), 2.5; !near(got, want) {
		t.Errorf("ATR2 of three bars = %v, want %v", got, want)
	}
	if got := indicator.ATR(constant(30, nan), constant(30, nan), ramp(30), 14); !math.IsNaN(got) {
		t.Errorf("ATR14 without highs and lows = %v, want NaN", got)
	}
	if got := indicator.ATR(highs, lows[1:], closes, 2); !math.IsNaN(got) {
		t.Errorf("ATR2 of series of different length = %v, want NaN", got)
	}
}

func TestBollinger(t *testing.T) {
	got := indicator.Bollinger([]float64{99, 1, 2, 3, 4}, 4, 2)
	want := indicator.Bands{Upper: 2.5 + 2*math.Sqrt(1.25), Middle: 2.5, Lower: 2.5 - 2*math.Sqrt(1.25)}
	if !near(got.Upper, want.Upper) || !near(got.Middle, want.Middle) || !near(got.Lower, want.Lower) {
		t.Errorf("Bollinger(4, 2) = %+v, want %+v", got, want)
	}
}

func TestMomentum(t *testing.T) {
	tests := []struct {
		closes []float64
		want   float64
	}{
		{[]float64{100, 90, 95, 110}, 0.10},
		{[]float64{90, 95, 110}, nan},
		{[]float64{100, nan, 95, 110}, nan},
		{nil, nan},
	}
	for _, tt := range tests {
		if got := indicator.Momentum(tt.closes, 3); !near(got, tt.want) {
			t.Errorf("Momentum(%v, 3) = %v, want %v", tt.closes, got, tt.want)
		}
	}
}

// Indicators of prices in another currency unit scale with the unit, those
// without a unit stay, and no input is changed.
func TestScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		closes := rapid.SliceOfN(rapid.Float64Range(1, 1000), 0, 80).Draw(t, "closes")
		kept := append([]float64(nil), closes...)
		scaled := make([]float64, len(closes))
		for i, c := range closes {
			scaled[i] = 4 * c
		}
		before, after := every(closes), every(scaled)
		for name, got := range after {
			want := 4 * before[name]
			if name == "RSI14" || name == "momentum" {
				want = before[name]
			}
			if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-6*(1+math.Abs(want)) {
				t.Fatalf("%s of %d closes times 4 = %v, want %v", name, len(closes), got, want)
			}
		}
		for i := range closes {
			if closes[i] != kept[i] {
				t.Fatalf("close %d was changed", i)
			}
		}
	})
}
