package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"finmem/agent/llm/calls"
)

const (
	// firstWait is before the second try; each wait after it is twice as long, up to
	// longestWait, unless the provider says how long.
	firstWait   = time.Second
	longestWait = time.Minute
	// seldomTries bounds the tries where asking again seldom helps, as where no answer
	// comes in time.
	seldomTries = 3
	// answerTries bounds the tries where what comes is no answer, and answerWait is
	// before the second. The agent asks again too, with other words.
	answerTries = 2
	answerWait  = firstWait / 4
	// firstContact is the patience with an address at which nobody has answered yet:
	// it is more likely wrong than out of order.
	firstContact = time.Minute
	// longestBody bounds what is read of an answer.
	longestBody = 64 << 20
)

// A received is one usable answer.
type received struct {
	reply
	raw     []byte
	latency time.Duration
}

// persist asks until there is an answer, or waiting makes no sense any more.
func (t *Transport) persist(ctx context.Context, req *http.Request, kind calls.Kind, request []byte) (received, int, *Error) {
	var since time.Time // of the first failure that may pass
	seldom, bad := 0, 0
	for tries := 1; ; tries++ {
		got, failure := t.try(ctx, req, kind, request)
		if failure == nil {
			return got, tries, nil
		}
		failure = t.errorOf(failure)
		failure.Calls = tries
		if err := ctx.Err(); err != nil {
			return received{}, tries, t.errorOf(&Error{Kind: Cancelled, Calls: tries, Err: err})
		}
		now := t.cfg.Clock.Now()
		if since.IsZero() {
			since = now
		}
		patience := t.cfg.Patience
		if failure.Kind == Network && !t.cfg.Limiter.wasReached() {
			patience = min(patience, firstContact)
		}
		switch {
		case failure.Kind == BadAnswer:
			bad++
		case failure.seldom:
			seldom++
		}
		if !failure.waits() && failure.Kind != BadAnswer || seldom >= seldomTries || bad >= answerTries || now.Sub(since) >= patience {
			return received{}, tries, failure
		}
		wait := min(firstWait<<min(tries-1, 10), longestWait)
		if failure.Kind == BadAnswer {
			wait = answerWait
		}
		if failure.RetryAfter > 0 {
			wait = failure.RetryAfter
		}
		if now.Add(wait).Sub(since) > patience+longestWait {
			failure.Message = fmt.Sprintf("that is longer than the patience of %s; %s", patience, failure.Message)
			return received{}, tries, failure
		}
		if failure.waits() {
			t.cfg.Limiter.hold(now.Add(wait))
		}
		wait += t.cfg.Limiter.spread(wait)
		if t.cfg.Notify != nil {
			t.cfg.Notify(Notice{Err: failure, Wait: wait})
		}
		if err := t.cfg.Clock.Sleep(ctx, wait); err != nil {
			return received{}, tries, t.errorOf(&Error{Kind: Cancelled, Calls: tries, Err: err})
		}
	}
}

// try asks once.
func (t *Transport) try(ctx context.Context, req *http.Request, kind calls.Kind, request []byte) (received, *Error) {
	if err := t.cfg.Limiter.enter(ctx, t.cfg.Clock); err != nil {
		return received{}, &Error{Kind: Cancelled, Err: err}
	}
	defer t.cfg.Limiter.leave()
	began := t.cfg.Clock.Now()
	timed, cancel := context.WithTimeout(ctx, t.cfg.Timeout)
	defer cancel()
	resp, err := t.cfg.Base.RoundTrip(t.outgoing(timed, req, request))
	if err != nil {
		return received{}, t.unreached(timed, err)
	}
	t.cfg.Limiter.noteReached()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, longestBody+1))
	err = errors.Join(err, resp.Body.Close())
	raw = t.secrets.strip(raw)
	switch {
	case resp.StatusCode != http.StatusOK:
		// What the status says stands, also where the body breaks off.
		return received{}, t.refusal(resp.StatusCode, resp.Header, raw)
	case err != nil:
		return received{}, t.unreached(timed, fmt.Errorf("the answer breaks off: %w", err))
	case len(raw) > longestBody:
		return received{}, &Error{Kind: BadAnswer, Message: fmt.Sprintf("the answer has more than %d bytes", longestBody)}
	}
	answer, failure := t.wire.answer(kind, request, raw)
	if failure != nil {
		failure.Status = max(failure.Status, resp.StatusCode)
		if failure.Kind == BadAnswer || failure.Kind == ContextTooLong {
			failure.Body = raw
		}
		return received{}, failure
	}
	return received{reply: answer, raw: raw, latency: t.cfg.Clock.Now().Sub(began)}, nil
}

// outgoing is the request as it goes out: with the rewritten body, and with our
// key in place of whatever the library put there.
func (t *Transport) outgoing(ctx context.Context, req *http.Request, body []byte) *http.Request {
	out := req.Clone(ctx)
	out.Body = io.NopCloser(bytes.NewReader(body))
	out.GetBody = nil
	out.ContentLength = int64(len(body))
	for _, name := range []string{"Authorization", "X-Api-Key", "Api-Key"} {
		out.Header.Del(name)
	}
	switch {
	case t.cfg.Key == "":
	case t.cfg.Provider.Wire == Anthropic:
		out.Header.Set("X-Api-Key", t.cfg.Key)
	default:
		out.Header.Set("Authorization", "Bearer "+t.cfg.Key)
	}
	return out
}

// unreached is the error of a try that got no whole answer.
func (t *Transport) unreached(ctx context.Context, err error) *Error {
	e := &Error{Kind: Network, Message: err.Error(), Err: err}
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.seldom = true
		e.Message = fmt.Sprintf("no whole answer within %s", t.cfg.Timeout)
	case errors.As(err, &certificate):
		e.final = true
	}
	return e
}

// refusal is the error of a response whose status is not 200.
func (t *Transport) refusal(status int, header http.Header, body []byte) *Error {
	e := classify(status, body)
	e.Status = status
	if e.Kind == ContextTooLong {
		e.Body = body
	}
	// An Ollama server that says what is wrong is there; it has no outage.
	e.seldom = t.cfg.Provider.Wire == Ollama && status == http.StatusInternalServerError && len(body) > 0
	if wait, ok := retryAfter(header, body, t.cfg.Clock.Now()); ok && e.waits() {
		e.RetryAfter = wait
	}
	if location := header.Get("Location"); status >= 300 && status < 400 && location != "" {
		e.Message = fmt.Sprintf("it has moved to %s: set the base URL to where it is", location)
	}
	return e
}

// retryAfter reads how long the provider asks to wait: in seconds or as a time
// by Retry-After, in milliseconds by OpenAI's header, or by the detail that
// Google puts into the body.
func retryAfter(header http.Header, body []byte, now time.Time) (time.Duration, bool) {
	if ms, err := strconv.ParseFloat(header.Get("Retry-After-Ms"), 64); err == nil {
		return seconds(ms / 1000), true
	}
	text := header.Get("Retry-After")
	if s, err := strconv.ParseFloat(text, 64); err == nil {
		return seconds(s), true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0), true
	}
	if m := retryDelay.FindSubmatch(body); m != nil {
		if s, err := strconv.ParseFloat(string(m[1]), 64); err == nil {
			return seconds(s), true
		}
	}
	return 0, false
}

// seconds is s as a duration within sensible bounds.
func seconds(s float64) time.Duration {
	const most = 30 * 24 * time.Hour
	switch {
	case !(s > 0):
		return 0
	case s > most.Seconds():
		return most
	}
	return time.Duration(s * float64(time.Second))
}
