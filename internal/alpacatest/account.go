package alpacatest

import (
	"crypto/sha256"
	"fmt"
	"net/http"

	"github.com/quagmt/udecimal"
)

// position is what the account holds of a symbol.
type position struct {
	qty  udecimal.Decimal // signed
	cost udecimal.Decimal // signed, without fees: there are none
}

// dec reads a decimal number of the test.
func dec(text string) udecimal.Decimal {
	d, err := udecimal.Parse(text)
	if err != nil {
		panic(fmt.Sprintf("alpacatest: %q is not a decimal number", text))
	}
	return d
}

// SetNumber makes the account another one, as a reset does.
func (s *Server) SetNumber(number string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number = number
}

// SetCash sets the account's money.
func (s *Server) SetCash(cash string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cash = dec(cash)
}

// Cash is the account's money.
func (s *Server) Cash() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cash.String()
}

// SetMultiplier makes the buying power a multiple of cash, as margin does; one
// unless set.
func (s *Server) SetMultiplier(m string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.multiplier = dec(m)
}

// SetShorting allows sales below zero.
func (s *Server) SetShorting(allowed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shorting = allowed
}

// SetBlocked stops the account from trading.
func (s *Server) SetBlocked(blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocked = blocked
}

// SetPosition sets what is held of a symbol, as if somebody else had traded it;
// cash stays.
func (s *Server) SetPosition(symbol, qty, average string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if dec(qty).IsZero() {
		delete(s.positions, symbol)
		return
	}
	s.positions[symbol] = &position{qty: dec(qty), cost: dec(qty).Mul(dec(average))}
}

// Position is the signed number of shares held.
func (s *Server) Position(symbol string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held(symbol).String()
}

func (s *Server) held(symbol string) udecimal.Decimal {
	if p := s.positions[symbol]; p != nil {
		return p.qty
	}
	return udecimal.Zero
}

// available are the shares that no open sale holds.
func (s *Server) available(symbol string) udecimal.Decimal {
	left := s.held(symbol)
	for _, o := range s.orders {
		if o.open() && o.symbol == symbol && o.side == "sell" {
			left = left.Sub(o.remaining())
		}
	}
	return left
}

// buyingPower is cash times the multiplier, less what open buys hold.
func (s *Server) buyingPower() udecimal.Decimal {
	power := s.cash.Mul(s.multiplier)
	for _, o := range s.orders {
		if o.open() && o.side == "buy" {
			power = power.Sub(o.remaining().Mul(s.worth(o)))
		}
	}
	return udecimal.Max(power, udecimal.Zero)
}

// worth is the price that an order is reckoned at before it fills.
func (s *Server) worth(o *order) udecimal.Decimal {
	if o.limit.IsPos() {
		return o.limit
	}
	return s.prices[o.symbol]
}

// equity is cash and what positions are worth at the last prices.
func (s *Server) equity() (equity, long, short udecimal.Decimal) {
	for symbol, p := range s.positions {
		value := p.qty.Mul(s.price(symbol))
		if p.qty.IsPos() {
			long = long.Add(value)
		} else {
			short = short.Add(value)
		}
	}
	return s.cash.Add(long).Add(short), long, short
}

// price is the last price of a symbol; before the first one, what it cost.
func (s *Server) price(symbol string) udecimal.Decimal {
	if p, ok := s.prices[symbol]; ok {
		return p
	}
	if p := s.positions[symbol]; p != nil {
		return average(p.cost, p.qty)
	}
	return udecimal.Zero
}

// average is cost per share as the service rounds it.
func average(cost, qty udecimal.Decimal) udecimal.Decimal {
	if qty.IsZero() {
		return udecimal.Zero
	}
	return cost.MustDiv(qty).RoundHAZ(9)
}

func (s *Server) account() map[string]any {
	equity, long, short := s.equity()
	return map[string]any{
		"id": uuid("account"), "account_number": s.number, "status": "ACTIVE", "crypto_status": "ACTIVE",
		"currency": "USD", "cash": s.cash.String(), "buying_power": s.buyingPower().String(),
		"regt_buying_power": s.buyingPower().String(), "daytrading_buying_power": "0",
		"effective_buying_power": s.buyingPower().String(), "non_marginable_buying_power": s.cash.String(),
		"bod_dtbp": "0", "accrued_fees": "0", "portfolio_value": equity.String(), "equity": equity.String(),
		"last_equity": equity.String(), "long_market_value": long.String(), "short_market_value": short.String(),
		"position_market_value": long.Add(short).String(), "initial_margin": "0", "maintenance_margin": "0",
		"last_maintenance_margin": "0", "sma": "0", "daytrade_count": 0, "multiplier": s.multiplier.String(),
		"pattern_day_trader": false, "trading_blocked": s.blocked, "transfers_blocked": false,
		"account_blocked": false, "shorting_enabled": s.shorting, "trade_suspended_by_user": false,
		"created_at": "2024-01-02T15:04:05.123456Z",
	}
}

func (s *Server) positionJSON(symbol string) map[string]any {
	p := s.positions[symbol]
	side := "long"
	if p.qty.IsNeg() {
		side = "short"
	}
	price := s.price(symbol)
	value := p.qty.Mul(price)
	return map[string]any{
		"asset_id": uuid("asset", symbol), "symbol": symbol, "exchange": "NASDAQ", "asset_class": "us_equity",
		"asset_marginable": true, "qty": p.qty.String(), "qty_available": s.available(symbol).String(),
		"avg_entry_price": average(p.cost, p.qty).String(), "side": side, "market_value": value.String(),
		"cost_basis": p.cost.String(), "unrealized_pl": value.Sub(p.cost).String(), "unrealized_plpc": "0",
		"unrealized_intraday_pl": "0", "unrealized_intraday_plpc": "0", "current_price": price.String(),
		"lastday_price": price.String(), "change_today": "0",
	}
}

func (s *Server) allPositions() reply {
	out := []map[string]any{}
	for _, symbol := range sortedKeys(s.positions) {
		out = append(out, s.positionJSON(symbol))
	}
	return reply{http.StatusOK, out}
}

func (s *Server) onePosition(symbol string) reply {
	for name := range s.positions {
		if name == symbol || uuid("asset", name) == symbol {
			return reply{http.StatusOK, s.positionJSON(name)}
		}
	}
	return refusal(http.StatusNotFound, 40410000, "position does not exist")
}

// uuid is an id in the form of a UUID, a function of what it names.
func uuid(parts ...string) string {
	h := sha256.Sum256([]byte(fmt.Sprintf("%q", parts)))
	h[6], h[8] = h[6]&0x0f|0x40, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
