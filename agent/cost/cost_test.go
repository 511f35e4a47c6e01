package cost_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"finmem/agent/cost"
)

func TestPriceOfAModel(t *testing.T) {
	table := cost.Default()
	for _, tt := range []struct {
		model         string
		input, output float64
		known         bool
	}{
		{"openai/gpt-4.1-mini", 0.4, 1.6, true},
		{"openai/gpt-4.1-mini-2025-04-14", 0.4, 1.6, true},
		{"anthropic/claude-sonnet-4-20250514", 3, 15, true},
		{"ollama/qwen3:8b", 0, 0, true},
		{"offline", 0, 0, true},
		{"openai/text-embedding-3-small", 0.02, 0, true},
		{"openai/gpt-4.1-mini-fast", 0, 0, false},
		{"openai/unheard-of", 0, 0, false},
		{"offline2", 0, 0, false},
		{"", 0, 0, false},
	} {
		p, ok := table.Of(tt.model)
		if ok != tt.known || p.Input != tt.input || p.Output != tt.output {
			t.Errorf("price of %q = %+v, %t, want %v and %v, %t", tt.model, p, ok, tt.input, tt.output, tt.known)
		}
		if ok && p.AsOf != "2025-08-15" {
			t.Errorf("price of %q is as of %q", tt.model, p.AsOf)
		}
	}
}

