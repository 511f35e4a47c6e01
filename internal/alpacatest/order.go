package alpacatest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quagmt/udecimal"
)

// order is an order as the service keeps it.
type order struct {
	id, clientID, symbol, side, kind string
	qty, limit                       udecimal.Decimal
	filled, cost                     udecimal.Decimal
	status                           string
	submitted                        time.Time
	updated, filledAt, endedAt       time.Time
	works                            time.Time // close of the session it works in
}

// open reports whether more may come of the order.
func (o *order) open() bool {
	switch o.status {
	case "filled", "canceled", "expired", "rejected", "replaced", "done_for_day":
		return false
	}
	return true
}

func (o *order) remaining() udecimal.Decimal { return o.qty.Sub(o.filled) }

// end gives the order its last status.
func (o *order) end(status string, at time.Time) {
	o.status, o.updated, o.endedAt = status, at, at
}

// An Order is what the server has of an order.
type Order struct {
	ID, ClientID, Symbol, Side, Type, Status string
	Qty, Limit, Filled, Average              string // Limit and Average "" for none
}

// Orders are all orders so far, in the order they came in.
func (s *Server) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Order, 0, len(s.orders))
	for _, o := range s.orders {
		out := Order{ID: o.id, ClientID: o.clientID, Symbol: o.symbol, Side: o.side, Type: o.kind, Status: o.status,
			Qty: o.qty.String(), Filled: o.filled.String()}
		if o.limit.IsPos() {
			out.Limit = o.limit.String()
		}
		if o.filled.IsPos() {
			out.Average = average(o.cost, o.filled).String()
		}
		list = append(list, out)
	}
	return list
}

// SetPrice is a trade of the symbol at a price. While the market is open, open
// orders that it satisfies fill.
func (s *Server) SetPrice(symbol, price string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trade(map[string]string{symbol: price})
}

// SetSize lets orders of a symbol fill for at most so many shares at each price
// that is set or each order that comes in; without it, for all. "" takes the
// bound away.
func (s *Server) SetSize(symbol, shares string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if shares == "" {
		delete(s.sizes, symbol)
		return
	}
	s.sizes[symbol] = dec(shares)
}

// trade sets prices and fills what they satisfy, in the order it came in.
func (s *Server) trade(prices map[string]string) {
	for _, symbol := range sortedKeys(prices) {
		s.prices[symbol] = dec(prices[symbol])
		left, bounded := s.sizes[symbol]
		for _, o := range s.orders {
			if o.symbol != symbol {
				continue
			}
			shares := o.remaining()
			if bounded {
				shares = udecimal.Min(shares, left)
			}
			left = left.Sub(s.try(o, shares))
		}
	}
}

// try fills an order at the symbol's price for up to shares, if it may fill, and
// gives what was filled.
func (s *Server) try(o *order, shares udecimal.Decimal) udecimal.Decimal {
	price, traded := s.prices[o.symbol]
	fills := o.status == "new" || o.status == "accepted" || o.status == "pending_new" || o.status == "partially_filled"
	if !fills || !traded || !s.isOpen() || !shares.IsPos() {
		return udecimal.Zero
	}
	if o.limit.IsPos() && (o.side == "buy" && price.GreaterThan(o.limit) || o.side == "sell" && price.LessThan(o.limit)) {
		o.status = "new"
		return udecimal.Zero
	}
	s.fill(o, shares, price)
	return shares
}

// fill books a (part of an) execution.
func (s *Server) fill(o *order, shares, price udecimal.Decimal) {
	value := shares.Mul(price)
	o.filled, o.cost, o.updated = o.filled.Add(shares), o.cost.Add(value), s.now
	o.status = "partially_filled"
	if o.filled.Equal(o.qty) {
		o.status, o.filledAt = "filled", s.now
	}
	signed := shares
	if o.side == "buy" {
		s.cash = s.cash.Sub(value)
	} else {
		s.cash, signed = s.cash.Add(value), shares.Neg()
	}
	s.book(o.symbol, signed, price)
}

