package alpaca

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	api "github.com/alpacahq/alpaca-trade-api-go/v3/alpaca"
	"github.com/quagmt/udecimal"
	"github.com/shopspring/decimal"

	"finmem/backtest/broker"
	"finmem/data"
	"finmem/internal/secret"
	"finmem/paper"
)

// A Config is what an account is reached with.
type Config struct {
	// URL is where the account is; "" is what [URLVariable] says, or else
	// [PaperURL]. An address for real money is refused.
	URL string
	// Lookup finds a variable of the environment, as os.LookupEnv does. The keys
	// come from [KeyVariable] and [SecretVariable] alone.
	Lookup func(name string) (string, bool)
	// Calendar says which session an order works in.
	Calendar *data.Calendar
	Clock    paper.Clock
	// Timeout bounds one try of a call, to the last byte of its answer; 0 is
	// [DefaultTimeout].
	Timeout time.Duration
	// Base carries the calls; nil is a copy of [http.DefaultTransport].
	Base http.RoundTripper
}

// DefaultTimeout is the usual bound of one try.
const DefaultTimeout = 15 * time.Second

// A Broker is an account. It implements [paper.Broker] and is safe for several
// goroutines.
type Broker struct {
	cfg         Config
	base        *url.URL
	key, secret string
	hide        *strings.Replacer
	name        string
}

// Dial reaches the account, which gives the broker its name. A key that is missing
// or refused is an error of [paper.ErrKey].
func Dial(ctx context.Context, cfg Config) (*Broker, error) {
	b, err := newBroker(cfg)
	if err != nil {
		return nil, err
	}
	account, err := b.client(ctx).GetAccount()
	if err = b.errorOf(ctx, "reading the account", err, false); err != nil {
		return nil, err
	}
	b.name = "alpaca paper " + b.shown(account.AccountNumber)
	return b, nil
}

