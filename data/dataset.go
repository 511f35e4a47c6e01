package data

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"finmem/internal/nearest"
)

// A Dataset is a set of histories on one calendar, with a description of where
// they come from. It does not change once made.
type Dataset struct {
	Meta      Meta
	histories map[string]History
	folded    map[string]int // price rows that repeated the one before them, by symbol
}

// NewDataset makes a dataset of histories in memory, under the same checks as
// one read from a folder. News and filings are put in order; bars and actions
// must be.
func NewDataset(meta Meta, histories ...History) (*Dataset, error) {
	if err := meta.Validate(); err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	d := &Dataset{Meta: meta.clone(), histories: make(map[string]History, len(histories)), folded: make(map[string]int)}
	for _, h := range histories {
		if err := h.Validate(); err != nil {
			return nil, fmt.Errorf("dataset %q: %w", meta.Name, err)
		}
		if _, twice := d.histories[h.Symbol]; twice {
			return nil, fmt.Errorf("dataset %q: symbol %s appears twice", meta.Name, h.Symbol)
		}
		d.histories[h.Symbol] = h.ordered()
	}
	return d, nil
}

// ordered is the history with its documents in order and their copies counted.
// The caller's slices stay as they are.
func (h History) ordered() History {
	h.News = slices.Clone(h.News)
	for i := range h.News {
		h.News[i].Copies = max(h.News[i].Copies, 1)
	}
	slices.SortStableFunc(h.News, compareNews)
	h.Filings = slices.Clone(h.Filings)
	slices.SortStableFunc(h.Filings, compareFilings)
	return h
}

// Symbols are the canonical symbols of the dataset in sorted order.
func (d *Dataset) Symbols() []string { return slices.Sorted(maps.Keys(d.histories)) }

// History is all that the dataset has of one symbol, in any accepted spelling.
// Its slices are shared and must not be changed.
func (d *Dataset) History(symbol string) (History, error) {
	canonical, err := Canonical(symbol)
	if err != nil {
		return History{}, err
	}
	h, ok := d.histories[canonical]
	if !ok {
		return History{}, missingSymbol(d.Meta.Name, canonical, d.Symbols())
	}
	return h, nil
}

// missingSymbol says that a dataset does not have a symbol, and what it has.
func missingSymbol(dataset, symbol string, there []string) error {
	if len(there) == 0 {
		return fmt.Errorf("dataset %q has no symbol %s; it is empty", dataset, symbol)
	}
	return fmt.Errorf("dataset %q has no symbol %s%s; it has %s", dataset, symbol, nearest.Hint(symbol, there), strings.Join(there, ", "))
}

// Digest is the SHA-256, in hexadecimal, of all that the dataset has of one
// symbol, in the form in which it is written to a folder. Two datasets give the
// same digest exactly if they hold the same bars, actions, news and filings of
// it. It is empty for a symbol that is not there.
func (d *Dataset) Digest(symbol string) string {
	h, err := d.History(symbol)
	if err != nil {
		return ""
	}
	sum := sha256.New()
	for _, part := range symbolFiles() {
		// The names keep a row from meaning the same in two parts.
		_, _ = io.WriteString(sum, part.folder+"\n") // a hash takes every write
		if err := part.write(sum, h); err != nil {
			panic(fmt.Sprintf("data: %s of %s passed its checks but cannot be written: %v", part.folder, h.Symbol, err))
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// A symbolFile is one of the files that a symbol has in a dataset folder.
type symbolFile struct {
	folder, extension string
	empty             func(History) bool
	write             func(io.Writer, History) error
}

// symbolFiles lists them in the order in which they are written.
func symbolFiles() []symbolFile {
	return []symbolFile{
		{
			"actions", ".csv",
			func(h History) bool { return len(h.Actions) == 0 },
			func(w io.Writer, h History) error { return writeActions(w, h.Actions) },
		},
		{
			"filings", ".jsonl",
			func(h History) bool { return len(h.Filings) == 0 },
			func(w io.Writer, h History) error { return writeFilings(w, h.Filings) },
		},
		{
			"news", ".jsonl",
			func(h History) bool { return len(h.News) == 0 },
			func(w io.Writer, h History) error { return writeNews(w, h.News) },
		},
		{
			"prices", ".csv",
			func(h History) bool { return len(h.Bars) == 0 },
			func(w io.Writer, h History) error { return writePrices(w, h.Bars) },
		},
	}
}
