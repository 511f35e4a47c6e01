package portfolio_test

import (
	"testing"

	"github.com/quagmt/udecimal"

	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// dec is a decimal literal.
func dec(s string) portfolio.Decimal { return udecimal.MustParse(s) }

// same fails the test unless got is exactly want.
func same(t *testing.T, what string, got portfolio.Decimal, want string) {
	t.Helper()
	if !got.Equal(dec(want)) {
		t.Errorf("%s = %s, want %s", what, got, want)
	}
}

// fill is shares traded in a session of March 2024.
func fill(day string, side broker.Side, shares, price, fee string) broker.Fill {
	s := data.Session("2024-03-" + day)
	return broker.Fill{OrderID: broker.OrderID("TSLA", s, side), Symbol: "TSLA", Session: s, Side: side,
		Shares: dec(shares), Price: dec(price), Fee: dec(fee), Basis: broker.AtOpen}
}

// booked is a ledger after fills.
func booked(t *testing.T, cash string, short bool, fills ...broker.Fill) *portfolio.Ledger {
	t.Helper()
	l := portfolio.New(dec(cash), short)
	for _, f := range fills {
		if err := l.Apply(f); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestLedgerApply(t *testing.T) {
	for _, c := range []struct {
		name  string
		short bool
		fills []broker.Fill

		wantCash, wantShares, wantAverage string
	}{
		{"nothing", false, nil, "10000", "0", "0"},
		{"buy with a fee (B70)", false, []broker.Fill{fill("05", broker.Buy, "99", "100", "9.9")}, "90.1", "99", "100.1"},
		{"buy twice", false, []broker.Fill{
			fill("05", broker.Buy, "10", "100", "1"), fill("06", broker.Buy, "30", "120", "3")}, "5396", "40", "115.1"},
		{"selling a part leaves the average", false, []broker.Fill{
			fill("05", broker.Buy, "40", "100", "4"), fill("06", broker.Sell, "10", "130", "1.3")}, "7294.7", "30", "100.1"},
		{"selling all leaves no cost", false, []broker.Fill{
			fill("05", broker.Buy, "3", "100", "1"), fill("06", broker.Sell, "1", "110", "0"), fill("07", broker.Sell, "2", "110", "0")}, "10029", "0", "0"},
		{"short", true, []broker.Fill{fill("05", broker.Sell, "10", "100", "1")}, "10999", "-10", "99.9"},
		{"cover a part", true, []broker.Fill{
			fill("05", broker.Sell, "10", "100", "1"), fill("06", broker.Buy, "4", "90", "0.5")}, "10638.5", "-6", "99.9"},
		{"from long to short", true, []broker.Fill{
			fill("05", broker.Buy, "10", "100", "1"), fill("06", broker.Sell, "25", "110", "2.5")}, "11746.5", "-15", "109.9"},
		{"from short to long", true, []broker.Fill{
			fill("05", broker.Sell, "10", "100", "1"), fill("06", broker.Buy, "15", "110", "3")}, "9346", "5", "110.2"},
		{"fractions", false, []broker.Fill{fill("05", broker.Buy, "0.000000001", "30000.000001", "0.000003")}, "9999.999966999999999", "0.000000001", "33000.000001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := booked(t, "10000", c.short, c.fills...)
			same(t, "cash", l.Cash(), c.wantCash)
			same(t, "shares", l.Shares(), c.wantShares)
			same(t, "average cost", l.AverageCost(), c.wantAverage)
		})
	}
}

func TestLedgerRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		fill broker.Fill
		want string
	}{
		{"more than cash pays for (B70)", fill("06", broker.Buy, "100", "100", "10"),
			"fill of order TSLA-2024-03-06-buy in session 2024-03-06: buy of 100 shares at 100 with a fee of 10 leaves cash of -1010; it was 9000"},
		{"more than is held (B71)", fill("06", broker.Sell, "25", "100", "0"),
			"fill of order TSLA-2024-03-06-sell in session 2024-03-06: sells 25 shares of 10 held, and short positions are not allowed"},
		{"a fee that cash does not pay for", fill("06", broker.Sell, "1", "100", "9101"),
			"fill of order TSLA-2024-03-06-sell in session 2024-03-06: sell of 1 shares at 100 with a fee of 9101 leaves cash of -1; it was 9000"},
		{"no shares", fill("06", broker.Buy, "0", "100", "0"),
			"fill of order TSLA-2024-03-06-buy in session 2024-03-06: 0 shares: want a number above 0 with at most 9 decimals"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := booked(t, "10000", false, fill("05", broker.Buy, "10", "100", "0"))
			before := l.State()
			if err := l.Apply(c.fill); err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if l.State() != before {
				t.Errorf("a refused fill changed the ledger from %+v to %+v", before, l.State())
			}
		})
	}
}

func TestLedgerWithNegativeCashRefusesItsFirstFill(t *testing.T) {
	l := portfolio.New(dec("-1"), false)
	if err := l.Apply(fill("05", broker.Buy, "1", "1", "0")); err == nil {
		t.Error("booked")
	}
}

// B73: ten times 0.10 is 1.00, which floats make 0.9999999999999999.
func TestLedgerAddsExactly(t *testing.T) {
	l := booked(t, "0.9", false, fill("05", broker.Buy, "9", "0.1", "0"))
	same(t, "cash", l.Cash(), "0")
	for range 9 {
		if err := l.Apply(fill("06", broker.Sell, "1", "0.1", "0")); err != nil {
			t.Fatal(err)
		}
	}
	l2 := portfolio.New(dec("0"), true)
	for range 10 {
		if err := l2.Apply(fill("06", broker.Sell, "1", "0.1", "0")); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "cash after nine sales", l.Cash(), "0.9")
	same(t, "cash after ten sales", l2.Cash(), "1")
}

func TestLedgerEquity(t *testing.T) {
	long := booked(t, "10000", false, fill("05", broker.Buy, "99", "100", "9.9"))
	same(t, "equity", long.Equity(dec("101.5")), "10138.6")
	short := booked(t, "1000", true, fill("05", broker.Sell, "10", "100", "0"))
	same(t, "equity", short.Equity(dec("110")), "900")
}

// A ledger that follows a broker books what the broker did: a market order that
// cost a cent more than there was, and a sale by somebody else. An own ledger
// refuses both.
func TestFollowBooksTheBrokersWord(t *testing.T) {
	bought, sold := fill("07", broker.Buy, "1", "100.01", "0"), fill("08", broker.Sell, "2", "100", "0")
	own, follows := portfolio.New(dec("100"), false), portfolio.Follow(dec("100"), false)
	if err := own.Apply(bought); err == nil {
		t.Error("an own ledger went below zero")
	}
	for _, f := range []broker.Fill{bought, sold} {
		if err := follows.Apply(f); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "cash", follows.Cash(), "199.99")
	same(t, "shares", follows.Shares(), "-1")
	back, err := portfolio.FromState(follows.State())
	if err != nil {
		t.Fatal(err)
	}
	if back.State() != follows.State() {
		t.Errorf("read back as %+v, want %+v", back.State(), follows.State())
	}
	if _, err := own.Correct("2024-03-08", portfolio.Correction{Cash: dec("-200"), Price: dec("1")}); err == nil {
		t.Error("a correction left an own ledger with cash below zero")
	}
}
