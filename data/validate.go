package data

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// priceSlack is by how much, relative to the price, a high may lie below or a
// low above the other prices of its bar. Adjusted prices carry rounding of about
// one part in ten million; more than this is another error.
const priceSlack = 1e-6

// Splits and dividends beyond these are slips.
const (
	largestSplit    = 10_000.0
	largestDividend = 1e6
)

// Validate reports what is wrong with a bar: a close that is missing or not
// positive, another price that is not positive or not finite, a high below or a
// low above the rest, a negative volume. NaN in any field but the close means
// missing and is fine.
func (b Bar) Validate() error {
	if _, err := ParseSession(string(b.Session)); err != nil {
		return err
	}
	for _, p := range []struct {
		name     string
		value    float64
		required bool
	}{
		{"close", b.Close, true}, {"open", b.Open, false}, {"high", b.High, false},
		{"low", b.Low, false}, {"adj_close", b.AdjClose, false},
	} {
		if math.IsNaN(p.value) && !p.required {
			continue
		}
		if !(p.value > 0) || math.IsInf(p.value, 1) {
			return fmt.Errorf("%s %v of %s: want a price above zero", p.name, p.value, b.Session)
		}
		if !usable(p.value) {
			return fmt.Errorf("%s %v of %s: want a price from %g to %g", p.name, p.value, b.Session, smallestPrice, largestPrice)
		}
	}
	if b.Volume < 0 || math.IsInf(b.Volume, 0) {
		return fmt.Errorf("volume %v of %s: want zero or more", b.Volume, b.Session)
	}
	// Comparisons with NaN are false, so missing values pass.
	for _, p := range []struct {
		name  string
		value float64
	}{{"open", b.Open}, {"close", b.Close}, {"low", b.Low}} {
		if b.High < p.value*(1-priceSlack) {
			return fmt.Errorf("high %v of %s below its %s %v", b.High, b.Session, p.name, p.value)
		}
	}
	for _, p := range []struct {
		name  string
		value float64
	}{{"open", b.Open}, {"close", b.Close}} {
		if b.Low > p.value*(1+priceSlack) {
			return fmt.Errorf("low %v of %s above its %s %v", b.Low, b.Session, p.name, p.value)
		}
	}
	return nil
}

// Validate reports what is wrong with an action.
func (a Action) Validate() error {
	if _, err := ParseSession(string(a.Session)); err != nil {
		return err
	}
	if a.Split != 0 && !(a.Split >= 1/largestSplit && a.Split <= largestSplit) {
		return fmt.Errorf("split %v of %s: want new shares per old share, such as 4 or 0.1, from %g to %g", a.Split, a.Session, 1/largestSplit, largestSplit)
	}
	if !(a.Dividend >= 0 && a.Dividend <= largestDividend) {
		return fmt.Errorf("dividend %v of %s: want cash per share, up to %g", a.Dividend, a.Session, largestDividend)
	}
	if a.Split == 0 && a.Dividend == 0 {
		return fmt.Errorf("action of %s has neither split nor dividend", a.Session)
	}
	return nil
}

// Validate reports what is wrong with an item: no time, a date-only time that is
// not midnight UTC, a negative count, sentiment out of range. An item without
// words is valid; it is left out of every [Day].
func (n News) Validate() error {
	if err := validateStamp("time", n.Time, n.DateOnly); err != nil {
		return err
	}
	if n.Copies < 0 {
		return fmt.Errorf("copies %d: want 1 or more", n.Copies)
	}
	if n.Summary != nil {
		if err := n.Summary.Validate(); err != nil {
			return err
		}
	}
	if n.Sentiment == nil {
		return nil
	}
	return n.Sentiment.Validate()
}

// Validate reports the first score out of its range.
func (s Sentiment) Validate() error {
	const slack = 1e-6 // scores are rounded sums of shares
	for _, p := range []struct {
		name       string
		value, low float64
	}{
		{"positive", s.Positive, 0}, {"neutral", s.Neutral, 0}, {"negative", s.Negative, 0}, {"compound", s.Compound, -1},
	} {
		if !(p.value >= p.low-slack && p.value <= 1+slack) {
			return fmt.Errorf("sentiment %s %v: want %v to 1", p.name, p.value, p.low)
		}
	}
	return nil
}

// Validate reports what is wrong with a filing: no acceptance time, no form, a
// period that is not a date.
func (f Filing) Validate() error {
	if err := validateStamp("accepted", f.Accepted, f.DateOnly); err != nil {
		return err
	}
	if f.Form == "" {
		return errors.New("form is empty; want 10-K, 10-Q or another")
	}
	if f.Summary != nil {
		if err := f.Summary.Validate(); err != nil {
			return err
		}
	}
	if f.Period != "" {
		if _, err := ParseSession(f.Period); err != nil {
			return fmt.Errorf("period: %w", err)
		}
	}
	return nil
}

func validateStamp(name string, t time.Time, dateOnly bool) error {
	if t.IsZero() {
		return fmt.Errorf("%s is missing", name)
	}
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return fmt.Errorf("%s: year %d: want 1 to 9999", name, y)
	}
	if dateOnly && !t.Equal(SessionOf(t.UTC()).In(time.UTC)) {
		return fmt.Errorf("%s %s is a date only and must be midnight UTC", name, t.Format(time.RFC3339))
	}
	return nil
}

// Validate reports the first thing wrong with a history: a symbol that is not
// canonical, a bar, document or action that is invalid, bars or actions that do
// not go from the oldest to the newest with each session once.
func (h History) Validate() error {
	canonical, err := Canonical(h.Symbol)
	if err != nil {
		return err
	}
	if canonical != h.Symbol {
		return fmt.Errorf("symbol %q: the canonical spelling is %s", h.Symbol, canonical)
	}
	for i, b := range h.Bars {
		if err := b.Validate(); err != nil {
			return fmt.Errorf("bars of %s: %w", h.Symbol, err)
		}
		if i > 0 && b.Session <= h.Bars[i-1].Session {
			return fmt.Errorf("bars of %s: %s follows %s; want each session once, oldest first", h.Symbol, b.Session, h.Bars[i-1].Session)
		}
	}
	for i, a := range h.Actions {
		if err := a.Validate(); err != nil {
			return fmt.Errorf("actions of %s: %w", h.Symbol, err)
		}
		if i > 0 && a.Session <= h.Actions[i-1].Session {
			return fmt.Errorf("actions of %s: %s follows %s; want each date once, oldest first", h.Symbol, a.Session, h.Actions[i-1].Session)
		}
	}
	for _, n := range h.News {
		if err := n.Validate(); err != nil {
			return fmt.Errorf("news of %s %q: %w", h.Symbol, n.Title, err)
		}
	}
	for _, f := range h.Filings {
		if err := f.Validate(); err != nil {
			return fmt.Errorf("filings of %s: %w", h.Symbol, err)
		}
	}
	return nil
}
