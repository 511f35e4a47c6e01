package protocol

import (
	"fmt"
	"math"
)

// LogRewards is what positions earn in the FinMem paper: from each close to the
// next, with no costs,
//
//	reward[t] = position[t] · ln(close[t+1]/close[t])
//
// The reward of a short position is the log return with its sign turned, which
// nobody can earn: being short while a price doubles costs 1, not ln 2. Source:
// Yu et al. (2023), arXiv:2311.13743.
//
// There is one position per close, or one less where the last session's is left
// out; the last one's outcome lies outside the window.
func LogRewards(positions []float64, p Prices) (Outcome, error) {
	if err := check(positions, p); err != nil {
		return Outcome{}, err
	}
	n := max(len(p.Close)-1, 0)
	o := Outcome{Positions: positions, Traded: traded(positions[:n])}
	for t := range n {
		market := math.Log(p.Close[t+1] / p.Close[t])
		o.Market = append(o.Market, market)
		o.Rewards = append(o.Rewards, positions[t]*market)
	}
	return o, nil
}

func check(positions []float64, p Prices) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if n := len(p.Close); len(positions) != n && len(positions) != n-1 {
		return fmt.Errorf("%d positions for %d sessions: want one for each, or for each but the last", len(positions), n)
	}
	return nil
}
