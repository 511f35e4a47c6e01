package decisions_test

import (
	"context"
	"errors"
	"testing"

	"finmem/agent"
	"finmem/backtest/decisions"
	"finmem/data"
)

func TestTrader(t *testing.T) {
	sessions := []data.Session{"2024-01-02", "2024-01-03"}
	trader := decisions.NewTrader("outside", decisions.Series{Actions: []agent.Action{agent.Sell, ""}}, sessions)
	see := func(s data.Session) agent.Observation { return agent.Observation{Day: data.Day{Session: s}} }
	d, err := trader.Decide(context.Background(), see("2024-01-02"))
	if err != nil || d.Action != agent.Sell || d.Reason != "outside decided so" || trader.Name() != "outside" {
		t.Errorf("%+v, %v", d, err)
	}
	for _, s := range []data.Session{"2024-01-03", "2024-01-04"} {
		var failure *agent.Failure
		if d, err := trader.Decide(context.Background(), see(s)); !errors.As(err, &failure) || d.Action != "" {
			t.Errorf("%s: %+v, %v; want an error day", s, d, err)
		}
	}
}
