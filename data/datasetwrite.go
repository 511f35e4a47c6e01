package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"finmem/internal/atomicfile"

	"github.com/BurntSushi/toml"
)

// WriteOptions set what WriteDataset may do to a folder that is there.
type WriteOptions struct {
	// Replace lets symbols that the folder has be overwritten, each as a whole:
	// its old news does not stay beside its new prices.
	Replace bool
}

// WriteDataset writes a dataset into a new or empty folder, or adds its symbols
// to a dataset that is there. All prices of a folder are on one calendar and one
// basis; others are refused. The description of the folder keeps its name and
// gains the sources and notes of the dataset.
//
// All files are written beside their place and flushed before the first of them
// takes its name, so a full disk or a cancelled context changes nothing. The
// same dataset always gives the same bytes.
func WriteDataset(ctx context.Context, dir string, d *Dataset, opts WriteOptions) error {
	meta, err := mergedMeta(dir, d, opts)
	if err != nil {
		return fmt.Errorf("write dataset: %w", err)
	}
	var staged []*atomicfile.File
	defer func() {
		for _, f := range staged {
			f.Discard()
		}
	}()
	var obsolete []string
	for _, symbol := range d.Symbols() {
		for _, part := range symbolFiles() {
			if err := ctx.Err(); err != nil {
				return err
			}
			path := filepath.Join(dir, part.folder, symbol+part.extension)
			if part.empty(d.histories[symbol]) {
				obsolete = append(obsolete, path)
				continue
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return fmt.Errorf("write dataset: %w", err)
			}
			f, err := atomicfile.Create(path)
			if err != nil {
				return err
			}
			staged = append(staged, f)
			if err := part.write(f, d.histories[symbol]); err != nil {
				return fmt.Errorf("write %s: %w", path, err)
			}
		}
	}
	f, err := stageMeta(dir, meta)
	if err != nil {
		return err
	}
	staged = append(staged, f)
	for _, f := range staged {
		if err := f.Commit(); err != nil {
			return err
		}
	}
	for _, path := range obsolete {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what was replaced: %w", err)
		}
	}
	return nil
}

// stageMeta writes dataset.toml beside its place.
func stageMeta(dir string, meta Meta) (*atomicfile.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("write dataset: %w", err)
	}
	f, err := atomicfile.Create(filepath.Join(dir, metaFile))
	if err != nil {
		return nil, err
	}
	if err := toml.NewEncoder(f).Encode(meta); err != nil {
		f.Discard()
		return nil, fmt.Errorf("write %s: %w", metaFile, err)
	}
	return f, nil
}

// mergedMeta is the description of the folder once d is in it. It is an error if
// d cannot go there.
func mergedMeta(dir string, d *Dataset, opts WriteOptions) (Meta, error) {
	old, err := readMeta(dir)
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Meta{}, err
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") {
				return Meta{}, fmt.Errorf("%s holds %s but no %s: choose a new or empty folder", dir, e.Name(), metaFile)
			}
		}
		return d.Meta.clone(), nil
	}
	if err != nil {
		return Meta{}, err
	}
	there, err := listSymbols(dir)
	if err != nil {
		return Meta{}, err
	}
	var taken []string
	for _, s := range d.Symbols() {
		if _, ok := there[s]; ok {
			taken = append(taken, s)
		}
	}
	if len(taken) > 0 && !opts.Replace {
		return Meta{}, fmt.Errorf("%s already has %s; say so if it is to be replaced, or choose another folder", dir, strings.Join(taken, ", "))
	}
	// With nothing of the old data left, its description need not agree.
	if len(taken) == len(there) {
		return d.Meta.clone(), nil
	}
	merged, err := old.merge(d.Meta)
	if err != nil {
		return Meta{}, fmt.Errorf("%s: %w; choose another folder", dir, err)
	}
	return merged, nil
}

// merge is the description of a dataset that also holds data described by added.
func (m Meta) merge(added Meta) (Meta, error) {
	m = m.clone()
	switch {
	case m.Calendar != added.Calendar:
		return Meta{}, fmt.Errorf("its calendar is %s, that of the new data %s", m.Calendar, added.Calendar)
	case m.Synthetic != added.Synthetic:
		return Meta{}, errors.New("made-up and real data do not go into one folder")
	case m.PriceKind != added.PriceKind:
		return Meta{}, fmt.Errorf("its prices are %s, the new ones %s", m.PriceKind, added.PriceKind)
	case m.Adjustment == added.Adjustment:
	case m.Adjustment == TotalReturn && added.Adjustment == UnknownAdjustment,
		m.Adjustment == UnknownAdjustment && added.Adjustment == TotalReturn:
		// Neither lets a dividend be added to the price, so they mix without
		// counting anything twice.
		m.Adjustment = UnknownAdjustment
	default:
		return Meta{}, fmt.Errorf("its prices have the adjustment %q, the new ones %q", m.Adjustment, added.Adjustment)
	}
	m.AsOf = max(m.AsOf, added.AsOf)
	for _, s := range added.Sources {
		if !slices.Contains(m.Sources, s) {
			m.Sources = append(m.Sources, s)
		}
	}
	for _, s := range added.Notes {
		if !slices.Contains(m.Notes, s) {
			m.Notes = append(m.Notes, s)
		}
	}
	return m, nil
}
