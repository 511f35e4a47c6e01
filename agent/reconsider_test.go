package agent_test

import (
	"context"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/memory"
	"finmem/profile"
)

// revisit is session i as it was, from the decision that was taken in it.
func (w *world) revisit(i int, d agent.Decision) agent.Revisit {
	w.t.Helper()
	r := agent.Revisit{Observation: w.observation(i), Inclination: profile.Inclination(d.Trace.Inclination)}
	for _, o := range d.Trace.Offered {
		e, ok := w.store.Get(symbol, o.ID)
		if !ok {
			w.t.Fatalf("offered memory %s is not in the store", o.ID)
		}
		r.Hits = append(r.Hits, memory.Hit{Event: e, Score: o.Score})
	}
	return r
}

func TestReconsider(t *testing.T) {
	sessions := sessionsFrom(t, 10)
	h := history(sessions, []float64{10, 11, 12, 11, 10, 12, 13, 12, 11, 12})
	h.News = append(h.News, item(sessions[0], "ACME anvils sell well"), item(sessions[1], "Founder of ACME leaves on 2024-01-03"))
	model := always(saying(agent.Buy, "the news is good", 0))
	w := newWorld(t, h, model)
	w.decide(0)
	before := w.decide(1)
	w.changes()
	past := len(w.agent.Past())

	asItWas := w.revisit(1, before)
	trace, err := w.agent.Restate(asItWas)
	if err != nil {
		t.Fatal(err)
	}
	if trace.System != before.Trace.System || trace.Prompt != before.Trace.Prompt || string(trace.Schema) != string(before.Trace.Schema) {
		t.Errorf("the question said again is\n%s\n%s\nwas\n%s\n%s", trace.System, trace.Prompt, before.Trace.System, before.Trace.Prompt)
	}

	asked := len(model.requests)
	again, err := w.agent.Reconsider(context.Background(), asItWas)
	if err != nil {
		t.Fatal(err)
	}
	if again.Action != agent.Buy || len(again.Cited) != 1 || again.Cited[0] != before.Cited[0] || len(model.requests) != asked+1 {
		t.Errorf("asked again: %+v after %d requests, want the decision of before after one", again, len(model.requests)-asked)
	}

	masked := asItWas
	masked.Mask, masked.MaskNames = true, []string{"anvils", "Founder"}
	if again, err = w.agent.Reconsider(context.Background(), masked); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ACME", "anvils", "Founder", "2024"} {
		if text := again.Trace.System + again.Trace.Prompt; strings.Contains(strings.ToLower(text), strings.ToLower(name)) {
			t.Errorf("%q shows in a masked question:\n%s", name, text)
		}
	}

	bare := asItWas
	bare.Hits = nil
	if again, err = w.agent.Reconsider(context.Background(), bare); err != nil {
		t.Fatal(err)
	}
	if len(again.Trace.Offered) != 0 || strings.Contains(again.Trace.Prompt, "<memory ") || !strings.Contains(again.Trace.Prompt, "Short-term memory: none") {
		t.Errorf("without memories the question is\n%s", again.Trace.Prompt)
	}
	if len(again.Cited) != 0 || len(again.Trace.Warnings) != 1 {
		t.Errorf("cited %v with warnings %q, want the number dropped that was not offered", again.Cited, again.Trace.Warnings)
	}

	if left := w.changes(); len(left) != 0 || len(w.agent.Past()) != past {
		t.Errorf("asking again left %d changes of the memory and %d sessions more", len(left), len(w.agent.Past())-past)
	}
	w.decide(2) // and the agent goes on where it was
}

func TestReconsiderRefuses(t *testing.T) {
	sessions := sessionsFrom(t, 3)
	w := newWorld(t, history(sessions, []float64{10, 11, 12}), always("no answer at all"))
	obs := w.observation(0)
	_, err := w.agent.Reconsider(context.Background(), agent.Revisit{Observation: obs, Inclination: profile.Neutral})
	if f := failureOf(t, err); f.Session != sessions[0] || len(f.Trace.Answers) != 3 {
		t.Errorf("failure of %s after %d answers, want %s after 3", f.Session, len(f.Trace.Answers), sessions[0])
	}
	obs.Day.HasBar = false
	if _, err := w.agent.Restate(agent.Revisit{Observation: obs, Inclination: profile.Neutral}); err == nil {
		t.Error("a session without a price was put into a question")
	}
	obs = w.observation(1)
	obs.Day.Symbol = "OTHER"
	if _, err := w.agent.Restate(agent.Revisit{Observation: obs, Inclination: profile.Neutral}); err == nil {
		t.Error("another symbol was put into a question")
	}
}
