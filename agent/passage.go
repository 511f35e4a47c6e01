package agent

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// passages splits text into pieces of at most limit characters, at the end of a
// paragraph, else of a sentence, else of a word, else between two characters. A
// paragraph or sentence that ends in the first half of what fits is passed over
// so that pieces do not get needlessly short. Nothing but the white space
// between pieces is lost.
func passages(text string, limit int) []string {
	var pieces []string
	for text = strings.TrimSpace(text); text != ""; {
		end := passageEnd(text, limit)
		pieces = append(pieces, strings.TrimSpace(text[:end]))
		text = strings.TrimSpace(text[end:])
	}
	return pieces
}

// passageEnd is the byte at which the first passage of text ends.
func passageEnd(text string, limit int) int {
	end, half := len(text), 0
	count := 0
	for i := range text {
		if count == limit/2 {
			half = i
		}
		if count == limit {
			end = i
			break
		}
		count++
	}
	if end == len(text) {
		return end
	}
	// The character after the last that fits may be the white space that makes
	// the last one an end.
	_, width := utf8.DecodeRuneInString(text[end:])
	window := text[:end+width]
	if i := strings.LastIndex(window, "\n\n"); i > half {
		return i
	}
	if i := lastSentence(window); i > half {
		return i
	}
	if i := strings.LastIndexFunc(window, unicode.IsSpace); i > 0 {
		return i
	}
	return end
}

// lastSentence is the byte after the last sentence of s that is followed by
// white space, or after the last CJK full stop; 0 if there is none.
func lastSentence(s string) int {
	for i := len(s); i > 0; {
		r, width := utf8.DecodeLastRuneInString(s[:i])
		i -= width
		switch r {
		case '.', '!', '?':
			next, _ := utf8.DecodeRuneInString(s[i+width:])
			if i+width < len(s) && unicode.IsSpace(next) {
				return i + width
			}
		case '。', '！', '？':
			if i+width < len(s) {
				return i + width
			}
		}
	}
	return 0
}
