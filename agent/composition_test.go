package agent_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"finmem/agent"
	"finmem/data"
	"finmem/memory"
	"finmem/profile"
)

// manyArticles is one session with n news items of words words each, and a quarterly
// report of as many.
func manyArticles(t *testing.T, n, words int) data.History {
	t.Helper()
	sessions := sessionsFrom(t, 60)
	h := history(sessions, constantCloses(2, 100))
	for k := range n {
		h.News = append(h.News, item(sessions[0], fmt.Sprintf("Article%02d %s", k, strings.Repeat("anvil ", words))))
	}
	h.Filings = []data.Filing{{Accepted: at(sessions[0]), Form: "10-Q", Text: "Quarter " + strings.Repeat("anvil ", words)}}
	return h
}

// wide offers so many memories a layer that none is left out by number.
func wide(c *agent.Config, _ *profile.Profile) { c.TopK = 60 }

// checkComposed holds that what was recalled, all of it, is either shown or left out,
// that what is shown is whole, in the order of all and with the numbers of the prompt, and
// that nothing that a bound left out has a higher score than what it let stand.
func checkComposed(t *testing.T, d agent.Trace, all []agent.Offer) {
	t.Helper()
	var ids []string
	for i, o := range d.Offered {
		ids = append(ids, o.ID)
		if o.Number != i || !strings.Contains(d.Prompt, fmt.Sprintf("<memory number=\"%d\"", i)) {
			t.Errorf("offer %d has the number %d", i, o.Number)
		}
	}
	if n := strings.Count(d.Prompt, "</memory>\n"); n != len(d.Offered) {
		t.Errorf("%d blocks for %d offers", n, len(d.Offered))
	}
	var want []string
	for _, o := range all {
		if !slices.ContainsFunc(d.LeftOut, func(l agent.Omission) bool { return l.ID == o.ID }) {
			want = append(want, o.ID)
		}
	}
	if !slices.Equal(ids, want) || len(d.Offered)+len(d.LeftOut) != len(all) {
		t.Errorf("shown %v, want what was not left out: %v", ids, want)
	}
	for _, l := range d.LeftOut {
		for _, o := range d.Offered {
			if (l.Bound != agent.BoundLayer || l.Layer == o.Layer) && l.Score.Total > o.Score.Total {
				t.Errorf("%s with the score %v was left out (%s), %s with %v was not", l.ID, l.Score.Total, l.Bound, o.ID, o.Score.Total)
			}
		}
		if l.Tokens <= 0 {
			t.Errorf("%s takes %d tokens", l.ID, l.Tokens)
		}
	}
	if !strings.Contains(d.Prompt, "Decide.") || !strings.Contains(d.System, `"investment_decision"`) {
		t.Error("the instructions or the format are cut")
	}
}

// A layer's budget leaves out its own memories, whole, the lowest scores first, and no
// others'; what was left out is on record with what it would have taken.
func TestLayerTokens(t *testing.T) {
	h := manyArticles(t, 8, 30)
	all := newWorld(t, h, always(saying(agent.Hold, "x")), wide).decide(0).Trace
	if len(all.Offered) != 9 || len(all.LeftOut) != 0 {
		t.Fatalf("%d offered, %d left out, want 9 and none", len(all.Offered), len(all.LeftOut))
	}
	for _, tt := range []struct {
		tokens     agent.LayerTokens
		short, mid int // offered
		warned     []string
	}{
		{agent.LayerTokens{}, 8, 1, nil},
		{agent.LayerTokens{Short: 1 << 20, Mid: 1 << 20, Long: 1, Reflection: 1}, 8, 1, nil},
		{agent.LayerTokens{Mid: 10}, 8, 0, []string{"left out 1 of 1 mid memories: they do not fit into the layer's 10 tokens"}},
		{agent.LayerTokens{Short: 10}, 0, 1, []string{"left out 8 of 8 short memories: they do not fit into the layer's 10 tokens"}},
	} {
		d := newWorld(t, h, always(saying(agent.Hold, "x")), wide, func(c *agent.Config, _ *profile.Profile) { c.LayerTokens = tt.tokens }).decide(0).Trace
		checkComposed(t, d, all.Offered)
		short, mid := 0, 0
		for _, o := range d.Offered {
			switch o.Layer {
			case memory.Short:
				short++
			case memory.Mid:
				mid++
			}
		}
		if short != tt.short || mid != tt.mid || !slices.Equal(d.Warnings, tt.warned) {
			t.Errorf("%+v: offered %d short and %d mid, warnings %q, want %d, %d, %q", tt.tokens, short, mid, d.Warnings, tt.short, tt.mid, tt.warned)
		}
		for _, l := range d.LeftOut {
			if l.Bound != agent.BoundLayer {
				t.Errorf("%s was left out by the %s, want the layer", l.ID, l.Bound)
			}
		}
	}
	cfg := agent.DefaultConfig()
	cfg.LayerTokens.Long = -1
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "layer-tokens of long are -1") {
		t.Errorf("negative tokens: %v", err)
	}
}

