package alpaca

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	api "github.com/alpacahq/alpaca-trade-api-go/v3/alpaca"
)

const (
	// tries is how often a call that changes nothing is sent at most.
	tries = 4
	// longestWait is the longest wait that is sat out. Told to wait longer, a call
	// fails, and whoever wanted it decides.
	longestWait = time.Minute
	// longestAnswer bounds an answer.
	longestAnswer = 16 << 20
)

// client is Alpaca's client for calls of one context. It is given words in place
// of keys, so that it neither looks for them nor holds them.
func (b *Broker) client(ctx context.Context) *api.Client {
	return api.NewClient(api.ClientOpts{
		APIKey: "of the transport", APISecret: "of the transport",
		BaseURL:    b.base.String(),
		RetryLimit: -1, // none: the transport's own
		HTTPClient: &http.Client{Transport: carrier{b, ctx}},
	})
}

// A carrier carries the calls of one context.
type carrier struct {
	broker *Broker
	ctx    context.Context
}

// RoundTrip sends a request, again where it may be sent again, and gives a whole
// answer of success. Everything else is a [*failure].
func (c carrier) RoundTrip(req *http.Request) (*http.Response, error) {
	b := c.broker
	if req.URL.Scheme != b.base.Scheme || req.URL.Host != b.base.Host {
		return nil, errElsewhere
	}
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	most := tries
	if req.Method == http.MethodPost {
		most = 1 // an order may have arrived, whatever came back
	}
	for n := 1; ; n++ {
		resp, failed := b.try(c.ctx, req, body)
		if failed == nil {
			return resp, nil
		}
		if err := c.ctx.Err(); err != nil {
			return nil, err
		}
		failed.calls = n
		wait := max(failed.retryAfter, time.Second<<(n-1))
		if n == most || !failed.passes() || wait > longestWait {
			return nil, failed
		}
		if err := b.cfg.Clock.Sleep(c.ctx, b.cfg.Clock.Now().Add(wait)); err != nil {
			return nil, err
		}
	}
}

// try sends a request once.
func (b *Broker) try(ctx context.Context, req *http.Request, body []byte) (*http.Response, *failure) {
	timed, cancel := context.WithTimeout(ctx, b.cfg.Timeout)
	defer cancel()
	out := req.Clone(timed)
	out.Body, out.GetBody, out.ContentLength = nil, nil, int64(len(body))
	if len(body) > 0 {
		out.Body = io.NopCloser(bytes.NewReader(body))
		out.Header.Set("Content-Type", "application/json")
	}
	out.Header.Del("Authorization")
	out.Header.Set("APCA-API-KEY-ID", b.key)
	out.Header.Set("APCA-API-SECRET-KEY", b.secret)
	resp, err := b.cfg.Base.RoundTrip(out)
	if err != nil {
		return nil, b.unreached(timed, err)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, longestAnswer+1))
	err = errors.Join(err, resp.Body.Close())
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return nil, b.refusal(resp.StatusCode, resp.Header, text) // the status stands, also where the body breaks off
	case err != nil:
		return nil, b.unreached(timed, fmt.Errorf("the answer breaks off: %w", err))
	case len(text) > longestAnswer:
		return nil, &failure{message: fmt.Sprintf("the answer has more than %d bytes", longestAnswer)}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return resp, nil
}

// unreached is the failure of a call that got no whole answer.
func (b *Broker) unreached(ctx context.Context, err error) *failure {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &failure{message: fmt.Sprintf("no whole answer within %s", b.cfg.Timeout), cause: err}
	}
	return &failure{message: b.shown(err.Error()), cause: err}
}
