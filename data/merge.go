package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// ErrConflict is wrapped by the error of [Merge] and [MergeDataset] where new
// bars or actions contradict those that are there. Vendors rewrite the past, so
// the way on is to take all of the symbol anew, and replace it.
var ErrConflict = errors.New("the new data contradicts what is there")

// A Merged says what became of the new data of one symbol.
type Merged struct {
	Symbol  string `json:"symbol"`
	Bars    Joined `json:"bars"`
	Actions Joined `json:"actions"`
	News    Joined `json:"news"`
	Filings Joined `json:"filings"`
	// Notes are what a person should know of the seam between old and new.
	Notes []string `json:"notes"`
}

// Joined counts the new data of one kind.
type Joined struct {
	Added int `json:"added"` // that was not there
	Same  int `json:"same"`  // that was
}

// MergeDataset adds what a dataset holds to a dataset folder, to the symbols that
// the folder has as well: see [Merge]. It writes all of it or nothing, as
// [WriteDataset] does, and makes the folder if it is not there.
func MergeDataset(ctx context.Context, dir string, d *Dataset) ([]Merged, error) {
	report := allNew(d)
	err := changeDataset(ctx, dir, d, nil, func(f folder) (change, error) {
		var c change
		var err error
		c, report, err = planMerge(ctx, f, d)
		return c, err
	})
	if err != nil {
		return nil, err
	}
	return report, nil
}

// allNew says that all of a dataset is new.
func allNew(d *Dataset) []Merged {
	var report []Merged
	for _, s := range d.Symbols() {
		h := d.histories[s]
		report = append(report, Merged{
			Symbol: s, Bars: Joined{Added: len(h.Bars)}, Actions: Joined{Added: len(h.Actions)},
			News: Joined{Added: len(h.News)}, Filings: Joined{Added: len(h.Filings)}, Notes: []string{},
		})
	}
	return report
}

// planMerge joins the symbols of d with what the folder has of them.
func planMerge(ctx context.Context, f folder, d *Dataset) (change, []Merged, error) {
	c := change{histories: make(map[string]History, len(d.histories))}
	var report []Merged
	for _, s := range d.Symbols() {
		there, _, err := readHistory(ctx, f.view, s, f.symbols[s])
		if err != nil {
			return change{}, nil, err
		}
		h, m, err := Merge(there, d.histories[s])
		if err != nil {
			return change{}, nil, err
		}
		c.histories[s], report = h, append(report, m)
	}
	var err error
	c.meta, err = f.merge(d)
	return c, report, err
}

// Join is a dataset of what several have, put together one after the other as
// [MergeDataset] does. Its name is that of the first; notes are what a person
// should know of the seams, such as [Merged] has.
func Join(first *Dataset, others ...*Dataset) (d *Dataset, notes []string, err error) {
	joined := &Dataset{Meta: first.Meta.clone(), histories: maps.Clone(first.histories), folded: make(map[string]int)}
	f := folder{dir: first.Meta.Name, meta: joined.Meta, symbols: make(map[string][]string)}
	f.note(first)
	for _, d := range others {
		meta, err := f.merge(d)
		if err != nil {
			return nil, nil, fmt.Errorf("join %s: %w", strings.Join(d.Symbols(), ", "), err)
		}
		for _, s := range d.Symbols() {
			h, there := joined.histories[s]
			if !there {
				joined.histories[s] = d.histories[s]
				continue
			}
			h, m, err := Merge(h, d.histories[s])
			if err != nil {
				return nil, nil, fmt.Errorf("join: %w", err)
			}
			for _, n := range m.Notes {
				notes = append(notes, s+": "+n)
			}
			joined.histories[s] = h
		}
		joined.Meta, f.meta = meta, meta
		f.note(d)
	}
	return joined, notes, nil
}

// note says that a folder has what a dataset has.
func (f folder) note(d *Dataset) {
	for s, h := range d.histories {
		for _, part := range symbolFiles() {
			if !part.empty(h) && !slices.Contains(f.symbols[s], part.folder) {
				f.symbols[s] = append(f.symbols[s], part.folder)
			}
		}
	}
}

