// Package changeset changes several files of a folder at one instant: whoever
// reads the folder through a [View] finds either all of the old files or all of
// the new ones, whatever happens to the process that writes them.
//
// New files are written aside, into a hidden folder, and put on the disk. Then
// the hidden folder gets the name ".commit" in a single rename, and with that the
// change is made. The files are moved to their places only afterwards. Where that
// is interrupted, .commit says what is left to do: the next writer, or reader
// that may write, does it, and a reader that may not looks into .commit first.
//
//	ds/.staged-1234/files/prices/TSLA.csv    not there yet, and never if interrupted
//	ds/.commit/files/prices/TSLA.csv         there, though not in its place
//	ds/.commit/removed                       names of files that are no more, one a line
//	ds/prices/TSLA.csv                       in its place
//
// Writers exclude each other by a lock on the folder itself. Readers take none:
// a View says afterwards whether the folder changed while it was read.
package changeset

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"finmem/internal/atomicfile"

	"github.com/gofrs/flock"
)

const (
	commitName    = ".commit"
	stagedPrefix  = ".staged-"
	scratchPrefix = "scratch-"
	filesName     = "files"
	removedName   = "removed"
	lockName      = ".lock"
)

// lockWait is how long a writer waits for another one.
const lockWait = time.Minute

// lockPause is how long it waits between two tries.
const lockPause = 20 * time.Millisecond

// ErrBusy is returned by [Begin] where another process goes on writing to the
// folder.
var ErrBusy = errors.New("another process is writing to it")

// A Step is called when a step is done, with what it was. An error stops the
// change there, as a full disk would.
type Step func(done string) error

// A Changeset is a change of a folder that is being prepared. End it with Commit
// or Discard.
type Changeset struct {
	dir     string
	staged  string
	made    []string // folders that Begin made, the innermost first
	lock    *flock.Flock
	removed []string
	step    Step
}

// Begin prepares a change of the folder dir, which is made if it is not there. It
// waits for other writers, finishes what one of them left half done and removes
// what one left unfinished. step may be nil.
func Begin(ctx context.Context, dir string, step Step) (*Changeset, error) {
	c := &Changeset{dir: dir, step: step}
	if c.step == nil {
		c.step = func(string) error { return nil }
	}
	if err := c.begin(ctx); err != nil {
		c.Discard()
		return nil, err
	}
	return c, nil
}

func (c *Changeset) begin(ctx context.Context) error {
	if err := c.makeFolder(); err != nil {
		return err
	}
	var err error
	if c.lock, err = acquire(ctx, c.dir, lockWait); err != nil {
		return err
	}
	if err := finish(c.dir, c.step); err != nil {
		return fmt.Errorf("finish the last change of %s: %w", c.dir, err)
	}
	leftovers, err := filepath.Glob(filepath.Join(globQuote(c.dir), stagedPrefix+"*"))
	if err != nil {
		return err
	}
	for _, path := range leftovers {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	if c.staged, err = os.MkdirTemp(c.dir, stagedPrefix+"*"); err != nil {
		return err
	}
	return c.step("staged folder")
}

// globQuote is a path that [filepath.Glob] takes for itself.
func globQuote(path string) string {
	if runtime.GOOS == "windows" {
		return path // a backslash separates there and cannot quote
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// makeFolder makes the folder and remembers which ones were not there.
func (c *Changeset) makeFolder() error {
	for path := filepath.Clean(c.dir); ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
			break
		}
		c.made = append(c.made, path)
	}
	return os.MkdirAll(c.dir, 0o755)
}

// acquire locks a folder against other writers.
func acquire(ctx context.Context, dir string, wait time.Duration) (*flock.Flock, error) {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	lock := flock.New(dir, flock.SetFlag(os.O_RDONLY))
	_, err := lock.TryLockContext(waiting, lockPause)
	if err != nil && waiting.Err() == nil {
		// Folders have no locks on Windows and on some network file systems; there
		// a file in it has.
		lock = flock.New(filepath.Join(dir, lockName))
		_, err = lock.TryLockContext(waiting, lockPause)
	}
	switch {
	case err == nil:
		return lock, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%s: %w", dir, ErrBusy)
	}
	return nil, fmt.Errorf("lock %s: %w", dir, err)
}

// A File is a new file of a changeset. It counts only once it is closed.
type File struct {
	*bufio.Writer
	file *os.File
	step func() error
}

// Create starts a file that will have the given name, with slashes, below the
// folder, also where the one that is there was removed before.
func (c *Changeset) Create(name string) (*File, error) {
	path, err := c.path(name)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	c.removed = slices.DeleteFunc(c.removed, func(gone string) bool { return gone == name })
	return &File{bufio.NewWriterSize(f, 1<<16), f, func() error { return c.step("wrote " + name) }}, nil
}

// path is where a new file is written.
func (c *Changeset) path(name string) (string, error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	return filepath.Join(c.staged, filesName, filepath.FromSlash(name)), nil
}

// Scratch is an empty folder for whatever has to lie on the disk while the change
// is prepared. Commit and Discard remove it.
func (c *Changeset) Scratch() (string, error) {
	return os.MkdirTemp(c.staged, scratchPrefix+"*")
}

// removeScratch gives back the room of all scratch folders.
func (c *Changeset) removeScratch() error {
	folders, err := filepath.Glob(filepath.Join(globQuote(c.staged), scratchPrefix+"*"))
	if err != nil {
		return err
	}
	for _, path := range folders {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// checkName refuses names that lead out of the folder, or to hidden files.
func checkName(name string) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) || strings.HasPrefix(name, ".") || strings.ContainsAny(name, "\n\\") {
		return fmt.Errorf("file name %q leads out of the folder", name)
	}
	return nil
}

// Close puts the content on the disk.
func (f *File) Close() error {
	err := f.Flush()
	if err == nil {
		err = f.file.Sync()
	}
	if err = errors.Join(err, f.file.Close()); err != nil {
		return err
	}
	return f.step()
}

// Remove says that the folder will have no file of that name, unless it is created
// later in the same change.
func (c *Changeset) Remove(name string) error {
	path, err := c.path(name)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s is written in the same change", name)
	}
	c.removed = append(c.removed, name)
	return nil
}

