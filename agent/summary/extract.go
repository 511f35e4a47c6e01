package summary

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"finmem/data"
	"finmem/internal/printable"
)

// ExtractMethod is the method of [Extract] in records.
const ExtractMethod = "extract"

// Extract is a [Summarizer] without a language model: it picks whole sentences of
// the text, and changes none. Each sentence has a score,
//
//	0.4 · min(numbers, 3) / 3  +  0.4 · |polarity|  +  0.2 · position
//
// where numbers counts the figures in it but years and days, polarity is the tone of
// its finance words from -1 to 1, and position is 1 for the first three sentences of
// the text, ½ for the first of a paragraph, and 0 elsewhere. Lines that are no
// sentences (headings, page numbers, rows of tables: they do not end as a sentence
// does, or letters are less than half of them) are taken only from a text that has
// no sentence. Of sentences that say the same the first counts.
//
// From the best score down, the earlier first where two are equal, a sentence is
// taken if it fits into what is left of the limit. Those taken stand in the order
// of the text, a line for each paragraph. If not one sentence fits, the best one is
// cut.
type Extract struct {
	// Polarity is the tone of a text, from -1 to 1.
	Polarity func(text string) float64
}

// Record is the method, and no model.
func (e Extract) Record() data.Summary { return data.Summary{Method: ExtractMethod} }

// A candidate is a sentence that may be taken.
type candidate struct {
	sentence
	at     int // its place in the text
	length int
	whole  bool // it is a sentence, and no heading or row
	early  bool // it is one of the first three of these
	score  float64
}

// Summarize picks sentences of the item's text.
func (e Extract) Summarize(ctx context.Context, item Item, limit int) (Text, error) {
	list := e.candidates(item.Text)
	if len(list) == 0 {
		return Text{}, fmt.Errorf("the text has no word")
	}
	ranked := slices.Clone(list)
	slices.SortFunc(ranked, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.at, b.at))
	})
	var taken []candidate
	room := limit
	for _, c := range ranked {
		need := c.length
		if len(taken) > 0 {
			need++ // the space or line end between two
		}
		if need <= room {
			taken = append(taken, c)
			room -= need
		}
	}
	if err := ctx.Err(); err != nil {
		return Text{}, err
	}
	if len(taken) == 0 {
		return Text{Text: printable.Cut(ranked[0].text, limit)}, nil
	}
	slices.SortFunc(taken, func(a, b candidate) int { return cmp.Compare(a.at, b.at) })
	var b strings.Builder
	for i, c := range taken {
		switch {
		case i == 0:
		case c.paragraph == taken[i-1].paragraph:
			b.WriteByte(' ')
		default:
			b.WriteByte('\n')
		}
		b.WriteString(c.text)
	}
	return Text{Text: b.String()}, nil
}

func (e Extract) candidates(text string) []candidate {
	var list []candidate
	seen := map[string]bool{}
	whole := 0
	for _, s := range sentences(text) {
		same := strings.ToLower(s.text)
		if seen[same] || !hasWord(s.text) {
			continue
		}
		seen[same] = true
		c := candidate{sentence: s, at: len(list), length: utf8.RuneCountInString(s.text)}
		c.whole = closes(s.text) && mostlyLetters(s.text)
		if c.whole {
			c.early = whole < 3
			whole++
			c.score = e.score(c)
		}
		list = append(list, c)
	}
	if whole > 0 {
		list = slices.DeleteFunc(list, func(c candidate) bool { return !c.whole })
	}
	return list
}

// score is that of [Extract], in steps of a billionth so that it is the same on
// every machine.
func (e Extract) score(c candidate) float64 {
	position := 0.0
	switch {
	case c.early:
		position = 1
	case c.first:
		position = 0.5
	}
	score := float64(0.4*float64(min(numbers(c.text), 3))/3) + float64(0.4*math.Abs(e.Polarity(c.text))) + float64(0.2*position)
	return math.Round(score * 1e9)
}

// numbers counts the figures of s: "$1,234.5", "7%", "12 %". Whole numbers of one or
// two digits and those from 1900 to 2099 are not counted where no per cent follows,
// for most are days, years or places in a list.
func numbers(s string) int {
	n := 0
	fields := strings.Fields(s)
	for i, field := range fields {
		if strings.IndexFunc(field, unicode.IsDigit) < 0 {
			continue
		}
		percent := i+1 < len(fields) && (strings.HasPrefix(fields[i+1], "%") || strings.HasPrefix(fields[i+1], "percent"))
		bare, err := strconv.Atoi(strings.Trim(field, `.,;:!?()[]"'`))
		if err == nil && !percent && (bare < 100 || bare >= 1900 && bare < 2100) {
			continue
		}
		n++
	}
	return n
}

// mostlyLetters reports whether letters are at least half of what is no space.
func mostlyLetters(s string) bool {
	letters, others := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case r != ' ':
			others++
		}
	}
	return letters >= others
}
