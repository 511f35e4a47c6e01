package fetch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"finmem/data"
)

// A symbolResult is what a run makes of one symbol.
type symbolResult struct {
	history data.History
	fetched []data.Fetched
	sources []string
	changed bool
	summary SymbolSummary
}

// symbol fetches what is missing of a symbol. The result's summary is good even
// where there is an error.
func (f *fetching) symbol(ctx context.Context, symbol string, finished data.Session, step Step, want func(symbol, kind string) (from, to data.Session)) (symbolResult, error) {
	r := symbolResult{history: f.history(symbol), summary: SymbolSummary{Symbol: symbol, Parts: []Part{}}}
	for _, kind := range []struct {
		name, vendor string
		fetch        func(context.Context, *symbolResult, *Part, Range, Range, Step) (Range, error)
		end          data.Session // the first date that can not be fetched yet
		complete     data.Session // the first date that is not complete yet
	}{
		{data.FetchedPrices, nameOf(f.sources.Prices), f.prices, finished.AddDays(1), finished.AddDays(1)},
		{data.FetchedNews, nameOf(f.sources.News), f.news, f.today().AddDays(1), f.today()},
		{data.FetchedFilings, nameOf(f.sources.Filings), f.filings, f.today().AddDays(1), f.today()},
	} {
		before, recorded := data.Fetched{}, false
		if f.old != nil {
			before, recorded = f.old.Meta.FetchedOf(symbol, kind.name)
		}
		if kind.vendor == "" {
			if recorded {
				r.fetched = append(r.fetched, before)
			}
			continue
		}
		if recorded && before.Vendor != kind.vendor {
			return r, &mixedVendors{symbol, kind.name, before.Vendor, kind.vendor, f.dir}
		}
		from, to := want(symbol, kind.name)
		wanted, have := Range{from, min(to, kind.end)}, f.have(symbol, kind.name)
		part := newPart(kind.name, kind.vendor)
		var got Range
		var err error
		if missing := wanted.without(have); len(missing) == 0 {
			got = have
		} else {
			step.Kind, step.Vendor = kind.name, kind.vendor
			got, err = kind.fetch(ctx, &r, &part, wanted, have, step)
		}
		r.summary.Parts = append(r.summary.Parts, part)
		if err != nil {
			return r, fmt.Errorf("%s of %s: %w", kind.name, symbol, err)
		}
		// Dates that are not over are asked for again.
		got.To = max(min(got.To, kind.complete), got.From)
		record := data.Fetched{Symbol: symbol, Kind: kind.name, Vendor: kind.vendor, From: got.From, To: got.To, At: before.At}
		if len(part.Asked) > 0 {
			record.At = f.now.UTC().Truncate(1e9)
			r.changed = r.changed || part.Added > 0 || part.Replaced > 0 || part.Restated || before.From != got.From || before.To != got.To
		}
		if !got.Empty() || len(part.Asked) > 0 {
			r.fetched = append(r.fetched, record)
		}
		r.sources = append(r.sources, kind.vendor+" "+kind.name)
	}
	if n := len(r.history.Bars); n > 0 {
		r.summary.First, r.summary.Last = r.history.Bars[0].Session, r.history.Bars[n-1].Session
	} else {
		return r, fmt.Errorf("no prices of %s: name a source of prices", symbol)
	}
	return r, nil
}

// nameOf is the name of a source, "" for none.
func nameOf(source interface{ Name() string }) string {
	if source == nil {
		return ""
	}
	return source.Name()
}

// without are the parts of a range that another, which it should continue, does
// not have: at most one before and one after. A gap between the two is asked for
// as well, so that what is had stays one range.
func (r Range) without(have Range) []Range {
	if r.Empty() {
		return nil
	}
	if have.Empty() {
		return []Range{r}
	}
	var missing []Range
	if r.From < have.From {
		missing = append(missing, Range{r.From, have.From})
	}
	if r.To > have.To {
		missing = append(missing, Range{have.To, r.To})
	}
	return missing
}

// ask tells of a step and says whether its vendor may be asked.
func (f *fetching) ask(ctx context.Context, part *Part, r Range, step Step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.blocked[part.Vendor]; err != nil {
		return fmt.Errorf("not asked, since it failed before: %w", err)
	}
	step.Range = r
	if f.opts.Progress != nil {
		f.opts.Progress(step)
	}
	part.Asked = append(part.Asked, r)
	return nil
}

