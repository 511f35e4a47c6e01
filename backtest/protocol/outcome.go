package protocol

import "finmem/backtest/metrics"

// An Outcome is what a series of positions earned.
type Outcome struct {
	// Positions is the units wanted at each decision. There may be one more than
	// there are rewards: that of the last session, whose outcome lies outside
	// the window.
	Positions []float64
	// Rewards is what each position earned until the next one took its place,
	// after costs. Log returns from [LogRewards], simple ones from [Execute].
	Rewards []float64
	// Market is what one unit long earned over the same spells, of the same
	// kind, without costs.
	Market []float64
	// Traded is the units bought or sold to take each rewarded position.
	Traded []float64
	// AtClose is set where the last position of a fill at the next open was
	// valued at the last close because no later open was known.
	AtClose bool
}

// Held is the positions that have a reward.
func (o Outcome) Held() []float64 { return o.Positions[:len(o.Rewards)] }

// Turnover is the units traded in all, entry included, the exit after the last
// session not.
func (o Outcome) Turnover() float64 {
	sum := 0.0
	for _, t := range o.Traded {
		sum += t
	}
	return sum
}

// Equity is the curve that starts at 1 and compounds the rewards.
func (o Outcome) Equity() []float64 { return metrics.Compounded(1, o.Rewards) }

// Days counts the rewarded positions by side.
func (o Outcome) Days() (long, flat, short int) {
	for _, p := range o.Held() {
		switch {
		case p > 0:
			long++
		case p < 0:
			short++
		default:
			flat++
		}
	}
	return long, flat, short
}

// traded is the units that change hands to take each of positions in turn,
// starting flat.
func traded(positions []float64) []float64 {
	t := make([]float64, len(positions))
	held := 0.0
	for i, p := range positions {
		t[i] = max(p-held, held-p)
		held = p
	}
	return t
}
