package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"finmem/data"
	"finmem/data/importer"
	"finmem/data/sentiment"
	"finmem/internal/printable"
)

// run imports files into the dataset folder: all of them, or nothing.
func (o *importOptions) run(ctx context.Context, s *streams, files []importFile, ask importAsk) error {
	progress := newImportProgress(s.err)
	report, err := o.importFiles(ctx, files, ask, progress)
	progress.end()
	if err != nil {
		return importHint(err)
	}
	if o.json {
		if files[0].why == "" {
			return writeJSON(s.out, report.Reports)
		}
		return writeJSON(s.out, report)
	}
	report.print(s)
	return nil
}

// importHint adds what to do about data that does not go with what is there.
func importHint(err error) error {
	switch {
	case errors.Is(err, data.ErrConflict):
		return hinted{err, "prices of one date of download do not continue those of another; --replace takes the new ones alone"}
	case strings.Contains(err.Error(), "say so if it is to be replaced"):
		return hinted{err, "--replace takes the new data alone, --merge adds it to what is there"}
	case strings.Contains(err.Error(), "have the adjustment"):
		return hinted{err, "if you know what the new prices contain, say so with --adjustment"}
	}
	return filingsHint(newsHint(err))
}

// An importReport says what became of the files.
type importReport struct {
	Files   []importedFile    `json:"files"`
	Reports []importer.Report `json:"reports"`
	// Merged is what was new, where the data was added to what was there.
	Merged  []data.Merged        `json:"merged,omitempty"`
	News    *importer.NewsReport `json:"news,omitempty"`
	Notes   []string             `json:"notes,omitempty"` // of the seams between files
	Dataset string               `json:"dataset"`
	dataset *data.Dataset        // without the news files; nil if there are only those
	results []importer.Result
}

type importedFile struct {
	File    string `json:"file"`
	Format  string `json:"format"`
	Why     string `json:"why,omitempty"`
	Packing string `json:"packing,omitempty"`
}

func (o *importOptions) importFiles(ctx context.Context, files []importFile, ask importAsk, progress *importProgress) (importReport, error) {
	report := importReport{Files: []importedFile{}, Reports: []importer.Report{}, Dataset: o.out}
	var news []string
	var parts []*data.Dataset
	analyzer := sentiment.New()
	for _, f := range files {
		report.Files = append(report.Files, importedFile{File: f.path, Format: f.format.name, Why: f.why, Packing: f.packing})
		if f.format.read == nil {
			news = append(news, f.path)
			continue
		}
		ask.prices.Progress = progress.rows(filepath.Base(f.path))
		results, err := o.read(ctx, f, len(files) > 1, ask)
		if err != nil {
			return report, fmt.Errorf("import: %w", err) // readers name the file
		}
		for i := range results {
			if _, err := analyzer.Fill(ctx, &results[i].History); err != nil {
				return report, err
			}
			d, err := data.NewDataset(results[i].Meta, results[i].History)
			if err != nil {
				return report, fmt.Errorf("import %s: %w", f.path, err)
			}
			parts = append(parts, d)
			report.results = append(report.results, results[i])
			report.Reports = append(report.Reports, results[i].Report)
		}
	}
	if len(parts) > 0 {
		var err error
		if report.dataset, report.Notes, err = data.Join(parts[0], parts[1:]...); err != nil {
			return report, fmt.Errorf("import: %w", err)
		}
	}
	for _, symbol := range o.symbols {
		if report.dataset != nil && len(news) == 0 && !slices.Contains(report.dataset.Symbols(), symbol) {
			return report, fmt.Errorf("no file has anything of %s; they have %s", symbol, strings.Join(report.dataset.Symbols(), ", "))
		}
	}
	if report.dataset != nil {
		report.dataset.Meta.Name = o.datasetName()
	}
	if len(news) > 0 {
		return report, o.writeWithNews(ctx, &report, news, analyzer, ask, progress)
	}
	if !o.merges(report.dataset) {
		return report, data.WriteDataset(ctx, o.out, report.dataset, data.WriteOptions{Replace: o.replace})
	}
	var err error
	report.Merged, err = data.MergeDataset(ctx, o.out, report.dataset)
	return report, err
}

// merges reports whether what was read is added to what the folder has of its
// symbols: if it was said so, and for documents, which go beside the prices that
// are there unless they are to be replaced.
func (o *importOptions) merges(d *data.Dataset) bool {
	if o.merge || o.replace {
		return o.merge
	}
	for _, symbol := range d.Symbols() {
		h, err := d.History(symbol)
		if err != nil || len(h.Bars) > 0 || len(h.Actions) > 0 {
			return false
		}
	}
	return true
}

// datasetName is the name of a new dataset.
func (o *importOptions) datasetName() string {
	if o.name != "" {
		return o.name
	}
	if abs, err := filepath.Abs(o.out); err == nil {
		return filepath.Base(abs)
	}
	return o.out
}

