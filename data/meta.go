package data

import (
	"fmt"
	"slices"
	"strings"
)

// PriceKind says which parts of a bar a dataset's prices have.
type PriceKind string

// The price kinds. Where only closes are known, an order cannot be filled at an
// open; see docs/formats.md.
const (
	OHLCV     PriceKind = "ohlcv"      // open, high, low, close, volume
	CloseOnly PriceKind = "close-only" // one price per session
)

// Adjustment says which corporate actions the prices already contain. It
// decides what may be added to a position besides the prices: a dividend paid
// on total-return prices is counted twice.
type Adjustment string

// The adjustments.
const (
	Raw               Adjustment = "raw"     // as traded: neither splits nor dividends
	SplitAdjusted     Adjustment = "split"   // splits applied to earlier prices, dividends not
	TotalReturn       Adjustment = "total"   // splits and dividends applied
	UnknownAdjustment Adjustment = "unknown" // the source does not say
)

// Meta describes a dataset. It is the content of dataset.toml.
type Meta struct {
	Name     string   `toml:"name" json:"name"`
	Calendar string   `toml:"calendar" json:"calendar"` // a name [CalendarByName] knows
	Sources  []string `toml:"sources" json:"sources"`
	// AsOf is the ISO date on which the data was taken from its source, "" where
	// that is not known. Vendors rewrite the past: prices of one as-of do not
	// continue prices of another.
	AsOf string `toml:"as_of" json:"asOf"`
	// Synthetic marks made-up data; every report must say so.
	Synthetic  bool       `toml:"synthetic" json:"synthetic"`
	PriceKind  PriceKind  `toml:"price_kind" json:"priceKind"`
	Adjustment Adjustment `toml:"adjustment" json:"adjustment"`
	Notes      []string   `toml:"notes" json:"notes"`
	// Fetched has at most one entry for each symbol and kind; none where the data
	// was not fetched.
	Fetched []Fetched `toml:"fetched,omitempty" json:"fetched,omitempty"`
}

// Validate reports the first field that does not make sense.
func (m Meta) Validate() error {
	if strings.TrimSpace(m.Name) == "" {
		return fmt.Errorf("name is empty")
	}
	if _, err := calendarMaker(m.Calendar); err != nil {
		return err
	}
	if m.AsOf != "" {
		if _, err := ParseSession(m.AsOf); err != nil {
			return fmt.Errorf("as_of: %w", err)
		}
	}
	switch m.PriceKind {
	case OHLCV, CloseOnly:
	default:
		return fmt.Errorf("price_kind %q: want %q or %q", m.PriceKind, OHLCV, CloseOnly)
	}
	switch m.Adjustment {
	case Raw, SplitAdjusted, TotalReturn, UnknownAdjustment:
	default:
		return fmt.Errorf("adjustment %q: want %q, %q, %q or %q",
			m.Adjustment, Raw, SplitAdjusted, TotalReturn, UnknownAdjustment)
	}
	for i, f := range m.Fetched {
		if err := f.Validate(); err != nil {
			return fmt.Errorf("fetched: %w", err)
		}
		if slices.ContainsFunc(m.Fetched[:i], func(g Fetched) bool { return g.Symbol == f.Symbol && g.Kind == f.Kind }) {
			return fmt.Errorf("fetched: the %s of %s appear twice", f.Kind, f.Symbol)
		}
	}
	return nil
}

// clone is a copy that shares no slice with m. Absent lists become empty ones,
// so that both are written alike.
func (m Meta) clone() Meta {
	m.Sources = append([]string{}, m.Sources...)
	m.Notes = append([]string{}, m.Notes...)
	m.Fetched = append([]Fetched(nil), m.Fetched...)
	sortFetched(m.Fetched)
	return m
}
