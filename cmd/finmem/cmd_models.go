package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/agent"
	"finmem/agent/llm"
	"finmem/agent/llm/calls"
	"finmem/agent/llm/transport"
	"finmem/internal/printable"
)

func newModelsCmd(s *streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List the providers of language models, and try a model",
		Long: `models lists the providers that a model can be named by, as in
--model ollama/qwen3:8b: where each is, which environment variable holds its key
and whether it is set, and how it is made to answer by the schema.

With openai/… and --base-url, any server that speaks OpenAI's form can be used:
vLLM, TGI, llama.cpp, DeepSeek and others.`,
		Example: `  finmem models
  finmem models ping ollama/qwen3:8b
  finmem models ping openai/my-model --base-url http://127.0.0.1:8000/v1`,
	}
	cmd.AddCommand(newModelsPingCmd(s))
	group(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		list := providers(os.LookupEnv)
		if asJSON {
			return writeJSON(s.out, list)
		}
		printProviders(s.out, list)
		return nil
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// providerInfo is a line of the list.
type providerInfo struct {
	Provider string `json:"provider"`
	BaseURL  string `json:"baseURL,omitempty"`
	// KeyVariables are looked at in order; Key says how that came out.
	KeyVariables []string `json:"keyVariables"`
	Key          string   `json:"key"` // "set", "not set" or "not needed"
	// Structured lists how answers are held to the schema, the best first.
	Structured []llm.Form `json:"structured"`
	Seed       bool       `json:"seed"`
	Embeddings bool       `json:"embeddings"`
}

// providers looks up what is set in the environment; the keys themselves stay
// there.
func providers(lookup func(string) (string, bool)) []providerInfo {
	list := []providerInfo{{
		Provider: llm.Offline, KeyVariables: []string{}, Key: "not needed", Structured: []llm.Form{llm.BySchema}, Embeddings: true,
	}}
	for _, p := range transport.Providers() {
		info := providerInfo{
			Provider: p.Name, BaseURL: p.BaseURL, KeyVariables: append([]string{}, p.KeyVariables...), Key: "not needed",
			Structured: llm.Forms(p), Seed: llm.HasSeed(p), Embeddings: p.Embeds,
		}
		if len(p.KeyVariables) > 0 {
			info.Key = "set"
			if _, err := p.Key(lookup); err != nil {
				info.Key = "not set"
			}
		}
		list = append(list, info)
	}
	return list
}

func printProviders(w io.Writer, list []providerInfo) {
	t := newTable(w)
	t.AppendHeader(table.Row{"provider", "key", "variable", "answers by", "seed", "embeddings", "address"})
	for _, p := range list {
		forms := make([]string, len(p.Structured))
		for i, f := range p.Structured {
			forms[i] = string(f)
		}
		name, address := p.Provider+"/…", p.BaseURL
		if p.Provider == llm.Offline {
			name, address = llm.Offline, "none: rules, no language model"
		}
		t.AppendRow(table.Row{name, p.Key, strings.Join(p.KeyVariables, " or "), strings.Join(forms, ", "), yesNo(p.Seed), yesNo(p.Embeddings), address})
	}
	t.Render()
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func newModelsPingCmd(s *streams) *cobra.Command {
	var f modelFlags
	var timeout time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ping MODEL",
		Short: "Make one tiny call to a model",
		Long: `ping asks a model for one word by a schema, once, and says how long that took, how
the answer was held to the schema, and how many tokens it cost. Nothing is kept.`,
		Example: "  finmem models ping openai/gpt-4.1-mini",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			c := modelConfig{Name: a[0]}
			if err := f.apply(cmd, &c); err != nil {
				return err
			}
			if !remote(c.Name) {
				_, _, err := transport.SplitName(c.Name)
				return usagef(cmd, "model %v", err)
			}
			if timeout <= 0 {
				return usagef(cmd, "--timeout %s: want more than 0", timeout)
			}
			p, err := ping(cmd.Context(), c, calling{mode: calls.Off, timeout: timeout, err: cmd.ErrOrStderr()})
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.out, p)
			}
			p.print(s.out)
			return nil
		},
	}
	f.add(cmd)
	cmd.Flags().DurationVar(&timeout, "timeout", time.Minute, "longest time for the answer")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// A pong is what a ping found.
type pong struct {
	Model          string   `json:"model"`
	Form           llm.Form `json:"form"` // how the answer was held to the schema
	Fits           bool     `json:"fits"` // the answer fits the schema
	Answer         string   `json:"answer"`
	LatencySeconds float64  `json:"latencySeconds"`
	InputTokens    int      `json:"inputTokens"`
	OutputTokens   int      `json:"outputTokens"`
	// Estimated is set where the provider did not count tokens.
	Estimated bool `json:"estimated"`
}

// pingSchema lets one answer through.
const pingSchema = `{"type":"object","properties":{"word":{"type":"string","enum":["pong"]}},"required":["word"],"additionalProperties":false}`

func ping(ctx context.Context, c modelConfig, how calling) (pong, error) {
	conn, err := connect(ctx, how)
	if err != nil {
		return pong{}, err
	}
	model, err := llm.NewRemote(c.Name, c.BaseURL, c.parameters(), conn.dialer)
	if err != nil {
		if transport.KindOf(err) == "" {
			err = usagef(nil, "%v", err)
		}
		return pong{}, err
	}
	began := time.Now()
	resp, err := model.Complete(ctx, agent.Request{
		System: "You are being tried out. Answer with one JSON object and nothing else.",
		Prompt: `Answer {"word": "pong"}.`,
		Schema: json.RawMessage(pingSchema),
	})
	if err != nil {
		return pong{}, err
	}
	if resp.Fault != "" {
		return pong{}, fmt.Errorf("%s: %s", c.Name, resp.Fault)
	}
	var answer struct{ Word string }
	fits := json.Unmarshal([]byte(strings.TrimSpace(resp.Text)), &answer) == nil && answer.Word == "pong"
	return pong{
		Model: c.Name, Form: model.Form(), Fits: fits, Answer: resp.Text, LatencySeconds: time.Since(began).Seconds(),
		InputTokens: resp.Usage.InputTokens, OutputTokens: resp.Usage.OutputTokens, Estimated: resp.Usage.Estimated,
	}, nil
}

func (p pong) print(w io.Writer) {
	fmt.Fprintf(w, "%s answered in %.2f s\n", p.Model, p.LatencySeconds)
	fits := "the answer fits the schema"
	if !p.Fits {
		fits = "the answer does not fit the schema: " + printable.Cut(printable.Line(p.Answer), 200)
	}
	fmt.Fprintf(w, "asked by %s; %s\n", p.Form, fits)
	estimated := ""
	if p.Estimated {
		estimated = " (estimated: the provider gave no count)"
	}
	fmt.Fprintf(w, "%d tokens in, %d out%s\n", p.InputTokens, p.OutputTokens, estimated)
}
