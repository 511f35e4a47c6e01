package evaluation

import (
	"context"
	"math"

	"finmem/backtest/decisions"
	"finmem/backtest/metrics"
	"finmem/backtest/protocol"
	"finmem/backtest/significance"
)

// scoreUnits scores decisions as positions of one unit: protocols finmem and
// carry.
func (r Request) scoreUnits(_ context.Context, row *Row, s decisions.Series) (metrics.EquityCurve, error) {
	actions := s.Actions
	if n := len(actions); n > 1 && actions[n-1] == "" {
		actions = actions[:n-1] // it would have no outcome in the window
	}
	positions := protocol.KeepOnHold(actions, r.Short)
	if r.Protocol == FinMem {
		positions = protocol.FlatOnHold(actions)
	}
	paid, err := protocol.Execute(positions, r.Prices, r.Fill, r.CommissionBps+r.SlippageBps)
	if err != nil {
		return nil, err
	}
	free, err := protocol.Execute(positions, r.Prices, r.Fill, 0)
	if err != nil {
		return nil, err
	}
	row.evidence = significance.Evidence{Returns: paid.Rewards, Free: free.Rewards, Traded: free.Traded}
	if err := r.count(row, positions, paid); err != nil {
		return nil, err
	}
	long, flat, short := paid.Days()
	row.Held = &Held{Long: long, Flat: flat, Short: short, Turnover: paid.Turnover()}
	row.Execution = executions(positions, r.Prices)
	return dated(paid, r.Prices), nil
}

// count fills in the protocol's own table and what it counts as rewards: the log
// rewards of the paper, or the logarithm of what the positions returned.
func (r Request) count(row *Row, positions []float64, paid protocol.Outcome) error {
	earn := func(p, market float64) float64 { return math.Log1p(float64(p * market)) }
	counted := paid
	if r.Protocol == FinMem {
		logs, err := protocol.LogRewards(positions, r.Prices)
		if err != nil {
			return err
		}
		table := protocol.NewFinMemTable(logs)
		row.FinMem, row.evidence.Rewards, counted = &table, logs.Rewards, logs
		earn = func(p, market float64) float64 { return float64(p * market) }
	} else {
		table := protocol.NewCarryTable(paid)
		row.Carry = &table
		for _, x := range paid.Rewards {
			row.evidence.Rewards = append(row.evidence.Rewards, math.Log1p(x))
		}
	}
	row.evidence.Positions = counted.Held()
	row.evidence.Earn = func(positions []float64) float64 {
		sum := 0.0
		for i, p := range positions {
			sum += earn(p, counted.Market[i])
		}
		return sum
	}
	return nil
}

// dated is the curve that compounds an outcome. A reward belongs to the session
// through which its position was held: from the close before to its close, or
// from its open to the next.
func dated(o protocol.Outcome, p protocol.Prices) metrics.EquityCurve {
	values := o.Equity()
	curve := make(metrics.EquityCurve, len(values))
	for i, v := range values {
		curve[i] = metrics.Point{Session: p.Sessions[i], Value: v}
	}
	return curve
}

// executions is what the positions return under both fills at several costs.
// Undefined at the next open where an open is missing.
func executions(positions []float64, p protocol.Prices) []Execution {
	var list []Execution
	for _, fill := range []protocol.Fill{protocol.SameClose, protocol.NextOpen} {
		for _, bps := range []float64{0, 5, 10, 20} {
			x := Execution{Fill: fill, CostBps: bps, CumulativeReturn: metrics.Figure(math.NaN())}
			if o, err := protocol.Execute(positions, p, fill, bps); err == nil {
				x.CumulativeReturn = metrics.Figure(metrics.CumulativeReturn(o.Equity()))
			}
			list = append(list, x)
		}
	}
	return list
}
