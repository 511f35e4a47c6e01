package data

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Fetched says which dates of a symbol were asked of a vendor, so that a later
// fetch asks only for what is missing. The range is half-open: To is the first
// date that was not asked for.
type Fetched struct {
	Symbol string  `toml:"symbol" json:"symbol"`
	Kind   string  `toml:"kind" json:"kind"` // prices, news or filings
	Vendor string  `toml:"vendor" json:"vendor"`
	From   Session `toml:"from" json:"from"`
	To     Session `toml:"to" json:"to"`
	// At is when the vendor was asked last.
	At time.Time `toml:"fetched_at" json:"fetchedAt"`
}

// The kinds of what is fetched. They are also the names of the dataset's folders.
const (
	FetchedPrices  = "prices"
	FetchedNews    = "news"
	FetchedFilings = "filings"
)

// Validate reports the first field that does not make sense.
func (f Fetched) Validate() error {
	canonical, err := Canonical(f.Symbol)
	if err != nil {
		return err
	}
	switch {
	case canonical != f.Symbol:
		return fmt.Errorf("symbol %q: the canonical spelling is %s", f.Symbol, canonical)
	case f.Kind != FetchedPrices && f.Kind != FetchedNews && f.Kind != FetchedFilings:
		return fmt.Errorf("kind %q of %s: want %q, %q or %q", f.Kind, f.Symbol, FetchedPrices, FetchedNews, FetchedFilings)
	case f.Vendor == "":
		return fmt.Errorf("vendor of the %s of %s is empty", f.Kind, f.Symbol)
	}
	for _, s := range []Session{f.From, f.To} {
		if _, err := ParseSession(string(s)); err != nil {
			return fmt.Errorf("%s of %s: %w", f.Kind, f.Symbol, err)
		}
	}
	if f.To < f.From {
		return fmt.Errorf("%s of %s: the range ends on %s, before it begins on %s", f.Kind, f.Symbol, f.To, f.From)
	}
	return nil
}

// FetchedOf finds what was fetched of a symbol; ok is false where nothing was.
func (m Meta) FetchedOf(symbol, kind string) (f Fetched, ok bool) {
	i := slices.IndexFunc(m.Fetched, func(f Fetched) bool { return f.Symbol == symbol && f.Kind == kind })
	if i < 0 {
		return Fetched{}, false
	}
	return m.Fetched[i], true
}

// ownMeta is the description of the dataset without what was fetched of symbols
// that it does not have, such as those that were not read.
func (d *Dataset) ownMeta() Meta {
	m := d.Meta.clone()
	m.Fetched = slices.DeleteFunc(m.Fetched, func(f Fetched) bool {
		_, there := d.histories[f.Symbol]
		return !there
	})
	return m
}

// mergeFetched is what a dataset knows of its fetches once the symbols of another
// are in it: what it knew of a symbol that is replaced no longer holds.
func mergeFetched(old, added []Fetched, replaced []string) []Fetched {
	var merged []Fetched
	for _, f := range old {
		if !slices.Contains(replaced, f.Symbol) {
			merged = append(merged, f)
		}
	}
	merged = append(merged, added...)
	sortFetched(merged)
	return merged
}

func sortFetched(list []Fetched) {
	slices.SortStableFunc(list, func(a, b Fetched) int {
		return cmp.Or(cmp.Compare(a.Symbol, b.Symbol), cmp.Compare(kindOrder(a.Kind), kindOrder(b.Kind)))
	})
}

func kindOrder(kind string) int {
	return slices.Index([]string{FetchedPrices, FetchedNews, FetchedFilings}, kind)
}
