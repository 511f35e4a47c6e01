package agent_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/data"
	"finmem/profile"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with testdata/name, or rewrites that.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("the prompt is not as in %s; run the test with -update and look at the difference:\n%s", path, text)
	}
}

// richHistory is 60 sessions with highs and lows, and in the last few one of
// everything.
func richHistory(t *testing.T) data.History {
	sessions := sessionsFrom(t, 60)
	h := data.History{Symbol: symbol}
	for i, s := range sessions {
		c := 100 + float64(i)/2 + float64(i%3)
		h.Bars = append(h.Bars, data.Bar{Session: s, Open: c, High: c + 1, Low: c - 1.5, Close: c, AdjClose: c, Volume: 1000})
	}
	good, bad := data.Sentiment{Compound: 0.64}, data.Sentiment{Compound: -0.3}
	h.News = []data.News{
		{Time: at(sessions[54]), Title: "Acme ships record anvils", Text: "Acme shipped 12 % more anvils than in 2023 & says <more> will follow.", Sentiment: &good},
		{Time: at(sessions[56]), Title: "ACME recalls anvils", Text: "ACME's anvils of March 2024 fall too fast.", Sentiment: &bad},
		{Time: at(sessions[56]), Title: "ACME  recalls anvils", Text: "ACME's anvils of March 2024 fall too fast.", Sentiment: &bad},
	}
	h.Filings = []data.Filing{
		{Accepted: at(sessions[54]), Form: "10-K", Text: "Annual report of Acme. " + strings.Repeat("Anvils are heavy. ", 12)},
		{Accepted: at(sessions[55]), Form: "10-Q", Text: "Quarterly report: margins rose to 31 %."},
	}
	return h
}

func goldenOf(tr agent.Trace) string {
	return fmt.Sprintf("%s\n=== session ===\n\n%s", tr.System, tr.Prompt)
}

func TestPromptGolden(t *testing.T) {
	answer := `{"investment_decision": "buy", "summary_reason": "Shipments outweigh the rest.", "short_memory_index": [0]}`
	few := func(c *agent.Config, _ *profile.Profile) { c.TopK, c.PassageChars = 2, 160 }

	t.Run("first session", func(t *testing.T) {
		w := newWorld(t, history(sessionsFrom(t, 60), []float64{100}), always(answer))
		golden(t, "decide_first.golden", goldenOf(w.decide(0).Trace))
	})
	full := func(w *world) agent.Decision {
		w.decide(54)
		w.account = agent.Account{Cash: 250, Shares: 80, Equity: 10_500.5, AverageCost: 122}
		w.decide(55)
		return w.decide(56)
	}
	t.Run("everything", func(t *testing.T) {
		golden(t, "decide_full.golden", goldenOf(full(newWorld(t, richHistory(t), always(answer), few)).Trace))
	})
	t.Run("masked", func(t *testing.T) {
		masked := func(c *agent.Config, _ *profile.Profile) {
			c.Mask, c.MaskNames = true, []string{"Acme Corporation", "Acme"}
		}
		d := full(newWorld(t, richHistory(t), always(answer), few, masked))
		golden(t, "decide_masked.golden", goldenOf(d.Trace))
		for _, told := range []string{"acme", "2023", "2024", "march"} {
			if strings.Contains(strings.ToLower(d.Trace.System+d.Trace.Prompt), told) {
				t.Errorf("the masked prompt tells %q", told)
			}
		}
	})
	t.Run("warm-up", func(t *testing.T) {
		w := newWorld(t, richHistory(t), always(answer), few)
		w.learn(54)
		golden(t, "learn.golden", goldenOf(w.learn(55).Trace))
	})
}

// The stable part comes first and stays the same while the inclination does, so
// that a provider may cache it.
func TestSystemIsStable(t *testing.T) {
	w := newWorld(t, richHistory(t), always(saying(agent.Hold, "x")))
	first := w.decide(54).Trace.System
	for i := 55; i < 58; i++ {
		if got := w.decide(i).Trace.System; got != first {
			t.Errorf("session %d has another system part:\n%s", i, got)
		}
	}
}

// Small prices keep their digits.
func TestSmallPrices(t *testing.T) {
	w := newWorld(t, history(sessionsFrom(t, 60), []float64{0.0000123}), always(saying(agent.Hold, "x")))
	if prompt := w.decide(0).Trace.Prompt; !strings.Contains(prompt, "Close: 0.000012\n") {
		t.Errorf("prompt:\n%s", prompt)
	}
}