// failed remembers a vendor that is not to be asked for further symbols, because
// a limit was waited for in vain or nothing answers at all.
func (f *fetching) failed(vendor string, err error) error {
	switch KindOf(err) {
	case RateLimited, NetworkFailed:
		f.blocked[vendor] = err
	}
	return err
}

// overlapSlack is by how much, relative to the price, the bar that both the
// dataset and an answer have may differ and still be the same. Splits and
// dividends change prices by far more, rounding by far less.
const overlapSlack = 1e-5

// prices fetches the bars and actions that are missing. Each question includes one
// bar that the dataset has: where it came out differently, the vendor has
// rewritten the past, and the whole series is fetched anew.
func (f *fetching) prices(ctx context.Context, r *symbolResult, part *Part, wanted, have Range, step Step) (Range, error) {
	bars := r.history.Bars
	got := Range{min(wanted.From, orFirst(have.From, wanted.From)), max(wanted.To, have.To)}
	restated := ""
	for _, missing := range wanted.without(have) {
		if _, err := f.calendar.Range(missing.From, missing.Last()); err != nil && !have.Empty() {
			continue // no session among them, so there is nothing to ask for
		}
		asked := missing
		if n := len(bars); n > 0 && !have.Empty() {
			if missing.From < have.From {
				asked.To = max(asked.To, bars[0].Session.AddDays(1))
			} else {
				asked.From = min(asked.From, bars[n-1].Session)
			}
		}
		p, err := f.askPrices(ctx, part, r.history.Symbol, asked, step)
		if err != nil {
			return Range{}, err
		}
		if restated = rewritten(bars, p.Bars); restated != "" {
			break
		}
		part.mergeBars(&r.history, p, asked)
		f.noteMissing(part, r.history, missing)
	}
	if restated != "" {
		part.Restated = true
		part.Note("the vendor has rewritten the past (%s): the whole series was fetched anew", restated)
		p, err := f.askPrices(ctx, part, r.history.Symbol, got, step)
		if err != nil {
			return Range{}, err
		}
		if err := replaces(bars, p.Bars); err != nil {
			return Range{}, err
		}
		r.history.Bars, r.history.Actions = nil, nil
		part.Known, part.Added, part.Replaced = 0, 0, 0
		part.mergeBars(&r.history, p, got)
		part.Added -= len(bars)
		part.Replaced = len(bars)
		f.noteMissing(part, r.history, got)
	}
	// Sessions at the end that the vendor did not have are asked for again.
	if n := len(r.history.Bars); n > 0 {
		got.To = min(got.To, r.history.Bars[n-1].Session.AddDays(1))
	}
	return got, nil
}

func orFirst(s, other data.Session) data.Session {
	if s == "" {
		return other
	}
	return s
}

// askPrices asks the source and leaves out bars on dates without a session.
func (f *fetching) askPrices(ctx context.Context, part *Part, symbol string, r Range, step Step) (Prices, error) {
	if err := f.ask(ctx, part, r, step); err != nil {
		return Prices{}, err
	}
	p, err := f.sources.Prices.Prices(ctx, symbol, f.calendar, r)
	if err != nil {
		return Prices{}, f.failed(part.Vendor, err)
	}
	p.Bars = slices.DeleteFunc(p.Bars, func(b data.Bar) bool {
		if f.calendar.IsSession(b.Session) {
			return false
		}
		p.Skip(string(b.Session), "no session of the %s calendar", f.calendar.Name())
		return true
	})
	if p.Actions, err = f.calendar.OnSessions(p.Actions); err != nil {
		return Prices{}, err
	}
	p.orderActions()
	part.add(p.Tally)
	if len(p.Bars) == 0 {
		return Prices{}, &Error{Kind: Empty, Vendor: part.Vendor, Message: fmt.Sprintf("no prices for %s in %s", symbol, r)}
	}
	return p, nil
}

// rewritten says how a bar that both series have differs, "" where none does.
func rewritten(old, fresh []data.Bar) string {
	for _, b := range fresh {
		i, found := findBar(old, b.Session)
		if !found {
			continue
		}
		for _, v := range []struct {
			name     string
			old, new float64
		}{{"close", old[i].Close, b.Close}, {"adjusted close", old[i].AdjClose, b.AdjClose}} {
			if math.Abs(v.new-v.old) > overlapSlack*math.Abs(v.old) {
				return fmt.Sprintf("the %s of %s was %v and is %v", v.name, b.Session, v.old, v.new)
			}
		}
	}
	return ""
}

