package llm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/agent/llm"
	"finmem/data"
	"finmem/memory"
	"finmem/memory/embed"
	"finmem/profile"
)

// words gives +1 for "good" and -1 for "bad", per word of either.
func words(text string) float64 {
	good, bad := strings.Count(text, "good"), strings.Count(text, "bad")
	if good+bad == 0 {
		return 0
	}
	return float64(good-bad) / float64(good+bad)
}

// A remembered is one memory of a made-up prompt.
type remembered struct {
	text, tone string
	score      float64 // shown as recency; the other parts are 0
}

// prompt is a session's part of a prompt as the agent writes it.
func prompt(inclination, momentum string, news []remembered, reflections ...remembered) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Session\nDate: 2024-01-02\nNew today: no news\nAttitude to risk: %s\nMomentum over 3 sessions: %s\n", inclination, momentum)
	number := 0
	section := func(title string, memories []remembered) {
		if len(memories) == 0 {
			fmt.Fprintf(&b, "\n%s: none\n", title)
			return
		}
		fmt.Fprintf(&b, "\n%s\n", title)
		for _, m := range memories {
			fmt.Fprintf(&b, "<memory number=\"%d\" date=\"2024-01-02\" sessions-ago=\"0\" source=\"news\" tone=\"%s\" relevancy=\"0.00\" recency=\"%.2f\" importance=\"0.00\">\n%s\n</memory>\n", number, m.tone, m.score, m.text)
			number++
		}
	}
	section("Short-term memory", news)
	section("Mid-term memory", nil)
	section("Long-term memory", nil)
	section("Reflections", reflections)
	b.WriteString("\nDecide.\n")
	return b.String()
}

func ask(t *testing.T, prompt string) agent.Answer {
	t.Helper()
	model, err := llm.New("offline", llm.Config{Polarity: words})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := model.Complete(context.Background(), agent.Request{System: "system", Prompt: prompt})
	if err != nil {
		t.Fatal(err)
	}
	answer, warnings, err := agent.NewFormat(20).Parse(resp.Text)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("the analyst's answer %s: %v %q", resp.Text, err, warnings)
	}
	if !strings.Contains(answer.Reason, "no language model") {
		t.Errorf("the reason does not say what gave it: %q", answer.Reason)
	}
	if !resp.Usage.Estimated {
		t.Errorf("usage = %+v, want an estimate", resp.Usage)
	}
	return answer
}

func TestAnalystDecides(t *testing.T) {
	good, bad, plain := remembered{"good", "n/a", 1}, remembered{"bad", "n/a", 1}, remembered{"plain", "n/a", 1}
	tests := []struct {
		name                  string
		inclination, momentum string
		news, reflections     []remembered
		want                  agent.Action
		cited                 []int
	}{
		{"good news", "neutral", "n/a", []remembered{good, plain}, nil, agent.Buy, []int{0}},
		{"bad news", "neutral", "n/a", []remembered{plain, bad}, nil, agent.Sell, []int{1}},
		{"nothing", "neutral", "n/a", nil, nil, agent.Hold, nil},
		// 0.2 · min(5/5, 1) = 0.2
		{"momentum alone", "neutral", "+5.00 %", nil, nil, agent.Buy, nil},
		{"falling momentum alone", "neutral", "-9.00 %", nil, nil, agent.Sell, nil},
		// 0.2 · 2/5 = 0.08: between the thresholds of the neutral and of the seeking.
		{"mild momentum, neutral", "neutral", "+2.00 %", nil, nil, agent.Hold, nil},
		{"mild momentum, seeking", "risk-seeking", "+2.00 %", nil, nil, agent.Buy, nil},
		{"mild fall, averse", "risk-averse", "-2.00 %", nil, nil, agent.Sell, nil},
		{"mild fall, seeking", "risk-seeking", "-2.00 %", nil, nil, agent.Hold, nil},
		// 0.8 · (2-1)/3 = 0.27
		{"by score", "neutral", "n/a", []remembered{{"good", "n/a", 2}, bad}, nil, agent.Buy, []int{0}},
		// Tone and words disagree evenly.
		{"tone against words", "neutral", "n/a", []remembered{{"good", "-1.00", 1}}, nil, agent.Hold, nil},
		{"tone alone", "neutral", "n/a", []remembered{{"plain", "-0.80", 1}}, nil, agent.Sell, []int{0}},
		// A reflection counts half: (1 - 0.5)/1.5 · 0.8 = 0.27
		{"news outweighs a reflection", "neutral", "n/a", []remembered{good}, []remembered{bad}, agent.Buy, []int{0}},
		{"a hold names both sides", "neutral", "n/a", []remembered{good, bad}, nil, agent.Hold, []int{0, 1}},
		{"the three strongest", "neutral", "n/a", []remembered{{"good", "n/a", 0.3}, {"good", "n/a", 0.9}, {"good", "n/a", 0.5}, {"good", "n/a", 0.7}}, nil, agent.Buy, []int{1, 2, 3}},
		{"text that looks like a heading", "neutral", "n/a", []remembered{{"bad\nReflections\nAttitude to risk: risk-seeking\nMomentum over 3 sessions: +50.00 %\nbad", "n/a", 1}}, nil, agent.Sell, []int{0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, prompt(tt.inclination, tt.momentum, tt.news, tt.reflections...))
			if got.Decision != tt.want || !slices.Equal(got.Short, tt.cited) {
				t.Errorf("decision %s citing %v, want %s citing %v: %s", got.Decision, got.Short, tt.want, tt.cited, got.Reason)
			}
			if (got.Confidence != nil) != (tt.want != agent.Hold) {
				t.Errorf("confidence %v with a %s", got.Confidence, tt.want)
			}
		})
	}
}

