// Package printable makes foreign text safe to show: on a terminal, in a prompt,
// in a log line. News, filings and model answers are hostile; an escape
// sequence among them must not reach a terminal, and half a character must not
// reach anything.
package printable

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is s without control characters, except newline and tab, and with
// invalid UTF-8 replaced by U+FFFD. Bidirectional overrides and other invisible
// format characters go too: they can make text read as something it is not.
func Text(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// plain reports whether s is ASCII that Text leaves as it is, as most texts are.
func plain(s string) bool {
	for i := range len(s) {
		if b := s[i]; (b < ' ' && b != '\n' && b != '\t') || b >= 0x7f {
			return false
		}
	}
	return true
}

// Line is Text on one line: runs of white space become single spaces.
func Line(s string) string { return strings.Join(strings.Fields(Text(s)), " ") }

// Cut is s shortened to at most n runes, the last of which is then an ellipsis.
// It never splits a character.
func Cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	count := 0
	for i := range s {
		count++
		if count == n {
			return s[:i] + "…"
		}
	}
	return s
}
