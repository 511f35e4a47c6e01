package llm

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"finmem/agent"
)

// ErrScriptOver is returned by [Script.Complete] when it has no answer left.
var ErrScriptOver = errors.New("the script has no more answers")

// A Script is an [agent.Model] that gives prepared answers in order, each once.
// langchaingo's own starts again from the first, so that a test that asks too
// often passes.
type Script struct {
	mu       sync.Mutex
	answers  []string
	requests []agent.Request
}

// NewScript makes a script of answers.
func NewScript(answers ...string) *Script { return &Script{answers: answers} }

// Name is "script".
func (s *Script) Name() string { return "script" }

// Complete gives the next answer.
func (s *Script) Complete(ctx context.Context, req agent.Request) (agent.Response, error) {
	if err := ctx.Err(); err != nil {
		return agent.Response{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.requests)
	if n == len(s.answers) {
		return agent.Response{}, fmt.Errorf("request %d: %w", n+1, ErrScriptOver)
	}
	// The agent goes on appending to its list of retries.
	req.Retries = append([]agent.Retry(nil), req.Retries...)
	s.requests = append(s.requests, req)
	text := s.answers[n]
	return agent.Response{Text: text, Usage: agent.Usage{
		InputTokens:  agent.EstimateTokens(req.System + req.Prompt),
		OutputTokens: agent.EstimateTokens(text),
		Estimated:    true,
	}}, nil
}

// Requests are those that were answered.
func (s *Script) Requests() []agent.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]agent.Request(nil), s.requests...)
}

// Left is the number of answers not given yet.
func (s *Script) Left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.answers) - len(s.requests)
}