// book moves a position by signed shares. What closes leaves the average as it
// was; what opens adds its value.
func (s *Server) book(symbol string, signed, price udecimal.Decimal) {
	p := s.positions[symbol]
	if p == nil {
		p = &position{}
		s.positions[symbol] = p
	}
	after := p.qty.Add(signed)
	switch {
	case after.IsZero():
		delete(s.positions, symbol)
		return
	case p.qty.Sign()*signed.Sign() >= 0:
		p.cost = p.cost.Add(signed.Mul(price))
	case after.Sign() == p.qty.Sign():
		p.cost = p.cost.Mul(after).MustDiv(p.qty)
	default: // through zero
		p.cost = after.Mul(price)
	}
	p.qty = after
}

// Fill fills so many shares of an order at a price, whatever the market does.
func (s *Server) Fill(clientID, shares, price string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fill(s.mustFind(clientID), dec(shares), dec(price))
}

// SetStatus gives an order a status, such as "canceled", "rejected", "held" or
// "done_for_day", as if the market or another client had done it.
func (s *Server) SetStatus(clientID, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.mustFind(clientID)
	if o.end(status, s.now); o.open() {
		o.endedAt = time.Time{}
	}
}

func (s *Server) mustFind(clientID string) *order {
	for _, o := range s.orders {
		if o.clientID == clientID {
			return o
		}
	}
	panic(fmt.Sprintf("alpacatest: there is no order %q", clientID))
}

// request is an order as a client asks for it.
type request struct {
	Symbol        string      `json:"symbol"`
	Qty           json.Number `json:"qty"`
	Notional      json.Number `json:"notional"`
	Side          string      `json:"side"`
	Type          string      `json:"type"`
	TimeInForce   string      `json:"time_in_force"`
	LimitPrice    json.Number `json:"limit_price"`
	StopPrice     json.Number `json:"stop_price"`
	ExtendedHours bool        `json:"extended_hours"`
	ClientOrderID string      `json:"client_order_id"`
}

const (
	malformed = 40010001 // a field is missing or wrong
	unsound   = 42210000 // the order makes no sense
	forbidden = 40310000 // the account may not
)

func (s *Server) place(body []byte) reply {
	var r request
	if err := json.Unmarshal(body, &r); err != nil {
		return refusal(http.StatusUnprocessableEntity, malformed, "request body format is invalid")
	}
	o := &order{symbol: r.Symbol, side: r.Side, kind: r.Type, clientID: r.ClientOrderID, submitted: s.now, updated: s.now}
	var err error
	if o.qty, err = udecimal.Parse(r.Qty.String()); err != nil || r.Notional != "" {
		return refusal(http.StatusUnprocessableEntity, malformed, "qty is required")
	}
	if r.LimitPrice != "" {
		if o.limit, err = udecimal.Parse(r.LimitPrice.String()); err != nil || !o.limit.IsPos() {
			return refusal(http.StatusUnprocessableEntity, unsound, "limit price must be > 0")
		}
	}
	if out, refused := s.refuse(o, r); refused {
		return out
	}
	if o.clientID == "" {
		o.clientID = uuid("client", strconv.Itoa(len(s.orders)))
	}
	o.id = uuid("order", o.clientID)
	day, ok := s.next(s.now)
	if !ok {
		return refusal(http.StatusForbidden, forbidden, "market has no session to trade in")
	}
	o.works, o.status = day.at(day.Close), "accepted"
	if s.isOpen() {
		o.status = "pending_new"
	}
	s.orders = append(s.orders, o)
	out := reply{http.StatusOK, o.json()} // what came before any fill
	shares := o.qty
	if size, bounded := s.sizes[o.symbol]; bounded {
		shares = udecimal.Min(shares, size)
	}
	if s.try(o, shares).IsZero() && s.isOpen() {
		o.status = "new"
	}
	return out
}

