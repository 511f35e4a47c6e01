package paper

import (
	"context"
	"time"
)

// A Clock says what time it is and waits. The loop has no other source of time,
// so that a month of sessions can be run in a second.
type Clock interface {
	Now() time.Time
	// Sleep returns at t, or when ctx ends with its error. A t that has passed
	// is no wait.
	Sleep(ctx context.Context, until time.Time) error
}
