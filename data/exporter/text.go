package exporter

import (
	"fmt"
	"strconv"
	"strings"

	"finmem/data"
)

// clean is a text as Python can read it: a pickle and a JSON document hold UTF-8
// and nothing else.
func clean(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")) }

// scored is a text with its tone in the three sentences of FinMem's preparation,
// which put the scores of FinBERT there.
func (t Text) scored() string {
	if t.Sentiment == nil {
		return t.Text
	}
	number := func(x float64) string { return strconv.FormatFloat(min(max(x, 0), 1), 'g', -1, 64) }
	return fmt.Sprintf("%s The positive score for this news is %s. The neutral score for this news is %s. The negative score for this news is %s.",
		t.Text, number(t.Sentiment.Positive), number(t.Sentiment.Neutral), number(t.Sentiment.Negative))
}

// labelled is a text with its tone as INVESTOR-BENCH writes it.
func (t Text) labelled() string {
	if t.Sentiment == nil {
		return t.Text
	}
	return fmt.Sprintf("%s (Sentiment: %s)", t.Text, label(*t.Sentiment))
}

// clearTone is the compound score from which a text counts as positive or negative,
// as the authors of VADER have it (Hutto and Gilbert 2014).
const clearTone = 0.05

func label(s data.Sentiment) string {
	switch {
	case s.Compound >= clearTone:
		return "positive"
	case s.Compound <= -clearTone:
		return "negative"
	}
	return "neutral"
}
