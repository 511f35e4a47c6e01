package alpaca

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"finmem/internal/printable"
	"finmem/internal/waiting"
	"finmem/paper"
)

// errElsewhere is the error of a call to another host than the account's.
var errElsewhere = errors.New("a call to another host is not sent")

// A failure is a call without a usable answer.
type failure struct {
	status     int // of HTTP; 0 where no answer came
	code       int // of Alpaca; 0 for none
	message    string
	retryAfter time.Duration
	calls      int
	cause      error
}

func (f *failure) Error() string {
	text := f.message
	if f.status != 0 {
		text = fmt.Sprintf("status %d: %s", f.status, text)
	}
	if f.calls > 1 {
		text += fmt.Sprintf(" (after %d calls)", f.calls)
	}
	return text
}

func (f *failure) Unwrap() error { return f.cause }

// passes reports whether a failure may pass by itself.
func (f *failure) passes() bool {
	return f.status == 0 || f.status == http.StatusTooManyRequests || f.status == http.StatusRequestTimeout || f.status >= 500
}

// refusal is the failure of an answer that is no success.
func (b *Broker) refusal(status int, header http.Header, body []byte) *failure {
	f := &failure{status: status, retryAfter: waiting.RetryAfter(header.Get("Retry-After"), b.cfg.Clock.Now())}
	var said struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &said) == nil && said.Message != "" {
		f.code, f.message = said.Code, b.shown(said.Message)
	} else {
		f.message = strings.ToLower(http.StatusText(status))
	}
	if location := header.Get("Location"); status < 400 {
		f.message = "a redirect is not followed"
		if u, err := url.Parse(location); err == nil && u.Host != "" {
			f.message = fmt.Sprintf("a redirect to %s is not followed", b.shown(u.Host))
		}
	}
	return f
}

// shownChars is how much of the service's text an error shows.
const shownChars = 300

// shown is text of the service as an error may show it: one line, without keys.
func (b *Broker) shown(text string) string {
	return printable.Cut(printable.Line(b.hide.Replace(text)), shownChars)
}

// errorOf gives the error of a call its kind, with what was being done. sends is
// set where the call was to place an order.
func (b *Broker) errorOf(ctx context.Context, doing string, err error, sends bool) error {
	var f *failure
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w: %w", doing, paper.ErrUnavailable, ctx.Err())
	case errors.Is(err, errElsewhere):
		return fmt.Errorf("%s: %w", doing, errElsewhere)
	case !errors.As(err, &f):
		// The client got an answer and could not read it: of an order, nothing is
		// known.
		return fmt.Errorf("%s: %w: the answer cannot be read: %s", doing, paper.ErrUnavailable, b.shown(err.Error()))
	case f.passes():
		return fmt.Errorf("%s: %w: %w", doing, paper.ErrUnavailable, f)
	case f.refusesKey(sends):
		return fmt.Errorf("%s: %w: %w", doing, paper.ErrKey, f)
	case sends && f.status == http.StatusUnprocessableEntity && strings.Contains(f.message, "client_order_id must be unique"):
		return fmt.Errorf("%s: %w", doing, paper.ErrDuplicate)
	case sends && f.status >= 400:
		return fmt.Errorf("%s: %w", doing, &paper.Rejected{Code: f.status, Reason: f.message})
	}
	return fmt.Errorf("%s: %w", doing, f)
}

// refusesKey tells a refused key from a refused order. Both have status 403; an
// order's has a code of Alpaca's trading service, and that of a key is the
// gateway's.
func (f *failure) refusesKey(sends bool) bool {
	const notAuthorized = 40110000
	switch {
	case f.status == http.StatusUnauthorized || f.code == notAuthorized:
		return true
	case f.status != http.StatusForbidden:
		return false
	}
	message := strings.ToLower(f.message)
	return !sends || f.code == 0 && (strings.HasPrefix(message, "forbidden") || strings.Contains(message, "authorized"))
}

// is reports whether an error is a refusal of a status.
func is(err error, status int) bool {
	var f *failure
	return errors.As(err, &f) && f.status == status
}
