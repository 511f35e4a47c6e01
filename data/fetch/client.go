package fetch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"finmem/internal/waiting"
)

// A Client asks one vendor. It is safe for several goroutines.
type Client struct {
	network *Network
	vendor  Vendor
	limiter *rate.Limiter
	hider   *strings.Replacer // of the vendor's keys
}

// A Request is one thing to ask for.
type Request struct {
	// URL is the address with its query, without keys.
	URL string
	// Header is sent besides the user agent and the key. It is not part of what an
	// answer is kept under.
	Header http.Header
	// KeepFor is how long a kept answer serves in place of a new one; 0 keeps none.
	// [Forever] is for what never changes.
	KeepFor time.Duration
	// Until is the instant at which what is asked for is complete, such as the close
	// of the last session of a range. An answer from before it is not kept.
	Until time.Time
	// Accept, if set, reads an answer of status 200, before it is kept and also
	// where it was kept before. An [*Error] that it returns is treated as if the
	// status had said it: a limit is waited for, a refused key ends the request at
	// once. It may be called more than once; what it last read is the answer.
	Accept func(body []byte) error
	// Refusal, if set, says what an answer of another status is; "" leaves that to
	// the usual reading of the status.
	Refusal func(status int, body []byte) Kind
}

// Forever is the time to keep what never changes, such as a filed document.
const Forever = 100 * 365 * 24 * time.Hour

// An Answer is a successful one.
type Answer struct {
	Body []byte
	// FetchedAt is when the vendor gave it; Kept is set where that was in an earlier
	// request.
	FetchedAt time.Time
	Kept      bool
	Header    http.Header // empty where Kept
}

// Name is the vendor's name.
func (c *Client) Name() string { return c.vendor.Name }

// Now is the time by the network's clock.
func (c *Client) Now() time.Time { return c.network.Now() }

// Get sends a request until it succeeds, fails for good or has been sent often
// enough. Its error is an [*Error], or that of the context or of the cache's disk.
func (c *Client) Get(ctx context.Context, r Request) (Answer, error) {
	answer, err := c.get(ctx, r)
	var e *Error
	if errors.As(err, &e) {
		return Answer{}, c.errorOf(e)
	}
	return answer, err
}

func (c *Client) get(ctx context.Context, r Request) (Answer, error) {
	if _, err := url.Parse(r.URL); err != nil {
		return Answer{}, Errorf(Refused, "address %q cannot be read", shown(r.URL))
	}
	keeps := c.network.Cache != nil && r.KeepFor > 0
	if keeps {
		a, found, err := c.network.Cache.get(c.vendor.Name, r.URL, r.KeepFor, r.Until, c.Now())
		if err != nil {
			return Answer{}, err
		}
		if found && (r.Accept == nil || r.Accept(a.Body) == nil) {
			c.network.kept.Add(1)
			return a, nil
		}
	}
	var flt *Error
	for calls := 1; ; calls++ {
		if err := c.network.enter(ctx, c.limiter); err != nil {
			return Answer{}, err
		}
		var a Answer
		a, flt = c.try(ctx, r)
		if err := ctx.Err(); err != nil {
			return Answer{}, err
		}
		if flt == nil {
			if keeps && !a.FetchedAt.Before(r.Until) {
				return a, c.network.Cache.put(c.vendor.Name, r.URL, r.KeepFor, a, c.hider)
			}
			return a, nil
		}
		flt.Calls = calls
		if calls >= c.network.tries() || !flt.waits() || flt.RetryAfter > c.network.longestWait() {
			return Answer{}, flt
		}
		wait := c.network.spread(max(flt.RetryAfter, time.Second<<(calls-1)))
		if c.network.Notify != nil {
			c.network.Notify(Notice{Err: c.errorOf(flt), Wait: wait})
		}
		if err := c.network.sleep(ctx, wait); err != nil {
			return Answer{}, err
		}
	}
}

// Error is an error that a vendor's package found itself, as one of the vendor,
// without keys.
func (c *Client) Error(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return c.errorOf(e)
	}
	return err
}

// errorOf is an error as one of the vendor, without keys.
func (c *Client) errorOf(e *Error) *Error {
	out := *e
	out.Vendor = c.vendor.Name
	out.Message = shown(c.hider.Replace(e.Message))
	return &out
}

