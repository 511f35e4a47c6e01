package llm_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tmc/langchaingo/llms"

	"finmem/agent"
	"finmem/agent/llm"
)

// A stub is a langchaingo model that gives one response and keeps what it got.
type stub struct {
	response *llms.ContentResponse
	err      error
	got      []llms.MessageContent
}

func (s *stub) GenerateContent(_ context.Context, messages []llms.MessageContent, _ ...llms.CallOption) (*llms.ContentResponse, error) {
	s.got = messages
	return s.response, s.err
}

func (s *stub) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, s, prompt, options...)
}

func choice(text string, info map[string]any) *llms.ContentChoice {
	return &llms.ContentChoice{Content: text, GenerationInfo: info}
}

func TestChatSendsTheConversation(t *testing.T) {
	s := &stub{response: &llms.ContentResponse{Choices: []*llms.ContentChoice{choice("answer", nil)}}}
	chat := llm.NewChat("provider/model", s)
	resp, err := chat.Complete(context.Background(), agent.Request{
		System: "system", Prompt: "prompt",
		Retries: []agent.Retry{{Answer: "first", Fault: "it is cut"}, {Answer: " ", Fault: "it is empty"}},
	})
	if err != nil || resp.Text != "answer" || chat.Name() != "provider/model" {
		t.Fatalf("Complete = %+v, %v", resp, err)
	}
	var got []string
	for _, m := range s.got {
		got = append(got, string(m.Role)+": "+m.Parts[0].(llms.TextContent).Text)
	}
	want := []string{
		"system: system",
		"human: prompt",
		"ai: first",
		"human: That answer cannot be used: it is cut. Answer again, with the JSON object alone.",
		"ai: (no answer)",
		"human: That answer cannot be used: it is empty. Answer again, with the JSON object alone.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestChatUsage(t *testing.T) {
	tests := []struct {
		name string
		info map[string]any
		want agent.Usage
	}{
		{"openai", map[string]any{"PromptTokens": 12, "CompletionTokens": 3}, agent.Usage{InputTokens: 12, OutputTokens: 3}},
		{"anthropic", map[string]any{"InputTokens": 12, "OutputTokens": 3}, agent.Usage{InputTokens: 12, OutputTokens: 3}},
		{"google", map[string]any{"input_tokens": int32(12), "output_tokens": int64(3)}, agent.Usage{InputTokens: 12, OutputTokens: 3}},
		{"as a float", map[string]any{"PromptTokens": 12.0, "CompletionTokens": 3.0}, agent.Usage{InputTokens: 12, OutputTokens: 3}},
		// "system" and "prompt" are 1 token each, "answer!" 2.
		{"none", nil, agent.Usage{InputTokens: 2, OutputTokens: 2, Estimated: true}},
		{"zeros", map[string]any{"PromptTokens": 0, "CompletionTokens": 0}, agent.Usage{InputTokens: 2, OutputTokens: 2, Estimated: true}},
	}
	for _, tt := range tests {
		s := &stub{response: &llms.ContentResponse{Choices: []*llms.ContentChoice{choice("answer!", tt.info)}}}
		resp, err := llm.NewChat("x", s).Complete(context.Background(), agent.Request{System: "system", Prompt: "prompt"})
		if err != nil || resp.Usage != tt.want {
			t.Errorf("%s: usage = %+v, %v, want %+v", tt.name, resp.Usage, err, tt.want)
		}
	}
}

// B53: a reply without choices is an empty answer, which the agent refuses and
// asks for again; no index out of range.
func TestChatWithoutAnAnswer(t *testing.T) {
	for name, choices := range map[string][]*llms.ContentChoice{
		"no choices": nil, "nil choice": {nil}, "blank choices": {choice("", nil), choice(" \n", nil)},
	} {
		resp, err := llm.NewChat("x", &stub{response: &llms.ContentResponse{Choices: choices}}).Complete(context.Background(), agent.Request{})
		if err != nil || resp.Text != "" {
			t.Errorf("%s: %+v, %v, want an empty text", name, resp, err)
		}
	}
	if resp, _ := llm.NewChat("x", &stub{response: &llms.ContentResponse{Choices: []*llms.ContentChoice{choice("", nil), choice("second", nil)}}}).Complete(context.Background(), agent.Request{}); resp.Text != "second" {
		t.Errorf("answer = %q, want the first that says anything", resp.Text)
	}
	if _, err := llm.NewChat("x", &stub{}).Complete(context.Background(), agent.Request{}); err == nil {
		t.Error("neither response nor error: no error")
	}
	out := errors.New("status 500")
	if _, err := llm.NewChat("x", &stub{err: out}).Complete(context.Background(), agent.Request{}); !errors.Is(err, out) {
		t.Errorf("error = %v, want the model's", err)
	}
}

// A call that was cut off is an error even where the client says it is none.
func TestChatCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := llm.NewChat("x", &stub{response: &llms.ContentResponse{}}).Complete(ctx, agent.Request{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the context's", err)
	}
}

func TestNew(t *testing.T) {
	polarity := func(string) float64 { return 0 }
	model, err := llm.New("offline", llm.Config{Polarity: polarity})
	if err != nil || model.Name() != "offline" {
		t.Fatalf("New(offline) = %v, %v", model, err)
	}
	for name, want := range map[string]string{
		"": "want offline, or provider/model", "Offline": "want offline, or provider/model", "openai/gpt-4o": "needs a dialer",
	} {
		if _, err := llm.New(name, llm.Config{Polarity: polarity}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New(%q): error = %v, want one with %q", name, err, want)
		}
	}
	if _, err := llm.New("offline", llm.Config{Polarity: polarity, Parameters: llm.Parameters{Temperature: new(float64)}}); err == nil {
		t.Error("the analyst took a temperature")
	}
	if _, err := llm.New("offline", llm.Config{}); err == nil {
		t.Error("an analyst without polarity was made")
	}
}

func TestScript(t *testing.T) {
	s := llm.NewScript("one", "two")
	for i, want := range []string{"one", "two"} {
		if resp, err := s.Complete(context.Background(), agent.Request{Prompt: want}); err != nil || resp.Text != want || s.Left() != 1-i {
			t.Errorf("answer %d = %+v, %v, %d left, want %q", i, resp, err, s.Left(), want)
		}
	}
	if _, err := s.Complete(context.Background(), agent.Request{}); !errors.Is(err, llm.ErrScriptOver) {
		t.Errorf("third answer: error = %v, want ErrScriptOver", err)
	}
	if got := s.Requests(); len(got) != 2 || got[1].Prompt != "two" {
		t.Errorf("requests = %+v", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Complete(ctx, agent.Request{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error = %v", err)
	}
}
