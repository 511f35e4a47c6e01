package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"finmem/backtest/journal"
)

// command is finmem as a process of its own, with an empty home.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append([]string{asCommand + "=1", "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir()}, env...)
	return cmd
}

// quick is a run of some weeks on the sample, long enough to promote, demote,
// forget and reflect.
func quick(runs string) []string {
	return []string{"backtest", "--runs", runs, "--name", "r", "--symbol", "NOKELP,UNOBTA",
		"--warmup-from", "2023-11-15", "--from", "2023-12-15", "--to", "2024-01-12"}
}

// fingerprint hashes all that a finished run left: the results for people byte
// for byte, and every row of the journal.
func fingerprint(t *testing.T, dir string) map[string]string {
	t.Helper()
	print := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == journal.FileName || e.Name() == "lock" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		print[e.Name()] = hex.EncodeToString(sum[:])
	}
	j, err := journal.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := j.Digest(t.Context())
	if err := errors.Join(err, j.Close()); err != nil {
		t.Fatal(err)
	}
	print["journal"] = digest
	return print
}

// same reports what differs between two runs.
func same(t *testing.T, what string, want, got map[string]string) {
	t.Helper()
	var names []string
	for name := range want {
		names = append(names, name)
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		if want[name] != got[name] {
			t.Errorf("%s: %s differs from the unbroken run's", what, name)
		}
	}
}

// B72: ten runs, one processor and eight, three time zones: the same bytes.
func TestDeterminism(t *testing.T) {
	var first map[string]string
	for i := range 10 {
		runs := t.TempDir()
		env := []string{"GOMAXPROCS=" + []string{"1", "8"}[i%2], "TZ=" + []string{"UTC", "America/Los_Angeles", "Asia/Tokyo"}[i%3]}
		var stderr bytes.Buffer
		cmd := command(t, env, quick(runs)...)
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %v\n%s", env, err, stderr.String())
		}
		print := fingerprint(t, filepath.Join(runs, "r"))
		if first == nil {
			first = print
		}
		same(t, fmt.Sprint(env), first, print)
	}
}

// Twenty kills at random moments, each resumed: the run that comes out is the
// unbroken one, byte for byte. (B44, B58, B84)
func TestKilledRunsResumeToTheSameBytes(t *testing.T) {
	whole := t.TempDir()
	start := time.Now()
	if out, err := command(t, nil, quick(whole)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(start)
	want := fingerprint(t, filepath.Join(whole, "r"))

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed of the moments %d, a whole run takes %v", seed, took)
	random := rand.New(rand.NewPCG(seed, 1))
	kills := 0
	for kills < 20 {
		runs := t.TempDir()
		args := append(quick(runs), "--resume")
		for {
			var stderr bytes.Buffer
			cmd := command(t, nil, args...)
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(random.Int64N(int64(took))), func() {
				_ = cmd.Process.Signal(syscall.SIGKILL) // the process may be done already
			})
			err := cmd.Wait()
			timer.Stop()
			if err == nil {
				break
			}
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != -1 {
				t.Fatalf("after %d kills: %v\n%s", kills, err, stderr.String())
			}
			kills++
		}
		same(t, fmt.Sprintf("after %d kills", kills), want, fingerprint(t, filepath.Join(runs, "r")))
	}
}

// B91: a run goes on only with the settings it was started with; which ones
// differ is named. With the same settings it ends equal to an unbroken run.
func TestResumeWithOtherSettingsIsRefused(t *testing.T) {
	whole, runs := t.TempDir(), t.TempDir()
	if out, err := command(t, nil, quick(whole)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	stopAfterSessions(t, runs)
	other := filepath.Join(t.TempDir(), "other.toml")
	if err := os.WriteFile(other, []byte("name = \"other\"\nexpertise = \"none\"\ninclination = \"risk-averse\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		flags []string
		names []string
	}{
		{[]string{"--top-k", "3"}, []string{`memory.top_k was "5", is "3"`}},
		{[]string{"--profile", other}, []string{"content of the profile of "}},
		{[]string{"--seed", "2", "--cash", "5000"}, []string{`run.seed was "1", is "2"`, `broker.cash was "100000", is "5000"`}},
	} {
		cmd := command(t, nil, append(append(quick(runs), "--resume"), tt.flags...)...)
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Errorf("%v: %v, want exit code 1\n%s", tt.flags, err, out)
		}
		for _, name := range tt.names {
			if !strings.Contains(string(out), name) {
				t.Errorf("%v: the refusal does not name %q:\n%s", tt.flags, name, out)
			}
		}
	}
	if out, err := command(t, nil, append(quick(runs), "--resume")...).CombinedOutput(); err != nil {
		t.Fatalf("resuming with the same settings: %v\n%s", err, out)
	}
	same(t, "resumed", fingerprint(t, filepath.Join(whole, "r")), fingerprint(t, filepath.Join(runs, "r")))
}

// stopAfterSessions starts a run and kills it once some sessions are done.
func stopAfterSessions(t *testing.T, runs string) {
	t.Helper()
	cmd := command(t, nil, quick(runs)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for {
		j, err := journal.Read(t.Context(), filepath.Join(runs, "r"))
		if err == nil {
			sessions, err := j.Sessions(t.Context())
			if err := errors.Join(err, j.Close()); err != nil {
				t.Fatal(err)
			}
			if len(sessions) >= 5 {
				break
			}
		} else if !errors.Is(err, journal.ErrNoRun) && !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "no such table") {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}
