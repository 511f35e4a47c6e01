// Package atomicfile writes files that appear whole or not at all: the content
// goes to a hidden file beside the target, is flushed to the disk, and takes the
// target's name only then. A crash leaves the old file or the new one, and at
// worst a hidden file that nothing reads.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// A File is being written and does not have its name yet. End it with Commit or
// Discard.
type File struct {
	path   string
	file   *os.File
	buffer *bufio.Writer
}

// Create starts a file that will be called path. The folder must exist.
func Create(path string) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, fmt.Errorf("start writing %s: %w", path, err)
	}
	return &File{path: path, file: f, buffer: bufio.NewWriterSize(f, 1<<16)}, nil
}

// Write adds to the content.
func (f *File) Write(p []byte) (int, error) { return f.buffer.Write(p) }

// Commit puts the content on the disk and gives it its name, replacing a file
// that had it. After an error the target is as it was and the File is gone.
func (f *File) Commit() error {
	err := f.buffer.Flush()
	if err == nil {
		// Made for everybody to read, as os.Create does; CreateTemp makes files
		// for their owner alone.
		err = f.file.Chmod(0o644)
	}
	if err == nil {
		err = f.file.Sync()
	}
	if err != nil {
		f.Discard()
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	name := f.file.Name()
	err = f.file.Close()
	f.file = nil
	if err == nil {
		err = os.Rename(name, f.path)
	}
	if err == nil {
		err = SyncDir(filepath.Dir(f.path))
	}
	if err != nil {
		_ = os.Remove(name) // the write has failed; nothing more can be done about a leftover
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return nil
}

// Discard gives up the content. It does nothing after Commit, so it can be
// deferred.
func (f *File) Discard() {
	if f.file == nil {
		return
	}
	_ = f.file.Close() // the content is not wanted, so a failed close loses nothing
	_ = os.Remove(f.file.Name())
	f.file = nil
}

// WriteFile creates or replaces the file at path with what write writes. If
// write fails the target stays as it was.
func WriteFile(path string, write func(io.Writer) error) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := write(f); err != nil {
		return err
	}
	return f.Commit()
}

// SyncDir puts a folder's list of names on the disk, so that a rename or a
// removal in it survives a power cut. Windows has no such call and needs none.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