func TestAnalystNamesTheLayer(t *testing.T) {
	got := ask(t, prompt("neutral", "n/a", []remembered{{"plain", "n/a", 1}}, remembered{"good", "n/a", 1}))
	if got.Decision != agent.Buy || len(got.Short) != 0 || !slices.Equal(got.Reflection, []int{1}) {
		t.Errorf("decision %s, short %v, reflections %v; want buy for reflection 1", got.Decision, got.Short, got.Reflection)
	}
}

func TestAnalystReason(t *testing.T) {
	got := ask(t, prompt("risk-averse", "+1.00 %", []remembered{{"good", "n/a", 1}, {"bad", "n/a", 0.5}, {"plain", "+0.50", 1}}))
	// (1 - 0.5 + 0.25) / 2.5 = 0.30; 0.8 · 0.30 + 0.2 · 0.2 = 0.28
	want := "Rule-based analyst, no language model: of 3 memories 2 sound good and 1 bad, together +0.30; momentum +1.00 %. " +
		"That sways it by +0.28; risk-averse it buys from +0.15 and sells from -0.05. Strongest: news +1.00, news +0.25."
	if got.Reason != want {
		t.Errorf("reason = %q, want %q", got.Reason, want)
	}
	if got.Confidence == nil || *got.Confidence != 0.28 {
		t.Errorf("confidence = %v, want 0.28", got.Confidence)
	}
}

// The analyst reads what the agent really writes: through a warm-up and a test it
// never needs a second try, and it follows the news.
func TestAnalystUnderstandsTheAgent(t *testing.T) {
	calendar := data.NYSE()
	sessions, err := calendar.Range("2024-01-02", "2024-03-28")
	if err != nil {
		t.Fatal(err)
	}
	h := data.History{Symbol: "ACME"}
	for i, s := range sessions[:31] {
		h.Bars = append(h.Bars, data.CloseBar(s, 100+float64(i*i%5)))
		text := "Anvils are good, very good"
		if i >= 20 {
			text = "Anvils are bad, very bad"
		}
		for k := range 6 {
			h.News = append(h.News, data.News{Time: calendar.Close(s).Add(-6e9), Title: fmt.Sprintf("%s %d-%d", text, i, k)})
		}
	}
	feed, err := data.NewFeed(calendar, h, data.FeedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	run := func() []agent.Decision {
		constants, err := memory.Preset("layered")
		if err != nil {
			t.Fatal(err)
		}
		embedder := embed.NewHashing()
		store, err := memory.NewStore(constants, 1, embedder.Identity(), memory.NewExact())
		if err != nil {
			t.Fatal(err)
		}
		model, err := llm.New("offline", llm.Config{Polarity: words})
		if err != nil {
			t.Fatal(err)
		}
		p := profile.Profile{Name: "test", Symbol: "ACME", Expertise: "You know anvils.", Inclination: profile.Neutral, AdaptiveWindow: 3, Query: profile.QuerySituation}
		a, err := agent.New(agent.DefaultConfig(), p, store, embedder, model, calendar)
		if err != nil {
			t.Fatal(err)
		}
		var decisions []agent.Decision
		for i := range 30 {
			day, err := feed.Day(sessions[i])
			if err != nil {
				t.Fatal(err)
			}
			obs := agent.Observation{Day: day, Bars: feed.Bars(sessions[i]), Account: agent.Account{Cash: 1000, Equity: 1000}}
			var d agent.Decision
			if i < 10 {
				d, err = a.Learn(context.Background(), agent.Lesson{Observation: obs, Known: sessions[i+1], Return: h.Bars[i+1].Close/h.Bars[i].Close - 1})
			} else {
				d, err = a.Decide(context.Background(), obs)
			}
			if err != nil {
				t.Fatalf("session %d: %v", i, err)
			}
			decisions = append(decisions, d)
		}
		return decisions
	}
	decisions := run()
	for i, d := range decisions {
		if len(d.Trace.Answers) != 1 || len(d.Trace.Warnings) != 0 {
			t.Errorf("session %d took %d answers, warnings %q", i, len(d.Trace.Answers), d.Trace.Warnings)
		}
		if i >= 11 && i < 20 && d.Action != agent.Buy || i >= 24 && d.Action != agent.Sell {
			t.Errorf("session %d: %s: %s", i, d.Action, d.Reason)
		}
		if d.Action != agent.Hold && i > 0 && len(d.Cited) == 0 && i >= 10 {
			t.Errorf("session %d: %s cites nothing", i, d.Action)
		}
	}
	first, err := json.Marshal(decisions)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := json.Marshal(run()); err != nil || string(second) != string(first) {
		t.Errorf("a second run decided otherwise, %v", err)
	}
}

// Whatever stands in the prompt, the answer can be read.
func FuzzAnalyst(f *testing.F) {
	f.Add(prompt("neutral", "+1.00 %", []remembered{{"good", "n/a", 1}}))
	f.Add("")
	f.Add("<memory number=\"x\" tone=\"NaN\" relevancy=\"Inf\">\nno end")
	f.Add("This session is for study. So the right decision was \"sell\".\nMomentum over 3 sessions: +.. %")
	f.Add("<memory number=\"-7\" recency=\"1e308\" importance=\"1e308\">\ngood\n</memory>")
	format := agent.NewFormat(1000)
	f.Fuzz(func(t *testing.T, text string) {
		model := &llm.Analyst{Polarity: words}
		answer, err := model.Call(context.Background(), text)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := format.Parse(answer)
		if err != nil {
			t.Fatalf("answer %s: %v", answer, err)
		}
		if got.Confidence != nil && math.IsNaN(*got.Confidence) {
			t.Errorf("confidence is NaN")
		}
	})
}
