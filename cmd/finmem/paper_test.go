package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"finmem/backtest/journal"
	"finmem/internal/alpacatest"
	"finmem/paper/alpaca"
)

// replayArgs play a loop over two weeks of the sample.
func replayArgs(ds, dir string) []string {
	return []string{"paper", "run", "--replay", ds, "--symbol", "NOKELP,UNOBTA", "--warmup-from", "2023-12-01", "--from", "2024-01-02", "--to", "2024-01-31", "--dir", dir}
}

// sampleDataset writes the sample.
func sampleDataset(t *testing.T) string {
	t.Helper()
	ds := filepath.Join(t.TempDir(), "ds")
	var out bytes.Buffer
	if code := run(t.Context(), []string{"data", "sample", "--out", ds}, nil, &out, &out); code != exitDone {
		t.Fatalf("exit code %d: %s", code, out.String())
	}
	return ds
}

func journalDigest(t *testing.T, dir string) string {
	t.Helper()
	j, err := journal.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	d, err := j.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// B84: a loop whose process is killed with SIGKILL again and again, at random
// moments, comes to the journal of one that lived.
func TestKilledLoopComesToTheSameJournal(t *testing.T) {
	ds := sampleDataset(t)
	whole := filepath.Join(t.TempDir(), "whole")
	start := time.Now()
	if out, err := command(t, nil, replayArgs(ds, whole)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(start)
	want := journalDigest(t, whole)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed of the moments %d, a whole loop takes %v", seed, took)
	random := rand.New(rand.NewPCG(seed, 1))
	for kills := 0; kills < 10; {
		dir := filepath.Join(t.TempDir(), "loop")
		for {
			var stderr bytes.Buffer
			cmd := command(t, nil, replayArgs(ds, dir)...)
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(random.Int64N(int64(took))), func() {
				_ = cmd.Process.Signal(syscall.SIGKILL) // the process may be done already
			})
			err := cmd.Wait()
			timer.Stop()
			if strings.Contains(stderr.String(), "level=WARN") {
				t.Errorf("after %d kills: %s", kills, stderr.String())
			}
			if err == nil {
				break
			}
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != -1 {
				t.Fatalf("after %d kills: %v\n%s", kills, err, stderr.String())
			}
			kills++
		}
		if got := journalDigest(t, dir); got != want {
			t.Errorf("after %d kills the journal is another", kills)
		}
	}
}

// B45: a second loop on the same folder exits with a clear line; Ctrl-C stops the
// first one between sessions, and a lock that a dead process left blocks nobody.
func TestTwoLoopsOnOneFolder(t *testing.T) {
	ds := sampleDataset(t)
	dir := filepath.Join(t.TempDir(), "loop")
	// With the least tolerance the test hardly waits for a price, at whatever time it runs.
	config := filepath.Join(t.TempDir(), "paper.toml")
	if err := os.WriteFile(config, []byte("[paper]\ntolerance = \"1m\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"paper", "run", "--config", config, "--data", ds, "--dir", dir}
	first := func() (*exec.Cmd, *bytes.Buffer) {
		var stderr bytes.Buffer
		cmd := command(t, nil, args...)
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for {
			text, err := os.ReadFile(filepath.Join(dir, "health.json"))
			if err == nil && bytes.Contains(text, []byte(`"ready": true`)) {
				return cmd, &stderr
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	cmd, stderr := first()
	var second bytes.Buffer
	if code := run(t.Context(), args, nil, &second, &second); code != exitFailed || !strings.Contains(second.String(), "another finmem process is working on this run") {
		t.Errorf("the second loop: exit code %d, %q", code, second.String())
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted || !strings.Contains(stderr.String(), "finmem: stopped\nhint: all is kept in ") {
		t.Errorf("interrupted: %v, %q", err, stderr.String())
	}
	if err := os.Remove(filepath.Join(dir, "health.json")); err != nil {
		t.Fatal(err)
	}
	cmd, _ = first()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if code := run(t.Context(), append(args, "--once"), nil, &second, &second); code != exitDone {
		t.Errorf("after a kill: exit code %d, %q", code, second.String())
	}
}

// A loop at Alpaca, by the command: the account is reached with the keys of the
// environment, what it has beyond the symbols' cash is left apart, and no key is
// seen anywhere (B87). A refused key is exit code 4; too little cash is said.
func TestPaperAtAlpaca(t *testing.T) {
	ds := sampleDataset(t)
	server := alpacatest.New(t)
	server.SetKeys(sentinel, sentinel+"_SECRET")
	for _, symbol := range []string{"NOKELP", "UNOBTA"} {
		server.AddAsset(alpacatest.Asset{Symbol: symbol})
	}
	t.Setenv(alpaca.URLVariable, server.URL())
	t.Setenv(alpaca.KeyVariable, sentinel)
	t.Setenv(alpaca.SecretVariable, sentinel+"_SECRET")
	once := func(cash string) (int, string, string) {
		t.Helper()
		config := filepath.Join(t.TempDir(), "paper.toml")
		text := "data = '" + ds + "'\nsymbols = [\"NOKELP\", \"UNOBTA\"]\n[broker]\ncash = \"" + cash + "\"\n[paper]\nbroker = \"alpaca\"\ntolerance = \"1m\"\n"
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "loop")
		var out bytes.Buffer
		code := run(t.Context(), []string{"paper", "run", "--config", config, "--dir", dir, "--once"}, nil, &out, &out)
		if strings.Contains(out.String(), sentinel) {
			t.Errorf("a key was shown: %s", out.String())
		}
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			content, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, []byte(sentinel)) {
				t.Errorf("%s holds a key", f)
			}
		}
		return code, out.String(), dir
	}
	code, out, dir := once("40000")
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, out)
	}
	state, err := os.ReadFile(filepath.Join(dir, "loop.json"))
	if err != nil || !bytes.Contains(state, []byte(`"cashApart": "20000"`)) {
		t.Errorf("state %s, %v; want 20000 of 100000 apart", state, err)
	}
	if code, out, _ := once("60000"); code != exitFailed || !strings.Contains(out, "the account has 100000 in cash, and the symbols are to start with 120000 together") || !strings.Contains(out, "hint: set broker.cash") {
		t.Errorf("exit code %d: %s", code, out)
	}
	t.Setenv(alpaca.SecretVariable, sentinel+"_OTHER")
	if code, out, _ := once("40000"); code != exitKey {
		t.Errorf("exit code %d, want %d: %s", code, exitKey, out)
	}
}
