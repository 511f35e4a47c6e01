// Package importer turns files of other programs and vendors into a
// [data.History] with its [data.Meta].
//
// Each importer takes a path and a symbol and returns a [Result]. A row that
// cannot be used is left out and listed in the [Report] with file, line and
// reason; it is never dropped silently and never repaired by guessing. A file
// whose meaning is ambiguous is refused with a hint instead.
//
// Files may be packed with gzip or zip, see [Open]. The Detect functions say, from
// the beginning of a file, whether it is of a format.
//
// Importers read local files only. They read no clock and no time zone of the
// host: a stamp without a zone is refused or taken as the date it spells.
package importer

import (
	"fmt"

	"finmem/data"
)

// A Report says what an import read and what became of it.
type Report struct {
	Format  string   `json:"format"` // such as "yahoo", "csv", "finmem", "investorbench"
	Symbol  string   `json:"symbol"` // canonical
	Read    int      `json:"read"`   // rows or records seen, the header left out
	Kept    int      `json:"kept"`   // of these, how many are in the result
	Skipped []Skip   `json:"skipped"`
	Notes   []string `json:"notes"` // whatever a person should know of the result
}

// A Skip is one row or record that was left out.
type Skip struct {
	File   string `json:"file"`
	Line   int    `json:"line"` // from 1; 0 where the format has no lines
	Reason string `json:"reason"`
}

func (s Skip) String() string {
	if s.Line == 0 {
		return s.File + ": " + s.Reason
	}
	return fmt.Sprintf("%s line %d: %s", s.File, s.Line, s.Reason)
}

// A Result is what one import yields.
type Result struct {
	History data.History
	Meta    data.Meta
	Report  Report
}
