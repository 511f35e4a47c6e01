package changeset_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"finmem/internal/changeset"

	"github.com/gofrs/flock"
)

// before and after are the two states that a folder may be seen in.
var (
	before = map[string]string{"meta": "old", "a/1": "old", "b/1": "old", "b/2": "old"}
	after  = map[string]string{"meta": "new", "a/1": "new", "a/2": "new", "c/1": "new"}
)

// change takes a folder from one state to another.
func change(dir string, to map[string]string, step changeset.Step) error {
	ctx := context.Background()
	c, err := changeset.Begin(ctx, dir, step)
	if err != nil {
		return err
	}
	defer c.Discard()
	for _, name := range slices.Sorted(maps.Keys(to)) {
		f, err := c.Create(name)
		if err != nil {
			return err
		}
		if _, err := f.WriteString(to[name]); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	there, err := read(ctx, dir)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if _, stays := to[name]; stays {
			continue
		}
		if err := c.Remove(name); err != nil {
			return err
		}
	}
	return c.Commit()
}

// read is the folder as a reader sees it.
func read(ctx context.Context, dir string) (map[string]string, error) {
	for range 1000 {
		v, err := changeset.Look(ctx, dir, "meta")
		if err != nil {
			return nil, err
		}
		files, err := readView(v)
		if v.Holds() {
			return files, err
		}
	}
	return nil, errors.New("the folder never holds still")
}

func readView(v *changeset.View) (map[string]string, error) {
	files := map[string]string{}
	names := []string{"meta"}
	for _, folder := range []string{"a", "b", "c"} {
		listed, err := v.List(folder)
		if err != nil {
			return nil, err
		}
		for _, name := range listed {
			names = append(names, folder+"/"+name)
		}
	}
	for _, name := range names {
		text, err := os.ReadFile(v.Path(name))
		if errors.Is(err, fs.ErrNotExist) && name == "meta" {
			continue
		}
		if err != nil {
			return nil, err
		}
		files[name] = string(text)
	}
	return files, nil
}

func mustChange(t *testing.T, dir string, to map[string]string) {
	t.Helper()
	if err := change(dir, to, nil); err != nil {
		t.Fatal(err)
	}
}

func wantState(t *testing.T, dir, when string, states ...map[string]string) {
	t.Helper()
	got, err := read(t.Context(), dir)
	if err != nil {
		t.Errorf("%s: %v", when, err)
		return
	}
	for _, want := range states {
		if maps.Equal(got, want) {
			return
		}
	}
	t.Errorf("%s: the folder reads %v, want one of %v", when, got, states)
}

// inPlace are the files as they lie, hidden ones included.
func inPlace(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, relErr := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(text)
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestChange(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "[a*b]?") // a pattern is a name like any other
	for _, state := range []map[string]string{before, after, before} {
		mustChange(t, dir, state)
		if got := inPlace(t, dir); !maps.Equal(got, state) {
			t.Errorf("the folder holds %v, want %v and nothing besides", got, state)
		}
	}
}

// steps are the names of the steps of the change from before to after.
func steps(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	mustChange(t, dir, before)
	var names []string
	if err := change(dir, after, func(done string) error { names = append(names, done); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(names, "committed") || !slices.Contains(names, "moved c/1") || !slices.Contains(names, "removed b/2") {
		t.Fatalf("steps %q lack some", names)
	}
	return names
}

// A disk that is full at any step: before the commit the folder is as it was,
// and after it all of the change is there.
func TestFailureAtEveryStep(t *testing.T) {
	full := errors.New("no space left")
	committed := false
	for n, name := range steps(t) {
		committed = committed || name == "committed"
		dir := t.TempDir()
		mustChange(t, dir, before)
		at := 0
		err := change(dir, after, func(string) error {
			if at++; at == n+1 {
				return full
			}
			return nil
		})
		if !errors.Is(err, full) {
			t.Errorf("%s: error = %v, want %v", name, err, full)
		}
		if committed {
			wantState(t, dir, "after "+name, after)
			if !strings.Contains(err.Error(), "the change is made") {
				t.Errorf("%s: error = %v, want it to say that the change is made", name, err)
			}
			continue
		}
		if got := inPlace(t, dir); !maps.Equal(got, before) {
			t.Errorf("%s: the folder holds %v, want it as it was", name, got)
		}
	}
}

// A folder that was made for a change that failed is gone again; one that was
// there stays.
func TestFailureLeavesNoFolder(t *testing.T) {
	parent := t.TempDir()
	full := errors.New("no space left")
	if err := change(filepath.Join(parent, "x", "y"), after, func(string) error { return full }); !errors.Is(err, full) {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(parent); err != nil || len(entries) != 0 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

const killedAt = "CHANGESET_TEST_KILLED_AT"

// TestKilled is the process that TestKillAtEveryStep kills.
func TestKilled(t *testing.T) {
	step, err := strconv.Atoi(os.Getenv(killedAt))
	if err != nil {
		t.Skip("it is run by TestKillAtEveryStep")
	}
	at := 0
	_ = change(os.Getenv(killedAt+"_DIR"), after, func(string) error {
		if at++; at == step {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			if err != nil {
				t.Fatal(err)
			}
			select {} // until it is dead
		}
		return nil
	})
}

// A real process is killed at every step. Whoever reads next, sees all or
// nothing, also where it may not write; whoever writes next, can.
func TestKillAtEveryStep(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no locks there")
	}
	committed := false
	for n, name := range steps(t) {
		committed = committed || name == "committed"
		dir := t.TempDir()
		mustChange(t, dir, before)
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", killedAt, n+1), killedAt+"_DIR="+dir)
		if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("%s: the process was not killed: %v", name, err)
		}
		want := before
		if committed {
			want = after
		}
		copied := filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		// A reader that cannot finish the change, as in a folder that is read-only:
		// here, because somebody holds the lock.
		lock := flock.New(copied, flock.SetFlag(os.O_RDONLY))
		if err := lock.Lock(); err != nil {
			t.Fatal(err)
		}
		lies := inPlace(t, copied)
		wantState(t, copied, "read only, killed after "+name, want)
		if got := inPlace(t, copied); !maps.Equal(got, lies) {
			t.Errorf("%s: the reader without the lock moved files", name)
		}
		if err := lock.Close(); err != nil {
			t.Fatal(err)
		}
		wantState(t, dir, "killed after "+name, want)
		mustChange(t, dir, before)
		if got := inPlace(t, dir); !maps.Equal(got, before) {
			t.Errorf("killed after %s: after the next change the folder holds %v", name, got)
		}
		mustChange(t, copied, after)
		wantState(t, copied, "changed after "+name, after)
	}
}

// Readers beside a writer see one state or the other, never some of each.
func TestReadersBesideAWriter(t *testing.T) {
	dir := t.TempDir()
	mustChange(t, dir, before)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					wantState(t, dir, "beside a writer", before, after)
				}
			}
		})
	}
	for i := range 100 {
		mustChange(t, dir, []map[string]string{after, before}[i%2])
	}
	close(done)
	readers.Wait()
}

