package transport

import (
	"context"
	"sync"
	"time"
)

// A Limiter keeps all users of one provider from asking too much at once: only so
// many calls are under way, and where the provider asks one of them to wait, all
// wait.
type Limiter struct {
	slots chan struct{}
	// jitter is in [0, 1).
	jitter func() float64

	mu sync.Mutex
	// until is when the next call may start.
	until time.Time
	// reached is set once the provider has answered anything at all.
	reached bool
}

// NewLimiter makes a limiter for so many calls at once. jitter gives numbers in
// [0, 1) by which waits are spread, so that those who wait do not all come back
// together; it may be called by several goroutines.
func NewLimiter(inFlight int, jitter func() float64) *Limiter {
	return &Limiter{slots: make(chan struct{}, max(inFlight, 1)), jitter: jitter}
}

// spread is up to a quarter of d.
func (l *Limiter) spread(d time.Duration) time.Duration {
	return time.Duration(l.jitter() * float64(d) / 4)
}

// enter waits until a call may start. After it, leave must be called.
func (l *Limiter) enter(ctx context.Context, clock Clock) error {
	for {
		if wait := l.rest(clock); wait > 0 {
			if err := clock.Sleep(ctx, wait+l.spread(wait)); err != nil {
				return err
			}
			continue
		}
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		// The provider may have asked to wait while this one stood in line.
		if l.rest(clock) <= 0 {
			return nil
		}
		l.leave()
	}
}

func (l *Limiter) leave() { <-l.slots }

// rest is how long nobody may call yet.
func (l *Limiter) rest(clock Clock) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until.Sub(clock.Now())
}

// hold keeps everybody from calling before t.
func (l *Limiter) hold(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.After(l.until) {
		l.until = t
	}
}

// noteReached remembers that the provider answered.
func (l *Limiter) noteReached() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reached = true
}

func (l *Limiter) wasReached() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reached
}

// Limiters has one limiter for each provider and address. It is safe for several
// goroutines.
type Limiters struct {
	inFlight int
	jitter   func() float64

	mu   sync.Mutex
	byID map[string]*Limiter
}

// NewLimiters makes limiters with the arguments of [NewLimiter].
func NewLimiters(inFlight int, jitter func() float64) *Limiters {
	return &Limiters{inFlight: inFlight, jitter: jitter, byID: map[string]*Limiter{}}
}

// For is the provider's limiter.
func (l *Limiters) For(p Provider) *Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := p.Name + " " + p.BaseURL
	if l.byID[id] == nil {
		l.byID[id] = NewLimiter(l.inFlight, l.jitter)
	}
	return l.byID[id]
}
