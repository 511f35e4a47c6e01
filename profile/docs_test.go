package profile_test

import (
	"os"
	"strings"
	"testing"

	"finmem/profile"
)

// The example on the page about profiles can be used as it stands.
func TestDocsExample(t *testing.T) {
	page, err := os.ReadFile("../docs/profiles.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(strings.ReplaceAll(string(page), "\r\n", "\n"), "```toml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/profiles.md has no example in TOML")
	}
	p, err := profile.Parse("docs/profiles.md", strings.NewReader(example))
	if err != nil {
		t.Fatal(err)
	}
	if p.Symbol != "TSLA" || p.CheckDates(paperStart) != nil {
		t.Errorf("example %+v: %v", p, p.CheckDates(paperStart))
	}
}
