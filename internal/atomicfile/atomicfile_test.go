package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"finmem/internal/atomicfile"
)

func TestWriteFileReplacesWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	for _, content := range []string{"first", "2nd", ""} {
		err := atomicfile.WriteFile(path, func(w io.Writer) error {
			_, err := io.WriteString(w, content)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != content {
			t.Errorf("file holds %q, want %q", got, content)
		}
	}
}

func TestWriteFileLeavesTargetAloneOnError(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := atomicfile.WriteFile(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half of the new"); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatalf("WriteFile error = %v, want %v", err, broken)
	}
	if got := read(t, path); got != "old" {
		t.Errorf("file holds %q, want the old content", got)
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 1 {
		t.Errorf("folder holds %v, want a.txt alone", names)
	}
}

func TestCreateInMissingFolderNamesTheTarget(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "a.txt")
	if _, err := atomicfile.Create(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Create error = %v, want it to wrap os.ErrNotExist", err)
	}
}

func TestDiscardAfterCommitKeepsTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	f, err := atomicfile.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("kept")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("before Commit the target is there (%v)", err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	f.Discard()
	if got := read(t, path); got != "kept" {
		t.Errorf("file holds %q, want %q", got, "kept")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
