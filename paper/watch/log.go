package watch

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"finmem/internal/printable"
	"finmem/paper"
)

// All is an observer that passes events on to others, in their order.
func All(observers ...paper.Observer) paper.Observer { return all(observers) }

type all []paper.Observer

func (a all) Observe(e paper.Event) {
	for _, o := range a {
		o.Observe(e)
	}
}

// Log is an observer that writes a line for each event, with the event's time.
func Log(l *slog.Logger) paper.Observer { return logger{l} }

type logger struct{ log *slog.Logger }

// textChars is how much of an event's text a log line has. A model's reason can be
// long; the journal has all of it.
const textChars = 400

func (l logger) Observe(e paper.Event) {
	attrs := make([]slog.Attr, 0, 3+len(e.Fields))
	attrs = append(attrs, slog.String("event", string(e.Kind)))
	if e.Session != "" {
		attrs = append(attrs, slog.String("session", string(e.Session)))
	}
	if e.Symbol != "" {
		attrs = append(attrs, slog.String("symbol", shown(e.Symbol)))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		attrs = append(attrs, slog.String(name, shown(e.Fields[name])))
	}
	r := slog.NewRecord(e.At, level(e.Kind), shown(e.Text), 0)
	r.AddAttrs(attrs...)
	if h := l.log.Handler(); h.Enabled(context.Background(), r.Level) {
		_ = h.Handle(context.Background(), r) // a log that cannot be written stops nothing
	}
}

// shown is text that may be hostile as a log line may have it.
func shown(text string) string { return printable.Cut(printable.Line(text), textChars) }

// level is how much an event matters to whoever looks after the loop.
func level(k paper.Kind) slog.Level {
	switch k {
	case paper.Halted:
		return slog.LevelError
	case paper.ErrorDay, paper.Missed, paper.Breach, paper.Corrected, paper.Trouble, paper.NotFilled:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
