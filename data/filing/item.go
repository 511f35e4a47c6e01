package filing

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"finmem/data"
)

// An item is a part of a report that is taken out.
type item struct {
	number string // as the form counts: "1A"
	topic  topic
}

// A topic is what an item is about. In a 10-Q both parts count their items from
// 1, so a heading is known by the words of its title and not by its number.
type topic int

const (
	anotherTopic topic = iota
	riskFactors
	discussion // management's, of condition and results
	marketRisk
)

// itemsOfForm lists what is taken out of a form, in the order of the document.
func itemsOfForm(form string) []item {
	if quarterly(form) {
		return []item{{"2", discussion}, {"3", marketRisk}, {"1A", riskFactors}}
	}
	return []item{{"1A", riskFactors}, {"7", discussion}, {"7A", marketRisk}}
}

// Items takes the items out of the text of a report: Items 1A, 7 and 7A of a
// 10-K, Items 2 and 3 of Part I and Item 1A of Part II of a 10-Q, amendments
// alike, in the order of the form. missing are those without a heading of their
// own; where it is all of them, as in an amendment that is about something else,
// body is the whole text. Page numbers and links to the contents are left out.
//
// Of several headings of an item the one counts that has the most text below it,
// which is how a table of contents is told from the report; a line that speaks of
// an item ("see Item 7 of our annual report") is none.
func Items(form, text string) (body string, missing []string) {
	lines := strings.Split(WithoutFurniture(text), "\n")
	headings := headingsOf(form, lines)
	var parts []string
	for _, it := range itemsOfForm(form) {
		if part := longestPart(lines, headings, it.topic); part != "" {
			parts = append(parts, part)
		} else {
			missing = append(missing, "Item "+it.number)
		}
	}
	if len(parts) == 0 {
		return strings.TrimSpace(strings.Join(lines, "\n")), missing
	}
	return strings.Join(parts, "\n\n"), missing
}

// HasItems reports whether a form has the items that [Items] takes out.
func HasItems(form string) bool { return annual(form) || quarterly(form) }

// Note says in words what [Items] did not find, "" where that is nothing.
func Note(form string, missing []string) string {
	switch len(missing) {
	case 0:
		return ""
	case len(itemsOfForm(form)):
		return strings.Join(missing, ", ") + " not found; the whole document is kept"
	}
	return strings.Join(missing, ", ") + " not found"
}

func annual(form string) bool    { return data.Filing{Form: form}.Annual() }
func quarterly(form string) bool { return data.Filing{Form: form}.Quarterly() }

var furniture = regexp.MustCompile(`(?i)^(?:table of contents|[-–— ]*[0-9]{1,3}[-–— ]*)$`)

