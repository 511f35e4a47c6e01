package agent

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"finmem/data"
	"finmem/internal/printable"
	"finmem/memory"
)

// observed turns what a day brought into events, without vectors, each id once.
// Texts without a letter or digit are left out, since nothing can be found by
// them; blank counts those documents.
//
// The layer follows from the kind of document: news and current reports (8-K,
// 6-K and every form not named here) to short, quarterly reports (10-Q) to mid,
// annual reports (10-K, 20-F, 40-F) to long; an amendment (10-K/A) goes where
// its original goes. All have the age 0: whatever date they carry, they became
// known today.
func (a *Agent) observed(day data.Day) (events []memory.Event, blank int) {
	seen := map[string]bool{}
	add := func(e memory.Event, when, text string) {
		parts := slices.DeleteFunc(passages(printable.Text(text), a.cfg.PassageChars), wordless)
		if len(parts) == 0 {
			blank++
		}
		for i, part := range parts {
			e.ID = memory.NewID(day.Symbol, e.Source, when, part)
			e.Text = part
			if len(parts) > 1 {
				e.Part = fmt.Sprintf("%d/%d", i+1, len(parts))
			}
			if !seen[e.ID] {
				seen[e.ID] = true
				events = append(events, e)
			}
		}
	}
	for _, n := range day.News {
		add(memory.Event{
			Symbol: day.Symbol, Layer: memory.Short, Source: "news", Session: string(day.Session),
			Tone: tone(n.Sentiment), Copies: max(n.Copies, 1),
		}, moment(n.Time, n.DateOnly), n.Content())
	}
	for _, f := range day.Filings {
		add(memory.Event{
			Symbol: day.Symbol, Layer: filingLayer(f), Source: formName(f.Form), Session: string(day.Session),
			Copies: 1,
		}, moment(f.Accepted, f.DateOnly), f.Text)
	}
	return events, blank
}

func wordless(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// tone is the compound score of s, nil where there is none.
func tone(s *data.Sentiment) *float64 {
	if s == nil || math.IsNaN(s.Compound) {
		return nil
	}
	compound := min(max(s.Compound, -1), 1)
	return &compound
}

// moment is a document's time as it enters an event's id.
func moment(t time.Time, dateOnly bool) string {
	if dateOnly {
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339)
}

func filingLayer(f data.Filing) memory.Layer {
	switch {
	case f.Quarterly():
		return memory.Mid
	case f.Annual():
		return memory.Long
	}
	return memory.Short
}

// formPattern is how the regulator's forms are called: "10-K", "DEF 14A",
// "SC 13D/A". The name stands in a prompt outside of a data block, so nothing
// longer or stranger may pass for one.
var formPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9/ -]{0,15}$`)

// formName is the form as a source, "filing" where it is no form's name.
func formName(form string) string {
	if form = strings.TrimSpace(form); formPattern.MatchString(form) {
		return form
	}
	return "filing"
}
