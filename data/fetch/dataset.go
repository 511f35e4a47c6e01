package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"finmem/data"
	"finmem/data/sentiment"
)

// Sources are where to ask. A nil one is not asked.
type Sources struct {
	Prices  PriceSource
	News    NewsSource
	Filings FilingSource
}

// Options set how a dataset is fetched.
type Options struct {
	// Now tells the time. It must be set.
	Now func() time.Time
	// Settle is how long after its close the bar of a session is believed; vendors
	// mend the last prices of a session for some minutes.
	Settle time.Duration
	// Name is that of a new dataset; "" is the folder's.
	Name string
	// Symbols are those that Update asks for; none means all of the dataset.
	Symbols []string
	// Progress, if set, is told before each question to a vendor.
	Progress func(Step)
}

// A Step is one question to a vendor.
type Step struct {
	Symbol, Kind, Vendor string
	Range                Range
	Done, Total          int // symbols
}

// HiddenFolder is the folder inside a dataset that [Fetch] keeps its lock in. It is
// also where commands keep answers. Nothing that reads a dataset looks into it.
const HiddenFolder = ".fetch"

// ErrBusy is returned when another fetch is at work on the same folder.
var ErrBusy = errors.New("another fetch is at work on this folder")

var errNoClock = errors.New("fetch: a clock is needed")

// Incomplete says that of some symbols nothing new was stored, because something
// of theirs could not be had. The others were stored.
type Incomplete struct {
	Failed []string // symbols
	Total  int
	// First is the error of the first of them.
	First error
}

func (e *Incomplete) Error() string {
	return fmt.Sprintf("%d of %d symbols could not be fetched: %s: %v", len(e.Failed), e.Total, strings.Join(e.Failed, ", "), e.First)
}

func (e *Incomplete) Unwrap() error { return e.First }

// Fetch makes the dataset in dir hold the symbols over a range of dates: a new
// dataset, or one that is there, of which only what is missing is asked for. The
// range is cut at the last session that is over.
//
// A symbol is stored as a whole or stays as it was; symbols of which something
// could not be had are named by an [*Incomplete]. A key that is missing or refused
// ends the fetch at once and stores nothing, and so does a cancelled context.
func Fetch(ctx context.Context, dir string, symbols []string, r Range, s Sources, o Options) (Summary, error) {
	if len(symbols) == 0 {
		return Summary{}, errors.New("no symbol to fetch")
	}
	wanted := make([]string, 0, len(symbols))
	for _, symbol := range symbols {
		canonical, err := data.Canonical(symbol)
		if err != nil {
			return Summary{}, err
		}
		if !slices.Contains(wanted, canonical) {
			wanted = append(wanted, canonical)
		}
	}
	if r.Empty() {
		return Summary{}, fmt.Errorf("range %s to %s: the start lies after the end", r.From, r.Last())
	}
	if o.Now == nil {
		return Summary{}, errNoClock
	}
	calendar, err := goTogether(wanted)
	if err != nil {
		return Summary{}, err
	}
	if _, err := calendar.Range(r.From, r.Last()); err != nil {
		return Summary{}, err
	}
	if finished, err := lastOver(calendar, o.Now(), o.Settle); err != nil {
		return Summary{}, err
	} else if r.From > finished {
		return Summary{}, fmt.Errorf("range %s to %s: the last session that is over is %s", r.From, r.Last(), finished)
	}
	f, err := open(ctx, dir, wanted, s, o)
	if err != nil {
		return Summary{}, err
	}
	defer f.close()
	return f.run(ctx, wanted, func(string, string) (data.Session, data.Session) { return r.From, r.To })
}

// Update brings the dataset in dir from where each symbol's series end to the
// clock's time, asking only for what is missing. Kinds that were never fetched of
// a symbol are fetched from its first bar on if there is a source for them. It
// prints nothing; otherwise it is like [Fetch].
func Update(ctx context.Context, dir string, s Sources, o Options) (Summary, error) {
	f, err := open(ctx, dir, nil, s, o)
	if err != nil {
		return Summary{}, err
	}
	defer f.close()
	wanted := f.old.Symbols()
	if len(o.Symbols) > 0 {
		wanted = nil
		for _, symbol := range o.Symbols {
			h, err := f.old.History(symbol)
			if err != nil {
				return Summary{}, err
			}
			if !slices.Contains(wanted, h.Symbol) {
				wanted = append(wanted, h.Symbol)
			}
		}
	}
	if len(wanted) == 0 {
		return Summary{}, fmt.Errorf("%s has no symbol to update", dir)
	}
	return f.run(ctx, wanted, func(symbol, kind string) (data.Session, data.Session) {
		return f.start(symbol, kind), f.today().AddDays(1)
	})
}

// A fetching is one run on one folder.
type fetching struct {
	dir      string
	sources  Sources
	opts     Options
	calendar *data.Calendar
	now      time.Time
	old      *data.Dataset // nil where there is none yet
	lock     *flock.Flock
	analyzer *sentiment.Analyzer
	// blocked has the vendors that are not asked again in this run, with the reason.
	blocked map[string]error
}

