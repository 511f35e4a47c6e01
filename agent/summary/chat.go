package summary

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"strings"
	"text/template"
	"unicode/utf8"

	"finmem/agent"
	"finmem/data"
	"finmem/internal/printable"
)

// ChatMethod is the method of [Chat] in records.
const ChatMethod = "model"

const (
	// retries is how often a model is asked again after an answer that cannot be
	// used.
	retries = 2
	// partTokens is about how long the parts are that a model is shown, where its
	// window has room for them.
	partTokens = 3000
	// leastContext is the smallest window that parts are made for. They get a third
	// of a window; instructions, answer and asking again have the rest.
	leastContext = 2048
	// charactersPerWord of English, the space included, is about six; asking for
	// fewer words leaves room for those who count badly.
	charactersPerWord = 7
)

//go:embed prompts/*.tmpl
var promptFiles embed.FS

// A Chat is a [Summarizer] that asks a language model. The text is split into
// parts, each part is summarised, and the summaries, one after the other, are the
// text of the next round, until they fit. Make one with [NewChat].
type Chat struct {
	name string // of the model
	// complete asks the model for a summary of at most bound characters.
	complete func(ctx context.Context, req agent.Request, bound int) (agent.Response, error)
	prompts  *template.Template
	system   string
	tokens   int // of a part
	// shortest is the least that the summary of a part may have, in characters;
	// shorter parts stay as they are. Of several parts one is longer: the one with
	// half its weight, 2·tokens, has at least 2·tokens / mostWeight characters.
	shortest int
}

// NewChat makes a chat with a model that has a window of contextTokens, 0 for one
// that is not known and large.
func NewChat(model agent.Model, contextTokens int) (*Chat, error) {
	return newChat(model.Name(), contextTokens, func(ctx context.Context, req agent.Request, _ int) (agent.Response, error) {
		return model.Complete(ctx, req)
	})
}

func newChat(name string, contextTokens int, complete func(context.Context, agent.Request, int) (agent.Response, error)) (*Chat, error) {
	if contextTokens != 0 && contextTokens < leastContext {
		return nil, fmt.Errorf("a window of %d tokens is too small for summaries: want %d or more", contextTokens, leastContext)
	}
	tokens := partTokens
	if contextTokens > 0 {
		tokens = min(tokens, contextTokens/3)
	}
	prompts, err := template.ParseFS(promptFiles, "prompts/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("prompts of summaries: %w", err)
	}
	c := &Chat{name: name, complete: complete, prompts: prompts, tokens: tokens, shortest: tokens / 4}
	c.system, err = c.render("system.tmpl", answerSchema)
	return c, err
}

// Record is the method and the model's name.
func (c *Chat) Record() data.Summary {
	return data.Summary{Method: ChatMethod, Model: c.name}
}

// Summarize has the model write the summary. Every round shortens at least one part
// by half, so the rounds come to an end.
func (c *Chat) Summarize(ctx context.Context, item Item, limit int) (Text, error) {
	var done Tally
	text := item.Text
	for again := false; ; again = true {
		list, err := parts(text, c.tokens)
		if err != nil {
			return Text{}, err
		}
		// What is between the summaries counts as well. Rather than summaries that
		// are too short to say anything, there is another round.
		share := max((limit-2*(len(list)-1))/len(list), c.shortest)
		summaries := make([]string, len(list))
		for i, part := range list {
			bound := limit
			if n := utf8.RuneCountInString(part); len(list) > 1 {
				if n <= c.shortest {
					summaries[i] = part
					continue
				}
				bound = min(share, n/2)
			}
			s, err := c.part(ctx, item, part, i, len(list), bound, again)
			done = done.Plus(s.Tally)
			if err != nil {
				return Text{Tally: done}, err
			}
			summaries[i] = s.Text
		}
		text = strings.Join(summaries, "\n\n")
		if utf8.RuneCountInString(text) <= limit {
			return Text{Text: text, Tally: done}, nil
		}
	}
}

// partView is what the template of a part shows.
type partView struct {
	Again             bool
	Words, Characters int
	Kind, Title, Part string
	Text              string
}

// part has one part summarised.
func (c *Chat) part(ctx context.Context, item Item, text string, i, n, bound int, again bool) (Text, error) {
	view := partView{
		Again: again, Words: max(bound/charactersPerWord, 1), Characters: bound,
		Kind: attribute(item.Kind), Title: attribute(printable.Cut(item.Title, 300)), Text: block(text),
	}
	if n > 1 {
		view.Part = fmt.Sprintf("%d/%d", i+1, n)
	}
	prompt, err := c.render("part.tmpl", view)
	if err != nil {
		return Text{}, err
	}
	s, err := c.ask(ctx, agent.Request{System: c.system, Prompt: prompt, Schema: json.RawMessage(answerSchema)}, bound)
	if err != nil && n > 1 {
		return s, fmt.Errorf("part %s: %w", view.Part, err)
	}
	return s, err
}

// ErrAnswer is returned where a model gave no summary, however often it was asked.
var ErrAnswer = errors.New("the model gave no summary")

// ask asks until there is a summary of at most bound characters. Of one that is too
// long to the last, the sentences that fit are taken.
func (c *Chat) ask(ctx context.Context, req agent.Request, bound int) (Text, error) {
	var out Text
	long := ""
	for try := 0; ; try++ {
		resp, err := c.complete(ctx, req, bound)
		if err != nil {
			return out, err
		}
		took := Tally{Calls: 1, InputTokens: resp.Usage.InputTokens, OutputTokens: resp.Usage.OutputTokens}
		if resp.Usage.Estimated {
			took.EstimatedCalls = 1
		}
		out.Tally = out.Tally.Plus(took)
		fault := resp.Fault
		if fault == "" {
			s, err := parse(resp.Text)
			switch n := utf8.RuneCountInString(s); {
			case err != nil:
				fault = err.Error()
			case n <= bound:
				out.Text = s
				return out, nil
			default:
				long = s
				fault = fmt.Sprintf("the summary has %d characters, and may have %d", n, bound)
			}
		}
		if try < retries {
			req.Retries = append(req.Retries, agent.Retry{Answer: printable.Cut(resp.Text, 4*bound), Fault: fault})
			continue
		}
		if long == "" {
			return out, fmt.Errorf("%w in %d answers; the last: %s", ErrAnswer, try+1, printable.Line(fault))
		}
		out.Text = start(long, bound)
		out.Tally.Cut++
		return out, nil
	}
}

// start is the first sentences of s that fit, or the start of the first.
func start(s string, bound int) string {
	var b strings.Builder
	room := bound
	for i, one := range sentences(s) {
		n := utf8.RuneCountInString(one.text)
		if i > 0 {
			n++
		}
		if n > room {
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(one.text)
		room -= n
	}
	if b.Len() == 0 {
		return printable.Cut(printable.Line(s), bound)
	}
	return b.String()
}

func (c *Chat) render(name string, view any) (string, error) {
	var b strings.Builder
	if err := c.prompts.ExecuteTemplate(&b, name, view); err != nil {
		return "", fmt.Errorf("prompt %s: %w", name, err)
	}
	return strings.TrimRight(b.String(), "\n"), nil
}

// block is foreign text as it stands in a data block, which nothing in it can
// close.
func block(s string) string { return strings.ReplaceAll(printable.Text(s), "<", "&lt;") }

// attribute is foreign text as it stands in quotes in the head of a data block.
func attribute(s string) string { return html.EscapeString(printable.Line(s)) }
