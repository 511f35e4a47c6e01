package audit

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"finmem/memory"
)

//go:embed opposites.txt
var oppositesText string

// opposites maps every word of opposites.txt to its opposite.
var opposites = sync.OnceValue(func() map[string]string {
	pairs, err := parseOpposites(oppositesText)
	if err != nil {
		panic("audit: opposites.txt: " + err.Error())
	}
	return pairs
})

// parseOpposites reads the format that the head of opposites.txt describes.
func parseOpposites(text string) (map[string]string, error) {
	pairs := map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) != 2 || words[0] == words[1] {
			return nil, fmt.Errorf("line %d: %q is no pair of words", i+1, line)
		}
		for n, w := range words {
			if _, twice := pairs[w]; twice {
				return nil, fmt.Errorf("line %d: %q stands twice", i+1, w)
			}
			pairs[w] = words[1-n]
		}
	}
	return pairs, nil
}

var word = regexp.MustCompile(`\pL+`)

// FlipText exchanges the words of opposites.txt, wherever they stand as whole
// words and in the same case: "Profit rises" becomes "Profit falls", "UP" becomes
// "DOWN". Everything else stays, numbers and signs too. Flipping twice gives the
// text back, as long as its words are in one case or capitalised.
func FlipText(s string) string {
	return word.ReplaceAllStringFunc(s, func(w string) string {
		opposite, ok := opposites()[strings.ToLower(w)]
		if !ok {
			return w
		}
		switch first, size := utf8.DecodeRuneInString(w); {
		case len(w) > size && w == strings.ToUpper(w):
			return strings.ToUpper(opposite)
		case unicode.IsUpper(first):
			return strings.ToUpper(opposite[:1]) + opposite[1:]
		}
		return opposite
	})
}

// flip turns the tone of memories around: their words as [FlipText] does, and
// the sign of the sentiment that is shown with them.
func flip(hits []memory.Hit) []memory.Hit {
	flipped := make([]memory.Hit, len(hits))
	for i, h := range hits {
		h.Event.Text = FlipText(h.Event.Text)
		if h.Event.Tone != nil {
			tone := -*h.Event.Tone
			h.Event.Tone = &tone
		}
		flipped[i] = h
	}
	return flipped
}
