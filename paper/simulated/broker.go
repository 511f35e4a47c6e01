package simulated

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sort"
	"sync"

	"github.com/quagmt/udecimal"

	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
	"finmem/paper"
)

// A Config is what an account is opened with.
type Config struct {
	// Name is what the account is called; "" is "sim".
	Name string
	// Symbols are those that may be traded.
	Symbols []string
	// Cash is what each symbol's account starts with.
	Cash paper.Decimal
	Sim  broker.Sim
	// Adjustment says what the prices already contain of corporate actions, as in
	// a backtest.
	Adjustment data.Adjustment
	// Clock gives the times of acceptance.
	Clock paper.Clock
}

// A Market is what a session's market was for a symbol.
type Market struct {
	Session data.Session
	Symbol  string
	// Bar is the session's bar where HasBar. While the session lasts it is the bar
	// so far: its open fills, and its close is the last price.
	Bar    data.Bar
	HasBar bool
	// Actions are corporate actions; those of other sessions are passed over.
	Actions []data.Action
}

// A Broker is a simulated account. It implements [paper.Broker] and is safe for
// several goroutines.
type Broker struct {
	cfg Config
	db  *sql.DB

	mu       sync.Mutex
	accounts map[string]account
	open     []order // by sequence
	seq      int64   // of the last order
}

// An account is one symbol's side. It is a value: a change makes another one.
type account struct {
	ledger  *portfolio.Ledger // never changed once in an account
	mark    float64           // last price, 0 before the first
	session data.Session      // last session that was settled
}

// An order is a receipt with its place in the order of acceptance.
type order struct {
	seq int64
	paper.Receipt
}

// Open opens the account in the file at path, and makes the file where there is
// none. Symbols that the account does not have yet begin with cfg.Cash.
func Open(ctx context.Context, path string, cfg Config) (*Broker, error) {
	if cfg.Name == "" {
		cfg.Name = "sim"
	}
	if err := cfg.Sim.Validate(); err != nil {
		return nil, fmt.Errorf("simulated broker: %w", err)
	}
	if cfg.Clock == nil {
		return nil, errors.New("simulated broker: a clock is needed")
	}
	if cfg.Cash.IsNeg() {
		return nil, fmt.Errorf("simulated broker: cash of %s: want a number from 0", cfg.Cash)
	}
	db, err := connect(path)
	if err != nil {
		return nil, err
	}
	b := &Broker{cfg: cfg, db: db, accounts: map[string]account{}}
	if err := b.load(ctx); err != nil {
		return nil, fmt.Errorf("opening the simulated account %s: %w", path, errors.Join(err, db.Close()))
	}
	return b, nil
}

// Close closes the file.
func (b *Broker) Close() error { return b.db.Close() }

// Name implements [paper.Broker].
func (b *Broker) Name() string { return b.cfg.Name }

// Submit implements [paper.Broker]. A sale of more than is held and not held by
// another order is refused unless short positions are allowed; what a purchase
// may cost is looked at when it fills.
func (b *Broker) Submit(ctx context.Context, t paper.Ticket) (paper.Receipt, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, found, err := b.find(ctx, t.ClientID); err != nil {
		return paper.Receipt{}, err
	} else if found {
		return paper.Receipt{}, fmt.Errorf("order %s: %w", t.ClientID, paper.ErrDuplicate)
	}
	if why := b.refuses(t); why != "" {
		return paper.Receipt{}, fmt.Errorf("order %s: %w", t.ClientID, &paper.Rejected{Reason: why})
	}
	o := order{seq: b.seq + 1, Receipt: paper.Receipt{Ticket: t, BrokerID: fmt.Sprintf("sim-%d", b.seq+1), Status: paper.Open, Submitted: b.cfg.Clock.Now().UTC()}}
	if err := b.save(ctx, nil, []order{o}); err != nil {
		return paper.Receipt{}, fmt.Errorf("order %s: %w", t.ClientID, err)
	}
	b.seq++
	b.open = append(b.open, o)
	return o.Receipt, nil
}

