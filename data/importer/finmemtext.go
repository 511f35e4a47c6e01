package importer

import (
	"math"
	"strconv"
	"strings"

	"finmem/data"
)

// Methods of a [data.Sentiment] that came with the text.
const (
	methodFinBERT = "finbert" // three scores of a classifier
	methodLabel   = "label"   // one word, as INVESTOR-BENCH writes it
)

// splitSentiment takes the sentiment that FinMem or INVESTOR-BENCH appended to
// a news text off it again. FinMem's own preparation writes three sentences,
//
//	The positive score for this news is 0.91. The neutral score for this
//	news is 8e-02. The negative score for this news is 1e-02.
//
// and INVESTOR-BENCH a label, "(Sentiment: positive)". In the first form
// Compound is positive - negative; in the second the named share is 1 and
// Compound is 1, 0 or -1.
//
// It returns the text without the scores and the sentiment, or the text as it
// was and nil. unread is set where the text speaks of scores but they cannot be
// read as a whole: one is missing, stands twice, is outside [0, 1], or is not at
// the end. Such a text is left alone, since nobody can tell which part is news.
func splitSentiment(text string) (rest string, s *data.Sentiment, unread bool) {
	if rest, s := splitScores(text); s != nil && !strings.Contains(rest, scorePhrase) {
		return rest, s, false
	}
	if strings.Contains(text, scorePhrase) {
		return text, nil, true
	}
	rest, s = splitLabel(text)
	return rest, s, false
}

const scorePhrase = " score for this news is "

// splitScores reads the three score sentences, in any order, off the end.
func splitScores(text string) (string, *data.Sentiment) {
	tones := [...]string{"positive", "neutral", "negative"}
	var scores [len(tones)]float64
	seen := 0
	rest := strings.TrimSpace(text)
	for range tones {
		at := strings.LastIndex(rest, scorePhrase)
		if at < 0 {
			return text, nil
		}
		number := strings.TrimSuffix(strings.TrimSpace(rest[at+len(scorePhrase):]), ".")
		score, ok := share(number)
		head, tone, found := rest[:at], -1, false
		for i, name := range tones {
			var cut string
			if cut, found = strings.CutSuffix(head, "The "+name); found {
				head, tone = cut, i
				break
			}
		}
		if !ok || !found || seen&(1<<tone) != 0 {
			return text, nil
		}
		seen |= 1 << tone
		scores[tone] = score
		rest = strings.TrimRight(head, " \t\n")
	}
	return rest, &data.Sentiment{
		Positive: scores[0],
		Neutral:  scores[1],
		Negative: scores[2],
		Compound: scores[0] - scores[2],
		Method:   methodFinBERT,
	}
}

// share reads a plain or scientific decimal number in [0, 1].
func share(s string) (float64, bool) {
	if strings.Trim(s, "0123456789.eE+-") != "" {
		return 0, false // keeps out "NaN", "Inf" and hexadecimal numbers
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && x >= 0 && x <= 1 && !math.IsNaN(x)
}

// splitLabel reads "(Sentiment: positive)" off the end, in any case and with or
// without the space.
func splitLabel(text string) (string, *data.Sentiment) {
	rest := strings.TrimSpace(text)
	at := strings.LastIndexByte(rest, '(')
	if at < 0 || !strings.HasSuffix(rest, ")") {
		return text, nil
	}
	key, label, _ := strings.Cut(rest[at+1:len(rest)-1], ":")
	if !strings.EqualFold(strings.TrimSpace(key), "sentiment") {
		return text, nil
	}
	s := data.Sentiment{Method: methodLabel}
	switch strings.ToLower(strings.TrimSpace(label)) {
	case "positive":
		s.Positive, s.Compound = 1, 1
	case "neutral":
		s.Neutral = 1
	case "negative":
		s.Negative, s.Compound = 1, -1
	default:
		return text, nil
	}
	return strings.TrimRight(rest[:at], " \t\n"), &s
}
