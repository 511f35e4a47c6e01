package paper

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"finmem/backtest"
	"finmem/data"
)

// errNoPrice says that a session's price is not there yet.
var errNoPrice = errors.New("the session's price is not there yet")

// session runs one session to its end: committed, and its orders sent.
func (l *Loop) session(ctx, stop context.Context, s data.Session) error {
	doing := fmt.Sprintf("session %s", s)
	if s >= l.Engine.Window.From { // those before it come in a row
		if err := l.beat(doing); err != nil {
			return err
		}
	}
	by := l.Deadline(s)
	missed := false
	var records []backtest.Record
	err := l.insist(ctx, stop, []time.Time{l.PriceBy(s), by}, doing, func() (err error) {
		if l.books == nil {
			if err := l.restore(ctx); err != nil {
				return err
			}
		}
		if n := len(l.done); n > 0 && l.done[n-1] == s {
			records = l.last // it was committed after all
			return nil
		}
		late := s >= l.Engine.Window.From && l.Clock.Now().After(by)
		if late && !missed {
			missed = true
			l.miss(s)
		}
		records, err = l.attempt(ctx, s, late)
		return err
	})
	if err != nil {
		return err
	}
	if err := l.committed(ctx, s, records); err != nil {
		return err
	}
	return l.send(ctx, stop)
}

// miss reports a session whose decision time has passed.
func (l *Loop) miss(s data.Session) {
	l.state.Missed++
	l.health.Missed = l.state.Missed
	l.tell(Missed, s, "", fmt.Sprintf("session %s was to be decided at %s, %s ago: it is read, and nothing is traded",
		s, l.Decision(s).Format(time.RFC3339), l.Clock.Now().Sub(l.Decision(s)).Round(time.Second)), nil)
}

