package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"finmem/internal/changeset"

	"github.com/BurntSushi/toml"
)

// WriteOptions set what WriteDataset may do to a folder that is there.
type WriteOptions struct {
	// Replace lets symbols that the folder has be overwritten, each as a whole:
	// its old news does not stay beside its new prices.
	Replace bool
	step    changeset.Step // called after each step of the writing; nil but in tests
}

// WriteDataset writes a dataset into a new or empty folder, or adds its symbols
// to a dataset that is there. All prices of a folder are on one calendar and one
// basis; others are refused. The description of the folder keeps its name and
// gains the sources and notes of the dataset.
//
// The folder changes at one instant, when all that is written is on the disk: a
// process that is killed, a full disk or a cancelled context leaves it as it was
// or has written all, and no reader sees some of each. The same dataset always
// gives the same bytes.
func WriteDataset(ctx context.Context, dir string, d *Dataset, opts WriteOptions) error {
	return changeDataset(ctx, dir, d, opts.step, func(f folder) (change, error) { return planWrite(f, d, opts.Replace) })
}

// planWrite adds or replaces the symbols of d as a whole.
func planWrite(f folder, d *Dataset, replace bool) (change, error) {
	var taken []string
	for _, s := range d.Symbols() {
		if _, ok := f.symbols[s]; ok {
			taken = append(taken, s)
		}
	}
	if len(taken) > 0 && !replace {
		return change{}, fmt.Errorf("%s already has %s; say so if it is to be replaced, or choose another folder", f.dir, strings.Join(taken, ", "))
	}
	c := change{meta: d.ownMeta(), histories: d.histories}
	f.symbols = maps.Clone(f.symbols)
	for _, s := range taken {
		delete(f.symbols, s)
	}
	// With nothing of the old data left, its description need not agree.
	if len(f.symbols) > 0 {
		merged, err := f.merge(d)
		if err != nil {
			return change{}, err
		}
		c.meta = merged
		c.meta.Fetched = mergeFetched(f.meta.Fetched, d.ownMeta().Fetched, d.Symbols())
	}
	return c, nil
}

// A folder is what a dataset folder has before it is changed.
type folder struct {
	dir     string
	there   bool // is it a dataset
	meta    Meta
	symbols map[string][]string // to the folders that have a file of it
	view    *changeset.View
}

// A change is what a dataset folder is to have: its description, and all of some
// symbols.
type change struct {
	meta      Meta
	histories map[string]History
}

// changeDataset changes the folder dir at one instant, to what plan makes of what
// it has.
func changeDataset(ctx context.Context, dir string, d *Dataset, step changeset.Step, plan func(folder) (change, error)) error {
	files, err := changeset.Begin(ctx, dir, step)
	if err != nil {
		return fmt.Errorf("write dataset: %w", err)
	}
	defer files.Discard()
	f, err := lookAtFolder(ctx, dir)
	if err != nil {
		return fmt.Errorf("write dataset: %w", err)
	}
	c := change{meta: d.ownMeta(), histories: d.histories}
	if f.there {
		if c, err = plan(f); err != nil {
			return fmt.Errorf("write dataset: %w", err)
		}
	}
	for _, symbol := range d.Symbols() {
		for _, part := range symbolFiles() {
			if err := writePart(ctx, files, part, c.histories[symbol]); err != nil {
				return fmt.Errorf("write dataset %s: %w", dir, err)
			}
		}
	}
	if err := writeMeta(files, c.meta); err != nil {
		return fmt.Errorf("write %s of dataset %s: %w", metaFile, dir, err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := files.Commit(); err != nil {
		return fmt.Errorf("write dataset %s: %w", dir, err)
	}
	return nil
}

// writePart writes one file of a symbol, or says that there is none.
func writePart(ctx context.Context, files *changeset.Changeset, part symbolFile, h History) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name := part.folder + "/" + h.Symbol + part.extension
	if part.empty(h) {
		return files.Remove(name)
	}
	f, err := files.Create(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	err = part.write(f, h)
	if closed := f.Close(); err == nil {
		err = closed // else it fails for the same reason
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func writeMeta(files *changeset.Changeset, meta Meta) error {
	f, err := files.Create(metaFile)
	if err != nil {
		return err
	}
	err = toml.NewEncoder(f).Encode(meta)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// lookAtFolder reads what a folder has besides its contents. A folder with other
// files, and without a description, is refused.
func lookAtFolder(ctx context.Context, dir string) (folder, error) {
	view, err := changeset.Look(ctx, dir, metaFile)
	if err != nil {
		return folder{}, err
	}
	f := folder{dir: dir, view: view}
	f.meta, err = readMeta(dir, view)
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return folder{}, err
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") {
				return folder{}, fmt.Errorf("%s holds %s but no %s: choose a new or empty folder", dir, e.Name(), metaFile)
			}
		}
		return f, nil
	}
	if err != nil {
		return folder{}, err
	}
	f.there = true
	f.symbols, err = listSymbols(dir, view)
	return f, err
}

// merge is the description of the folder with d in it besides its symbols.
func (f folder) merge(d *Dataset) (Meta, error) {
	oldPrices, newPrices := false, false
	for _, folders := range f.symbols {
		oldPrices = oldPrices || slices.Contains(folders, "prices") || slices.Contains(folders, "actions")
	}
	for _, h := range d.histories {
		newPrices = newPrices || len(h.Bars) > 0 || len(h.Actions) > 0
	}
	old, added := f.meta, d.Meta
	// What describes prices is said by whichever side has any.
	switch {
	case !newPrices:
		added.Calendar, added.PriceKind, added.Adjustment = old.Calendar, old.PriceKind, old.Adjustment
	case !oldPrices:
		old.Calendar, old.PriceKind, old.Adjustment = added.Calendar, added.PriceKind, added.Adjustment
	}
	merged, err := old.merge(added)
	if err != nil {
		return Meta{}, fmt.Errorf("%s: %w; choose another folder", f.dir, err)
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
