package data

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// CheckOptions narrow a check. The zero value checks all symbols over the span
// of their own bars.
type CheckOptions struct {
	Symbols []string // in any accepted spelling; none means all
	// From and To bound the sessions that are expected to have a bar. Empty
	// means the symbol's first and last bar.
	From, To Session
}

// A Report says what a dataset holds, what is missing and what looks wrong.
type Report struct {
	Dataset  Meta           `json:"dataset"`
	Findings []Finding      `json:"findings"` // about the dataset as a whole
	Symbols  []SymbolReport `json:"symbols"`
}

// A SymbolReport is the part of a report about one symbol.
type SymbolReport struct {
	Symbol string  `json:"symbol"`
	Digest string  `json:"digest"` // see [Dataset.Digest]
	Bars   int     `json:"bars"`
	First  Session `json:"first,omitempty"` // of the bars
	Last   Session `json:"last,omitempty"`

	ExpectedSessions int   `json:"expectedSessions"` // sessions of the calendar in the span
	MissingCount     int   `json:"missingCount"`     // of these, how many have no bar
	Missing          []Gap `json:"missing"`

	NonSessions     []Session `json:"nonSessions"`     // bars on dates without a session
	OutsideCalendar int       `json:"outsideCalendar"` // bars the calendar does not reach
	Jumps           []Jump    `json:"jumps"`
	// What the bars say of their source: see [Spike], [VolumeBreak] and
	// [AdjustedBreak].
	Spikes         []Spike         `json:"spikes"`
	VolumeBreaks   []VolumeBreak   `json:"volumeBreaks"`
	AdjustedBreaks []AdjustedBreak `json:"adjustedBreaks"`
	// CloseDividends are pairs of sessions with a dividend, a few sessions apart.
	CloseDividends [][2]Session `json:"closeDividends"`
	StaleRuns      []Gap        `json:"staleRuns"` // closes that do not move
	ZeroVolume     []Session    `json:"zeroVolume"`
	// FlatTail counts the last bars whose close is that of the bar before, as
	// after a halt; 0 where trading looks alive.
	FlatTail int `json:"flatTail"`
	// EndsBefore is the last session of the dataset, where the symbol's bars end
	// SessionsShort sessions before it.
	EndsBefore    Session `json:"endsBefore,omitempty"`
	SessionsShort int     `json:"sessionsShort"`
	FoldedRows    int     `json:"foldedRows"` // price rows that repeated the one before
	Splits        int     `json:"splits"`
	Dividends     int     `json:"dividends"`

	News     Documents `json:"news"`
	Filings  Documents `json:"filings"`
	Coverage []Month   `json:"coverage"`

	Findings []Finding `json:"findings"`
}

// Documents counts the news or the filings of a symbol.
type Documents struct {
	Items           int `json:"items"`
	DateOnly        int `json:"dateOnly"`        // a date but no time
	Blank           int `json:"blank"`           // without a word; shown on no day
	Duplicates      int `json:"duplicates"`      // news folded into another of the same session
	WithSentiment   int `json:"withSentiment"`   // news
	OutsideCalendar int `json:"outsideCalendar"` // no session of the calendar can show them
}

// A Gap is a run of sessions without a bar, both ends included.
type Gap struct {
	From     Session `json:"from"`
	To       Session `json:"to"`
	Sessions int     `json:"sessions"`
}

func (g Gap) String() string {
	if g.Sessions == 1 {
		return string(g.From)
	}
	return fmt.Sprintf("%s to %s (%d)", g.From, g.To, g.Sessions)
}

// A Jump is a large move from one bar to the next without a corporate action
// that explains it: often a split that the prices or the actions lack.
type Jump struct {
	Previous Session `json:"previous"`
	Session  Session `json:"session"`
	Return   float64 `json:"return"` // simple, of the closes
	// Split is the ratio of a split on file for the session which, going by the
	// dataset's adjustment, the prices contain already; 0 where there is none.
	Split float64 `json:"split"`
	// Ratio is the split, new shares for one old, whose ratio the jump has with the
	// bars on both sides keeping to their level; 0 where there is none.
	Ratio float64 `json:"ratio"`
}

// A Month counts what belongs to the sessions of one calendar month.
type Month struct {
	Month    string `json:"month"` // "2024-03"
	Sessions int    `json:"sessions"`
	Bars     int    `json:"bars"`
	News     int    `json:"news"`
	Filings  int    `json:"filings"`
}

