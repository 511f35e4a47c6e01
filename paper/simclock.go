package paper

import (
	"context"
	"time"
)

// A SimClock is a [Clock] of a time that is played: it stands still but while
// somebody waits, and then moves on at once or at a speed. It is for one
// goroutine.
type SimClock struct {
	now time.Time
	// Speed is how many seconds pass in one of the real ones; 0 does not wait.
	speed float64
	wait  func(context.Context, time.Duration) error
}

// NewSimClock starts a clock at start. With a speed above 0, wait is what passes
// the real time.
func NewSimClock(start time.Time, speed float64, wait func(context.Context, time.Duration) error) *SimClock {
	return &SimClock{now: start, speed: speed, wait: wait}
}

func (c *SimClock) Now() time.Time { return c.now }

func (c *SimClock) Sleep(ctx context.Context, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d := until.Sub(c.now)
	if d <= 0 {
		return nil
	}
	if c.speed > 0 {
		if err := c.wait(ctx, time.Duration(float64(d)/c.speed)); err != nil {
			return err
		}
	}
	c.now = until
	return nil
}
