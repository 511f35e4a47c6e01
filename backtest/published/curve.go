package published

import (
	"fmt"
	"math"

	"finmem/backtest/metrics"
	"finmem/data"
)

// A Sampling is an equity curve told apart from the rows it was written with.
type Sampling struct {
	// Sessions is the curve on sessions alone, starting with the value before
	// the first one.
	Sessions metrics.EquityCurve
	// Rows is the curve as the file has it.
	Rows metrics.EquityCurve
	// OffCalendar is the rows whose date is not a session, and Moves those of
	// them on which the equity is not that of the row before: something was
	// filled, or marked, on a day without trading.
	OffCalendar []data.Session
	Moves       []data.Session
	// Started is set where the value before the first session was given apart
	// from the rows; otherwise the first row is taken for it.
	Started bool
}

// Sample sorts the rows of a curve into sessions of the calendar and others.
// initial is the value before the first session, NaN where it is not known
// apart from the rows; the first row, on whatever date, then stands for it.
func Sample(rows metrics.EquityCurve, initial float64, calendar *data.Calendar) (Sampling, error) {
	s := Sampling{Rows: rows, Started: !math.IsNaN(initial)}
	if s.Started && len(rows) > 0 {
		before, err := calendar.Prev(rows[0].Session)
		if err != nil {
			return s, fmt.Errorf("date the initial value: %w", err)
		}
		s.Sessions = append(s.Sessions, metrics.Point{Session: before, Value: initial})
	}
	for i, p := range rows {
		trades := calendar.IsSession(p.Session)
		if trades || (i == 0 && !s.Started) {
			s.Sessions = append(s.Sessions, p)
		}
		if !trades {
			s.OffCalendar = append(s.OffCalendar, p.Session)
			if i > 0 && rows[i-1].Value != p.Value {
				s.Moves = append(s.Moves, p.Session)
			}
		}
	}
	if len(s.Sessions) < 2 {
		return s, fmt.Errorf("none of %d dates after the first value is a session of %s", len(rows), calendar.Name())
	}
	return s, nil
}

// A Finding says whether a stated figure follows from a curve, and how.
type Finding struct {
	Figure Figure
	Stated float64
	Ours   float64 // by our own conventions, NaN where undefined
	// Holds is set where a reading gives the stated figure; Reading says which,
	// and Sound whether it is one to stand by. Where none does, Reading says
	// what is known of the reason.
	Holds   bool
	Sound   bool
	Reading string
}

// A reading is one way to compute a figure.
type reading struct {
	what  string
	value float64
	sound bool
}

// CheckCurve holds stated figures against a curve. The first reading of each
// figure is ours: sessions only, the value before the first one included, the
// yearly riskFree rate compounded to a session's. The others are conventions
// found in published work.
func CheckCurve(s Sampling, row Row, riskFree, periodsPerYear, tolerance float64) []Finding {
	var findings []Finding
	for _, figure := range Figures() {
		stated, ok := row.Figures[figure]
		if !ok {
			continue
		}
		readings := s.readings(figure, row, riskFree, periodsPerYear)
		if len(readings) == 0 {
			continue
		}
		f := Finding{Figure: figure, Stated: stated, Ours: readings[0].value}
		within := tolerance
		if figure == FinalValue {
			within *= math.Abs(stated) // money, not a ratio
		}
		for _, r := range readings {
			if math.Abs(r.value-stated) <= within {
				f.Holds, f.Sound, f.Reading = true, r.sound, r.what
				break
			}
		}
		if !f.Holds {
			f.Reading = s.reason(f, row, periodsPerYear)
		}
		findings = append(findings, f)
	}
	return findings
}

// A cut is one choice of which returns of a curve count.
type cut struct {
	what    string
	returns []float64
	sound   bool
}

func (s Sampling) cuts() []cut {
	values := s.Sessions.Values()
	cuts := []cut{{"all sessions", metrics.Returns(values), true}}
	if s.Started {
		cuts = append(cuts, cut{"the first session's return left out", metrics.Returns(values[1:]), true})
	}
	if len(s.OffCalendar) > 0 {
		cuts = append(cuts, cut{s.offCalendarNote(), metrics.Returns(s.Rows.Values()), false})
	}
	return cuts
}

func (s Sampling) offCalendarNote() string {
	return fmt.Sprintf("%d rows of weekends and holidays counted as sessions", len(s.OffCalendar))
}

