package profile

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Bar is what a background is computed from: a session and its close. A close
// that is not known is NaN.
type Bar struct {
	Session string // ISO date
	Close   float64
}

// sessionsPerYear turns a deviation per session into one per year.
const sessionsPerYear = 252

// Background is what the closes say of a symbol, one sentence a line:
//
//   - first and last session, lowest and highest close;
//   - the return from the first close to the last, C[last]/C[first] - 1;
//   - the volatility, the sample deviation (n-1) of the simple returns from
//     close to close, per session and × √252 per year;
//   - the largest drawdown, 1 - C/peak, with the sessions of its peak and its
//     trough;
//   - the five largest returns of one session by size.
//
// Closes are prices as the caller has them: hand in adjusted ones, or a split
// will show as a fall. Bars may come in any order. A close that is not a price
// (NaN, infinite, not above zero) is left out, and so is a second bar of a
// session; the next return then runs from the close before it. With fewer than
// two closes there are no returns, and with fewer than three no volatility:
// those lines are left out. Without any close the text is empty.
//
// The same bars give the same bytes on every machine.
func Background(symbol string, bars []Bar) string {
	closes := usable(bars)
	if len(closes) == 0 {
		return ""
	}
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }

	first, last := closes[0], closes[len(closes)-1]
	byClose := func(a, b Bar) int { return cmp.Compare(a.Close, b.Close) }
	low, high := slices.MinFunc(closes, byClose), slices.MaxFunc(closes, byClose)
	if len(closes) == 1 {
		return fmt.Sprintf("%s closed at %s on %s, the only session on record.", symbol, price(first.Close), first.Session)
	}
	add("From %s to %s (%s) %s closed between %s (%s) and %s (%s).",
		first.Session, last.Session, sessions(len(closes)), symbol,
		price(low.Close), low.Session, price(high.Close), high.Session)
	add("Over that time it went from %s to %s, a return of %s.",
		price(first.Close), price(last.Close), signedPercent(last.Close/first.Close-1))

	moves := returns(closes)
	if len(moves) > 1 {
		sd := deviation(moves)
		add("Its returns per session had a standard deviation of %s, which is %s a year.",
			percent(sd), percent(sd*math.Sqrt(sessionsPerYear)))
	}
	if d := deepest(closes); d.depth > 0 {
		add("Its largest drawdown was %s, from %s (%s) to %s (%s).",
			percent(d.depth), price(d.peak.Close), d.peak.Session, price(d.trough.Close), d.trough.Session)
	} else {
		add("It never closed below an earlier close.")
	}
	add("Its largest moves from one close to the next were %s.", largest(moves, 5))
	return strings.Join(lines, "\n")
}

// usable are the bars with a price, oldest first, one a session.
func usable(bars []Bar) []Bar {
	closes := make([]Bar, 0, len(bars))
	for _, b := range bars {
		if b.Close > 0 && !math.IsInf(b.Close, 1) {
			closes = append(closes, b)
		}
	}
	slices.SortStableFunc(closes, func(a, b Bar) int { return cmp.Compare(a.Session, b.Session) })
	return slices.CompactFunc(closes, func(a, b Bar) bool { return a.Session == b.Session })
}

// A move is the simple return to the close of a session from the close before.
type move struct {
	session string
	ret     float64
}

func returns(closes []Bar) []move {
	moves := make([]move, 0, len(closes)-1)
	for i, b := range closes[1:] {
		moves = append(moves, move{b.Session, b.Close/closes[i].Close - 1})
	}
	return moves
}

// deviation is the sample deviation (n-1). The conversions keep a machine from
// fusing product and sum, which would change the last digit.
func deviation(moves []move) float64 {
	n := float64(len(moves))
	sum := 0.0
	for _, m := range moves {
		sum += m.ret
	}
	mean := sum / n
	squares := 0.0
	for _, m := range moves {
		d := m.ret - mean
		squares += float64(d * d)
	}
	return math.Sqrt(squares / (n - 1))
}

type drawdown struct {
	depth        float64 // 0 … 1
	peak, trough Bar
}

// deepest is the largest drawdown, the earliest of them on a tie.
func deepest(closes []Bar) drawdown {
	worst, peak := drawdown{}, closes[0]
	for _, b := range closes {
		if b.Close > peak.Close {
			peak = b
		}
		if d := 1 - b.Close/peak.Close; d > worst.depth {
			worst = drawdown{d, peak, b}
		}
	}
	return worst
}

// largest lists the n returns of largest size, larger first, earlier first on a
// tie.
func largest(moves []move, n int) string {
	moves = slices.Clone(moves)
	slices.SortStableFunc(moves, func(a, b move) int { return cmp.Compare(math.Abs(b.ret), math.Abs(a.ret)) })
	words := make([]string, 0, n)
	for _, m := range moves[:min(n, len(moves))] {
		words = append(words, signedPercent(m.ret)+" on "+m.session)
	}
	return strings.Join(words, ", ")
}

// price has the cents, and for prices below a dollar six decimals.
func price(p float64) string {
	if p < 1 {
		return strconv.FormatFloat(p, 'f', 6, 64)
	}
	return strconv.FormatFloat(p, 'f', 2, 64)
}

func percent(ratio float64) string { return strconv.FormatFloat(100*ratio, 'f', 2, 64) + " %" }

func signedPercent(ratio float64) string { return fmt.Sprintf("%+.2f %%", 100*ratio) }

// grouped writes a count with commas, so that none looks like a year.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// New is a profile for the symbol whose background is computed from the bars up
// to and including the date to; later bars are not looked at. Sectors and
// expertise, and a background in words, come from the built-in profile of the
// symbol if there is one that states nothing from after that date, else from
// [Generic].
//
// A session that is no ISO date, two bars of one session, a close that is
// neither a price nor NaN, and a range without a close are refused.
func New(symbol string, bars []Bar, to string) (Profile, error) {
	if err := checkSymbol(symbol); err != nil {
		return Profile{}, fmt.Errorf("new profile: %w", err)
	}
	end, err := time.Parse(time.DateOnly, to)
	if err != nil {
		return Profile{}, fmt.Errorf("new profile of %s: end of the background %q: want a date as YYYY-MM-DD", symbol, to)
	}
	known, err := until(bars, to)
	if err != nil {
		return Profile{}, fmt.Errorf("new profile of %s: %w", symbol, err)
	}

	p, ok := Builtin(symbol)
	if !ok || p.CheckDates(end.AddDate(0, 0, 1).Format(time.DateOnly)) != nil {
		p = Generic(symbol)
	}
	p.Background = strings.TrimSpace(p.Background + "\n\n" + Background(symbol, known))
	return p, nil
}

// until checks the bars up to a date and gives them back.
func until(bars []Bar, to string) ([]Bar, error) {
	var known []Bar
	closes := 0
	seen := make(map[string]bool, len(bars))
	for _, b := range bars {
		if _, err := time.Parse(time.DateOnly, b.Session); err != nil {
			return nil, fmt.Errorf("session %q: want a date as YYYY-MM-DD", b.Session)
		}
		if b.Session > to {
			continue
		}
		if seen[b.Session] {
			return nil, fmt.Errorf("session %s has two bars", b.Session)
		}
		seen[b.Session] = true
		switch {
		case b.Close > 0 && !math.IsInf(b.Close, 1):
			closes++
		case !math.IsNaN(b.Close):
			return nil, fmt.Errorf("close of %s is %v: want a price above zero, or NaN where it is not known", b.Session, b.Close)
		}
		known = append(known, b)
	}
	if closes == 0 {
		return nil, errors.New("no close up to " + to + " to describe")
	}
	return known, nil
}