// One's own file lies over the built-in one, price by price.
func TestOwnPrices(t *testing.T) {
	own, err := cost.Parse(`
as_of = "2026-01-31"
[[price]]
model = "openai/gpt-4.1-mini"
input = 1
output = 2.5
[[price]]
model = "openai/house-*"
input = 0.5
output = 0.5
[[price]]
model = "openai/house-large-*"
input = 7
output = 7
`, "own.toml")
	if err != nil {
		t.Fatal(err)
	}
	table := own.Over(cost.Default())
	for model, want := range map[string]cost.Price{
		"openai/gpt-4.1-mini":  {Model: "openai/gpt-4.1-mini", Input: 1, Output: 2.5, AsOf: "2026-01-31"},
		"openai/house-small":   {Model: "openai/house-*", Input: 0.5, Output: 0.5, AsOf: "2026-01-31"},
		"openai/house-large-2": {Model: "openai/house-large-*", Input: 7, Output: 7, AsOf: "2026-01-31"},
		"openai/gpt-4.1":       {Model: "openai/gpt-4.1", Input: 2, Output: 8, AsOf: "2025-08-15"},
	} {
		if got, ok := table.Of(model); !ok || got != want {
			t.Errorf("price of %s = %+v, %t, want %+v", model, got, ok, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const date = "as_of = \"2026-01-31\"\n"
	for text, want := range map[string]string{
		"":                            `own.toml: as_of ""`,
		"as_of = \"today\"":           `as_of "today"`,
		date + "[[price]]\ninput = 1": "price 1 has no model",
		date + "[[price]]\nmodel = \"m\"\ninput = 1":                                  "the price of m needs both input and output",
		date + "[[price]]\nmodel = \"m\"\ninput = -1\noutput = 1":                     "the price of m, -1 and 1",
		date + "[[price]]\nmodel = \"m\"\ninput = nan\noutput = 1":                    "the price of m, NaN and 1",
		date + "[[price]]\nmodel = \"m\"\ninput = inf\noutput = 1":                    "the price of m, +Inf and 1",
		date + "[[price]]\nmodel = \"m\"\ninput = 1\noutput = 1\nouput = 1":           `unknown setting "price.ouput"`,
		date + strings.Repeat("[[price]]\nmodel = \"m\"\ninput = 1\noutput = 1\n", 2): "m has two prices",
		date + "[[price]\n": "own.toml line 3",
	} {
		if _, err := cost.Parse(text, "own.toml"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// 1,000,000 tokens in and 100,000 out at 0.40 and 1.60 are 0.56; 500,000 embedded
// at 0.02 are 0.01.
func TestUSD(t *testing.T) {
	table := cost.Default()
	tally := cost.Tally{Calls: 2, InputTokens: 1_000_000, OutputTokens: 100_000, EmbeddedTexts: 9, EmbeddingTokens: 500_000}
	for _, tt := range []struct {
		model, embedder string
		tally           cost.Tally
		want            float64 // NaN for unknown
	}{
		{"openai/gpt-4.1-mini", "openai/text-embedding-3-small", tally, 0.57},
		{"openai/gpt-4.1-mini", "offline", tally, 0.56},
		{"offline", "offline", tally, 0},
		{"openai/unheard-of", "offline", tally, math.NaN()},
		{"offline", "openai/unheard-of", tally, math.NaN()},
		{"openai/unheard-of", "openai/unheard-of", cost.Tally{}, 0},
		{"offline", "openai/unheard-of", cost.Tally{InputTokens: 5}, 0},
	} {
		got := table.RatesOf(tt.model, tt.embedder).USD(tt.tally)
		if math.IsNaN(tt.want) != (got == nil) || got != nil && math.Abs(*got-tt.want) > 1e-12 {
			t.Errorf("%s, %s: cost %v, want %v", tt.model, tt.embedder, got, tt.want)
		}
	}
	if !table.RatesOf("offline", "ollama/x").Free() || table.RatesOf("openai/unheard-of", "offline").Free() || table.RatesOf("openai/gpt-4.1", "offline").Free() {
		t.Error("what is free is known to be")
	}
}

func TestTallyPlus(t *testing.T) {
	a := cost.Tally{Calls: 1, InputTokens: 2, OutputTokens: 3, EstimatedCalls: 4, EmbeddedTexts: 5, EmbeddingTokens: 6}
	if got, want := a.Plus(a), (cost.Tally{Calls: 2, InputTokens: 4, OutputTokens: 6, EstimatedCalls: 8, EmbeddedTexts: 10, EmbeddingTokens: 12}); got != want {
		t.Errorf("sum %+v, want %+v", got, want)
	}
	if got := a.Tokens(); got != 11 {
		t.Errorf("tokens %d, want 2 + 3 + 6", got)
	}
}

// Sessions of 1,000 tokens in cost 0.0004 each at 0.40 a million.
func TestBudget(t *testing.T) {
	rates := cost.Default().RatesOf("openai/gpt-4.1-mini", "offline")
	thousand := cost.Tally{Calls: 1, InputTokens: 1000}
	for _, tt := range []struct {
		name     string
		limits   cost.Limits
		sessions []cost.Tally
		stopped  int // after how many sessions, -1 for never
		reason   string
	}{
		{"no limit", cost.Limits{}, []cost.Tally{thousand, thousand}, -1, ""},
		{"dollars", cost.Limits{USD: 0.001}, []cost.Tally{thousand, thousand, thousand}, 2, "$0.0008 spent in 2 sessions, the costliest $0.0004: another might go over the limit of $0.0010"},
		{"dollars that are just enough", cost.Limits{USD: 0.0012}, []cost.Tally{thousand, thousand, thousand}, 3, "$0.0012 spent in 3 sessions"},
		{"less than one session", cost.Limits{USD: 0.0001}, []cost.Tally{thousand}, 1, "$0.0004 spent in 1 session,"},
		{"tokens", cost.Limits{Tokens: 2500}, []cost.Tally{thousand, thousand, thousand}, 2, "2000 tokens in 2 sessions, at most 1000 in one"},
		{"a costly session", cost.Limits{Tokens: 4000}, []cost.Tally{{InputTokens: 100}, {InputTokens: 1900}, {InputTokens: 200}}, 3, "2200 tokens in 3 sessions, at most 1900 in one"},
		{"embedded tokens count", cost.Limits{Tokens: 1500}, []cost.Tally{{EmbeddingTokens: 1000}}, 1, "1000 tokens"},
		{"a day", cost.Limits{TokensPerDay: 1500}, []cost.Tally{thousand, {InputTokens: 1000, OutputTokens: 501}}, 2, "session s1 took 1501 tokens, more than the 1500 that a day may take"},
		{"a day, just", cost.Limits{TokensPerDay: 1000}, []cost.Tally{thousand, thousand}, -1, ""},
	} {
		b, err := cost.NewBudget(tt.limits, rates)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Check(); err != nil {
			t.Errorf("%s: before the first session %v", tt.name, err)
		}
		stopped := -1
		for i, s := range tt.sessions {
			b.Spend([]string{"s0", "s1", "s2"}[i], s)
			err := b.Check()
			var out *cost.Exhausted
			if errors.As(err, &out) {
				stopped = i + 1
				if !strings.Contains(err.Error(), tt.reason) {
					t.Errorf("%s: %v, want %q", tt.name, err, tt.reason)
				}
				break
			}
		}
		if stopped != tt.stopped {
			t.Errorf("%s: stopped after session %d, want %d", tt.name, stopped, tt.stopped)
		}
	}
}

func TestNewBudgetRefuses(t *testing.T) {
	known := cost.Default().RatesOf("offline", "offline")
	for _, l := range []cost.Limits{{USD: -1}, {USD: math.NaN()}, {USD: math.Inf(1)}, {Tokens: -1}, {TokensPerDay: -5}} {
		if _, err := cost.NewBudget(l, known); err == nil {
			t.Errorf("%+v: no error", l)
		}
	}
	if _, err := cost.NewBudget(cost.Limits{USD: 1}, cost.Default().RatesOf("openai/unheard-of", "offline")); err == nil || !strings.Contains(err.Error(), "what the model and the embedder cost") {
		t.Errorf("dollars without a price: %v", err)
	}
	if _, err := cost.NewBudget(cost.Limits{Tokens: 1}, cost.Rates{}); err != nil {
		t.Errorf("tokens without a price: %v", err)
	}
}

// A price file is read or refused, and what is read are prices.
func FuzzParse(f *testing.F) {
	f.Add(cost.Builtin())
	f.Add("as_of = \"2026-01-31\"\n[[price]]\nmodel = \"m\"\ninput = 1e308\noutput = 0\n")
	f.Add("as_of = 2026-01-31\nprice = 3")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := cost.Parse(text, "f")
		if err != nil {
			return
		}
		for _, model := range []string{"m", "openai/gpt-4.1", ""} {
			if p, ok := table.Of(model); ok && !(p.Input >= 0 && p.Output >= 0) {
				t.Errorf("%q costs %+v", model, p)
			}
		}
	})
}
