package transport

import (
	"context"
	"time"
)

// A Clock tells the time and waits.
type Clock struct {
	Now func() time.Time
	// Sleep waits for d or until the context ends, whose error it then returns. Nil
	// is [Sleep].
	Sleep func(ctx context.Context, d time.Duration) error
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
