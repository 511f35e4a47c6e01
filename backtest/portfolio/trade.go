package portfolio

import (
	"math"
	"sort"

	"github.com/quagmt/udecimal"

	"finmem/backtest/broker"
	"finmem/data"
)

// A Trade is a round trip of one symbol: from flat to the next time the position
// is flat or changes sides, however many fills that takes. A fill that goes
// through zero ends one trade and starts the next, and its fee is divided by
// shares.
//
// Shares and prices are in the share count at the end of the trade, after any
// splits. Money is exact; prices are averages rounded to the sixth decimal.
type Trade struct {
	Symbol string       `json:"symbol"`
	Side   broker.Side  `json:"side"` // buy: long, sell: short
	Entry  data.Session `json:"entry"`
	Exit   data.Session `json:"exit,omitempty"` // empty while open

	Shares     Decimal `json:"shares"` // all that was entered
	Held       Decimal `json:"held"`   // what is left of them; 0 once closed
	EntryPrice Decimal `json:"entryPrice"`
	ExitPrice  Decimal `json:"exitPrice"` // of what has been closed; 0 if nothing was
	EntryValue Decimal `json:"entryValue"`
	ExitValue  Decimal `json:"exitValue"` // cash in lieu of fractions included
	Fees       Decimal `json:"fees"`
	Dividends  Decimal `json:"dividends"` // received; negative where a short position paid

	// PnL is the profit after fees and with dividends:
	//
	//	long:  ExitValue - EntryValue - Fees + Dividends
	//	short: EntryValue - ExitValue - Fees + Dividends
	//
	// Of an open trade it is not known, and 0; see [Trade.At].
	PnL Decimal `json:"pnl"`
	// Return is PnL / EntryValue, as a fraction. NaN while the trade is open.
	Return float64 `json:"-"`
}

// At is an open trade as if the rest of it had been closed at price, without a
// fee. Exit stays empty and Held as it is: nothing has been sold.
func (t Trade) At(price Decimal) Trade {
	t.ExitValue = t.ExitValue.Add(t.Held.Mul(price))
	t.ExitPrice = average(t.ExitValue, t.Shares)
	return t.settled()
}

// Sessions is how many sessions the trade lasted, entry to exit: 1 if it was
// entered at one session's open and left at the next one's. sessions are those
// of the run, in order. Of an open trade it counts up to the last of them.
func (t Trade) Sessions(sessions []data.Session) int {
	at := func(s data.Session) int {
		return sort.Search(len(sessions), func(i int) bool { return sessions[i] >= s })
	}
	if t.Exit == "" {
		return max(len(sessions)-1-at(t.Entry), 0)
	}
	return at(t.Exit) - at(t.Entry)
}

// settled fills in what the trade made.
func (t Trade) settled() Trade {
	gain := t.ExitValue.Sub(t.EntryValue)
	if t.Side == broker.Sell {
		gain = gain.Neg()
	}
	t.PnL = gain.Sub(t.Fees).Add(t.Dividends)
	t.Return = math.NaN()
	if ratio, err := t.PnL.Div(t.EntryValue); err == nil {
		t.Return = ratio.InexactFloat64()
	}
	return t
}

// Trades are the round trips in the fills of one symbol, oldest first. open is
// the one that has not ended, nil where the position is flat; it is no trade
// yet, and has no profit and no win or loss.
//
// adjustments are the corporate actions and the corrections that the ledger
// booked, oldest first. Corporate actions take effect before the fills of their
// session, corrections after them.
func Trades(fills []broker.Fill, adjustments ...Adjustment) (closed []Trade, open *Trade) {
	var b blotter
	for _, f := range fills {
		for len(adjustments) > 0 && adjustments[0].before(f) {
			b.adjust(adjustments[0])
			adjustments = adjustments[1:]
		}
		b.fill(f)
	}
	for _, a := range adjustments {
		b.adjust(a)
	}
	return b.closed, b.open
}

// before reports whether a was booked before f.
func (a Adjustment) before(f broker.Fill) bool {
	return a.Session < f.Session || a.Session == f.Session && a.Correction == nil
}

// blotter gathers fills into trades.
type blotter struct {
	closed []Trade
	open   *Trade
}

func (b *blotter) fill(f broker.Fill) {
	rest, fee := f.Shares, f.Fee
	if b.open != nil && b.open.Side != f.Side {
		closing := udecimal.Min(f.Shares, b.open.Held)
		rest = rest.Sub(closing)
		paid := portion(f.Fee, closing, f.Shares)
		fee = fee.Sub(paid)
		b.open.Fees = b.open.Fees.Add(paid)
		b.exit(f.Session, closing, closing.Mul(f.Price))
	}
	if rest.IsZero() {
		return
	}
	if b.open == nil {
		b.open = &Trade{Symbol: f.Symbol, Side: f.Side, Entry: f.Session, Return: math.NaN()}
	}
	t := b.open
	t.Shares, t.Held = t.Shares.Add(rest), t.Held.Add(rest)
	t.EntryValue, t.Fees = t.EntryValue.Add(rest.Mul(f.Price)), t.Fees.Add(fee)
	t.EntryPrice = average(t.EntryValue, t.Shares)
}

// exit takes shares worth value out of the open trade and ends it with the last.
func (b *blotter) exit(session data.Session, shares, value Decimal) {
	t := b.open
	t.Held = t.Held.Sub(shares)
	t.ExitValue = t.ExitValue.Add(value)
	t.ExitPrice = average(t.ExitValue, t.Shares.Sub(t.Held))
	if t.Held.IsZero() {
		t.Exit = session
		b.closed, b.open = append(b.closed, t.settled()), nil
	}
}

func (b *blotter) adjust(a Adjustment) {
	if c := a.Correction; c != nil {
		if !c.Shares.IsZero() {
			b.fill(c.fill(a.Session))
		}
		return
	}
	t := b.open
	if t == nil {
		return
	}
	t.Dividends = t.Dividends.Add(a.Dividend)
	if a.Before.Equal(a.After) && a.Fraction.IsZero() {
		return
	}
	held := a.After.Add(a.Fraction).Abs()
	t.Shares = portion(t.Shares, held, a.Before.Abs()).RoundBank(9)
	t.Held = held
	t.EntryPrice = average(t.EntryValue, t.Shares)
	b.exit(a.Session, a.Fraction.Abs(), a.CashInLieu.Abs())
}

// average is value per share to the sixth decimal, 0 where there are no shares.
func average(value, shares Decimal) Decimal {
	price, err := value.Div(shares)
	if err != nil {
		return Decimal{}
	}
	return price.RoundBank(6)
}