// refuse says why an order is not taken, in the order in which the service
// checks.
func (s *Server) refuse(o *order, r request) (reply, bool) {
	asset := s.assets[o.symbol]
	no := func(status, code int, format string, args ...any) (reply, bool) {
		return refusal(status, code, format, args...), true
	}
	whole := o.qty.Equal(o.qty.Trunc(0))
	switch {
	case o.side != "buy" && o.side != "sell":
		return no(http.StatusUnprocessableEntity, malformed, "side must be buy or sell")
	case o.kind != "market" && o.kind != "limit":
		return no(http.StatusUnprocessableEntity, malformed, "invalid order type %q", o.kind)
	case (o.kind == "limit") != o.limit.IsPos():
		return no(http.StatusUnprocessableEntity, unsound, "limit orders require a limit price, market orders take none")
	case r.TimeInForce != "day":
		return no(http.StatusUnprocessableEntity, unsound, "invalid time_in_force %q", r.TimeInForce)
	case !o.qty.IsPos():
		return no(http.StatusUnprocessableEntity, malformed, "qty must be > 0")
	case !o.qty.Equal(o.qty.Trunc(9)):
		return no(http.StatusUnprocessableEntity, unsound, "qty increment must be of 9 decimals at most")
	case len(o.clientID) > 128:
		return no(http.StatusUnprocessableEntity, malformed, "client_order_id must be no more than 128 characters")
	case o.clientID != "" && slices.ContainsFunc(s.orders, func(p *order) bool { return p.clientID == o.clientID }):
		return no(http.StatusUnprocessableEntity, malformed, "client_order_id must be unique")
	case asset == nil || asset.Inactive:
		return no(http.StatusUnprocessableEntity, unsound, "asset %q not found", o.symbol)
	case asset.Untradable:
		return no(http.StatusUnprocessableEntity, unsound, "asset %q is not tradable", o.symbol)
	case o.limit.IsPos() && !o.limit.Equal(o.limit.Trunc(decimals(o.limit))):
		return no(http.StatusUnprocessableEntity, unsound, "invalid limit_price %s. sub-penny increment does not fulfill minimum pricing criteria", o.limit)
	case s.blocked:
		return no(http.StatusForbidden, forbidden, "account is restricted from trading")
	case !whole && !asset.Fractionable:
		return no(http.StatusForbidden, forbidden, "requested asset is not fractionable")
	case slices.ContainsFunc(s.orders, func(p *order) bool { return p.open() && p.symbol == o.symbol && p.side != o.side }):
		return no(http.StatusForbidden, forbidden, "potential wash trade detected. use complex orders")
	}
	price := s.worth(o)
	if price.IsPos() && o.qty.Mul(price).LessThan(dec("1")) {
		return no(http.StatusForbidden, forbidden, "cost basis must be >= minimal amount of order 1")
	}
	if o.side == "buy" {
		if power := s.buyingPower(); o.qty.Mul(price).GreaterThan(power) {
			out, _ := no(http.StatusForbidden, forbidden, "insufficient buying power")
			out.body.(map[string]any)["buying_power"] = power.String()
			out.body.(map[string]any)["cost_basis"] = o.qty.Mul(price).String()
			return out, true
		}
		return reply{}, false
	}
	held, free := s.held(o.symbol), s.available(o.symbol)
	switch {
	case o.qty.LessThanOrEqual(free):
		return reply{}, false
	case held.IsPos():
		out, _ := no(http.StatusForbidden, forbidden, "insufficient qty available for order (requested: %s, available: %s)", o.qty, free)
		body := out.body.(map[string]any)
		body["symbol"], body["existing_qty"] = o.symbol, held.String()
		body["held_for_orders"], body["available"] = held.Sub(free).String(), free.String()
		return out, true
	case !s.shorting:
		return no(http.StatusForbidden, forbidden, "account is not allowed to short")
	case !asset.Shortable:
		return no(http.StatusForbidden, forbidden, "asset %q cannot be sold short", o.symbol)
	case !whole:
		return no(http.StatusForbidden, forbidden, "fractional orders cannot be sold short")
	}
	return reply{}, false
}

