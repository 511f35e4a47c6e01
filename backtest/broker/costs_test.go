package broker_test

import (
	"math"
	"testing"

	"finmem/backtest/broker"
)

func TestCostsValidate(t *testing.T) {
	for _, c := range []struct {
		costs broker.Costs
		want  string
	}{
		{broker.Costs{}, ""},
		{broker.Costs{CommissionBps: 10, SlippageBps: 5.5}, ""},
		{broker.Costs{CommissionBps: 9999.9999}, ""},
		{broker.Costs{CommissionBps: -1}, "commission of -1 bp: want a number from 0 to below 10000"},
		{broker.Costs{SlippageBps: 10000}, "slippage of 10000 bp: want a number from 0 to below 10000"},
		{broker.Costs{SlippageBps: math.NaN()}, "slippage of NaN bp: want a number from 0 to below 10000"},
		{broker.Costs{CommissionBps: math.Inf(1)}, "commission of +Inf bp: want a number from 0 to below 10000"},
	} {
		got := ""
		if err := c.costs.Validate(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: Validate() = %q, want %q", c.costs, got, c.want)
		}
	}
}
