package importer

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"finmem/data"
)

// NewsOptions are the settings of [ImportNews].
type NewsOptions struct {
	// Symbols are those whose news are wanted, in any spelling. None means every
	// symbol of which the dataset has prices; where it has none, the one symbol
	// that all items of the files name.
	Symbols []string
	// Fields says which field of the files holds a part of an item, by the part: see
	// [ParseNewsMap]. Parts that are not there are found by the names in use.
	Fields map[string]string
	// Zone is that of times which have none. Nil refuses files with such times.
	Zone *time.Location
	// DateOrder is needed for dates such as 03/04/2024.
	DateOrder DateOrder
	// Calendar is that of a new dataset; nil is NYSE, or 24/7 for pairs.
	Calendar *data.Calendar
	// Name is that of a new dataset; "" is the name of the folder.
	Name string
	// Replace drops the news that the dataset has of the symbols. Otherwise new
	// ones are added to them.
	Replace bool
	// Along, if there is one, puts other data into the same change of the folder,
	// before the news.
	Along func(*data.NewsChange) error
	// Score gives a sentiment to items that come without. It is called from
	// several goroutines. Nil leaves them without.
	Score func(text string) data.Sentiment
	// Progress is called now and then; nil for nobody.
	Progress func(NewsProgress)
	// Memory is how many bytes of items are held at once before they go to the
	// disk. 0 means 32 MiB. What an import needs in all is some three times of it,
	// whatever the size of the files.
	Memory int
}

// NewsProgress says how far an import of news is.
type NewsProgress struct {
	Writing     bool  // all is read, and the dataset is being written
	Done, Total int64 // bytes of the files, or items to write
	Items       int   // read so far
}

const newsMemory = 32 << 20

// ImportNews reads files of news into the dataset folder dir, which is made if it
// is not there. docs/news.md describes the files.
//
// The files can be larger than memory, and in any order. Items of one symbol and
// session that say the same, but for case and white space, are folded into the
// earliest of them, with the number of copies. A file that is not understood, or
// that can be read in two ways, is an error; an item that cannot be used is left
// out and reported. The folder changes at one instant and only if all went well;
// what lies on the disk meanwhile is inside it.
func ImportNews(ctx context.Context, dir string, files []string, opts NewsOptions) (NewsReport, error) {
	n, err := newNewsImport(files, opts)
	if err != nil {
		return NewsReport{}, err
	}
	if n.change, err = data.BeginNewsChange(ctx, dir); err != nil {
		return NewsReport{}, err
	}
	defer n.change.Discard()
	if opts.Along != nil {
		if err := opts.Along(n.change); err != nil {
			return NewsReport{}, err
		}
	}
	if err := n.begin(dir); err != nil {
		return NewsReport{}, err
	}
	for _, path := range files {
		if err := n.readFile(ctx, path); err != nil {
			if ctx.Err() != nil {
				return NewsReport{}, err
			}
			return NewsReport{}, fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := n.settle(files); err != nil {
		return NewsReport{}, err
	}
	if err := n.write(ctx); err != nil {
		return NewsReport{}, err
	}
	if err := n.change.Commit(ctx, n.meta); err != nil {
		return NewsReport{}, err
	}
	return n.report, nil
}

// A newsImport is one import under way.
type newsImport struct {
	opts     NewsOptions
	explicit bool // the symbols were given
	change   *data.NewsChange
	calendar *data.Calendar
	meta     data.Meta
	symbols  []string // wanted; the place is that in records
	place    map[string]uint16
	// common are the symbols that every item so far names, where none are wanted.
	common []string
	// met are symbols in the files, for a message; there are at most mostMet.
	met     map[string]bool
	added   map[uint16]int // items by symbol
	counts  newsCounts
	reasons map[NewsFault]int
	report  NewsReport
	content *recordSorter
	buffer  []byte
	// wordless counts the items of the dataset that have no words.
	wordless uint64
	done     int64 // bytes of the files read
	total    int64
}

const mostMet = 1000

func newNewsImport(files []string, opts NewsOptions) (*newsImport, error) {
	n := &newsImport{opts: opts, place: map[string]uint16{}, met: map[string]bool{}, added: map[uint16]int{}, reasons: map[NewsFault]int{}}
	n.report = NewsReport{Files: []NewsFileReport{}, Symbols: []NewsSymbolReport{}, Skipped: []Skip{}}
	if len(files) == 0 {
		return nil, errors.New("no files of news")
	}
	for _, s := range opts.Symbols {
		canonical, err := data.Canonical(s)
		if err != nil {
			return nil, err
		}
		n.symbols = append(n.symbols, canonical)
	}
	n.explicit = len(n.symbols) > 0
	if _, err := newNewsMapper(opts.Fields); err != nil {
		return nil, err
	}
	if err := (CSVOptions{DateOrder: opts.DateOrder}).Validate(); err != nil {
		return nil, err
	}
	if n.opts.Memory == 0 {
		n.opts.Memory = newsMemory
	}
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			return nil, fmt.Errorf("%s is a folder; name the files in it", path)
		}
		n.total += info.Size()
	}
	return n, nil
}

