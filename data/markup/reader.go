package markup

import (
	"strings"

	"golang.org/x/net/html"
)

// A reader walks the tags of a text and writes what is seen to a page.
type reader struct {
	tokens *html.Tokenizer
	page   page
	tables int // open tables
	pre    int // open preformatted elements
	// hidden is the element inside which nothing is seen, "" outside of one, and
	// depth counts the elements of that name that are open within it.
	hidden string
	depth  int
}

func (r *reader) read() {
	for {
		switch r.tokens.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			if r.hidden != "" {
				continue
			}
			if text := scrub(string(r.tokens.Text())); r.pre > 0 {
				r.page.preformatted(text)
			} else {
				r.page.words(text)
			}
		case html.StartTagToken:
			r.start(r.tag())
		case html.SelfClosingTagToken:
			// In XHTML, as filings are, <title/> is a whole element; the
			// tokenizer would wait for its end.
			r.tokens.NextIsNotRawText()
			if name, hides := r.tag(); r.hidden == "" && !hides {
				r.open(name)
				if !void(name) {
					r.close(name)
				}
			}
		case html.EndTagToken:
			name, _ := r.tokens.TagName()
			r.end(string(name))
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// tag reads the name of a tag and whether its element is not to be seen.
func (r *reader) tag() (name string, hides bool) {
	raw, more := r.tokens.TagName()
	name = string(raw)
	hides = kindOf(name) == dropped
	for more {
		var key, value []byte
		key, value, more = r.tokens.TagAttr()
		switch string(key) {
		case "hidden":
			hides = true
		case "style":
			style := strings.ToLower(strings.Join(strings.Fields(string(value)), ""))
			hides = hides || strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
		}
	}
	return name, hides
}

func (r *reader) start(name string, hides bool) {
	if r.hidden != "" {
		if name == r.hidden && !closes(r.hidden, name, false) {
			r.depth++
		}
		if !closes(r.hidden, name, false) {
			return
		}
		r.hidden = ""
	}
	if hides && !void(name) {
		r.hidden, r.depth = name, 1
		return
	}
	r.open(name)
}

func (r *reader) end(name string) {
	if r.hidden != "" {
		if name == r.hidden {
			if r.depth--; r.depth == 0 {
				r.hidden = ""
			}
			return
		}
		if !closes(r.hidden, name, true) {
			return
		}
		r.hidden = ""
	}
	r.close(name)
}

// open writes what the start of an element means for the text.
func (r *reader) open(name string) {
	switch kindOf(name) {
	case block:
		r.page.line(1)
	case paragraph:
		r.paragraph()
		if name == "table" {
			r.page.row()
			r.tables++
		}
	case row:
		r.page.row()
	case cell:
		r.page.cell()
	case lineBreak:
		r.page.lineBreak()
	case preformatted:
		r.page.line(1)
		r.pre++
	case inline, dropped:
	}
}

// close writes what the end of an element means for the text.
func (r *reader) close(name string) {
	switch kindOf(name) {
	case block:
		r.page.line(1)
	case paragraph:
		if name == "table" {
			r.tables = max(r.tables-1, 0)
			r.page.row()
		}
		r.paragraph()
	case row:
		r.page.row()
	case cell:
		r.page.cell()
	case preformatted:
		r.page.line(1)
		r.pre = max(r.pre-1, 0)
	case lineBreak, inline, dropped:
	}
}

// paragraph leaves an empty line, except in a table, where it would tear rows
// apart.
func (r *reader) paragraph() {
	if r.tables > 0 {
		r.page.line(1)
		return
	}
	r.page.line(2)
}
