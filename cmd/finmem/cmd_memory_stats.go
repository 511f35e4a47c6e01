package main

import (
	"context"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/memory"
)

func newMemoryStatsCmd(s *streams) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:     "stats RUN",
		Short:   "Count what each layer holds",
		Example: "  finmem memory stats RUN --as-of 2024-03-28",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			return f.look(cmd.Context(), a[0], func(v *view) error { return v.stats(cmd.Context(), s, f.json) })
		},
	}
	f.add(cmd)
	return cmd
}

// layerStats is what one layer of one symbol holds.
type layerStats struct {
	Symbol         string       `json:"symbol"`
	Layer          memory.Layer `json:"layer"`
	Live           int          `json:"live"`
	MeanImportance *float64     `json:"meanImportance"`
	MeanAge        *float64     `json:"meanAge"`
	Oldest         string       `json:"oldest,omitempty"`
	Newest         string       `json:"newest,omitempty"`
	Cited          int          `json:"cited"`   // events that feedback reached
	Offered        int          `json:"offered"` // events shown to a decision
}

// layers counts what each layer of each symbol holds, and how many events each
// symbol ever remembered.
func (v *view) layers(ctx context.Context) (rows []layerStats, ever map[string]int, err error) {
	ever = map[string]int{}
	for _, symbol := range v.symbols {
		changes, err := v.journal.Changes(ctx, symbol, v.asOf)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range changes {
			if c.Event != nil && c.Event.Session <= string(v.asOf) {
				ever[symbol]++
			}
		}
		live := v.live(symbol)
		for _, l := range memory.Layers() {
			row := layerStats{Symbol: symbol, Layer: l}
			var importance, age float64
			for _, e := range live {
				if e.Layer != l {
					continue
				}
				row.Live++
				importance += e.Importance
				age += float64(e.Age)
				if row.Oldest == "" || e.Session < row.Oldest {
					row.Oldest = e.Session
				}
				row.Newest = max(row.Newest, e.Session)
				if e.Access != 0 {
					row.Cited++
				}
				if e.Recalled > 0 {
					row.Offered++
				}
			}
			if row.Live > 0 {
				importance /= float64(row.Live)
				age /= float64(row.Live)
				row.MeanImportance, row.MeanAge = &importance, &age
			}
			rows = append(rows, row)
		}
	}
	return rows, ever, nil
}

func (v *view) stats(ctx context.Context, s *streams, asJSON bool) error {
	rows, ever, err := v.layers(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(s.out, rows)
	}
	fmt.Fprintf(s.out, "Memory at the end of %s, constants %s, embedder %s\n\n", v.asOf, v.config.Memory.Preset, v.meta.Embedder)
	t := newTable(s.out)
	t.AppendHeader(table.Row{"symbol", "layer", "live", "mean importance", "mean age (sessions)", "oldest", "newest", "offered", "with feedback"})
	right(t, 3, 9)
	for _, r := range rows {
		t.AppendRow(table.Row{r.Symbol, r.Layer, r.Live, optional(r.MeanImportance), optional(r.MeanAge), orNone(r.Oldest), orNone(r.Newest), r.Offered, r.Cited})
	}
	t.Render()
	fmt.Fprintln(s.out)
	for _, symbol := range v.symbols {
		live := len(v.live(symbol))
		fmt.Fprintf(s.out, "%s: %d live, %d forgotten, %d ever remembered\n", symbol, live, ever[symbol]-live, ever[symbol])
	}
	return nil
}

// optional is a mean that may not exist.
func optional(f *float64) string {
	if f == nil {
		return "n/a"
	}
	return fmt.Sprintf("%.1f", *f)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