// refuses says why a ticket is not taken, "" where it is.
func (b *Broker) refuses(t paper.Ticket) string {
	acc, known := b.accounts[t.Symbol]
	lot := b.lot()
	switch {
	case t.ClientID == "":
		return "the order has no client id"
	case !known:
		return fmt.Sprintf("%s is not traded in this account", t.Symbol)
	case t.Side != broker.Buy && t.Side != broker.Sell:
		return fmt.Sprintf("side %q is not buy or sell", t.Side)
	case !t.Shares.IsPos() || !t.Shares.Equal(t.Shares.Trunc(9)):
		return fmt.Sprintf("%s shares: want a number above 0 with at most 9 decimals", t.Shares)
	case t.Limit.IsNeg():
		return fmt.Sprintf("limit of %s: want a price above 0, or none", t.Limit)
	}
	available := b.available(t.Symbol)
	_, rest := t.Shares.MustQuoRem(lot)
	switch {
	case !rest.IsZero() && !(t.Side == broker.Sell && t.Shares.Equal(acc.ledger.Shares())):
		return fmt.Sprintf("%s shares are not a multiple of the lot of %s", t.Shares, lot)
	case t.Side == broker.Sell && !b.cfg.Sim.Short && t.Shares.GreaterThan(available):
		return fmt.Sprintf("insufficient quantity available (requested: %s, available: %s)", t.Shares, available)
	}
	return ""
}

// lot is the smallest number of shares that trades.
func (b *Broker) lot() paper.Decimal {
	if b.cfg.Sim.Lot.IsZero() {
		return udecimal.One
	}
	return b.cfg.Sim.Lot
}

// available are the shares of a symbol that no open sale holds, 0 at least unless
// the position is short.
func (b *Broker) available(symbol string) paper.Decimal {
	held := b.accounts[symbol].ledger.Shares()
	left := held
	for _, o := range b.open {
		if o.Symbol == symbol && o.Side == broker.Sell {
			left = left.Sub(o.Shares)
		}
	}
	return udecimal.Max(left, udecimal.Min(held, udecimal.Zero))
}

// Find implements [paper.Broker].
func (b *Broker) Find(ctx context.Context, clientID string) (paper.Receipt, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.find(ctx, clientID)
}

// Cancel implements [paper.Broker].
func (b *Broker) Cancel(ctx context.Context, clientID string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, o := range b.open {
		if o.ClientID != clientID {
			continue
		}
		o.Status, o.Result.Note = paper.Cancelled, "cancelled before it filled"
		if err := b.save(ctx, nil, []order{o}); err != nil {
			return fmt.Errorf("cancelling order %s: %w", clientID, err)
		}
		b.open = append(b.open[:i:i], b.open[i+1:]...)
		return nil
	}
	return nil
}

// Open implements [paper.Broker].
func (b *Broker) Open(context.Context) ([]paper.Receipt, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]paper.Receipt, len(b.open))
	for i, o := range b.open {
		list[i] = o.Receipt
	}
	return list, nil
}

// Account implements [paper.Broker]. Cash, buying power and equity are sums over
// the symbols; no symbol can spend another's. A position before the first price
// counts at what it cost.
func (b *Broker) Account(context.Context) (paper.Account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := paper.Account{Positions: map[string]paper.Position{}}
	for symbol, acc := range b.accounts {
		cash, shares := acc.ledger.Cash(), acc.ledger.Shares()
		out.Cash = out.Cash.Add(cash)
		if shares.IsZero() {
			out.Equity = out.Equity.Add(cash)
			continue
		}
		price := acc.ledger.AverageCost()
		if acc.mark > 0 {
			var err error
			if price, err = broker.Price(acc.mark); err != nil {
				return paper.Account{}, fmt.Errorf("%s: marking the position: %w", symbol, err)
			}
		}
		out.Equity = out.Equity.Add(acc.ledger.Equity(price))
		out.Positions[symbol] = paper.Position{Shares: shares, Available: b.available(symbol)}
	}
	out.BuyingPower = out.Cash
	return out, nil
}

// Asset implements [paper.Broker].
func (b *Broker) Asset(_ context.Context, symbol string) (paper.Asset, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.accounts[symbol]; !known {
		return paper.Asset{Note: "not traded in this account"}, nil
	}
	return paper.Asset{Tradable: true, Fractional: b.lot().LessThan(udecimal.One), Shortable: b.cfg.Sim.Short}, nil
}

// Ledger is the account of one symbol as a backtest would have it, with the last
// price it was told; ok is false for a symbol that is not traded.
func (b *Broker) Ledger(symbol string) (state portfolio.State, mark float64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	acc, ok := b.accounts[symbol]
	if !ok {
		return portfolio.State{}, 0, false
	}
	return acc.ledger.State(), acc.mark, true
}

// Symbols are those of the account, sorted.
func (b *Broker) Symbols() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]string, 0, len(b.accounts))
	for symbol := range b.accounts {
		list = append(list, symbol)
	}
	sort.Strings(list)
	return list
}