// attempt is one try at a session, up to its commit. A failed one changes
// nothing: the books are made anew for the next.
func (l *Loop) attempt(ctx context.Context, s data.Session, late bool) ([]backtest.Record, error) {
	views, err := l.Market.Session(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, b := range l.books {
		view, ok := views[b.Symbol]
		if !ok {
			return nil, fmt.Errorf("the market says nothing of %s", b.Symbol)
		}
		b.Feed, b.Actions = view.Feed, view.Actions
	}
	cfg, err := l.prepare(ctx, s, late)
	if err != nil {
		return nil, err
	}
	var records []backtest.Record
	err = backtest.Run(ctx, cfg, []data.Session{s}, l.books, l.Record, func(_ data.Session, r []backtest.Record) { records = r })
	if err != nil {
		l.books = nil
		return nil, err
	}
	l.done = append(l.done, s)
	for _, r := range records {
		l.count(r)
	}
	return records, nil
}

// prepare finds out what the engine has to know of a session: its prices, what
// became of the orders, where the ledgers differ from the account, and whether it
// is decided.
func (l *Loop) prepare(ctx context.Context, s data.Session, late bool) (cfg backtest.Config, err error) {
	cfg = l.Engine
	cfg.Window.To = ""   // the market goes on
	cfg.MaxErrorDays = 0 // the loop halts instead
	cfg.Early = l.Early()
	if l.Limits.MaxOrders > 0 && l.Limits.MaxOrders < len(l.books) {
		cfg.Parallel = 1 // whose order is one too many must not depend on chance
	}
	if s < l.Engine.Window.From {
		if l.ReadUpTo {
			cfg.ReadOnly = "the session lies before the first decision"
		}
		return cfg, nil
	}
	if !late {
		if err := l.priced(s); err != nil {
			return cfg, err
		}
	}
	if err := l.inform(ctx, s); err != nil {
		return cfg, err
	}
	found, err := l.collect(ctx, s)
	if err != nil {
		return cfg, err
	}
	cfg.Executor = found
	g := &gate{Limits: l.Limits}
	current, err := l.current(s)
	if err != nil {
		return cfg, err
	}
	if current {
		equity, err := l.reconcile(ctx, cfg, s)
		if err != nil {
			return cfg, err
		}
		breaches, err := l.guard(ctx, s, equity)
		if err != nil {
			return cfg, err
		}
		for _, b := range breaches {
			g.lessBy, g.less = b.limit, b.text
			cfg.Notes = append(cfg.Notes, fmt.Sprintf("%s: %s", b.limit, b.text))
		}
	}
	cfg.Gate, cfg.ReadOnly = g, l.readOnly(late)
	return cfg, nil
}

// current reports whether s is the last session that is over. Of an earlier one
// the account says nothing: it is as later sessions have left it.
func (l *Loop) current(s data.Session) (bool, error) {
	if _, told := l.Broker.(Told); told {
		return true, nil
	}
	next, err := l.Calendar.Next(s)
	if err != nil {
		return false, err
	}
	until := l.Calendar.Open(next)
	if until.Equal(l.Calendar.Close(s)) { // a market that never closes
		until = l.Calendar.Close(next)
	}
	return l.Clock.Now().Before(until), nil
}

// readOnly says why a session is not decided, "" where it is.
func (l *Loop) readOnly(late bool) string {
	switch {
	case late:
		return "its time had passed"
	case l.halt.Halted:
		return "trading is halted: " + l.halt.Reason
	}
	return ""
}

// priced is errNoPrice where a symbol has no price of session s yet and it is
// still waited for. After that the session is one without a price.
func (l *Loop) priced(s data.Session) error {
	if !l.Clock.Now().Before(l.PriceBy(s)) {
		return nil
	}
	s, err := l.newest(s)
	if err != nil {
		return err
	}
	var without []string
	for _, b := range l.books {
		day, err := b.Feed.Day(s)
		if err != nil {
			return err
		}
		if !day.HasBar {
			without = append(without, b.Symbol)
		}
	}
	if len(without) > 0 {
		return fmt.Errorf("%w: %s", errNoPrice, strings.Join(without, ", "))
	}
	return nil
}

// newest is the session whose bar is the newest that a decision on s can know:
// its own, or with decisions before the close the one before.
func (l *Loop) newest(s data.Session) (data.Session, error) {
	if l.Early() {
		return l.Calendar.Prev(s)
	}
	return s, nil
}

// inform tells a broker without a market what the session was.
func (l *Loop) inform(ctx context.Context, s data.Session) error {
	told, ok := l.Broker.(Told)
	if !ok {
		return nil
	}
	for _, b := range l.books {
		day, err := b.Feed.Day(s)
		if err != nil {
			return err
		}
		if l.Early() {
			if err := l.informOfClose(ctx, told, b, s); err != nil {
				return err
			}
		}
		if err := told.Tell(ctx, day, b.Actions); err != nil {
			return fmt.Errorf("telling %s of session %s: %w", l.Broker.Name(), s, err)
		}
	}
	return nil
}

// informOfClose tells a broker how the session before s closed: the price at which
// an order fills that was decided before that close.
func (l *Loop) informOfClose(ctx context.Context, told Told, b *backtest.Book, s data.Session) error {
	before, err := l.Calendar.Prev(s)
	if err != nil || before < l.Engine.Window.From {
		return err
	}
	day, err := b.Feed.Day(before)
	if err != nil {
		return err
	}
	if day.HasBar {
		day.Bar = data.CloseBar(before, day.Bar.Close)
	}
	if err := told.Tell(ctx, day, b.Actions); err != nil {
		return fmt.Errorf("telling %s of the close of session %s: %w", l.Broker.Name(), before, err)
	}
	return nil
}

// committed does what follows from a session that is in the journal.
func (l *Loop) committed(ctx context.Context, s data.Session, records []backtest.Record) error {
	l.health.Last = s
	changed := l.state.Missed != l.saved
	for _, r := range records {
		l.report(r)
		if r.Settled != nil {
			delete(l.state.Outbox, r.Settled.Order.ID)
			changed = true
		}
	}
	if changed {
		if err := l.save(); err != nil {
			return err
		}
	}
	return l.judge(ctx, records)
}

// judge halts where a session's records ask for it.
func (l *Loop) judge(ctx context.Context, records []backtest.Record) error {
	streak, failed := 0, 0 // of all symbols, and of those that failed this time
	for _, r := range records {
		streak = max(streak, r.State.ErrorStreak)
		if r.Status == backtest.StatusError {
			failed = max(failed, r.State.ErrorStreak)
		}
		for _, x := range r.Limited {
			if l.haltsOn(x.Limit) {
				if err := l.haltNow(ctx, fmt.Sprintf("%s: %s", r.Symbol, x.Reason)); err != nil {
					return err
				}
			}
		}
	}
	l.health.ErrorDays = streak
	if n := l.Engine.MaxErrorDays; n > 0 && failed >= n && l.haltsOn(HaltErrorDays) {
		return l.haltNow(ctx, fmt.Sprintf("error days in a row: %d", failed))
	}
	return nil
}

func (l *Loop) haltsOn(name string) bool { return slices.Contains(l.HaltOn, name) }

// report says what a session did to a symbol.
func (l *Loop) report(r backtest.Record) {
	for _, a := range r.Adjustments {
		if c := a.Correction; c != nil {
			l.tell(Corrected, r.Session, r.Symbol, c.Reason, map[string]string{"cash": c.Cash.String(), "shares": c.Shares.String()})
		}
	}
	if st := r.Settled; st != nil && st.Fill == nil {
		l.tell(NotFilled, r.Session, r.Symbol, st.Note, map[string]string{"order": st.Order.ID, "ordered": st.Order.Shares.String()})
	} else if st != nil {
		f := st.Fill
		text := fmt.Sprintf("%s %s shares at %s", f.Side, f.Shares, f.Price)
		if st.Note != "" {
			text += "; " + st.Note
		}
		l.tell(Fill, r.Session, r.Symbol, text, map[string]string{"order": st.Order.ID, "side": string(f.Side), "shares": f.Shares.String(),
			"ordered": st.Order.Shares.String(), "price": f.Price.String(), "fee": f.Fee.String(), "filled": string(f.Session)})
	}
	account := map[string]string{"equity": fmt.Sprintf("%.2f", r.Account.Equity), "cash": fmt.Sprintf("%.2f", r.Account.Cash),
		"shares": fmt.Sprint(r.Account.Shares), "close": fmt.Sprint(r.Close)}
	switch {
	case r.Status == backtest.StatusDecided:
		account["action"] = string(r.Decision.Action)
		text := fmt.Sprintf("%s: %s", r.Decision.Action, r.Decision.Reason)
		if r.Order != nil {
			account["order"], account["ordered"] = r.Order.ID, r.Order.Shares.String()
		}
		l.tell(Decided, r.Session, r.Symbol, text, account)
	case r.Status == backtest.StatusError:
		l.tell(ErrorDay, r.Session, r.Symbol, r.Failure.Reason, account)
	}
	for _, x := range r.Limited {
		l.tell(Breach, r.Session, r.Symbol, fmt.Sprintf("%s: %s", x.Limit, x.Reason), map[string]string{
			"limit": x.Limit, "wish": fmt.Sprintf("%.4f", x.Wish), "allowed": fmt.Sprintf("%.4f", x.Allowed)})
	}
	if r.Phase == backtest.Test {
		l.tell(Finished, r.Session, r.Symbol, string(r.Status), account)
	}
}

// A breach is a limit that the account as a whole has gone beyond, in words.
type breach struct{ limit, text string }

// guard says where the account has lost so much that positions may only be made
// smaller, tells of it, and halts where that is asked for. What one try at a session
// has found holds for the next, and is not told again. equity is that of all books.
func (l *Loop) guard(ctx context.Context, s data.Session, equity float64) ([]breach, error) {
	if err := l.watch(ctx); err != nil { // a resume starts the drawdown anew
		return nil, err
	}
	if l.breached != s {
		l.breached, l.breaches = s, nil
	}
	for _, b := range l.beyond(equity) {
		if !slices.ContainsFunc(l.breaches, func(x breach) bool { return x.limit == b.limit }) {
			l.breaches = append(l.breaches, b)
			l.tell(Breach, s, "", b.text, map[string]string{"limit": b.limit, "equity": fmt.Sprintf("%.2f", equity)})
		}
		if l.haltsOn(b.limit) {
			if err := l.haltNow(ctx, b.text); err != nil {
				return nil, err
			}
		}
	}
	return l.breaches, nil
}

// beyond are the limits on losses that an equity is beyond.
func (l *Loop) beyond(equity float64) (list []breach) {
	sessions := slices.Sorted(maps.Keys(l.equity))
	if len(sessions) == 0 {
		return nil
	}
	before := l.equity[sessions[len(sessions)-1]]
	if loss := 1 - equity/before; l.Limits.MaxDailyLoss > 0 && before > 0 && loss >= l.Limits.MaxDailyLoss-roundOff {
		list = append(list, breach{LimitDailyLoss, fmt.Sprintf("equity %.2f is %.2f %% below that of the session before", equity, 100*loss)})
	}
	peak := equity
	for _, x := range sessions {
		if l.Decision(x).After(l.halt.At) {
			peak = max(peak, l.equity[x])
		}
	}
	if fall := 1 - equity/peak; l.Limits.MaxDrawdown > 0 && peak > 0 && fall >= l.Limits.MaxDrawdown-roundOff {
		list = append(list, breach{LimitDrawdown, fmt.Sprintf("equity %.2f is %.2f %% below its peak of %.2f", equity, 100*fall, peak)})
	}
	return list
}

// roundOff is what binary fractions may miss a limit by: 80 of 100 is a fall of
// 0.2.
const roundOff = 1e-12
