package importer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"finmem/data"
)

// A NewsReport says what an import of news read and what became of it. Read is
// the sum of Used, OfOthers and SkippedCount.
type NewsReport struct {
	Files   []NewsFileReport   `json:"files"`
	Symbols []NewsSymbolReport `json:"symbols"`
	Read    int                `json:"read"` // items, and rows that gave none
	Used    int                `json:"used"` // of these, how many went to a symbol
	// OfOthers counts items that are only of symbols which were not asked for.
	OfOthers     int          `json:"ofOthers"`
	SkippedCount int          `json:"skippedCount"`
	Reasons      []NewsReason `json:"reasons"` // why, the most frequent first
	Skipped      []Skip       `json:"skipped"` // the first of them
	Notes        []string     `json:"notes"`
}

// A NewsFileReport is about one file.
type NewsFileReport struct {
	File   string `json:"file"`
	Format string `json:"format"` // csv, json, jsonl, parquet
	Read   int    `json:"read"`
	// Fields are the names in the file by the part that they hold, the best name
	// first.
	Fields map[string][]string `json:"fields"`
	Unused []string            `json:"unused"` // fields that were not read
}

// A NewsSymbolReport is about the news of one symbol: Items = There + New -
// Folded.
type NewsSymbolReport struct {
	Symbol string `json:"symbol"`
	Items  int    `json:"items"` // in the dataset now
	There  int    `json:"there"` // in the dataset before
	New    int    `json:"new"`   // out of the files
	// Folded counts items that were found to be copies of another of the same
	// session.
	Folded   int `json:"folded"`
	DateOnly int `json:"dateOnly"` // of Items, those without a time
	Scored   int `json:"scored"`   // of Items, those whose sentiment was computed now
	// First and Last are the stamps of the oldest and the newest item, "" where
	// there is none.
	First string `json:"first"`
	Last  string `json:"last"`
}

// A NewsReason is how often items were left out for one reason.
type NewsReason struct {
	Reason NewsFault `json:"reason"`
	Count  int       `json:"count"`
}

// mostSkips is how many items that were left out a report lists.
const mostSkips = 20

// skip counts an item that is left out, and lists it if it is among the first.
func (r *NewsReport) skip(reasons map[NewsFault]int, s Skip, fault NewsFault) {
	reasons[fault]++
	r.SkippedCount++
	if len(r.Skipped) < mostSkips {
		r.Skipped = append(r.Skipped, s)
	}
}

// sortReasons lists reasons, the most frequent first.
func sortReasons(reasons map[NewsFault]int) []NewsReason {
	out := []NewsReason{}
	for _, fault := range slices.Sorted(maps.Keys(reasons)) {
		out = append(out, NewsReason{fault, reasons[fault]})
	}
	slices.SortStableFunc(out, func(a, b NewsReason) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

// notes puts what a reader made of the files into sentences.
func (c newsCounts) notes() []string {
	notes := []string{}
	note := func(n int, format string) {
		if n > 0 {
			notes = append(notes, fmt.Sprintf(format, n))
		}
	}
	note(c.midnight, "%d items are stamped exactly at midnight, which is taken for a date without a time: they count as known only after that date's close")
	note(c.scores, "%d items came with scores of sentiment, which are kept")
	note(c.labels, "%d items came with a label of sentiment, which is kept; who set it, and when, the file does not say")
	note(c.unread, "%d items speak of sentiment that cannot be read as a whole; their text was left as it is")
	return notes
}

// stampText is the time of an item as a dataset writes it.
func stampText(n data.News) string {
	if n.DateOnly {
		return string(data.SessionOf(n.Time))
	}
	return n.Time.Format("2006-01-02T15:04:05.999999999Z07:00")
}
