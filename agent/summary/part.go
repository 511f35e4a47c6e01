package summary

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tmc/langchaingo/textsplitter"
)

// mostWeight is that of the heaviest character.
const mostWeight = 5

// weight is about the length of s in quarters of a token. It is the sum of its
// characters, as the splitter needs it: 1 for an ASCII letter or white space, 2 for
// other ASCII, 5 for the rest.
func weight(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r >= utf8.RuneSelf:
			n += mostWeight
		case r <= ' ', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			n++
		default:
			n += 2
		}
	}
	return n
}

// spaced is text as it is split: a paragraph between empty lines, a line for each
// sentence.
func spaced(text string) string {
	var b strings.Builder
	last := 0
	for i, s := range sentences(text) {
		switch {
		case i == 0:
		case s.paragraph != last:
			b.WriteString("\n\n")
		default:
			b.WriteByte('\n')
		}
		last = s.paragraph
		b.WriteString(s.text)
	}
	return b.String()
}

// parts splits text at the ends of paragraphs, else of sentences, else of words,
// else between two characters, into parts of at most about so many tokens. Nothing
// but white space is lost. Two parts in a row are together longer than one may be,
// so where there are several at least one has half of what it may.
func parts(text string, tokens int) ([]string, error) {
	text = spaced(text)
	if weight(text) <= 4*tokens {
		return []string{text}, nil
	}
	splitter := textsplitter.NewRecursiveCharacter(
		textsplitter.WithSeparators([]string{"\n\n", "\n", " ", ""}),
		textsplitter.WithChunkSize(4*tokens),
		textsplitter.WithChunkOverlap(0),
		textsplitter.WithLenFunc(weight),
	)
	list, err := splitter.SplitText(text)
	if err != nil {
		return nil, fmt.Errorf("splitting the text: %w", err)
	}
	return list, nil
}
