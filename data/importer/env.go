package importer

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"finmem/data"
	"finmem/data/markup"
)

// EnvOptions are the settings of [Pickle] and [InvestorBench].
type EnvOptions struct {
	// Calendar is the calendar the dates belong to. Nil finds it out: 24/7 for a
	// pair such as BTC-USD and where at least one price in twenty falls on a
	// Saturday or Sunday, else NYSE. One stray weekend row does not make a market
	// that never closes.
	Calendar *data.Calendar
	// FilingsOnDate says that a filing may be seen on the date it stands at, as in the
	// files that finmem data export writes. Otherwise it may be seen from the next
	// session on, since it can have come after that date's close.
	FilingsOnDate bool
}

// An env is the content of a file of FinMem's kind, which calls it env_data:
// for each date the price, the news and the filings of one or more symbols.
// Values are nil, bool, float64, string, []any, *object or [opaque], whichever
// format they came from.
type env struct {
	format  string
	file    string // base name, for messages
	dates   []envDate
	skipped []Skip
	notes   []string
}

// An envDate is one date of an env. A section that is a dict is keyed by symbol;
// anything else belongs to whichever symbol is asked for.
type envDate struct {
	session data.Session
	line    int // where the date stands, 0 in a pickle
	price   any
	news    any
	filingQ any
	filingK any
}

// An object is a dict with text keys, in the order of the file.
type object struct {
	keys   []string
	values map[string]any
}

func newObject() *object { return &object{values: map[string]any{}} }

// set adds a key, which must be new.
func (o *object) set(key string, v any) bool {
	if _, ok := o.values[key]; ok {
		return false
	}
	o.keys = append(o.keys, key)
	o.values[key] = v
	return true
}

// An opaque value is one that none of the sections can hold; it says what it is.
type opaque string

// maxTextSize bounds the bytes of all texts of one import together, against
// files made to exhaust memory: a small pickle can refer to one long text from
// every date.
const maxTextSize = 1 << 30

// section is where the part of that name belongs: FinMem's own name or
// INVESTOR-BENCH's. It is nil for any other.
func (d *envDate) section(name string) *any {
	switch name {
	case "price", "prices":
		return &d.price
	case "news":
		return &d.news
	case "filing_q", "10q":
		return &d.filingQ
	case "filing_k", "10k":
		return &d.filingK
	}
	return nil
}

// fill sorts the parts of a date into their sections. It returns the names it
// does not know; a part that stands twice is an error.
func (d *envDate) fill(parts ...*object) (unknown []string, err error) {
	seen := map[*any]string{}
	for _, part := range parts {
		for _, name := range part.keys {
			to := d.section(name)
			if to == nil {
				unknown = append(unknown, name)
				continue
			}
			if before, ok := seen[to]; ok {
				return nil, fmt.Errorf("date %s has both %q and %q", d.session, before, name)
			}
			seen[to] = name
			*to = part.values[name]
		}
	}
	return unknown, nil
}