// begin decides what the folder tells: the calendar and the symbols.
func (n *newsImport) begin(dir string) error {
	meta, there := n.change.Meta()
	if !n.explicit {
		n.symbols = n.change.Priced()
	}
	slices.Sort(n.symbols)
	n.symbols = slices.Compact(n.symbols)
	if len(n.symbols) > 1<<16 {
		return fmt.Errorf("%d symbols are more than an import takes; name fewer", len(n.symbols))
	}
	for i, s := range n.symbols {
		n.place[s] = uint16(i)
	}
	n.calendar = n.opts.Calendar
	switch {
	case there && n.calendar != nil && n.calendar.Name() != meta.Calendar:
		return fmt.Errorf("the calendar of %s is %s, not %s", dir, meta.Calendar, n.calendar.Name())
	case there:
		var err error
		if n.calendar, err = data.CalendarByName(meta.Calendar); err != nil {
			return err
		}
	case n.calendar == nil && len(n.symbols) > 0 && data.IsPair(n.symbols[0]):
		n.calendar = data.Always()
	case n.calendar == nil:
		n.calendar = data.NYSE()
	}
	name := n.opts.Name
	if name == "" {
		if abs, err := filepath.Abs(dir); err == nil {
			name = filepath.Base(abs)
		}
	}
	n.meta = data.Meta{Name: name, Calendar: n.calendar.Name(), PriceKind: data.OHLCV, Adjustment: data.UnknownAdjustment}
	folder, err := n.change.Scratch()
	if err != nil {
		return err
	}
	n.content = newRecordSorter(folder, n.opts.Memory)
	return nil
}

// readFile puts the items of one file into the first sort.
func (n *newsImport) readFile(ctx context.Context, path string) error {
	mapper, err := newNewsMapper(n.opts.Fields)
	if err != nil {
		return err
	}
	rows, close, err := openNewsRows(path, mapper, &n.done)
	if err != nil {
		return err
	}
	defer close()
	reader := &newsReader{mapper: mapper, stamps: newStampReader(n.opts.Zone, n.opts.DateOrder), calendar: n.calendar, counts: n.counts}
	file := NewsFileReport{File: filepath.Base(path)}
	checked, seen := false, 0
	err = rows.each(ctx, func(row newsRow) error {
		if seen++; seen%256 == 0 {
			n.progress(NewsProgress{Done: n.done, Total: n.total, Items: n.report.Read})
		}
		if !checked && row.fault == "" {
			if err := mapper.check(row); err != nil {
				if row.page {
					return nil // the frame of an empty list
				}
				return err
			}
			checked = true
		}
		before := n.report.Read
		err := n.take(reader, row, file.File)
		file.Read += n.report.Read - before
		if err != nil && !errors.Is(err, ErrSymbolNeeded) {
			err = fmt.Errorf("%s: %w", row.place(), err)
		}
		return err
	})
	if err != nil {
		return err
	}
	n.counts = reader.counts
	file.Format = rows.format()
	file.Fields, file.Unused = mapper.describe()
	n.report.Files = append(n.report.Files, file)
	n.meta.Sources = append(n.meta.Sources, file.Format+" news file "+file.File)
	return nil
}

// openNewsRows opens a file of any format. done counts the bytes that were read of
// it.
func openNewsRows(path string, mapper *newsMapper, done *int64) (newsRows, func(), error) {
	in, err := Open(path)
	if err != nil {
		return nil, nil, err
	}
	closing := func() { _ = in.Close() } // nothing was written
	text := bufio.NewReaderSize(in, 1<<16)
	start, err := text.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		closing()
		return nil, nil, err
	}
	if isParquet(start) {
		closing() // it is opened again, to be read at any place
		table, err := openParquet(path)
		if err != nil {
			return nil, nil, err
		}
		return &parquetNews{table, mapper, done}, func() { _ = table.Close() }, nil
	}
	rows, err := newTextRows(&countingReader{in: text, file: in, before: *done, done: done})
	if err != nil {
		closing()
		return nil, nil, err
	}
	return rows, closing, nil
}

func (n *newsImport) progress(p NewsProgress) {
	if n.opts.Progress != nil {
		n.opts.Progress(p)
	}
}

// A countingReader counts the bytes of a file that are read, for the progress;
// those of a packed file as they are packed.
type countingReader struct {
	in           io.Reader
	file         *Input
	before, read int64
	done         *int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	r.read += int64(n)
	*r.done = r.before + r.read
	if r.file.Packing != "" {
		*r.done = r.before + int64(r.file.Share()*float64(r.file.size))
	}
	return n, err
}

