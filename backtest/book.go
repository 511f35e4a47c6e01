package backtest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"

	"finmem/agent"
	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// A Book is one symbol's side of a run: its market, its trader, its own cash and
// its open order.
type Book struct {
	Symbol  string
	Feed    Feed
	Actions []data.Action
	Trader  Trader

	ledger      *portfolio.Ledger
	pending     *broker.Order
	mark        float64 // last close seen, 0 before the first
	limits      limitState
	errorStreak int
	correction  *portfolio.Correction
}

// A State is what a book carries from one session to the next, besides what its
// trader remembers.
type State struct {
	Ledger  portfolio.State `json:"ledger"`
	Pending *broker.Order   `json:"pending,omitempty"`
	Mark    float64         `json:"mark"`
	Limits  *LimitState     `json:"limits,omitempty"` // nil without limits
	// ErrorStreak is the number of error days in a row up to now.
	ErrorStreak int `json:"errorStreak,omitempty"`
}

// NewBook opens a book with cfg's cash.
func NewBook(symbol string, feed Feed, actions []data.Action, trader Trader, cfg Config) *Book {
	open := portfolio.New
	if cfg.Follow {
		open = portfolio.Follow
	}
	return &Book{Symbol: symbol, Feed: feed, Actions: actions, Trader: trader,
		ledger: open(cfg.Cash, cfg.Sizing.Short), limits: newLimitState(cfg.Cash)}
}

// Restore puts a book back to where it stood after a recorded session.
func (b *Book) Restore(s State) error {
	ledger, err := portfolio.FromState(s.Ledger)
	if err != nil {
		return fmt.Errorf("%s: %w", b.Symbol, err)
	}
	if s.Limits != nil {
		if b.limits, err = restoreLimits(*s.Limits); err != nil {
			return fmt.Errorf("%s: %w", b.Symbol, err)
		}
	}
	b.ledger, b.pending, b.mark, b.errorStreak = ledger, s.Pending, s.Mark, s.ErrorStreak
	return nil
}

// session is one trading day of one symbol. The order matters: corporate actions
// take effect before the open, the open settles yesterday's order, the close
// marks the account, and only then is the next decision taken.
func (b *Book) session(ctx context.Context, cfg Config, s data.Session) (Record, error) {
	day, err := b.Feed.Day(s)
	if err != nil {
		return Record{}, err
	}
	rec := Record{Symbol: b.Symbol, Session: s, Phase: Test, Notes: slices.Clone(cfg.Notes)}
	if s < cfg.Window.From {
		rec.Phase = Warmup
	}
	if err := b.begin(ctx, cfg, day, &rec); err != nil {
		return Record{}, err
	}
	if err := b.correct(s, &rec); err != nil {
		return Record{}, err
	}
	rec.Open = math.NaN()
	if day.HasBar {
		rec.Open = day.Bar.Open
	}
	account, err := b.account()
	if err != nil {
		return Record{}, err
	}
	rec.HasBar, rec.Close, rec.Account = day.HasBar, b.mark, account
	if err := b.think(ctx, cfg, day, account, &rec); err != nil {
		return Record{}, err
	}
	if rec.Phase == Test && b.priced(cfg, day) && cfg.ReadOnly == "" {
		if err := b.queue(cfg, s, &rec); err != nil {
			return Record{}, err
		}
	}
	if r, ok := b.Trader.(Rememberer); ok {
		rec.Memory = r.TakeChanges()
	}
	rec.State = State{Ledger: b.ledger.State(), Pending: b.pending, Mark: b.mark, ErrorStreak: b.errorStreak}
	if len(cfg.Limits) > 0 {
		rec.State.Limits = b.limits.state()
	}
	return rec, nil
}

// begin brings the account to where it stands when the session is decided.
func (b *Book) begin(ctx context.Context, cfg Config, day data.Day, rec *Record) error {
	if !cfg.Early || day.HasBar {
		if err := b.applyActions(cfg, day.Session, rec); err != nil {
			return err
		}
		if err := b.settle(ctx, cfg, day, rec); err != nil {
			return err
		}
		if day.HasBar {
			b.mark = day.Bar.Close
		}
		return nil
	}
	// The order of the session before has filled in that session, before today's
	// splits and dividends.
	if err := b.settle(ctx, cfg, day, rec); err != nil {
		return err
	}
	if bars := b.Feed.Bars(day.Session); len(bars) > 0 {
		b.mark = b.restated(cfg, bars[len(bars)-1:], day.Session.AddDays(-1))[0].Close
	}
	return b.applyActions(cfg, day.Session, rec)
}

// priced reports whether there is a price to decide a session by.
func (b *Book) priced(cfg Config, day data.Day) bool {
	return day.HasBar || cfg.Early && len(b.Feed.Bars(day.Session)) > 0
}

