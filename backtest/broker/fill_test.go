package broker_test

import (
	"testing"

	"finmem/backtest/broker"
)

func TestFillCheck(t *testing.T) {
	good := broker.Fill{OrderID: "X-1", Session: tuesday, Side: broker.Sell, Shares: dec("0.000000001"), Price: dec("0.000001"), Fee: dec("0")}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(*broker.Fill){
		`side "hold" is not buy or sell`:                                     func(f *broker.Fill) { f.Side = "hold" },
		"0 shares: want a number above 0 with at most 9 decimals":            func(f *broker.Fill) { f.Shares = dec("0") },
		"-1 shares: want a number above 0 with at most 9 decimals":           func(f *broker.Fill) { f.Shares = dec("-1") },
		"0.0000000001 shares: want a number above 0 with at most 9 decimals": func(f *broker.Fill) { f.Shares = dec("0.0000000001") },
		"price 0: want a number above 0 with at most 6 decimals":             func(f *broker.Fill) { f.Price = dec("0") },
		"price 1.0000001: want a number above 0 with at most 6 decimals":     func(f *broker.Fill) { f.Price = dec("1.0000001") },
		"fee -0.1: want a number from 0 with at most 6 decimals":             func(f *broker.Fill) { f.Fee = dec("-0.1") },
		"fee 0.0000001: want a number from 0 with at most 6 decimals":        func(f *broker.Fill) { f.Fee = dec("0.0000001") },
	} {
		f := good
		spoil(&f)
		want = "fill of order X-1 in session 2024-03-05: " + want
		if err := f.Check(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
