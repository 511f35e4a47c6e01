package agent_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/data"
	"finmem/memory"
	"finmem/profile"
)

// recallWorld has two news items and now and then a filing a session; the agent
// studies the first sessions and decides on the others.
func recallWorld(t *testing.T, n int, options ...option) *world {
	t.Helper()
	sessions := sessionsFrom(t, 60)
	closes := make([]float64, n)
	for i := range closes {
		closes[i] = 100 + float64(i%3)
	}
	h := history(sessions, closes)
	for i := range n {
		h.News = append(h.News, item(sessions[i], fmt.Sprintf("headline%02dx about anvils", i)), item(sessions[i], fmt.Sprintf("second%02dx of the day", i)))
		if i%4 == 0 {
			h.Filings = append(h.Filings,
				data.Filing{Accepted: at(sessions[i]), Form: "10-Q", Text: fmt.Sprintf("Quarter%02dx of anvils.", i)},
				data.Filing{Accepted: at(sessions[i]), Form: "10-K", Text: fmt.Sprintf("Year%02dx of anvils.", i)})
		}
	}
	model := &modelFunc{answer: func(n int, req agent.Request) (string, error) {
		for _, a := range []agent.Action{agent.Sell, agent.Hold} {
			if strings.Contains(req.Prompt, fmt.Sprintf("Answer with %q", a)) {
				return saying(a, "studied"), nil
			}
		}
		return saying(agent.Buy, fmt.Sprintf("reason%02dx", n)), nil
	}}
	return newWorld(t, h, model, options...)
}

// decisions walks n sessions, of which the first four are studied.
func (w *world) decisions(n int) []agent.Decision {
	var all []agent.Decision
	for i := range n {
		if i < 4 {
			w.learn(i)
		} else {
			all = append(all, w.decide(i))
		}
	}
	return all
}

func offeredLayers(d agent.Decision) []memory.Layer {
	var layers []memory.Layer
	for _, o := range d.Trace.Offered {
		layers = append(layers, o.Layer)
	}
	return slices.Compact(layers)
}

// A layer that is off is not shown, and is kept all the same.
func TestLayersOff(t *testing.T) {
	const n = 16
	whole := recallWorld(t, n)
	if got := offeredLayers(whole.decisions(n)[n-5]); !slices.Equal(got, memory.Layers()) {
		t.Fatalf("the whole agent is offered %v, want something of every layer", got)
	}
	for _, off := range memory.Layers() {
		on := slices.DeleteFunc(memory.Layers(), func(l memory.Layer) bool { return l == off })
		w := recallWorld(t, n, func(c *agent.Config, _ *profile.Profile) { c.Layers = on })
		for i, d := range w.decisions(n) {
			if got := offeredLayers(d); slices.Contains(got, off) || len(got) == 0 {
				t.Errorf("%s off: session %d is offered %v", off, i+4, got)
			}
		}
		if w.store.Counts(symbol)[off] == 0 {
			t.Errorf("%s off: it is empty, want it kept", off)
		}
	}
	none := recallWorld(t, n, func(c *agent.Config, _ *profile.Profile) { c.Layers = []memory.Layer{} })
	for i, d := range none.decisions(n) {
		if len(d.Trace.Offered) != 0 || strings.Contains(d.Trace.Prompt, "<memory ") {
			t.Errorf("no layer: session %d is offered %v", i+4, d.Trace.Offered)
		}
	}
}

// An agent that reads and does not remember sees the day's texts: no older ones,
// and no review or reflection, however fresh.
func TestRecallToday(t *testing.T) {
	const n = 24
	w := recallWorld(t, n, func(c *agent.Config, _ *profile.Profile) { c.Recall = agent.RecallToday })
	for i, d := range w.decisions(n) {
		want := 2
		if (i+4)%4 == 0 {
			want = 4
		}
		if len(d.Trace.Offered) != want || !strings.Contains(d.Trace.Prompt, fmt.Sprintf("headline%02dx", i+4)) {
			t.Errorf("session %d is offered %d texts, want %d, all of the day:\n%s", i+4, len(d.Trace.Offered), want, d.Trace.Prompt)
		}
		if strings.Contains(d.Trace.Prompt, `reflection"`) {
			t.Errorf("session %d is shown a reflection:\n%s", i+4, d.Trace.Prompt)
		}
	}
	if !slices.ContainsFunc(w.store.Live(symbol), func(e memory.Event) bool { return e.Source == "extended reflection" }) {
		t.Error("no review was written, so leaving it out was not tested")
	}
}

// Shuffled recall offers as many of each layer as recall by score, others, and
// the same ones every time.
func TestRecallShuffled(t *testing.T) {
	const n = 24
	shuffled := func(seed uint64) option {
		return func(c *agent.Config, _ *profile.Profile) { c.Recall, c.RecallSeed = agent.RecallShuffled, seed }
	}
	best, one, again, two := recallWorld(t, n).decisions(n), recallWorld(t, n, shuffled(1)).decisions(n), recallWorld(t, n, shuffled(1)).decisions(n), recallWorld(t, n, shuffled(2)).decisions(n)
	differs, seeds := 0, 0
	for i := range best {
		if len(one[i].Trace.Offered) != len(best[i].Trace.Offered) {
			t.Errorf("session %d: %d offered, by score %d", i+4, len(one[i].Trace.Offered), len(best[i].Trace.Offered))
		}
		if one[i].Trace.Prompt != again[i].Trace.Prompt {
			t.Errorf("session %d: the same seed gives another prompt", i+4)
		}
		if one[i].Trace.Prompt != best[i].Trace.Prompt {
			differs++
		}
		if one[i].Trace.Prompt != two[i].Trace.Prompt {
			seeds++
		}
	}
	if differs == 0 || seeds == 0 {
		t.Errorf("%d prompts differ from recall by score and %d between seeds, want some", differs, seeds)
	}
}

// A way of recalling that does not exist is refused.
func TestUnknownRecall(t *testing.T) {
	c := agent.DefaultConfig()
	c.Recall = "worst"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), `"worst"`) {
		t.Errorf("error = %v, want one that names it", err)
	}
}
