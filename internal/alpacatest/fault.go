package alpacatest

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// A Fault says what goes wrong with some of the calls. Of several that match a
// call the first one armed applies.
type Fault struct {
	// Method and Path say which calls are meant: the method, any where it is "",
	// and the path or the start of it up to a star ("/v2/orders*").
	Method, Path string
	// Skip is how many of these calls go well before the first that does not.
	Skip int
	// Times is how many go wrong; 0 is one, a negative number all from then on.
	Times int

	// Status, if set, is the answer in place of the service's; nothing else
	// happens then: no order is placed. Body is what it says, as JSON; where it
	// is empty it is a message in Alpaca's form. "{key}" and "{secret}" in it
	// stand for the keys that came with the request.
	Status int
	Body   string
	// RetryAfter and Location are headers of that answer.
	RetryAfter string
	Location   string
	// Delay is how long the call waits before anything happens.
	Delay time.Duration
	// Drop lets the call have its effect, and closes the connection without an
	// answer.
	Drop bool
	// Cut, if set, is the number of bytes of the answer after which the
	// connection is closed.
	Cut int
}

// armed is a fault with its count of calls.
type armed struct {
	Fault
	seen int
}

// Fault arms f.
func (s *Server) Fault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &armed{Fault: f})
}

// ClearFaults disarms all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault is the one that applies to a call. Every fault that matches counts it.
func (s *Server) fault(method, path string) *armed {
	var applies *armed
	for _, f := range s.faults {
		if f.Method != "" && f.Method != method || !matches(f.Path, path) {
			continue
		}
		f.seen++
		nth := f.seen - f.Skip
		if applies == nil && nth >= 1 && (f.Times < 0 || nth <= max(f.Times, 1)) {
			applies = f
		}
	}
	return applies
}

func matches(pattern, path string) bool {
	if start, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(path, start)
	}
	return pattern == "" || pattern == path
}

// wait waits for the fault's delay; it reports false where the client left.
func (f *armed) wait(ctx context.Context) bool {
	if f.Delay <= 0 {
		return true
	}
	timer := time.NewTimer(f.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// answers reports whether the fault answers in the service's place.
func (f *armed) answers() bool { return f.Status != 0 }

func (f *armed) reply(r *http.Request) reply {
	if f.Body == "" {
		return refusal(f.Status, 0, "%s", strings.ToLower(http.StatusText(f.Status)))
	}
	keys := strings.NewReplacer("{key}", r.Header.Get("APCA-API-KEY-ID"), "{secret}", r.Header.Get("APCA-API-SECRET-KEY"))
	return reply{f.Status, keys.Replace(f.Body)}
}

// RecentData is the answer of a free plan to a request for the last 15 minutes.
func RecentData() Fault {
	return Fault{Method: http.MethodGet, Path: "/v2/stocks*", Status: http.StatusForbidden,
		Body: `{"message":"subscription does not permit querying recent SIP data"}`}
}

// TooMany is the answer to more than 200 requests in a minute.
func TooMany() Fault {
	return Fault{Status: http.StatusTooManyRequests, RetryAfter: "1", Body: `{"message":"too many requests."}`}
}
