package watch_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"finmem/paper"
	"finmem/paper/watch"
)

// A receiver is a web server that answers with statuses in turn, then with 200,
// and keeps what it took.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int // 0 drops the connection
	after    string
	bodies   []string
	keys     []string
	taken    []paper.Event
}

func newReceiver(t *testing.T, statuses ...int) *receiver {
	r := &receiver{statuses: statuses}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies = append(r.bodies, string(body))
	r.keys = append(r.keys, req.Header.Get("Idempotency-Key"))
	status := http.StatusOK
	if len(r.statuses) > 0 {
		status, r.statuses = r.statuses[0], r.statuses[1:]
	}
	switch {
	case status == 0:
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
		return
	case status == 200:
		var e paper.Event
		if err := json.Unmarshal(body, &e); err != nil || req.Method != "POST" || req.Header.Get("Content-Type") != "application/json" {
			status = http.StatusTeapot
		}
		r.taken = append(r.taken, e)
	case status >= 300 && status < 400:
		w.Header().Set("Location", r.URL+"/elsewhere")
	}
	if r.after != "" {
		w.Header().Set("Retry-After", r.after)
	}
	w.WriteHeader(status)
}

// waits notes how long was to be waited, and does not wait.
type waits struct {
	mu   sync.Mutex
	list []time.Duration
}

func (w *waits) sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, d)
	return ctx.Err()
}

func hook(t *testing.T, cfg watch.WebhookConfig) *watch.Webhook {
	t.Helper()
	if cfg.Sleep == nil {
		cfg.Sleep = (&waits{}).sleep
	}
	w, err := watch.NewWebhook(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// drained closes a webhook and gives what it dropped.
func drained(t *testing.T, w *watch.Webhook) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return w.Close(ctx)
}

func decision(text string) paper.Event {
	return paper.Event{At: time.Date(2024, 11, 27, 21, 5, 0, 0, time.UTC), Kind: paper.Decided, Session: "2024-11-27", Symbol: "TSLA", Text: text, Fields: map[string]string{"action": "buy"}}
}

// A server that fails first gets every message in the end, in order, each under a
// key by which it can tell one that it has had.
func TestWebhookTriesAgain(t *testing.T) {
	r := newReceiver(t, 0, 500, 429, 200, 503)
	w := &waits{}
	h := hook(t, watch.WebhookConfig{URL: r.URL + "/token", Sleep: w.sleep})
	h.Observe(decision("one"))
	h.Observe(paper.Event{Kind: paper.Trouble, Text: "of no interest"})
	h.Observe(paper.Event{Kind: paper.Fill, Text: "two"})
	if n := drained(t, h); n != 0 {
		t.Errorf("%d dropped", n)
	}
	if len(r.taken) != 2 || r.taken[0].Text != "one" || r.taken[1].Text != "two" {
		t.Fatalf("taken %+v", r.taken)
	}
	if e := r.taken[0]; e.Kind != paper.Decided || e.Fields["action"] != "buy" || !e.At.Equal(decision("").At) || e.Session != "2024-11-27" {
		t.Errorf("event %+v", e)
	}
	if len(r.keys) != 6 || r.keys[0] == "" || r.keys[0] != r.keys[3] || r.keys[4] != r.keys[5] || r.keys[3] == r.keys[4] {
		t.Errorf("keys %q", r.keys)
	}
	if want := []time.Duration{2e9, 4e9, 8e9, 2e9}; len(w.list) != 4 || w.list[0] != want[0] || w.list[1] != want[1] || w.list[2] != want[2] || w.list[3] != want[3] {
		t.Errorf("waits %v, want %v", w.list, want)
	}
}

func TestWebhookWaitsAsTold(t *testing.T) {
	for after, want := range map[string]time.Duration{"7": 7 * time.Second, "1": 2 * time.Second, "86400": time.Minute, "soon": 2 * time.Second} {
		r := newReceiver(t, 429)
		r.after = after
		w := &waits{}
		h := hook(t, watch.WebhookConfig{URL: r.URL, Sleep: w.sleep})
		h.Observe(decision("one"))
		drained(t, h)
		if len(w.list) != 1 || w.list[0] != want {
			t.Errorf("Retry-After %s: waits %v, want %s", after, w.list, want)
		}
	}
}

// What cannot be taken is said and given up; the next message goes out. The
// address, which holds a token, is in no word of it (B87).
func TestWebhookGivesUp(t *testing.T) {
	for _, tt := range []struct {
		name     string
		statuses []int
		sent     int
		want     string
	}{
		{"refused", []int{400}, 1, "status 400"},
		{"a redirect", []int{302}, 1, "status 302"},
		{"an outage", []int{500, 500, 500}, 3, "status 500 (sent 3 times)"},
		{"no server", []int{0, 0, 0}, 3, "it cannot be reached"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newReceiver(t, tt.statuses...)
			var said []string
			h := hook(t, watch.WebhookConfig{URL: r.URL + "/SENTINEL_TOKEN_1?key=SENTINEL_TOKEN_2", Tries: 3, Notify: func(text string) { said = append(said, text) }})
			h.Observe(decision("one"))
			h.Observe(decision("two"))
			if n := drained(t, h); n != 1 {
				t.Errorf("%d dropped, want 1", n)
			}
			if len(said) != 1 || !strings.Contains(said[0], tt.want) || !strings.Contains(said[0], "127.0.0.1") || strings.Contains(said[0], "SENTINEL") {
				t.Errorf("said %q, want %q", said, tt.want)
			}
			if len(r.bodies) != tt.sent+1 || len(r.taken) != 1 || r.taken[0].Text != "two" {
				t.Errorf("%d sent, taken %+v", len(r.bodies), r.taken)
			}
		})
	}
}

