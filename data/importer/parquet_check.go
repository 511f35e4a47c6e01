package importer

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// checkParquetFooter walks the description of a Parquet file, which is a thrift
// struct in the compact form, and refuses one that claims more than it can hold.
func checkParquetFooter(r io.ReaderAt, size int64) error {
	var start [4]byte
	var end [8]byte
	if _, err := r.ReadAt(start[:], 0); err != nil {
		return fmt.Errorf("read the start: %w", err)
	}
	if _, err := r.ReadAt(end[:], size-8); err != nil {
		return fmt.Errorf("read the end: %w", err)
	}
	switch {
	case string(end[4:]) == "PARE":
		return errors.New("the Parquet file is encrypted")
	case !isParquet(start[:]):
		return errors.New("no Parquet file: it does not begin with PAR1")
	case string(end[4:]) != "PAR1":
		return errors.New("no whole Parquet file: it does not end with PAR1")
	}
	length := int64(binary.LittleEndian.Uint32(end[:]))
	if length > size-12 {
		return fmt.Errorf("the Parquet file is damaged: its description has %d bytes, the file %d", length, size)
	}
	if length > maxParquetFooter {
		return fmt.Errorf("the description of the Parquet file has %d MiB, more than %d", length>>20, maxParquetFooter>>20)
	}
	w := thriftWalker{r: bufio.NewReader(io.NewSectionReader(r, size-8-length, length)), left: length}
	if err := w.structure(0, nil); err != nil {
		return fmt.Errorf("the Parquet file is damaged: its description: %w", err)
	}
	return nil
}

// maxPageHeader bounds the bytes of a page's header, which can hold the least
// and the greatest value of the page.
const maxPageHeader = 16 << 20

// checkParquetPages walks the headers of the pages of a column in one row group.
func checkParquetPages(r io.ReaderAt, size int64, meta format.ColumnMetaData) error {
	start := meta.DataPageOffset
	if meta.DictionaryPageOffset != 0 {
		start = meta.DictionaryPageOffset
	}
	end := start + meta.TotalCompressedSize
	if start < 0 || meta.TotalCompressedSize < 0 || end < start || end > size {
		return fmt.Errorf("the Parquet file is damaged: bytes %d to %d of %d", start, end, size)
	}
	for at := start; at < end; {
		w := thriftWalker{r: bufio.NewReaderSize(io.NewSectionReader(r, at, end-at), 512), left: min(end-at, maxPageHeader)}
		length := w.left
		p := pageHeader{compressed: true}
		if err := w.structure(0, p.set); err != nil {
			return fmt.Errorf("the Parquet file is damaged: header of a page at byte %d: %w", at, err)
		}
		at += length - w.left
		switch {
		case p.packed < 0 || p.packed > end-at || p.unpacked < 0 || p.values < 0 || p.levels < 0 || p.levels > min(p.packed, p.unpacked):
			return fmt.Errorf("the Parquet file is damaged: a page of %d bytes at byte %d of %d", p.packed, at, size)
		case max(p.packed, p.unpacked) > maxParquetPage:
			return fmt.Errorf("a page has %d MiB, more than %d; write the file with smaller pages", max(p.packed, p.unpacked)>>20, maxParquetPage>>20)
		case p.values > maxParquetValues:
			return fmt.Errorf("a page has %d values, more than %d; write the file with smaller pages", p.values, maxParquetValues)
		}
		if p.compressed {
			body := io.NewSectionReader(r, at+p.levels, p.packed-p.levels)
			if err := checkUnpacked(body, meta.Codec, p.unpacked-p.levels); err != nil {
				return fmt.Errorf("page at byte %d: %w", at, err)
			}
		}
		at += p.packed
	}
	return nil
}

// A pageHeader is what a page says of itself.
type pageHeader struct {
	packed, unpacked int64 // bytes
	values           int64
	levels           int64 // bytes at the start that are never compressed
	compressed       bool
}

// set takes an integer of the header by the numbers of its fields.
func (p *pageHeader) set(path [2]int, v int64) {
	switch path {
	case [2]int{2}:
		p.unpacked = v
	case [2]int{3}:
		p.packed = v
	case [2]int{5, 1}, [2]int{7, 1}, [2]int{8, 1}: // data page, dictionary, data page of version 2
		p.values = v
	case [2]int{8, 5}, [2]int{8, 6}:
		p.levels += max(v, -1<<40)
	case [2]int{8, 7}:
		p.compressed = v == 1
	}
}

