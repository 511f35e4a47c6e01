package watch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"finmem/internal/loopback"
	"finmem/paper"
)

// A WebhookConfig is where and how messages are sent.
type WebhookConfig struct {
	// URL takes them. It often holds a token, so it is a secret and shown nowhere.
	URL string
	// Kinds are the events that are sent; none is [DefaultKinds].
	Kinds []paper.Kind
	// Queue is how many events may wait; 0 is 256. What comes when it is full is
	// dropped and counted.
	Queue int
	// Timeout bounds one try; 0 is 10 seconds.
	Timeout time.Duration
	// Tries is how often a message is sent at most; 0 is 6, over about a minute.
	Tries int
	// Sleep waits for d or until ctx ends, whose error it then returns.
	Sleep func(ctx context.Context, d time.Duration) error
	// Notify, if set, is told of messages that were not taken, from another
	// goroutine. The text holds no secret.
	Notify func(text string)
	// Base carries the messages; nil is a copy of [http.DefaultTransport].
	Base http.RoundTripper
}

// DefaultKinds are the events that are sent unless told otherwise.
func DefaultKinds() []paper.Kind {
	return []paper.Kind{paper.Decided, paper.Fill, paper.Breach, paper.ErrorDay}
}

// Kinds are all kinds of events.
func Kinds() []paper.Kind {
	return []paper.Kind{paper.Decided, paper.ErrorDay, paper.Missed, paper.Sent, paper.Fill, paper.NotFilled, paper.Breach,
		paper.Corrected, paper.Halted, paper.Resumed, paper.Trouble, paper.Finished}
}

// A Webhook is an observer that sends events to a web address, each as a POST of
// the event as JSON, one after the other in their order. It never holds the loop
// up. A message that was not taken is sent again, later and later; each has a
// header Idempotency-Key, by which a receiver knows one that it has had.
type Webhook struct {
	cfg    WebhookConfig
	host   string
	client *http.Client
	queue  chan paper.Event
	stop   context.CancelFunc // ends the waiting and sending
	done   chan struct{}

	mu      sync.Mutex
	closed  bool
	dropped int
}

// Validate refuses an address that is not by https or on this machine, and events
// that there are not. Its error does not show the address.
func (c WebhookConfig) Validate() error {
	_, err := c.address()
	return err
}

func (c WebhookConfig) address() (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(c.URL))
	if err != nil || u.Host == "" {
		return nil, errors.New("the webhook's address cannot be read: want one such as https://hooks.example.com/…")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback.Is(u.Hostname())) {
		return nil, fmt.Errorf("the webhook's address at %s: want https", u.Host)
	}
	for _, k := range c.Kinds {
		if !slices.Contains(Kinds(), k) {
			return nil, fmt.Errorf("webhook: there is no event %q; there are %q", k, Kinds())
		}
	}
	return u, nil
}

// NewWebhook starts a webhook.
func NewWebhook(cfg WebhookConfig) (*Webhook, error) {
	u, err := cfg.address()
	if err != nil {
		return nil, err
	}
	if len(cfg.Kinds) == 0 {
		cfg.Kinds = DefaultKinds()
	}
	if cfg.Queue <= 0 {
		cfg.Queue = 256
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Tries <= 0 {
		cfg.Tries = 6
	}
	if cfg.Sleep == nil {
		return nil, errors.New("webhook: a way to wait is needed")
	}
	if cfg.Base == nil {
		cfg.Base = http.DefaultTransport.(*http.Transport).Clone()
	}
	cfg.URL = u.String()
	ctx, stop := context.WithCancel(context.Background())
	w := &Webhook{cfg: cfg, host: u.Host, queue: make(chan paper.Event, cfg.Queue), stop: stop, done: make(chan struct{}),
		// A redirect would show the message, and perhaps the token, to another.
		client: &http.Client{Transport: cfg.Base, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	go w.run(ctx)
	return w, nil
}

// Observe implements [paper.Observer].
func (w *Webhook) Observe(e paper.Event) {
	if !slices.Contains(w.cfg.Kinds, e.Kind) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		w.dropped++
		return
	}
	select {
	case w.queue <- e:
	default:
		w.dropped++
	}
}

// Close sends what waits until ctx ends and gives the number of events that were
// never sent, or sent and not taken.
func (w *Webhook) Close(ctx context.Context) int {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	select {
	case <-w.done:
	case <-ctx.Done():
	}
	w.stop()
	<-w.done
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dropped
}

func (w *Webhook) run(ctx context.Context) {
	defer close(w.done)
	for e := range w.queue {
		if err := w.send(ctx, e); err != nil {
			w.mu.Lock()
			w.dropped++
			w.mu.Unlock()
			if w.cfg.Notify != nil && ctx.Err() == nil {
				w.cfg.Notify(fmt.Sprintf("the webhook at %s did not take the event %q: %v", w.host, e.Kind, err))
			}
		}
	}
}

// The waits between tries: the first, doubled each time. A longer one that the
// server asks for is kept up to the longest.
const (
	firstWait   = 2 * time.Second
	longestWait = time.Minute
)

// send sends an event until it is taken, cannot be, or has been sent often enough.
func (w *Webhook) send(ctx context.Context, e paper.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		wait, again, err := w.post(ctx, body, hex.EncodeToString(sum[:16]))
		if err == nil {
			return nil
		}
		if !again || n == w.cfg.Tries {
			return fmt.Errorf("%w (sent %d times)", err, n)
		}
		if err := w.cfg.Sleep(ctx, min(max(wait, firstWait<<(n-1)), longestWait)); err != nil {
			return err
		}
	}
}

// post sends a message once. again says whether it may be taken later, wait how
// long the server asks to wait.
func (w *Webhook) post(ctx context.Context, body []byte, key string) (wait time.Duration, again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return 0, false, errors.New("its address cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "finmem")
	req.Header.Set("Idempotency-Key", key)
	resp, err := w.client.Do(req)
	if err != nil {
		// The error of the client has the address in it; its cause may have, too.
		if ctx.Err() != nil {
			return 0, true, fmt.Errorf("no answer within %s", w.cfg.Timeout)
		}
		return 0, true, errors.New("it cannot be reached")
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // so that the connection can be used again
	_ = resp.Body.Close()
	switch s := resp.StatusCode; {
	case s >= 200 && s < 300:
		return 0, false, nil
	case s == http.StatusTooManyRequests, s == http.StatusRequestTimeout, s >= 500:
		if seconds, err := strconv.Atoi(strings.TrimSpace(resp.Header.Get("Retry-After"))); err == nil && seconds > 0 {
			wait = time.Duration(min(seconds, 3600)) * time.Second
		}
		return wait, true, fmt.Errorf("status %d", s)
	default:
		return 0, false, fmt.Errorf("status %d", s)
	}
}