// A Finding is one sentence for a person. A warning is something that makes
// results wrong unless it is meant. An error is a warning that is not meant: the
// data contradicts itself or its description.
type Finding struct {
	Warning bool   `json:"warning"`
	Error   bool   `json:"error"`
	Text    string `json:"text"`
}

// Errors counts the findings that are errors.
func (r Report) Errors() int {
	n := countErrors(r.Findings)
	for _, s := range r.Symbols {
		n += countErrors(s.Findings)
	}
	return n
}

func countErrors(findings []Finding) int {
	n := 0
	for _, f := range findings {
		n += count(f.Error)
	}
	return n
}

// jumpLimit is the move of a close within one session, up or down, above which
// a check asks for a corporate action.
const jumpLimit = 0.40

// Check examines a dataset. It reads nothing but the dataset; an error means
// that the options ask for what is not there.
func Check(d *Dataset, opts CheckOptions) (Report, error) {
	calendar, err := CalendarByName(d.Meta.Calendar)
	if err != nil {
		return Report{}, err
	}
	symbols := d.Symbols()
	if len(opts.Symbols) > 0 {
		if symbols, err = chooseSymbols(d.Meta.Name, opts.Symbols, symbols); err != nil {
			return Report{}, err
		}
	}
	if opts.From != "" && opts.To != "" {
		if _, err := calendar.Range(opts.From, opts.To); err != nil {
			return Report{}, err
		}
	}
	var last Session
	for _, h := range d.histories {
		if n := len(h.Bars); n > 0 {
			last = max(last, h.Bars[n-1].Session)
		}
	}
	report := Report{Dataset: d.Meta.clone(), Symbols: []SymbolReport{}, Findings: metaFindings(d.Meta)}
	for _, group := range d.twins(symbols) {
		text := fmt.Sprintf("%s have the same closes on their last %d sessions: one series under several names", strings.Join(group, ", "), twinBars)
		report.Findings = append(report.Findings, newFinding(isWarning, text))
	}
	for _, s := range symbols {
		r := checkSymbol(calendar, d.histories[s], d.Meta.Adjustment, opts, last)
		r.Digest, r.FoldedRows = d.Digest(s), d.folded[s]
		r.Findings = r.findings(d.Meta)
		report.Symbols = append(report.Symbols, r)
	}
	return report, nil
}

// checkSymbol fills the figures of one symbol; last is the last session of the
// dataset.
func checkSymbol(calendar *Calendar, h History, adjustment Adjustment, opts CheckOptions, last Session) SymbolReport {
	r := SymbolReport{
		Symbol: h.Symbol, Bars: len(h.Bars),
		Missing: []Gap{}, NonSessions: []Session{}, Jumps: []Jump{}, ZeroVolume: []Session{}, Coverage: []Month{},
		CloseDividends: [][2]Session{},
	}
	if len(h.Bars) > 0 {
		r.First, r.Last = h.Bars[0].Session, h.Bars[len(h.Bars)-1].Session
		if n := calendar.Distance(r.Last, last); n > 0 {
			r.EndsBefore, r.SessionsShort = last, n
		}
	}
	for _, a := range h.Actions {
		if a.Split != 0 {
			r.Splits++
		}
		if a.Dividend != 0 {
			r.Dividends++
		}
	}
	r.checkBars(calendar, h, adjustment)
	r.checkBreaks(h, adjustment)
	r.FlatTail = flatTail(h.Bars)
	months := &monthTable{}
	r.checkSessions(calendar, h, opts, months)
	r.checkDocuments(calendar, h, months)
	r.Coverage = months.sorted()
	return r
}

// checkBars looks at each bar and at the step from one to the next.
func (r *SymbolReport) checkBars(calendar *Calendar, h History, adjustment Adjustment) {
	first, last := calendar.Bounds()
	next := 0 // the first action not before the current bar
	for i, b := range h.Bars {
		switch {
		case b.Session < first || b.Session > last:
			r.OutsideCalendar++
		case !calendar.IsSession(b.Session):
			r.NonSessions = append(r.NonSessions, b.Session)
		}
		if b.Volume == 0 {
			r.ZeroVolume = append(r.ZeroVolume, b.Session)
		}
		// What took effect after the bar before and up to this one.
		start := next
		for next < len(h.Actions) && h.Actions[next].Session <= b.Session {
			next++
		}
		explained, split := explains(h.Actions[start:next], adjustment)
		if i == 0 || explained {
			continue
		}
		if move := b.Close/h.Bars[i-1].Close - 1; math.Abs(move) > jumpLimit {
			r.Jumps = append(r.Jumps, Jump{Previous: h.Bars[i-1].Session, Session: b.Session, Return: move, Split: split})
		}
	}
}

