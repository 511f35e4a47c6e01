package agent

import (
	"context"
	"encoding/json"
)

// A Model turns a prompt into text. agent/llm implements it on langchaingo.
//
// An error means that no answer came: the session is abandoned without a trace
// and the run stops, to be resumed, except for a
// [*PromptTooLong]. An answer that makes no sense is not an
// error here; the agent asks again.
type Model interface {
	// Name is "provider/model", or "offline".
	Name() string
	Complete(ctx context.Context, req Request) (Response, error)
}

// A Request is one chat: the stable part of the prompt, the session's part, and
// the earlier faulty answers with what was wrong about them.
type Request struct {
	System  string
	Prompt  string
	Retries []Retry
	// Schema is the JSON schema of a valid answer.
	Schema json.RawMessage
}

// A Retry is a refused answer and the fault that is told to the model.
type Retry struct{ Answer, Fault string }

// A Response is the model's text and what it cost.
type Response struct {
	Text  string
	Usage Usage
	// Fault says why there is no text, where something came that is no answer: a
	// web page, an answer without content. The agent asks again as after an answer
	// that makes no sense.
	Fault string
}

// A PromptTooLong is the error of a model that refuses a request as longer than its
// window. The agent asks again with fewer memories.
type PromptTooLong struct {
	// Said is how the model put it, the same whenever it is asked the same.
	Said string
	Err  error
}

func (e *PromptTooLong) Error() string { return e.Err.Error() }

func (e *PromptTooLong) Unwrap() error { return e.Err }
