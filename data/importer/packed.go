package importer

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Limits of packed files, against files made to fill a disk or a memory. Text
// packs to a fifth or a tenth of its size, rarely to a fiftieth; a file made of
// one byte over and over packs to a thousandth.
const (
	maxUnpacked      = 4 << 30
	maxPackRatio     = 200
	freeUnpacked     = 64 << 20 // below this the ratio may be anything
	maxZipMembers    = 1000
	maxUnpackedInRAM = 1 << 30
)

// An Input is a file to import, unpacked where it is packed with gzip or zip.
type Input struct {
	io.Reader
	// Path is where the file is, and Name the name of what it holds: the file's
	// own without its folder, without .gz, or that of the file in a zip.
	Path, Name string
	// Packing is "gzip", "zip", or "" for none.
	Packing string
	closers []io.Closer
	file    *os.File
	size    int64
}

// Open opens a file to import. What is packed is known by its content, not by its
// name. A zip must hold one file; one with several is refused, naming them, and
// so is a packed file within a packed file. What unpacks to more than 4 GiB, or
// to more than 200 times its size, ends in an error where it is read.
func Open(path string) (*Input, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	in := &Input{Path: path, Name: filepath.Base(path), closers: []io.Closer{f}, file: f}
	if err := in.unpack(f); err != nil {
		_ = in.Close() // only read from
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return in, nil
}

// Close closes the file.
func (in *Input) Close() error {
	var err error
	for _, c := range slices.Backward(in.closers) {
		err = errors.Join(err, c.Close())
	}
	in.closers = nil
	return err
}

// Share is how much of the file has been read, from 0 to 1; 0 where it is not
// known, as it is not for a zip.
func (in *Input) Share() float64 {
	at, err := in.file.Seek(0, io.SeekCurrent)
	if err != nil || in.size == 0 || in.Packing == "zip" {
		return 0
	}
	return min(float64(at)/float64(in.size), 1)
}

// unpack looks at the first bytes of f and sets the reader.
func (in *Input) unpack(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return errors.New("a folder; give the files in it")
	}
	in.size = info.Size()
	start := make([]byte, 8)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	packing := packingOf(start[:n])
	if packing == "" {
		in.Reader = io.MultiReader(bytes.NewReader(start[:n]), f)
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	in.Packing = packing
	var r io.Reader
	switch packing {
	case "gzip":
		r, err = in.gunzip(f)
	case "zip":
		r, err = in.unzip(f, info.Size())
	default:
		err = fmt.Errorf("packed with %s; unpack it first", packing)
	}
	if err != nil {
		return err
	}
	inner := bufio.NewReaderSize(&unpacked{r: r, packed: info.Size()}, 1<<16)
	if start, err = inner.Peek(8); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if again := packingOf(start); again != "" {
		return fmt.Errorf("a %s file in a %s file; unpack it first", again, packing)
	}
	in.Reader = inner
	return nil
}

// packingOf is what a file is packed with, by its first bytes; "" for nothing.
func packingOf(start []byte) string {
	for _, magic := range []struct{ bytes, name string }{
		{"\x1f\x8b", "gzip"}, {"PK\x03\x04", "zip"}, {"PK\x05\x06", "zip"}, {"PK\x07\x08", "zip"},
		{"BZh", "bzip2"}, {"\xfd7zXZ\x00", "xz"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"7z\xbc\xaf\x27\x1c", "7z"}, {"Rar!\x1a\x07", "rar"},
	} {
		if bytes.HasPrefix(start, []byte(magic.bytes)) {
			return magic.name
		}
	}
	return ""
}

func (in *Input) gunzip(f *os.File) (io.Reader, error) {
	r, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	in.closers = append(in.closers, r)
	if ext := filepath.Ext(in.Name); strings.EqualFold(ext, ".gz") || strings.EqualFold(ext, ".gzip") {
		in.Name = strings.TrimSuffix(in.Name, ext)
	}
	return r, nil
}

func (in *Input) unzip(f *os.File, size int64) (io.Reader, error) {
	z, err := zip.NewReader(f, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // no name in it is used as a path
		return nil, fmt.Errorf("unpack: %w", err)
	}
	if len(z.File) > maxZipMembers {
		return nil, fmt.Errorf("the zip holds %d files, more than %d; unpack it first", len(z.File), maxZipMembers)
	}
	var members []*zip.File
	var names []string
	for _, m := range z.File {
		name := strings.ReplaceAll(m.Name, `\`, "/")
		// macOS puts files of its own beside each.
		if strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(path.Base(name), ".") {
			continue
		}
		members, names = append(members, m), append(names, path.Base(name))
	}
	switch {
	case len(members) == 0:
		return nil, errors.New("the zip holds no file")
	case len(members) > 1:
		return nil, fmt.Errorf("the zip holds %d files (%s); unpack it and give those to import", len(members), list(names, 10))
	case members[0].Flags&1 != 0:
		return nil, fmt.Errorf("%s in the zip is encrypted; unpack it first", names[0])
	}
	r, err := members[0].Open()
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", names[0], err)
	}
	in.Name = names[0]
	in.closers = append(in.closers, r)
	return r, nil
}

// unpacked is what comes out of a packed file, as far as the limits allow.
type unpacked struct {
	r            io.Reader
	packed, size int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.size += int64(n)
	switch {
	case u.size > maxUnpacked:
		return 0, fmt.Errorf("it unpacks to more than %d GiB; unpack it and split it", maxUnpacked>>30)
	case u.size > freeUnpacked && u.size/maxPackRatio > u.packed:
		return 0, fmt.Errorf("it unpacks to more than %d times its size, as no data does", maxPackRatio)
	case err != nil && !errors.Is(err, io.EOF):
		return n, fmt.Errorf("unpack: %w", err)
	}
	return n, err
}

// ReadAll is the content of an input that is not larger than limit.
func (in *Input) ReadAll(limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", in.Path, err)
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("%s is larger than %d MiB; split it", in.Path, limit>>20)
	}
	return content, nil
}

// Random gives access to all of an input at once, and its size, for formats that
// are read from their end. A packed one is unpacked into memory, up to 1 GiB.
// Nothing may have been read from it.
func (in *Input) Random() (io.ReaderAt, int64, error) {
	if in.Packing == "" {
		return in.file, in.size, nil
	}
	content, err := in.ReadAll(maxUnpackedInRAM)
	if err != nil {
		return nil, 0, err
	}
	return bytes.NewReader(content), int64(len(content)), nil
}
