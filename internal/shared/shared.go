// Package shared finds the real data and golden figures that tests compare
// with. They live outside the repository because their licences do not allow
// bundling; a test that needs them skips, with a reason, where they are absent.
package shared

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Path is the absolute path of a file below the shared folder: FINMEM_SHARED,
// or ../shared beside the repository. It skips the test if there is none.
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("FINMEM_SHARED")
	if root == "" {
		_, file, _, _ := runtime.Caller(0)
		root = filepath.Join(filepath.Dir(file), "..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs %s, which is not here; set FINMEM_SHARED to the folder with the shared data", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}
