package data

import (
	"fmt"
	"sort"
	"strings"
)

// A Dataset is a set of histories on one calendar, with a description of where
// they come from. It does not change once made.
type Dataset struct {
	Meta      Meta
	histories map[string]History
	folded    map[string]int // identical price rows that were dropped, by symbol
}

// Symbols are the canonical symbols of the dataset in sorted order.
func (d *Dataset) Symbols() []string {
	symbols := make([]string, 0, len(d.histories))
	for s := range d.histories {
		symbols = append(symbols, s)
	}
	sort.Strings(symbols)
	return symbols
}

// History is all that the dataset has of one symbol, in any accepted spelling.
// Its slices are shared and must not be changed.
func (d *Dataset) History(symbol string) (History, error) {
	canonical, err := Canonical(symbol)
	if err != nil {
		return History{}, err
	}
	h, ok := d.histories[canonical]
	if !ok {
		there := "it is empty"
		if symbols := d.Symbols(); len(symbols) > 0 {
			there = "it has " + strings.Join(symbols, ", ")
		}
		return History{}, fmt.Errorf("dataset %q has no symbol %s; %s", d.Meta.Name, canonical, there)
	}
	return h, nil
}