// read reads one file. A file that names no symbol is of the one that was asked
// for, or of the one it is named for.
func (o *importOptions) read(ctx context.Context, f importFile, several bool, ask importAsk) ([]importer.Result, error) {
	named := ""
	if f.why != "" {
		named = symbolOfName(f.name)
	}
	results, err := f.format.read(ctx, f.path, o.symbols, ask)
	switch {
	case errors.Is(err, importer.ErrNoSymbol) && named != "" && (len(o.symbols) == 0 || slices.Contains(o.symbols, named)):
		results, err = f.format.read(ctx, f.path, []string{named}, ask)
	case err == nil && several && len(o.symbols) == 1 && named != "" && named != o.symbols[0] && len(results) == 1 && !f.namesSymbols(ctx, ask):
		return nil, fmt.Errorf("%s: the file is named for %s and --symbol says %s; import it alone if it is so", f.path, named, o.symbols[0])
	}
	return results, err
}

// namesSymbols reports whether a file says itself which symbols it is of.
func (f importFile) namesSymbols(ctx context.Context, ask importAsk) bool {
	_, err := f.format.read(ctx, f.path, nil, ask)
	return !errors.Is(err, importer.ErrNoSymbol)
}

// writeWithNews writes what was read together with files of news.
func (o *importOptions) writeWithNews(ctx context.Context, report *importReport, files []string, analyzer *sentiment.Analyzer, ask importAsk, progress *importProgress) error {
	opts := importer.NewsOptions{
		Symbols: o.symbols, Calendar: ask.calendar, Name: o.datasetName(), Replace: o.replace, Zone: ask.zone, Score: analyzer.Score, Progress: progress.show,
	}
	if o.dates != string(importer.YearMonthDay) {
		opts.DateOrder = importer.DateOrder(o.dates)
	}
	if report.dataset != nil {
		opts.Calendar = nil // it is that of the prices
		if o.replace && len(o.symbols) == 0 {
			opts.Symbols = report.dataset.Symbols() // the news of others are not to go
		}
		opts.Along = func(change *data.NewsChange) error {
			if !o.merges(report.dataset) {
				return change.Write(ctx, report.dataset, data.WriteOptions{Replace: o.replace})
			}
			var err error
			report.Merged, err = change.Merge(ctx, report.dataset)
			return err
		}
	}
	done, err := importer.ImportNews(ctx, o.out, files, opts)
	report.News = &done
	return err
}

func (r importReport) print(s *streams) {
	for _, f := range r.Files {
		if f.Why == "" {
			continue
		}
		packed := ""
		if f.Packing != "" {
			packed = ", packed with " + f.Packing
		}
		fmt.Fprintf(s.out, "%s: taken for %s: %s%s\n", printable.Line(f.File), f.Format, printable.Line(f.Why), packed)
	}
	for _, result := range r.results {
		printImport(s, result)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(s.out, "note: %s\n", printable.Line(n))
	}
	for _, m := range r.Merged {
		fmt.Fprintf(s.out, "%s: new to the dataset: %s\n", m.Symbol, joined(m))
		for _, n := range m.Notes {
			fmt.Fprintf(s.out, "  note: %s\n", printable.Line(n))
		}
	}
	if r.News != nil {
		printNewsReport(s, *r.News)
	}
	if r.dataset != nil {
		fmt.Fprintf(s.out, "Dataset %s: calendar %s, prices %s\n", r.Dataset, r.dataset.Meta.Calendar, r.dataset.Meta.PriceKind)
	} else {
		fmt.Fprintf(s.out, "Dataset %s\n", r.Dataset)
	}
}

// joined says how much of each kind was new: "12 of 15 bars, 3 of 3 news".
func joined(m data.Merged) string {
	var parts []string
	for _, kind := range []struct {
		name string
		n    data.Joined
	}{{"bars", m.Bars}, {"corporate actions", m.Actions}, {"news", m.News}, {"filings", m.Filings}} {
		if all := kind.n.Added + kind.n.Same; all > 0 {
			parts = append(parts, fmt.Sprintf("%d of %d %s", kind.n.Added, all, kind.name))
		}
	}
	return strings.Join(parts, ", ")
}

// printImport says what was read, kept and left out of one symbol.
func printImport(s *streams, result importer.Result) {
	h, r := result.History, result.Report
	span := count(len(h.Bars), "session")
	if len(h.Bars) > 0 {
		span = fmt.Sprintf("%s %s to %s", span, h.Bars[0].Session, h.Bars[len(h.Bars)-1].Session)
	}
	fmt.Fprintf(s.out, "%s: %s, %d news, %s; %d records read, %d kept, %d skipped\n", r.Symbol,
		span, len(h.News), forms(h.Filings), r.Read, r.Kept, len(r.Skipped))
	printDetails(s, r)
}

// printDetails says what was left out and what else to know.
func printDetails(s *streams, r importer.Report) {
	for i, skip := range r.Skipped {
		if i == 20 {
			fmt.Fprintf(s.out, "  … and %d more; --json lists all\n", len(r.Skipped)-i)
			break
		}
		fmt.Fprintf(s.out, "  skipped %s\n", printable.Line(skip.String()))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(s.out, "  note: %s\n", printable.Line(n))
	}
}

// forms counts filings by form: "2 10-K, 4 10-Q".
func forms(filings []data.Filing) string {
	if len(filings) == 0 {
		return "no filings"
	}
	counts := map[string]int{}
	var order []string
	for _, f := range filings {
		if counts[f.Form] == 0 {
			order = append(order, f.Form)
		}
		counts[f.Form]++
	}
	parts := make([]string, len(order))
	for i, form := range order {
		parts[i] = fmt.Sprintf("%d %s", counts[form], form)
	}
	return strings.Join(parts, ", ")
}
