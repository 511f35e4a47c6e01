package fetch

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"finmem/internal/waiting"
)

// A Network is what the clients of one process share. Its fields are set before
// its first use and not changed after it.
type Network struct {
	// Now tells the time. It must be set.
	Now func() time.Time
	// Sleep waits for d or until the context ends, whose error it then returns. Nil
	// waits by the machine's timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Jitter gives numbers in [0, 1) by which waits are spread, so that those who
	// wait do not all come back together. Nil spreads nothing. It may be called by
	// several goroutines.
	Jitter func() float64
	// Base carries the requests; nil is a copy of [http.DefaultTransport].
	Base http.RoundTripper
	// Cache keeps answers; nil keeps none.
	Cache *Cache
	// Notify, if set, is told of every wait before it begins, by any goroutine.
	Notify func(Notice)
	// Tries is how often at most a request is sent; 0 means 4.
	Tries int
	// LongestWait is the longest wait that is sat out when a vendor asks for it; a
	// request told to wait longer fails at once. 0 means 2 minutes.
	LongestWait time.Duration
	// Timeout bounds one try, from its start to the last byte of the answer. 0
	// means 1 minute.
	Timeout time.Duration

	once     sync.Once
	base     http.RoundTripper
	mu       sync.Mutex
	limiters map[string]*rate.Limiter
	sent     atomic.Int64
	kept     atomic.Int64
}

// A Notice says that a request failed and will be sent again.
type Notice struct {
	Err  *Error
	Wait time.Duration
}

// Requests counts the requests that were sent, and the answers that came from
// the cache instead.
func (n *Network) Requests() (sent, kept int) { return int(n.sent.Load()), int(n.kept.Load()) }

func (n *Network) tries() int {
	if n.Tries > 0 {
		return n.Tries
	}
	return 4
}

func (n *Network) longestWait() time.Duration {
	if n.LongestWait > 0 {
		return n.LongestWait
	}
	return 2 * time.Minute
}

func (n *Network) timeout() time.Duration {
	if n.Timeout > 0 {
		return n.Timeout
	}
	return time.Minute
}

func (n *Network) transport() http.RoundTripper {
	n.once.Do(func() {
		if n.base = n.Base; n.base == nil {
			n.base = http.DefaultTransport.(*http.Transport).Clone()
		}
	})
	return n.base
}

// sleep waits for d or until ctx ends.
func (n *Network) sleep(ctx context.Context, d time.Duration) error {
	if n.Sleep != nil {
		return n.Sleep(ctx, d)
	}
	return waiting.Sleep(ctx, d)
}

// spread is d and up to a quarter more.
func (n *Network) spread(d time.Duration) time.Duration {
	if n.Jitter == nil {
		return d
	}
	return d + time.Duration(n.Jitter()*float64(d)/4)
}

// limiter is the one of a vendor. All hosts of a vendor share it, since that is
// how vendors count.
func (n *Network) limiter(v Vendor) *rate.Limiter {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.limiters == nil {
		n.limiters = make(map[string]*rate.Limiter)
	}
	l := n.limiters[v.Name]
	if l == nil {
		limit := rate.Inf
		if v.PerSecond > 0 {
			limit = rate.Limit(v.PerSecond)
		}
		l = rate.NewLimiter(limit, max(v.Burst, 1))
		n.limiters[v.Name] = l
	}
	return l
}

// enter waits until the vendor's rate allows one more request.
func (n *Network) enter(ctx context.Context, l *rate.Limiter) error {
	now := n.Now()
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait <= 0 {
		return ctx.Err()
	}
	if err := n.sleep(ctx, wait); err != nil {
		r.CancelAt(n.Now())
		return err
	}
	return nil
}

// A Vendor is whom a client asks.
type Vendor struct {
	// Name is the vendor's name in errors, flags and datasets: "yahoo".
	Name string
	// PerSecond is how many requests a second the vendor puts up with, over all of
	// its hosts; 0 sets no limit. Burst is how many may go out at once; at least 1.
	PerSecond float64
	Burst     int
	// UserAgent says who asks; "" is [DefaultUserAgent].
	UserAgent string
	// KeyHeader and KeyQuery carry the key. They are added when a request is sent,
	// and all of their values are secrets.
	KeyHeader http.Header
	KeyQuery  url.Values
	// MaxBytes bounds an answer, after decompression; 0 means 64 MiB.
	MaxBytes int64
}

// DefaultUserAgent is what requests carry where a vendor wants nothing else.
const DefaultUserAgent = "finmem"

const defaultMaxBytes = 64 << 20

// Client makes the client of a vendor.
func (n *Network) Client(v Vendor) *Client {
	if v.UserAgent == "" {
		v.UserAgent = DefaultUserAgent
	}
	if v.MaxBytes <= 0 {
		v.MaxBytes = defaultMaxBytes
	}
	return &Client{network: n, vendor: v, limiter: n.limiter(v), hider: hiderOf(v.KeyHeader, v.KeyQuery)}
}
