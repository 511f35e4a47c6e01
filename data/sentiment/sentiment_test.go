package sentiment_test

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"finmem/data"
	"finmem/data/sentiment"
)

func near(a, b float64) bool { return math.Abs(a-b) < 5e-5 }

// On texts without finance words the score is the one that VADER's authors
// publish with their program; "Not good at all" by hand: good is 1.9, denied
// -1.406, the compound -1.406/√16.976836, the negative share 2.406/5.406.
func TestScoreIsVADER(t *testing.T) {
	tests := []struct {
		text                                  string
		negative, neutral, positive, compound float64
	}{
		{"Not good at all", 0.445, 0.555, 0, -0.3412},
		{"VADER is smart, handsome, and funny.", 0, 0.254, 0.746, 0.8316},
		{"VADER is VERY SMART, handsome, and FUNNY!!!", 0, 0.233, 0.767, 0.9342},
		{"VADER is not smart, handsome, nor funny.", 0.646, 0.354, 0, -0.7424},
		{"The book was good.", 0, 0.508, 0.492, 0.4404},
		{"The plot was good, but the characters are uncompelling and the dialog is not great.", 0.327, 0.579, 0.094, -0.7042},
		{"Today SUX!", 0.779, 0.221, 0, -0.5461},
		{"Catch utf-8 emoji such as such as 💘 and 💋 and 😁", 0, 0.746, 0.254, 0.7003},
	}
	a := sentiment.New()
	for _, tt := range tests {
		want := data.Sentiment{Positive: tt.positive, Neutral: tt.neutral, Negative: tt.negative, Compound: tt.compound, Method: "vader"}
		if got := a.Score(tt.text); got != want {
			t.Errorf("Score(%q) = %+v, want %+v", tt.text, got, want)
		}
	}
}

// The numbers are s/√(s²+15) with the weights of lexicon.txt and VADER's rules.
func TestScoreFinance(t *testing.T) {
	tests := []struct {
		name, text string
		want       float64
	}{
		{"beats, 2", "Tesla beats", 0.4588},                                           // 2/√19
		{"soars, 3", "Tesla soars", 0.6124},                                           // 3/√24
		{"phrase, 2.8", "Tesla beats estimates", 0.5859},                              // 2.8/√22.84
		{"phrase with words between", "Tesla beats its Q3 revenue estimates", 0.5859}, // the same
		{"VADER's very adds 0.293", "Tesla very bullish", 0.5095},                     // 2.293/√(5.257849+15)
		{"VADER's negation, -0.74", "Tesla did not surge", -0.4585},                   // -1.998/√(3.992004+15)
		{"exclamation mark adds 0.292", "Tesla beats estimates!", 0.6239},             // 3.092/√(9.560464+15)
		{"guidance, -2.6", "Tesla cuts full-year guidance", -0.5574},                  // -2.6/√21.76
		{"shares are no kindness", "Tesla shares", 0},
		{"nor in capitals", "Tesla SHARES", 0},
		{"print quotes", "“Tesla beats”", 0.4588},
		{"words on lines", "Tesla\nbeats", 0.4588},
	}
	a := sentiment.New()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := a.Score(tt.text).Compound; !near(got, tt.want) {
				t.Errorf("Score(%q).Compound = %v, want %v", tt.text, got, tt.want)
			}
		})
	}
}

func TestScoreOfNoWords(t *testing.T) {
	a := sentiment.New()
	for _, text := range []string{"", "  \n\t"} {
		if got, want := a.Score(text), (data.Sentiment{Method: "vader"}); got != want {
			t.Errorf("Score(%q) = %+v, want %+v", text, got, want)
		}
	}
}

func TestFinance(t *testing.T) {
	tests := []struct {
		name, text string
		want       float64
	}{
		{"no finance word", "The weather is wonderful.", 0},
		{"nothing", "", 0},
		{"beats, 2", "Tesla beats.", 0.4588},
		{"plunges, -3.1", "TESLA PLUNGES", -0.6249},                                           // -3.1/√24.61
		{"two words, 2 - 3.1", "Tesla beats but plunges", -0.2732},                            // -1.1/√16.21
		{"longest phrase counts once", "Tesla raises its full-year revenue guidance", 0.5574}, // 2.6, not more
		{"the words of a phrase do not count", "Tesla misses estimates", -0.5859},
		{"passive", "Tesla: guidance cut", -0.5574},
		{"negated", "Tesla did not beat estimates", -0.4717},      // -2.072/√19.293184
		{"negated by a contraction", "Tesla didn’t miss", 0.3252}, // 1.332/√16.774224
		{"fails to", "Tesla fails to beat", -0.3570},              // -1.48/√17.1904
		{"negation reaches three words", "not one of them soars", 0.6124},
		{"comma ends a phrase", "It beats, estimates say", 0.4588},
		{"mean over sentences that say something", "Tesla soars. It is Monday. Ford plunges!", -0.0063}, // (0.6124-0.6249)/2
		{"negation ends with its sentence", "It did not. Tesla soars", 0.6124},
		{"line end ends a sentence", "It did not\nTesla soars", 0.6124},
		{"neutral words", "shares of like value, united in trust", 0},
		{"neutral phrase", "free cash flow", 0},
		{"loss that narrows is good", "Loss narrowed", 0.3612}, // 1.5/√17.25
		{"hyphen", "better-than-expected", 0.5267},             // 2.4/√20.76
	}
	a := sentiment.New()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := a.Finance(tt.text); !near(got, tt.want) {
				t.Errorf("Finance(%q) = %v, want %v", tt.text, got, tt.want)
			}
		})
	}
}

