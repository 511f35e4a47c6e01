package embed

import (
	"strings"
	"unicode"
)

// words splits text into the words that count, in order:
//
//   - A word is a run of letters, marks and digits, in lower case. An apostrophe
//     inside it is dropped: "Tesla's" is "teslas".
//   - A number of up to four digits is a word as it stands ("2025", the 3 of
//     "Model 3"). Any longer number, or one with a decimal point or thousands
//     separators, is the word "#": its exact value hardly ever recurs.
//   - Scripts that put no spaces between words (Han, Hiragana, Katakana, Thai,
//     Lao, Khmer, Myanmar) make one word of each character, digits included.
func words(text string) []string {
	var all []string
	runes := []rune(strings.ToLower(text))
	for i := 0; i < len(runes); {
		switch r := runes[i]; {
		case unicode.In(r, unspaced...):
			all = append(all, string(r))
			i++
		case unicode.IsDigit(r):
			end := i
			for end < len(runes) && (wordRune(runes[end]) || joins(runes, end)) {
				end++
			}
			all = append(all, number(string(runes[i:end])))
			i = end
		case wordRune(r):
			var word []rune
			for i < len(runes) && (wordRune(runes[i]) || apostrophe(runes, i)) {
				if wordRune(runes[i]) {
					word = append(word, runes[i])
				}
				i++
			}
			all = append(all, string(word))
		default:
			i++
		}
	}
	return all
}

var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// wordRune reports whether r can be inside a spaced word.
func wordRune(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)) && !unicode.In(r, unspaced...)
}

// joins reports whether the character at i is a point or comma between digits.
func joins(runes []rune, i int) bool {
	return (runes[i] == '.' || runes[i] == ',') &&
		unicode.IsDigit(runes[i-1]) && i+1 < len(runes) && unicode.IsDigit(runes[i+1])
}

// apostrophe reports whether the character at i is one between letters.
func apostrophe(runes []rune, i int) bool {
	return (runes[i] == '\'' || runes[i] == '’') && i+1 < len(runes) && unicode.IsLetter(runes[i+1])
}

// number is the word that a run which starts with a digit makes. One with
// letters in it ("10k", "3m") stays as it is.
func number(run string) string {
	digits := 0
	for _, r := range run {
		if !unicode.IsDigit(r) {
			if r == '.' || r == ',' {
				return "#"
			}
			return run
		}
		digits++
	}
	if digits > 4 {
		return "#"
	}
	return run
}
