package audit_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"finmem/backtest/audit"
	"finmem/data/sample"
	"finmem/data/sentiment"
)

func TestFlipText(t *testing.T) {
	for in, want := range map[string]string{
		"Profit rises, shares up 3.5 %":                      "Profit falls, shares down 3.5 %",
		"UPGRADED to Buy: strong demand":                     "DOWNGRADED to Sell: weak demand",
		"Anvils beat estimates. Outlook raised.":             "Anvils miss estimates. Outlook slashed.",
		"better-than-expected results":                       "worse-than-expected results",
		"On 2024-01-05 I decided to buy. It earned 2 %.":     "On 2024-01-05 I decided to sell. It lost 2 %.",
		"The upper floor, a goodwill charge, Buyers' market": "The upper floor, a goodwill charge, Sellers' market",
		"record deliveries":                                  "record deliveries",
		"":                                                   "",
		"Gewinn über Erwartung":                              "Gewinn über Erwartung",
	} {
		if got := audit.FlipText(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// Flipping twice gives a text back whose words are in one case or capitalised.
func TestFlipTwice(t *testing.T) {
	words := []string{"up", "Down", "GAINS", "loss", "anvils", "2024-01-05", "+3.5 %", "better-than-expected", "Buy", "raised,", "é", "\n", "A", "i"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom(words)).Draw(t, "words"), " ")
		if twice := audit.FlipText(audit.FlipText(text)); twice != text {
			t.Fatalf("%q has become %q", text, twice)
		}
	})
}

// The list is worth something only if it turns the tone of news around. Of the
// sample's news that have a tone by the finance words, few keep its sign.
func TestFlipTurnsTheTone(t *testing.T) {
	market, err := sample.Generate(sample.DefaultSeed)
	if err != nil {
		t.Fatal(err)
	}
	analyzer := sentiment.New()
	toned, kept, turned := 0, 0, 0
	for _, s := range market.Symbols() {
		h, err := market.History(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range h.News {
			text := n.Title + "\n" + n.Text
			switch before, after := analyzer.Finance(text), analyzer.Finance(audit.FlipText(text)); {
			case before == 0:
				continue
			case before*after > 0:
				kept++
			case before*after < 0:
				turned++
			}
			toned++
		}
	}
	t.Logf("of %d texts with a tone %d turned and %d kept its sign", toned, turned, kept)
	if toned < 500 || kept > toned/8 || turned < toned*6/10 {
		t.Errorf("of %d texts with a tone %d turned and %d kept its sign", toned, turned, kept)
	}
}