// Merge is a history with what another one of the same symbol adds to it:
//
//   - Bars and actions are joined by their session. Where both have one, what is
//     missing in one comes from the other, and what both have must be the same to
//     the last digit, or else the error wraps [ErrConflict]: two vintages of a
//     series do not continue each other.
//   - News and filings are joined by their content: an item with the same time,
//     title (or form) and text is the same one. The item that is there stays, and
//     gains a source, an address, a sentiment or a period that it lacks. A text of
//     which the history has a summary is that item. An item that stands several
//     times in one of the two stands as often in the result, so that merging the
//     same data again adds nothing.
//
// It does not change its arguments.
func Merge(there, added History) (History, Merged, error) {
	if there.Symbol != added.Symbol {
		return History{}, Merged{}, fmt.Errorf("merge %s into %s: two symbols", added.Symbol, there.Symbol)
	}
	h := History{Symbol: there.Symbol}
	m := Merged{Symbol: there.Symbol, Notes: []string{}}
	var err error
	if h.Bars, m.Bars, err = mergeBars(there.Bars, added.Bars); err != nil {
		return History{}, Merged{}, fmt.Errorf("merge bars of %s: %w", h.Symbol, err)
	}
	if h.Actions, m.Actions, err = mergeActions(there.Actions, added.Actions); err != nil {
		return History{}, Merged{}, fmt.Errorf("merge actions of %s: %w", h.Symbol, err)
	}
	h.News, m.News = mergeItems(there.News, added.News, newsKey, completeNews)
	slices.SortStableFunc(h.News, compareNews)
	h.Filings, m.Filings = mergeItems(there.Filings, added.Filings, filingKey, completeFiling)
	slices.SortStableFunc(h.Filings, compareFilings)
	if m.Bars.Same == 0 && len(there.Bars) > 0 && len(added.Bars) > 0 {
		m.Notes = append(m.Notes, seam(there.Bars, added.Bars))
	}
	return h, m, h.Validate()
}

// seam says that nothing shows two series to be one, and where they meet.
func seam(there, added []Bar) string {
	before, after := there[len(there)-1], added[0]
	if before.Session > after.Session {
		before, after = added[len(added)-1], there[0]
	}
	if before.Session > after.Session {
		return "the old and the new bars have no session in common, so nothing shows that they are on the same basis"
	}
	return fmt.Sprintf("the old and the new bars have no session in common, so nothing shows that they are on the same basis: %s of %s is followed by %s of %s",
		formatNumber(before.Close), before.Session, formatNumber(after.Close), after.Session)
}

// mergeBars joins bars by session.
func mergeBars(there, added []Bar) ([]Bar, Joined, error) {
	var n Joined
	out := make([]Bar, 0, len(there)+len(added))
	conflict, conflicts := "", 0
	for len(there) > 0 || len(added) > 0 {
		switch {
		case len(added) == 0 || len(there) > 0 && there[0].Session < added[0].Session:
			out, there = append(out, there[0]), there[1:]
		case len(there) == 0 || added[0].Session < there[0].Session:
			out, added = append(out, added[0]), added[1:]
			n.Added++
		default:
			b, differs := joinBar(there[0], added[0])
			if differs != "" {
				if conflicts++; conflict == "" {
					conflict = differs
				}
			}
			out, there, added = append(out, b), there[1:], added[1:]
			n.Same++
		}
	}
	if conflict != "" {
		return nil, Joined{}, fmt.Errorf("%w: %s; %d of %d common sessions differ", ErrConflict, conflict, conflicts, n.Same)
	}
	return out, n, nil
}

