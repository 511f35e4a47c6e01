package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/internal/printable"
	"finmem/memory"
)

func newMemoryListCmd(s *streams) *cobra.Command {
	var f inspectFlags
	var layer string
	var limit int
	cmd := &cobra.Command{
		Use:     "list RUN",
		Short:   "List the live events, most important first",
		Example: "  finmem memory list RUN --symbol TSLA --layer long",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			var only *memory.Layer
			if layer != "" {
				l, err := memory.ParseLayer(layer)
				if err != nil {
					return usagef(cmd, "--layer: %v", err)
				}
				only = &l
			}
			if limit < 0 {
				return usagef(cmd, "--limit %d: want 0 (all) or more", limit)
			}
			return f.look(cmd.Context(), a[0], func(v *view) error { return v.list(s, only, limit, f.json) })
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&layer, "layer", "", "only this `layer`: short, mid, long or reflection")
	cmd.Flags().IntVar(&limit, "limit", 20, "show at most so many per symbol; 0 for all")
	return cmd
}

func (v *view) list(s *streams, only *memory.Layer, limit int, asJSON bool) error {
	shown := []eventJSON{}
	left := 0
	for _, symbol := range v.symbols {
		events := slices.DeleteFunc(v.live(symbol), func(e memory.Event) bool { return only != nil && e.Layer != *only })
		slices.SortStableFunc(events, func(a, b memory.Event) int { return cmp.Compare(b.Importance, a.Importance) })
		if limit > 0 && len(events) > limit {
			left += len(events) - limit
			events = events[:limit]
		}
		for _, e := range events {
			shown = append(shown, toJSON(e))
		}
	}
	if asJSON {
		return writeJSON(s.out, shown)
	}
	t := newTable(s.out)
	t.AppendHeader(table.Row{"id", "symbol", "layer", "session", "source", "importance", "recency", "age", "access", "offered", "text"})
	right(t, 6, 10)
	for _, e := range shown {
		t.AppendRow(table.Row{e.ID, e.Symbol, e.Layer, e.Session, e.Source, fmt.Sprintf("%.2f", e.Importance), fmt.Sprintf("%.4f", e.Recency), e.Age, e.Access, e.Recalled, printable.Cut(printable.Line(e.Text), 60)})
	}
	t.Render()
	if left > 0 {
		fmt.Fprintf(s.out, "\n%d more; --limit 0 lists all\n", left)
	}
	return nil
}
