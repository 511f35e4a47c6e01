package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"finmem/agent"
	"finmem/agent/llm/transport"
	"finmem/agent/llm/vectors"
	"finmem/memory"
	"finmem/memory/embed"
)

// An embedder places texts and says who it is.
type embedder interface {
	agent.Embedder
	Identity() memory.Identity
}

// offlineEmbedder is the name of the embedder that needs nothing.
const offlineEmbedder = "offline"

// An embeddingConfig says how a remote embedder is reached and what it takes.
type embeddingConfig struct {
	// URL is where its server is, "" for the provider's own address. It decides
	// nothing about the results.
	URL string `toml:"url"`
	// InputTokens is the length above which a text is placed in pieces, 0 for what
	// the model takes.
	InputTokens int `toml:"input_tokens"`
	// Batch is the most texts in one request, 0 for what the provider takes.
	Batch int `toml:"batch"`
}

// embedFlags lie over the config file's [model.embedding].
type embedFlags struct{ c embeddingConfig }

func (f *embedFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.c.URL, "embedder-url", "", "`address` of the embedder's server; default the provider's own")
	fl.IntVar(&f.c.InputTokens, "embedder-tokens", 0, "longest text in `tokens` that the embedder takes at once; default by model")
	fl.IntVar(&f.c.Batch, "embedder-batch", 0, "most texts in one request to the embedder; default by provider")
}

// apply lays the flags that were given over c.
func (f *embedFlags) apply(cmd *cobra.Command, c *embeddingConfig) {
	for name, set := range map[string]func(){
		"embedder-url":    func() { c.URL = f.c.URL },
		"embedder-tokens": func() { c.InputTokens = f.c.InputTokens },
		"embedder-batch":  func() { c.Batch = f.c.Batch },
	} {
		if cmd.Flags().Changed(name) {
			set()
		}
	}
}

// newEmbedder makes the embedder that m names. A remote one is reached through
// the connection, whose file of kept calls, if it has one, keeps the vectors, and
// is asked for its number of dimensions.
func newEmbedder(ctx context.Context, m modelConfig, via *connection) (embedder, error) {
	if m.Embedder == offlineEmbedder {
		return embed.NewHashing(), nil
	}
	if err := embed.CheckName(m.Embedder); err != nil {
		return nil, usagef(nil, "%v", err)
	}
	provider, _, err := transport.SplitName(m.Embedder)
	if err != nil {
		return nil, usagef(nil, "embedder %v", err)
	}
	if provider, err = provider.At(m.Embedding.URL); err != nil {
		return nil, usagef(nil, "embedder %s: %v", m.Embedder, err)
	}
	o := embed.Options{BaseURL: provider.BaseURL, InputTokens: m.Embedding.InputTokens, Batch: m.Embedding.Batch,
		TooLong: func(err error) bool { return transport.KindOf(err) == transport.ContextTooLong }}
	// Vectors are kept text by text, since requests are seldom the same twice; the
	// requests are kept besides, as they went over the wire.
	if d := via.dialer; d.Store != nil {
		o.Cache = vectors.New(d.Store, d.Mode, d.Clock.Now)
	}
	carrier, err := via.dialer.Dial(provider)
	if err != nil {
		return nil, fmt.Errorf("embedder %s: %w", m.Embedder, err)
	}
	o.Client = carrier.Client()
	remote, err := embed.Dial(ctx, m.Embedder, o)
	if err != nil {
		return nil, err
	}
	return remote, nil
}

// withEmbedder lets use have the embedder that m names, and lets go of it.
func withEmbedder(ctx context.Context, m modelConfig, c calling, use func(embedder) error) error {
	var via *connection
	if remote(m.Embedder) {
		var err error
		if via, err = connect(ctx, c); err != nil {
			return err
		}
	}
	e, err := newEmbedder(ctx, m, via)
	if err == nil {
		err = use(e)
	}
	return errors.Join(err, via.Close())
}
