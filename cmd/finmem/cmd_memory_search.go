package main

import (
	"context"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/internal/printable"
	"finmem/memory"
)

func newMemorySearchCmd(s *streams) *cobra.Command {
	var f inspectFlags
	var calls callFlags
	var place embedFlags
	var topK int
	var minRelevancy float64
	cmd := &cobra.Command{
		Use:   "search RUN QUERY",
		Short: "Recall the best events of each layer for a question",
		Long: `search recalls what a decision with this question would have been offered: per
layer the events with the highest score, which is the raw cosine similarity plus
recency plus importance/100. Nothing is rescaled: an off-topic question has low
similarities throughout.`,
		Example: `  finmem memory search RUN "battery supply" --symbol TSLA --as-of 2024-03-28`,
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, a []string) error {
			return f.look(cmd.Context(), a[0], func(v *view) error {
				symbol, err := v.one(cmd)
				if err != nil {
					return err
				}
				q := memory.Query{Symbol: symbol, AsOf: string(v.asOf), K: topK}
				if cmd.Flags().Changed("min-relevancy") {
					q.MinRelevancy = &minRelevancy
				}
				c, err := calls.calling(cmd)
				if err != nil {
					return err
				}
				place.apply(cmd, &v.config.Model.Embedding)
				return v.search(cmd.Context(), s, c, q, a[1], f.json)
			})
		},
	}
	f.add(cmd)
	calls.add(cmd)
	place.add(cmd)
	cmd.Flags().IntVar(&topK, "top-k", 0, "events per layer; default as in the run")
	cmd.Flags().Float64Var(&minRelevancy, "min-relevancy", 0, "leave out events with a lower cosine similarity")
	return cmd
}

func (v *view) search(ctx context.Context, s *streams, c calling, q memory.Query, text string, asJSON bool) error {
	err := withEmbedder(ctx, v.config.Model, c, func(e embedder) error {
		if err := e.Identity().Check(v.meta.Embedder); err != nil {
			return err
		}
		vectors, err := e.Embed(ctx, []string{text})
		if err != nil {
			return fmt.Errorf("embedding the question: %w", err)
		}
		q.Vector = vectors[0]
		return nil
	})
	if err != nil {
		return err
	}
	hits, err := v.store.Recall(ctx, q)
	if err != nil {
		return err
	}
	if asJSON {
		shown := []eventJSON{}
		for _, h := range hits {
			e := toJSON(h.Event)
			e.Score = &h.Score
			shown = append(shown, e)
		}
		return writeJSON(s.out, shown)
	}
	t := newTable(s.out)
	t.AppendHeader(table.Row{"layer", "id", "session", "score", "similarity", "recency", "importance", "text"})
	right(t, 4, 7)
	for _, h := range hits {
		t.AppendRow(table.Row{h.Event.Layer, h.Event.ID, h.Event.Session, fmt.Sprintf("%.4f", h.Score.Total), fmt.Sprintf("%.4f", h.Score.Relevancy),
			fmt.Sprintf("%.4f", h.Score.Recency), fmt.Sprintf("%.4f", h.Score.Importance), printable.Cut(printable.Line(h.Event.Text), 60)})
	}
	t.Render()
	return nil
}
