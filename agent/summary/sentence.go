package summary

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"finmem/internal/printable"
)

// A sentence is one sentence of a text, on one line. paragraph counts from 0;
// first is set where it begins its paragraph.
type sentence struct {
	text      string
	paragraph int
	first     bool
}

// sentences cuts text into sentences. An empty line ends a paragraph. The end of
// a line ends a sentence too, unless the next line goes on in lower case, as in
// text of a fixed width. Control characters are gone and white space is single.
func sentences(text string) []sentence {
	var list []sentence
	number := 0
	for _, block := range paragraphs(text) {
		first := true
		for _, line := range block {
			for line != "" {
				end := sentenceEnd(line)
				list = append(list, sentence{text: line[:end], paragraph: number, first: first})
				first = false
				line = strings.TrimLeft(line[end:], " ")
			}
		}
		number++
	}
	return list
}

// paragraphs are the lines of each paragraph, none of them empty.
func paragraphs(text string) [][]string {
	text = printable.Text(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	var all [][]string
	var block []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		next, _ := utf8.DecodeRuneInString(line)
		switch {
		case line == "" && block != nil:
			all, block = append(all, block), nil
		case line == "":
		case len(block) > 0 && unicode.IsLower(next):
			block[len(block)-1] += " " + line
		default:
			block = append(block, line)
		}
	}
	if block != nil {
		all = append(all, block)
	}
	return all
}

// closers may stand between the end of a sentence and the space after it.
const closers = `"')]}”’»`

// sentenceEnd is the byte after the first sentence of a line.
func sentenceEnd(line string) int {
	for i, r := range line {
		after := i + utf8.RuneLen(r)
		switch r {
		case '。', '！', '？':
			return after
		case '.', '!', '?':
		default:
			continue
		}
		rest := strings.TrimLeft(line[after:], closers)
		next, width := utf8.DecodeRuneInString(rest)
		if width == 0 {
			return len(line)
		}
		if next != ' ' {
			continue
		}
		if follows, _ := utf8.DecodeRuneInString(rest[width:]); unicode.IsLower(follows) {
			continue
		}
		if r == '.' && abbreviated(line[:i]) {
			continue
		}
		return len(line) - len(rest)
	}
	return len(line)
}

// abbreviated reports whether the full stop after s belongs to the word before it:
// a single letter or the number of an item, such as 7 or 1A, a word with a full stop
// inside, a usual abbreviation.
func abbreviated(s string) bool {
	word := s[strings.LastIndexByte(s, ' ')+1:]
	word = strings.TrimLeft(word, `"'([{“‘«`)
	first, _ := utf8.DecodeRuneInString(word)
	switch n := utf8.RuneCountInString(word); {
	case n == 1 && (unicode.IsLetter(first) || unicode.IsDigit(first)), n == 2 && unicode.IsDigit(first):
		return true
	}
	if before, after, found := strings.Cut(word, "."); found && letters(before) && letters(after) {
		return true
	}
	switch strings.ToLower(word) {
	case "mr", "mrs", "ms", "dr", "jr", "sr", "st", "prof", "gen", "sen", "rep", "gov", "inc", "corp", "co", "ltd", "no", "nos", "vs",
		"approx", "fig", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec":
		return true
	}
	return false
}

func letters(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '.' }) < 0
}

// closes reports whether s ends as a sentence does.
func closes(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, closers))
	return strings.ContainsRune(".!?。！？", r)
}

// hasWord reports whether there is a letter or digit in s.
func hasWord(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0
}
