package paper

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"finmem/internal/atomicfile"
)

// The files that the loop keeps beside the journal.
const (
	haltFile   = "halt.json"
	stateFile  = "loop.json"
	healthFile = "health.json"
)

// A HaltFlag is the kill switch. It lies in a file of its own, which the loop and
// the commands may write, and it holds across restarts.
type HaltFlag struct {
	Halted bool      `json:"halted"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"` // when it was last halted or resumed
}

// ReadHalt reads the kill switch of a loop's folder; where there is none it is
// off. A file that cannot be read is an error, never "off".
func ReadHalt(dir string) (HaltFlag, error) {
	var f HaltFlag
	_, err := readJSON(filepath.Join(dir, haltFile), &f)
	return f, err
}

// Halt sets the kill switch: no order is sent until [Resume], and a running loop
// cancels the open ones.
func Halt(dir, reason string, at time.Time) error {
	return writeJSON(filepath.Join(dir, haltFile), HaltFlag{Halted: true, Reason: reason, At: at.UTC()})
}

// Resume takes the kill switch back. The peak that the largest drawdown is
// measured from counts anew.
func Resume(dir string, at time.Time) error {
	return writeJSON(filepath.Join(dir, haltFile), HaltFlag{At: at.UTC()})
}

// ReadHealth reads what the loop of a folder last said of itself; ok is false
// where it has never run.
func ReadHealth(dir string) (h Health, ok bool, err error) {
	ok, err = readJSON(filepath.Join(dir, healthFile), &h)
	return h, ok, err
}

func readJSON(path string, into any) (bool, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return false, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return true, nil
}

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}
