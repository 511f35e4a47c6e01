package protocol_test

import (
	"testing"

	"finmem/agent"
	"finmem/backtest/protocol"

	"github.com/google/go-cmp/cmp"
)

func TestMeaning(t *testing.T) {
	actions := []agent.Action{agent.Hold, agent.Buy, agent.Hold, "", agent.Sell, agent.Hold, agent.Buy}
	for name, tt := range map[string]struct{ got, want []float64 }{
		"flat on hold":         {protocol.FlatOnHold(actions), []float64{0, 1, 0, 0, -1, 0, 1}},
		"keep on hold":         {protocol.KeepOnHold(actions, false), []float64{0, 1, 1, 1, 0, 0, 1}},
		"keep on hold, short":  {protocol.KeepOnHold(actions, true), []float64{0, 1, 1, 1, -1, -1, 1}},
		"no decision, flat":    {protocol.FlatOnHold(nil), []float64{}},
		"no decision, keep":    {protocol.KeepOnHold(nil, false), []float64{}},
		"buy and hold, either": {protocol.KeepOnHold(protocol.AlwaysBuy(2), false), protocol.FlatOnHold(protocol.AlwaysBuy(2))},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