// open reads what is there and checks, before anybody is asked, that what comes
// can be stored. symbols are those that may be new.
func open(ctx context.Context, dir string, symbols []string, s Sources, o Options) (*fetching, error) {
	if o.Now == nil {
		return nil, errNoClock
	}
	f := &fetching{
		dir: dir, sources: s, opts: o, now: o.Now(), analyzer: sentiment.New(), blocked: make(map[string]error),
	}
	// The lock makes a folder, so first comes what forbids that.
	_, _, err := data.Describe(ctx, dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(symbols) == 0:
		return nil, fmt.Errorf("%s is not a dataset folder; fetch into it first", dir)
	case errors.Is(err, fs.ErrNotExist):
		err = emptyFolder(dir)
	}
	if err != nil {
		return nil, err
	}
	if err := f.acquire(); err != nil {
		return nil, err
	}
	if err := f.read(ctx, symbols); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// emptyFolder reports a folder that holds other things than a dataset.
func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			return fmt.Errorf("%s holds %s but no dataset.toml: choose a new or empty folder", dir, e.Name())
		}
	}
	return nil
}

// acquire keeps others from fetching into the folder.
func (f *fetching) acquire() error {
	hidden := filepath.Join(f.dir, HiddenFolder)
	if err := os.MkdirAll(hidden, 0o755); err != nil {
		return fmt.Errorf("fetch into %s: %w", f.dir, err)
	}
	f.lock = flock.New(filepath.Join(hidden, "lock"))
	got, err := f.lock.TryLock()
	if err != nil {
		return fmt.Errorf("fetch into %s: %w", f.dir, err)
	}
	if !got {
		return fmt.Errorf("%s: %w", f.dir, ErrBusy)
	}
	return nil
}

func (f *fetching) close() {
	if f.lock != nil {
		_ = f.lock.Unlock() // the process's end would do the same
	}
}

// read loads the dataset that is there, chooses the calendar and checks that the
// sources go with it.
func (f *fetching) read(ctx context.Context, symbols []string) error {
	d, err := data.ReadDataset(ctx, f.dir)
	switch {
	case err == nil:
		f.old = d
		f.calendar, err = data.CalendarByName(d.Meta.Calendar)
	case errors.Is(err, fs.ErrNotExist):
		f.calendar, err = goTogether(symbols)
	}
	if err != nil {
		return err
	}
	if len(symbols) > 0 && data.IsPair(symbols[0]) != (f.calendar.Name() == "24/7") {
		return fmt.Errorf("%s does not go with the %s calendar: shares and pairs are fetched into different folders", symbols[0], f.calendar.Name())
	}
	if !f.hasPrices() || f.sources.Prices == nil {
		return nil
	}
	m, source := f.old.Meta, f.sources.Prices
	noDividends := func(a data.Adjustment) bool { return a == data.TotalReturn || a == data.UnknownAdjustment }
	switch {
	case m.Synthetic:
		return fmt.Errorf("%s holds made-up data; choose another folder", f.dir)
	case m.PriceKind != data.OHLCV:
		return fmt.Errorf("%s has prices of the kind %q, those of %s are %q; choose another folder", f.dir, m.PriceKind, source.Name(), data.OHLCV)
	case m.Adjustment != source.Adjustment() && !(noDividends(m.Adjustment) && noDividends(source.Adjustment())):
		return fmt.Errorf("%s has prices of the adjustment %q, those of %s are %q: they do not mix; choose another folder or another source",
			f.dir, m.Adjustment, source.Name(), source.Adjustment())
	}
	return nil
}

// hasPrices reports whether the dataset has prices or actions of any symbol. Where
// it has none, what it says of its prices binds nobody.
func (f *fetching) hasPrices() bool {
	if f.old == nil {
		return false
	}
	return slices.ContainsFunc(f.old.Symbols(), func(symbol string) bool {
		h := f.history(symbol)
		return len(h.Bars)+len(h.Actions) > 0
	})
}

// goTogether is the calendar of symbols, which is that of the exchange or, for
// pairs, of the days.
func goTogether(symbols []string) (*data.Calendar, error) {
	for _, symbol := range symbols {
		if data.IsPair(symbol) != data.IsPair(symbols[0]) {
			return nil, fmt.Errorf("%s does not go with %s: shares and pairs are fetched into different folders", symbol, symbols[0])
		}
	}
	if len(symbols) > 0 && data.IsPair(symbols[0]) {
		return data.Always(), nil
	}
	return data.NYSE(), nil
}

// today is the date of the clock in the exchange's time zone.
func (f *fetching) today() data.Session { return data.SessionOf(f.now.In(f.calendar.Location())) }

// lastOver is the last session that was over at an instant, and was for settle.
func lastOver(calendar *data.Calendar, now time.Time, settle time.Duration) (data.Session, error) {
	today := data.SessionOf(now.In(calendar.Location()))
	if calendar.IsSession(today) && !now.Before(calendar.Close(today).Add(settle)) {
		return today, nil
	}
	return calendar.Prev(today)
}