// Under whatever budgets, what is shown fits, and one more would not.
func TestBudgetsOfAnySize(t *testing.T) {
	h := manyArticles(t, 12, 20)
	all := newWorld(t, h, always(saying(agent.Hold, "x")), wide).decide(0).Trace
	whole := agent.EstimateTokens(all.System) + agent.EstimateTokens(all.Prompt)
	bare := newWorld(t, h, always(saying(agent.Hold, "x")), wide, func(c *agent.Config, _ *profile.Profile) { c.Layers = []memory.Layer{} }).decide(0).Trace
	least := agent.EstimateTokens(bare.System) + agent.EstimateTokens(bare.Prompt)
	rapid.Check(t, func(rt *rapid.T) {
		window := rapid.IntRange(least+8, whole+10).Draw(rt, "window")
		short := rapid.IntRange(1, whole-least).Draw(rt, "short")
		d := newWorld(t, h, always(saying(agent.Hold, "x")), wide, func(c *agent.Config, _ *profile.Profile) {
			c.ContextTokens, c.AnswerTokens, c.LayerTokens.Short = window, 0, short
		}).decide(0).Trace
		checkComposed(t, d, all.Offered)
		size := agent.EstimateTokens(d.System) + agent.EstimateTokens(d.Prompt)
		if size > window {
			rt.Errorf("%d tokens in a window of %d", size, window)
		}
		if took := shortTokens(d); took > short {
			rt.Errorf("the short memories take %d tokens of %d", took, short)
		}
		for i, l := range d.LeftOut {
			// The last of each bound: with it there was no room.
			last := i == len(d.LeftOut)-1 || d.LeftOut[i+1].Bound != l.Bound
			if last && l.Bound == agent.BoundLayer && shortTokens(d)+l.Tokens <= short && len(d.LeftOut) == i+1 {
				rt.Errorf("the layer has room for %s of %d tokens", l.ID, l.Tokens)
			}
			if last && l.Bound == agent.BoundWindow && size+l.Tokens+2 < window {
				rt.Errorf("%d tokens are free, and %s of %d was left out", window-size, l.ID, l.Tokens)
			}
		}
	})
}

// shortTokens is what the blocks of the short layer take.
func shortTokens(d agent.Trace) int {
	sum := 0
	for i, block := range strings.SplitAfter(d.Prompt, "</memory>\n")[:len(d.Offered)] {
		if d.Offered[i].Layer == memory.Short {
			sum += agent.EstimateTokens(block[strings.Index(block, "<memory "):])
		}
	}
	return sum
}

// A limited model refuses prompts that are longer than its window.
type limited struct {
	window int // estimated tokens
	modelFunc
}

func (m *limited) Complete(ctx context.Context, req agent.Request) (agent.Response, error) {
	if agent.EstimateTokens(req.System)+agent.EstimateTokens(req.Prompt) > m.window {
		m.requests = append(m.requests, req)
		return agent.Response{}, fmt.Errorf("call: %w", &agent.PromptTooLong{Said: "at most so many\ntokens", Err: errors.New("status 400")})
	}
	return m.modelFunc.Complete(ctx, req)
}

