package agent_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"finmem/agent"
)

// The counts are those of GPT-4's vocabulary (cl100k_base), and how far the
// estimate may be off.
func TestEstimateTokens(t *testing.T) {
	for _, tt := range []struct {
		text      string
		want      int
		tokenised int
	}{
		{"", 0, 0},
		{"tiktoken is great!", 4, 6},
		{"antidisestablishmentarianism", 5, 6},
		{"2 + 2 = 4", 5, 7},
		{"1234567890", 4, 4},
		{"お誕生日おめでとう", 11, 9},
		{"特斯拉股价上涨", 9, 10},
		{"Tesla shares rose 3.5% to $1,234.50 on Monday.", 17, 18},
		{"🚀🚀🚀", 9, 9},
		{"Größe über Maß", 8, 5},
	} {
		if got := agent.EstimateTokens(tt.text); got != tt.want {
			t.Errorf("estimate of %q = %d, want %d (tokenised %d)", tt.text, got, tt.want, tt.tokenised)
		}
	}
}

// Each kind of run by its rule.
func TestEstimateTokensOfRuns(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int
	}{
		{"a", 1}, {"abcdefgh", 1}, {"abcdefghi", 2}, {"abcdefghijklmn", 2}, {"abcdefghijklmno", 3},
		{"AB", 1}, {"ABC", 1}, {"TSLA", 2}, {"ABCDEFG", 3}, {"Abcd", 1},
		{"7", 1}, {"123", 1}, {"1234", 2},
		{"!", 1}, {"\":", 1}, {"\":[", 2},
		{" ", 0}, {"  ", 1}, {"     ", 1}, {"\n", 1}, {"\n\n\t", 1},
		{"éé", 2}, {"ж", 2}, {"жжжжж", 6}, {"\xff", 2}, {"a\xff\xfe", 4},
	} {
		if got := agent.EstimateTokens(tt.text); got != tt.want {
			t.Errorf("estimate of %q = %d, want %d", tt.text, got, tt.want)
		}
	}
}

// The estimate of two texts side by side is at most that of both by themselves
// and one token more, and no text has a negative number of tokens.
func TestEstimateTokensAddsUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		letters := rapid.StringOfN(rapid.RuneFrom([]rune("abAB 12.,\n\té特🚀")), 0, 60, -1)
		a, b := letters.Draw(rt, "a"), letters.Draw(rt, "b")
		both := agent.EstimateTokens(a + b)
		if sum := agent.EstimateTokens(a) + agent.EstimateTokens(b); both > sum+1 || both < 0 {
			rt.Fatalf("%q and %q are %d tokens together, %d apart", a, b, both, sum)
		}
	})
}

func BenchmarkEstimateTokens(b *testing.B) {
	prompt := strings.Repeat("Tesla shares rose 3.5 % to $1,234.50 on Monday, after deliveries beat estimates.\n", 200)
	b.SetBytes(int64(len(prompt)))
	for b.Loop() {
		agent.EstimateTokens(prompt)
	}
}
