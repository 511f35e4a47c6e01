package sample

import (
	"math"
	"testing"

	"finmem/data"
)

// What is planted is in the prices exactly: the same market without plants
// differs in every session by what the effects add up to, to the cent.
func TestPlantsAreTheWholeDifference(t *testing.T) {
	const seed = 7
	table, err := newTimetable()
	if err != nil {
		t.Fatal(err)
	}
	common := marketMoves(seed, len(table.sessions))
	for _, c := range companies() {
		plants := c.story(seed, table).plants
		with := c.bars(seed, table.sessions, common, plants, nil)
		without := c.bars(seed, table.sessions, common, nil, nil)

		want := make([]float64, len(with))
		for _, p := range plants {
			e := p.effect(c.symbol, table.sessions)
			want[p.session] += e.Jump
			for i := p.session + 1; i <= p.session+e.Sessions && i < len(want); i++ {
				want[i] += e.Drift
			}
		}
		off := 0.0
		for i := 1; i < len(with); i++ {
			night := ratio(with[i].Open, with[i-1].Close) - ratio(without[i].Open, without[i-1].Close)
			day := ratio(with[i].Close, with[i].Open) - ratio(without[i].Close, without[i].Open)
			// Rounding takes up to half a cent off each of the eight prices.
			slack := 8 * 0.005 / min(with[i].Low, without[i].Low)
			if math.Abs(night+day-want[i]) > slack {
				t.Fatalf("%s %s: moved by %.6f more than without plants, want %.6f", c.symbol, with[i].Session, night+day, want[i])
			}
			off += (night + day - want[i]) / float64(len(with))
		}
		// Rounding cancels out over the sessions.
		if math.Abs(off) > 2e-5 {
			t.Errorf("%s: moved by %.7f more a session than was planted", c.symbol, off)
		}
	}
}

func ratio(to, from float64) float64 { return to/from - 1 }

// A text that is out before the open is in the opening price, one that comes
// while the exchange is open or has no time of day is not.
func TestJumpComesWhenTheTextIsOut(t *testing.T) {
	for _, overnight := range []bool{true, false} {
		moves := planted([]plant{{kind: Report, tone: -1, session: 2, overnight: overnight}}, 9)
		jump := pair{day: -10_000}
		if overnight {
			jump = pair{night: -10_000}
		}
		drift := pair{night: -600, day: -1_400}
		want := []pair{{}, {}, jump, drift, drift, drift, drift, drift, {}}
		for i := range want {
			if moves[i] != want[i] {
				t.Errorf("overnight %v: move of session %d is %+v, want %+v", overnight, i, moves[i], want[i])
			}
		}
	}
}

func TestMoments(t *testing.T) {
	table, err := newTimetable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name          string
		date          data.Session
		hour, minute  int
		dateOnly      bool
		session       data.Session
		overnight, ok bool
	}{
		{"before the open", "2023-01-04", 9, 29, false, "2023-01-04", true, true},
		{"at the open", "2023-01-04", 9, 30, false, "2023-01-04", false, true},
		{"before the close", "2023-01-04", 15, 59, false, "2023-01-04", false, true},
		{"at the close", "2023-01-04", 16, 0, false, "2023-01-05", true, true},
		{"after a half day", "2023-11-24", 13, 30, false, "2023-11-27", true, true},
		{"Saturday", "2023-01-07", 12, 0, false, "2023-01-09", true, true},
		{"date of a session", "2023-01-04", 0, 0, true, "2023-01-04", false, true},
		{"date of a Sunday", "2023-01-08", 0, 0, true, "2023-01-09", true, true},
		{"after the last close", "2024-06-28", 16, 0, false, "", false, false},
		{"date after the last session", "2024-06-29", 0, 0, true, "", false, false},
	} {
		m, ok := table.instant(table.at(tt.date, tt.hour, tt.minute, 0))
		if tt.dateOnly {
			m, ok = table.dateOnly(tt.date)
		}
		if ok != tt.ok {
			t.Errorf("%s: ok = %v", tt.name, ok)
			continue
		}
		if ok && (table.sessions[m.session] != tt.session || m.overnight != tt.overnight) {
			t.Errorf("%s: session %s, overnight %v, want %s, %v", tt.name, table.sessions[m.session], m.overnight, tt.session, tt.overnight)
		}
	}
}

func TestDivideRoundsToNearest(t *testing.T) {
	for _, tt := range []struct{ a, b, want int64 }{
		{7, 2, 4}, {-7, 2, -4}, {5, 4, 1}, {-5, 4, -1}, {6, 4, 2}, {0, 3, 0}, {-1, 1_000_000, 0},
	} {
		if got := divide(tt.a, tt.b); got != tt.want {
			t.Errorf("divide(%d, %d) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// The draws have the mean, spread and range they are said to have.
func TestNormal(t *testing.T) {
	s := newStream(1, 0, forPrices)
	const n, deviation = 100_000, 10_000
	var sum, squares float64
	beyond := 0
	for range n {
		x := float64(s.normal(deviation))
		sum += x
		squares += x * x
		if math.Abs(x) > 2*deviation {
			beyond++
		}
		if math.Abs(x) > 6*deviation {
			t.Fatalf("draw %v is more than six deviations", x)
		}
	}
	if mean := sum / n; math.Abs(mean) > 3*deviation/math.Sqrt(n) {
		t.Errorf("mean %v, want 0", mean)
	}
	if got := math.Sqrt(squares / n); math.Abs(got-deviation) > 0.01*deviation {
		t.Errorf("deviation %v, want %v", got, deviation)
	}
	// 4.55 % of a normal distribution lies beyond two deviations; a little less here.
	if share := float64(beyond) / n; share < 0.04 || share > 0.05 {
		t.Errorf("%.4f of the draws lie beyond two deviations", share)
	}
}

// Every blank of every text has words, whatever is drawn.
func TestAllTextsCanBeFilled(t *testing.T) {
	var all []string
	for _, list := range [][]story{goodReports, badReports, goodRumours, badRumours, chatterStories, goodResults, badResults, plainResults, {payoutStory, divisionStory}} {
		for _, s := range list {
			all = append(all, s.title, s.text)
		}
	}
	all = append(all, asides...)
	for _, sec := range append(append([]section(nil), quarterlySections...), annualSections...) {
		for _, list := range [][]string{sec.good, sec.bad, sec.plain, sec.standing} {
			all = append(all, list...)
		}
	}
	for _, c := range companies() {
		f := newFiller(newStream(1, c.number, forNewsWords), c)
		for _, given := range []string{"quarter", "span", "prior", "lines", "inputs", "customers", "rivals"} {
			f.used[given] = given
		}
		for _, text := range all {
			if got := f.fill(text); got == "" {
				t.Errorf("%q became nothing", text)
			}
		}
	}
}