// B50: a model that refuses the prompt as too long is asked again with fewer
// memories, the lowest scores out first, a few times at most; the decision stands on
// what was shown in the end, and all of it is on record.
func TestModelRefusesLongPrompts(t *testing.T) {
	h := manyArticles(t, 30, 60)
	all := newWorld(t, h, always(saying(agent.Hold, "x")), wide).decide(0).Trace
	whole := agent.EstimateTokens(all.System) + agent.EstimateTokens(all.Prompt)
	for _, part := range []float64{0.9, 0.7, 0.5, 0.4} {
		m := &limited{window: int(part * float64(whole)), modelFunc: *always(saying(agent.Hold, "x", 0))}
		w := newWorld(t, h, m, wide)
		d := w.decide(0)
		checkComposed(t, d.Trace, all.Offered)
		if len(d.Trace.Answers) != 1 || len(d.Cited) != 1 || d.Cited[0] != d.Trace.Offered[0].ID {
			t.Errorf("%v: %d answers, cited %v", part, len(d.Trace.Answers), d.Cited)
		}
		refused := len(m.requests) - 1
		if refused < 1 || refused > 5 || len(d.Trace.Warnings) != refused {
			t.Errorf("%v: %d refusals, warnings %q", part, refused, d.Trace.Warnings)
		}
		size := agent.EstimateTokens(d.Trace.System) + agent.EstimateTokens(d.Trace.Prompt)
		if size < m.window/2 {
			t.Errorf("%v: a prompt of %d tokens where %d were allowed", part, size, m.window)
		}
		for i, r := range m.requests {
			if i > 0 && len(r.Prompt) >= len(m.requests[i-1].Prompt) {
				t.Errorf("%v: request %d is no shorter than the one before", part, i)
			}
		}
		for _, l := range d.Trace.LeftOut {
			if l.Bound != agent.BoundModel {
				t.Errorf("left out by the %s, want the model", l.Bound)
			}
		}
		// Only what was shown counts as recalled.
		recalled := 0
		for _, c := range w.changes() {
			if c.Op == memory.OpRecall {
				recalled++
			}
		}
		if recalled != len(d.Trace.Offered) {
			t.Errorf("%v: %d memories count as recalled, %d were shown", part, recalled, len(d.Trace.Offered))
		}
	}
}

// Where the model takes no prompt at all the session is an error day with the
// model's words, and the next one goes on.
func TestModelRefusesEveryPrompt(t *testing.T) {
	h := manyArticles(t, 5, 10)
	m := &limited{window: 1, modelFunc: *always(saying(agent.Hold, "x"))}
	w := newWorld(t, h, m, wide)
	_, err := w.agent.Decide(t.Context(), w.observation(0))
	var failure *agent.Failure
	if !errors.As(err, &failure) || failure.Reason != "the model refuses the prompt as too long even without memories: at most so many tokens" {
		t.Fatalf("error = %v, want an error day", err)
	}
	if d := failure.Trace; len(d.Offered) != 0 || len(d.LeftOut) != 6 || len(d.Answers) != 0 || len(m.requests) > 7 {
		t.Errorf("%d offered, %d left out, %d answers after %d requests", len(d.Offered), len(d.LeftOut), len(d.Answers), len(m.requests))
	}
	m.window = 1 << 20
	if d := w.decide(1); d.Action != agent.Hold {
		t.Errorf("the next session: %+v", d)
	}
}

// A retry whose refused answers make the request too long gets fewer memories too.
func TestRetryOfALongPrompt(t *testing.T) {
	h := manyArticles(t, 10, 30)
	refused := false
	m := &modelFunc{answer: func(n int, r agent.Request) (string, error) {
		switch {
		case n == 0:
			return "nothing to read", nil
		case !refused:
			refused = true
			return "", &agent.PromptTooLong{Said: "too long", Err: errors.New("too long")}
		}
		return saying(agent.Buy, "x"), nil
	}}
	d := newWorld(t, h, m, wide).decide(0)
	if len(m.requests) != 3 || len(m.requests[2].Retries) != 1 || len(d.Trace.Answers) != 2 || len(d.Trace.LeftOut) == 0 || d.Action != agent.Buy {
		t.Errorf("%d requests, %d answers, %d left out", len(m.requests), len(d.Trace.Answers), len(d.Trace.LeftOut))
	}
}
