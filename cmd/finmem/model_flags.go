package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"finmem/agent"
	"finmem/agent/llm"
	"finmem/agent/llm/calls"
	"finmem/agent/llm/transport"
	"finmem/data/sentiment"
	"finmem/internal/printable"
)

// modelFlags decide what a language model answers: where it is asked, and with
// which parameters.
type modelFlags struct {
	baseURL                     string
	temperature, topP           float64
	seed                        int64
	answerTokens, contextTokens int
}

func (f *modelFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.baseURL, "base-url", "", "`address` of the model's provider, for servers that speak its form; default its own")
	fl.Float64Var(&f.temperature, "temperature", 0, "temperature of the model; not sent unless given")
	fl.Float64Var(&f.topP, "top-p", 0, "nucleus of the model's sampling; not sent unless given")
	fl.Int64Var(&f.seed, "model-seed", 0, "seed of the model's sampling; not sent unless given")
	fl.IntVar(&f.answerTokens, "max-answer-tokens", 0, "most tokens of an answer; not sent unless given")
	fl.IntVar(&f.contextTokens, "context-tokens", 0, fmt.Sprintf("size of the model's window, into which prompts are made to fit; default %d for ollama, else no limit", ollamaContextTokens))
}

// ollamaContextTokens is the window that an Ollama server is asked to open unless
// told otherwise. Its own default is smaller than many prompts.
const ollamaContextTokens = 8192

// apply lays the flags that were given over c, and checks the whole.
func (f *modelFlags) apply(cmd *cobra.Command, c *modelConfig) error {
	given := cmd.Flags().Changed
	if given("base-url") {
		c.BaseURL = f.baseURL
	}
	if given("temperature") {
		c.Temperature = &f.temperature
	}
	if given("top-p") {
		c.TopP = &f.topP
	}
	if given("model-seed") {
		c.Seed = &f.seed
	}
	if given("max-answer-tokens") {
		c.AnswerTokens = f.answerTokens
	}
	if given("context-tokens") {
		c.ContextTokens = f.contextTokens
	}
	if err := c.parameters().Validate(); err != nil {
		return usagef(cmd, "%v", err)
	}
	if p, _, err := transport.SplitName(c.Name); err == nil {
		if _, err := p.At(c.BaseURL); err != nil {
			return usagef(cmd, "--base-url: %v", err)
		}
		if p.Wire == transport.Ollama && c.ContextTokens == 0 {
			c.ContextTokens = ollamaContextTokens
		}
	}
	return nil
}

// parameters are what the provider is sent.
func (c modelConfig) parameters() llm.Parameters {
	return llm.Parameters{Temperature: c.Temperature, TopP: c.TopP, Seed: c.Seed, AnswerTokens: c.AnswerTokens, ContextTokens: c.ContextTokens}
}

// remote reports whether a model or embedder of that name is at a provider.
func remote(name string) bool {
	_, _, err := transport.SplitName(name)
	return err == nil
}

// callFlags say how providers are called. They decide no result.
type callFlags struct {
	mode, file        string
	timeout, patience time.Duration
}

func (f *callFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.mode, "llm-cache", string(calls.Auto), "use of kept model calls: auto, record (call always), replay (never call), off")
	fl.StringVar(&f.file, "llm-cache-file", "", "`file` that keeps model calls; default "+calls.FileName+" in the folder of the runs")
	fl.DurationVar(&f.timeout, "timeout", transport.DefaultTimeout, "longest time for one answer of a model")
	fl.DurationVar(&f.patience, "patience", transport.DefaultPatience, "longest time to wait for a provider that is out of order")
}

// calling is how providers are called, as the flags have it.
func (f *callFlags) calling(cmd *cobra.Command) (calling, error) {
	mode, err := calls.ParseMode(f.mode)
	if err != nil {
		return calling{}, usagef(cmd, "--llm-cache: %v", err)
	}
	if f.timeout <= 0 {
		return calling{}, usagef(cmd, "--timeout %s: want more than 0", f.timeout)
	}
	if f.patience < 0 {
		return calling{}, usagef(cmd, "--patience %s: want 0 or more", f.patience)
	}
	return calling{mode: mode, file: callFile(cmd, f.file), timeout: f.timeout, patience: f.patience, err: cmd.ErrOrStderr()}, nil
}