// history is what the dataset has of a symbol.
func (f *fetching) history(symbol string) data.History {
	if f.old != nil {
		if h, err := f.old.History(symbol); err == nil {
			return h
		}
	}
	return data.History{Symbol: symbol}
}

// have is the range of dates that the dataset has of a symbol, empty where it has
// nothing. What was not fetched reaches from its first to its last bar.
func (f *fetching) have(symbol, kind string) Range {
	if f.old == nil {
		return Range{}
	}
	if x, ok := f.old.Meta.FetchedOf(symbol, kind); ok {
		return Range{From: x.From, To: x.To}
	}
	if bars := f.history(symbol).Bars; kind == data.FetchedPrices && len(bars) > 0 {
		return Days(bars[0].Session, bars[len(bars)-1].Session)
	}
	return Range{}
}

// start is the date from which an update wants a kind.
func (f *fetching) start(symbol, kind string) data.Session {
	if have := f.have(symbol, kind); !have.Empty() {
		return have.From
	}
	if have := f.have(symbol, data.FetchedPrices); !have.Empty() {
		return have.From
	}
	return f.today()
}

// run fetches the symbols one after the other and stores what came. want says
// which dates are wanted of a symbol and kind: the first, and the first that is
// not.
func (f *fetching) run(ctx context.Context, symbols []string, want func(symbol, kind string) (from, to data.Session)) (Summary, error) {
	summary := Summary{Dataset: f.dir, FetchedAt: f.now.UTC(), Symbols: []SymbolSummary{}}
	finished, err := lastOver(f.calendar, f.now, f.opts.Settle)
	if err != nil {
		return summary, err
	}
	summary.Through = finished
	var results []symbolResult
	failure := &Incomplete{Total: len(symbols)}
	for i, symbol := range symbols {
		r, err := f.symbol(ctx, symbol, finished, Step{Symbol: symbol, Done: i, Total: len(symbols)}, want)
		if err != nil {
			if ctx.Err() != nil || endsAll(err) {
				return summary, err
			}
			r.summary.Error = err.Error()
			failure.Failed = append(failure.Failed, symbol)
			if failure.First == nil {
				failure.First = err
			}
		} else if r.changed {
			results = append(results, r)
		}
		summary.Symbols = append(summary.Symbols, r.summary)
	}
	if len(results) > 0 {
		if err := f.store(ctx, results); err != nil {
			return summary, err
		}
		summary.Written = true
	}
	if len(failure.Failed) > 0 {
		return summary, failure
	}
	return summary, nil
}

// endsAll reports whether an error concerns all symbols alike.
func endsAll(err error) bool {
	var mixed *mixedVendors
	kind := KindOf(err)
	return kind == KeyMissing || kind == KeyRefused || errors.As(err, &mixed)
}

// mixedVendors says that a series would be continued by another vendor's.
type mixedVendors struct{ symbol, kind, old, vendor, dir string }

func (e *mixedVendors) Error() string {
	return fmt.Sprintf("the %s of %s in %s come from %s; %s does not continue them: ask %s, or choose another folder",
		e.kind, e.symbol, e.dir, e.old, e.vendor, e.old)
}

// store writes what came of the symbols.
func (f *fetching) store(ctx context.Context, results []symbolResult) error {
	meta := data.Meta{
		Name: f.opts.Name, Calendar: f.calendar.Name(), AsOf: string(f.today()),
		PriceKind: data.OHLCV, Sources: []string{}, Notes: []string{},
	}
	if meta.Name == "" {
		if abs, err := filepath.Abs(f.dir); err == nil {
			meta.Name = filepath.Base(abs)
		}
	}
	if f.old != nil {
		old := f.old.Meta
		meta.Name, meta.PriceKind, meta.Adjustment, meta.Synthetic = old.Name, old.PriceKind, old.Adjustment, old.Synthetic
		meta.Sources, meta.Notes = slices.Clone(old.Sources), slices.Clone(old.Notes)
	}
	if f.sources.Prices != nil {
		switch adjustment := f.sources.Prices.Adjustment(); {
		case !f.hasPrices():
			meta.Adjustment, meta.PriceKind = adjustment, data.OHLCV
		case meta.Adjustment != adjustment:
			meta.Adjustment = data.UnknownAdjustment // the one mixture that open lets pass
		}
	}
	var histories []data.History
	for _, r := range results {
		if _, err := f.analyzer.Fill(ctx, &r.history); err != nil {
			return err
		}
		histories = append(histories, r.history)
		meta.Fetched = append(meta.Fetched, r.fetched...)
		for _, source := range r.sources {
			if !slices.Contains(meta.Sources, source) {
				meta.Sources = append(meta.Sources, source)
			}
		}
	}
	d, err := data.NewDataset(meta, histories...)
	if err != nil {
		return fmt.Errorf("what was fetched: %w", err)
	}
	return data.WriteDataset(ctx, f.dir, d, data.WriteOptions{Replace: true})
}
