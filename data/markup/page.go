package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A page takes words and the breaks between them, and writes a break only once
// a word follows.
type page struct {
	text strings.Builder
	last string // the words written since the last break, up to what join looks at

	lines     int  // line breaks due before the next word
	rowBreak  bool // of these, one is the end of a row and stays whatever follows
	separator bool // a cell ended
	space     bool
	fresh     bool // nothing written since the cell began: blocks in it start no line
}

// line asks for at least n line breaks.
func (p *page) line(n int) {
	if !p.fresh {
		p.lines = max(p.lines, n)
	}
}

// lineBreak asks for one more.
func (p *page) lineBreak() {
	if !p.fresh {
		p.lines = min(p.lines+1, 2)
	}
}

// row asks for the line break between rows.
func (p *page) row() {
	p.fresh = false
	p.lines, p.rowBreak = max(p.lines, 1), true
}

// cell asks for the separator between cells. Blocks that ended inside the cell
// before start no line: the row goes on.
func (p *page) cell() {
	p.fresh = true
	if !p.rowBreak {
		p.lines = 0
		p.separator = true
	}
}

// words writes text with its white space collapsed.
func (p *page) words(text string) {
	if first, _ := utf8.DecodeRuneInString(text); unicode.IsSpace(first) {
		p.space = true
	}
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return
	}
	joined := strings.Join(fields, " ")
	p.gap(joined)
	p.text.WriteString(joined)
	p.note(joined)
	p.space = len(strings.TrimRightFunc(text, unicode.IsSpace)) < len(text)
}

// preformatted writes text with its lines and spaces as they are.
func (p *page) preformatted(text string) {
	text = spaces.Replace(text)
	if strings.TrimSpace(text) == "" {
		p.lines = max(p.lines, min(strings.Count(text, "\n"), 2))
		p.space = true
		return
	}
	p.gap(text)
	p.text.WriteString(text)
	p.note(text)
}

// gap writes the break that is due before next.
func (p *page) gap(next string) {
	switch {
	case p.text.Len() == 0:
	case p.lines > 0:
		p.text.WriteString("\n\n"[:p.lines])
		p.last = ""
	case p.separator && (opens(p.last) || ends(next)):
		p.last = ""
	case p.separator:
		p.text.WriteString(" | ")
		p.last = ""
	case p.space:
		p.text.WriteByte(' ')
	}
	p.lines, p.rowBreak, p.separator, p.space, p.fresh = 0, false, false, false, false
}

// note remembers the start of what stands in the current cell.
func (p *page) note(words string) {
	if len(p.last) < longestSign {
		p.last += words[:min(len(words), longestSign)]
	}
}

// longestSign bounds what opens looks at, in bytes.
const longestSign = 8

// opens reports whether a cell holds only what belongs in front of the number
// in the next one.
func opens(cell string) bool {
	switch strings.TrimSpace(cell) {
	case "$", "€", "£", "¥", "US$", "(", "$(", "($", "€(", "£(":
		return true
	}
	return false
}

// ends reports whether a cell holds only what belongs behind the number in the
// one before.
func ends(cell string) bool {
	switch strings.TrimSpace(cell) {
	case ")", "%", ")%", "%)":
		return true
	}
	return false
}
