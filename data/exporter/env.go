// Package exporter turns a dataset into the files that the published Python
// systems read: the env_data.pkl of FinMem (arXiv:2311.13743) and the JSON of
// INVESTOR-BENCH (arXiv:2412.18174).
//
// [Collect] decides what stands at which date, and [FinMem] and [InvestorBench]
// write it. A date is a session that has a price. It holds what [data.Feed.Day]
// shows at the close of that session and nothing else: those systems decide at a
// date with all that stands there, so a document stands at the session on which
// it may first be seen, not at the date that it carries. That is one session later
// than in the files FinMem's authors describe for whatever came after the close.
//
// The formats have one price a date, texts without a time and two kinds of
// filings. The rest of a dataset has no place in them; docs/export.md says what
// becomes of it.
package exporter

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"finmem/data"
)

// Price says which price of a bar stands at a date.
type Price string

// The prices.
const (
	// Close is the close. Where prices are as traded, those before a split are put
	// into the shares at the end of the export, since the formats have no corporate
	// actions and a split would be a crash to whoever reads them.
	Close Price = "close"
	// AdjClose is the vendor's adjusted close, as FinMem's own files have it.
	AdjClose Price = "adj-close"
)

// Options are the settings of [Collect].
type Options struct {
	// From and To bound the sessions, both included; empty means the first and the
	// last bar of a symbol.
	From, To data.Session
	Price    Price // [Close] where empty
	// Sentiment appends the tone of a news text to it, in the words of the format.
	Sentiment bool
}

// An Env is what stands at each date, oldest first, each date once.
type Env struct {
	Dates []Date
	// sentiment says whether tones are written.
	sentiment bool
}

// A Date is one session with the symbols that have a price on it.
type Date struct {
	Session data.Session
	Entries []Entry // by symbol
}

// An Entry is what stands at a date for one symbol.
type Entry struct {
	Symbol    string
	Price     float64
	News      []Text
	Quarterly []string // filings
	Annual    []string
}

// A Text is a news text with its tone, nil where it has none.
type Text struct {
	Text      string
	Sentiment *data.Sentiment
}

// A Report says what an export holds of one symbol and what it left out.
type Report struct {
	Symbol    string       `json:"symbol"`
	Dates     int          `json:"dates"`
	First     data.Session `json:"first"`
	Last      data.Session `json:"last"`
	News      int          `json:"news"`
	Quarterly int          `json:"quarterly"` // filings
	Annual    int          `json:"annual"`
	// OtherForms counts filings that are neither, and stand among the news.
	OtherForms int `json:"otherForms"`
	// WithSentiment counts the news that have a tone.
	WithSentiment int `json:"withSentiment"`
	// Moved counts documents of sessions without a price, which stand at the next
	// session that has one.
	Moved int `json:"moved"`
	// Folded counts news that repeat another of their session and stand there once.
	Folded int `json:"folded"`
	// NewsLeftOut and FilingsLeftOut count documents that are blank, or belong to no
	// date of the export.
	NewsLeftOut    int `json:"newsLeftOut"`
	FilingsLeftOut int `json:"filingsLeftOut"`
	// Restated says that prices before a split were put into the shares after it.
	Restated bool `json:"restated"`
}

// Collect takes the symbols out of a dataset. A symbol without a price in the
// window is an error, and so is a price that is asked for and missing.
func Collect(ctx context.Context, d *data.Dataset, symbols []string, o Options) (Env, []Report, error) {
	if len(symbols) == 0 {
		return Env{}, nil, fmt.Errorf("export of %q: no symbol", d.Meta.Name)
	}
	switch o.Price {
	case "":
		o.Price = Close
	case Close, AdjClose:
	default:
		return Env{}, nil, fmt.Errorf("price %q: want %q or %q", o.Price, Close, AdjClose)
	}
	if o.From != "" && o.To != "" && o.From > o.To {
		return Env{}, nil, fmt.Errorf("the export starts on %s, after its end on %s", o.From, o.To)
	}
	calendar, err := data.CalendarByName(d.Meta.Calendar)
	if err != nil {
		return Env{}, nil, err
	}
	entries := map[data.Session][]Entry{}
	var reports []Report
	for _, symbol := range symbols {
		h, err := d.History(symbol)
		if err != nil {
			return Env{}, nil, err
		}
		if slices.ContainsFunc(reports, func(r Report) bool { return r.Symbol == h.Symbol }) {
			return Env{}, nil, fmt.Errorf("symbol %s is asked for twice", h.Symbol)
		}
		c := collector{calendar: calendar, adjustment: d.Meta.Adjustment, options: o, history: h}
		sessions, ofSymbol, err := c.collect(ctx)
		if err != nil {
			return Env{}, nil, fmt.Errorf("export %s: %w", h.Symbol, err)
		}
		for i, s := range sessions {
			entries[s] = append(entries[s], ofSymbol[i])
		}
		reports = append(reports, c.report)
	}
	env := Env{sentiment: o.Sentiment}
	for _, s := range slices.Sorted(maps.Keys(entries)) {
		list := entries[s]
		slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Symbol, b.Symbol) })
		env.Dates = append(env.Dates, Date{Session: s, Entries: list})
	}
	return env, reports, nil
}
