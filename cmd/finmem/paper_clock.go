package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"finmem/internal/waiting"
)

// wallClock is the time of the machine.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

// longestNap bounds how long a wait relies on a timer: a machine that slept does
// not count that time, so the clock is looked at anew.
const longestNap = 20 * time.Second

func (wallClock) Sleep(ctx context.Context, until time.Time) error {
	until = until.Round(0) // by the wall, not by the time the machine was awake
	for {
		left := until.Sub(time.Now().Round(0))
		if left <= 0 {
			return ctx.Err()
		}
		if err := waiting.Sleep(ctx, min(left, longestNap)); err != nil {
			return err
		}
	}
}

// secondSignal is a context that outlives ctx, which the first signal ends, until
// there is another one.
func secondSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	hard, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		select {
		case <-hard.Done():
			return
		case <-ctx.Done():
		}
		again := make(chan os.Signal, 1)
		signal.Notify(again, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(again)
		select {
		case <-hard.Done():
		case <-again:
			cancel()
		}
	}()
	return hard, cancel
}
