package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"

	"finmem/agent"
	"finmem/agent/llm/calls"
	"finmem/agent/llm/transport"
)

// A Remote is an [agent.Model] at a provider: one of langchaingo's clients on a
// [transport.Transport].
//
// It asks for the answer by schema where the provider has that, steps down to JSON
// mode and then to the prompt alone where the provider refuses, and remembers
// where it got to. It is safe for several goroutines.
type Remote struct {
	name     string
	provider transport.Provider
	params   Parameters
	client   llms.Model
	replays  bool

	mu   sync.Mutex
	form int // into Forms(provider)
}

// unused is the key that a client library is given: the transport sends the real
// one.
const unused = "unused"

// NewRemote makes the model called name, "provider/model", at the provider's own
// address or at baseURL.
func NewRemote(name, baseURL string, p Parameters, dialer *transport.Dialer) (*Remote, error) {
	provider, model, err := transport.SplitName(name)
	if err != nil {
		return nil, fmt.Errorf("model %w", err)
	}
	if provider, err = provider.At(baseURL); err != nil {
		return nil, err
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if p.Seed != nil && !HasSeed(provider) {
		return nil, fmt.Errorf("%s has no seed: leave the model's seed out", provider.Name)
	}
	carrier, err := dialer.Dial(provider)
	if err != nil {
		return nil, err
	}
	r := &Remote{name: name, provider: provider, params: p, replays: carrier.Replays()}
	if r.client, err = client(provider, model, carrier.Client()); err != nil {
		return nil, fmt.Errorf("model %q: %w", name, err)
	}
	return r, nil
}

func client(p transport.Provider, model string, c *http.Client) (llms.Model, error) {
	switch p.Wire {
	case transport.Ollama:
		return ollama.New(ollama.WithServerURL(p.BaseURL), ollama.WithModel(model), ollama.WithHTTPClient(c))
	case transport.Anthropic:
		return anthropic.New(anthropic.WithToken(unused), anthropic.WithBaseURL(p.BaseURL), anthropic.WithModel(model), anthropic.WithHTTPClient(c))
	}
	return openai.New(openai.WithToken(unused), openai.WithBaseURL(p.BaseURL), openai.WithModel(model), openai.WithHTTPClient(c))
}

// Name is "provider/model".
func (r *Remote) Name() string { return r.name }

// Form is how answers are asked for at the moment.
func (r *Remote) Form() Form {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Forms(r.provider)[r.form]
}

// Complete asks the provider. Its error holds a [*transport.Error], in an
// [*agent.PromptTooLong] where the provider refuses the request for its length; an
// answer that is none, also after asking again, comes back as a response with a
// fault.
func (r *Remote) Complete(ctx context.Context, req agent.Request) (agent.Response, error) {
	messages := conversation(req)
	list := Forms(r.provider)
	start := slices.Index(list, r.Form())
	var missing error // of the first form that was to be replayed
	for at := start; ; at++ {
		resp, err := r.ask(ctx, messages, list[at], req.Schema)
		last := at == len(list)-1
		switch {
		case err == nil:
			return resp, nil
		case refused(err) && !last:
			r.stepDown(at + 1)
		// Which form the recorded run had got to is not known here.
		case r.replays && errors.Is(err, calls.ErrMissing):
			if missing == nil {
				missing = err
			}
			if last {
				return agent.Response{}, missing
			}
		case err.Kind == transport.ContextTooLong:
			return agent.Response{}, &agent.PromptTooLong{Said: err.Message, Err: err}
		default:
			return agent.Response{}, err
		}
	}
}

// stepDown notes that the forms before at are refused.
func (r *Remote) stepDown(at int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.form = max(r.form, at)
}

// ask makes one call in one form.
func (r *Remote) ask(ctx context.Context, messages []llms.MessageContent, form Form, schema json.RawMessage) (agent.Response, *transport.Error) {
	ctx, outcome := transport.Watch(ctx)
	ctx = transport.WithRewrite(ctx, func(body map[string]json.RawMessage) error {
		if err := r.parameters(body); err != nil {
			return err
		}
		return form.ask(r.provider, body, schema)
	})
	content, err := r.client.GenerateContent(ctx, messages)
	if failure := outcome.Err; failure != nil {
		if failure.Kind == transport.BadAnswer {
			return agent.Response{Fault: failure.Message, Usage: usageOf(outcome.Usage, messages, "")}, nil
		}
		return agent.Response{}, failure
	}
	var text string
	if content != nil {
		text = firstAnswer(content.Choices)
	}
	if err != nil || text == "" {
		// The transport let the answer pass, the library did not.
		fault := "the answer is empty"
		if err != nil {
			fault = "the answer cannot be read: " + err.Error()
		}
		return agent.Response{Fault: fault, Usage: usageOf(outcome.Usage, messages, "")}, nil
	}
	return agent.Response{Text: text, Usage: usageOf(outcome.Usage, messages, text)}, nil
}

func (r *Remote) parameters(body fields) error {
	switch r.provider.Wire {
	case transport.Ollama:
		return r.params.ollama(body)
	case transport.Anthropic:
		return r.params.anthropic(body)
	}
	return r.params.openAI(r.provider, body)
}

// firstAnswer is the input of the tool that the model was made to use, or else the
// first text.
func firstAnswer(choices []*llms.ContentChoice) string {
	for _, c := range choices {
		if c == nil {
			continue
		}
		for _, tool := range c.ToolCalls {
			if tool.FunctionCall != nil && tool.FunctionCall.Name == schemaName {
				return tool.FunctionCall.Arguments
			}
		}
	}
	text, _ := firstChoice(choices)
	return text
}

// usageOf is what the provider counted, or an estimate.
func usageOf(counted calls.Usage, sent []llms.MessageContent, answer string) agent.Usage {
	if counted.Known() {
		return agent.Usage{InputTokens: counted.InputTokens, OutputTokens: counted.OutputTokens}
	}
	return usage(nil, sent, answer)
}