func newBroker(cfg Config) (*Broker, error) {
	if cfg.Lookup == nil || cfg.Calendar == nil || cfg.Clock == nil {
		return nil, errors.New("alpaca: an environment, a calendar and a clock are needed")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.Base == nil {
		cfg.Base = http.DefaultTransport.(*http.Transport).Clone()
	}
	if cfg.URL == "" {
		cfg.URL, _ = cfg.Lookup(URLVariable)
	}
	if cfg.URL == "" {
		cfg.URL = PaperURL
	}
	base, err := address(cfg.URL)
	if err != nil {
		return nil, err
	}
	b := &Broker{cfg: cfg, base: base}
	for _, v := range []struct {
		name string
		into *string
	}{{KeyVariable, &b.key}, {SecretVariable, &b.secret}} {
		value, _ := cfg.Lookup(v.name)
		if *v.into = strings.TrimSpace(value); *v.into == "" {
			return nil, fmt.Errorf("%w: set %s and %s", paper.ErrKey, KeyVariable, SecretVariable)
		}
	}
	b.hide = secret.Hider("[key]", b.key, b.secret)
	return b, nil
}

// Name implements [paper.Broker].
func (b *Broker) Name() string { return b.name }

// Submit implements [paper.Broker]. It sends the order once. An order that would
// work in another session than the ticket's is refused unsent.
func (b *Broker) Submit(ctx context.Context, t paper.Ticket) (paper.Receipt, error) {
	doing := "order " + t.ClientID
	req, why := b.request(t)
	if why != "" {
		// What the account has is told before why this ticket is refused.
		if _, found, err := b.Find(ctx, t.ClientID); err != nil {
			return paper.Receipt{}, err
		} else if found {
			return paper.Receipt{}, fmt.Errorf("%s: %w", doing, paper.ErrDuplicate)
		}
		return paper.Receipt{}, fmt.Errorf("%s: %w", doing, &paper.Rejected{Reason: why})
	}
	order, err := b.client(ctx).PlaceOrder(req)
	if err = b.errorOf(ctx, doing, err, true); err != nil {
		return paper.Receipt{}, err
	}
	return b.receipt(order)
}

// symbols are the forms that a symbol may have in an address.
var symbols = regexp.MustCompile(`^[A-Z0-9]+(\.[A-Z0-9]+)?$`)

// request is a ticket as Alpaca takes it, or why it cannot be one.
func (b *Broker) request(t paper.Ticket) (api.PlaceOrderRequest, string) {
	now := b.cfg.Clock.Now()
	works, err := b.cfg.Calendar.SessionFor(now, 0)
	switch {
	case err != nil:
		return api.PlaceOrderRequest{}, err.Error()
	case t.ClientID == "" || len(t.ClientID) > 128:
		return api.PlaceOrderRequest{}, "want a client id of 1 to 128 characters"
	case !symbols.MatchString(t.Symbol):
		return api.PlaceOrderRequest{}, fmt.Sprintf("symbol %q is not one of a US stock", t.Symbol)
	case t.Side != broker.Buy && t.Side != broker.Sell:
		return api.PlaceOrderRequest{}, fmt.Sprintf("side %q is not buy or sell", t.Side)
	case !t.Shares.IsPos():
		return api.PlaceOrderRequest{}, fmt.Sprintf("%s shares: want a number above 0", t.Shares)
	case works != t.For:
		return api.PlaceOrderRequest{}, fmt.Sprintf("the order is for session %s, and sent now it would work in session %s", t.For, works)
	}
	shares, err := decimal.NewFromString(t.Shares.String())
	if err != nil {
		return api.PlaceOrderRequest{}, err.Error()
	}
	req := api.PlaceOrderRequest{Symbol: t.Symbol, Qty: &shares, Side: api.Side(t.Side), Type: api.Market, TimeInForce: api.Day, ClientOrderID: t.ClientID}
	if !t.Limit.IsZero() {
		limit, err := decimal.NewFromString(onTick(t.Side, t.Limit).String())
		if err != nil || !limit.IsPositive() {
			return api.PlaceOrderRequest{}, fmt.Sprintf("limit %s: below the smallest price", t.Limit)
		}
		req.Type, req.LimitPrice = api.Limit, &limit
	}
	return req, ""
}

// onTick is a limit price on the exchange's grid, two decimals from one dollar on
// and four below, rounded so that it is never a worse price for us: down for a
// buy, up for a sell.
func onTick(side broker.Side, limit paper.Decimal) paper.Decimal {
	decimals := uint8(2)
	if limit.LessThan(udecimal.One) {
		decimals = 4
	}
	if side == broker.Buy {
		return limit.Trunc(decimals)
	}
	return limit.RoundAwayFromZero(decimals)
}

// Find implements [paper.Broker].
func (b *Broker) Find(ctx context.Context, clientID string) (paper.Receipt, bool, error) {
	order, err := b.find(ctx, clientID)
	if err != nil || order == nil {
		return paper.Receipt{}, false, err
	}
	r, err := b.receipt(order)
	return r, err == nil, err
}

// find looks an order up; nil is one that there is not.
func (b *Broker) find(ctx context.Context, clientID string) (*api.Order, error) {
	if clientID == "" {
		return nil, nil
	}
	order, err := b.client(ctx).GetOrderByClientOrderID(clientID)
	if is(err, http.StatusNotFound) {
		return nil, nil
	}
	if err = b.errorOf(ctx, "looking order "+clientID+" up", err, false); err != nil {
		return nil, err
	}
	return order, nil
}

// Cancel implements [paper.Broker].
func (b *Broker) Cancel(ctx context.Context, clientID string) error {
	order, err := b.find(ctx, clientID)
	if err != nil || order == nil || statusOf(order).Ended() {
		return err
	}
	err = b.client(ctx).CancelOrder(order.ID)
	if is(err, http.StatusNotFound) || is(err, http.StatusUnprocessableEntity) {
		// It may have ended in between.
		if again, err := b.find(ctx, clientID); err != nil || again == nil || statusOf(again).Ended() {
			return err
		}
	}
	return b.errorOf(ctx, "cancelling order "+clientID, err, false)
}

// pageSize is the most orders that the service lists at once.
const pageSize = 500

// Open implements [paper.Broker].
func (b *Broker) Open(ctx context.Context) ([]paper.Receipt, error) {
	var list []paper.Receipt
	seen := map[string]bool{}
	for after := (time.Time{}); ; {
		orders, err := b.client(ctx).GetOrders(api.GetOrdersRequest{Status: "open", Limit: pageSize, Direction: "asc", After: after})
		if err = b.errorOf(ctx, "listing open orders", err, false); err != nil {
			return nil, err
		}
		fresh := 0
		for i := range orders {
			if seen[orders[i].ID] {
				continue
			}
			seen[orders[i].ID] = true
			fresh++
			r, err := b.receipt(&orders[i])
			if err != nil {
				return nil, fmt.Errorf("listing open orders: %w", err)
			}
			if !r.Status.Ended() {
				list = append(list, r)
			}
		}
		if len(orders) < pageSize || fresh == 0 {
			return list, nil
		}
		// The bound counts whole seconds and is exclusive.
		after = orders[len(orders)-1].SubmittedAt.Add(-time.Second)
	}
}

// Account implements [paper.Broker].
func (b *Broker) Account(ctx context.Context) (paper.Account, error) {
	const doing = "reading the account"
	account, err := b.client(ctx).GetAccount()
	if err = b.errorOf(ctx, doing, err, false); err != nil {
		return paper.Account{}, err
	}
	positions, err := b.client(ctx).GetPositions()
	if err = b.errorOf(ctx, "reading positions", err, false); err != nil {
		return paper.Account{}, err
	}
	out := paper.Account{Positions: map[string]paper.Position{}}
	read := reader{}
	out.Cash = read.decimal("cash", account.Cash)
	out.BuyingPower = read.decimal("buying power", account.BuyingPower)
	out.Equity = read.decimal("equity", account.Equity)
	switch {
	case account.AccountBlocked:
		out.Blocked = "the account is blocked"
	case account.TradingBlocked:
		out.Blocked = "trading is blocked"
	case account.TradeSuspendedByUser:
		out.Blocked = "trading is suspended in the account's settings"
	case account.Status != "ACTIVE":
		out.Blocked = fmt.Sprintf("the account's status is %q", b.shown(account.Status))
	}
	for _, p := range positions {
		symbol := canonical(p.Symbol)
		shares, available := read.decimal("position of "+symbol, p.Qty), read.decimal("position of "+symbol, p.QtyAvailable)
		if p.Side == "short" && shares.IsPos() {
			shares, available = shares.Neg(), available.Neg()
		}
		out.Positions[symbol] = paper.Position{Shares: shares, Available: available}
	}
	if read.err != nil {
		return paper.Account{}, fmt.Errorf("%s: %w", doing, read.err)
	}
	return out, nil
}

// Asset implements [paper.Broker].
func (b *Broker) Asset(ctx context.Context, symbol string) (paper.Asset, error) {
	if !symbols.MatchString(symbol) {
		return paper.Asset{Note: fmt.Sprintf("symbol %q is not one of a US stock", symbol)}, nil
	}
	asset, err := b.client(ctx).GetAsset(symbol)
	if is(err, http.StatusNotFound) {
		return paper.Asset{Note: "the broker does not know the symbol"}, nil
	}
	if err = b.errorOf(ctx, "reading asset "+symbol, err, false); err != nil {
		return paper.Asset{}, err
	}
	out := paper.Asset{Fractional: asset.Fractionable, Shortable: asset.Shortable, MinNotional: udecimal.One}
	switch {
	case asset.Status != api.AssetActive:
		out.Note = fmt.Sprintf("the asset's status is %q", b.shown(string(asset.Status)))
	case !asset.Tradable:
		out.Note = "the asset is not tradable"
	default:
		out.Tradable = true
	}
	return out, nil
}
