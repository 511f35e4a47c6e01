package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"finmem/backtest/journal"
)

// sharedRoot is the folder of the shared test data, whether it is there or not.
func sharedRoot() string {
	if root := os.Getenv("FINMEM_SHARED"); root != "" {
		if abs, err := filepath.Abs(root); err == nil {
			return abs
		}
	}
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "shared")
}

// exitCodeCmd runs a command and checks its exit code: exitcode 2 finmem …
func exitCodeCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// oneLineCmd checks that the last command said its error in one line on stderr,
// after which only a hint or the usage may come, and nothing on stdout.
func oneLineCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: one-line")
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("stdout is not empty: %q", out)
	}
	errors := 0
	for _, line := range strings.Split(strings.TrimRight(ts.ReadFile("stderr"), "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "finmem: "):
			errors++
		case strings.HasPrefix(line, "hint: "), strings.HasPrefix(line, "usage: "), strings.HasPrefix(line, "note: "):
		default:
			ts.Fatalf("stderr has a line of another kind: %q", line)
		}
	}
	if errors != 1 {
		ts.Fatalf("%d error lines, want 1", errors)
	}
}

// sha prints the hash of a run's database, as a program that scripts call.
func sha() {
	content, err := os.ReadFile(filepath.Join("runs", os.Args[1], journal.FileName))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%x\n", sha256.Sum256(content))
}

var digestPattern = regexp.MustCompile(`(?i)"?digest"?:? "?([0-9a-f]{64})`)

// sameDigest fails unless two outputs name the same digest, as a program that
// scripts call.
func sameDigest() {
	var digests []string
	for _, path := range os.Args[1:] {
		content, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		found := digestPattern.FindSubmatch(content)
		if found == nil {
			fmt.Fprintf(os.Stderr, "%s names no digest\n", path)
			os.Exit(1)
		}
		digests = append(digests, string(found[1]))
	}
	if len(digests) < 2 || digests[0] != digests[1] {
		fmt.Fprintf(os.Stderr, "digests %v differ\n", digests)
		os.Exit(1)
	}
}