// Commit makes the change. After an error of any step but the last ones the
// folder is as it was; an error that says otherwise means that the change was
// made and its files will be moved to their places later.
func (c *Changeset) Commit() error {
	defer c.Discard()
	if err := c.removeScratch(); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(c.staged, removedName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	list := &File{bufio.NewWriter(f), f, func() error { return c.step("wrote the list of removals") }}
	for _, name := range c.removed {
		_, _ = list.WriteString(name + "\n") // Close returns the error
	}
	if err := list.Close(); err != nil {
		return err
	}
	if err := syncTree(c.staged); err != nil {
		return err
	}
	if err := os.Rename(c.staged, filepath.Join(c.dir, commitName)); err != nil {
		return err
	}
	err = atomicfile.SyncDir(c.dir)
	if err == nil {
		err = c.step("committed")
	}
	if err == nil {
		err = finish(c.dir, c.step)
	}
	if err != nil {
		return fmt.Errorf("the change is made, but not all files are in their places, which the next command will see to: %w", err)
	}
	return nil
}

// syncTree puts the names in a folder and in those below it on the disk.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return atomicfile.SyncDir(path)
	})
}

// Discard gives up a change that was not made. It does nothing after Commit, so
// it can be deferred.
func (c *Changeset) Discard() {
	if c.staged != "" {
		_ = os.RemoveAll(c.staged) // gone after Commit; else hidden, and the next writer removes it
		c.staged = ""
	}
	// A folder that was made for a change that came to nothing is empty again.
	for _, path := range c.made {
		if os.Remove(path) != nil {
			break
		}
	}
	c.made = nil
	if c.lock != nil {
		_ = c.lock.Close() // closing the file gives the lock back in any case
		c.lock = nil
	}
}

// finish moves the files of a change that was made to their places. It can be
// interrupted and started again any number of times. The caller has the lock.
func finish(dir string, step Step) error {
	commit := filepath.Join(dir, commitName)
	names, removed, err := pending(commit)
	if names == nil || err != nil {
		return err // Look names a .commit that is not of a change
	}
	touched := []string{dir}
	for _, name := range names {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(commit, filesName, filepath.FromSlash(name)), to); err != nil {
			return err
		}
		touched = append(touched, filepath.Dir(to))
		if err := step("moved " + name); err != nil {
			return err
		}
	}
	for _, name := range removed {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if _, err := os.Stat(filepath.Dir(path)); err == nil {
			touched = append(touched, filepath.Dir(path))
		}
		if err := step("removed " + name); err != nil {
			return err
		}
	}
	slices.Sort(touched)
	for _, folder := range slices.Compact(touched) {
		if err := atomicfile.SyncDir(folder); err != nil {
			return err
		}
	}
	// Renamed first, so that it is never half there.
	done := filepath.Join(dir, stagedPrefix+"done")
	if err := os.RemoveAll(done); err != nil {
		return err
	}
	if err := os.Rename(commit, done); err != nil {
		return err
	}
	if err := step("retired"); err != nil {
		return err
	}
	return os.RemoveAll(done)
}

// pending are the names of the files that a change puts into the folder and has
// not moved yet, and of those that it removes; names is nil where no change is
// under way.
func pending(commit string) (names, removed []string, err error) {
	text, err := os.ReadFile(filepath.Join(commit, removedName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	names, removed = []string{}, strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
	for _, name := range removed {
		if err := checkName(name); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", filepath.Join(commit, removedName), err)
		}
	}
	root := filepath.Join(commit, filesName)
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == root {
			return nil
		}
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	return names, removed, err
}
