package paper

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"finmem/backtest"
	"finmem/backtest/journal"
	"finmem/data"
)

// Settings are what a loop goes by.
type Settings struct {
	// Engine is that of a backtest with the same settings. Of its window, From is
	// the first session that is decided; To is not looked at.
	Engine backtest.Config
	Schedule
	// Start is the first session of all, where the journal has none: that of the
	// warm-up, or Engine.Window.From.
	Start data.Session
	// End, where it is set, is the last session; the loop ends after it.
	End data.Session
	// ReadUpTo says that sessions before Engine.Window.From are read, not studied:
	// the gap between the run that the memory comes from and today.
	ReadUpTo bool
	// FreshMoney is set where the journal's first sessions are those of another
	// run: up to this one nothing of the account counts.
	FreshMoney data.Session

	Limits Limits
	// HaltOn are the names, see [LimitNames], of what sets the kill switch.
	HaltOn []string
	// MaxDifference is how much ledger and broker may differ before the loop
	// halts, as a share of equity. It is looked at from the second session on.
	MaxDifference float64
	// Beat is how often a loop that waits says that it is alive; 0 is never, for
	// simulated clocks.
	Beat time.Duration
	// GiveUp ends the loop with the error of a session that still fails when its
	// deadline has passed. Else it is tried again until it succeeds.
	GiveUp bool
}

// Validate refuses settings that cannot be meant.
func (s Settings) Validate() error {
	if err := s.Schedule.Validate(); err != nil {
		return err
	}
	if err := s.Limits.Validate(); err != nil {
		return err
	}
	for _, name := range s.HaltOn {
		if !slices.Contains(LimitNames(), name) {
			return fmt.Errorf("halt on %q: want some of %s", name, strings.Join(LimitNames(), ", "))
		}
	}
	if !(s.MaxDifference >= 0 && s.MaxDifference <= 1) {
		return fmt.Errorf("largest difference %v: want a fraction from 0 to 1", s.MaxDifference)
	}
	return nil
}

// A Record is the journal as the loop needs it; [journal.Journal] is one.
type Record interface {
	backtest.Recorder
	Sessions(ctx context.Context) ([]data.Session, error)
	Records(ctx context.Context, symbol string) ([]backtest.Record, error)
}

var _ Record = (*journal.Journal)(nil)

// Parts are what a loop works with.
type Parts struct {
	// Dir is the loop's folder, where the journal and the loop's own files are.
	Dir    string
	Record Record
	// Books makes the books, with memory and traders, as the record's last
	// session left them. It is called again after a failure.
	Books    func(context.Context) ([]*backtest.Book, error)
	Market   Market
	Broker   Broker
	Clock    Clock
	Observer Observer
	// Hide takes the secrets out of a text that the loop tells or keeps where others
	// see it; nil for a loop that has none.
	Hide func(string) string
	// Hopeless reports errors that trying again does not help, such as a refused
	// key; nil for none but [ErrKey].
	Hopeless func(error) bool
}

// A Told is a [Broker] that has no market of its own and is told what it was. It
// is told each session before it is asked about it, more than once after a
// restart.
type Told interface {
	Tell(ctx context.Context, day data.Day, actions []data.Action) error
}

// A Loop is the paper-trading loop of one folder. It is for one goroutine. The
// journal's lock keeps a second one away.
type Loop struct {
	Settings
	Parts

	books  []*backtest.Book // nil after a failure, until they are made anew
	done   []data.Session
	state  state
	saved  int // missed sessions in the file
	halt   HaltFlag
	health Health
	// breaches are those by the account in session breached, each told of.
	breaches []breach
	breached data.Session
	// withdrawn are the orders that have ended or never existed since the halt.
	withdrawn map[string]bool
	equity    map[data.Session]float64 // over all symbols, at the close, since the loop started
	last      []backtest.Record        // of the last session, as read at the start
}

// New makes a loop.
func New(s Settings, p Parts) (*Loop, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("paper: %w", err)
	}
	if p.Record == nil || p.Books == nil || p.Market == nil || p.Broker == nil || p.Clock == nil || p.Observer == nil || p.Dir == "" {
		return nil, errors.New("paper: folder, record, books, market, broker, clock and observer are all needed")
	}
	return &Loop{Settings: s, Parts: p, withdrawn: map[string]bool{}}, nil
}

