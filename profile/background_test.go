package profile_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"finmem/profile"
)

func bars(first string, closes ...float64) []profile.Bar {
	day, err := time.Parse(time.DateOnly, first)
	if err != nil {
		panic(err)
	}
	out := make([]profile.Bar, len(closes))
	for i, c := range closes {
		out[i] = profile.Bar{Session: day.AddDate(0, 0, i).Format(time.DateOnly), Close: c}
	}
	return out
}

func TestBackground(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		name string
		bars []profile.Bar
		want string
	}{
		{
			// Returns +10 %, -20 %, +25 %: mean 5 %, deviations 5, -25 and 20 points,
			// squares 25 + 625 + 400 = 1050, /2 = 525, root 22.9129; × √252 = 363.73.
			name: "three moves",
			bars: bars("2022-01-03", 100, 110, 88, 110),
			want: "From 2022-01-03 to 2022-01-06 (4 sessions) ABC closed between 88.00 (2022-01-05) and 110.00 (2022-01-04).\n" +
				"Over that time it went from 100.00 to 110.00, a return of +10.00 %.\n" +
				"Its returns per session had a standard deviation of 22.91 %, which is 363.73 % a year.\n" +
				"Its largest drawdown was 20.00 %, from 110.00 (2022-01-04) to 88.00 (2022-01-05).\n" +
				"Its largest moves from one close to the next were +25.00 % on 2022-01-06, -20.00 % on 2022-01-05, +10.00 % on 2022-01-04.",
		},
		{
			name: "no fall, one move, no deviation",
			bars: bars("2022-01-03", 0.5, 0.75),
			want: "From 2022-01-03 to 2022-01-04 (2 sessions) ABC closed between 0.500000 (2022-01-03) and 0.750000 (2022-01-04).\n" +
				"Over that time it went from 0.500000 to 0.750000, a return of +50.00 %.\n" +
				"It never closed below an earlier close.\n" +
				"Its largest moves from one close to the next were +50.00 % on 2022-01-04.",
		},
		{
			// B03: what is not a price is left out, not carried.
			name: "missing closes",
			bars: bars("2022-01-03", nan, 100, nan, math.Inf(1), 0, -3, 110),
			want: "From 2022-01-04 to 2022-01-09 (2 sessions) ABC closed between 100.00 (2022-01-04) and 110.00 (2022-01-09).\n" +
				"Over that time it went from 100.00 to 110.00, a return of +10.00 %.\n" +
				"It never closed below an earlier close.\n" +
				"Its largest moves from one close to the next were +10.00 % on 2022-01-09.",
		},
		{
			name: "one close",
			bars: bars("2022-01-03", 100),
			want: "ABC closed at 100.00 on 2022-01-03, the only session on record.",
		},
		{name: "no close", bars: bars("2022-01-03", nan), want: ""},
		{name: "no bars", bars: nil, want: ""},
	} {
		if got := profile.Background("ABC", tt.bars); got != tt.want {
			t.Errorf("%s: Background =\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

// Case B18: the order of the rows must not turn the return.
func TestBackgroundSortsFirst(t *testing.T) {
	up := bars("2022-01-03", 100, 110, 121, 133.1)
	down := slices.Clone(up)
	slices.Reverse(down)
	before := slices.Clone(down)
	got := profile.Background("ABC", down)
	if want := profile.Background("ABC", up); got != want || !strings.Contains(got, "a return of +33.10 %") {
		t.Errorf("newest first:\n%s\nwant\n%s", got, want)
	}
	if !slices.Equal(down, before) {
		t.Error("the caller's bars were changed")
	}
}

func TestBackgroundListsFiveMoves(t *testing.T) {
	got := profile.Background("ABC", bars("2022-01-03", 100, 101, 103, 100, 104, 99, 99, 99))
	want := "were -4.81 % on 2022-01-08, +4.00 % on 2022-01-07, -2.91 % on 2022-01-06, +1.98 % on 2022-01-05, +1.00 % on 2022-01-04."
	if !strings.HasSuffix(got, want) {
		t.Errorf("Background ends\n%s\nwant\n%s", got, want)
	}
}

func TestNew(t *testing.T) {
	history := bars("2022-01-03", 100, 110, 88, 110, 1)
	p, err := profile.New("KO", history, "2022-01-06")
	if err != nil {
		t.Fatal(err)
	}
	if want := profile.Background("KO", history[:4]); p.Background != want {
		t.Errorf("background\n%s\nwant that of the bars up to the date\n%s", p.Background, want)
	}
	if p.Symbol != "KO" || p.Expertise != profile.Generic("KO").Expertise {
		t.Errorf("New = %+v, want the generic profile of KO", p)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}

	tesla, err := profile.New("TSLA", history, "2022-01-06")
	if err != nil {
		t.Fatal(err)
	}
	known, _ := profile.Builtin("TSLA")
	if want := known.Background + "\n\n" + profile.Background("TSLA", history[:4]); tesla.Background != want {
		t.Errorf("background\n%s\nwant\n%s", tesla.Background, want)
	}

	// The built-in knows facts of 2020; a test that starts before may not.
	early, err := profile.New("TSLA", bars("2019-01-02", 20, 21), "2019-01-03")
	if err != nil {
		t.Fatal(err)
	}
	if early.Name != "generic" || early.CheckDates("2019-01-04") != nil {
		t.Errorf("early profile %q: %v", early.Name, early.CheckDates("2019-01-04"))
	}
}

func TestNewRefuses(t *testing.T) {
	good := bars("2022-01-03", 100, 110)
	for _, tt := range []struct {
		name, symbol string
		bars         []profile.Bar
		to, want     string
	}{
		{"symbol", "../x", good, "2022-01-04", `symbol "../x"`},
		{"date", "KO", good, "4 January 2022", `end of the background "4 January 2022": want a date as YYYY-MM-DD`},
		{"session", "KO", []profile.Bar{{"2022-02-30", 1}}, "2022-03-01", `session "2022-02-30": want a date`},
		{"twice", "KO", append(good, good[0]), "2022-01-04", `session 2022-01-03 has two bars`},
		{"zero", "KO", bars("2022-01-03", 100, 0), "2022-01-04", `close of 2022-01-04 is 0: want a price above zero`},
		{"infinite", "KO", bars("2022-01-03", math.Inf(1)), "2022-01-04", `close of 2022-01-03 is +Inf`},
		{"nothing known (B11)", "KO", good, "2022-01-02", `no close up to 2022-01-02`},
		{"nothing at all (B11)", "KO", nil, "2022-01-02", `no close up to 2022-01-02`},
		{"only missing", "KO", bars("2022-01-03", math.NaN()), "2022-01-04", `no close up to 2022-01-04`},
	} {
		if _, err := profile.New(tt.symbol, tt.bars, tt.to); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

// A generated profile passes the check of dates on the day after its end,
// survives being written, and does not depend on what came later.
func TestNewStaysBeforeItsEnd(t *testing.T) {
	symbols := append(profile.BuiltinNames(), "KO", "BTC-USD", "2105.TW")
	rapid.Check(t, func(t *rapid.T) {
		symbol := rapid.SampledFrom(symbols).Draw(t, "symbol")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		scale := rapid.SampledFrom([]float64{0.00003, 0.2, 20, 200, 2_000, 20_000, 2e7}).Draw(t, "scale")
		closes := make([]float64, rapid.IntRange(2, 40).Draw(t, "sessions"))
		for i := range closes {
			closes[i] = scale * (0.9 + 0.2*rng.Float64())
		}
		first := time.Date(2015+rng.IntN(12), time.Month(1+rng.IntN(12)), 1+rng.IntN(28), 0, 0, 0, 0, time.UTC)
		history := bars(first.Format(time.DateOnly), closes...)
		end := rapid.IntRange(0, len(history)-1).Draw(t, "end")
		to := history[end].Session

		p, err := profile.New(symbol, history, to)
		if err != nil {
			t.Fatal(err)
		}
		next := first.AddDate(0, 0, end+1).Format(time.DateOnly)
		if err := p.CheckDates(next); err != nil {
			t.Fatalf("refused on the day after: %v\n%s", err, p.Background)
		}
		for i := end + 1; i < len(history); i++ {
			history[i].Close = 777
		}
		changed, err := profile.New(symbol, history, to)
		if err != nil || changed.Background != p.Background {
			t.Fatalf("the future changed the background: %v\n%s\nwant\n%s", err, changed.Background, p.Background)
		}
		var b bytes.Buffer
		if err := p.WriteTOML(&b); err != nil {
			t.Fatal(err)
		}
		if read, err := profile.Parse("written", &b); err != nil || read.Background != p.Background {
			t.Fatalf("read back: %v\n%s\nwant\n%s", err, read.Background, p.Background)
		}
	})
}