// joinBar fills what a has not from b, and says what both have and differs.
func joinBar(a, b Bar) (joined Bar, differs string) {
	for _, f := range []struct {
		name string
		to   *float64
		from float64
	}{
		{"close", &a.Close, b.Close}, {"open", &a.Open, b.Open}, {"high", &a.High, b.High}, {"low", &a.Low, b.Low},
		{"adj_close", &a.AdjClose, b.AdjClose}, {"volume", &a.Volume, b.Volume},
	} {
		switch {
		case math.IsNaN(*f.to):
			*f.to = f.from
		case !math.IsNaN(f.from) && *f.to != f.from && differs == "":
			differs = fmt.Sprintf("%s of %s is %s there and %s in the new data", f.name, a.Session, formatNumber(*f.to), formatNumber(f.from))
		}
	}
	return a, differs
}

// mergeActions joins actions by session.
func mergeActions(there, added []Action) ([]Action, Joined, error) {
	var n Joined
	out := slices.Clone(there)
	for _, a := range added {
		i, found := slices.BinarySearchFunc(out, a.Session, func(x Action, s Session) int { return strings.Compare(string(x.Session), string(s)) })
		if !found {
			out = slices.Insert(out, i, a)
			n.Added++
			continue
		}
		n.Same++
		old := &out[i]
		if old.Split != 0 && a.Split != 0 && old.Split != a.Split {
			return nil, Joined{}, fmt.Errorf("%w: split of %s is %s there and %s in the new data", ErrConflict, a.Session, formatNumber(old.Split), formatNumber(a.Split))
		}
		if old.Dividend != 0 && a.Dividend != 0 && old.Dividend != a.Dividend {
			return nil, Joined{}, fmt.Errorf("%w: dividend of %s is %s there and %s in the new data", ErrConflict, a.Session, formatNumber(old.Dividend), formatNumber(a.Dividend))
		}
		old.Split, old.Dividend = max(old.Split, a.Split), max(old.Dividend, a.Dividend)
	}
	return out, n, nil
}

// An itemKey is what makes two documents the same one.
type itemKey struct {
	seconds  int64
	nanos    int
	dateOnly bool
	name     string // title or form
	text     [sha256.Size]byte
}

func keyOf(t time.Time, dateOnly bool, name, text string, summary *Summary) itemKey {
	k := itemKey{seconds: t.Unix(), nanos: t.Nanosecond(), dateOnly: dateOnly, name: name, text: sha256.Sum256([]byte(text))}
	if summary != nil {
		// Validate made sure that it is the digest of the original text.
		_, _ = hex.Decode(k.text[:], []byte(summary.SHA256))
	}
	return k
}

func newsKey(n News) itemKey     { return keyOf(n.Time, n.DateOnly, n.Title, n.Text, n.Summary) }
func filingKey(f Filing) itemKey { return keyOf(f.Accepted, f.DateOnly, f.Form, f.Text, f.Summary) }

// mergeItems appends those of added that there has not. Of those that it has,
// complete gives the item that is there what it lacks.
func mergeItems[T any](there, added []T, key func(T) itemKey, complete func(old *T, from T)) ([]T, Joined) {
	var n Joined
	out := slices.Clone(there)
	if len(added) == 0 {
		return out, n
	}
	at := make(map[itemKey][]int, len(there))
	for i, item := range there {
		k := key(item)
		at[k] = append(at[k], i)
	}
	for _, item := range added {
		k := key(item)
		if places := at[k]; len(places) > 0 {
			complete(&out[places[0]], item)
			at[k] = places[1:]
			n.Same++
			continue
		}
		out = append(out, item)
		n.Added++
	}
	return out, n
}

func completeNews(old *News, from News) {
	if old.Source == "" {
		old.Source = from.Source
	}
	if old.URL == "" {
		old.URL = from.URL
	}
	// A sentiment of the whole text is not that of its summary.
	if old.Sentiment == nil && old.Summary == nil {
		old.Sentiment = from.Sentiment
	}
	old.Copies = max(old.Copies, from.Copies)
}

func completeFiling(old *Filing, from Filing) {
	if old.Period == "" {
		old.Period = from.Period
	}
}
