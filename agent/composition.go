package agent

import (
	"fmt"

	"finmem/memory"
	"finmem/profile"
)

// A composition is the prompt of a session in the making: what it has to hold,
// and the memories that there is room for. What it comes to stands in its trace.
type composition struct {
	agent       *Agent
	observation Observation
	technical   technical
	inclination profile.Inclination
	question    question
	// hits are the memories that are shown, in the order of their numbers, and
	// tokens what the block of each takes.
	hits   []memory.Hit
	tokens []int
	trace  *Trace
}

// compose writes the prompt and notes what it offers and what it leaves out:
// first what a layer has no room for, then what the model's window has none for,
// the lowest scores first and always whole. Instructions and format stay.
func (a *Agent) compose(obs Observation, t technical, incl profile.Inclination, q question, hits []memory.Hit, trace *Trace) (*composition, error) {
	c := &composition{agent: a, observation: obs, technical: t, inclination: incl, question: q, hits: hits, trace: trace}
	var err error
	if trace.System, err = a.system(incl, q.format); err != nil {
		return nil, err
	}
	for number, hit := range hits {
		block, err := a.render(promptMemory, a.memory(obs.Day.Session, number, hit))
		if err != nil {
			return nil, err
		}
		c.tokens = append(c.tokens, EstimateTokens(block))
	}
	c.fitLayers()
	if err := c.fitWindow(); err != nil {
		return nil, err
	}
	return c, nil
}

// fitLayers leaves out what the layers have no room for.
func (c *composition) fitLayers() {
	for _, layer := range memory.Layers() {
		budget := c.agent.cfg.LayerTokens.of(layer)
		if budget == 0 {
			continue
		}
		in := func(l memory.Layer) bool { return l == layer }
		recalled, left := 0, 0
		for _, h := range c.hits {
			if in(h.Event.Layer) {
				recalled++
			}
		}
		for c.take(in) > budget {
			c.leaveOut(in, BoundLayer)
			left++
		}
		if left > 0 {
			c.warn("left out %d of %d %s memories: they do not fit into the layer's %d tokens", left, recalled, layer, budget)
		}
	}
}

// fitWindow writes the prompt and leaves out what the window has no room for.
func (c *composition) fitWindow() error {
	window := c.agent.cfg.ContextTokens
	recalled := len(c.hits)
	for {
		if err := c.write(); err != nil {
			return err
		}
		need := c.size() + c.agent.cfg.AnswerTokens
		switch {
		case window == 0 || need <= window:
			if left := recalled - len(c.hits); left > 0 {
				c.warn("left out %d of %d memories: they do not fit into %d tokens", left, recalled, window)
			}
			return nil
		case len(c.hits) == 0:
			return fmt.Errorf("the prompt needs about %d tokens even without memories, but the window is %d", need, window)
		}
		c.leaveOut(anyLayer, BoundWindow)
	}
}

// shrink leaves out memories after the model refused the prompt as too long: a
// quarter of the prompt, or half of the memories where that is less, by tokens,
// and at least one memory. So the room is found in a few steps, though the model
// need not say how much there is.
func (c *composition) shrink() error {
	was, recalled := c.size(), len(c.hits)
	memories := c.take(anyLayer)
	keep := max(memories-was/4, memories/2)
	for len(c.hits) == recalled || len(c.hits) > 0 && c.take(anyLayer) > keep {
		c.leaveOut(anyLayer, BoundModel)
	}
	c.warn("the model refused the prompt of about %d tokens as too long: left out %d of %d memories and asked again", was, recalled-len(c.hits), recalled)
	return c.write()
}

// write puts the prompt into words with the memories that are shown now.
func (c *composition) write() error {
	a := c.agent
	view := a.view(c.observation, c.technical, c.inclination, c.hits)
	view.Move, view.Action = c.question.move, c.question.action
	var err error
	if c.trace.Prompt, err = a.render(c.question.template, view); err != nil {
		return err
	}
	c.trace.Offered = nil
	for number, hit := range c.hits {
		c.trace.Offered = append(c.trace.Offered, Offer{Number: number, ID: hit.Event.ID, Layer: hit.Event.Layer, Score: hit.Score})
	}
	return nil
}

// size is about how many tokens the prompt has.
func (c *composition) size() int {
	return EstimateTokens(c.trace.System) + EstimateTokens(c.trace.Prompt)
}

func anyLayer(memory.Layer) bool { return true }

// take is about how many tokens the memories of the layers take.
func (c *composition) take(of func(memory.Layer) bool) int {
	sum := 0
	for i, h := range c.hits {
		if of(h.Event.Layer) {
			sum += c.tokens[i]
		}
	}
	return sum
}

// leaveOut takes away the memory with the lowest score among those of the layers,
// of several the last. There has to be one.
func (c *composition) leaveOut(of func(memory.Layer) bool, because Bound) {
	lowest := -1
	for i, h := range c.hits {
		if of(h.Event.Layer) && (lowest < 0 || h.Score.Total <= c.hits[lowest].Score.Total) {
			lowest = i
		}
	}
	hit := c.hits[lowest]
	c.trace.LeftOut = append(c.trace.LeftOut, Omission{
		ID: hit.Event.ID, Layer: hit.Event.Layer, Score: hit.Score, Tokens: c.tokens[lowest], Bound: because,
	})
	c.hits = without(c.hits, lowest)
	c.tokens = without(c.tokens, lowest)
}

// without is a new list of all but one.
func without[T any](list []T, at int) []T {
	return append(append([]T(nil), list[:at]...), list[at+1:]...)
}

func (c *composition) warn(format string, args ...any) {
	c.trace.Warnings = append(c.trace.Warnings, fmt.Sprintf(format, args...))
}
