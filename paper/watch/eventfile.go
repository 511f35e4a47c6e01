package watch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"finmem/paper"
)

// EventsName is the usual name of the file that keeps a loop's events.
const EventsName = "events.jsonl"

// An EventFile is an observer that keeps events in a file, one JSON object a line,
// for `finmem paper status` and for whoever likes to read along. It is a
// convenience: what counts is in the journal. Beyond 4 MiB the file becomes
// NAME.1, in place of the one that was, and a new one begins.
type EventFile struct {
	path string
	file *os.File
	size int64
	err  error // the first that occurred; nothing is written after it
}

// longestEventFile is the size at which a new file begins.
const longestEventFile = 4 << 20

// OpenEventFile opens the file at path to add to it, and makes it where it is not
// there.
func OpenEventFile(path string) (*EventFile, error) {
	f := &EventFile{path: path}
	if err := f.open(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *EventFile) open() error {
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("opening the file of events: %w", err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil && size > 0 {
		// A process that died in the middle of a line leaves it; the next one begins
		// on a line of its own.
		last := make([]byte, 1)
		if _, err = file.ReadAt(last, size-1); err == nil && last[0] != '\n' {
			_, err = file.WriteString("\n")
			size++
		}
	}
	if err != nil {
		return fmt.Errorf("opening the file of events: %w", errors.Join(err, file.Close()))
	}
	f.file, f.size = file, size
	return nil
}

// Observe implements [paper.Observer].
func (f *EventFile) Observe(e paper.Event) {
	if f.err != nil {
		return
	}
	line, err := json.Marshal(e)
	if err == nil && f.size > 0 && f.size+int64(len(line)) > longestEventFile {
		err = f.turn()
	}
	if err == nil {
		var n int
		n, err = f.file.Write(append(line, '\n'))
		f.size += int64(n)
	}
	f.err = err
}

// turn begins a new file.
func (f *EventFile) turn() error {
	if err := f.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.path, f.path+".1"); err != nil {
		return err
	}
	return f.open()
}

// Close closes the file. Its error is the first that kept an event from being
// written.
func (f *EventFile) Close() error {
	err := f.err
	if err != nil {
		err = fmt.Errorf("writing the file of events: %w", err)
	}
	return errors.Join(err, f.file.Close())
}

// LastEvents reads the last n events of the file at path and the one before it.
// Lines that cannot be read, such as one that is being written, are passed over;
// a file that is not there has none.
func LastEvents(path string, n int) ([]paper.Event, error) {
	var list []paper.Event
	for _, name := range []string{path + ".1", path} {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the file of events: %w", err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, longestEventFile+1)
		for lines.Scan() {
			var e paper.Event
			if json.Unmarshal(lines.Bytes(), &e) == nil && e.Kind != "" {
				list = append(list, e)
			}
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
	}
	return list[max(len(list)-n, 0):], nil
}
