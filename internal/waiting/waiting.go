// Package waiting is about waiting for a server: how long it asks to be left
// alone, and a pause that can be called off.
package waiting

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longest is the longest wait that is believed.
const longest = 7 * 24 * time.Hour

// RetryAfter reads a Retry-After header, whole seconds or a date; 0 where there is
// none and where the date has passed. Seconds count up to a week.
func RetryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), int(longest/time.Second))) * time.Second
	}
	if t, err := http.ParseTime(text); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}

// Sleep waits for d or until ctx ends, whose error it then returns.
func Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