// Run waits for each session's decision time and runs the session, until stop or
// ctx ends, with its error, or Settings.End is done.
//
// stop is for a polite end: a session that has begun is finished, waiting is not.
// ctx ends at once whatever is going on; nothing is lost by it.
func (l *Loop) Run(ctx, stop context.Context) error {
	return l.ended(l.run(ctx, stop, false))
}

// Once does what is due now, sessions that were missed included, and ends.
func (l *Loop) Once(ctx, stop context.Context) error {
	return l.ended(l.run(ctx, stop, true))
}

func (l *Loop) run(ctx, stop context.Context, once bool) error {
	if err := l.start(ctx, stop); err != nil {
		return err
	}
	for {
		s, ok, err := l.next()
		if err != nil || !ok {
			return err
		}
		at := l.Decision(s)
		if s < l.Engine.Window.From {
			at = l.Clock.Now()
		}
		l.health.Next, l.health.NextTime = s, at
		if once && at.After(l.Clock.Now()) {
			return l.beat("done; the next decision is that of session " + string(s))
		}
		if err := l.wait(ctx, stop, at); err != nil {
			return err
		}
		if err := l.session(ctx, stop, s); err != nil {
			return err
		}
		if err := stop.Err(); err != nil {
			return err
		}
	}
}

// ended notes in the health how the loop ended.
func (l *Loop) ended(err error) error {
	l.health.Ready = false
	if err != nil && !errors.Is(err, context.Canceled) {
		l.health.Fault = err.Error()
	}
	return errors.Join(err, l.beat("stopped"))
}

// next is the session to do next; ok is false where there is none.
func (l *Loop) next() (s data.Session, ok bool, err error) {
	if len(l.done) == 0 {
		s = l.Start
	} else if s, err = l.Calendar.Next(l.done[len(l.done)-1]); err != nil {
		return "", false, err
	}
	return s, l.End == "" || s <= l.End, nil
}

// start brings the loop to where the journal ended: books and memory, the orders
// that are on their way, the account.
func (l *Loop) start(ctx, stop context.Context) (err error) {
	if l.state, err = readState(l.Dir); err != nil {
		return err
	}
	if l.halt, err = ReadHalt(l.Dir); err != nil {
		return err
	}
	if l.halt.Halted {
		l.health.Halted = l.halt.Reason
	}
	l.saved = l.state.Missed
	l.health.Missed = l.state.Missed
	if err := l.beat("starting"); err != nil {
		return err
	}
	if err := l.restore(ctx); err != nil {
		return err
	}
	if l.state.Apart == nil && len(l.equity) > 0 {
		return fmt.Errorf("%s is gone, and the journal has sessions up to %s: how much of the account's cash is the loop's is not known any more; put the file back, or begin in another folder",
			filepath.Join(l.Dir, stateFile), l.health.Last)
	}
	if kept, now := l.state.Broker, l.Broker.Name(); kept != "" && kept != now {
		return &OtherAccount{Dir: l.Dir, Kept: kept, Now: now}
	}
	patience := []time.Time{l.Clock.Now().Add(l.Tolerance)}
	if err := l.insist(ctx, stop, patience, "starting", func() error { return l.greet(ctx) }); err != nil {
		return err
	}
	// A halt can have come while the loop was not running, and a session's breach
	// just before it died.
	if n := len(l.done); l.halt.Halted {
		l.withdraw(ctx)
	} else if n > 0 && l.done[n-1] > l.FreshMoney && l.Decision(l.done[n-1]).After(l.halt.At) {
		if err := l.judge(ctx, l.last); err != nil {
			return err
		}
	}
	if err := l.send(ctx, stop); err != nil {
		return err
	}
	l.health.Ready = true
	return l.beat("started")
}

// restore makes the books anew from the record.
func (l *Loop) restore(ctx context.Context) (err error) {
	l.books = nil
	if l.done, err = l.Record.Sessions(ctx); err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	books, err := l.Books(ctx)
	if err != nil {
		return err
	}
	l.last = nil
	l.equity = map[data.Session]float64{}
	l.health.Equity = map[string]string{}
	if len(l.done) > 0 {
		l.health.Last = l.done[len(l.done)-1]
		for _, b := range books {
			records, err := l.Record.Records(ctx, b.Symbol)
			if err != nil {
				return fmt.Errorf("reading the journal: %w", err)
			}
			for _, r := range records {
				l.count(r)
			}
			l.last = append(l.last, records[len(records)-1])
		}
	}
	l.books = books
	return nil
}

