package portfolio_test

import (
	"math"
	"strings"
	"testing"

	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// B01: ten shares at 400 are forty at 102 after a 4:1 split: 4080, up 2 %.
func TestSplit(t *testing.T) {
	l := booked(t, "4000", false, fill("07", broker.Buy, "10", "400", "0"))
	cash, err := l.Split(4, dec("102"), dec("1"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "cash in lieu", cash, "0")
	same(t, "shares", l.Shares(), "40")
	same(t, "equity", l.Equity(dec("102")), "4080")
	same(t, "average cost", l.AverageCost(), "100")
}

func TestReverseSplitPaysTheFractionInCash(t *testing.T) {
	for _, c := range []struct {
		name, shares, lot, price          string
		ratio                             float64
		wantShares, wantCash, wantAverage string
	}{
		{"25 for 2.5", "25", "1", "50", 0.1, "2", "25", "40"},
		{"a third is a third", "30", "1", "12", 1.0 / 3, "10", "0", "12"},
		{"less than a share is all cash", "3", "1", "50", 0.1, "0", "15", "0"},
		{"fractional lots keep it", "25", "0.001", "0", 0.1, "2.5", "0", "40"},
		{"nothing held", "0", "1", "0", 0.1, "0", "0", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := portfolio.New(dec("100"), false)
			if c.shares != "0" {
				l = booked(t, c.shares+"00", false, fill("05", broker.Buy, c.shares, "4", "0"))
			}
			before := l.Cash()
			cash, err := l.Split(c.ratio, dec(c.price), dec(c.lot))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "cash in lieu", cash, c.wantCash)
			same(t, "cash", l.Cash(), before.Add(dec(c.wantCash)).String())
			same(t, "shares", l.Shares(), c.wantShares)
			same(t, "average cost", l.AverageCost(), c.wantAverage)
		})
	}
}

// A short position pays for the fraction instead.
func TestReverseSplitOfAShortPosition(t *testing.T) {
	l := booked(t, "100", true, fill("05", broker.Sell, "25", "4", "0"))
	cash, err := l.Split(0.1, dec("40"), dec("1"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "cash in lieu", cash, "-20")
	same(t, "shares", l.Shares(), "-2")
	same(t, "equity", l.Equity(dec("40")), "100")
	same(t, "average cost", l.AverageCost(), "40")
}

// B02: on the ex-day 98 and 2.00 in cash are worth the 100 of the day before.
func TestDividend(t *testing.T) {
	l := booked(t, "10000", false, fill("05", broker.Buy, "100", "100", "0"))
	same(t, "price only", l.Equity(dec("98")), "9800")
	if err := l.Dividend(2); err != nil {
		t.Fatal(err)
	}
	same(t, "total return", l.Equity(dec("98")), "10000")
	same(t, "average cost", l.AverageCost(), "100")

	short := booked(t, "1000", true, fill("05", broker.Sell, "10", "100", "0"))
	if err := short.Dividend(0.5); err != nil {
		t.Fatal(err)
	}
	same(t, "cash of a short position", short.Cash(), "1995")
}

func TestActPaysOnTheOldShares(t *testing.T) {
	l := booked(t, "1000", false, fill("05", broker.Buy, "10", "100", "0"))
	got, err := l.Act(data.Action{Session: "2024-03-06", Split: 0.15, Dividend: 1.5}, dec("600"), dec("1"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "dividend", got.Dividend, "15")
	same(t, "before", got.Before, "10")
	same(t, "after", got.After, "1")
	same(t, "fraction", got.Fraction, "0.5")
	same(t, "cash in lieu", got.CashInLieu, "300")
	same(t, "cash", l.Cash(), "315")
	if got.Session != "2024-03-06" {
		t.Errorf("session %s", got.Session)
	}
}

func TestActionsRefused(t *testing.T) {
	long := func(t *testing.T) *portfolio.Ledger {
		return booked(t, "1000", false, fill("05", broker.Buy, "5", "100", "0"))
	}
	short := func(t *testing.T) *portfolio.Ledger {
		return booked(t, "0", true, fill("05", broker.Sell, "5", "1", "0"))
	}
	act := func(split, dividend float64, price string) func(*portfolio.Ledger) error {
		return func(l *portfolio.Ledger) error {
			_, err := l.Act(data.Action{Session: "2024-03-06", Split: split, Dividend: dividend}, dec(price), dec("1"))
			return err
		}
	}
	for _, c := range []struct {
		name   string
		ledger func(*testing.T) *portfolio.Ledger
		do     func(*portfolio.Ledger) error
		want   string
	}{
		{"a negative dividend", long, act(0, -1, "1"), "session 2024-03-06: dividend per share: price -1: want"},
		{"no number", long, act(0, math.NaN(), "1"), "session 2024-03-06: dividend per share: price NaN: want"},
		{"more than cash pays for", short, act(0, 2, "1"), "session 2024-03-06: dividend of 2 on -5 shares leaves cash of -5; it was 5"},
		{"a negative split", long, act(-4, 0, "1"), "session 2024-03-06: split of -4 new shares for one: want"},
		{"a fraction without a price", long, act(0.3, 0, "0"), "session 2024-03-06: a split of 0.3 leaves 0.5 of a share to be paid out, at a price of 0"},
		{"a fraction that cash does not pay for", short, act(0.3, 0, "11"), "session 2024-03-06: a split of 0.3 leaves -0.5 of a share to be paid out at 11, and cash is 5"},
		{"dividend fine, split not", long, act(-4, 1, "1"), "session 2024-03-06: split of -4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := c.ledger(t)
			before := l.State()
			if err := c.do(l); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want an error that begins %q", err, c.want)
			}
			if l.State() != before {
				t.Errorf("a refused action changed the ledger from %+v to %+v", before, l.State())
			}
		})
	}
}