// decimals is how many a limit price may have: two from one dollar on, four
// below it.
func decimals(price udecimal.Decimal) uint8 {
	if price.LessThan(dec("1")) {
		return 4
	}
	return 2
}

func (o *order) json() map[string]any {
	optional := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return stamp(t)
	}
	ended := func(status string) any {
		if o.status != status {
			return nil
		}
		return optional(o.endedAt)
	}
	out := map[string]any{
		"id": o.id, "client_order_id": o.clientID, "created_at": stamp(o.submitted), "updated_at": stamp(o.updated),
		"submitted_at": stamp(o.submitted), "filled_at": optional(o.filledAt), "expired_at": ended("expired"),
		"canceled_at": ended("canceled"), "failed_at": ended("rejected"), "replaced_at": ended("replaced"),
		"replaced_by": nil, "replaces": nil, "asset_id": uuid("asset", o.symbol), "symbol": o.symbol,
		"asset_class": "us_equity", "notional": nil, "qty": o.qty.String(), "filled_qty": o.filled.String(),
		"filled_avg_price": nil, "order_class": "", "order_type": o.kind, "type": o.kind, "side": o.side,
		"position_intent": o.side + "_to_open", "time_in_force": "day", "limit_price": nil, "stop_price": nil,
		"status": o.status, "extended_hours": false, "legs": nil, "trail_percent": nil, "trail_price": nil,
		"hwm": nil, "ratio_qty": nil, "subtag": nil, "source": nil,
	}
	if o.limit.IsPos() {
		out["limit_price"] = o.limit.String()
	}
	if o.filled.IsPos() {
		out["filled_avg_price"] = average(o.cost, o.filled).String()
	}
	return out
}

func (s *Server) found(is func(*order) bool, name string) reply {
	for _, o := range s.orders {
		if is(o) {
			return reply{http.StatusOK, o.json()}
		}
	}
	return refusal(http.StatusNotFound, 40410000, "order not found for %s", name)
}

// list gives orders by status (open, closed, all), symbols, side, after and
// until, newest first unless direction is asc; 50 unless limit says otherwise,
// and 500 at most.
func (s *Server) list(q url.Values) reply {
	status := q.Get("status")
	limit := 50
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 500 {
			return refusal(http.StatusUnprocessableEntity, unsound, "limit must be from 1 to 500")
		}
		limit = n
	}
	var bounds [2]time.Time
	for i, name := range []string{"after", "until"} {
		if text := q.Get(name); text != "" {
			t, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return refusal(http.StatusUnprocessableEntity, unsound, "invalid %s", name)
			}
			bounds[i] = t
		}
	}
	orders := slices.Clone(s.orders)
	if q.Get("direction") != "asc" {
		slices.Reverse(orders)
	}
	out := []map[string]any{}
	for _, o := range orders {
		switch {
		case (status == "" || status == "open") && !o.open(), status == "closed" && o.open():
		case q.Get("symbols") != "" && !slices.Contains(strings.Split(q.Get("symbols"), ","), o.symbol):
		case q.Get("side") != "" && q.Get("side") != o.side:
		case !bounds[0].IsZero() && !o.submitted.After(bounds[0]):
		case !bounds[1].IsZero() && !o.submitted.Before(bounds[1]):
		case len(out) == limit:
		default:
			out = append(out, o.json())
		}
	}
	return reply{http.StatusOK, out}
}

func (s *Server) cancel(id string) reply {
	for _, o := range s.orders {
		if o.id != id {
			continue
		}
		if !o.open() {
			return refusal(http.StatusUnprocessableEntity, unsound, "order is already in %q state", o.status)
		}
		o.end("canceled", s.now)
		return reply{status: http.StatusNoContent}
	}
	return refusal(http.StatusNotFound, 40410000, "order not found for %s", id)
}

func (s *Server) cancelAll() reply {
	out := []map[string]any{}
	for _, o := range s.orders {
		if o.open() {
			o.end("canceled", s.now)
			out = append(out, map[string]any{"id": o.id, "status": http.StatusOK})
		}
	}
	return reply{http.StatusMultiStatus, out}
}
