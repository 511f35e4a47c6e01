package sample

import (
	"fmt"
	"strconv"
	"strings"
)

// A filler puts words into the blanks of a text. The same blank gets the same
// words throughout one document.
type filler struct {
	stream
	company company
	used    map[string]string
}

func newFiller(s stream, c company) *filler {
	return &filler{s, c, make(map[string]string)}
}

// fill replaces every {blank} of the text and begins each sentence with a capital.
func (f *filler) fill(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return capitals(b.String())
		}
		blank, after, _ := strings.Cut(rest, "}")
		words, ok := f.used[blank]
		if !ok {
			words = f.words(blank)
			f.used[blank] = words
		}
		b.WriteString(words)
		text = after
	}
}

// capitals is the text with a capital at the start and after each full stop,
// question mark and line break.
func capitals(text string) string {
	out := []byte(text)
	start := true
	for i, c := range out {
		if start && 'a' <= c && c <= 'z' {
			out[i] = c - 'a' + 'A'
		}
		start = c == '\n' || c == ' ' && i > 0 && (out[i-1] == '.' || out[i-1] == '?')
	}
	return string(out)
}

// words draws what fills a blank. Numbers: {small}, {middle} and {large} per cent,
// {million} dollars, {count} things.
func (f *filler) words(blank string) string {
	c := f.company
	switch blank {
	case "name":
		return c.name
	case "names":
		return c.name + "'" // every name ends in s
	case "symbol":
		return c.symbol
	case "town":
		return c.town
	case "regulator":
		return c.regulator
	case "matters":
		return c.matters
	case "founded":
		return c.founded
	case "product":
		return pick(f.stream, c.products)
	case "line":
		return pick(f.stream, c.lines)
	case "input":
		return pick(f.stream, c.inputs)
	case "customer":
		return pick(f.stream, c.customers)
	case "rival":
		return pick(f.stream, c.rivals)
	case "place":
		return pick(f.stream, places)
	case "broker":
		return pick(f.stream, brokers)
	case "person":
		return pick(f.stream, persons)
	case "small":
		return strconv.Itoa(f.between(2, 6))
	case "middle":
		return strconv.Itoa(f.between(7, 18))
	case "large":
		return strconv.Itoa(f.between(20, 45))
	case "million":
		return strconv.Itoa(f.between(8, 90))
	case "count":
		return strconv.Itoa(10 * f.between(6, 90))
	}
	panic(fmt.Sprintf("sample: a text has the blank {%s}, for which there are no words", blank))
}

var places = []string{"Port Imaginary", "the Northern Isles of Perhaps", "Lower Elsewhere", "the Far Provinces", "Cape Conjecture", "the Valley of Maybe"}

var brokers = []string{"Guesswork Securities", "Tealeaf Research", "Dartboard Brothers", "Crystal & Ball", "Coinflip Capital"}

var persons = []string{"Ada Fable", "Basil Quill", "Cora Mirage", "Dorian Wisp", "Edith Lantern", "Felix Umber", "Greta Halfmoon", "Hugo Thistle"}
