package fetch

import (
	"context"
	"fmt"
	"time"

	"finmem/data"
)

// A Range is a half-open range of dates of an exchange: From is the first that
// belongs to it, To the first that does not.
type Range struct {
	From data.Session `json:"from" toml:"from"`
	To   data.Session `json:"to" toml:"to"`
}

// Days makes the range of all dates from first to last, both included.
func Days(first, last data.Session) Range { return Range{From: first, To: last.AddDays(1)} }

// Last is the last date that belongs to the range.
func (r Range) Last() data.Session { return r.To.AddDays(-1) }

// Empty reports whether no date belongs to the range.
func (r Range) Empty() bool { return r.From >= r.To }

// Contains reports whether a date belongs to the range.
func (r Range) Contains(s data.Session) bool { return r.From <= s && s < r.To }

// Instants are the midnights in loc at which the range begins and ends. The end
// does not belong to it.
func (r Range) Instants(loc *time.Location) (from, to time.Time) { return r.From.In(loc), r.To.In(loc) }

func (r Range) String() string { return fmt.Sprintf("[%s, %s]", r.From, r.Last()) }

// A Skip is something that a vendor sent and that was left out.
type Skip struct {
	What   string `json:"what"` // such as a date or a title
	Reason string `json:"reason"`
}

func (s Skip) String() string { return s.What + ": " + s.Reason }

// A Tally says what became of what a vendor sent.
type Tally struct {
	Read    int      `json:"read"` // rows or items seen
	Skipped []Skip   `json:"skipped"`
	Notes   []string `json:"notes"` // whatever a person should know
}

// Skip leaves something out, and says why.
func (t *Tally) Skip(what, format string, args ...any) {
	t.Skipped = append(t.Skipped, Skip{What: what, Reason: fmt.Sprintf(format, args...)})
}

// Note adds a note.
func (t *Tally) Note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// A PriceSource has prices. It is asked with a canonical symbol and a range of
// dates of the calendar.
//
// A source returns the bars that the vendor has within the range, whether their
// sessions are over or not; [Fetch] leaves out those that are not. It returns an
// [*Error] of kind [NoSymbol] for a symbol that the vendor does not know and of
// kind [Empty] for a range in which it has no bar, never an empty list.
type PriceSource interface {
	Name() string
	// Adjustment says which corporate actions the prices contain.
	Adjustment() data.Adjustment
	Prices(ctx context.Context, symbol string, calendar *data.Calendar, r Range) (Prices, error)
}

// News are what a vendor has of news about a symbol, in any order.
type News struct {
	Items []data.News
	Tally
}

// A NewsSource has news. It is asked with a canonical symbol and a range of dates
// in the calendar's time zone. No news in the range is an empty list; an answer
// that says nothing either way is an error.
type NewsSource interface {
	Name() string
	News(ctx context.Context, symbol string, calendar *data.Calendar, r Range) (News, error)
}

// Filings are what a vendor has of a company's filings, in any order. News holds
// filings that are news rather than reports, such as those on form 8-K.
type Filings struct {
	Items []data.Filing
	News  []data.News
	Tally
}

// A FilingSource has filings. It is asked with a canonical symbol and a range of
// dates of acceptance in the calendar's time zone. No filings in the range is an
// empty list.
type FilingSource interface {
	Name() string
	Filings(ctx context.Context, symbol string, calendar *data.Calendar, r Range) (Filings, error)
}
