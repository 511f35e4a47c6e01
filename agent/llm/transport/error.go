package transport

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"finmem/internal/printable"
)

// A Kind is what went wrong with a call.
type Kind string

const (
	KeyMissing     Kind = "key missing"
	KeyRefused     Kind = "key refused"
	NoCredit       Kind = "no credit" // the account's money or quota is used up
	RateLimited    Kind = "rate limited"
	Overloaded     Kind = "overloaded" // the provider has an outage of its own
	ContextTooLong Kind = "context too long"
	UnknownModel   Kind = "unknown model"
	BadRequest     Kind = "bad request"
	BadAnswer      Kind = "bad answer" // the call succeeded, but what came is no answer
	Network        Kind = "network"    // no answer came at all, or not in time
	Cancelled      Kind = "cancelled"
	NotKept        Kind = "not kept" // the call was to be replayed, or its answer could not be kept
	NotSent        Kind = "not sent" // something here kept the call from going out
)

// An Error is a call that failed for good: whatever could be waited for was.
type Error struct {
	Kind     Kind
	Provider string
	Status   int // of HTTP; 0 where there was none
	// Param is the parameter that a [BadRequest] is about, as far as known.
	Param string
	// RetryAfter is the last wait that the provider asked for.
	RetryAfter time.Duration
	// Calls is how often the provider was asked.
	Calls int
	// Message is what the provider said, on one line and without keys.
	Message string
	// Body is what came in place of an answer, with [BadAnswer] and
	// [ContextTooLong].
	Body []byte
	// Err is the cause, where it is another error.
	Err error

	// seldom is set where asking again seldom helps although the kind is one that
	// may pass, final where it never does.
	seldom, final bool
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Provider + ": " + string(e.Kind))
	var details []string
	if e.Status != 0 {
		details = append(details, "status "+strconv.Itoa(e.Status))
	}
	if e.Param != "" {
		details = append(details, "parameter "+e.Param)
	}
	if e.RetryAfter > 0 {
		details = append(details, fmt.Sprintf("told to wait %s", e.RetryAfter))
	}
	if e.Calls > 1 {
		details = append(details, fmt.Sprintf("after %d calls", e.Calls))
	}
	if len(details) > 0 {
		b.WriteString(" (" + strings.Join(details, ", ") + ")")
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	} else if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the [*Error] in err, "" where there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// waits reports whether an error may pass by itself.
func (e *Error) waits() bool {
	return !e.final && (e.Kind == RateLimited || e.Kind == Overloaded || e.Kind == Network)
}

// shownChars is how much of a provider's text an error shows.
const shownChars = 300

// shown is a provider's text as an error may show it.
func shown(text string) string { return printable.Cut(printable.Line(text), shownChars) }
