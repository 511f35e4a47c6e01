package waiting_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"finmem/internal/waiting"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"":                              0,
		"soon":                          0,
		" 7 ":                           7 * time.Second,
		"-3":                            0,
		"999999999":                     7 * 24 * time.Hour,
		"Mon, 02 Mar 2026 15:01:30 GMT": 90 * time.Second,
		"Mon, 02 Mar 2026 14:00:00 GMT": 0,
	} {
		if got := waiting.RetryAfter(text, now); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := waiting.Sleep(t.Context(), time.Hour); err != nil || time.Since(start) != time.Hour {
			t.Errorf("slept %s, %v; want an hour", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start = time.Now()
		if err := waiting.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("called off after %s, %v; want a minute and the context's error", time.Since(start), err)
		}
		if err := waiting.Sleep(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no wait under an ended context: %v", err)
		}
	})
}
