package transport

import (
	"net/http"
	"time"

	"finmem/agent/llm/calls"
)

// A Dialer makes the transports of one run, which share limits, kept calls and
// meter. Its fields are those of [Config].
type Dialer struct {
	// LookupKey finds a variable of the environment, as os.LookupEnv does.
	LookupKey func(name string) (string, bool)
	Limiters  *Limiters
	Clock     Clock
	Store     *calls.Store
	Mode      calls.Mode
	Timeout   time.Duration
	Patience  time.Duration
	Notify    func(Notice)
	Meter     Meter
	Base      http.RoundTripper
}

// Dial makes a transport to the provider. A missing key is an error here, before
// anything is called; to replay takes none.
func (d *Dialer) Dial(p Provider) (*Transport, error) {
	key, err := p.Key(d.LookupKey)
	if err != nil && d.Mode != calls.Replay {
		return nil, err
	}
	return New(Config{
		Provider: p, Key: key, Limiter: d.Limiters.For(p), Clock: d.Clock, Store: d.Store, Mode: d.Mode,
		Timeout: d.Timeout, Patience: d.Patience, Notify: d.Notify, Meter: d.Meter, Base: d.Base,
	})
}