// think lets the trader see the day.
func (b *Book) think(ctx context.Context, cfg Config, day data.Day, account agent.Account, rec *Record) error {
	obs := b.observation(cfg, day, account)
	learner, learns := b.Trader.(Learner)
	known, ret, labelled := b.outcome(cfg, day)

	var decision agent.Decision
	var err error
	switch {
	case cfg.ReadOnly != "":
		rec.Status = StatusMissed
		rec.Notes = append(rec.Notes, "nothing was decided: "+cfg.ReadOnly)
		if !learns {
			return nil
		}
		return learner.Observe(ctx, obs)
	case rec.Phase == Warmup && !learns:
		rec.Status = StatusIdle
		return nil
	case rec.Phase == Warmup && labelled:
		rec.Status = StatusLearned
		decision, err = learner.Learn(ctx, agent.Lesson{Observation: obs, Return: ret, Known: known})
	case rec.Phase == Test && b.priced(cfg, day):
		rec.Status = StatusDecided
		decision, err = b.Trader.Decide(ctx, obs)
	case learns:
		rec.Status = StatusObserved
		return learner.Observe(ctx, obs)
	default:
		rec.Status = StatusIdle
		return nil
	}
	if failure, ok := asFailure(err); ok {
		rec.Status, rec.Failure = StatusError, failure
		b.errorStreak++
		return nil
	}
	if err != nil {
		return err
	}
	b.errorStreak = 0
	rec.Decision = &decision
	return nil
}

// outcome is the move that a warm-up session may be shown: to the close of the
// next session with a price, which must itself lie before the test window.
func (b *Book) outcome(cfg Config, day data.Day) (known data.Session, ret float64, ok bool) {
	if !day.HasBar || day.Session >= cfg.Window.From {
		return "", 0, false
	}
	studied := b.Feed.Bars(cfg.Window.From.AddDays(-1))
	i := sort.Search(len(studied), func(i int) bool { return studied[i].Session > day.Session })
	if i == len(studied) {
		return "", 0, false
	}
	before := b.restated(cfg, []data.Bar{day.Bar}, studied[i].Session)[0]
	return studied[i].Session, studied[i].Close/before.Close - 1, true
}

// restated are bars in the shares of session upTo, so that a split in prices as
// traded is not seen as a fall. Prices of any other kind contain their splits.
func (b *Book) restated(cfg Config, bars []data.Bar, upTo data.Session) []data.Bar {
	if cfg.Adjustment != data.Raw {
		return bars
	}
	return data.RestateBars(bars, b.Actions, upTo)
}

// applyActions brings splits and dividends into the ledger, as far as the prices
// do not already contain them. An order decided before a split is in old shares,
// so it is scaled too; so is the last close, by which a session without a price
// is marked. During the warm-up the account holds nothing that they could change.
//
// At a broker a dividend is cash on its pay date, weeks after the session from which
// on prices are without it, or never: it is not booked here, and comes in when the
// broker has it.
func (b *Book) applyActions(cfg Config, s data.Session, rec *Record) error {
	for _, a := range b.Actions {
		if a.Session != s {
			continue
		}
		switch {
		case cfg.Adjustment == data.Raw, cfg.Live && s >= cfg.Window.From:
		case cfg.Adjustment == data.SplitAdjusted:
			a.Split = 0
		default:
			continue
		}
		if cfg.Follow {
			if a.Dividend = 0; a.Split == 0 {
				continue
			}
		}
		rec.split(a.Split)
		var price broker.Decimal
		if a.Split != 0 && b.mark > 0 {
			b.mark /= a.Split
			var err error
			if price, err = broker.Price(b.mark); err != nil {
				return fmt.Errorf("split of %v: %w", a.Split, err)
			}
		}
		done, err := b.ledger.Act(a, price, cfg.Sim.Lot)
		if err != nil {
			return fmt.Errorf("corporate action: %w", err)
		}
		b.limits.follow(b.ledger, price)
		rec.Adjustments = append(rec.Adjustments, done)
		if a.Split != 0 && b.pending != nil {
			scaled, left, err := b.pending.AfterSplit(a.Split, cfg.Sim.Lot)
			if err != nil {
				return fmt.Errorf("corporate action: %w", err)
			}
			b.pending = &scaled
			if !left {
				rec.Settled = &Settlement{Order: scaled, Note: "rejected: the split left less than one lot"}
				b.pending = nil
			}
		}
	}
	return nil
}

// settle books what became of the open order.
func (b *Book) settle(ctx context.Context, cfg Config, day data.Day, rec *Record) error {
	if b.pending == nil {
		return nil
	}
	result, ended, err := cfg.executor().Settle(ctx, *b.pending, day, b.ledger)
	if err != nil || !ended {
		return err
	}
	if result.Fill != nil {
		if err := b.ledger.Apply(*result.Fill); err != nil {
			return err
		}
		b.limits.follow(b.ledger, result.Fill.Price)
	}
	rec.Settled = &Settlement{Order: *b.pending, Fill: result.Fill, Clamped: result.Clamped, Note: result.Note}
	b.pending = nil
	return nil
}