// A server that hangs holds nobody up: neither the loop, nor the end of it.
func TestWebhookNeverBlocks(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(release)
	h := hook(t, watch.WebhookConfig{URL: server.URL, Queue: 3, Timeout: time.Minute})
	for range 100 {
		h.Observe(decision("one"))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	// One may be under way beside the three that wait. None was taken.
	if n := h.Close(ctx); n != 100 {
		t.Errorf("%d of 100 were not taken", n)
	}
	h.Observe(decision("after the end"))
	if n := h.Close(ctx); n != 101 {
		t.Errorf("%d of 101 were not taken", n)
	}
}

func TestWebhookTimesOut(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	said := make(chan string, 1)
	h := hook(t, watch.WebhookConfig{URL: server.URL, Timeout: 20 * time.Millisecond, Tries: 2, Notify: func(text string) { said <- text }})
	h.Observe(decision("one"))
	drained(t, h)
	if text := <-said; !strings.Contains(text, "no answer within 20ms (sent 2 times)") {
		t.Errorf("said %q", text)
	}
}

func TestWebhookRefuses(t *testing.T) {
	sleep := (&waits{}).sleep
	for name, cfg := range map[string]watch.WebhookConfig{
		"no address":   {Sleep: sleep},
		"in the open":  {URL: "http://hooks.example.com/SENTINEL", Sleep: sleep},
		"not http":     {URL: "ftp://127.0.0.1/SENTINEL", Sleep: sleep},
		"unreadable":   {URL: "https://%zz/SENTINEL", Sleep: sleep},
		"unknown kind": {URL: "https://hooks.example.com/SENTINEL", Kinds: []paper.Kind{"decisions"}, Sleep: sleep},
		"no clock":     {URL: "https://hooks.example.com/SENTINEL"},
	} {
		w, err := watch.NewWebhook(cfg)
		if err == nil {
			drained(t, w)
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), "SENTINEL") {
			t.Errorf("%s: error shows the address: %v", name, err)
		}
	}
}
