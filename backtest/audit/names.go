package audit

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"finmem/profile"
)

// A proper name is a run of capitalised words and of the numbers and signs
// between them: "Model 3", "Elon Musk", "S&P 500".
var properName = regexp.MustCompile(`\p{Lu}[\pL\pN&'’-]*(?: (?:& )?(?:\p{Lu}[\pL\pN&'’-]*|\pN+))*`)

// sentenceStart is what a word stands behind that is capitalised for its place.
var sentenceStart = regexp.MustCompile(`(?:^|[.!?:]["”’)\]]*\s+|\n\s*)$`)

// shortestName keeps an initial from being hidden wherever it stands.
const shortestName = 3

// Names are the names in a profile that tell a model which company it is about:
// the profile's own, without what stands in parentheses, and every run of
// capitalised words in its texts but for the first word of a sentence. The
// longest come first, so that "Model S" is found before "Model".
//
// They are the names that the profile holds, and those in more. A text may give
// the company away by others.
func Names(p profile.Profile, more []string) []string {
	label, _, _ := strings.Cut(p.Name, "(")
	found := map[string]bool{}
	for _, name := range more {
		found[strings.TrimSpace(name)] = true
	}
	add := func(name string) {
		if name = strings.TrimRight(strings.TrimSpace(name), ".'’-"); utf8.RuneCountInString(name) >= shortestName {
			found[name] = true
		}
	}
	if properName.MatchString(label) {
		add(label)
	}
	for _, sector := range p.Sectors {
		for _, name := range properName.FindAllString(sector, -1) {
			add(name)
		}
	}
	for _, text := range []string{p.Expertise, p.Background} {
		for _, loc := range properName.FindAllStringIndex(text, -1) {
			name := text[loc[0]:loc[1]]
			if !found[name] && sentenceStart.MatchString(text[:loc[0]]) {
				_, name, _ = strings.Cut(name, " ")
				name = strings.TrimPrefix(name, "& ")
			}
			add(name)
		}
	}
	var names []string
	for name := range found {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
	return names
}
