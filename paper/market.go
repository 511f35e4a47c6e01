package paper

import (
	"context"
	"fmt"
	"time"

	"finmem/backtest"
	"finmem/data"
)

// A Market says what can be known of the symbols when a session is decided.
type Market interface {
	// Session gives a view of every symbol as of now, for deciding or reading s. An
	// error is one of the source; it is asked again later.
	Session(ctx context.Context, s data.Session) (map[string]View, error)
}

// A View is what can be known of one symbol.
type View struct {
	Feed    backtest.Feed
	Actions []data.Action // on sessions, see [data.Calendar.OnSessions]
}

// A Shelf is a [Market] of kept data: a dataset that may grow. It shows no bar of
// a session that is not over, whatever the data has, so that half a day's trading
// is never taken for a close.
type Shelf struct {
	// Read gives what there is now. The same snapshot as the last time says that
	// nothing has changed.
	Read     func(context.Context) (*Snapshot, error)
	Calendar *data.Calendar
	Clock    Clock
	// Before is how long before the close a session's cut-off lies.
	Before time.Duration
	// Until, where it is set, is the last session that is played back: a symbol
	// without a price after a session and up to it has ended.
	Until data.Session

	read  *Snapshot
	views map[string]View
}

// A Snapshot is all that is known of some symbols at one moment.
type Snapshot struct{ Histories map[string]data.History }

// Session reads what there is. The views stay right when the clock moves on.
func (m *Shelf) Session(ctx context.Context, s data.Session) (map[string]View, error) {
	now, err := m.Read(ctx)
	if err != nil {
		return nil, err
	}
	if m.views == nil || m.read != now {
		if m.views, err = m.open(now.Histories); err != nil {
			return nil, err
		}
		m.read = now
	}
	return m.views, nil
}

func (m *Shelf) open(histories map[string]data.History) (map[string]View, error) {
	views := make(map[string]View, len(histories))
	for symbol, h := range histories {
		feed, err := data.NewFeed(m.Calendar, h, data.FeedOptions{CutoffBefore: m.Before})
		if err != nil {
			return nil, err
		}
		actions, err := m.Calendar.OnSessions(h.Actions)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", symbol, err)
		}
		known := known{feed: feed, calendar: m.Calendar, clock: m.Clock}
		views[symbol] = View{Feed: known, Actions: actions}
		if m.Until == "" {
			continue
		}
		ends := played{known: known}
		if bars := feed.Bars(m.Until); len(bars) > 0 {
			ends.last = bars[len(bars)-1].Session
		}
		views[symbol] = View{Feed: ends, Actions: actions}
	}
	return views, nil
}

// known is a feed without the bars of sessions that are not over.
type known struct {
	feed     *data.Feed
	calendar *data.Calendar
	clock    Clock
}

// over reports whether session s has closed.
func (k known) over(s data.Session) bool { return !k.clock.Now().Before(k.calendar.Close(s)) }

func (k known) Day(s data.Session) (data.Day, error) {
	day, err := k.feed.Day(s)
	if err == nil && day.HasBar && !k.over(s) {
		day.Bar, day.HasBar = data.Bar{}, false
	}
	return day, err
}

func (k known) Bars(upTo data.Session) []data.Bar {
	bars := k.feed.Bars(upTo)
	for len(bars) > 0 && !k.over(bars[len(bars)-1].Session) {
		bars = bars[:len(bars)-1]
	}
	return bars
}

// played is a feed of the past that knows where it ends.
type played struct {
	known
	last data.Session
}

func (p played) Ends() data.Session { return p.last }

// Refreshed is a [Market] whose data is brought up to date before it is looked
// at.
type Refreshed struct {
	Market
	// Refresh fetches what is new. Its error says that the data is not whole;
	// the loop tries again.
	Refresh func(ctx context.Context, s data.Session) error
	Clock   Clock
	// Final is when the data of a session is taken to be whole: data fetched
	// later need not be fetched again for it.
	Final func(data.Session) time.Time

	fetched time.Time
}

func (m *Refreshed) Session(ctx context.Context, s data.Session) (map[string]View, error) {
	if m.fetched.IsZero() || !m.fetched.After(m.Final(s)) {
		now := m.Clock.Now()
		if err := m.Refresh(ctx, s); err != nil {
			return nil, fmt.Errorf("fetching the data of session %s: %w", s, err)
		}
		m.fetched = now
	}
	return m.Market.Session(ctx, s)
}
