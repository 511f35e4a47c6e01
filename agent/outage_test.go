package agent_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"finmem/agent"
	"finmem/agent/llm"
	"finmem/agent/llm/calls"
	"finmem/agent/llm/llmtest"
	"finmem/agent/llm/transport"
)

// An hour of outage in the middle of a run is waited for, on a clock that takes no
// time; the run goes on and ends like one that was never disturbed.
func TestRunSurvivesAnHourOfOutage(t *testing.T) {
	sessions := sessionsFrom(t, 60)
	h := history(sessions, []float64{100, 101, 99, 102, 103, 101})
	for i := range 6 {
		h.News = append(h.News, item(sessions[i], fmt.Sprintf("Anvil report %d", i)))
	}
	var mu sync.Mutex
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := transport.Clock{
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now
		},
		Sleep: func(ctx context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(d)
			return ctx.Err()
		},
	}
	run := func(disturb func(w http.ResponseWriter, r llmtest.Request) bool) []agent.Decision {
		server := llmtest.NewOpenAI(t)
		server.Disturb = disturb
		dialer := &transport.Dialer{
			LookupKey: func(string) (string, bool) { return "key", true },
			Limiters:  transport.NewLimiters(8, func() float64 { return 0 }), Clock: clock,
			Mode: calls.Off, Timeout: time.Minute, Patience: transport.DefaultPatience,
		}
		model, err := llm.NewRemote("openai/m", server.URL, llm.Parameters{}, dialer)
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, h, model)
		var all []agent.Decision
		for i := range 6 {
			all = append(all, w.decide(i))
		}
		return all
	}
	want := run(nil)
	began := clock.Now()
	var back time.Time
	refused := 0
	got := run(func(w http.ResponseWriter, r llmtest.Request) bool {
		if r.Number == 3 {
			back = clock.Now().Add(time.Hour)
		}
		if back.IsZero() || !clock.Now().Before(back) {
			return false
		}
		refused++
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	for i := range want {
		same(t, got[i], want[i])
	}
	if waited := clock.Now().Sub(began); waited < time.Hour || refused < 50 || refused > 80 {
		t.Errorf("waited %s with %d calls, want an hour and about one call a minute", waited, refused)
	}
}
