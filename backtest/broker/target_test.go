package broker_test

import (
	"math"
	"strings"
	"testing"

	"finmem/backtest/broker"
)

// To brings a position to a weight from above and from below; what whole shares,
// cash and the cap do not allow stays undone.
func TestSizingTo(t *testing.T) {
	for _, tt := range []struct {
		name         string
		cash, shares string
		sizing       broker.Sizing
		weight       float64
		bps          float64
		side         broker.Side
		want         string // shares, "" for no order
	}{
		{"up from nothing", "10000", "0", broker.Sizing{}, 0.5, 0, broker.Buy, "50"},
		{"up from a part", "7000", "30", broker.Sizing{}, 0.5, 0, broker.Buy, "20"},
		{"down", "3000", "70", broker.Sizing{}, 0.5, 0, broker.Sell, "20"},
		{"to nothing", "3000", "70", broker.Sizing{}, 0, 0, broker.Sell, "70"},
		{"there already", "5000", "50", broker.Sizing{}, 0.5, 0, "", ""},
		{"rounded towards zero", "10000", "0", broker.Sizing{}, 0.559, 0, broker.Buy, "55"},
		{"less than a share", "10000", "0", broker.Sizing{}, 0.0099, 0, "", ""},
		{"the cap", "10000", "0", broker.Sizing{MaxShares: dec("12")}, 0.5, 0, broker.Buy, "12"},
		{"what cash pays for with the fee", "10000", "0", broker.Sizing{}, 1, 10, broker.Buy, "99"},
		{"to short", "10000", "0", broker.Sizing{Short: true}, -0.5, 0, broker.Sell, "50"},
		{"from long to short", "5000", "50", broker.Sizing{Short: true}, -0.2, 0, broker.Sell, "70"},
		{"a short position cut back", "20000", "-100", broker.Sizing{Short: true}, -0.4, 0, broker.Buy, "60"},
		{"a short position closed", "20000", "-100", broker.Sizing{Short: true}, 0, 0, broker.Buy, "100"},
		{"equity is gone", "10000", "-150", broker.Sizing{Short: true}, -0.5, 0, broker.Buy, "100"},
	} {
		o, ok, note, err := tt.sizing.To("AAA", "2024-03-04", tt.weight, 100, holdings{cash: dec(tt.cash), shares: dec(tt.shares)}, broker.Costs{CommissionBps: tt.bps}, broker.Decimal{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if ok != (tt.want != "") || ok && (o.Side != tt.side || o.Shares.String() != tt.want) {
			t.Errorf("%s: %s %s shares (%v), want %s %s", tt.name, o.Side, o.Shares, ok, tt.side, tt.want)
		}
		if !ok && note == "" {
			t.Errorf("%s: no order and no reason", tt.name)
		}
	}
	o, _, _, err := broker.Sizing{}.To("AAA", "2024-03-04", 0.5, 100, holdings{cash: dec("3000"), shares: dec("70")}, broker.Costs{}, broker.Decimal{})
	if err != nil || o.ID != "AAA-2024-03-04-sell" || o.Decided != "2024-03-04" || o.Reason != "limited to 0.5 of equity: from 70 to 50 shares at close 100" {
		t.Errorf("order %+v, %v", o, err)
	}
}

func TestSizingToRefuses(t *testing.T) {
	for _, weight := range []float64{math.NaN(), math.Inf(1), -0.1} {
		if _, _, _, err := (broker.Sizing{}).To("AAA", "2024-03-04", weight, 100, holdings{cash: dec("1")}, broker.Costs{}, broker.Decimal{}); err == nil || !strings.Contains(err.Error(), "2024-03-04") {
			t.Errorf("weight %v: error %v, want one that names the session", weight, err)
		}
	}
}