// count takes in how a session ended for a symbol.
func (l *Loop) count(r backtest.Record) {
	if r.Session < l.Engine.Window.From || r.Session <= l.FreshMoney {
		return
	}
	l.equity[r.Session] += r.Account.Equity
	l.health.Equity[r.Symbol] = fmt.Sprintf("%.2f", r.Account.Equity)
}

// ShortOfCash is the error of an account with less cash than the books are to
// start with.
type ShortOfCash struct{ Account, Books Decimal }

func (e *ShortOfCash) Error() string {
	return fmt.Sprintf("the account has %s in cash, and the symbols are to start with %s together", e.Account, e.Books)
}

// OtherAccount is the error of a loop that is to go on with another account than
// the one that it began with. There its orders would be unknown, and its ledger
// would be brought to what a stranger holds.
type OtherAccount struct{ Dir, Kept, Now string }

func (e *OtherAccount) Error() string {
	return fmt.Sprintf("%s trades the account %q, and the keys are those of %q: its orders and its ledger are not of that account", e.Dir, e.Kept, e.Now)
}

func (l *Loop) book(symbol string) *backtest.Book {
	for _, b := range l.books {
		if b.Symbol == symbol {
			return b
		}
	}
	return nil
}

// wait passes the time until at, and looks after the kill switch meanwhile.
func (l *Loop) wait(ctx, stop context.Context, at time.Time) error {
	for {
		if err := stop.Err(); err != nil {
			return err
		}
		if err := l.watch(ctx); err != nil {
			return err
		}
		now := l.Clock.Now()
		if !now.Before(at) {
			return nil
		}
		if err := l.beat("waiting"); err != nil {
			return err
		}
		until := at
		if l.Beat > 0 && now.Add(l.Beat).Before(at) {
			until = now.Add(l.Beat)
		}
		if err := l.Clock.Sleep(stop, until); err != nil {
			return err
		}
	}
}

// beat writes what the loop is doing.
func (l *Loop) beat(doing string) error {
	l.health.Beat, l.health.Doing = l.Clock.Now().UTC(), doing
	l.health.Orders = 0
	for _, b := range l.books {
		if b.Pending() != nil {
			l.health.Orders++
		}
	}
	shown := l.health
	shown.Fault, shown.Halted = l.hidden(shown.Fault), l.hidden(shown.Halted)
	return writeJSON(filepath.Join(l.Dir, healthFile), shown)
}

// The pauses between tries.
const (
	firstPause   = 5 * time.Second
	longestPause = 5 * time.Minute
)

// insist does f until it succeeds. It gives up on what trying again cannot help,
// when stop ends, and with GiveUp once the last of the moments has passed. At each
// of the moments, which are in order, f is tried without waiting any longer.
func (l *Loop) insist(ctx, stop context.Context, moments []time.Time, doing string, f func() error) error {
	pause := firstPause
	for {
		err := f()
		if err == nil {
			l.health.Fault = ""
			return nil
		}
		if ctx.Err() != nil || l.hopeless(err) {
			return err
		}
		now := l.Clock.Now()
		if l.GiveUp && (len(moments) == 0 || !now.Before(moments[len(moments)-1])) {
			return fmt.Errorf("%s: %w", doing, err)
		}
		l.health.Fault = err.Error()
		until := now.Add(pause)
		for _, at := range moments {
			if now.Before(at) && until.After(at) {
				until = at
			}
		}
		l.tell(Trouble, "", "", fmt.Sprintf("%s: %v; trying again in %s", doing, err, until.Sub(now).Round(time.Second)), nil)
		if err := l.beat(doing); err != nil {
			return err
		}
		if err := l.Clock.Sleep(stop, until); err != nil {
			return err
		}
		pause = min(2*pause, longestPause)
	}
}

func (l *Loop) hopeless(err error) bool {
	var short *ShortOfCash
	return errors.Is(err, ErrKey) || errors.As(err, &short) || l.Hopeless != nil && l.Hopeless(err)
}

// tell passes an event on, without the secrets that may be in an error of a model,
// a source or a broker: no observer hears of them.
func (l *Loop) tell(kind Kind, s data.Session, symbol, text string, fields map[string]string) {
	e := Event{At: l.Clock.Now().UTC(), Kind: kind, Session: s, Symbol: symbol, Text: l.hidden(text)}
	if fields != nil {
		e.Fields = make(map[string]string, len(fields))
		for name, value := range fields {
			e.Fields[name] = l.hidden(value)
		}
	}
	l.Observer.Observe(e)
}

func (l *Loop) hidden(text string) string {
	if l.Hide == nil {
		return text
	}
	return l.Hide(text)
}
