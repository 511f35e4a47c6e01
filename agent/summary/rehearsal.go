package summary

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"finmem/agent"
	"finmem/data"
)

// A Rehearsal is a [Summarizer] that goes the way of a [Chat] and asks nobody. Each
// answer is taken to be as long as it may be, so that the tallies of its texts are
// what the summaries will take at most, by [agent.EstimateTokens]; but answers that
// have to be asked for again come on top. Make one with [NewRehearsal].
type Rehearsal struct {
	chat *Chat
	mu   sync.Mutex
	// first is the first request of all, with the item it is for.
	first *agent.Request
	item  Item
}

// NewRehearsal makes a rehearsal of a chat with a model of that name and window.
func NewRehearsal(model string, contextTokens int) (*Rehearsal, error) {
	c, err := newChat(model, contextTokens, nil)
	if err != nil {
		return nil, err
	}
	return &Rehearsal{chat: c}, nil
}

// Record is that of the chat.
func (r *Rehearsal) Record() data.Summary { return r.chat.Record() }

// Summarize gives a text of the right length that says nothing, with the estimated
// tally of the chat's calls.
func (r *Rehearsal) Summarize(ctx context.Context, item Item, limit int) (Text, error) {
	c := *r.chat
	c.complete = func(_ context.Context, req agent.Request, bound int) (agent.Response, error) {
		r.keep(req, item)
		answer := answerOf(bound)
		return agent.Response{Text: answer, Usage: agent.Usage{
			InputTokens:  agent.EstimateTokens(req.System) + agent.EstimateTokens(req.Prompt),
			OutputTokens: agent.EstimateTokens(answer),
			Estimated:    true,
		}}, nil
	}
	return c.Summarize(ctx, item, limit)
}

// First is the first request that the chat would make, and the item it is for; nil
// before there was one.
func (r *Rehearsal) First() (*agent.Request, Item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first, r.item
}

func (r *Rehearsal) keep(req agent.Request, item Item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil {
		r.first, r.item = &req, item
	}
}

// answerOf is an answer with a summary of n characters, in words and sentences as
// long as those of English.
func answerOf(n int) string {
	const sentence = "Revenue of the third quarter rose by 9 % to 12.4 billion dollars. "
	text := strings.Repeat(sentence, n/len(sentence)+1)[:n]
	raw, err := json.Marshal(map[string]string{"summary": strings.TrimSpace(text)})
	if err != nil {
		panic("summary: " + err.Error())
	}
	return string(raw)
}
