package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"finmem/agent/llm/calls"
	"finmem/internal/waiting"
)

// A Config is what a [Transport] is made of.
type Config struct {
	Provider Provider
	// Key is the provider's key, "" for none. The transport sends it in the header
	// that the provider wants; what a library puts there is thrown away, so the
	// library need not know the key.
	Key string
	// Limiter is shared by all transports to the provider.
	Limiter *Limiter
	Clock   Clock
	// Store keeps calls as Mode says. It is nil only where Mode is [calls.Off].
	Store *calls.Store
	Mode  calls.Mode
	// Timeout bounds one try, from its start to the last byte of the answer.
	Timeout time.Duration
	// Patience bounds how long a failure that may pass by itself is waited for,
	// counted from the first failure of a call.
	Patience time.Duration
	// Notify, if set, is told of every wait before it begins, by any goroutine.
	Notify func(Notice)
	// Meter, if set, counts the calls and may refuse one.
	Meter Meter
	// Base carries the calls; nil is a copy of [http.DefaultTransport].
	Base http.RoundTripper
}

// The usual settings.
const (
	DefaultTimeout  = 5 * time.Minute
	DefaultPatience = time.Hour
	// DefaultInFlight is how many calls to one provider are under way at once.
	DefaultInFlight = 16
)

// A Notice says that a call failed and will be tried again.
type Notice struct {
	Err  *Error
	Wait time.Duration
}

// A Meter counts what calls cost.
type Meter interface {
	// Allow is asked before a call that goes out. An error keeps it from going.
	Allow(ctx context.Context) error
	// Count is told of every answer; live is false for one that was kept before.
	Count(ctx context.Context, call calls.Call, live bool)
}

// A Transport carries calls to one provider. See the package comment.
type Transport struct {
	cfg     Config
	wire    wire
	secrets secrets
}

// New makes a transport.
func New(cfg Config) (*Transport, error) {
	w := wireOf(cfg.Provider.Wire)
	switch {
	case w == nil:
		return nil, fmt.Errorf("transport: provider %q has no wire form", cfg.Provider.Name)
	case cfg.Limiter == nil || cfg.Clock.Now == nil:
		return nil, errors.New("transport: a limiter and a clock are needed")
	case cfg.Timeout <= 0 || cfg.Patience < 0:
		return nil, errors.New("transport: a timeout above 0 and a patience of 0 or more are needed")
	case cfg.Store == nil && (cfg.Mode.Reads() || cfg.Mode.Keeps()):
		return nil, fmt.Errorf("transport: mode %s needs a file of kept calls", cfg.Mode)
	}
	if cfg.Clock.Sleep == nil {
		cfg.Clock.Sleep = waiting.Sleep
	}
	if cfg.Base == nil {
		cfg.Base = http.DefaultTransport.(*http.Transport).Clone()
	}
	return &Transport{cfg: cfg, wire: w, secrets: newSecrets(cfg.Key)}, nil
}

// Client is an HTTP client on the transport.
func (t *Transport) Client() *http.Client { return &http.Client{Transport: t} }

// Replays reports whether the transport never calls out.
func (t *Transport) Replays() bool { return t.cfg.Mode == calls.Replay }

// A Rewrite changes the top-level fields of a request's body.
type Rewrite func(body map[string]json.RawMessage) error

type rewriteKey struct{}

// WithRewrite changes the bodies of requests that are made with the context.
func WithRewrite(ctx context.Context, r Rewrite) context.Context {
	return context.WithValue(ctx, rewriteKey{}, r)
}

// RoundTrip carries one call. Its response has status 200 and a body that the
// library can read; everything else is an [*Error].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	answer, outcome := t.call(ctx, req)
	*outcomeOf(ctx) = outcome
	if outcome.Err != nil {
		return nil, outcome.Err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(answer)),
		ContentLength: int64(len(answer)),
		Request:       req,
	}, nil
}

