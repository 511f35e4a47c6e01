package portfolio

import (
	"fmt"

	"finmem/backtest/broker"
	"finmem/data"
)

// An Adjustment is what the corporate actions of one session did to an account,
// or a correction.
type Adjustment struct {
	Session data.Session `json:"session"`
	// Dividend is the cash that came in, negative where a short position paid it.
	Dividend Decimal `json:"dividend"`
	// Before and After are the signed shares on either side of a split, the same
	// where there was none.
	Before Decimal `json:"before"`
	After  Decimal `json:"after"`
	// Fraction is the part of a share that the split left over, in new shares,
	// and CashInLieu what was paid for it. Both have the sign of the position.
	Fraction   Decimal `json:"fraction"`
	CashInLieu Decimal `json:"cashInLieu"`
	// Correction is set where this is one, and nil for corporate actions.
	Correction *Correction `json:"correction,omitempty"`
}

// Act books a corporate action: first its dividend, which counts the shares of
// the previous close, then its split. price is per share after the split, as in
// [Ledger.Split].
func (l *Ledger) Act(a data.Action, price, lot Decimal) (Adjustment, error) {
	next := *l
	done := Adjustment{Session: a.Session, Before: l.shares}
	if a.Dividend != 0 {
		if err := next.Dividend(a.Dividend); err != nil {
			return Adjustment{}, fmt.Errorf("session %s: %w", a.Session, err)
		}
		done.Dividend = next.cash.Sub(l.cash)
	}
	if a.Split != 0 {
		var err error
		if done.Fraction, done.CashInLieu, err = next.split(a.Split, price, lot); err != nil {
			return Adjustment{}, fmt.Errorf("session %s: %w", a.Session, err)
		}
	}
	done.After = next.shares
	*l = next
	return done, nil
}

// Dividend pays cash for each share held, rounded to the sixth decimal per
// share. A short position owes it. It books cash only: where prices are already
// adjusted for dividends, do not call it, or the money counts twice.
func (l *Ledger) Dividend(perShare float64) error {
	amount, err := broker.Price(perShare)
	if err != nil {
		return fmt.Errorf("dividend per share: %w", err)
	}
	cash := l.cash.Add(l.shares.Mul(amount))
	if cash.IsNeg() && !l.follows {
		return fmt.Errorf("dividend of %s on %s shares leaves cash of %s; it was %s", amount, l.shares, cash, l.cash)
	}
	l.cash = cash
	return nil
}

// Split turns each share held into ratio shares (4 for a 4:1 split, 0.1 for a
// 1:10 reverse split). What is left of one lot (zero: one share) is paid out in
// cash at price, the price of a share after the split. The engine gives the last
// close in new shares, which is known before the open; a real broker sells the
// fractions of all clients together and pays what that fetched. price is not
// looked at where nothing is left over.
//
// The cost basis stays with the position, less the part of the fraction that
// was paid out. A short position pays instead of being paid.
func (l *Ledger) Split(ratio float64, price, lot Decimal) (cashInLieu Decimal, err error) {
	_, cashInLieu, err = l.split(ratio, price, lot)
	return cashInLieu, err
}

func (l *Ledger) split(ratio float64, price, lot Decimal) (fraction, cashInLieu Decimal, err error) {
	whole, fraction, err := broker.SplitShares(l.shares, ratio, lot)
	if err != nil {
		return Decimal{}, Decimal{}, err
	}
	if !fraction.IsZero() && !price.IsPos() {
		return Decimal{}, Decimal{}, fmt.Errorf("a split of %v leaves %s of a share to be paid out, at a price of %s", ratio, fraction, price)
	}
	cashInLieu = fraction.Mul(price)
	cash := l.cash.Add(cashInLieu)
	if cash.IsNeg() && !l.follows {
		return Decimal{}, Decimal{}, fmt.Errorf("a split of %v leaves %s of a share to be paid out at %s, and cash is %s", ratio, fraction, price, l.cash)
	}
	l.cost = portion(l.cost, whole.Abs(), whole.Add(fraction).Abs())
	l.cash, l.shares = cash, whole
	return fraction, cashInLieu, nil
}
