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

	"finmem/internal/nearest"

	"github.com/BurntSushi/toml"
)

// metaFile is the name of the file that makes a folder a dataset.
const metaFile = "dataset.toml"

// ReadDataset reads the dataset in a folder: all of its symbols, or those given.
// docs/formats.md describes the folder. Anything in it that cannot be understood
// is an error with file, line and value; nothing is skipped.
func ReadDataset(ctx context.Context, dir string, symbols ...string) (*Dataset, error) {
	meta, err := readMeta(dir)
	if err != nil {
		return nil, err
	}
	there, err := listSymbols(dir)
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
		h, folded, err := readHistory(ctx, dir, symbol, there[symbol])
		if err != nil {
			return nil, err
		}
		d.histories[symbol], d.folded[symbol] = h, folded
	}
	return d, nil
}

// readMeta reads dataset.toml.
func readMeta(dir string) (Meta, error) {
	path := filepath.Join(dir, metaFile)
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
	keys := []string{"name", "calendar", "sources", "as_of", "synthetic", "price_kind", "adjustment", "notes"}
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
func listSymbols(dir string) (map[string][]string, error) {
	there := make(map[string][]string)
	for _, part := range symbolFiles() {
		folder := filepath.Join(dir, part.folder)
		entries, err := os.ReadDir(folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			name := e.Name()
			if strings.HasPrefix(name, ".") {
				continue
			}
			symbol, found := strings.CutSuffix(name, part.extension)
			if !found {
				return nil, fmt.Errorf("%s: want only files named <SYMBOL>%s here", filepath.Join(folder, name), part.extension)
			}
			canonical, err := Canonical(symbol)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", filepath.Join(folder, name), err)
			}
			if canonical != symbol {
				return nil, fmt.Errorf("%s: name it %s%s", filepath.Join(folder, name), canonical, part.extension)
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
func readHistory(ctx context.Context, dir, symbol string, folders []string) (h History, folded int, err error) {
	h.Symbol = symbol
	for _, folder := range folders {
		path := filepath.Join(dir, folder, symbol)
		switch folder {
		case "prices":
			h.Bars, folded, err = readPrices(ctx, path+".csv")
		case "actions":
			h.Actions, err = readActions(ctx, path+".csv")
		case "news":
			h.News, err = readNews(ctx, path+".jsonl")
		case "filings":
			h.Filings, err = readFilings(ctx, path+".jsonl")
		}
		if err != nil {
			return History{}, 0, err
		}
	}
	return h, folded, nil
}