// queue turns the decision, as far as the limits allow it, into an order for the
// next session with a price. Where the window has none left nothing could fill
// the order, so none is placed.
func (b *Book) queue(cfg Config, s data.Session, rec *Record) error {
	action := agent.Hold // an error day keeps the position
	if rec.Decision != nil {
		action = rec.Decision.Action
	}
	order, ok, note, err := b.order(cfg, s, action, rec)
	if err != nil {
		return err
	}
	if ok && cfg.Gate != nil {
		var changes []Limited
		order, ok, changes = cfg.Gate.Pass(Proposal{Order: order, Close: b.mark, Equity: rec.Account.Equity, Holdings: b.ledger, Lot: cfg.Sim.Lot})
		rec.Limited = append(rec.Limited, changes...)
		if !ok && len(changes) > 0 {
			note = changes[len(changes)-1].Reason
		}
	}
	switch {
	case !ok:
		if note != "" {
			rec.Notes = append(rec.Notes, "no order: "+note)
		}
	case !b.fillable(cfg, s):
		rec.Notes = append(rec.Notes, fmt.Sprintf("not executed: %s %s shares, and the window has no later price", order.Side, order.Shares))
	default:
		b.pending, rec.Order = &order, &order
	}
	return nil
}

// fillable reports whether the window has a price after session s.
func (b *Book) fillable(cfg Config, s data.Session) bool {
	if cfg.Window.To == "" {
		e, ends := b.Feed.(Ending)
		return !ends || s < e.Ends() || cfg.Early && s == e.Ends()
	}
	bars := b.Feed.Bars(cfg.Window.To)
	return len(bars) > 0 && bars[len(bars)-1].Session > s
}

// order is what an action asks for under the limits, with a note where it asks
// for something and gets nothing.
func (b *Book) order(cfg Config, s data.Session, action agent.Action, rec *Record) (broker.Order, bool, string, error) {
	wish, held := b.wish(cfg, action, rec.Account)
	allowed := wish
	if len(cfg.Limits) > 0 {
		at := Standing{Session: s, Equity: rec.Account.Equity, Weight: held, TargetWeight: cfg.Sizing.TargetWeight,
			Bars: b.restated(cfg, b.Feed.Bars(s), s), Lost: b.limits.lost}
		b.limits.lost = false
		allowed, rec.Limited = apply(cfg.Limits, at, b.limits.memory, wish)
	}
	if wish == held && near(held, allowed) {
		allowed, rec.Limited = wish, nil // nothing more was asked for, and nothing has to change
	}
	switch {
	case allowed == wish && action == agent.Hold:
		return broker.Order{}, false, "", nil
	case allowed == wish:
		return cfg.Sizing.Order(b.Symbol, s, action, b.mark, b.ledger, cfg.Sim.Costs, cfg.Sim.Lot)
	case near(held, allowed):
		return broker.Order{}, false, fmt.Sprintf("a weight of %.4f is held and %.4f is allowed, which is near enough", held, allowed), nil
	}
	return cfg.Sizing.To(b.Symbol, s, allowed, b.mark, b.ledger, cfg.Sim.Costs, cfg.Sim.Lot)
}

// wish is the weight that an action asks for, and the one that is held. A buy
// never sells and a sell never buys, so a position beyond the target is kept.
func (b *Book) wish(cfg Config, action agent.Action, account agent.Account) (wish, held float64) {
	held = account.Shares * b.mark / account.Equity
	if account.Equity <= 0 && account.Shares != 0 {
		held = math.Copysign(math.MaxFloat64, account.Shares)
	}
	switch {
	case action == agent.Buy:
		return max(held, cfg.Sizing.TargetWeight), held
	case action == agent.Sell && cfg.Sizing.Short:
		return min(held, -cfg.Sizing.TargetWeight), held
	case action == agent.Sell:
		return 0, held
	}
	return held, held
}

// account is the ledger's word on the holdings, marked at the last close.
func (b *Book) account() (agent.Account, error) {
	equity := b.ledger.Cash()
	if !b.ledger.Shares().IsZero() {
		price, err := broker.Price(b.mark)
		if err != nil {
			return agent.Account{}, fmt.Errorf("marking the position: %w", err)
		}
		equity = b.ledger.Equity(price)
	}
	return agent.Account{
		Cash:        b.ledger.Cash().InexactFloat64(),
		Shares:      b.ledger.Shares().InexactFloat64(),
		Equity:      equity.InexactFloat64(),
		AverageCost: b.ledger.AverageCost().InexactFloat64(),
	}, nil
}
