package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"finmem/internal/changeset"
	"finmem/internal/nearest"

	"github.com/BurntSushi/toml"
)

// metaFile is the name of the file that makes a folder a dataset.
const metaFile = "dataset.toml"

// readAttempts is how often a folder is read that is written to meanwhile.
const readAttempts = 100

// ReadDataset reads the dataset in a folder: all of its symbols, or those given.
// docs/formats.md describes the folder. Anything in it that cannot be understood
// is an error with file, line and value; nothing is skipped. Where the folder is
// written to meanwhile, the result is all of the old data or all of the new.
func ReadDataset(ctx context.Context, dir string, symbols ...string) (*Dataset, error) {
	for range readAttempts {
		view, err := changeset.Look(ctx, dir, metaFile)
		if err != nil {
			return nil, fmt.Errorf("read dataset %s: %w", dir, err)
		}
		d, err := readDataset(ctx, dir, view, symbols)
		if view.Holds() {
			return d, err
		}
	}
	return nil, fmt.Errorf("dataset %s changes all the time; read it again when nothing writes to it", dir)
}

// Describe is the description of the dataset in a folder, and its symbols in sorted
// order, without reading their data.
func Describe(ctx context.Context, dir string) (Meta, []string, error) {
	for range readAttempts {
		view, err := changeset.Look(ctx, dir, metaFile)
		if err != nil {
			return Meta{}, nil, fmt.Errorf("read dataset %s: %w", dir, err)
		}
		meta, err := readMeta(dir, view)
		var there map[string][]string
		if err == nil {
			there, err = listSymbols(dir, view)
		}
		if view.Holds() {
			return meta, slices.Sorted(maps.Keys(there)), err
		}
	}
	return Meta{}, nil, fmt.Errorf("dataset %s changes all the time; read it again when nothing writes to it", dir)
}

func readDataset(ctx context.Context, dir string, view *changeset.View, symbols []string) (*Dataset, error) {
	meta, err := readMeta(dir, view)
	if err != nil {
		return nil, err
	}
	there, err := listSymbols(dir, view)
	if err != nil {
		return nil, err
	}
	wanted := slices.Sorted(maps.Keys(there))
	if len(symbols) > 0 {
		if wanted, err = chooseSymbols(meta.Name, symbols, wanted); err != nil {
			return nil, err
		}
	}
	d := &Dataset{Meta: meta, histories: make(map[string]History, len(wanted)), folded: make(map[string]int)}
	for _, symbol := range wanted {
		h, folded, err := readHistory(ctx, view, symbol, there[symbol])
		if err != nil {
			return nil, err
		}
		d.histories[symbol], d.folded[symbol] = h, folded
	}
	return d, nil
}

// readMeta reads dataset.toml.
func readMeta(dir string, view *changeset.View) (Meta, error) {
	path := view.Path(metaFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Meta{}, fmt.Errorf("%s is not a dataset folder: it has no %s: %w", dir, metaFile, fs.ErrNotExist)
	}
	if err != nil {
		return Meta{}, err
	}
	var meta Meta
	decoded, err := toml.Decode(strings.TrimPrefix(string(text), "\ufeff"), &meta)
	if err != nil {
		return Meta{}, fmt.Errorf("%s: %w", path, err)
	}
	keys := []string{"name", "calendar", "sources", "as_of", "synthetic", "price_kind", "adjustment", "notes", "fetched"}
	if unknown := decoded.Undecoded(); len(unknown) > 0 {
		key := unknown[0].String()
		return Meta{}, fmt.Errorf("%s: unknown key %q%s", path, key, nearest.Hint(key, keys))
	}
	if err := meta.Validate(); err != nil {
		return Meta{}, fmt.Errorf("%s: %w", path, err)
	}
	return meta.clone(), nil
}

// listSymbols finds the files of each symbol: symbol to the folders that have
// one. Names that start with a dot are left alone.
func listSymbols(dir string, view *changeset.View) (map[string][]string, error) {
	there := make(map[string][]string)
	for _, part := range symbolFiles() {
		names, err := view.List(part.folder)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			path := filepath.Join(dir, part.folder, name)
			symbol, found := strings.CutSuffix(name, part.extension)
			if !found {
				return nil, fmt.Errorf("%s: want only files named <SYMBOL>%s here", path, part.extension)
			}
			canonical, err := Canonical(symbol)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			if canonical != symbol {
				return nil, fmt.Errorf("%s: name it %s%s", path, canonical, part.extension)
			}
			there[symbol] = append(there[symbol], part.folder)
		}
	}
	return there, nil
}

// chooseSymbols are the wanted symbols, canonical, sorted and each once.
func chooseSymbols(dataset string, wanted, there []string) ([]string, error) {
	var chosen []string
	for _, s := range wanted {
		canonical, err := Canonical(s)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(there, canonical) {
			return nil, missingSymbol(dataset, canonical, there)
		}
		chosen = append(chosen, canonical)
	}
	slices.Sort(chosen)
	return slices.Compact(chosen), nil
}

// readHistory reads those files of a symbol that are there.
func readHistory(ctx context.Context, view *changeset.View, symbol string, folders []string) (h History, folded int, err error) {
	h.Symbol = symbol
	for _, folder := range folders {
		name := folder + "/" + symbol
		switch folder {
		case "prices":
			h.Bars, folded, err = readPrices(ctx, view.Path(name+".csv"))
		case "actions":
			h.Actions, err = readActions(ctx, view.Path(name+".csv"))
		case "news":
			h.News, err = readNews(ctx, view.Path(name+".jsonl"))
		case "filings":
			h.Filings, err = readFilings(ctx, view.Path(name+".jsonl"))
		}
		if err != nil {
			return History{}, 0, err
		}
	}
	return h, folded, nil
}
