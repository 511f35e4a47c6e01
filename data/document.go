package data

import (
	"strings"
	"time"

	"finmem/internal/printable"
)

// News is one item of news about a symbol.
type News struct {
	// Time is when the item became public. Where DateOnly is set only its
	// date is known: Time is then midnight UTC of that date, and the item counts
	// as known only after that date's close.
	Time     time.Time
	DateOnly bool
	Title    string
	Text     string
	Source   string
	URL      string
	// Sentiment is nil where the source brings none and none was computed.
	Sentiment *Sentiment
	// Summary is nil where Text is what the source has.
	Summary *Summary
	// Copies counts the items of the same content that were folded into this
	// one, itself included. 1 unless duplicates were found.
	Copies int
}

// Content is title and text as one. A text that starts with its title has it
// once.
func (n News) Content() string {
	title, text := printable.Line(n.Title), strings.TrimSpace(n.Text)
	if strings.HasPrefix(strings.ToLower(text), strings.ToLower(title)) {
		return text
	}
	return title + "\n" + text
}

// Sentiment is the tone of a text. Positive, Neutral and Negative are shares in
// [0, 1]; Compound runs from -1 (bad) to +1 (good). Method names what produced
// it, such as "finbert" for scores that came with the text, or "vader".
type Sentiment struct {
	Positive float64 `json:"positive"`
	Neutral  float64 `json:"neutral"`
	Negative float64 `json:"negative"`
	Compound float64 `json:"compound"`
	Method   string  `json:"method"`
}

// A Filing is a report of the company to the regulator.
type Filing struct {
	// Accepted is the instant of acceptance; with DateOnly it is midnight UTC of
	// the date, and the filing is visible from the next session on.
	Accepted time.Time
	DateOnly bool
	Form     string // "10-K", "10-Q"
	Period   string // end of the period reported on, ISO date, or ""
	Text     string
	Summary  *Summary // nil where Text is what the source has
}

// Quarterly reports whether the filing is a quarterly report (10-Q) or an
// amendment of one.
func (f Filing) Quarterly() bool { return f.baseForm() == "10-Q" }

// Annual reports whether the filing is an annual report (10-K, 20-F, 40-F) or an
// amendment of one.
func (f Filing) Annual() bool {
	switch f.baseForm() {
	case "10-K", "20-F", "40-F":
		return true
	}
	return false
}

// baseForm is the form without the mark of an amendment: "10-K" for "10-k/A".
func (f Filing) baseForm() string {
	base, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(f.Form)), "/")
	return base
}