// take puts the items of one row into the first sort.
func (n *newsImport) take(reader *newsReader, row newsRow, file string) error {
	reading, err := reader.read(row)
	var left *faultyItem
	if errors.As(err, &left) {
		n.report.Read++
		reason := left.reason
		if row.line == 0 {
			reason = row.place() + ": " + reason
		}
		n.report.skip(n.reasons, Skip{File: file, Line: row.line, Reason: reason}, left.fault)
		return nil
	}
	if err != nil {
		return err
	}
	n.report.Read += len(reading.items)
	places, err := n.placesOf(reading)
	if err != nil {
		return err
	}
	if len(places) == 0 {
		n.report.OfOthers += len(reading.items)
		return nil
	}
	n.report.Used += len(reading.items)
	for _, item := range reading.items {
		for _, place := range places {
			n.added[place]++
			r := newsRecord{symbol: place, item: item}
			if len(n.symbols) > 0 {
				r.item = reading.of(n.symbols[place], item)
			}
			if err := n.add(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// ErrSymbolNeeded is returned by [ImportNews] where items name no symbol and not
// exactly one was asked for.
var ErrSymbolNeeded = errors.New("the file does not say which symbol its news are of")

// placesOf are the wanted symbols that an item is of.
func (n *newsImport) placesOf(reading newsReading) ([]uint16, error) {
	if !reading.named {
		if n.explicit && len(n.symbols) == 1 {
			return []uint16{0}, nil
		}
		return nil, ErrSymbolNeeded
	}
	if len(n.symbols) == 0 {
		return []uint16{0}, n.narrow(reading.symbols)
	}
	var places []uint16
	for _, s := range reading.symbols {
		if place, ok := n.place[s]; ok {
			places = append(places, place)
		} else if len(n.met) < mostMet {
			n.met[s] = true
		}
	}
	return places, nil
}

// A NewsSymbolError says that news are of several symbols and none was asked for.
type NewsSymbolError struct{ Symbols []string }

func (e *NewsSymbolError) Error() string {
	return "the news are of several symbols: " + list(e.Symbols, 12)
}

// narrow keeps the common symbols that an item names.
func (n *newsImport) narrow(symbols []string) error {
	if n.common == nil {
		n.common = slices.Clone(symbols)
		return nil
	}
	left := slices.DeleteFunc(slices.Clone(n.common), func(s string) bool { return !slices.Contains(symbols, s) })
	if len(left) == 0 {
		several := append(slices.Clone(n.common), symbols...)
		slices.Sort(several)
		return &NewsSymbolError{slices.Compact(several)}
	}
	n.common = left
	return nil
}

// add puts one item into the first sort.
func (n *newsImport) add(r newsRecord) error {
	session, err := n.calendar.NewsSession(r.item, 0)
	if err != nil {
		// Only what is there already: an item outside the calendar is kept, and folded
		// with those of its date.
		session = data.SessionOf(r.item.Time)
	}
	digest := contentDigest(r.item)
	if r.there && !hasWord(r.item.Title) && !hasWord(r.item.Text) {
		// Items without words do not say the same.
		n.wordless++
		binary.BigEndian.PutUint64(digest[:], n.wordless)
	}
	n.buffer = r.appendByContent(n.buffer[:0], dayOf(session), digest)
	return n.content.add(n.buffer)
}

// dayOf numbers the dates.
func dayOf(s data.Session) int32 { return int32(s.In(time.UTC).Unix() / (24 * 60 * 60)) }

// settle decides which symbols have news, and whether there is anything to do.
func (n *newsImport) settle(files []string) error {
	n.report.Reasons = sortReasons(n.reasons)
	n.report.Notes = append(n.counts.notes(), n.report.Notes...)
	if n.counts.labels > 0 {
		n.meta.Notes = append(n.meta.Notes, "sentiment labels came with the news; who set them, and when, is not known")
	}
	what := strings.Join(baseNames(files), ", ")
	switch {
	case n.report.Used == 0 && n.report.Read > 0 && n.report.OfOthers > 0:
		return fmt.Errorf("%s: no news of %s; it has %s", what, list(n.symbols, 12), list(sortedKeys(n.met), 12))
	case n.report.Used == 0 && n.report.Read > 0:
		return fmt.Errorf("%s: none of %d items can be used; the first: %s", what, n.report.Read, n.report.Skipped[0])
	case n.report.Used == 0 && !n.explicit:
		return fmt.Errorf("%s: no news in it", what)
	case len(n.symbols) > 0:
		return nil
	case len(n.common) > 1:
		return &NewsSymbolError{n.common}
	}
	n.symbols = n.common
	return nil
}

func baseNames(paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(path)
	}
	return names
}

// write puts all items in order and writes them.
func (n *newsImport) write(ctx context.Context) error {
	n.report.Symbols = make([]NewsSymbolReport, len(n.symbols))
	for i, symbol := range n.symbols {
		r := &n.report.Symbols[i]
		r.Symbol, r.New = symbol, n.added[uint16(i)]
		if n.opts.Replace {
			continue
		}
		err := n.change.Each(ctx, symbol, func(item data.News) error {
			r.There++
			return n.add(newsRecord{symbol: uint16(i), item: item, there: true})
		})
		if err != nil {
			return err
		}
	}
	folder, err := n.change.Scratch()
	if err != nil {
		return err
	}
	inTime := newRecordSorter(folder, n.opts.Memory)
	total, err := n.fold(ctx, inTime)
	if err != nil {
		return err
	}
	items, err := inTime.sorted()
	if err != nil {
		return err
	}
	return errors.Join(n.writeItems(ctx, items, total), items.close())
}

// writeItems writes items that come in order. Their number is known.
func (n *newsImport) writeItems(ctx context.Context, items *sortedRecords, total int64) error {
	done := int64(0)
	out := newsOutput{change: n.change, symbols: n.report.Symbols, score: n.opts.Score}
	defer out.discard()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch, err := nextBatch(items)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return out.end(n.explicit && n.report.Read == 0)
		}
		if err := out.write(batch); err != nil {
			return err
		}
		done += int64(len(batch))
		n.progress(NewsProgress{Writing: true, Done: done, Total: total, Items: n.report.Read})
	}
}

// Items are written in batches, whose sentiments are computed side by side. A
// batch ends early where its items are long.
const (
	batchItems = 512
	batchBytes = 4 << 20
)

func nextBatch(items *sortedRecords) ([]newsRecord, error) {
	var batch []newsRecord
	for size := 0; len(batch) < batchItems && size < batchBytes; {
		record, err := items.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		size += len(record)
		r, err := readByTime(record)
		if err != nil {
			return nil, err
		}
		batch = append(batch, r)
	}
	return batch, nil
}

// A newsOutput writes the news of one symbol after the other.
type newsOutput struct {
	change  *data.NewsChange
	symbols []NewsSymbolReport
	score   func(string) data.Sentiment
	at      int // the symbol whose file is open
	file    *data.NewsWriter
}

func (o *newsOutput) write(batch []newsRecord) error {
	scored := o.scoreAll(batch)
	for i, r := range batch {
		if err := o.open(int(r.symbol)); err != nil {
			return err
		}
		if err := o.file.Write(r.item); err != nil {
			return err
		}
		o.symbols[o.at].count(r.item, scored[i])
	}
	return nil
}

// count adds an item that was written.
func (r *NewsSymbolReport) count(item data.News, scored bool) {
	if r.Items == 0 {
		r.First = stampText(item)
	}
	r.Last = stampText(item)
	r.Items++
	if item.DateOnly {
		r.DateOnly++
	}
	if scored {
		r.Scored++
	}
}

// scoreAll gives a sentiment to the items of a batch that have none. It reports
// which those were.
func (o *newsOutput) scoreAll(batch []newsRecord) []bool {
	scored := make([]bool, len(batch))
	if o.score == nil {
		return scored
	}
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(batch); i += workers {
				item := &batch[i].item
				text := strings.TrimSpace(item.Title + "\n" + item.Text)
				if item.Sentiment == nil && text != "" {
					s := o.score(text)
					item.Sentiment, scored[i] = &s, true
				}
			}
		})
	}
	wait.Wait()
	return scored
}

// open makes the file of a symbol the one that is written to.
func (o *newsOutput) open(symbol int) error {
	if o.file != nil && o.at == symbol {
		return nil
	}
	if err := o.closeFile(); err != nil {
		return err
	}
	o.at = symbol
	var err error
	o.file, err = o.change.Create(o.symbols[symbol].Symbol)
	return err
}

func (o *newsOutput) closeFile() error {
	if o.file == nil {
		return nil
	}
	file := o.file
	o.file = nil
	return file.Close()
}

// end closes the last file. Where the files held no news at all, which says that
// there is none, a symbol that was asked for gets an empty file.
func (o *newsOutput) end(empty bool) error {
	if err := o.closeFile(); err != nil {
		return err
	}
	for i, s := range o.symbols {
		if empty && s.Items == 0 {
			if err := o.open(i); err != nil {
				return err
			}
			if err := o.closeFile(); err != nil {
				return err
			}
		}
	}
	return nil
}

// discard closes a file that is still open after an error.
func (o *newsOutput) discard() {
	if o.file != nil {
		_ = o.file.Close() // the change is given up, so nothing depends on it
	}
}
