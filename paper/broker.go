package paper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"finmem/backtest/broker"
	"finmem/data"
)

// Decimal is an exact decimal number: money, a price or shares.
type Decimal = broker.Decimal

// A Broker holds the account and takes orders. Everything but Submit may be
// repeated at will; Submit of a client order id that the broker has is refused
// with [ErrDuplicate], so that repeating it is safe too.
//
// An error says by its kind what is known: a [*Rejected] order does not exist, an
// [ErrUnavailable] broker was not reached or had no answer, and of a submission
// that ended so nobody knows whether it arrived: it is looked up before anything
// else is done.
type Broker interface {
	// Name is what logs, the status and client order ids call the account, such
	// as "sim" or "alpaca paper PA3XYZ". It is no secret.
	Name() string
	// Submit places an order.
	Submit(ctx context.Context, t Ticket) (Receipt, error)
	// Find looks an order up by its client id; ok is false where the broker has
	// never had it.
	Find(ctx context.Context, clientID string) (r Receipt, ok bool, err error)
	// Cancel drops what is left of an order. An order that has ended, and one
	// that the broker never had, is no error.
	Cancel(ctx context.Context, clientID string) error
	// Open lists all orders of the account that have not ended, whoever placed
	// them, oldest first.
	Open(ctx context.Context) ([]Receipt, error)
	// Account is the broker's word on cash and positions.
	Account(ctx context.Context) (Account, error)
	// Asset says how a symbol may be traded. A symbol that the broker does not
	// know is not tradable, and no error.
	Asset(ctx context.Context, symbol string) (Asset, error)
}

// A Ticket is an order as it is sent.
type Ticket struct {
	ClientID string
	Symbol   string
	Side     broker.Side
	Shares   Decimal
	// Limit is the worst price that the order may fill at, zero for none.
	Limit Decimal
	// For is the session in which it is to be filled. What has not filled at its
	// end is dropped; where that session has no price at all, a simulated broker
	// keeps the order for the next one that has, as the backtest does.
	For data.Session
}

// A Status is how far an order has come.
type Status string

const (
	Open      Status = "open" // new, accepted, held or partly filled: more may come
	Filled    Status = "filled"
	Cancelled Status = "cancelled" // what was filled before counts
	Expired   Status = "expired"   // likewise
	Refused   Status = "rejected"  // the broker took it and then refused it
)

// Ended reports whether nothing more will happen to the order.
func (s Status) Ended() bool { return s != Open }

// A Receipt is an order as the broker has it.
type Receipt struct {
	Ticket
	BrokerID string
	Status   Status
	// Submitted is the broker's time of acceptance.
	Submitted time.Time
	// Result is what was filled so far. Its Fill is nil where nothing was; the
	// fill's price is the average. Clamped and Note are set once the order has
	// ended for less than was asked, with the reason.
	Result broker.Result
}

// An Account is the broker's word on the holdings.
type Account struct {
	Cash        Decimal
	BuyingPower Decimal
	Equity      Decimal
	// Positions by canonical symbol; a symbol without one is flat.
	Positions map[string]Position
	// Blocked says why the account may not trade, "" where it may.
	Blocked string
}

// A Position is what is held of a symbol.
type Position struct {
	Shares Decimal // signed
	// Available are the shares that no open order holds.
	Available Decimal
}

// An Asset says how a symbol may be traded.
type Asset struct {
	Tradable    bool
	Fractional  bool    // fractions of a share may be ordered
	Shortable   bool    // a sale may go below zero
	MinNotional Decimal // least value of an order, zero for none
	Note        string  // why it is not tradable
}

// Rejected is the error of an order that the broker refused. The order does not
// exist.
type Rejected struct {
	Code   int // of the broker, such as an HTTP status; 0 where it has none
	Reason string
}

func (r *Rejected) Error() string {
	if r.Code == 0 {
		return "the broker rejected the order: " + r.Reason
	}
	return fmt.Sprintf("the broker rejected the order (%d): %s", r.Code, r.Reason)
}

var (
	// ErrDuplicate is the error of a client order id that the broker has.
	ErrDuplicate = errors.New("the broker has an order with this client id")
	// ErrUnavailable is wrapped by errors after which nothing is known: no
	// connection, a time-out, a dropped connection, 429 and 5xx beyond the
	// retries.
	ErrUnavailable = errors.New("the broker cannot be reached")
	// ErrKey is wrapped by errors about keys that are missing or refused.
	ErrKey = errors.New("the broker's key is missing or refused")
)
