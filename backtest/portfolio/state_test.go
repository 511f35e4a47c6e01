package portfolio_test

import (
	"encoding/json"
	"strings"
	"testing"

	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
)

func TestStateJSON(t *testing.T) {
	l := booked(t, "10000", false, fill("05", broker.Buy, "99", "100", "9.9"))
	text, err := json.Marshal(l.State())
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"cash":"90.1","shares":"99","cost":"9909.9"}`; string(text) != want {
		t.Errorf("state %s, want %s", text, want)
	}
}

func TestFromStateRefuses(t *testing.T) {
	good := portfolio.State{Cash: "1", Shares: "1", Cost: "1"}
	for want, spoil := range map[string]func(*portfolio.State){
		`ledger: cash "" is not a decimal number`:                             func(s *portfolio.State) { s.Cash = "" },
		`ledger: shares "NaN" is not a decimal number`:                        func(s *portfolio.State) { s.Shares = "NaN" },
		`ledger: cost "1e5" is not a decimal number`:                          func(s *portfolio.State) { s.Cost = "1e5" },
		`ledger: cash -0.01 is below zero`:                                    func(s *portfolio.State) { s.Cash = "-0.01" },
		`ledger: -1 shares, and short positions are not allowed`:              func(s *portfolio.State) { s.Shares = "-1" },
		`ledger: 1.0000000001 shares have more than 9 decimals`:               func(s *portfolio.State) { s.Shares = "1.0000000001" },
		`ledger: a cost of 1 for no shares`:                                   func(s *portfolio.State) { s.Shares = "0" },
		`ledger: 1 shares held at a cost of -1, which is below zero`:          func(s *portfolio.State) { s.Cost = "-1" },
		`ledger: cash "0.00000000000000000001" is not a decimal number: prec`: func(s *portfolio.State) { s.Cash = "0.00000000000000000001" },
	} {
		s := good
		spoil(&s)
		if l, err := portfolio.FromState(s); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v: got %v, %v, want an error that begins %q", s, l, err, want)
		}
	}
}

// Whatever is read as a state is one that a ledger gives back unchanged.
func FuzzState(f *testing.F) {
	for _, seed := range []string{
		`{"cash":"90.1","shares":"99","cost":"9909.9"}`,
		`{"cash":"2000","shares":"-10","cost":"999","short":true}`,
		`{"cash":"0.0000000000000000001","shares":"0.000000001","cost":"0"}`,
		`{"cash":"+1.50","shares":"-0","cost":"00"}`,
		`{"cash":"340282366920938463463374607431768211456","shares":"0","cost":"0"}`,
		`{"cash":1}`, `{}`, `null`, `[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s portfolio.State
		if json.Unmarshal(text, &s) != nil {
			return
		}
		l, err := portfolio.FromState(s)
		if err != nil {
			return
		}
		canonical := l.State()
		again, err := portfolio.FromState(canonical)
		if err != nil {
			t.Fatalf("%+v was read, but not its own state %+v: %v", s, canonical, err)
		}
		if again.State() != canonical {
			t.Fatalf("%+v became %+v", canonical, again.State())
		}
		if l.Cash().IsNeg() || l.Equity(dec("1")).LessThan(l.Shares()) {
			t.Fatalf("cash %s of %s", l.Cash(), text)
		}
		_ = l.AverageCost()
	})
}