func findBar(bars []data.Bar, s data.Session) (int, bool) {
	return slices.BinarySearchFunc(bars, s, func(b data.Bar, s data.Session) int { return strings.Compare(string(b.Session), string(s)) })
}

// replaces checks that a series that takes the place of another has all of its
// sessions.
func replaces(old, fresh []data.Bar) error {
	var lost []data.Session
	for _, b := range old {
		if _, found := findBar(fresh, b.Session); !found {
			lost = append(lost, b.Session)
		}
	}
	if len(lost) > 0 {
		return Errorf(Refused, "the vendor has rewritten the past, and its new series lacks %d sessions that the dataset has, the first of them %s: fetch into another folder", len(lost), lost[0])
	}
	return nil
}

// mergeBars puts bars and actions into a history. Within the range, what came
// takes the place of what was there.
func (p *Part) mergeBars(h *data.History, fresh Prices, r Range) {
	bars := make([]data.Bar, 0, len(h.Bars)+len(fresh.Bars))
	for _, b := range h.Bars {
		if _, again := findBar(fresh.Bars, b.Session); !again {
			bars = append(bars, b)
		}
	}
	for _, b := range fresh.Bars {
		switch i, there := findBar(h.Bars, b.Session); {
		case !there:
			p.Added++
		case sameBar(h.Bars[i], b):
			p.Known++
		default:
			p.Replaced++
		}
		bars = append(bars, b)
	}
	slices.SortFunc(bars, func(a, b data.Bar) int { return strings.Compare(string(a.Session), string(b.Session)) })
	h.Bars = bars
	var actions []data.Action
	for _, a := range h.Actions {
		if !r.Contains(a.Session) {
			actions = append(actions, a)
		}
	}
	for _, a := range fresh.Actions {
		// One on a date without trading may have moved out of the range.
		if !slices.ContainsFunc(actions, func(b data.Action) bool { return b.Session == a.Session }) {
			actions = append(actions, a)
		}
	}
	slices.SortFunc(actions, func(a, b data.Action) int { return strings.Compare(string(a.Session), string(b.Session)) })
	h.Actions = actions
}

func sameBar(a, b data.Bar) bool {
	same := func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }
	return same(a.Open, b.Open) && same(a.High, b.High) && same(a.Low, b.Low) &&
		same(a.Close, b.Close) && same(a.AdjClose, b.AdjClose) && same(a.Volume, b.Volume)
}

// noteMissing names the sessions of a range without a bar. A series that begins
// or ends within the range is no gap, but is said as well: nothing is made up for
// it, and nothing is sold because of it.
func (f *fetching) noteMissing(part *Part, h data.History, r Range) {
	sessions, err := f.calendar.Range(r.From, r.Last())
	if err != nil {
		return
	}
	var gone []string
	for _, s := range sessions {
		if _, found := findBar(h.Bars, s); !found {
			gone = append(gone, string(s))
		}
	}
	if len(gone) == 0 {
		return
	}
	if first := string(h.Bars[0].Session); gone[0] < first {
		before := 0
		for before < len(gone) && gone[before] < first {
			before++
		}
		part.Note("prices begin on %s, %d sessions after the start of the range", first, before)
		if gone = gone[before:]; len(gone) == 0 {
			return
		}
	}
	const most = 5
	shown := strings.Join(gone[:min(len(gone), most)], ", ")
	if len(gone) > most {
		shown += ", …, " + gone[len(gone)-1]
	}
	if len(gone) == 1 {
		part.Note("1 session missing (%s)", shown)
	} else {
		part.Note("%d sessions missing (%s)", len(gone), shown)
	}
}

// pieces splits the missing parts of a range at today, so that what is complete
// can be kept.
func (f *fetching) pieces(wanted, have Range) []Range {
	var pieces []Range
	for _, m := range wanted.without(have) {
		if today := f.today(); m.From < today && today < m.To {
			pieces = append(pieces, Range{m.From, today}, Range{today, m.To})
		} else {
			pieces = append(pieces, m)
		}
	}
	return pieces
}

