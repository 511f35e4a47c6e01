package sentiment

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:embed lexicon.txt
var lexiconText string

// A lexicon is the content of lexicon.txt.
type lexicon struct {
	words   map[string]float64
	phrases map[string][]phrase // by first word, longest first
	skip    map[string]bool
}

// A phrase is a term of several words. token is how it is written as one word.
type phrase struct {
	words  []string
	token  string
	weight float64
}

// maxWeight is the end of VADER's scale.
const maxWeight = 4

// parseLexicon reads the format that the head of lexicon.txt describes.
func parseLexicon(text string) (*lexicon, error) {
	l := &lexicon{words: map[string]float64{}, phrases: map[string][]phrase{}, skip: map[string]bool{}}
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := l.addLine(line); err != nil {
			return nil, fmt.Errorf("lexicon line %d: %w", i+1, err)
		}
	}
	for _, phrases := range l.phrases {
		slices.SortStableFunc(phrases, func(a, b phrase) int { return len(b.words) - len(a.words) })
	}
	return l, nil
}

func (l *lexicon) addLine(line string) error {
	term, value, found := strings.Cut(line, "\t")
	if !found {
		return fmt.Errorf("%q has no tab", line)
	}
	if term == "skip" {
		for _, word := range strings.Fields(value) {
			l.skip[word] = true
		}
		return nil
	}
	weight, err := strconv.ParseFloat(value, 64)
	if err != nil || !(weight >= -maxWeight && weight <= maxWeight) {
		return fmt.Errorf("weight %q of %q: want a number from -%d to %d", value, term, maxWeight, maxWeight)
	}
	for _, words := range alternatives(strings.Fields(term)) {
		if err := l.add(words, weight); err != nil {
			return err
		}
	}
	return nil
}

// alternatives writes out a term such as "a|b c|d".
func alternatives(parts []string) [][]string {
	all := [][]string{nil}
	for _, part := range parts {
		var longer [][]string
		for _, head := range all {
			for _, word := range strings.Split(part, "|") {
				longer = append(longer, append(slices.Clone(head), word))
			}
		}
		all = longer
	}
	return all
}

// add adds one term, which must be new.
func (l *lexicon) add(words []string, weight float64) error {
	if len(words) == 0 {
		return fmt.Errorf("a weight without a term")
	}
	if len(words) == 1 {
		if _, ok := l.words[words[0]]; ok {
			return fmt.Errorf("%q stands twice", words[0])
		}
		l.words[words[0]] = weight
		return nil
	}
	p := phrase{words: words, token: strings.Join(words, "_"), weight: weight}
	if slices.ContainsFunc(l.phrases[words[0]], func(q phrase) bool { return q.token == p.token }) {
		return fmt.Errorf("%q stands twice", strings.Join(words, " "))
	}
	l.phrases[words[0]] = append(l.phrases[words[0]], p)
	return nil
}