// checkUnpacked reports whether what is compressed gives no more bytes than it
// says. The library would make room for whatever comes.
func checkUnpacked(r *io.SectionReader, codec format.CompressionCodec, size int64) error {
	if r.Size() == 0 {
		return nil // a page of nulls
	}
	var unpacked io.Reader
	switch codec {
	case format.Uncompressed:
		return nil
	case format.Snappy:
		said, err := binary.ReadUvarint(bufio.NewReaderSize(r, 16))
		if err != nil || said > uint64(size) {
			return fmt.Errorf("the Parquet file is damaged: %d bytes of Snappy, not %d", said, size)
		}
		return nil
	case format.Gzip:
		z, err := gzip.NewReader(bufio.NewReader(r))
		if err != nil {
			return fmt.Errorf("the Parquet file is damaged: %w", err)
		}
		unpacked = z
	case format.Zstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxParquetPage))
		if err != nil {
			return fmt.Errorf("the Parquet file is damaged: %w", err)
		}
		defer z.Close()
		unpacked = z
	default:
		return fmt.Errorf("it is packed with %s, which is not read; write it with zstd, Snappy or gzip", codec)
	}
	n, err := io.Copy(io.Discard, io.LimitReader(unpacked, size+1))
	switch {
	case err != nil:
		return fmt.Errorf("the Parquet file is damaged: %w", err)
	case n > size:
		return fmt.Errorf("the Parquet file is damaged: more than the %d bytes that it says", size)
	}
	return nil
}

// A thriftWalker reads the compact form of thrift without keeping any of it.
type thriftWalker struct {
	r        *bufio.Reader
	left     int64 // bytes that may still be read
	elements int64 // of all lists so far
	path     [2]int
}

// Bounds on the description of a file and on the headers of pages.
const (
	maxThriftDepth    = 16
	maxThriftElements = 1 << 20
)

// structure walks a struct. It tells number the value of each integer and each
// bool (1 for true) in it or in a struct directly in it, with the numbers of the
// fields.
func (w *thriftWalker) structure(depth int, number func(path [2]int, v int64)) error {
	if depth > maxThriftDepth {
		return errors.New("nested too deep")
	}
	for field := 0; ; {
		head, err := w.byte()
		if err != nil {
			return err
		}
		kind := head & 0x0f
		if kind == 0 {
			return nil
		}
		if delta := int(head >> 4); delta != 0 {
			field += delta
		} else {
			v, err := w.varint()
			if err != nil {
				return err
			}
			field = int(unzigzag(v))
		}
		if depth < len(w.path) {
			w.path = [2]int{w.path[0]}
			w.path[depth] = field
		}
		if err := w.value(kind, depth, true, number); err != nil {
			return err
		}
	}
}

// value walks one value. A bool in a struct is in the head of its field.
func (w *thriftWalker) value(kind byte, depth int, inStruct bool, number func([2]int, int64)) error {
	switch kind {
	case 1, 2: // bool
		if inStruct {
			if number != nil && depth < len(w.path) {
				number(w.path, int64(2-kind))
			}
			return nil
		}
		return w.skip(1)
	case 3: // byte
		return w.skip(1)
	case 4, 5, 6: // integers
		v, err := w.varint()
		if err == nil && number != nil && depth < len(w.path) {
			number(w.path, unzigzag(v))
		}
		return err
	case 7: // double
		return w.skip(8)
	case 8: // bytes
		n, err := w.varint()
		if err != nil {
			return err
		}
		if n > uint64(w.left) {
			return fmt.Errorf("%d bytes where %d are left", n, w.left)
		}
		return w.skip(int64(n))
	case 9, 10: // list, set
		return w.list(depth)
	case 12:
		return w.structure(depth+1, number)
	}
	return fmt.Errorf("a value of the unknown type %d", kind)
}

func (w *thriftWalker) list(depth int) error {
	if depth > maxThriftDepth {
		return errors.New("nested too deep")
	}
	head, err := w.byte()
	if err != nil {
		return err
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = w.varint(); err != nil {
			return err
		}
	}
	// Every element takes a byte at least.
	if n > uint64(w.left) {
		return fmt.Errorf("a list of %d where %d bytes are left", n, w.left)
	}
	if w.elements += int64(n); w.elements > maxThriftElements {
		return fmt.Errorf("lists of more than %d together", maxThriftElements)
	}
	for range n {
		if err := w.value(head&0x0f, depth+1, false, nil); err != nil {
			return err
		}
	}
	return nil
}

func (w *thriftWalker) byte() (byte, error) {
	if w.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	b, err := w.r.ReadByte()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	w.left--
	return b, err
}

func (w *thriftWalker) skip(n int64) error {
	if n > w.left {
		return io.ErrUnexpectedEOF
	}
	w.left -= n
	_, err := io.CopyN(io.Discard, w.r, n)
	return err
}

func (w *thriftWalker) varint() (uint64, error) {
	v := uint64(0)
	for shift := 0; shift < 64; shift += 7 {
		b, err := w.byte()
		if err != nil {
			return 0, err
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, errors.New("a number of more than 64 bits")
}

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
