package agent

import (
	"regexp"
	"strings"
)

// A mask replaces what tells a model which security and which time it sees. The
// zero mask changes nothing.
type mask struct {
	names *regexp.Regexp
	dates *regexp.Regexp
}

const (
	maskedName = "[name]"
	maskedDate = "[date]"
)

// datePattern matches dates and years as texts write them: 2024-03-31,
// 3/31/2024, March 31, 2024, 31 March, March 2024, Q1 2024, FY2024, 2024. It errs
// on the side of hiding: "may 5" goes too, and so does any number that looks
// like a year.
const datePattern = `(?i)\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b|` +
	`\b(?:\d{1,2}\s+)?` + months + `\b\.?,?\s+(?:\d{1,2}(?:st|nd|rd|th)?\b(?:,?\s+\d{4}\b)?|\d{4}\b)|` +
	`\b\d{1,2}\s+` + months + `\b|` +
	`\b(?:q[1-4]|fy)\s*(?:19|20)\d{2}\b|\b(?:19|20)\d{2}\b`

const months = `(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`

// newMask hides the names, as whole words in any case, and dates.
func newMask(names []string) mask {
	var quoted []string
	for _, n := range names {
		if n = strings.TrimSpace(n); n != "" {
			quoted = append(quoted, regexp.QuoteMeta(n))
		}
	}
	m := mask{dates: regexp.MustCompile(datePattern)}
	if len(quoted) > 0 {
		m.names = regexp.MustCompile(`(?i)(^|[^\pL\pN])(?:` + strings.Join(quoted, "|") + `)('s)?($|[^\pL\pN])`)
	}
	return m
}

// text is s with what the mask hides replaced.
func (m mask) text(s string) string {
	if m.names != nil {
		// Two names with one character between them share it, so a second pass
		// finds what the first stepped over.
		for range 2 {
			s = m.names.ReplaceAllString(s, "${1}"+maskedName+"${2}${3}")
		}
	}
	if m.dates != nil {
		s = m.dates.ReplaceAllString(s, maskedDate)
	}
	return s
}

func (m mask) active() bool { return m.dates != nil }
