package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// A parquetTable is a Parquet file, read row by row. Only the columns asked for
// are read, one page of each at a time, so a file of any length takes the memory
// of a few pages.
//
// A file is checked before the library sees it: it takes what the file claims of
// sizes at its word, and memory that is not there cannot be recovered from. What
// the library panics on comes back as an error that names the file.
type parquetTable struct {
	path    string
	input   *Input
	file    io.ReaderAt
	size    int64
	parquet *parquet.File
	leaves  []parquetLeaf
}

// A parquetLeaf is a column of values. A list of values is one column, under
// the name of the list; the fields of a group are columns named group.field.
type parquetLeaf struct {
	name   string
	index  int // among the columns of a row group
	column *parquet.Column
	list   bool
}

// Bounds on what a Parquet file may ask for.
const (
	maxParquetFooter = 16 << 20  // bytes of description
	maxParquetPage   = 256 << 20 // bytes of one page of one column, unpacked
	maxParquetValues = 16 << 20  // values of one page
	maxParquetList   = 64 << 20  // bytes of the values in one list
)

// A stampKind says how much a parquetTime knows.
type stampKind int

const (
	instantStamp stampKind = iota // an instant
	localStamp                    // a date and time of day without a zone; its time is as if in UTC
	dateStamp                     // a date; its time is midnight UTC
)

// A parquetTime is a value of a column of dates or times.
type parquetTime struct {
	time time.Time
	kind stampKind
}

// openParquet opens a Parquet file and reads its description. One that is packed
// is unpacked into memory.
func openParquet(path string) (*parquetTable, error) {
	in, err := Open(path)
	if err != nil {
		return nil, err
	}
	t := &parquetTable{path: path, input: in}
	if t.file, t.size, err = in.Random(); err == nil {
		err = t.describe()
	}
	if err != nil {
		_ = in.Close() // only read from
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return t, nil
}

// isParquet reports whether content begins as a Parquet file does.
func isParquet(start []byte) bool { return strings.HasPrefix(string(start), "PAR1") }

func (t *parquetTable) Close() error { return t.input.Close() }

func (t *parquetTable) describe() error {
	if t.size < 12 {
		return fmt.Errorf("%d bytes are no Parquet file", t.size)
	}
	if err := checkParquetFooter(t.file, t.size); err != nil {
		return err
	}
	err := guarded(func() (err error) {
		t.parquet, err = parquet.OpenFile(t.file, t.size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			return err
		}
		t.leaves = parquetLeaves(t.parquet.Root(), nil)
		return nil
	})
	if err != nil {
		return err
	}
	for i, leaf := range t.leaves {
		if slices.ContainsFunc(t.leaves[:i], func(l parquetLeaf) bool { return l.name == leaf.name }) {
			return fmt.Errorf("two columns are named %.40q", leaf.name)
		}
	}
	return nil
}

// guarded calls the library and turns a panic of it into an error. Only damaged
// or hostile files make it panic.
func guarded(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the Parquet file is damaged: %v", p)
		}
	}()
	return call()
}

// parquetLeaves lists the columns of values below a node of the schema.
func parquetLeaves(c *parquet.Column, path []string) []parquetLeaf {
	if c.Leaf() {
		return []parquetLeaf{{name: strings.Join(path, "."), index: c.Index(), column: c, list: c.MaxRepetitionLevel() > 0}}
	}
	var leaves []parquetLeaf
	for _, child := range c.Columns() {
		below := append(slices.Clone(path), child.Name())
		// The two levels below a list are called list and element, or array, or
		// bag and array_element, by whoever wrote it; they say nothing.
		if len(path) > 0 && (child.Repeated() || c.Repeated()) && len(c.Columns()) == 1 {
			below = path
		}
		leaves = append(leaves, parquetLeaves(child, below)...)
	}
	return leaves
}

// columns are the names of the columns, in the order of the file.
func (t *parquetTable) columns() []string {
	names := make([]string, len(t.leaves))
	for i, leaf := range t.leaves {
		names[i] = leaf.name
	}
	return names
}

// rows is the number of rows that the file says it has.
func (t *parquetTable) rows() int64 { return t.parquet.NumRows() }

