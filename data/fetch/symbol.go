package fetch

import (
	"context"
	"fmt"

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