// Writers wait for each other; none loses what another wrote.
func TestWritersTakeTurns(t *testing.T) {
	dir := t.TempDir()
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			c, err := changeset.Begin(t.Context(), dir, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Discard()
			text, err := os.ReadFile(filepath.Join(dir, "meta"))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Error(err)
			}
			f, err := c.Create("meta")
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Fprintf(f, "%s%d", text, i)
			if err := errors.Join(f.Close(), c.Commit()); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	if got := inPlace(t, dir)["meta"]; len(got) != 8 {
		t.Errorf("meta = %q, want the mark of each of 8 writers", got)
	}
}

// A file that is removed and then created anew is there; one that is created
// cannot be removed.
func TestRemovedAndCreated(t *testing.T) {
	dir := t.TempDir()
	mustChange(t, dir, before)
	c, err := changeset.Begin(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Discard()
	if err := c.Remove("a/1"); err != nil {
		t.Fatal(err)
	}
	f, err := c.Create("a/1")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, "new")
	if err := c.Remove("a/1"); err == nil {
		t.Error("a file of the change can be removed")
	}
	if err := errors.Join(f.Close(), c.Commit()); err != nil {
		t.Fatal(err)
	}
	if got := inPlace(t, dir); got["a/1"] != "new" || len(got) != len(before) {
		t.Errorf("the folder holds %v", got)
	}
}

func TestNamesStayInside(t *testing.T) {
	dir := t.TempDir()
	c, err := changeset.Begin(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Discard()
	for _, name := range []string{"", "..", "../x", "a/../../x", "/etc/passwd", ".commit", "a\nb", `a\b`} {
		if f, err := c.Create(name); err == nil {
			t.Errorf("Create(%q) gives %v", name, f)
		}
		if err := c.Remove(name); err == nil {
			t.Errorf("Remove(%q) gives no error", name)
		}
	}
}

// A folder of somebody else cannot make its reader remove files.
func TestRemovalsStayInside(t *testing.T) {
	parent := t.TempDir()
	victim := filepath.Join(parent, "victim")
	dir := filepath.Join(parent, "ds")
	for path, text := range map[string]string{victim: "mine", filepath.Join(dir, ".commit", "removed"): "../victim\n"} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := changeset.Look(t.Context(), dir, "meta"); err == nil || !strings.Contains(err.Error(), "leads out of the folder") {
		t.Errorf("Look error = %v, want it to say what is wrong", err)
	}
	if _, err := changeset.Begin(t.Context(), dir, nil); err == nil {
		t.Error("Begin gives no error")
	}
	if _, err := os.Stat(victim); err != nil {
		t.Error(err)
	}
}

// A folder that happens to be called .commit is no change.
func TestForeignCommit(t *testing.T) {
	dir := t.TempDir()
	mustChange(t, dir, before)
	if err := os.MkdirAll(filepath.Join(dir, ".commit", "files"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := changeset.Look(t.Context(), dir, "meta"); err == nil || !strings.Contains(err.Error(), "so it is not of a change; remove it") {
		t.Errorf("Look error = %v", err)
	}
	if err := change(dir, after, nil); err == nil {
		t.Error("a change is made over it")
	}
}

func TestCancelledWhileWaiting(t *testing.T) {
	dir := t.TempDir()
	c, err := changeset.Begin(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Discard()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := changeset.Begin(ctx, dir, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
}
