package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"finmem/agent/llm/transport"
	"finmem/data/fetch"
	"finmem/internal/printable"
	"finmem/paper"
)

// The exit codes are a contract with scripts; see the package comment.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitErrorDays   = 3
	exitKey         = 4
	exitInterrupted = 130
)

// usageError is wrong use: flags, arguments or configuration.
type usageError struct {
	msg  string
	line string // how the command is used
}

func (e *usageError) Error() string { return e.msg }

func usagef(cmd *cobra.Command, format string, a ...any) error {
	e := &usageError{msg: fmt.Sprintf(format, a...)}
	if cmd != nil {
		e.line = cmd.UseLine()
	}
	return e
}

// errorDays says that a run finished, but on some sessions no decision was
// reached. Everything has been printed by then.
type errorDays struct{ n int }

func (e errorDays) Error() string {
	return fmt.Sprintf("finished with %d error day(s): the model's answers could not be read; no order was placed on those sessions", e.n)
}

// hinted is an error with advice on what to do about it.
type hinted struct {
	err  error
	hint string
}

func (h hinted) Error() string { return h.err.Error() }
func (h hinted) Unwrap() error { return h.err }

// exitCode says err in words on stderr, once, and picks the exit code.
func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(stderr, "finmem: %s\n", printable.Line(err.Error()))
	var h hinted
	if errors.As(err, &h) {
		fmt.Fprintf(stderr, "hint: %s\n", printable.Line(h.hint))
	}
	if hint := modelHint(err); hint != "" {
		fmt.Fprintf(stderr, "hint: %s\n", hint)
	}
	var use *usageError
	var days errorDays
	var part partFetched
	var missed missedDays
	switch {
	case errors.As(err, &use):
		if use.line != "" {
			fmt.Fprintf(stderr, "usage: %s\n", use.line)
		}
		return exitUsage
	case errors.As(err, &days), errors.As(err, &part), errors.As(err, &missed):
		return exitErrorDays
	case fetch.KindOf(err) == fetch.KeyMissing, fetch.KindOf(err) == fetch.KeyRefused:
		return exitKey
	case transport.KindOf(err) == transport.KeyMissing, transport.KindOf(err) == transport.KeyRefused:
		return exitKey
	case errors.Is(err, paper.ErrKey):
		return exitKey
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	default:
		return exitFailed
	}
}