// WithoutFurniture is a text without its page numbers and its links to the
// contents.
func WithoutFurniture(text string) string {
	var kept []string
	for l := range strings.SplitSeq(text, "\n") {
		if l = strings.TrimSpace(l); !furniture.MatchString(l) {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

// Signature reports whether a line is the heading above the signatures.
func Signature(line string) bool {
	words := normal(line)
	return words == "signature" || words == "signatures"
}

// A heading is the line at which an item begins.
type heading struct {
	line  int
	topic topic
}

// itemLine is a line that begins as a heading does: "Item 7.", "PART II – ITEM 7",
// "Items 1 and 2.".
var itemLine = regexp.MustCompile(`(?i)^(?:part\s+[iv]{1,3}\b[\s|.,:;–—-]*)?items?\s*([0-9]{1,2}[A-C]?)((?:\s*(?:,|and|&)\s*(?:items?\s*)?[0-9]{1,2}[A-C]?)*)\b[\s|.,:;–—-]*(.*)$`)

// longestTitle bounds a heading, in bytes.
const longestTitle = 220

// headingsOf finds the headings of a report. A line of its contents is one as
// well; longestPart tells them apart.
func headingsOf(form string, lines []string) []heading {
	var found []heading
	for i, l := range lines {
		if Signature(l) {
			found = append(found, heading{i, anotherTopic})
			continue
		}
		m := itemLine.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		title, _, _ := strings.Cut(m[3], ". ")
		if title == "" {
			// The title may stand on a line of its own. Without one it is a
			// running head, which begins nothing.
			next := i + 1
			for next < len(lines) && lines[next] == "" {
				next++
			}
			if next < len(lines) {
				title, _, _ = strings.Cut(lines[next], ". ")
			}
		}
		if len(title) > longestTitle || refers(title) {
			continue
		}
		t, known := topicOf(normal(title))
		if !known {
			continue
		}
		numbers := m[1] + " " + m[2]
		if t != anotherTopic && !slices.ContainsFunc(itemsOfForm(form), func(it item) bool {
			return it.topic == t && slices.Contains(strings.FieldsFunc(strings.ToUpper(numbers), notNumber), it.number)
		}) {
			continue // it speaks of another form
		}
		found = append(found, heading{i, t})
	}
	return found
}

// notNumber parts the numbers of a heading: "1 AND 2".
func notNumber(r rune) bool { return !unicode.IsDigit(r) && (r < 'A' || r > 'C') }

// normal is a line in lower case, its words apart by single spaces and nothing
// else in it.
func normal(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// topicOf knows a title by its first words.
func topicOf(title string) (t topic, known bool) {
	for _, k := range []struct {
		topic  topic
		starts []string
	}{
		{riskFactors, []string{"risk factor"}},
		{discussion, []string{"management s discussion", "management discussion", "managements discussion"}},
		{marketRisk, []string{"quantitative and qualitative", "qualitative and quantitative", "quantitative qualitative", "disclosures about market risk", "market risk"}},
		{anotherTopic, []string{
			"business", "description of business", "unresolved staff", "cybersecurity", "propert", "description of propert", "legal proceedings",
			"mine safety", "submission of matters", "removed", "reserved", "market for", "selected", "financial statements",
			"consolidated", "condensed", "unaudited", "interim", "changes in and disagreements", "controls", "other information",
			"disclosure regarding foreign", "directors", "executive", "security ownership", "certain relationships", "principal account",
			"exhibit", "form 10 k summary", "unregistered", "recent sales", "issuer purchases", "defaults", "repurchases", "purchases of equity",
		}},
	} {
		for _, s := range k.starts {
			if strings.HasPrefix(title, s) {
				return k.topic, true
			}
		}
	}
	return anotherTopic, false
}

// refers reports whether a line speaks of an item instead of beginning it:
// `Item 1A, "Risk Factors" of our annual report`.
func refers(title string) bool {
	if strings.HasPrefix(title, `"`) || strings.HasPrefix(title, "“") {
		return true // not so a title that ends in (“MD&A”)
	}
	words := " " + normal(title) + " "
	for _, w := range []string{
		" of this ", " of our ", " in this ", " in our ", " to this ", " to our ", " of part ", " in part ", " annual report ", " quarterly report ", " see ",
		" refer ", " referred ", " herein ", " above ", " below ", " included in ", " contained in ", " set forth ", " incorporated ", " described ", " discussed ", " and elsewhere ",
	} {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}

// fewestLetters is how many letters below its heading make a part.
const fewestLetters = 20

// longestPart is the part about a topic with the most letters in it. A heading
// that is repeated, as on every page, does not end its own part. The line of the
// contents has next to nothing below it.
func longestPart(lines []string, headings []heading, t topic) string {
	best, most := "", fewestLetters-1
	for i := 0; i < len(headings); i++ {
		if headings[i].topic != t || t == anotherTopic {
			continue
		}
		start := headings[i].line
		for i+1 < len(headings) && headings[i+1].topic == t {
			i++
		}
		end := len(lines)
		if i+1 < len(headings) {
			end = headings[i+1].line
		}
		if n := lettersBelow(lines[start:end]); n > most {
			best, most = strings.Trim(strings.Join(lines[start:end], "\n"), "\n"), n
		}
	}
	return best
}

// lettersBelow counts the letters of a part without its heading, which may
// take two lines; a sentence on the line of the heading counts.
func lettersBelow(part []string) int {
	title, below, _ := strings.Cut(itemLine.FindStringSubmatch(part[0])[3], ". ")
	rest := part[1:]
	if title == "" {
		for len(rest) > 0 && rest[0] == "" {
			rest = rest[1:]
		}
		rest = rest[min(1, len(rest)):]
	}
	n := 0
	for _, text := range append([]string{below}, rest...) {
		for _, r := range text {
			if unicode.IsLetter(r) {
				n++
			}
		}
	}
	return n
}
