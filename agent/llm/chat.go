package llm

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"finmem/agent"
)

// A Chat is an [agent.Model] on a langchaingo model. Make one with [NewChat].
type Chat struct {
	name  string
	model llms.Model
}

// NewChat makes a chat with model, which is called name.
func NewChat(name string, model llms.Model) *Chat { return &Chat{name: name, model: model} }

// Name is the name the chat was made with.
func (c *Chat) Name() string { return c.name }

// Complete sends the request as one conversation: the stable part as the system
// message, the session's part as the user's, then each refused answer with what
// was wrong about it. The first choice that says anything is the answer; where
// none does the answer is empty, which the agent will refuse.
func (c *Chat) Complete(ctx context.Context, req agent.Request) (agent.Response, error) {
	messages := conversation(req)
	content, err := c.model.GenerateContent(ctx, messages)
	if err != nil {
		return agent.Response{}, err
	}
	// Some of langchaingo's clients report a call that was cut off as an empty
	// success.
	if err := ctx.Err(); err != nil {
		return agent.Response{}, err
	}
	if content == nil {
		return agent.Response{}, errors.New("the model gave neither an answer nor an error")
	}
	text, info := firstChoice(content.Choices)
	return agent.Response{Text: text, Usage: usage(info, messages, text)}, nil
}

// conversation is a request as messages.
func conversation(req agent.Request) []llms.MessageContent {
	messages := []llms.MessageContent{
		llms.TextParts(llms.ChatMessageTypeSystem, req.System),
		llms.TextParts(llms.ChatMessageTypeHuman, req.Prompt),
	}
	for _, r := range req.Retries {
		answer := r.Answer
		if strings.TrimSpace(answer) == "" {
			answer = "(no answer)" // some providers refuse an empty message
		}
		messages = append(messages,
			llms.TextParts(llms.ChatMessageTypeAI, answer),
			llms.TextParts(llms.ChatMessageTypeHuman, fmt.Sprintf("That answer cannot be used: %s. Answer again, with the JSON object alone.", r.Fault)))
	}
	return messages
}

func firstChoice(choices []*llms.ContentChoice) (text string, info map[string]any) {
	for _, c := range choices {
		if c == nil {
			continue
		}
		if info == nil {
			info = c.GenerationInfo
		}
		if strings.TrimSpace(c.Content) != "" {
			return c.Content, c.GenerationInfo
		}
	}
	return "", info
}
