package changeset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A View is a folder as it is between two changes.
type View struct {
	dir     string
	pin     string
	pinned  fs.FileInfo // nil where there is no such file
	commit  fs.FileInfo // nil where no change is under way
	names   []string    // that the change under way brings, not yet in their places
	removed []string
}

// lookAttempts is how often a folder is looked at that changes meanwhile.
const lookAttempts = 1000

// settleWait is how long a reader waits for a writer to move its files.
const settleWait = 100 * time.Millisecond

// Look looks at a folder. pin names a file that every change of the folder
// replaces. A change that was made and not finished is finished, if that can be
// done, and else seen as finished. A folder that is not there has no files.
func Look(ctx context.Context, dir, pin string) (*View, error) {
	commit := filepath.Join(dir, commitName)
	if _, err := os.Stat(commit); err == nil {
		if lock, err := acquire(ctx, dir, settleWait); err == nil {
			// Where it fails, as in a folder that may not be written to, the files
			// are read where they are.
			_ = finish(dir, func(string) error { return nil })
			_ = lock.Close()
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	for range lookAttempts {
		v := &View{dir: dir, pin: pin}
		// First the pin, then .commit: where there is none, the pin is of the state
		// that is in place, or of one that Holds will find to be gone.
		v.pinned, _ = os.Stat(filepath.Join(dir, pin)) // whoever reads it will see why it cannot be read
		var err error
		v.commit, err = os.Stat(commit)
		if errors.Is(err, fs.ErrNotExist) {
			return v, nil
		}
		if err != nil {
			return nil, err
		}
		v.names, v.removed, err = pending(commit)
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was finished meanwhile
		case err != nil:
			return nil, err
		case v.names != nil:
			return v, nil
		}
	}
	return nil, fmt.Errorf("%s has no file %s, so it is not of a change; remove it", commit, removedName)
}

// Path is where the file of the given name, with slashes, is. There may be none.
func (v *View) Path(name string) string {
	if slices.Contains(v.names, name) {
		return filepath.Join(v.dir, commitName, filesName, filepath.FromSlash(name))
	}
	return filepath.Join(v.dir, filepath.FromSlash(name))
}

// List are the names in a folder below the folder, sorted; none where it is not
// there. Names that begin with a dot are left out.
func (v *View) List(folder string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(v.dir, folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(v.removed, folder+"/"+name) {
			names = append(names, name)
		}
	}
	for _, name := range v.names {
		if rest, found := strings.CutPrefix(name, folder+"/"); found {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Holds reports whether the folder is still as it was looked at. What was read
// through a View that does not hold may be of two states, and so may an error.
func (v *View) Holds() bool {
	dir := filepath.Join(v.dir, commitName)
	commit, err := os.Stat(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || !sameFile(v.commit, commit) {
		return false
	}
	if commit != nil {
		names, _, err := pending(dir)
		return err == nil && slices.Equal(v.names, names)
	}
	pinned, _ := os.Stat(filepath.Join(v.dir, v.pin)) // nil where there is none
	return sameFile(v.pinned, pinned)
}

// sameFile reports whether two looks at a name found one and the same file.
func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}
