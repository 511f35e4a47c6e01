package alpacatest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quagmt/udecimal"
)

// The keys that a new server takes.
const (
	Key    = "PKALPACATEST00000001"
	Secret = "alpacatestSecretAlpacatestSecretAlpacate"
)

// A Call is a request as it came in.
type Call struct {
	Method string
	Path   string
	Query  url.Values
	Body   string
	Header http.Header
}

// A Server is a fake Alpaca. Its methods may be called from any goroutine.
type Server struct {
	http *httptest.Server

	mu       sync.Mutex
	keys     map[string]string
	number   string // of the account
	now      time.Time
	days     []Day // calendar, by date
	calls    []Call
	faults   []*armed
	free     bool // the data plan
	pageSize int

	cash       udecimal.Decimal
	multiplier udecimal.Decimal
	shorting   bool
	blocked    bool
	assets     map[string]*Asset
	prices     map[string]udecimal.Decimal
	sizes      map[string]udecimal.Decimal
	positions  map[string]*position
	orders     []*order // as they came in

	bars    map[string][]Bar
	news    []News
	actions map[string][]json.RawMessage
}

// New starts a server with an account of 100,000 dollars, without margin, that
// holds nothing, on Wednesday 2024-11-27 at 16:05 New York time. It ends with the
// test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		keys:       map[string]string{Key: Secret},
		number:     "PA3ALPACATEST",
		now:        time.Date(2024, 11, 27, 16, 5, 0, 0, Eastern()),
		cash:       udecimal.MustFromInt64(100_000, 0),
		multiplier: udecimal.MustFromInt64(1, 0),
		assets:     map[string]*Asset{},
		prices:     map[string]udecimal.Decimal{},
		sizes:      map[string]udecimal.Decimal{},
		positions:  map[string]*position{},
		bars:       map[string][]Bar{},
		actions:    map[string][]json.RawMessage{},
	}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.http.Close)
	return s
}

// URL is the base address of both the trading and the data service.
func (s *Server) URL() string { return s.http.URL }

// Stop ends the server before the test does: nobody answers from here on.
func (s *Server) Stop() {
	s.http.CloseClientConnections()
	s.http.Close()
}

// SetKeys makes a pair of keys the only one that is taken.
func (s *Server) SetKeys(key, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = map[string]string{key: secret}
}

// Calls are the requests so far whose path starts with prefix, of the method or
// of any where it is "".
func (s *Server) Calls(method, prefix string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Call
	for _, c := range s.calls {
		if (method == "" || c.Method == method) && strings.HasPrefix(c.Path, prefix) {
			list = append(list, c)
		}
	}
	return list
}

// A reply is an answer before it goes out.
type reply struct {
	status int
	body   any // nil for no body
}

// refusal is an answer in the form of Alpaca's errors. Code 0 is left out, as
// the gateway before the service does.
func refusal(status, code int, format string, args ...any) reply {
	body := map[string]any{"message": fmt.Sprintf(format, args...)}
	if code != 0 {
		body["code"] = code
	}
	return reply{status, body}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	s.mu.Lock()
	s.calls = append(s.calls, Call{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Body: string(body), Header: r.Header.Clone()})
	fault := s.fault(r.Method, r.URL.Path)
	s.mu.Unlock()

	if fault != nil && !fault.wait(r.Context()) {
		return
	}
	var out reply
	switch {
	case fault != nil && fault.answers():
		out = fault.reply(r)
		if fault.RetryAfter != "" {
			w.Header().Set("Retry-After", fault.RetryAfter)
		}
		if fault.Location != "" {
			w.Header().Set("Location", fault.Location)
		}
	default:
		s.mu.Lock()
		out = s.answer(r, body)
		s.mu.Unlock()
	}
	if fault != nil && fault.Drop {
		hangUp(w)
		return
	}
	text := encode(out.body)
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if fault != nil && fault.Cut > 0 && fault.Cut < len(text) {
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		w.WriteHeader(out.status)
		_, _ = w.Write(text[:fault.Cut])
		hangUp(w)
		return
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(text) // a client that has gone needs no answer
}

// encode is a body as JSON; text is sent as it is.
func encode(body any) []byte {
	switch body := body.(type) {
	case nil:
		return nil
	case string:
		return []byte(body)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		panic(fmt.Sprintf("alpacatest: %v", err))
	}
	return buf.Bytes()
}

// hangUp closes the connection in the middle of things.
func hangUp(w http.ResponseWriter) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// answer is what the service says.
func (s *Server) answer(r *http.Request, body []byte) reply {
	key, secret := r.Header.Get("APCA-API-KEY-ID"), r.Header.Get("APCA-API-SECRET-KEY")
	if key == "" || secret == "" {
		return refusal(http.StatusUnauthorized, 40110000, "request is not authorized")
	}
	if want, ok := s.keys[key]; !ok || want != secret {
		return refusal(http.StatusForbidden, 0, "forbidden.")
	}
	path, q := r.URL.Path, r.URL.Query()
	tail := func(prefix string) string { return strings.TrimPrefix(path, prefix) }
	switch {
	case r.Method == http.MethodGet && path == "/v2/account":
		return reply{http.StatusOK, s.account()}
	case r.Method == http.MethodGet && path == "/v2/clock":
		return s.clock()
	case r.Method == http.MethodGet && path == "/v2/calendar":
		return s.calendar(q)
	case r.Method == http.MethodPost && path == "/v2/orders":
		return s.place(body)
	case r.Method == http.MethodGet && path == "/v2/orders":
		return s.list(q)
	case r.Method == http.MethodGet && path == "/v2/orders:by_client_order_id":
		return s.found(func(o *order) bool { return o.clientID == q.Get("client_order_id") }, q.Get("client_order_id"))
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/v2/orders/"):
		return s.found(func(o *order) bool { return o.id == tail("/v2/orders/") }, tail("/v2/orders/"))
	case r.Method == http.MethodDelete && path == "/v2/orders":
		return s.cancelAll()
	case r.Method == http.MethodDelete && strings.HasPrefix(path, "/v2/orders/"):
		return s.cancel(tail("/v2/orders/"))
	case r.Method == http.MethodGet && path == "/v2/positions":
		return s.allPositions()
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/v2/positions/"):
		return s.onePosition(tail("/v2/positions/"))
	case r.Method == http.MethodGet && path == "/v2/assets":
		return s.allAssets(q)
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/v2/assets/"):
		return s.oneAsset(tail("/v2/assets/"))
	case r.Method == http.MethodGet && path == "/v2/stocks/bars":
		return s.multiBars(q)
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/v2/stocks/") && strings.HasSuffix(path, "/bars"):
		return s.singleBars(strings.TrimSuffix(tail("/v2/stocks/"), "/bars"), q)
	case r.Method == http.MethodGet && path == "/v1beta1/news":
		return s.articles(q)
	case r.Method == http.MethodGet && path == "/v1/corporate-actions":
		return s.corporateActions(q)
	}
	return refusal(http.StatusNotFound, 40410000, "endpoint not found.")
}