// symbols are the names that any section of any date is keyed by, sorted. There
// are none where the file is about one symbol it does not name.
func (e *env) symbols() []string {
	seen := map[string]bool{}
	for _, d := range e.dates {
		for _, section := range []any{d.price, d.news, d.filingQ, d.filingK} {
			if o, ok := section.(*object); ok {
				for _, name := range o.keys {
					seen[name] = true
				}
			}
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// key is how the file spells a canonical symbol.
func (e *env) key(symbol string) (string, error) {
	names := e.symbols()
	if len(names) == 0 {
		return "", nil
	}
	for _, name := range names {
		if c, err := data.Canonical(name); err == nil && c == symbol {
			return name, nil
		}
	}
	return "", fmt.Errorf("%s has no symbol %s; it has %s", e.file, symbol, strings.Join(names, ", "))
}

// of is the part of a section that belongs to the symbol.
func of(section any, key string) any {
	if o, ok := section.(*object); ok {
		return o.values[key]
	}
	return section
}

// order sorts the dates and makes sure that each stands once.
func (e *env) order() error {
	slices.SortStableFunc(e.dates, func(a, b envDate) int { return strings.Compare(string(a.session), string(b.session)) })
	for i := 1; i < len(e.dates); i++ {
		a, b := e.dates[i-1], e.dates[i]
		if a.session != b.session {
			continue
		}
		if a.line == 0 {
			return fmt.Errorf("%s: two keys fall on the date %s; keep one", e.file, a.session)
		}
		return fmt.Errorf("%s: the date %s stands twice, at line %d and line %d, with different content; keep one", e.file, a.session, a.line, b.line)
	}
	if len(e.dates) == 0 {
		return fmt.Errorf("%s holds no dates", e.file)
	}
	return nil
}

// An envReader turns an env into the result for one symbol.
type envReader struct {
	env     *env
	options EnvOptions
	result  Result
	counts  struct{ noPrice, blank, scored, labelled, unread int }
}

// read is the history of one symbol, in its canonical spelling, of the env.
func (e *env) read(ctx context.Context, symbol string, opts EnvOptions) (Result, error) {
	if err := e.order(); err != nil {
		return Result{}, err
	}
	key, err := e.key(symbol)
	if err != nil {
		return Result{}, err
	}
	if size := e.textSize(key); size > maxTextSize {
		return Result{}, fmt.Errorf("%s holds %d MiB of text, more than %d; split it", e.file, size>>20, maxTextSize>>20)
	}
	r := envReader{env: e, options: opts}
	r.result.History.Symbol = symbol
	r.result.Report = Report{Format: e.format, Symbol: symbol, Skipped: append([]Skip{}, e.skipped...)}
	r.result.Report.Read = len(e.skipped)
	for _, d := range e.dates {
		if err := ctx.Err(); err != nil {
			return Result{}, fmt.Errorf("read %s: %w", e.file, err)
		}
		r.price(d, of(d.price, key))
		r.texts(d, of(d.news, key), "news", r.addNews)
		r.texts(d, of(d.filingQ, key), "10-Q", r.addFiling)
		r.texts(d, of(d.filingK, key), "10-K", r.addFiling)
	}
	if len(r.result.History.Bars) == 0 {
		return Result{}, fmt.Errorf("%s has no price of %s that can be used%s", e.file, symbol, firstReason(r.result.Report.Skipped))
	}
	r.describe()
	return r.result, nil
}

func firstReason(skipped []Skip) string {
	if len(skipped) == 0 {
		return ""
	}
	return ": " + skipped[0].String()
}

func (r *envReader) skip(d envDate, format string, args ...any) {
	reason := fmt.Sprintf("%s: ", d.session) + fmt.Sprintf(format, args...)
	r.result.Report.Skipped = append(r.result.Report.Skipped, Skip{File: r.env.file, Line: d.line, Reason: reason})
}

// price adds the bar of one date. A date without the symbol is counted, a price
// that is there and cannot be one is skipped.
func (r *envReader) price(d envDate, v any) {
	if v == nil {
		r.counts.noPrice++
		return
	}
	r.result.Report.Read++
	price, err := priceOf(v)
	if err != nil {
		r.skip(d, "price %v", err)
		return
	}
	r.result.Report.Kept++
	r.result.History.Bars = append(r.result.History.Bars, data.CloseBar(d.session, price))
}

// priceOf reads a price from a number, a number written as text, or a list that
// holds one of these.
func priceOf(v any) (float64, error) {
	var price float64
	switch v := v.(type) {
	case float64:
		price = v
	case string:
		text := strings.TrimSpace(v)
		if missingText(text) {
			return 0, fmt.Errorf("%q stands for no value", text)
		}
		var err error
		if price, err = (&numberReader{decimal: DecimalPoint}).number(text); err != nil {
			return 0, err
		}
	case []any:
		if len(v) != 1 {
			return 0, fmt.Errorf("is a list of %d values, not one", len(v))
		}
		if _, nested := v[0].([]any); nested {
			return 0, fmt.Errorf("is a list of lists, not a number")
		}
		return priceOf(v[0])
	default:
		return 0, fmt.Errorf("is %s, not a number", kindOf(v))
	}
	switch {
	case math.IsNaN(price) || math.IsInf(price, 0):
		return 0, fmt.Errorf("%v is not a finite number", price)
	case price <= 0:
		return 0, fmt.Errorf("%v is not above zero", price)
	}
	return price, nil
}

// kindOf names the kind of a value in a message.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case bool:
		return "true or false"
	case string:
		return "text"
	case []any:
		return "a list"
	case *object:
		return "a dict"
	case opaque:
		return string(v)
	}
	return "a number"
}

// textsOf are the texts of a section: one, or a list, or none.
func textsOf(v any) []any {
	if items, ok := v.([]any); ok {
		return items
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

// textSize is the number of bytes in all texts of one symbol together.
func (e *env) textSize(key string) int64 {
	size := int64(0)
	for _, d := range e.dates {
		for _, section := range []any{d.news, d.filingQ, d.filingK} {
			for _, item := range textsOf(of(section, key)) {
				if text, ok := item.(string); ok {
					size += int64(len(text))
				}
			}
		}
	}
	return size
}

// texts hands each text of a section to add, which reports whether there was
// anything to add.
func (r *envReader) texts(d envDate, v any, kind string, add func(d envDate, kind, text string) bool) {
	for _, item := range textsOf(v) {
		r.result.Report.Read++
		text, ok := item.(string)
		switch {
		case !ok && item != nil:
			r.skip(d, "%s item is %s, not text", kind, kindOf(item))
		case !add(d, kind, markup.Clean(text)):
			r.counts.blank++
			r.skip(d, "blank %s text", kind)
		default:
			r.result.Report.Kept++
		}
	}
}

// addNews adds one news text, its scores taken off. Equal texts of one date all
// stay: the feed folds them when it shows the day, and counts them.
func (r *envReader) addNews(d envDate, _, text string) bool {
	text, sentiment, unread := splitSentiment(text)
	if text == "" {
		return false
	}
	switch {
	case unread:
		r.counts.unread++
	case sentiment != nil && sentiment.Method == methodFinBERT:
		r.counts.scored++
	case sentiment != nil:
		r.counts.labelled++
	}
	r.result.History.News = append(r.result.History.News, data.News{
		Time:      midnight(d),
		DateOnly:  true,
		Text:      text,
		Sentiment: sentiment,
		Copies:    1,
	})
	return true
}

func (r *envReader) addFiling(d envDate, form, text string) bool {
	if text == "" {
		return false
	}
	accepted := midnight(d)
	if r.options.FilingsOnDate {
		// What may be seen on a session came by the end of the day before, and that is
		// the latest date that a dataset shows there.
		accepted = d.session.AddDays(-1).In(time.UTC)
	}
	r.result.History.Filings = append(r.result.History.Filings, data.Filing{
		Accepted: accepted,
		DateOnly: true,
		Form:     form,
		Text:     text,
	})
	return true
}

// midnight is how a date without a time is written in a history.
func midnight(d envDate) time.Time { return d.session.In(time.UTC) }
