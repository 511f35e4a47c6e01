package backtest

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"finmem/agent"
	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
	"finmem/memory"
)

// A Window says which sessions are studied and which are scored. Both ends of
// each are inclusive: warm-up is [WarmupFrom, From), test is [From, To]. An empty
// To is a window without an end: that of a market that is still open.
type Window struct {
	WarmupFrom, From, To data.Session
}

// Validate refuses windows that run backwards.
func (w Window) Validate() error {
	if w.WarmupFrom > w.From {
		return fmt.Errorf("warm-up starts on %s, after the test's first day %s", w.WarmupFrom, w.From)
	}
	if w.To != "" && w.From > w.To {
		return fmt.Errorf("the test runs from %s to %s, which is backwards", w.From, w.To)
	}
	return nil
}

// Phase tells studied sessions from scored ones.
type Phase string

const (
	Warmup Phase = "warm-up"
	Test   Phase = "test"
)

// Config holds what is the same for every symbol of a run.
type Config struct {
	Window Window
	Cash   portfolio.Decimal // each symbol's account starts with it
	Sim    broker.Sim
	Sizing broker.Sizing
	// Executor says what became of orders; nil is Sim.
	Executor Executor
	// Follow makes the ledgers those of accounts at a broker, see
	// [portfolio.Follow].
	Follow bool
	// Gate has the last word on an order before it is recorded; nil lets all pass.
	Gate Gate
	// Early says that decisions are taken before the close: a session's own bar is
	// not known to it, and its order fills before the next one. It needs an
	// Executor. The account is marked at the last close that is known.
	Early bool
	// ReadOnly says why nothing is decided on these sessions, "" where decisions
	// are taken. They are read and remembered, orders of before are settled, no
	// model is asked and nothing is ordered.
	ReadOnly string
	// Notes are put into every record.
	Notes []string
	// Limits stand between decisions and orders, in this order; none unless set.
	Limits []Limit
	// Adjustment says what the dataset's prices already contain: raw prices take
	// splits and dividends, split-adjusted prices dividends only, others neither.
	Adjustment data.Adjustment
	// Live says that scored sessions are run as they happen. Their actions change
	// what is held whatever Adjustment says: the shares were bought at the prices
	// of their day, which a vendor restates only afterwards.
	Live bool
	// LookBack is how many bars, this session's included, an observation holds.
	// A fixed number makes indicators independent of how much earlier history
	// the dataset happens to have.
	LookBack int
	// MaxErrorDays in a row stop the run.
	MaxErrorDays int
	// Parallel is how many symbols are worked on at once. Results do not depend
	// on it.
	Parallel int
}

// ErrTooManyErrorDays is returned by [Run] when Config.MaxErrorDays sessions in
// a row reached no decision. The sessions up to then are recorded.
var ErrTooManyErrorDays = errors.New("too many error days in a row")

// A Recorder keeps a session. Commit is called once per session, with the
// records of all symbols in the order of the books, and keeps all or nothing.
type Recorder interface {
	Commit(ctx context.Context, session data.Session, records []Record) error
}

// Run walks sessions in order. All books finish a session before it is recorded
// and before any of them starts the next, so a run that stops has whole
// sessions only.
//
// sessions is the part of the window that is still to do; progress, if not nil,
// hears of each session once it is recorded.
func Run(ctx context.Context, cfg Config, sessions []data.Session, books []*Book, rec Recorder, progress func(data.Session, []Record)) error {
	if err := cfg.Window.Validate(); err != nil {
		return err
	}
	for _, s := range sessions {
		if err := ctx.Err(); err != nil {
			return err
		}
		records := make([]Record, len(books))
		group, gctx := errgroup.WithContext(ctx)
		group.SetLimit(max(cfg.Parallel, 1))
		for i, book := range books {
			group.Go(func() error {
				record, err := book.session(gctx, cfg, s)
				if err != nil {
					return fmt.Errorf("%s, session %s: %w", book.Symbol, s, err)
				}
				records[i] = record
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		if err := rec.Commit(ctx, s, records); err != nil {
			return fmt.Errorf("recording session %s: %w", s, err)
		}
		if progress != nil {
			progress(s, records)
		}
		for i, book := range books {
			if f := records[i].Failure; f != nil && cfg.MaxErrorDays > 0 && book.errorStreak >= cfg.MaxErrorDays {
				return fmt.Errorf("%s: %w: %d, the last on %s: %s", book.Symbol, ErrTooManyErrorDays, book.errorStreak, s, f.Reason)
			}
		}
	}
	return nil
}

// A Feed is what a symbol's market showed; [data.Feed] is one.
type Feed interface {
	Day(data.Session) (data.Day, error)
	Bars(upTo data.Session) []data.Bar
}

// An Ending is a [Feed] that knows that no price comes after its last session,
// such as one that plays back the past. In a window without an end a market is
// taken to go on unless its feed says otherwise.
type Ending interface {
	Ends() data.Session
}

// A Rememberer's memory is part of the session's transaction.
type Rememberer interface {
	TakeChanges() []memory.Change
}

// asFailure finds the error day in err.
func asFailure(err error) (*agent.Failure, bool) {
	var f *agent.Failure
	ok := errors.As(err, &f)
	return f, ok
}
