package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"finmem/internal/loopback"
	"finmem/paper"
)

// Checks say when a loop counts as alive and as ready.
type Checks struct {
	// Health is asked at each request.
	Health func() (paper.Health, error)
	Now    func() time.Time
	// Tolerance is how late a decision may be before the loop is not ready; it is
	// that of the schedule.
	Tolerance time.Duration
}

// The longest time without a beat. A loop that waits beats every few seconds; one
// that asks a model does not, and a slow model, or one that is waited for, takes
// its time.
const (
	waitingSilence = 5 * time.Minute
	workingSilence = 2 * time.Hour
)

// Alive says why the loop of a health does not count as alive at a time, "" where
// it does.
func Alive(h paper.Health, now time.Time) string {
	most := workingSilence
	if h.Doing == "waiting" {
		most = waitingSilence
	}
	if silence := now.Sub(h.Beat); silence > most {
		return fmt.Sprintf("no beat for %s", silence.Round(time.Second))
	}
	return ""
}

// Ready says why the loop of a health does not count as ready at a time: each
// reason once, none where it does.
func Ready(h paper.Health, now time.Time, tolerance time.Duration) []string {
	var why []string
	if silent := Alive(h, now); silent != "" {
		why = append(why, silent)
	}
	if !h.Ready {
		why = append(why, "not reconciled with the broker")
	}
	if h.Halted != "" {
		why = append(why, "halted: "+shown(h.Halted))
	}
	if !h.NextTime.IsZero() && now.After(h.NextTime.Add(tolerance)) {
		why = append(why, fmt.Sprintf("the decision of session %s was due at %s", h.Next, h.NextTime.UTC().Format(time.RFC3339)))
	}
	return why
}

// An answer is what the health endpoints say, as JSON.
type answer struct {
	OK      bool          `json:"ok"`
	Reasons []string      `json:"reasons"`
	Health  *paper.Health `json:"health,omitempty"`
}

// Handler serves /healthz, /readyz and, where metrics are given, /metrics:
//
//	/healthz  200 while the loop beats, 503 where it does not
//	/readyz   200 while it is reconciled, not halted and on time, 503 otherwise
//	/metrics  the figures in Prometheus's text format
func Handler(c Checks, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	check := func(why func(paper.Health) []string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			h, err := c.Health()
			a := answer{Reasons: []string{}}
			if err != nil {
				a.Reasons = append(a.Reasons, "what the loop says of itself cannot be read: "+shown(err.Error()))
			} else {
				a.Health = &h
				a.Reasons = append(a.Reasons, why(h)...)
			}
			a.OK = len(a.Reasons) == 0
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			if !a.OK {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			_ = json.NewEncoder(w).Encode(a) // a client that has gone needs no answer
		}
	}
	mux.HandleFunc("GET /healthz", check(func(h paper.Health) []string {
		if silent := Alive(h, c.Now()); silent != "" {
			return []string{silent}
		}
		return nil
	}))
	mux.HandleFunc("GET /readyz", check(func(h paper.Health) []string { return Ready(h, c.Now(), c.Tolerance) }))
	if metrics != nil {
		mux.Handle("GET /metrics", metrics)
	}
	return mux
}

// Local refuses an address that is not one of this machine, such as
// "127.0.0.1:9464": what is served has no password.
func Local(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("address %q: want one such as 127.0.0.1:9464", address)
	}
	if !loopback.Is(host) {
		return fmt.Errorf("address %q is open to others, and what is served has no password: want one of this machine, such as 127.0.0.1:%s", address, port)
	}
	return nil
}

// Listen opens an address of this machine, see [Local].
func Listen(address string) (net.Listener, error) {
	if err := Local(address); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	return l, nil
}

// Serve serves h on l until ctx ends, and then for as long as answers that are
// under way take, 5 seconds at most.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 16}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := server.Shutdown(last)
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