func (t *Transport) call(ctx context.Context, req *http.Request) (body []byte, outcome Outcome) {
	fail := func(err error) ([]byte, Outcome) {
		outcome.Err = t.errorOf(err)
		return nil, outcome
	}
	request, err := readRequest(ctx, req)
	if err != nil {
		return fail(err)
	}
	url := *req.URL
	url.User, url.RawQuery, url.Fragment = nil, "", ""
	made := calls.Call{
		Kind: kindOf(url.Path), Provider: t.cfg.Provider.Name, URL: url.String(),
		Model: modelOf(request), Request: request, Asker: calls.AskerOf(ctx),
	}
	if made.Key, err = calls.Key(made.Provider, made.URL, request); err != nil {
		return fail(err)
	}
	if t.cfg.Mode.Reads() {
		kept, found, err := t.cfg.Store.Get(ctx, made.Key)
		if err != nil {
			return fail(err)
		}
		switch {
		case found && kept.Fault == "":
			reply, flt := t.wire.answer(made.Kind, request, kept.Answer)
			if flt != nil {
				return fail(&Error{Kind: BadAnswer, Message: "the kept answer cannot be read: " + flt.Message, Body: kept.Answer})
			}
			outcome = Outcome{Usage: kept.Usage, Kept: true, Latency: kept.Latency}
			t.count(ctx, kept, false)
			return reply.body, outcome
		case found && t.Replays():
			outcome.Kept, outcome.Usage = true, kept.Usage
			t.count(ctx, kept, false)
			return fail(keptFailure(kept))
		case t.Replays():
			return fail(t.missing(made))
		}
	}
	if t.cfg.Meter != nil {
		if err := t.cfg.Meter.Allow(ctx); err != nil {
			return fail(err)
		}
	}
	began := t.cfg.Clock.Now()
	reply, tries, failure := t.persist(ctx, req, made.Kind, request)
	made.Made = t.cfg.Clock.Now()
	made.Latency = reply.latency
	outcome.Calls, outcome.Latency = tries, made.Made.Sub(began)
	if failure != nil && failure.Kind != BadAnswer && failure.Kind != ContextTooLong {
		return fail(failure)
	}
	made.Answer, made.Usage = reply.raw, calls.Usage(reply.usage)
	if failure != nil {
		made.Fault, made.Answer = faultOf(failure), failure.Body
	}
	outcome.Usage = made.Usage
	t.count(ctx, made, true)
	if t.cfg.Mode.Keeps() {
		// An answer that was paid for is kept also when the run is being stopped.
		if err := t.cfg.Store.Put(context.WithoutCancel(ctx), made); err != nil {
			return fail(&Error{Kind: NotKept, Message: err.Error(), Err: err})
		}
	}
	if failure != nil {
		return fail(failure)
	}
	return reply.body, outcome
}

// tooLong begins the fault of a call that was refused for its length. The run went
// on after it, so that a replay has to meet it again.
const tooLong = string(ContextTooLong) + ": "

// faultOf is a failure as a kept call has it.
func faultOf(failure *Error) string {
	if failure.Kind == ContextTooLong {
		return tooLong + failure.Message
	}
	return failure.Message
}

// keptFailure is the failure that a kept call has.
func keptFailure(c calls.Call) *Error {
	if message, found := strings.CutPrefix(c.Fault, tooLong); found {
		return &Error{Kind: ContextTooLong, Message: message, Body: c.Answer}
	}
	return &Error{Kind: BadAnswer, Message: c.Fault, Body: c.Answer}
}

// missing is the error of a call that is to be replayed and was not kept.
func (t *Transport) missing(c calls.Call) *Error {
	message := fmt.Sprintf("no answer of %s is kept in %s", c.Model, t.cfg.Store.Path())
	if asker := c.Asker.String(); asker != "" {
		message = fmt.Sprintf("no answer of %s to %s is kept in %s", c.Model, asker, t.cfg.Store.Path())
	}
	return &Error{Kind: NotKept, Message: message, Err: calls.ErrMissing}
}

func (t *Transport) count(ctx context.Context, c calls.Call, live bool) {
	if t.cfg.Meter != nil {
		t.cfg.Meter.Count(ctx, c, live)
	}
}

// errorOf is err as an [*Error].
func (t *Transport) errorOf(err error) *Error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Kind: NotSent, Err: err, Message: err.Error()}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			e.Kind = Cancelled
		}
	}
	e.Provider = t.cfg.Provider.Name
	e.Message = shown(string(t.secrets.strip([]byte(e.Message))))
	e.Body = t.secrets.strip(e.Body)
	return e
}

// readRequest is the body of a request with its fields rewritten, as JSON with
// sorted fields.
func readRequest(ctx context.Context, req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, fmt.Errorf("a request to %s without a body", req.URL.Path)
	}
	text, err := io.ReadAll(req.Body)
	if err := errors.Join(err, req.Body.Close()); err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("the request is no JSON object: %w", err)
	}
	if rewrite, ok := ctx.Value(rewriteKey{}).(Rewrite); ok {
		if err := rewrite(fields); err != nil {
			return nil, err
		}
	}
	return json.Marshal(fields)
}

// kindOf is what is asked for at a path.
func kindOf(path string) calls.Kind {
	if strings.HasSuffix(path, "/embeddings") || strings.HasSuffix(path, "/embed") {
		return calls.Embedding
	}
	return calls.Chat
}

func modelOf(request []byte) string {
	var fields struct{ Model string }
	if json.Unmarshal(request, &fields) != nil {
		return ""
	}
	return fields.Model
}
