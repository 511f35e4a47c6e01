package portfolio_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"

	"github.com/quagmt/udecimal"
	"pgregory.net/rapid"

	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
)

// rat is a decimal as a fraction.
func rat(d portfolio.Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		panic(d.String())
	}
	return r
}

// model is the ledger again, slow and obvious, in fractions.
type model struct{ cash, shares, cost *big.Rat }

func newModel(cash portfolio.Decimal) *model {
	return &model{rat(cash), new(big.Rat), new(big.Rat)}
}

// apply books a fill, one half of it at a time where it goes through zero.
func (m *model) apply(f broker.Fill) {
	shares, price, fee := rat(f.Shares), rat(f.Price), rat(f.Fee)
	if f.Side == broker.Sell {
		shares.Neg(shares)
	}
	held := new(big.Rat).Abs(m.shares)
	if m.shares.Sign()*shares.Sign() < 0 && held.Sign() > 0 && new(big.Rat).Abs(shares).Cmp(held) > 0 {
		first := new(big.Rat).Neg(m.shares)
		rest := new(big.Rat).Sub(shares, first)
		part := new(big.Rat).Quo(rest, shares)
		part.Mul(part, fee)
		m.trade(first, price, new(big.Rat).Sub(fee, part))
		m.trade(rest, price, part)
		return
	}
	m.trade(shares, price, fee)
}

func (m *model) trade(shares, price, fee *big.Rat) {
	value := new(big.Rat).Mul(shares, price)
	m.cash.Sub(m.cash, value)
	m.cash.Sub(m.cash, fee)
	after := new(big.Rat).Add(m.shares, shares)
	if m.shares.Sign()*shares.Sign() >= 0 { // opens
		m.cost.Add(m.cost, value.Abs(value))
		if shares.Sign() > 0 {
			m.cost.Add(m.cost, fee)
		} else {
			m.cost.Sub(m.cost, fee)
		}
	} else { // closes
		m.cost.Mul(m.cost, after)
		m.cost.Quo(m.cost, m.shares)
	}
	m.shares = after
}

// anyFill is a fill of up to a few hundred shares on the grid.
func anyFill(t *rapid.T, day int) broker.Fill {
	decimals := func(max int64, prec uint8, name string) portfolio.Decimal {
		coef := rapid.Int64Range(1, max).Draw(t, name)
		return udecimal.MustFromInt64(coef, rapid.SampledFrom([]uint8{0, 2, prec}).Draw(t, name+" decimals"))
	}
	side := rapid.SampledFrom([]broker.Side{broker.Buy, broker.Sell}).Draw(t, "side")
	f := fill(fmt.Sprintf("%02d", day), side, "1", "1", "0")
	f.Shares, f.Price = decimals(500, 9, "shares"), decimals(400, 6, "price")
	if rapid.Bool().Draw(t, "has a fee") {
		f.Fee = decimals(50, 6, "fee")
	}
	return f
}

// Random fills leave the same cash, shares and equity as exact arithmetic, to
// the last digit, and the same cost basis to 1e-9. What the ledger refuses would
// have broken its invariants, and what it took reproduces it.
func TestLedgerAgainstFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		short := rapid.Bool().Draw(t, "short")
		cash := udecimal.MustFromInt64(rapid.Int64Range(0, 1e9).Draw(t, "cash"), 4)
		l, m := portfolio.New(cash, short), newModel(cash)
		var taken []broker.Fill
		for day := range rapid.IntRange(1, 30).Draw(t, "fills") {
			f := anyFill(t, day+1)
			before := l.State()
			err := l.Apply(f)
			if err != nil {
				after := *m
				after.cash, after.shares, after.cost = new(big.Rat).Set(m.cash), new(big.Rat).Set(m.shares), new(big.Rat).Set(m.cost)
				after.apply(f)
				if after.cash.Sign() >= 0 && (short || after.shares.Sign() >= 0) {
					t.Fatalf("refused a fill that breaks nothing: %v", err)
				}
				if l.State() != before {
					t.Fatal("a refused fill changed the ledger")
				}
				continue
			}
			m.apply(f)
			taken = append(taken, f)
			agree(t, l, m, short)
		}
		again := portfolio.New(cash, short)
		for _, f := range taken {
			if err := again.Apply(f); err != nil {
				t.Fatal(err)
			}
		}
		if again.State() != l.State() {
			t.Fatalf("the fills give %+v, the ledger is %+v", again.State(), l.State())
		}
	})
}

func agree(t *rapid.T, l *portfolio.Ledger, m *model, short bool) {
	if l.Cash().IsNeg() || !short && l.Shares().IsNeg() {
		t.Fatalf("cash %s, shares %s", l.Cash(), l.Shares())
	}
	if rat(l.Cash()).Cmp(m.cash) != 0 || rat(l.Shares()).Cmp(m.shares) != 0 {
		t.Fatalf("cash %s and shares %s, want %s and %s", l.Cash(), l.Shares(), m.cash.FloatString(15), m.shares.FloatString(9))
	}
	price := dec("123.456789")
	want := new(big.Rat).Add(m.cash, new(big.Rat).Mul(m.shares, rat(price)))
	if rat(l.Equity(price)).Cmp(want) != 0 {
		t.Fatalf("equity %s, want %s", l.Equity(price), want.FloatString(15))
	}
	if l.Shares().IsZero() {
		if !l.AverageCost().IsZero() {
			t.Fatalf("flat at an average cost of %s", l.AverageCost())
		}
		return
	}
	cost := new(big.Rat).Mul(rat(l.AverageCost()), new(big.Rat).Abs(rat(l.Shares())))
	if off := cost.Sub(cost, m.cost); off.Abs(off).Cmp(big.NewRat(1, 1e9)) > 0 {
		t.Fatalf("average cost %s is off by %s in all", l.AverageCost(), off.FloatString(15))
	}
}

// A state survives JSON, and the ledger made from it goes on as the first did.
func TestStateRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := portfolio.New(dec("1000000"), true)
		for day := range rapid.IntRange(0, 10).Draw(t, "fills") {
			_ = l.Apply(anyFill(t, day+1)) // a refused one leaves the ledger as it was
		}
		text, err := json.Marshal(l.State())
		if err != nil {
			t.Fatal(err)
		}
		var s portfolio.State
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		again, err := portfolio.FromState(s)
		if err != nil {
			t.Fatal(err)
		}
		last := anyFill(t, 20)
		one, two := l.Apply(last), again.Apply(last)
		if fmt.Sprint(one) != fmt.Sprint(two) || l.State() != again.State() {
			t.Fatalf("%v and %+v, want %v and %+v", two, again.State(), one, l.State())
		}
	})
}
