package data

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"finmem/internal/changeset"
)

// A NewsChange changes the news of a dataset folder, item by item: news can be
// larger than memory. Prices, actions and filings stay as they are. The folder
// changes at one instant, with Commit; end a NewsChange with that or Discard.
type NewsChange struct {
	dir    string
	files  *changeset.Changeset
	folder folder
}

// BeginNewsChange prepares a change of the folder dir, which is made if it is not
// there. Nobody else can write to the folder until it ends.
func BeginNewsChange(ctx context.Context, dir string) (*NewsChange, error) {
	files, err := changeset.Begin(ctx, dir, nil)
	if err != nil {
		return nil, fmt.Errorf("write dataset: %w", err)
	}
	c := &NewsChange{dir: dir, files: files}
	if c.folder, err = lookAtFolder(ctx, dir); err != nil {
		c.Discard()
		return nil, fmt.Errorf("write dataset: %w", err)
	}
	return c, nil
}

// Meta is the description of the folder. ok is false where the folder is not a
// dataset yet.
func (c *NewsChange) Meta() (meta Meta, ok bool) { return c.folder.meta.clone(), c.folder.there }

// Priced are the symbols of which the folder has prices, sorted.
func (c *NewsChange) Priced() []string {
	var symbols []string
	for _, s := range slices.Sorted(maps.Keys(c.folder.symbols)) {
		if slices.Contains(c.folder.symbols[s], "prices") {
			symbols = append(symbols, s)
		}
	}
	return symbols
}

// Each hands the news that the folder has of a symbol to item, in the order of
// the file.
func (c *NewsChange) Each(ctx context.Context, symbol string, item func(News) error) error {
	if !slices.Contains(c.folder.symbols[symbol], "news") {
		return nil
	}
	return readLines(ctx, c.folder.view.Path("news/"+symbol+".jsonl"), func(where string, text []byte) error {
		n, err := decodeNews(text)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		return item(n)
	})
}

// Write puts the prices, actions and filings of a dataset into the same change,
// as [WriteDataset] does; Merge as [MergeDataset] does. A symbol that is replaced
// has the news that are created later in the change and no others. A dataset with
// news is refused, since the news of a symbol are written once.
func (c *NewsChange) Write(ctx context.Context, d *Dataset, opts WriteOptions) error {
	planned := change{meta: d.ownMeta(), histories: d.histories}
	if c.folder.there {
		var err error
		if planned, err = planWrite(c.folder, d, opts.Replace); err != nil {
			return fmt.Errorf("write dataset: %w", err)
		}
	}
	for _, symbol := range d.Symbols() {
		if slices.Contains(c.folder.symbols[symbol], "news") {
			if err := c.files.Remove("news/" + symbol + ".jsonl"); err != nil {
				return fmt.Errorf("write dataset %s: %w", c.dir, err)
			}
		}
	}
	return c.add(ctx, d, planned)
}

// Merge is described at Write.
func (c *NewsChange) Merge(ctx context.Context, d *Dataset) ([]Merged, error) {
	planned, report := change{meta: d.ownMeta(), histories: d.histories}, allNew(d)
	if c.folder.there {
		var err error
		if planned, report, err = planMerge(ctx, c.folder, d); err != nil {
			return nil, fmt.Errorf("write dataset: %w", err)
		}
	}
	return report, c.add(ctx, d, planned)
}

func (c *NewsChange) add(ctx context.Context, d *Dataset, planned change) error {
	if c.folder.symbols == nil {
		c.folder.symbols = make(map[string][]string)
	}
	for _, symbol := range d.Symbols() {
		if n := len(d.histories[symbol].News); n > 0 {
			return fmt.Errorf("write dataset %s: %d news of %s besides those of the files; import them one after the other", c.dir, n, symbol)
		}
		kept := slices.DeleteFunc(slices.Clone(c.folder.symbols[symbol]), func(folder string) bool { return folder != "news" })
		for _, part := range symbolFiles() {
			if part.folder == "news" {
				continue
			}
			h := planned.histories[symbol]
			if err := writePart(ctx, c.files, part, h); err != nil {
				return fmt.Errorf("write dataset %s: %w", c.dir, err)
			}
			if !part.empty(h) {
				kept = append(kept, part.folder)
			}
		}
		c.folder.symbols[symbol] = kept
	}
	c.folder.meta, c.folder.there = planned.meta, true
	return nil
}

// Scratch is an empty folder for what has to lie on the disk meanwhile. It is
// inside the dataset folder and goes with the end of the change.
func (c *NewsChange) Scratch() (string, error) { return c.files.Scratch() }

// Create starts the file that takes the place of the news of a symbol. It must be
// closed before Commit.
func (c *NewsChange) Create(symbol string) (*NewsWriter, error) {
	canonical, err := Canonical(symbol)
	if err != nil {
		return nil, err
	}
	name := "news/" + canonical + ".jsonl"
	f, err := c.files.Create(name)
	if err != nil {
		return nil, fmt.Errorf("write %s of dataset %s: %w", name, c.dir, err)
	}
	return &NewsWriter{name: name, dir: c.dir, file: f, lines: lineEncoder(f)}, nil
}

// Commit makes the change. added says where the news come from; its calendar and
// what it says of prices count only where the folder has none.
func (c *NewsChange) Commit(ctx context.Context, added Meta) error {
	meta := added.clone()
	if c.folder.there {
		var err error
		if meta, err = c.folder.merge(&Dataset{Meta: added}); err != nil {
			return fmt.Errorf("write dataset: %w", err)
		}
	}
	if err := meta.Validate(); err != nil {
		return fmt.Errorf("write dataset %s: %w", c.dir, err)
	}
	if err := writeMeta(c.files, meta); err != nil {
		return fmt.Errorf("write %s of dataset %s: %w", metaFile, c.dir, err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.files.Commit(); err != nil {
		return fmt.Errorf("write dataset %s: %w", c.dir, err)
	}
	return nil
}

// Discard gives up a change that was not made. It does nothing after Commit.
func (c *NewsChange) Discard() { c.files.Discard() }

// A NewsWriter writes the news of one symbol.
type NewsWriter struct {
	name, dir string
	file      *changeset.File
	lines     *json.Encoder
	last      News
	any       bool
}

// Write adds an item. Items come in the order in which a dataset keeps them, the
// oldest first: one that does not is an error, and so is an invalid one.
func (w *NewsWriter) Write(n News) error {
	if err := n.Validate(); err != nil {
		return fmt.Errorf("write %s: news of %q: %w", w.name, n.Title, err)
	}
	if w.any && compareNews(w.last, n) > 0 {
		return fmt.Errorf("write %s: news of %s follows one of %s", w.name, formatStamp(n.Time, n.DateOnly), formatStamp(w.last.Time, w.last.DateOnly))
	}
	w.last, w.any = n, true
	if err := encodeNews(w.lines, n); err != nil {
		return fmt.Errorf("write %s of dataset %s: %w", w.name, w.dir, err)
	}
	return nil
}

// Close puts the file on the disk.
func (w *NewsWriter) Close() error {
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("write %s of dataset %s: %w", w.name, w.dir, err)
	}
	return nil
}
