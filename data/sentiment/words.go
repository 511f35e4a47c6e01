package sentiment

import "strings"

// A word is one word of a text. plain is its lower-case form without the
// punctuation around it; ends is set where a comma, full stop or the like
// follows, over which no phrase reaches, and closes where that ends a sentence.
type word struct {
	text   string
	plain  string
	ends   bool
	closes bool
}

// typography turns quotation marks and dashes of print into those of a
// keyboard, which are all that VADER knows.
var typography = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`, "—", " - ", "–", "-")

const punctuation = `!"#$%&'()*+,-./:;<=>?@[\]^_` + "`{|}~…"

// splitWords is the text cut at white space. A line end closes a sentence.
func splitWords(text string) []word {
	var words []word
	for _, line := range strings.Split(typography.Replace(text), "\n") {
		for _, field := range strings.Fields(line) {
			core := strings.TrimRight(field, `"')]}`)
			words = append(words, word{
				text:   field,
				plain:  strings.ToLower(strings.Trim(field, punctuation)),
				ends:   core == "" || strings.HasSuffix(core, "…") || strings.IndexByte(".,;:!?", core[len(core)-1]) >= 0,
				closes: core != "" && strings.IndexByte(".!?", core[len(core)-1]) >= 0,
			})
		}
		if n := len(words); n > 0 {
			words[n-1].ends, words[n-1].closes = true, true
		}
	}
	return words
}

// match is the longest phrase that begins at words[0], and how many words it
// takes; 0 if there is none.
func (l *lexicon) match(words []word) (phrase, int) {
	for _, p := range l.phrases[words[0].plain] {
		if n := l.reach(p, words); n > 0 {
			return p, n
		}
	}
	return phrase{}, 0
}

// reach is the number of words that the phrase takes from the start of words,
// those skipped included, or 0.
func (l *lexicon) reach(p phrase, words []word) int {
	next := 0
	for i, w := range words {
		switch {
		case w.plain == p.words[next]:
			if next++; next == len(p.words) {
				return i + 1
			}
		case !l.skip[w.plain]:
			return 0
		}
		if w.ends {
			return 0
		}
	}
	return 0
}
