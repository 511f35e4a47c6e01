package agent

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPassages(t *testing.T) {
	tests := []struct {
		name, text string
		limit      int
		want       []string
	}{
		{"whole", " short \n", 10, []string{"short"}},
		{"blank", " \n\t", 10, nil},
		{"exactly the limit", "0123456789", 10, []string{"0123456789"}},
		{"paragraph", "One two three.\n\nFour. Five six.", 20, []string{"One two three.", "Four. Five six."}},
		{"paragraph too early", "One.\n\nTwo three. Four five.", 20, []string{"One.\n\nTwo three.", "Four five."}},
		{"sentence", "One two three. Four five six.", 20, []string{"One two three.", "Four five six."}},
		{"sentence that just fits", "One two three. Four.", 14, []string{"One two three.", "Four."}},
		{"a number's point is no end", "Sales were 3.141592 bn", 18, []string{"Sales were", "3.141592 bn"}},
		{"word", "aaaa bbbb cccc dddd", 12, []string{"aaaa bbbb", "cccc dddd"}},
		{"no space", strings.Repeat("x", 25), 10, []string{"xxxxxxxxxx", "xxxxxxxxxx", "xxxxx"}},
		{"CJK sentences", "一二三四五六。七八九。", 8, []string{"一二三四五六。", "七八九。"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := passages(tt.text, tt.limit)
			if strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("passages(%q, %d) = %q, want %q", tt.text, tt.limit, got, tt.want)
			}
		})
	}
}

// B46: a limit that falls inside a character does not split it.
func TestPassagesKeepCharactersWhole(t *testing.T) {
	for _, text := range []string{strings.Repeat("€", 200), strings.Repeat("🙂", 100), "a" + strings.Repeat("é ", 300)} {
		for limit := 1; limit < 60; limit++ {
			for _, p := range passages(text, limit) {
				if !utf8.ValidString(p) || utf8.RuneCountInString(p) > limit {
					t.Fatalf("passage %q of limit %d", p, limit)
				}
			}
		}
	}
}

// No word is lost, none is made, and no passage is too long.
func TestPassagesLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab.!? \n\té。")), 0, 400, -1).Draw(t, "text")
		limit := rapid.IntRange(1, 50).Draw(t, "limit")
		var joined strings.Builder
		for _, p := range passages(text, limit) {
			if n := utf8.RuneCountInString(p); n == 0 || n > limit || strings.TrimSpace(p) != p {
				t.Fatalf("passage %q of %d characters, limit %d", p, n, limit)
			}
			joined.WriteString(p)
		}
		if got, want := squeeze(joined.String()), squeeze(text); got != want {
			t.Fatalf("passages of %q hold %q", text, joined.String())
		}
	})
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }
