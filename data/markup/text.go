package markup

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

// Text is the visible text of a piece of HTML, cleaned as [Clean] says.
//
//   - Scripts, styles, the head, comments, embedded graphics and what is hidden
//     (display:none, the hidden attribute, the header of inline XBRL) go.
//   - Entities become the characters they stand for.
//   - Blocks, line breaks and table rows start a line, paragraphs and headings
//     outside tables leave an empty line; the cells of a row are separated by
//     " | ". Empty cells go, and a currency sign, bracket or per cent sign that
//     a layout put into a cell of its own joins its number.
//   - White space, no-break spaces too, becomes single spaces, except inside
//     <pre>.
//
// A text in which no known tag is found is plain: its lines and spaces stay as
// they are, no-break spaces become spaces, and entities with their semicolon
// ("AT&amp;T") are decoded, since vendors send headlines that way.
func Text(s string) string {
	if !IsHTML(s) {
		return Clean(spaces.Replace(entity.ReplaceAllStringFunc(s, html.UnescapeString)))
	}
	r := reader{tokens: html.NewTokenizer(strings.NewReader(s))}
	r.read()
	return norm.NFC.String(tidy(r.page.text.String()))
}

// Markdown is the text of a document in Markdown, cleaned as [Clean] says: its
// lines stay, and the marks of headings and bold letters, the rules of tables and
// tags of HTML between them go. Runs of spaces become one, and empty cells of a
// table go, as in [Text].
func Markdown(s string) string {
	r := reader{tokens: html.NewTokenizer(strings.NewReader(s)), pre: 1 << 30} // whatever </pre> there is
	r.read()
	var lines []string
	for line := range strings.SplitSeq(r.page.text.String(), "\n") {
		line = strings.Join(strings.Fields(strings.ReplaceAll(line, "**", "")), " ")
		line = strings.TrimLeft(strings.TrimLeft(line, "#"), " ")
		if strings.HasPrefix(line, "|") {
			if strings.Trim(line, "|-: ") == "" {
				continue
			}
			line = cells(line)
		}
		lines = append(lines, line)
	}
	return norm.NFC.String(tidy(strings.Join(lines, "\n")))
}

// cells is a row of a table without its empty cells.
func cells(line string) string {
	var p page
	for text := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
		p.words(text)
		p.cell()
	}
	return p.text.String()
}

// IsHTML reports whether a text has a tag of HTML in it, or says that it is a
// document of it. Angle brackets alone ("revenue < 5", "<TSLA>") are none.
func IsHTML(s string) bool {
	if !strings.ContainsRune(s, '<') {
		return false
	}
	tokens := html.NewTokenizer(strings.NewReader(s))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return false
		case html.DoctypeToken:
			return true
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := tokens.TagName()
			if known(string(name)) {
				return true
			}
			tokens.NextIsNotRawText()
		case html.TextToken, html.CommentToken:
		}
	}
}

var (
	entity = regexp.MustCompile(`&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
	spaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2007", " ")
)

// tidy takes away white space at line ends and more than one empty line in a
// row.
func tidy(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	empty := 0
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimRight(line, " \t")
		if line == "" {
			empty++
			continue
		}
		if out.Len() > 0 {
			out.WriteString("\n\n"[:min(empty+1, 2)])
		}
		empty = 0
		out.WriteString(line)
	}
	return strings.TrimSpace(out.String())
}
