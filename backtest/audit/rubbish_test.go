package audit_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"finmem/backtest/audit"
	"finmem/data"
)

// B05: what is stamped a second before the close is known and stays; what is
// stamped at it or later does not. Of a date without a time, news is known after
// that date's close and a filing from the next session on.
func TestSpoilKnowsWhatIsKnown(t *testing.T) {
	const friday, monday data.Session = "2024-03-08", "2024-03-11" // clocks change between them
	closing := nyse.Close(friday)
	stamp := func(at time.Time) data.News { return data.News{Time: at, Title: "true", Text: "true"} }
	dated := func(s data.Session) data.News {
		return data.News{Time: s.In(time.UTC), DateOnly: true, Title: "true", Text: "true"}
	}
	for _, tt := range []struct {
		name string
		news data.News
		stay bool
	}{
		{"a second before the close", stamp(closing.Add(-time.Second)), true},
		{"at the close", stamp(closing), false},
		{"a second after the close", stamp(closing.Add(time.Second)), false},
		{"before the close, in Tokyo's time", stamp(closing.Add(-time.Second).In(time.FixedZone("Tokyo", 9*60*60))), true},
		{"after the close, in Tokyo's time", stamp(closing.In(time.FixedZone("Tokyo", 9*60*60))), false},
		{"on Sunday", stamp(nyse.Open(monday).Add(-20 * time.Hour)), false},
		{"dated the day", dated(friday), true},
		{"dated Saturday", dated("2024-03-09"), false},
	} {
		for seed := range uint64(10) {
			spoiled := spoil(t, data.History{Symbol: symbol, News: []data.News{tt.news}}, friday, "", seed)
			stayed := slices.ContainsFunc(spoiled.News, func(n data.News) bool { return n.Title == "true" || n.Text == "true" })
			if stayed != tt.stay {
				t.Errorf("news %s: stays %t, want %t", tt.name, stayed, tt.stay)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		filing data.Filing
		stay   bool
	}{
		{"accepted a second before the close", data.Filing{Accepted: closing.Add(-time.Second)}, true},
		{"accepted at the close", data.Filing{Accepted: closing}, false},
		{"dated the day before", data.Filing{Accepted: data.Session("2024-03-07").In(time.UTC), DateOnly: true}, true},
		{"dated the day", data.Filing{Accepted: friday.In(time.UTC), DateOnly: true}, false},
	} {
		tt.filing.Form, tt.filing.Text = "10-Q", "true"
		for seed := range uint64(10) {
			spoiled := spoil(t, data.History{Symbol: symbol, Filings: []data.Filing{tt.filing}}, friday, "", seed)
			stayed := slices.ContainsFunc(spoiled.Filings, func(f data.Filing) bool { return f.Text == "true" })
			if stayed != tt.stay {
				t.Errorf("a filing %s: stays %t, want %t", tt.name, stayed, tt.stay)
			}
		}
	}
}

func spoil(t *testing.T, h data.History, at, lesson data.Session, seed uint64) data.History {
	t.Helper()
	spoiled, _, err := audit.Spoil(h, nyse, audit.Cut{After: at, Lesson: lesson, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return spoiled
}

// What is known stays as it is and in its place, nothing that is not known does,
// and what comes out is a history like any other. The same arguments give the
// same rubbish, and the history that came in is as it was.
func TestSpoil(t *testing.T) {
	w := busy(t)
	before := fmt.Sprintf("%+v", w.history)
	for _, at := range w.sessions {
		for seed := range uint64(3) {
			spoiled, change, err := audit.Spoil(w.history, nyse, audit.Cut{After: at, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			if err := spoiled.Validate(); err != nil {
				t.Errorf("%s: %v", at, err)
			}
			again, _, err := audit.Spoil(w.history, nyse, audit.Cut{After: at, Seed: seed})
			if err != nil || !reflect.DeepEqual(spoiled, again) {
				t.Errorf("%s, seed %d: not the same twice (%v)", at, seed, err)
			}
			known := 0
			for i, b := range w.history.Bars {
				if b.Session <= at {
					known++
					if spoiled.Bars[i] != b {
						t.Errorf("%s: the bar of %s has become %+v", at, b.Session, spoiled.Bars[i])
					}
				}
			}
			if change.Bars != len(w.history.Bars)-known {
				t.Errorf("%s: %d bars changed, want %d", at, change.Bars, len(w.history.Bars)-known)
			}
			for _, b := range spoiled.Bars[known:] {
				was := barOn(t, w.history, b.Session)
				if ratio := b.Close / was.Close; math.Abs(math.Log(ratio)) < math.Log(1.24) || b.Open == was.Open || b.Volume == was.Volume {
					t.Errorf("%s: the bar of %s was %+v and is %+v", at, b.Session, was, b)
				}
			}
			for _, n := range spoiled.News {
				isTrue := !strings.HasPrefix(n.Title, "Rubbish")
				if isTrue != n.Time.Before(nyse.Close(at)) && !n.DateOnly {
					t.Errorf("%s: news of %s says %q", at, n.Time, n.Title)
				}
			}
			for _, a := range spoiled.Actions {
				if a.Session > at && slices.Contains(w.history.Actions, a) {
					t.Errorf("%s: %+v stays", at, a)
				}
			}
		}
	}
	if after := fmt.Sprintf("%+v", w.history); after != before {
		t.Error("the history that was handed in has changed")
	}
}

func barOn(t *testing.T, h data.History, s data.Session) data.Bar {
	t.Helper()
	i := slices.IndexFunc(h.Bars, func(b data.Bar) bool { return b.Session == s })
	if i < 0 {
		t.Fatalf("no bar on %s", s)
	}
	return h.Bars[i]
}

// Of the session that a lesson tells the close stays, and nothing else; what the
// corporate actions up to it make of the move stays too.
func TestSpoilKeepsTheLesson(t *testing.T) {
	w := busy(t)
	at, lesson := w.sessions[5], w.sessions[6]
	spoiled := spoil(t, w.history, at, lesson, 1)
	was, is := barOn(t, w.history, lesson), barOn(t, spoiled, lesson)
	if is.Close != was.Close || is.Open == was.Open || is.High == was.High || is.Low == was.Low || is.AdjClose == was.AdjClose || is.Volume == was.Volume {
		t.Errorf("the bar of the lesson was %+v and is %+v", was, is)
	}
	if !slices.Contains(spoiled.Actions, w.history.Actions[0]) {
		t.Errorf("the dividend of %s is gone: %+v", lesson, spoiled.Actions)
	}
	for _, n := range spoiled.News {
		if !n.Time.Before(nyse.Close(at)) && !strings.HasPrefix(n.Title, "Rubbish") {
			t.Errorf("news of %s says %q", n.Time, n.Title)
		}
	}
}

func TestCutAfter(t *testing.T) {
	w := newWorld(t, deaf())
	window := w.config.Window
	missing := w.history
	missing.Bars = slices.DeleteFunc(slices.Clone(w.history.Bars), func(b data.Bar) bool {
		return b.Session == w.sessions[4] || b.Session == w.sessions[19]
	})
	missing.Bars = append([]data.Bar{data.CloseBar("2023-09-30", 1)}, missing.Bars...) // a Saturday
	for _, tt := range []struct {
		h            data.History
		at           int
		lesson, last data.Session
	}{
		{w.history, 0, w.sessions[1], w.sessions[19]},
		{w.history, 8, w.sessions[9], w.sessions[19]},
		{w.history, 9, "", w.sessions[19]},  // its outcome lies in the test
		{w.history, 10, "", w.sessions[19]}, // a test session is told nothing
		{missing, 3, w.sessions[5], w.sessions[18]},
		{missing, 4, w.sessions[5], w.sessions[18]},
		{data.History{}, 0, "", ""},
	} {
		want := audit.Cut{After: w.sessions[tt.at], Lesson: tt.lesson, Last: tt.last, Seed: 3}
		if got := audit.CutAfter(w.sessions[tt.at], window, tt.h, nyse, 3); got != want {
			t.Errorf("session %d: %+v, want %+v", tt.at, got, want)
		}
	}
}

// The window's last price may become another, but not none.
func TestSpoilKeepsThatThereIsALastPrice(t *testing.T) {
	w := newWorld(t, deaf())
	last := w.sessions[19]
	gone := 0
	for seed := range uint64(20) {
		spoiled, _, err := audit.Spoil(w.history, nyse, audit.Cut{After: w.sessions[2], Last: last, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		if b := barOn(t, spoiled, last); b.Close == barOn(t, w.history, last).Close {
			t.Errorf("the last bar stays as it is: %+v", b)
		}
		gone += len(w.history.Bars) - len(spoiled.Bars)
	}
	if gone == 0 {
		t.Error("no bar was removed")
	}
}

// A dataset of closes alone stays one.
func TestSpoilKeepsWhatIsMissing(t *testing.T) {
	h := data.History{Symbol: symbol}
	for _, s := range newWorld(t, deaf()).sessions {
		h.Bars = append(h.Bars, data.CloseBar(s, 50))
	}
	for _, b := range spoil(t, h, h.Bars[3].Session, h.Bars[4].Session, 3).Bars {
		if !math.IsNaN(b.Open) || !math.IsNaN(b.High) || !math.IsNaN(b.Low) || !math.IsNaN(b.AdjClose) || !math.IsNaN(b.Volume) {
			t.Errorf("the bar of %s has become %+v", b.Session, b)
		}
	}
}

func TestSpoilAtTheEndOfTheCalendar(t *testing.T) {
	if _, _, err := audit.Spoil(data.History{Symbol: symbol}, nyse, audit.Cut{After: "2030-12-31"}); err == nil {
		t.Error("a session without a next one was changed behind")
	}
}

func TestSessions(t *testing.T) {
	w := newWorld(t, deaf())
	from := w.sessions[10]
	for _, tt := range []struct {
		name         string
		sessions     []data.Session
		n            int
		warmup, test int
	}{
		{"five", w.sessions, 5, 2, 3},
		{"four", w.sessions, 4, 2, 2},
		{"two", w.sessions, 2, 1, 1},
		{"one", w.sessions, 1, 0, 1},
		{"none", w.sessions, 0, 0, 0},
		{"more than there are", w.sessions, 100, 10, 9},
		{"little test", w.sessions[:13], 10, 8, 2},
		{"little warm-up", w.sessions[8:], 10, 2, 8},
		{"no warm-up", w.sessions[10:], 5, 0, 5},
		{"warm-up only", w.sessions[:6], 4, 4, 0},
		{"a single session", w.sessions[:1], 4, 0, 0},
		{"no session", nil, 4, 0, 0},
	} {
		got := audit.Sessions(tt.sessions, from, tt.n, 1)
		warmup := 0
		for _, s := range got {
			if s < from {
				warmup++
			}
		}
		if warmup != tt.warmup || len(got)-warmup != tt.test {
			t.Errorf("%s: %v, want %d of the warm-up and %d of the test", tt.name, got, tt.warmup, tt.test)
		}
		if !slices.Equal(got, audit.Sessions(tt.sessions, from, tt.n, 1)) {
			t.Errorf("%s: not the same twice", tt.name)
		}
	}
}

// Chosen sessions are of the run, in order and each once; the last is never among
// them, the last of the warm-up always.
func TestSessionsProperties(t *testing.T) {
	all, err := nyse.Range("2024-01-02", "2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		sessions := all[:rapid.IntRange(2, len(all)).Draw(t, "sessions")]
		from := all[rapid.IntRange(0, len(all)-1).Draw(t, "from")]
		n := rapid.IntRange(2, 40).Draw(t, "n")
		got := audit.Sessions(sessions, from, n, rapid.Uint64().Draw(t, "seed"))
		if want := min(n, len(sessions)-1); len(got) != want {
			t.Fatalf("%d sessions, want %d", len(got), want)
		}
		for i, s := range got {
			if i > 0 && s <= got[i-1] || !slices.Contains(sessions[:len(sessions)-1], s) {
				t.Fatalf("%v is not in order or not of the run", got)
			}
		}
		if last, _ := slices.BinarySearch(sessions, from); last > 0 && last < len(sessions) && !slices.Contains(got, sessions[last-1]) {
			t.Fatalf("%v lacks %s, the last of the warm-up", got, sessions[last-1])
		}
	})
}
