package main

import (
	"context"
	"fmt"
	"testing"

	"finmem/agent"
	"finmem/agent/llm"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/data"
	"finmem/data/sample"
	"finmem/memory"
	"finmem/memory/chromem"
	"finmem/memory/embed"
	"finmem/profile"

	"github.com/quagmt/udecimal"
)

// B77: eight symbols in parallel on one memory store and one index, fifty runs.
// What it looks for shows under the race detector, or as a crash.
func TestParallelSymbols(t *testing.T) {
	ds, err := sample.Generate(sample.DefaultSeed)
	if err != nil {
		t.Fatal(err)
	}
	calendar := data.NYSE()
	sessions, err := calendar.Range("2024-01-02", "2024-01-10")
	if err != nil {
		t.Fatal(err)
	}
	feeds := map[string]*data.Feed{}
	var symbols []string
	for i := range 8 {
		h, err := ds.History(ds.Symbols()[i%len(ds.Symbols())])
		if err != nil {
			t.Fatal(err)
		}
		h.Symbol = fmt.Sprintf("SYM%d", i)
		feed, err := data.NewFeed(calendar, h, data.FeedOptions{})
		if err != nil {
			t.Fatal(err)
		}
		feeds[h.Symbol] = feed
		symbols = append(symbols, h.Symbol)
	}
	constants, err := memory.Preset("layered")
	if err != nil {
		t.Fatal(err)
	}
	cfg := backtest.Config{
		Window: backtest.Window{WarmupFrom: "2024-01-02", From: "2024-01-05", To: "2024-01-10"},
		Cash:   udecimal.MustParse("100000"), Sizing: broker.DefaultSizing(), LookBack: 120, Parallel: 8,
	}
	polarity := func(text string) float64 { return float64(len(text)%3) - 1 }
	for range 50 {
		embedder := embed.NewHashing()
		store, err := memory.NewStore(constants, 1, embedder.Identity(), chromem.New())
		if err != nil {
			t.Fatal(err)
		}
		model, err := llm.New(llm.Offline, llm.Config{Polarity: polarity})
		if err != nil {
			t.Fatal(err)
		}
		var books []*backtest.Book
		for _, symbol := range symbols {
			a, err := agent.New(agent.DefaultConfig(), profile.Generic(symbol), store, embedder, model, calendar)
			if err != nil {
				t.Fatal(err)
			}
			books = append(books, backtest.NewBook(symbol, feeds[symbol], nil, a, cfg))
		}
		rec := counter{}
		if err := backtest.Run(t.Context(), cfg, sessions, books, &rec, nil); err != nil {
			t.Fatal(err)
		}
		if rec.records != 8*len(sessions) {
			t.Fatalf("%d records, want %d", rec.records, 8*len(sessions))
		}
	}
}

type counter struct{ records int }

func (c *counter) Commit(_ context.Context, _ data.Session, r []backtest.Record) error {
	c.records += len(r)
	return nil
}
