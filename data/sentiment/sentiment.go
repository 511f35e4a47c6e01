// Package sentiment scores the tone of a text without a model: VADER for any
// text, and the finance words alone for headlines.
//
// VADER (Hutto and Gilbert 2014) is a list of words with weights and a few rules
// for negation, emphasis and "but". It was made for short posts and knows
// nothing of finance: to it "beats", "record" and "soars" say nothing and
// "shares" are a kindness. A lexicon of finance words goes on top, lexicon.txt.
//
// Scores are a rough first reading. They know no irony, no context and no
// numbers: "profit falls to 3 billion" is bad whatever was expected.
package sentiment

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/jonreiter/govader"

	"finmem/data"
)

// Method is the name of the scores of [Analyzer.Score].
const Method = "vader"

// An Analyzer scores texts. It is safe for concurrent use and always gives the
// same score to the same text. The word lists are loaded when they are first
// needed; VADER's takes some 70 ms.
type Analyzer struct {
	finance func() *lexicon
	vader   func() *govader.SentimentIntensityAnalyzer
}

// New makes an analyzer.
func New() *Analyzer {
	a := &Analyzer{finance: sync.OnceValue(loadLexicon)}
	a.vader = sync.OnceValue(func() *govader.SentimentIntensityAnalyzer { return withFinance(a.finance()) })
	return a
}

// loadLexicon reads the lexicon that is part of the program.
func loadLexicon() *lexicon {
	l, err := parseLexicon(lexiconText)
	if err != nil {
		panic("sentiment: " + err.Error())
	}
	return l
}

// withFinance is VADER with the finance lexicon on top: its words replace those
// of VADER, its phrases become words of their own, and what it holds neutral is
// taken out. A weight of 0 inside VADER would not be neutral: emphasis still
// adds to it.
func withFinance(l *lexicon) *govader.SentimentIntensityAnalyzer {
	vader := govader.NewSentimentIntensityAnalyzer()
	set := func(term string, weight float64) {
		if weight == 0 {
			delete(vader.Lexicon, term)
		} else {
			vader.Lexicon[term] = weight
		}
	}
	for term, weight := range l.words {
		set(term, weight)
	}
	for _, phrases := range l.phrases {
		for _, p := range phrases {
			set(p.token, p.weight)
		}
	}
	return vader
}

// Score is the tone of a text by VADER and the finance lexicon:
//
//	compound = s / √(s² + 15),   s = sum of the weights after VADER's rules
//
// Positive, Neutral and Negative are the shares of the words, weighted. Compound
// is rounded to four decimals and the shares to three, as the reference program
// does. On a text without any finance word the score is VADER's own. A text of
// no words scores 0 in everything.
//
// s grows with the length of the text, so that of a filing ends near -1 or 1
// and says little.
func (a *Analyzer) Score(text string) data.Sentiment {
	words := splitWords(text)
	if len(words) == 0 {
		return data.Sentiment{Method: Method}
	}
	s := a.vader().PolarityScores(joinPhrases(a.finance(), words))
	return data.Sentiment{
		Positive: round(s.Positive, 1e3),
		Neutral:  round(s.Neutral, 1e3),
		Negative: round(s.Negative, 1e3),
		Compound: round(s.Compound, 1e4),
		Method:   Method,
	}
}

func round(x, scale float64) float64 { return math.Round(x*scale) / scale }

// joinPhrases writes the text with each phrase of the lexicon as one word, which
// VADER can look up. Words skipped inside a phrase are left out.
func joinPhrases(l *lexicon, words []word) string {
	var out []string
	for i := 0; i < len(words); i++ {
		p, n := l.match(words[i:])
		if n == 0 {
			out = append(out, words[i].text)
			continue
		}
		first, last := words[i].text, words[i+n-1]
		token := p.token
		if first == strings.ToUpper(first) && last.text == strings.ToUpper(last.text) {
			token = strings.ToUpper(token) // VADER reads capitals as emphasis
		}
		tail := last.text[len(strings.TrimRight(last.text, punctuation)):]
		out = append(out, token+tail) // and counts ! and ?
		i += n - 1
	}
	return strings.Join(out, " ")
}

// Finance is the tone of the finance words of a text alone, in [-1, 1]:
//
//	mean over the sentences that have any of  s / √(s² + 15)
//
// where s is the sum of their weights in lexicon.txt. A word that one of the
// three before it denies counts -0.74 times its weight, as in VADER. A text
// without finance words scores 0. The mean over sentences keeps a long filing
// from ending at 1 or -1.
func (a *Analyzer) Finance(text string) float64 {
	l := a.finance()
	words := splitWords(text)
	total, sentences := 0.0, 0
	for len(words) > 0 {
		n := 1
		for n < len(words) && !words[n-1].closes {
			n++
		}
		if s, found := l.polarity(words[:n]); found {
			total += s / math.Sqrt(float64(s*s)+normalization)
			sentences++
		}
		words = words[n:]
	}
	if sentences == 0 {
		return 0
	}
	return total / float64(sentences)
}

// VADER's constants: what brings a sum into (-1, 1), and what negation makes of
// a weight.
const (
	normalization = 15
	negation      = -0.74
)

// polarity sums the weights of the finance terms of one sentence.
func (l *lexicon) polarity(words []word) (sum float64, found bool) {
	for i := 0; i < len(words); i++ {
		p, n := l.match(words[i:])
		weight := p.weight
		if n == 0 {
			n, weight = 1, l.words[words[i].plain]
		}
		if weight != 0 {
			if denied(words[max(0, i-3):i]) {
				weight = float64(weight * negation)
			}
			sum += weight
			found = true
		}
		i += n - 1
	}
	return sum, found
}

// denied reports whether one of the words turns what follows into its opposite.
func denied(words []word) bool {
	for _, w := range words {
		switch w.plain {
		case "not", "no", "never", "neither", "nor", "none", "without", "cannot", "despite", "hardly", "barely",
			"fail", "fails", "failed", "unlikely", "denies", "denied", "avoid", "avoids", "avoided":
			return true
		}
		if strings.HasSuffix(w.plain, "n't") {
			return true
		}
	}
	return false
}

// Fill sets the sentiment of the news that have none, from title and text
// together, and reports how many it set. News without a word stay without. The
// items of h are changed in place.
func (a *Analyzer) Fill(ctx context.Context, h *data.History) (int, error) {
	n := 0
	for i := range h.News {
		if err := ctx.Err(); err != nil {
			return n, fmt.Errorf("sentiment of the news of %s: %w", h.Symbol, err)
		}
		item := &h.News[i]
		text := strings.TrimSpace(item.Title + "\n" + item.Text)
		if item.Sentiment != nil || text == "" {
			continue
		}
		s := a.Score(text)
		item.Sentiment = &s
		n++
	}
	return n, nil
}
