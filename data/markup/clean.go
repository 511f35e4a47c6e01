package markup

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"finmem/internal/printable"
)

// Clean is a plain text of a foreign source, made fit to be stored and shown:
//
//   - line ends become "\n", whether they were CR LF, CR or a Unicode separator;
//   - U+0080 to U+009F, which are what is left when a Windows-1252 text was
//     taken for Latin-1, become the character that was meant;
//   - bytes that are not UTF-8 become U+FFFD;
//   - control characters except newline and tab, NUL among them, and invisible
//     format characters go;
//   - characters are put in Unicode's composed form (NFC), so that the same word
//     is the same bytes whoever wrote it;
//   - white space at both ends goes.
//
// Cleaning a clean text changes nothing.
func Clean(s string) string { return norm.NFC.String(strings.TrimSpace(scrub(s))) }

// scrub is Clean for a part of a text: what stands at its ends stays.
func scrub(s string) string {
	if plain(s) {
		return s
	}
	s = lineEnds.Replace(s)
	s = strings.Map(func(r rune) rune {
		if r >= 0x80 && r <= 0x9f {
			return windows1252[r-0x80]
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return printable.Text(s)
}

// plain reports whether s is ASCII that scrub leaves as it is, as most texts are.
func plain(s string) bool {
	for i := range len(s) {
		if b := s[i]; b < ' ' && b != '\n' && b != '\t' || b >= 0x7f {
			return false
		}
	}
	return true
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// windows1252 is the part of that code page that Latin-1 does not have. The
// five places it leaves free stay control characters.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}
