package fetch

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"finmem/internal/printable"
)

// A Kind is what went wrong with a request.
type Kind string

const (
	KeyMissing    Kind = "key missing"
	KeyRefused    Kind = "key refused"
	NotEntitled   Kind = "not in the plan" // the key is good, but its plan does not cover the request
	RateLimited   Kind = "rate limited"
	Unavailable   Kind = "unavailable" // the vendor has an outage of its own
	NoSymbol      Kind = "no such symbol"
	Empty         Kind = "empty answer"      // the vendor knows the symbol and has nothing for the range
	BadFormat     Kind = "unexpected answer" // such as a web page, or a field that is no number
	Cut           Kind = "cut answer"        // the answer ends in the middle
	TooLarge      Kind = "answer too large"
	Refused       Kind = "refused" // any other answer that is no success
	NetworkFailed Kind = "network" // no answer came at all, or not in time
)

// An Error is a request that failed for good: whatever could be waited for was.
type Error struct {
	Kind   Kind
	Vendor string
	Status int // of HTTP; 0 where there was none
	// RetryAfter is the last wait that the vendor asked for.
	RetryAfter time.Duration
	// Calls is how often the vendor was asked.
	Calls int
	// Message is what is wrong, on one line and without keys.
	Message string
	// Err is the cause, where it is another error.
	Err error
}

// Errorf makes an error of a kind. The client adds the vendor and the rest.
func Errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Vendor != "" {
		b.WriteString(e.Vendor + ": ")
	}
	b.WriteString(string(e.Kind))
	var details []string
	if e.Status != 0 && e.Status != 200 {
		details = append(details, "status "+strconv.Itoa(e.Status))
	}
	if e.RetryAfter > 0 {
		details = append(details, fmt.Sprintf("told to wait %s", e.RetryAfter.Round(time.Second)))
	}
	if e.Calls > 1 {
		details = append(details, fmt.Sprintf("after %d calls", e.Calls))
	}
	if len(details) > 0 {
		b.WriteString(" (" + strings.Join(details, ", ") + ")")
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
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
	switch e.Kind {
	case RateLimited, Unavailable, NetworkFailed, Cut:
		return true
	}
	return false
}

// shownChars is how much of a vendor's text an error shows.
const shownChars = 300

// shown is a vendor's text as an error may show it.
func shown(text string) string { return printable.Cut(printable.Line(text), shownChars) }
