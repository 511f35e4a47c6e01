package transport

import (
	"context"
	"time"
)

// A Clock tells the time and waits.
type Clock struct {
	Now func() time.Time
	// Sleep waits for d or until the context ends, whose error it then returns. Nil
	// is [waiting.Sleep].
	Sleep func(ctx context.Context, d time.Duration) error
}
