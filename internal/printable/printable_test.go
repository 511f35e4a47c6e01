package printable_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"finmem/internal/printable"
)

func TestText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "Shares rose 3 %.", "Shares rose 3 %."},
		{"colour escape", "\x1b[31mred\x1b[0m", "[31mred[0m"},
		{"C1 control", "a\u009bb", "ab"},
		{"newline and tab stay", "a\n\tb", "a\n\tb"},
		{"carriage return goes", "good\rbad", "goodbad"},
		{"right-to-left override", "a\u202eb", "ab"},
		{"line separator", "a\u2028b", "ab"},
		{"invalid byte", "a\xffb", "a\uFFFDb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := printable.Text(tt.in); got != tt.want {
				t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestLine(t *testing.T) {
	if got, want := printable.Line("  a\n\nb\t c "), "a b c"; got != want {
		t.Errorf("Line = %q, want %q", got, want)
	}
}

// B46: cutting falls between characters, never inside one.
func TestCutKeepsCharactersWhole(t *testing.T) {
	for _, s := range []string{strings.Repeat("€", 200), strings.Repeat("🙂", 100)} {
		for n := range 30 {
			got := printable.Cut(s, n)
			if !utf8.ValidString(got) || utf8.RuneCountInString(got) != n {
				t.Fatalf("Cut(…, %d) = %q", n, got)
			}
		}
	}
	if got := printable.Cut("abc", 3); got != "abc" {
		t.Errorf("Cut(abc, 3) = %q, want it whole", got)
	}
	if got, want := printable.Cut("abcd", 3), "ab…"; got != want {
		t.Errorf("Cut(abcd, 3) = %q, want %q", got, want)
	}
}