// callFile is the file of kept calls: the one given, or that among the runs.
func callFile(cmd *cobra.Command, given string) string {
	if given != "" {
		return given
	}
	runs := defaultRunsDir
	if f := cmd.Flags().Lookup("runs"); f != nil {
		runs = f.Value.String()
	}
	return filepath.Join(runs, calls.FileName)
}

// calling is how providers are called.
type calling struct {
	mode              calls.Mode
	file              string
	timeout, patience time.Duration
	// err is where waits are announced.
	err io.Writer
}

// A connection is what all models of a run call out through.
type connection struct{ dialer *transport.Dialer }

// connect opens the file of kept calls, unless the calls are off.
func connect(ctx context.Context, c calling) (*connection, error) {
	d := &transport.Dialer{
		LookupKey: os.LookupEnv,
		Limiters:  transport.NewLimiters(transport.DefaultInFlight, rand.Float64),
		Clock:     transport.Clock{Now: time.Now},
		Mode:      c.mode,
		Timeout:   c.timeout,
		Patience:  c.patience,
		Notify:    announcer(c.err),
	}
	var err error
	switch c.mode {
	case calls.Replay:
		d.Store, err = calls.OpenReadOnly(ctx, c.file)
	case calls.Auto, calls.Record:
		d.Store, err = calls.Open(ctx, c.file)
	}
	if err != nil {
		return nil, err
	}
	return &connection{dialer: d}, nil
}

// Close lets go of the file. A nil connection has none.
func (c *connection) Close() error {
	if c == nil || c.dialer.Store == nil {
		return nil
	}
	return c.dialer.Store.Close()
}

// announcer says on w that a call is waited for, on a terminal in place of the line
// that shows the progress.
func announcer(w io.Writer) func(transport.Notice) {
	start := ""
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		start = "\r\x1b[K"
	}
	var mu sync.Mutex
	return func(n transport.Notice) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(w, "%snote: %s; trying again in %s\n", start, printable.Line(n.Err.Error()), n.Wait.Round(time.Second/10))
	}
}

// modelHint is what to do about a provider's error, "" where nothing is known.
func modelHint(err error) string {
	var e *transport.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Kind {
	case transport.KeyMissing:
		return "keys come from the environment; finmem models lists the variables"
	case transport.KeyRefused:
		return "check the key in the environment; finmem models lists the variables, and finmem models ping MODEL tries one"
	case transport.NoCredit:
		return "the account at the provider has to be topped up or its limit raised"
	case transport.UnknownModel:
		return "check the model's name; for ollama, ollama pull fetches a model and ollama list shows those there are"
	case transport.ContextTooLong:
		return "--context-tokens N makes prompts fit into a window of N tokens"
	case transport.Network, transport.Overloaded, transport.RateLimited:
		return "is the provider in order, and --base-url right? a run waits for it as long as --patience says"
	case transport.NotKept:
		if errors.Is(e, calls.ErrMissing) {
			return "only a run with the same data, settings and model can be replayed; --llm-cache auto asks for what is missing"
		}
	case transport.BadRequest:
		return parameterHint(e.Param)
	}
	return ""
}

// parameterHint is what to do about a parameter that a provider refuses.
func parameterHint(param string) string {
	switch param {
	case "temperature":
		return "the model does not take this temperature: leave --temperature out, or set the value that the provider names"
	case "top_p":
		return "the model does not take this top-p: leave --top-p out"
	case "seed", "random_seed":
		return "the model takes no seed: leave --model-seed out"
	case "max_tokens", "max_completion_tokens", "num_predict":
		return "the model does not take this --max-answer-tokens: leave it out or set a smaller one"
	case "num_ctx":
		return "the server does not take this --context-tokens: set a smaller one"
	}
	return ""
}

// newModel makes the model that decides.
func (p *plan) newModel() (agent.Model, error) {
	c := llm.Config{Polarity: onceEach(sentiment.New().Finance), BaseURL: p.config.Model.BaseURL, Parameters: p.config.Model.parameters()}
	if p.connection != nil {
		c.Dialer = p.connection.dialer
	}
	model, err := llm.New(p.config.Model.Name, c)
	if err != nil && transport.KindOf(err) == "" {
		return nil, usagef(nil, "%v", err)
	}
	return model, err
}

// onceEach is polarity with its answers kept: the analyst reads a memory again on
// every session that offers it.
func onceEach(polarity func(string) float64) func(string) float64 {
	var kept sync.Map
	return func(text string) float64 {
		if v, ok := kept.Load(text); ok {
			return v.(float64)
		}
		v := polarity(text)
		kept.Store(text, v)
		return v
	}
}
