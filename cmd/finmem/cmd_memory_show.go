package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"finmem/internal/printable"
	"finmem/memory"
)

func newMemoryShowCmd(s *streams) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:     "show RUN ID",
		Short:   "Show one event whole",
		Example: "  finmem memory show RUN 3f2a90c1",
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, a []string) error {
			return f.look(cmd.Context(), a[0], func(v *view) error { return v.show(cmd.Context(), s, a[1], f.json) })
		},
	}
	f.add(cmd)
	return cmd
}

func (v *view) show(ctx context.Context, s *streams, id string, asJSON bool) error {
	e, changes, err := v.find(ctx, id)
	if err != nil {
		return err
	}
	live, alive := v.store.Get(e.Symbol, e.ID)
	if alive {
		e = live
	} else {
		e = after(e, changes[len(changes)-1])
	}
	if asJSON {
		return writeJSON(s.out, struct {
			eventJSON
			Forgotten bool `json:"forgotten"`
		}{toJSON(e), !alive})
	}
	printEvent(s, e, alive)
	return nil
}

// after is the event as its last change left it.
func after(e memory.Event, c memory.Change) memory.Event {
	e.Layer, e.Importance, e.Recency, e.Age, e.Access, e.Recalled = c.Layer, c.Importance, c.Recency, c.Age, c.Access, c.Recalled
	return e
}

func printEvent(s *streams, e memory.Event, alive bool) {
	state := "live"
	if !alive {
		state = "forgotten"
	}
	fmt.Fprintf(s.out, "%s  %s, %s layer, %s\n", e.ID, e.Symbol, e.Layer, state)
	fmt.Fprintf(s.out, "source      %s, session %s", printable.Line(e.Source), e.Session)
	if e.Part != "" {
		fmt.Fprintf(s.out, ", part %s", e.Part)
	}
	if e.Copies > 1 {
		fmt.Fprintf(s.out, ", %d copies", e.Copies)
	}
	fmt.Fprintln(s.out)
	if e.Tone != nil {
		fmt.Fprintf(s.out, "tone        %+.3f\n", *e.Tone)
	}
	fmt.Fprintf(s.out, "importance  %.4f\nrecency     %.6f (age %s)\naccess      %+d\noffered     %s\n\n%s\n",
		e.Importance, e.Recency, count(e.Age, "session"), e.Access, count(e.Recalled, "time"), printable.Text(e.Text))
}