// rate is a way to turn the yearly risk-free rate into the one that
// metrics.Sharpe compounds.
type rate struct {
	what   string
	yearly float64
}

func rates(riskFree, periodsPerYear float64) []rate {
	if riskFree == 0 {
		return []rate{{"", 0}}
	}
	divided := math.Pow(1+riskFree/periodsPerYear, periodsPerYear) - 1
	return []rate{{"", riskFree}, {fmt.Sprintf(", the rate divided by %g", periodsPerYear), divided}}
}

func (s Sampling) readings(figure Figure, row Row, riskFree, periodsPerYear float64) []reading {
	var list []reading
	add := func(what string, value float64, sound bool) { list = append(list, reading{what, value, sound}) }
	start, end := s.Sessions[0].Value, s.Sessions[len(s.Sessions)-1].Value
	final, hasFinal := row.Figures[FinalValue]
	closing := fmt.Sprintf("to the stated final value, which is %.2f from the curve's last", final-end)
	switch figure {
	case CumulativeReturn:
		add("from before the first session", metrics.CumulativeReturn(s.Sessions.Values()), true)
		if hasFinal {
			add(closing, metrics.CumulativeReturn([]float64{start, final}), true)
		}
	case AnnualReturn:
		for _, c := range s.cuts() {
			add(c.what, metrics.AnnualReturn(c.returns, periodsPerYear), c.sound)
		}
		if hasFinal {
			n := float64(len(s.Sessions) - 1)
			add(closing, metrics.AnnualReturn([]float64{metrics.CumulativeReturn([]float64{start, final})}, periodsPerYear/n), true)
		}
	case AnnualVolatility, DailyDeviation:
		periods := periodsPerYear
		if figure == DailyDeviation {
			periods = 1
		}
		for _, c := range s.cuts() {
			add(c.what, metrics.Volatility(c.returns, periods), c.sound)
		}
	case Sharpe:
		for _, c := range s.cuts() {
			for _, r := range rates(riskFree, periodsPerYear) {
				add(c.what+r.what, metrics.Sharpe(c.returns, r.yearly, periodsPerYear), c.sound)
			}
		}
	case Sortino:
		for _, c := range s.cuts() {
			for _, r := range rates(riskFree, periodsPerYear) {
				add(c.what+r.what, metrics.Sortino(c.returns, r.yearly, periodsPerYear), c.sound)
				add(c.what+r.what+", over the deviation of the losing returns", metrics.SortinoOfLosses(c.returns, r.yearly, periodsPerYear), c.sound)
			}
		}
	case MaxDrawdown:
		add("from before the first session", metrics.MaxDrawdown(s.Sessions.Values()), true)
		if s.Started {
			add("the first session's loss left out", metrics.MaxDrawdown(s.Sessions.Values()[1:]), false)
		}
		if len(s.OffCalendar) > 0 {
			add(s.offCalendarNote(), metrics.MaxDrawdown(s.Rows.Values()), false)
		}
	case FinalValue:
		add("the curve's last value", end, true)
	}
	return list
}

// reason is what is known of why no reading gives the stated figure.
func (s Sampling) reason(f Finding, row Row, periodsPerYear float64) string {
	switch {
	case math.IsNaN(f.Ours) && f.Stated == 0:
		return "undefined on this curve; the source shows 0"
	case math.IsNaN(f.Ours):
		return "undefined on this curve"
	case f.Figure == FinalValue:
		return fmt.Sprintf("the curve ends %.2f from it: something is charged or earned after its last row", f.Stated-f.Ours)
	case len(s.OffCalendar) > 0 && f.Figure != CumulativeReturn:
		return fmt.Sprintf("no reading gives it; %d of %d rows are weekends and holidays, so it is no figure per session", len(s.OffCalendar), len(s.Rows))
	}
	if n, ok := yearOf(row, periodsPerYear); ok && f.Figure == AnnualReturn {
		return fmt.Sprintf("it compounds the stated return over %d sessions; the curve has %d", n, len(s.Sessions)-1)
	}
	return "no reading gives it"
}

// yearOf is the number of sessions over which the stated annual return compounds
// the stated return. ok is false where it is not a whole number.
func yearOf(row Row, periodsPerYear float64) (sessions int, ok bool) {
	n := periodsPerYear * math.Log1p(row.Figures[CumulativeReturn]) / math.Log1p(row.Figures[AnnualReturn])
	whole := math.Round(n)
	return int(whole), math.Abs(n-whole) < 1e-6
}