// read hands the rows to row, from the first to the last, numbered from 1.
// values are those of the columns in the order of their names; a name that the
// file does not have gives nil in every row, but one at least must be there. The slice is used again for the
// next row.
//
// A value is nil (null), string, bool, int64, float64, [parquetTime], or []any
// of these where the column is a list. Bytes that are not marked as text are a
// string too. Decimals, times of day and whatever else is an [opaque].
func (t *parquetTable) read(ctx context.Context, columns []string, row func(n int64, values []any) error) error {
	if !slices.ContainsFunc(t.leaves, func(l parquetLeaf) bool { return slices.Contains(columns, l.name) }) {
		return fmt.Errorf("%s has no column %s; it has %s", filepath.Base(t.path), strings.Join(columns, ", "), strings.Join(t.columns(), ", "))
	}
	n := int64(0)
	for g, group := range t.parquet.RowGroups() {
		cursors := make([]*parquetCursor, len(columns))
		err := guarded(func() error {
			chunks := group.ColumnChunks()
			for i, name := range columns {
				at := slices.IndexFunc(t.leaves, func(l parquetLeaf) bool { return l.name == name })
				if at < 0 {
					continue
				}
				leaf := t.leaves[at]
				if leaf.index >= len(chunks) {
					return fmt.Errorf("column %q is missing from a row group", name)
				}
				cursors[i] = &parquetCursor{leaf: leaf, convert: parquetConverter(leaf.column.Type())}
				if err := checkParquetPages(t.file, t.size, t.parquet.Metadata().RowGroups[g].Columns[leaf.index].MetaData); err != nil {
					return fmt.Errorf("column %q: %w", name, err)
				}
				cursors[i].pages = chunks[leaf.index].Pages()
			}
			return nil
		})
		if err != nil {
			err = fmt.Errorf("%s: %w", filepath.Base(t.path), err)
		} else {
			err = t.readGroup(ctx, group.NumRows(), cursors, &n, row)
		}
		for _, c := range cursors {
			if c != nil && c.pages != nil {
				_ = guarded(c.pages.Close) // reading is over, or has failed already
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *parquetTable) readGroup(ctx context.Context, rows int64, cursors []*parquetCursor, n *int64, row func(int64, []any) error) error {
	values := make([]any, len(cursors))
	for range rows {
		*n++
		if *n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for i, c := range cursors {
			if c == nil {
				continue
			}
			v, err := c.next()
			if err != nil {
				return fmt.Errorf("%s row %d, column %q: %w", filepath.Base(t.path), *n, c.leaf.name, err)
			}
			values[i] = v
		}
		if err := row(*n, values); err != nil {
			return err
		}
	}
	return nil
}

// A parquetCursor walks the values of one column of one row group.
type parquetCursor struct {
	leaf    parquetLeaf
	convert func(parquet.Value) any
	pages   parquet.Pages
	values  parquet.ValueReader
	buffer  [64]parquet.Value
	at, end int
}

// next is the value of the next row.
func (c *parquetCursor) next() (any, error) {
	v, err := c.peek()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the column ends before the others")
		}
		return nil, err
	}
	c.at++
	if !c.leaf.list {
		return c.value(v), nil
	}
	list := []any{}
	for size := 0; ; {
		// One text that many places of a list refer to is small in the file only.
		size += 16
		if k := v.Kind(); k == parquet.ByteArray || k == parquet.FixedLenByteArray {
			size += len(v.ByteArray())
		}
		if size > maxParquetList {
			return nil, fmt.Errorf("a list of more than %d MiB", maxParquetList>>20)
		}
		if !v.IsNull() {
			list = append(list, c.value(v))
		}
		if v, err = c.peek(); errors.Is(err, io.EOF) || err == nil && v.RepetitionLevel() == 0 {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		c.at++
	}
}

func (c *parquetCursor) value(v parquet.Value) any {
	if v.IsNull() {
		return nil
	}
	return c.convert(v)
}

// peek is the next value, which stays next.
func (c *parquetCursor) peek() (parquet.Value, error) {
	for c.at == c.end {
		if err := guarded(c.fill); err != nil {
			return parquet.Value{}, err
		}
	}
	return c.buffer[c.at], nil
}

// fill reads more values, from the next page if need be.
func (c *parquetCursor) fill() error {
	c.at, c.end = 0, 0
	if c.values == nil {
		page, err := c.pages.ReadPage()
		if err != nil {
			return err
		}
		c.values = page.Values()
	}
	// Text in the values lies in the page. It is copied when a value is converted,
	// which is before the next are read.
	n, err := c.values.ReadValues(c.buffer[:])
	c.end = n
	if errors.Is(err, io.EOF) {
		c.values, err = nil, nil
	}
	return err
}

// parquetConverter is how a value of a type is read.
func parquetConverter(t parquet.Type) func(parquet.Value) any {
	if logical := t.LogicalType(); logical != nil {
		switch l := logical.Value.(type) {
		case *format.TimestampType:
			unit := time.Nanosecond
			if l.Unit.Value != nil {
				unit = l.Unit.Value.Duration()
			}
			kind := localStamp
			if l.IsAdjustedToUTC {
				kind = instantStamp
			}
			return func(v parquet.Value) any { return parquetTime{unixIn(v.Int64(), unit), kind} }
		case *format.DateType:
			return parquetDate
		case *format.DecimalType:
			return opaqueValue("a decimal")
		case *format.TimeType:
			return opaqueValue("a time of day")
		}
	}
	switch t.Kind() {
	case parquet.Boolean:
		return func(v parquet.Value) any { return v.Boolean() }
	case parquet.Int32:
		return func(v parquet.Value) any { return int64(v.Int32()) }
	case parquet.Int64:
		return func(v parquet.Value) any { return v.Int64() }
	case parquet.Int96:
		return func(v parquet.Value) any { return int96Time(v.Int96()) }
	case parquet.Float:
		return func(v parquet.Value) any { return float64(v.Float()) }
	case parquet.Double:
		return func(v parquet.Value) any { return v.Double() }
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return func(v parquet.Value) any { return string(v.ByteArray()) }
	}
	return opaqueValue("a value of a kind that is not known")
}

func opaqueValue(what string) func(parquet.Value) any {
	return func(parquet.Value) any { return opaque(what) }
}

// unixIn is the time n units after 1970 in UTC.
func unixIn(n int64, unit time.Duration) time.Time {
	per := int64(time.Second / unit)
	seconds, rest := n/per, n%per
	return time.Unix(seconds, rest*int64(unit)).UTC()
}

func parquetDate(v parquet.Value) any {
	return parquetTime{time.Unix(int64(v.Int32())*24*60*60, 0).UTC(), dateStamp}
}

// int96Time reads the time stamps that Spark and Impala wrote before there were
// others: nanoseconds of the day, then the Julian day. They do not say their
// zone.
func int96Time(v deprecated.Int96) parquetTime {
	const julianEpoch = 2440588 // 1970-01-01
	nanos := int64(v[1])<<32 | int64(v[0])
	days := int64(v[2]) - julianEpoch
	return parquetTime{time.Unix(days*24*60*60, 0).Add(time.Duration(nanos)).UTC(), localStamp}
}