// A filing of many sentences does not end at 1 because it is long.
func TestFinanceOfLongTexts(t *testing.T) {
	a := sentiment.New()
	short := a.Finance("Orders beat estimates. Margins fell.")
	if long := a.Finance(strings.Repeat("Orders beat estimates. Margins fell. ", 500)); !near(long, short) {
		t.Errorf("500 times the text scores %v, once %v", long, short)
	}
}

func TestBounds(t *testing.T) {
	a := sentiment.New()
	words := rapid.SampledFrom([]string{"beats", "estimates", "plunges", "not", "SOARS!!!", "cuts", "its", "guidance,", "don't", "but", "very", ".", "…", "“record", "high”", "\x00", "😁", "like"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(words, 0, 40).Draw(t, "words"), " ") + rapid.String().Draw(t, "text")
		s := a.Score(text)
		for name, x := range map[string]float64{"compound": s.Compound, "finance": a.Finance(text)} {
			if !(x >= -1 && x <= 1) {
				t.Fatalf("%s of %q is %v", name, text, x)
			}
		}
		for name, x := range map[string]float64{"positive": s.Positive, "neutral": s.Neutral, "negative": s.Negative} {
			if !(x >= 0 && x <= 1) {
				t.Fatalf("%s of %q is %v", name, text, x)
			}
		}
		if again := a.Score(text); again != s {
			t.Fatalf("%q scores %+v, then %+v", text, s, again)
		}
	})
}

// The first use from many goroutines at once loads the lists once.
func TestConcurrentUse(t *testing.T) {
	a := sentiment.New()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if got := a.Score("Tesla beats estimates").Compound; got != 0.5859 {
					t.Errorf("compound %v", got)
				}
				if got := a.Finance("Tesla beats estimates"); !near(got, 0.5859) {
					t.Errorf("finance %v", got)
				}
			}
		})
	}
	group.Wait()
}

func TestFill(t *testing.T) {
	own := &data.Sentiment{Compound: 0.25, Method: "finbert"}
	h := data.History{Symbol: "TSLA", News: []data.News{
		{Title: "Tesla beats estimates", Text: "Deliveries rose."},
		{Text: "Tesla soars", Sentiment: own},
		{Title: " ", Text: "\n"},
	}}
	a := sentiment.New()
	n, err := a.Fill(context.Background(), &h)
	if err != nil || n != 1 {
		t.Fatalf("filled %d, %v; want 1", n, err)
	}
	// 2.8 + 1.2 = 4, 4/√31
	if s := h.News[0].Sentiment; s == nil || !near(s.Compound, 0.7184) || s.Method != "vader" {
		t.Errorf("first item %+v, want a compound of 0.7184", s)
	}
	if h.News[1].Sentiment != own || *own != (data.Sentiment{Compound: 0.25, Method: "finbert"}) {
		t.Error("a sentiment that was there was replaced")
	}
	if h.News[2].Sentiment != nil {
		t.Errorf("blank item got %+v", h.News[2].Sentiment)
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := a.Fill(ctx, &h); err == nil || !strings.Contains(err.Error(), "sentiment of the news of TSLA") {
		t.Errorf("error %v", err)
	}
}

func BenchmarkScore(b *testing.B) {
	a := sentiment.New()
	const text = "Truist Securities analyst William Stein maintained a Hold rating on Tesla (TSLA) while cutting the price target from $360 to $351. Tesla shares closed at $379.28 on Thursday."
	for b.Loop() {
		a.Score(text)
	}
}

func BenchmarkFinance(b *testing.B) {
	a := sentiment.New()
	const text = "Truist Securities analyst William Stein maintained a Hold rating on Tesla (TSLA) while cutting the price target from $360 to $351. Tesla shares closed at $379.28 on Thursday."
	for b.Loop() {
		a.Finance(text)
	}
}
