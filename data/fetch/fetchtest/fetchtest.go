// Package fetchtest has what tests of vendors need: a clock that stands still, a
// server on the loopback that gives prepared answers, and recorded answers from
// the shared data.
package fetchtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"finmem/data/fetch"
	"finmem/internal/shared"
)

// Sentinel is a key that must be seen nowhere.
const Sentinel = "SENTINEL_KEY_123"

// A Clock stands still unless somebody sleeps by it or sets it.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

// NewClock makes a clock that shows an instant, written as in
// 2024-03-11T11:00:00-04:00.
func NewClock(t testing.TB, now string) *Clock {
	t.Helper()
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	return &Clock{now: at}
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set changes the time.
func (c *Clock) Set(t testing.TB, now string) {
	t.Helper()
	at := NewClock(t, now).now
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

// Sleep moves the clock on at once.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return ctx.Err()
}

// Slept are the waits so far.
func (c *Clock) Slept() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.slept...)
}

// Network is a network on the clock.
func (c *Clock) Network() *fetch.Network { return &fetch.Network{Now: c.Now, Sleep: c.Sleep} }

// A Server counts what it is asked.
type Server struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request
}

// Serve starts a server that answers with the handler.
func Serve(t testing.TB, handler http.HandlerFunc) *Server {
	t.Helper()
	s := &Server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, r)
		s.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// Answers starts a server that gives one answer after the other, the last one for
// ever.
func Answers(t testing.TB, answers ...http.HandlerFunc) *Server {
	t.Helper()
	var mu sync.Mutex
	n := 0
	return Serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		answer := answers[min(n, len(answers)-1)]
		n++
		mu.Unlock()
		answer(w, r)
	})
}

// Requests are the requests so far.
func (s *Server) Requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.seen...)
}

// Calls counts them.
func (s *Server) Calls() int { return len(s.Requests()) }

// Status is an answer with a status, a body and headers, name by value.
func Status(code int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

// Yahoo is the body of a recorded answer of Yahoo. It skips the test where the
// shared data are not there.
func Yahoo(t testing.TB, name string) string {
	t.Helper()
	var recorded struct {
		Response struct {
			Body     *string         `json:"body"`
			BodyJSON json.RawMessage `json:"bodyJson"`
		} `json:"response"`
	}
	readJSON(t, &recorded, "yahoo", name)
	if recorded.Response.Body != nil {
		return *recorded.Response.Body
	}
	return string(recorded.Response.BodyJSON)
}

// Tiingo is the body of the first recorded answer in a file of Tiingo's.
func Tiingo(t testing.TB, name string) string {
	t.Helper()
	var recorded []struct {
		Response struct {
			Body string `json:"body"`
		} `json:"response"`
	}
	readJSON(t, &recorded, "tiingo", name)
	return recorded[0].Response.Body
}

// Alpaca are the bodies of the recorded answers of one name in a file of Alpaca's.
func Alpaca(t testing.TB, file, name string) []string {
	t.Helper()
	var recorded []struct {
		Name     string `json:"name"`
		Response struct {
			Body json.RawMessage `json:"body"`
		} `json:"response"`
	}
	readJSON(t, &recorded, "alpaca", file)
	var bodies []string
	for _, r := range recorded {
		if r.Name == name {
			bodies = append(bodies, string(r.Response.Body))
		}
	}
	if len(bodies) == 0 {
		t.Fatalf("%s has no answer called %s", file, name)
	}
	return bodies
}

// File is a recorded answer that is a file by itself.
func File(t testing.TB, vendor, name string) string {
	t.Helper()
	text, err := os.ReadFile(shared.Path(t, "data", "fixtures", vendor, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(text))
}

func readJSON(t testing.TB, v any, vendor, name string) {
	t.Helper()
	if err := json.Unmarshal([]byte(File(t, vendor, name)), v); err != nil {
		t.Fatalf("%s/%s: %v", vendor, name, err)
	}
}
