package audit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/backtest/audit"
	"finmem/data"
)

// A model that does not look at what it is shown never changes its mind.
func TestDeafModelKeepsAllDecisions(t *testing.T) {
	w := busy(t)
	w.model = deaf()
	questions := w.questions(w.run())
	for _, kind := range audit.Kinds() {
		a := w.agreement(kind, questions)
		share, ok := a.UnchangedShare()
		directed, okDirected := a.DirectedShare()
		opposite, okOpposite := a.OppositeShare()
		if !ok || !okDirected || !okOpposite || share != 1 || directed != 1 || opposite != 0 || a.Answered() != 10 {
			t.Errorf("%s: %+v, want all of 10 unchanged", kind, a)
		}
	}
}

// Holds that stay holds are unchanged, but none of them is a direction kept.
func TestHoldsAreNoDirection(t *testing.T) {
	w := busy(t)
	w.model = &reader{decide: func(string) agent.Action { return agent.Hold }}
	a := w.agreement(audit.Flip, w.questions(w.run()))
	if a.Unchanged != 10 || a.Directed != 0 || a.DirectedUnchanged != 0 || a.Opposite != 0 {
		t.Errorf("%+v, want 10 unchanged and none directed", a)
	}
	if share, ok := a.DirectedShare(); ok {
		t.Errorf("a share of %v of no buys and sells", share)
	}
}

// A model that follows the tone turns around with it, and holds without any.
func TestFollowerFollows(t *testing.T) {
	w := newWorld(t, follower())
	for i, s := range w.sessions {
		w.news(s, "11:00:00", []string{"Strong orders", "Weak orders"}[i%2], []float64{0.9, -0.9}[i%2]*(1+float64(i))/30)
	}
	subject := w.run()
	actions := map[agent.Action]int{}
	questions := w.questions(subject)
	for _, q := range questions {
		actions[q.Decided]++
	}
	directed := actions[agent.Buy] + actions[agent.Sell]
	if directed == 0 {
		t.Fatalf("the model decided %v", actions)
	}
	flip := w.agreement(audit.Flip, questions)
	if flip.Unchanged != actions[agent.Hold] || flip.Opposite != directed || flip.DirectedUnchanged != 0 || flip.Directed != directed {
		t.Errorf("flip: %+v, want all %d buys and sells turned around", flip, directed)
	}
	none := w.agreement(audit.NoMemory, questions)
	if none.Unchanged != actions[agent.Hold] || none.Opposite != 0 || none.DirectedUnchanged != 0 {
		t.Errorf("no memory: %+v, want all to hold", none)
	}
	for _, kind := range []audit.Kind{audit.Mask, audit.Same} {
		if a := w.agreement(kind, questions); a.Unchanged != 10 {
			t.Errorf("%s: %+v, want all unchanged: the tone is still there", kind, a)
		}
	}
}

// A model that knows the company by name buys it whatever is said, until the
// name is hidden, wherever it stands.
func TestRecogniserIsFoundOut(t *testing.T) {
	know := func(prompt string) agent.Action {
		for _, name := range []string{"acme", "coyote", "model 7", "2024", "january"} {
			if strings.Contains(strings.ToLower(prompt), name) {
				return agent.Buy
			}
		}
		return agent.Hold
	}
	w := newWorld(t, &reader{decide: know})
	for _, s := range w.sessions {
		w.news(s, "11:00:00", "Acme (ACME) said on January 5, 2024 that Wile Coyote has sold a Model 7", 0.1)
	}
	questions := w.questions(w.run())
	mask := w.agreement(audit.Mask, questions)
	if mask.Unchanged != 0 || mask.Answered() != 10 {
		t.Errorf("mask: %+v, want none unchanged", mask)
	}
	if flip := w.agreement(audit.Flip, questions); flip.Unchanged != 10 {
		t.Errorf("flip: %+v, want all unchanged", flip)
	}
}

// What is asked is the recorded question but for the one thing.
func TestWhatIsChanged(t *testing.T) {
	w := newWorld(t, deaf())
	for _, s := range w.sessions {
		w.news(s, "11:00:00", "Acme sales rise", 0.5)
	}
	questions := w.questions(w.run())
	model := deaf()
	w.model = model
	w.questions(w.run()) // opens books with the model that keeps its prompts
	for _, tt := range []struct {
		kind     audit.Kind
		has, not []string
	}{
		{audit.Same, []string{"Acme sales rise.", `tone="+0.50"`, "Date: 2024-01-"}, nil},
		{audit.Flip, []string{"Acme sales fall.", `tone="-0.50"`, "Date: 2024-01-"}, []string{"sales rise", `tone="+0.50"`}},
		{audit.Mask, []string{"[name] sales rise.", `tone="+0.50"`, "Date: withheld"}, []string{"Acme", "ACME", "Coyote", "2024"}},
		{audit.NoMemory, []string{"Short-term memory: none", "Reflections: none", "New today: 1 item of news", "Date: 2024-01-"}, []string{"<memory n", "sales"}},
	} {
		model.prompts = nil
		w.agreement(tt.kind, questions)
		if len(model.prompts) != 10 {
			t.Fatalf("%s: %d questions, want 10", tt.kind, len(model.prompts))
		}
		for i, prompt := range model.prompts {
			for _, text := range tt.has {
				if !strings.Contains(prompt, text) {
					t.Errorf("%s, question %d lacks %q:\n%s", tt.kind, i, text, prompt)
				}
			}
			for _, text := range tt.not {
				if strings.Contains(prompt, text) {
					t.Errorf("%s, question %d has %q:\n%s", tt.kind, i, text, prompt)
				}
			}
		}
		if tt.kind == audit.Same && model.prompts[3] != questions[3].System+"\n"+questions[3].Prompt {
			t.Errorf("the same question is another:\n%s", model.prompts[3])
		}
	}
}

