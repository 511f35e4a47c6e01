package markup

import "strings"

// A kind is what an element does to the text around it.
type kind int

const (
	inline    kind = iota // nothing
	block                 // starts and ends a line
	paragraph             // leaves an empty line, outside tables
	row                   // a row of a table: a line
	cell                  // a cell of a row
	lineBreak
	preformatted
	dropped // its content is not text for people
)

// kindOf is the kind of an element by its lower-case name.
func kindOf(name string) kind {
	switch name {
	case "br":
		return lineBreak
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "figure", "table":
		return paragraph
	case "div", "li", "ul", "ol", "dl", "dt", "dd", "hr", "section", "article", "header", "footer", "main", "nav",
		"aside", "address", "figcaption", "form", "fieldset", "center", "body", "html", "caption", "thead", "tbody",
		"tfoot", "title", "details", "summary", "option", "page", "document", "text":
		return block
	case "tr":
		return row
	case "td", "th":
		return cell
	case "pre", "listing", "xmp", "plaintext":
		return preformatted
	case "script", "style", "head", "template", "svg", "math", "iframe", "object", "audio", "video", "canvas",
		"noframes", "noembed", "ix:header", "ix:hidden":
		return dropped
	}
	return inline
}

// known reports whether a tag of this name makes a text HTML.
func known(name string) bool {
	switch name {
	case "page", "document", "text", "summary", "main", "option", "object", "template", "form":
		return false // words that people put between angle brackets
	case "a", "b", "i", "u", "em", "strong", "span", "font", "sup", "sub", "img", "small", "big", "code", "s",
		"strike", "abbr", "cite", "q", "meta", "link", "title", "input", "button", "label", "noscript":
		return true
	}
	return kindOf(name) != inline || strings.HasPrefix(name, "ix:")
}

// void reports whether an element has no content and no end tag.
func void(name string) bool {
	switch name {
	case "br", "hr", "img", "input", "meta", "link", "base", "col", "area", "embed", "source", "track", "wbr", "param":
		return true
	}
	return false
}

// closes reports whether a tag ends an element whose own end tag HTML lets
// people leave out.
func closes(open, name string, end bool) bool {
	switch open {
	case "head":
		return !end && name != "title" && name != "meta" && name != "link" && name != "script" && name != "style" &&
			name != "base" && name != "noscript" && name != "template" || end && name == "html"
	case "p":
		k := kindOf(name)
		return k != inline && k != lineBreak && k != dropped
	case "li":
		return name == "li" && !end || end && (name == "ul" || name == "ol")
	case "td", "th":
		return kindOf(name) == cell && !end || kindOf(name) == row || end && name == "table"
	case "tr":
		return name == "tr" && !end || end && name == "table"
	case "option":
		return name == "option" || name == "select"
	}
	return false
}
