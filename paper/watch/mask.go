package watch

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"finmem/internal/secret"
)

// Masked is a handler whose lines hold none of the secrets, in whichever message,
// attribute, group or error they were.
func Masked(h slog.Handler, secrets ...string) slog.Handler {
	return masked{h, secret.Hider("[secret]", secrets...)}
}

type masked struct {
	slog.Handler
	hide *strings.Replacer
}

func (m masked) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, m.hide.Replace(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(m.attr(a))
		return true
	})
	return m.Handler.Handle(ctx, out)
}

func (m masked) WithAttrs(attrs []slog.Attr) slog.Handler {
	hidden := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		hidden[i] = m.attr(a)
	}
	return masked{m.Handler.WithAttrs(hidden), m.hide}
}

func (m masked) WithGroup(name string) slog.Handler {
	return masked{m.Handler.WithGroup(name), m.hide}
}

func (m masked) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		v = slog.StringValue(m.hide.Replace(v.String()))
	case slog.KindAny:
		v = slog.StringValue(m.hide.Replace(fmt.Sprint(v.Any())))
	case slog.KindGroup:
		group := make([]slog.Attr, 0, len(v.Group()))
		for _, inner := range v.Group() {
			group = append(group, m.attr(inner))
		}
		v = slog.GroupValue(group...)
	}
	return slog.Attr{Key: m.hide.Replace(a.Key), Value: v}
}
