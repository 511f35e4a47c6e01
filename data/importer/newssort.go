package importer

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// A recordSorter puts any number of records in the order of their bytes, with
// memory for one arena: full arenas are sorted and go to a folder as runs, and
// runs are merged.
type recordSorter struct {
	folder string
	arena  []byte
	places []recordPlace
	limit  int
	levels [][]string // runs that came of merging the level before, by level
	made   int
}

type recordPlace struct{ start, end int }

// mergeWidth is how many runs are merged at once; each needs a buffer and a
// record in memory.
const mergeWidth = 24

// newRecordSorter makes a sorter that uses limit bytes of memory, and some more
// for the places of the records in them.
func newRecordSorter(folder string, limit int) *recordSorter {
	return &recordSorter{folder: folder, limit: limit}
}

// add takes a copy of a record.
func (s *recordSorter) add(record []byte) error {
	if len(s.arena) > 0 && len(s.arena)+len(record) > s.limit {
		if err := s.spill(); err != nil {
			return err
		}
	}
	start := len(s.arena)
	s.arena = append(s.arena, record...)
	s.places = append(s.places, recordPlace{start, len(s.arena)})
	return nil
}

func (s *recordSorter) sortArena() {
	slices.SortFunc(s.places, func(a, b recordPlace) int {
		return bytes.Compare(s.arena[a.start:a.end], s.arena[b.start:b.end])
	})
}

// spill writes the arena as a run of the lowest level and empties it.
func (s *recordSorter) spill() error {
	s.sortArena()
	next := 0
	name, err := s.writeRun(func() ([]byte, error) {
		if next == len(s.places) {
			return nil, io.EOF
		}
		p := s.places[next]
		next++
		return s.arena[p.start:p.end], nil
	})
	if err != nil {
		return err
	}
	s.arena, s.places = s.arena[:0], s.places[:0]
	return s.place(0, name)
}

// place puts a run into a level; a full one becomes a run of the next.
func (s *recordSorter) place(level int, name string) error {
	if level == len(s.levels) {
		s.levels = append(s.levels, nil)
	}
	s.levels[level] = append(s.levels[level], name)
	if len(s.levels[level]) < mergeWidth {
		return nil
	}
	merged, err := s.mergeRuns(s.levels[level])
	if err != nil {
		return err
	}
	s.levels[level] = nil
	return s.place(level+1, merged)
}

// mergeRuns makes one run of several and removes them.
func (s *recordSorter) mergeRuns(names []string) (string, error) {
	m, err := openMerge(names)
	if err != nil {
		return "", err
	}
	merged, err := s.writeRun(m.next)
	if err = errors.Join(err, m.close()); err != nil {
		return "", err
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil {
			return "", err
		}
	}
	return merged, nil
}

// writeRun writes the records that next gives to a file of its own.
func (s *recordSorter) writeRun(next func() ([]byte, error)) (name string, err error) {
	name = filepath.Join(s.folder, fmt.Sprintf("run-%d", s.made))
	s.made++
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<18)
	var length [binary.MaxVarintLen64]byte
	for {
		record, err := next()
		if errors.Is(err, io.EOF) {
			return name, w.Flush()
		}
		if err != nil {
			return "", err
		}
		n := binary.PutUvarint(length[:], uint64(len(record)))
		if _, err := w.Write(length[:n]); err != nil {
			return "", err
		}
		if _, err := w.Write(record); err != nil {
			return "", err
		}
	}
}

// sorted ends the adding. It gives the records in order; each counts until the
// next is asked for.
func (s *recordSorter) sorted() (*sortedRecords, error) {
	if len(s.levels) == 0 {
		s.sortArena()
		return &sortedRecords{arena: s.arena, places: s.places}, nil
	}
	if len(s.places) > 0 {
		if err := s.spill(); err != nil {
			return nil, err
		}
	}
	s.arena, s.places = nil, nil
	var names []string
	for _, level := range s.levels {
		names = append(names, level...)
	}
	for len(names) > mergeWidth {
		merged, err := s.mergeRuns(names[:mergeWidth])
		if err != nil {
			return nil, err
		}
		names = append(names[mergeWidth:], merged)
	}
	m, err := openMerge(names)
	return &sortedRecords{merge: m}, err
}

// sortedRecords are records in order, from memory or from runs.
type sortedRecords struct {
	arena  []byte
	places []recordPlace
	merge  *runMerge
}

// next is the next record; io.EOF follows the last.
func (r *sortedRecords) next() ([]byte, error) {
	if r.merge != nil {
		return r.merge.next()
	}
	if len(r.places) == 0 {
		return nil, io.EOF
	}
	p := r.places[0]
	r.places = r.places[1:]
	return r.arena[p.start:p.end], nil
}

func (r *sortedRecords) close() error {
	if r.merge == nil {
		return nil
	}
	return r.merge.close()
}

// A runMerge gives the records of several runs in order. It is a heap of runs by
// their next record.
type runMerge struct {
	runs   []*run
	opened []*run
	given  bool // the record of runs[0] was given out
}

type run struct {
	file   *os.File
	in     *bufio.Reader
	record []byte
}

func openMerge(names []string) (*runMerge, error) {
	m := &runMerge{}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, errors.Join(err, m.close())
		}
		r := &run{file: f, in: bufio.NewReaderSize(f, 1<<17)}
		m.opened = append(m.opened, r)
		switch err := r.advance(); {
		case err == nil:
			m.runs = append(m.runs, r)
		case !errors.Is(err, io.EOF):
			return nil, errors.Join(err, m.close())
		}
	}
	heap.Init(m)
	return m, nil
}

// advance reads the next record of a run.
func (r *run) advance() error {
	length, err := binary.ReadUvarint(r.in)
	if err != nil {
		return err
	}
	r.record = slices.Grow(r.record[:0], int(length))[:length]
	if _, err := io.ReadFull(r.in, r.record); err != nil {
		return fmt.Errorf("%s: %w", r.file.Name(), err)
	}
	return nil
}

func (m *runMerge) next() ([]byte, error) {
	if m.given {
		switch err := m.runs[0].advance(); {
		case err == nil:
			heap.Fix(m, 0)
		case errors.Is(err, io.EOF):
			heap.Pop(m)
		default:
			return nil, err
		}
		m.given = false
	}
	if len(m.runs) == 0 {
		return nil, io.EOF
	}
	m.given = true
	return m.runs[0].record, nil
}

func (m *runMerge) close() error {
	var err error
	for _, r := range m.opened {
		err = errors.Join(err, r.file.Close())
	}
	m.opened = nil
	return err
}

// The methods of a heap.

func (m *runMerge) Len() int           { return len(m.runs) }
func (m *runMerge) Less(i, j int) bool { return bytes.Compare(m.runs[i].record, m.runs[j].record) < 0 }
func (m *runMerge) Swap(i, j int)      { m.runs[i], m.runs[j] = m.runs[j], m.runs[i] }
func (m *runMerge) Push(x any)         { m.runs = append(m.runs, x.(*run)) }
func (m *runMerge) Pop() any {
	last := m.runs[len(m.runs)-1]
	m.runs = m.runs[:len(m.runs)-1]
	return last
}
