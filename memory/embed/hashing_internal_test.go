package embed

import (
	"math"
	"slices"
	"testing"
)

// The hashes of these two share dimension 364 and differ in sign.
func TestFeaturesDoNotCancelOut(t *testing.T) {
	sum := sumOf([]feature{{"w77", 1}, {"w200", 1}})
	if sum[364] != 2 {
		t.Errorf("dimension 364: %v, want the two weights without their signs", sum[364])
	}
	if got := sumOf([]feature{{"w77", 1}, {"w200", 1.5}})[364]; math.Abs(got) != 0.5 {
		t.Errorf("dimension 364: %v, want the difference of the weights", got)
	}
}

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"... -- !", nil},
		{"Tesla's Q3 10-K, U.S.", []string{"teslas", "q3", "10", "k", "u", "s"}},
		{"don’t 'quote' rock'n'roll'", []string{"dont", "quote", "rocknroll"}},
		{"1,234.50 2025 12345 3.5 7, 8. 3m", []string{"#", "2025", "#", "#", "7", "8", "3m"}},
		{"$4.5B vs 4.5%", []string{"#", "vs", "#"}},
		{"ÉTÉ Straße naïve", []string{"été", "straße", "naïve"}},
		{"e\u0301te\u0301", []string{"e\u0301te\u0301"}},
		{"特斯拉Model 3上涨", []string{"特", "斯", "拉", "model", "3", "上", "涨"}},
		{"テスラ株", []string{"テ", "ス", "ラ", "株"}},
		{"١٢٣ 1٬000", []string{"١٢٣", "1", "000"}},
		{"a\xffb", []string{"a", "b"}},
		{"ราคา ๑๒", []string{"ร", "า", "ค", "า", "๑", "๒"}},
		{"9", []string{"9"}},
		{"9,", []string{"9"}},
		{"x.9", []string{"x", "9"}},
	} {
		if got := words(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("words(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzWords(f *testing.F) {
	for _, seed := range []string{"Tesla's 10-K", "1,2,3", "9.", "特斯拉3", "ราคา ๑๒", "9๑", "'a'", "\xff1.5\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range words(text) {
			if w == "" {
				t.Errorf("words(%q) has an empty word", text)
			}
		}
	})
}