// explains reports whether actions account for a jump of prices with this
// adjustment. An action that the prices contain already does not: a jump at such
// a split means that it was left out of the earlier prices or applied twice.
func explains(actions []Action, adjustment Adjustment) (explained bool, contained float64) {
	for _, a := range actions {
		switch adjustment {
		case SplitAdjusted:
			explained = explained || a.Dividend != 0
			contained = max(contained, a.Split)
		case TotalReturn:
			contained = max(contained, a.Split)
		case Raw:
			explained = true
		case UnknownAdjustment:
			// Nothing is applied to such prices, so a jump is a loss or a gain.
			contained = max(contained, a.Split)
		}
	}
	return explained, contained
}

// flatTail counts the last bars whose close did not move. A flat day or two with
// volume happens; without volume it is a halt.
func flatTail(bars []Bar) int {
	flat, traded := 0, false
	for i := len(bars) - 1; i > 0 && bars[i].Close == bars[i-1].Close; i-- {
		flat++
		traded = traded || bars[i].Volume != 0
	}
	if traded && flat < 3 {
		return 0
	}
	return flat
}

// checkSessions counts the sessions of the span and names those without a bar.
func (r *SymbolReport) checkSessions(calendar *Calendar, h History, opts CheckOptions, months *monthTable) {
	from, to := opts.From, opts.To
	first, last := calendar.Bounds()
	if from == "" {
		from = max(r.First, first)
	}
	if to == "" {
		to = min(r.Last, last)
	}
	sessions, err := calendar.Range(from, to)
	if err != nil {
		return // no bars, or none that the calendar reaches: nothing is expected
	}
	r.ExpectedSessions = len(sessions)
	bars := h.Bars
	gap := false
	for _, s := range sessions {
		for len(bars) > 0 && bars[0].Session < s {
			bars = bars[1:]
		}
		month := months.of(s)
		month.Sessions++
		if len(bars) > 0 && bars[0].Session == s {
			month.Bars++
			gap = false
			continue
		}
		r.MissingCount++
		if n := len(r.Missing) - 1; gap {
			r.Missing[n].To = s
			r.Missing[n].Sessions++
		} else {
			r.Missing = append(r.Missing, Gap{From: s, To: s, Sessions: 1})
		}
		gap = true
	}
}

// checkDocuments counts news and filings by the sessions they belong to at a
// cut-off at the close.
func (r *SymbolReport) checkDocuments(calendar *Calendar, h History, months *monthTable) {
	feed := &Feed{calendar: calendar}
	seen := make(map[string]bool)
	r.News.Items = len(h.News)
	for _, n := range h.News {
		r.News.DateOnly += count(n.DateOnly)
		r.News.WithSentiment += count(n.Sentiment != nil)
		if n.blank() {
			r.News.Blank++
			continue
		}
		s, err := feed.newsSession(n)
		if err != nil {
			r.News.OutsideCalendar++
			continue
		}
		months.of(s).News++
		key := string(s) + "\x00" + n.ContentKey()
		r.News.Duplicates += count(seen[key])
		seen[key] = true
	}
	r.Filings.Items = len(h.Filings)
	for _, f := range h.Filings {
		r.Filings.DateOnly += count(f.DateOnly)
		if f.blank() {
			r.Filings.Blank++
			continue
		}
		s, err := feed.filingSession(f)
		if err != nil {
			r.Filings.OutsideCalendar++
			continue
		}
		months.of(s).Filings++
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// A monthTable collects counts by month.
type monthTable struct{ months map[string]*Month }

func (t *monthTable) of(s Session) *Month {
	name := string(s[:len("2024-03")])
	if t.months == nil {
		t.months = make(map[string]*Month)
	}
	m := t.months[name]
	if m == nil {
		m = &Month{Month: name}
		t.months[name] = m
	}
	return m
}

func (t *monthTable) sorted() []Month {
	months := make([]Month, 0, len(t.months))
	for _, m := range t.months {
		months = append(months, *m)
	}
	slices.SortFunc(months, func(a, b Month) int { return strings.Compare(a.Month, b.Month) })
	return months
}
