package main

import (
	"context"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/internal/printable"
	"finmem/memory"
)

func newMemoryTraceCmd(s *streams) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:     "trace RUN ID",
		Short:   "Tell the life of one event: born, offered, rewarded, moved, forgotten",
		Example: "  finmem memory trace RUN 3f2a90c1",
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, a []string) error {
			return f.look(cmd.Context(), a[0], func(v *view) error { return v.trace(cmd.Context(), s, a[1], f.json) })
		},
	}
	f.add(cmd)
	return cmd
}

func (v *view) trace(ctx context.Context, s *streams, id string, asJSON bool) error {
	e, changes, err := v.find(ctx, id)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(s.out, traceJSON(changes))
	}
	fmt.Fprintf(s.out, "%s  %s, %s of session %s: %s\n\n", e.ID, e.Symbol, printable.Line(e.Source), e.Session, printable.Cut(printable.Line(e.Text), 100))
	t := newTable(s.out)
	t.AppendHeader(table.Row{"session", "what", "layer", "importance", "recency", "age", "access", "offered"})
	right(t, 4, 8)
	for _, c := range changes {
		what := string(c.Op)
		if c.Op == memory.OpFeedback {
			what = fmt.Sprintf("feedback %+d", c.Points)
		}
		t.AppendRow(table.Row{c.Session, what, c.Layer, fmt.Sprintf("%.4f", c.Importance), fmt.Sprintf("%.6f", c.Recency), c.Age, c.Access, c.Recalled})
	}
	t.Render()
	if live, ok := v.store.Get(e.Symbol, e.ID); ok {
		fmt.Fprintf(s.out, "\nat the end of %s: %s layer, importance %.4f, recency %.6f, age %s\n", v.asOf, live.Layer, live.Importance, live.Recency, count(live.Age, "session"))
	}
	return nil
}

// changeJSON is one step of an event's life.
type changeJSON struct {
	Session    string       `json:"session"`
	Op         memory.Op    `json:"op"`
	Points     int          `json:"points"`
	Layer      memory.Layer `json:"layer"`
	Importance float64      `json:"importance"`
	Recency    float64      `json:"recency"`
	Age        int          `json:"age"`
	Access     int          `json:"access"`
	Recalled   int          `json:"recalled"`
}

func traceJSON(changes []memory.Change) []changeJSON {
	list := make([]changeJSON, len(changes))
	for i, c := range changes {
		list[i] = changeJSON{c.Session, c.Op, c.Points, c.Layer, c.Importance, c.Recency, c.Age, c.Access, c.Recalled}
	}
	return list
}
