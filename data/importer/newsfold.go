package importer

import (
	"context"
	"errors"
	"io"

	"finmem/data"
)

// fold reads the first sort and puts its items into the second one: of those of
// one symbol, session and content the earliest, with the number of copies. It
// returns how many there are.
func (n *newsImport) fold(ctx context.Context, inTime *recordSorter) (int64, error) {
	records, err := n.content.sorted()
	if err != nil {
		return 0, err
	}
	total, err := n.foldRecords(ctx, records, inTime)
	return total, errors.Join(err, records.close())
}

func (n *newsImport) foldRecords(ctx context.Context, records *sortedRecords, inTime *recordSorter) (int64, error) {
	var g newsGroup
	total := int64(0)
	flush := func() error {
		if len(g.first) == 0 {
			return nil
		}
		total++
		n.buffer = g.record(n.buffer[:0])
		return inTime.add(n.buffer)
	}
	for i := 0; ; i++ {
		if i%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		record, err := records.next()
		if errors.Is(err, io.EOF) {
			return total, flush()
		}
		if err != nil {
			return 0, err
		}
		symbol := &n.report.Symbols[int(record[0])<<8|int(record[1])]
		if len(g.first) > 0 && sameContent(g.first, record) {
			symbol.Folded++
			if err := g.join(record); err != nil {
				return 0, err
			}
		} else {
			if err := flush(); err != nil {
				return 0, err
			}
			g.start(record)
		}
	}
}

// A newsGroup is the items of one content that were met so far. They come in the
// order of time, title and text.
type newsGroup struct {
	first  []byte // record of the first sort
	joined bool   // there is more than one, and what follows counts
	kept   newsRecord
	// last is the item before, whose time, title and text may come again.
	last newsRecord
	// there and added are the copies in the dataset and in the files.
	there, added int
	// shared is set where the dataset and the files have the very same item, so that
	// the copies of one are among those of the other.
	shared bool
}

func (g *newsGroup) start(record []byte) {
	*g = newsGroup{first: append(g.first[:0], record...)}
}

// join adds an item to those before it.
func (g *newsGroup) join(record []byte) error {
	if !g.joined {
		first, err := readByTime(byTime(nil, g.first))
		if err != nil {
			return err
		}
		g.kept, g.last, g.joined = first, first, true
		g.count(first)
	}
	r, err := readByTime(byTime(nil, record))
	if err != nil {
		return err
	}
	g.count(r)
	same := sameItem(g.last.item, r.item)
	if same && g.last.there != r.there {
		g.shared = true
	}
	g.last = r
	if !sameItem(g.kept.item, r.item) {
		if g.kept.item.Sentiment == nil {
			g.kept.item.Sentiment = r.item.Sentiment // the same words have the same tone
		}
		return nil
	}
	// The item that is in the dataset stays, with what it lacks from the other.
	if r.there && !g.kept.there {
		g.kept, r = r, g.kept
	}
	if g.kept.item.Source == "" {
		g.kept.item.Source = r.item.Source
	}
	if g.kept.item.URL == "" {
		g.kept.item.URL = r.item.URL
	}
	if g.kept.item.Sentiment == nil {
		g.kept.item.Sentiment = r.item.Sentiment
	}
	return nil
}

func (g *newsGroup) count(r newsRecord) {
	if r.there {
		g.there += r.item.Copies
	} else {
		g.added += r.item.Copies
	}
}

func sameItem(a, b data.News) bool {
	return a.Time.Equal(b.Time) && a.Title == b.Title && a.Text == b.Text
}

// record is the group as a record of the second sort.
func (g *newsGroup) record(to []byte) []byte {
	if !g.joined {
		return byTime(to, g.first)
	}
	r := g.kept
	r.item.Copies = g.there + g.added
	if g.shared {
		r.item.Copies = max(g.there, g.added)
	}
	return r.appendByTime(to)
}
