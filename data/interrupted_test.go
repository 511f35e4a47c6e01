package data_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"finmem/data"

	"github.com/google/go-cmp/cmp"
)

// The folder of these tests has TSLA and NFLX, and the write that is interrupted
// replaces TSLA by one without news and adds BRK.B.
func interruptedBefore(t testing.TB) *data.Dataset {
	return newDataset(t, meta(), history("TSLA"), history("NFLX"))
}

func interruptedWrite(t testing.TB) *data.Dataset {
	h := history("TSLA")
	h.News, h.Bars[2].Close = nil, 122
	return newDataset(t, meta(), h, history("BRK.B"))
}

// digests are what a reader finds: each symbol with the digest of its data.
func digests(d *data.Dataset) map[string]string {
	found := map[string]string{}
	for _, s := range d.Symbols() {
		found[s] = d.Digest(s)
	}
	return found
}

func wantDigests(t *testing.T) (before, after map[string]string) {
	t.Helper()
	before = digests(interruptedBefore(t))
	after = digests(interruptedWrite(t))
	after["NFLX"] = before["NFLX"]
	return before, after
}

// stepsOfWrite are the names of the steps of the write that is interrupted.
func stepsOfWrite(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	writeDataset(t, dir, interruptedBefore(t))
	var steps []string
	opts := data.WriteOptions{Replace: true}.WithStep(func(done string) error { steps = append(steps, done); return nil })
	if err := data.WriteDataset(context.Background(), dir, interruptedWrite(t), opts); err != nil {
		t.Fatal(err)
	}
	if len(steps) < 20 {
		t.Fatalf("steps %q, want some 20", steps)
	}
	return steps
}

func wantFolder(t *testing.T, dir, when string, want map[string]string) {
	t.Helper()
	d, err := data.ReadDataset(context.Background(), dir)
	if err != nil {
		t.Errorf("%s: %v", when, err)
		return
	}
	if diff := cmp.Diff(want, digests(d)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

// A disk that is full at any step leaves the dataset as it was, to the byte,
// until all is written, and as it shall be from then on.
func TestFullDiskAtEveryStep(t *testing.T) {
	full := errors.New("no space left on device")
	before, after := wantDigests(t)
	want := before
	for n, name := range stepsOfWrite(t) {
		if name == "committed" {
			want = after
		}
		dir := t.TempDir()
		writeDataset(t, dir, interruptedBefore(t))
		files := contents(t, dir)
		at := 0
		opts := data.WriteOptions{Replace: true}.WithStep(func(string) error {
			if at++; at == n+1 {
				return full
			}
			return nil
		})
		if err := data.WriteDataset(context.Background(), dir, interruptedWrite(t), opts); !errors.Is(err, full) {
			t.Errorf("%s: error = %v, want %v", name, err, full)
		}
		if diff := cmp.Diff(files, contents(t, dir)); diff != "" && want["BRK.B"] == "" {
			t.Errorf("full after %s, the folder changed:\n%s", name, diff)
		}
		wantFolder(t, dir, "full after "+name, want)
	}
}

const killedAt = "FINMEM_TEST_KILLED_AT"

// TestKilledWrite is the process that TestKillAtEveryStepOfAWrite kills.
func TestKilledWrite(t *testing.T) {
	step, err := strconv.Atoi(os.Getenv(killedAt))
	if err != nil {
		t.Skip("it is run by TestKillAtEveryStepOfAWrite")
	}
	at := 0
	opts := data.WriteOptions{Replace: true}.WithStep(func(string) error {
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
	_ = data.WriteDataset(context.Background(), os.Getenv(killedAt+"_DIR"), interruptedWrite(t), opts)
}

// A real process is killed at every step of a write. The dataset is as it was, or
// as it shall be; and the same write, done again, ends in the same bytes as one
// that nothing interrupted.
func TestKillAtEveryStepOfAWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a killed process has another exit code there")
	}
	before, after := wantDigests(t)
	undisturbed := t.TempDir()
	writeDataset(t, undisturbed, interruptedBefore(t))
	if err := data.WriteDataset(context.Background(), undisturbed, interruptedWrite(t), data.WriteOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	want := before
	for n, name := range stepsOfWrite(t) {
		if name == "committed" {
			want = after
		}
		dir := filepath.Join(t.TempDir(), "ds")
		writeDataset(t, dir, interruptedBefore(t))
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWrite$")
		cmd.Env = append(os.Environ(), killedAt+"="+strconv.Itoa(n+1), killedAt+"_DIR="+dir)
		if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("%s: the process was not killed: %v", name, err)
		}
		wantFolder(t, dir, "killed after "+name, want)
		if err := data.WriteDataset(context.Background(), dir, interruptedWrite(t), data.WriteOptions{Replace: true}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(contents(t, undisturbed), contents(t, dir)); diff != "" {
			t.Errorf("killed after %s and written again (-undisturbed +got):\n%s", name, diff)
		}
	}
}

// Readers beside a writer see one state or the other, never some of each.
func TestReadBesideAWrite(t *testing.T) {
	dir := t.TempDir()
	first, second := interruptedBefore(t), newDataset(t, meta(), changed(history("TSLA")), changed(history("NFLX")))
	writeDataset(t, dir, first)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				d, err := data.ReadDataset(context.Background(), dir)
				if err != nil {
					t.Error(err)
					return
				}
				if got := digests(d); !cmp.Equal(got, digests(first)) && !cmp.Equal(got, digests(second)) {
					t.Errorf("a reader sees some of each: %v", got)
					return
				}
			}
		})
	}
	for i := range 20 {
		d := []*data.Dataset{second, first}[i%2]
		if err := data.WriteDataset(context.Background(), dir, d, data.WriteOptions{Replace: true}); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	readers.Wait()
}

// changed is a history with something else in each of its files.
func changed(h data.History) data.History {
	h.Bars[0].Close, h.Actions[0].Split, h.News[0].Title, h.Filings[0].Text = 100.5, 2, "changed", "changed"
	return h
}
