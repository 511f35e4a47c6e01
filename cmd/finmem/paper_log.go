package main

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"finmem/internal/printable"
	"finmem/paper"
)

// An eventLog writes what happens in a loop to a log.
type eventLog struct{ handler slog.Handler }

func (l eventLog) Observe(e paper.Event) {
	level := slog.LevelInfo
	switch e.Kind {
	case paper.Trouble, paper.ErrorDay, paper.Missed, paper.Breach, paper.Corrected, paper.Halted:
		level = slog.LevelWarn
	}
	r := slog.NewRecord(e.At, level, string(e.Kind), 0)
	if e.Session != "" {
		r.AddAttrs(slog.String("session", string(e.Session)))
	}
	if e.Symbol != "" {
		r.AddAttrs(slog.String("symbol", e.Symbol))
	}
	r.AddAttrs(slog.String("text", printable.Line(e.Text)))
	for _, k := range slices.Sorted(maps.Keys(e.Fields)) {
		r.AddAttrs(slog.String(k, e.Fields[k]))
	}
	_ = l.handler.Handle(context.Background(), r) // a log that cannot be written stops nothing
}