// try sends a request once.
func (c *Client) try(ctx context.Context, r Request) (Answer, *Error) {
	ctx, cancel := context.WithTimeout(ctx, c.network.timeout())
	defer cancel()
	resp, err := c.send(ctx, r)
	if err != nil {
		return Answer{}, c.failure(err)
	}
	defer resp.Body.Close()
	at := c.Now()
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.vendor.MaxBytes+1))
	if int64(len(body)) > c.vendor.MaxBytes {
		return Answer{}, Errorf(TooLarge, "%s: more than %d bytes", c.shownURL(r.URL), c.vendor.MaxBytes)
	}
	if err != nil {
		flt := Errorf(Cut, "%s: the answer ends after %d bytes: %v", c.shownURL(r.URL), len(body), err)
		flt.Status = resp.StatusCode
		return Answer{}, flt
	}
	if resp.StatusCode != http.StatusOK {
		return Answer{}, refusal(r, resp, body, at)
	}
	if r.Accept != nil {
		if err := r.Accept(body); err != nil {
			var e *Error
			if !errors.As(err, &e) {
				e = &Error{Kind: BadFormat, Message: err.Error(), Err: err}
			}
			flt := *e
			flt.Status = resp.StatusCode
			flt.RetryAfter = max(e.RetryAfter, waiting.RetryAfter(resp.Header.Get("Retry-After"), at))
			return Answer{}, &flt
		}
	}
	return Answer{Body: body, FetchedAt: at, Header: resp.Header}, nil
}

// maxRedirects is how many redirects are followed.
const maxRedirects = 5

// send sends a request with the key in it.
func (c *Client) send(ctx context.Context, r Request) (*http.Response, error) {
	address, err := url.Parse(r.URL)
	if err != nil {
		return nil, err
	}
	if len(c.vendor.KeyQuery) > 0 {
		query := address.Query()
		for name, values := range c.vendor.KeyQuery {
			query[name] = values
		}
		address.RawQuery = query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, err
	}
	for _, header := range []http.Header{r.Header, c.vendor.KeyHeader} {
		for name, values := range header {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	req.Header.Set("User-Agent", c.vendor.UserAgent)
	client := http.Client{Transport: c.network.transport(), CheckRedirect: func(next *http.Request, via []*http.Request) error {
		switch {
		case len(via) > maxRedirects:
			return Errorf(Refused, "more than %d redirects", maxRedirects)
		case next.URL.Scheme != via[0].URL.Scheme:
			return Errorf(Refused, "a redirect from %s to %s is not followed", via[0].URL.Scheme, next.URL.Scheme)
		case next.URL.Host != via[0].URL.Host && len(c.vendor.KeyHeader)+len(c.vendor.KeyQuery) > 0:
			// The key is for the vendor's host and for no other.
			return Errorf(Refused, "a redirect to another host, %s, is not followed with a key", next.URL.Host)
		}
		return nil
	}}
	c.network.sent.Add(1)
	return client.Do(req)
}

// failure is the error of a request that got no answer.
func (c *Client) failure(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	// The address in a [url.Error] has the key in it.
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &Error{Kind: NetworkFailed, Message: err.Error(), Err: err}
}

// shownURL is an address for a message.
func (c *Client) shownURL(address string) string {
	if u, err := url.Parse(address); err == nil {
		u.User = nil
		return u.String()
	}
	return address
}

// refusal reads an answer that is no success.
func refusal(r Request, resp *http.Response, body []byte, at time.Time) *Error {
	flt := &Error{Status: resp.StatusCode, Message: words(body, resp.StatusCode), RetryAfter: waiting.RetryAfter(resp.Header.Get("Retry-After"), at)}
	if r.Refusal != nil {
		flt.Kind = r.Refusal(resp.StatusCode, body)
	}
	if flt.Kind != "" {
		return flt
	}
	switch s := resp.StatusCode; {
	case s == http.StatusUnauthorized, s == http.StatusForbidden:
		flt.Kind = KeyRefused
	case s == http.StatusTooManyRequests:
		flt.Kind = RateLimited
	case s >= 500, s == http.StatusRequestTimeout, s == http.StatusTooEarly:
		flt.Kind = Unavailable
	default:
		flt.Kind = Refused
	}
	return flt
}

// words are what a refusal says, "a web page" where that is what came.
func words(body []byte, status int) string {
	if IsWebPage(body) {
		return "a web page came in place of an answer"
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) == nil {
		for _, name := range []string{"message", "detail", "error", "Error Message"} {
			var text string
			if json.Unmarshal(fields[name], &text) == nil && text != "" {
				return text
			}
		}
	}
	if text := strings.TrimSpace(string(body)); text != "" {
		return text
	}
	if text := http.StatusText(status); text != "" {
		return text
	}
	return fmt.Sprintf("status %d", status)
}

// IsWebPage reports whether an answer is HTML.
func IsWebPage(body []byte) bool {
	start := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 300)]))
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) || bytes.HasPrefix(start, []byte("<head"))
}
