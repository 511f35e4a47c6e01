package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// documents are the pages whose examples are run.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root(t), "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, path := range append(paths, filepath.Join(root(t), "README.md")) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = string(text)
	}
	return texts
}

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// TestDocumentedCommands runs the finmem commands of every sh block in README
// and docs, page by page, in the order they stand there. Those on the shared
// data run where it is.
func TestDocumentedCommands(t *testing.T) {
	for page, text := range documents(t) {
		t.Run(page, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, block := range shellBlock.FindAllStringSubmatch(text, -1) {
				for _, line := range strings.Split(strings.ReplaceAll(block[1], "\\\n", " "), "\n") {
					line, _, _ = strings.Cut(line, "  #")
					line = strings.Replace(strings.TrimSpace(line), "go run ./cmd/finmem", "finmem", 1)
					if !strings.HasPrefix(line, "finmem ") {
						continue
					}
					runDocumented(t, line)
				}
			}
		})
	}
}

func runDocumented(t *testing.T, line string) {
	t.Helper()
	args := fields(strings.TrimPrefix(line, "finmem "))
	for i, a := range args {
		if !strings.Contains(a, "../shared/") {
			continue
		}
		if _, err := os.Stat(sharedRoot()); err != nil {
			t.Logf("skipped, since there is no shared data: %s", line)
			return
		}
		args[i] = strings.Replace(a, "../shared", sharedRoot(), 1)
	}
	for _, a := range args {
		if (a == "ds" || a == "paper-period") && !exists(a) && !strings.Contains(line, "--out") {
			t.Logf("skipped, since its dataset could not be imported: %s", line)
			return
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), args, nil, &stdout, &stderr); code != exitDone {
		t.Errorf("%s: exit code %d\n%s", line, code, stderr.String())
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// fields splits a command line at spaces outside double quotes.
func fields(line string) []string {
	var args []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			args = append(args, part)
		} else {
			args = append(args, strings.Fields(part)...)
		}
	}
	return args
}

// TestReadmeShowsTheRealOutput compares the table in the README with what the
// command prints.
func TestReadmeShowsTheRealOutput(t *testing.T) {
	text := documents(t)["README.md"]
	_, rest, ok := strings.Cut(text, "<!-- output of: finmem backtest -->\n```text\n")
	shown, _, closed := strings.Cut(rest, "\n```\n<!-- end of output -->")
	if !ok || !closed {
		t.Fatal("the README has no output of finmem backtest")
	}
	t.Chdir(t.TempDir())
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"backtest"}, nil, &stdout, &stderr); code != exitDone {
		t.Fatalf("finmem backtest: exit code %d\n%s", code, stderr.String())
	}
	// The README leaves out white space at line ends, and what follows.
	var printed []string
	for _, line := range strings.Split(stdout.String(), "\n") {
		printed = append(printed, strings.TrimRight(line, " "))
	}
	if !strings.Contains(strings.Join(printed, "\n"), shown) {
		t.Errorf("the README shows\n%s\nthe program prints\n%s", shown, stdout.String())
	}
}