// A question that the change leaves as it is counts for nothing, and neither does
// one without an answer.
func TestUntouchedAndFailed(t *testing.T) {
	w := newWorld(t, deaf()) // no news: only reflections, from the second session on
	questions := w.questions(w.run())
	if len(questions[0].Hits) == 0 {
		t.Fatal("the warm-up left no reflection")
	}
	bare := questions[0]
	bare.Hits = nil
	trace, err := w.agent.Restate(bare.Revisit)
	if err != nil {
		t.Fatal(err)
	}
	bare.Prompt = trace.Prompt
	a := w.agreement(audit.NoMemory, []audit.Question{bare, questions[1]})
	if a.Decisions != 2 || a.Untouched != 1 || a.Answered() != 1 || a.Unchanged != 1 {
		t.Errorf("%+v, want one untouched and one unchanged", a)
	}
	if a := w.agreement(audit.Flip, []audit.Question{bare}); a.Untouched != 1 {
		t.Errorf("%+v, want one untouched", a)
	} else if _, ok := a.UnchangedShare(); ok {
		t.Error("there is a share of nothing")
	}

	w.model = &reader{decide: func(string) agent.Action { return "" }}
	if _, err := w.build(map[string]data.History{symbol: w.history}); err != nil {
		t.Fatal(err)
	}
	a = w.agreement(audit.Mask, questions)
	if a.Failed != 10 || a.Answered() != 0 || a.Unchanged != 0 {
		t.Errorf("%+v, want ten failed", a)
	}
}

// An error day of the run asks nothing.
func TestQuestionsPassOverErrorDays(t *testing.T) {
	n := 0
	w := newWorld(t, &reader{decide: func(string) agent.Action {
		if n++; n <= 3 {
			return "" // two retries: the first test session
		}
		return agent.Buy
	}})
	questions := w.questions(w.run())
	if len(questions) != 9 || questions[0].Day.Session != w.sessions[11] {
		t.Errorf("%d questions from %s on, want 9 from %s on", len(questions), questions[0].Day.Session, w.sessions[11])
	}
}

// A recorded question that cannot be put together again is refused: what comes of
// it would not be the doing of the change.
func TestOtherPromptIsRefused(t *testing.T) {
	w := busy(t)
	subject := w.run()
	questions := w.questions(subject)
	questions[2].Prompt = strings.Replace(questions[2].Prompt, "Cash:", "Money:", 1)
	_, err := audit.Counterfactual(t.Context(), audit.Flip, questions, nil, w.agent)
	if !errors.Is(err, audit.ErrOtherPrompt) || !strings.Contains(err.Error(), string(questions[2].Day.Session)) {
		t.Errorf("error = %v, want %v on %s", err, audit.ErrOtherPrompt, questions[2].Day.Session)
	}

	subject.Records[symbol][4].Memory = nil // the event offered later was never added
	books, err := w.build(subject.Histories)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Questions(subject.Records[symbol], books[0], w.config); err == nil || !strings.Contains(err.Error(), "never remembered") {
		t.Errorf("error = %v, want one that says what is missing", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := audit.Counterfactual(ctx, audit.Flip, w.questions(w.run()), nil, w.agent); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want %v", err, context.Canceled)
	}
}

func TestParseKinds(t *testing.T) {
	kinds, err := audit.ParseKinds([]string{"no-memory", "mask", "mask"})
	if err != nil || !slices.Equal(kinds, []audit.Kind{audit.Mask, audit.NoMemory}) {
		t.Errorf("got %v, %v", kinds, err)
	}
	if kinds, err := audit.ParseKinds([]string{"mask", "flop"}); err == nil {
		t.Errorf("got %v, want an error", kinds)
	}
}

func TestPlus(t *testing.T) {
	a := audit.Agreement{Kind: audit.Flip, Decisions: 10, Untouched: 1, Failed: 2, Unchanged: 3, Directed: 5, DirectedUnchanged: 2, Opposite: 1}
	sum := a.Plus(a)
	if want := (audit.Agreement{Kind: audit.Flip, Decisions: 20, Untouched: 2, Failed: 4, Unchanged: 6, Directed: 10, DirectedUnchanged: 4, Opposite: 2}); sum != want {
		t.Errorf("got %+v, want %+v", sum, want)
	}
	unchanged, _ := sum.UnchangedShare()
	directed, _ := sum.DirectedShare()
	opposite, _ := sum.OppositeShare()
	if unchanged != 6.0/14 || directed != 0.4 || opposite != 0.2 {
		t.Errorf("shares %v, %v and %v, want 6/14, 0.4 and 0.2", unchanged, directed, opposite)
	}
}