// news fetches the news that are missing.
func (f *fetching) news(ctx context.Context, r *symbolResult, part *Part, wanted, have Range, step Step) (Range, error) {
	for _, piece := range f.pieces(wanted, have) {
		if err := f.ask(ctx, part, piece, step); err != nil {
			return Range{}, err
		}
		got, err := f.sources.News.News(ctx, r.history.Symbol, f.calendar, piece)
		if err != nil {
			return Range{}, f.failed(part.Vendor, err)
		}
		part.add(got.Tally)
		f.mergeNews(&r.history, part, f.within(got.Items, piece))
	}
	return span(wanted, have), nil
}

// filings fetches the filings that are missing.
func (f *fetching) filings(ctx context.Context, r *symbolResult, part *Part, wanted, have Range, step Step) (Range, error) {
	for _, piece := range f.pieces(wanted, have) {
		if err := f.ask(ctx, part, piece, step); err != nil {
			return Range{}, err
		}
		got, err := f.sources.Filings.Filings(ctx, r.history.Symbol, f.calendar, piece)
		if err != nil {
			return Range{}, f.failed(part.Vendor, err)
		}
		part.add(got.Tally)
		f.mergeNews(&r.history, part, got.News)
		f.mergeFilings(&r.history, part, got.Items)
	}
	return span(wanted, have), nil
}

// span is the range from the first to the last date of two.
func span(a, b Range) Range {
	if b.Empty() {
		return a
	}
	return Range{min(a.From, b.From), max(a.To, b.To)}
}

// within are the items of a range; vendors send more than they were asked for.
func (f *fetching) within(items []data.News, r Range) []data.News {
	from, to := r.Instants(f.calendar.Location())
	var inside []data.News
	for _, n := range items {
		in := !n.Time.Before(from) && n.Time.Before(to)
		if n.DateOnly {
			in = r.Contains(data.SessionOf(n.Time.UTC()))
		}
		if in {
			inside = append(inside, n)
		}
	}
	return inside
}

// mergeNews adds the items that the history does not have. An item is the one that
// is there if its words and its address or its time are, or its address and its
// time.
func (f *fetching) mergeNews(h *data.History, part *Part, items []data.News) {
	seen := make(map[string]bool)
	h.News = slices.Clone(h.News)
	for _, n := range h.News {
		for _, key := range newsKeys(n) {
			seen[key] = true
		}
	}
	for _, n := range items {
		switch {
		case strings.TrimSpace(n.Title) == "" && strings.TrimSpace(n.Text) == "":
			part.Skip(n.Time.Format("2006-01-02 15:04"), "news without a word")
			continue
		case n.Time.After(f.now):
			part.Skip(n.Title, "stamped %s, which is after the time of asking", n.Time.Format("2006-01-02 15:04 MST"))
			continue
		}
		n.Time, n.Copies = n.Time.UTC(), max(n.Copies, 1)
		if err := n.Validate(); err != nil {
			part.Skip(n.Title, "%v", err)
			continue
		}
		keys := newsKeys(n)
		if slices.ContainsFunc(keys, func(k string) bool { return seen[k] }) {
			part.Known++
			continue
		}
		for _, key := range keys {
			seen[key] = true
		}
		part.Added++
		h.News = append(h.News, n)
	}
}

func newsKeys(n data.News) []string {
	words := strings.ToLower(strings.Join(strings.Fields(n.Title+"\x00"+n.Text), " "))
	at := n.Time.UTC().Format("2006-01-02T15:04:05.999999999")
	keys := []string{"t\x00" + at + "\x00" + words}
	if n.URL != "" {
		keys = append(keys, "w\x00"+n.URL+"\x00"+words, "u\x00"+n.URL+"\x00"+at)
	}
	return keys
}

// mergeFilings adds the filings that the history does not have: those of another
// form, time or period.
func (f *fetching) mergeFilings(h *data.History, part *Part, items []data.Filing) {
	h.Filings = slices.Clone(h.Filings)
	for _, x := range items {
		same := func(y data.Filing) bool {
			return y.Form == x.Form && y.Accepted.Equal(x.Accepted) && y.Period == x.Period && (x.Text == y.Text || y.Summary != nil)
		}
		if err := x.Validate(); err != nil {
			part.Skip(x.Form, "%v", err)
		} else if slices.ContainsFunc(h.Filings, same) {
			part.Known++
		} else {
			part.Added++
			h.Filings = append(h.Filings, x)
		}
	}
}
