package baseline

import (
	"context"
	"fmt"
	"math"

	"finmem/agent"
)

// A Trader is a baseline. It is a backtest.Trader with a name.
type Trader interface {
	// Name is what reports call it, parameters included.
	Name() string
	// Bars is how many bars an observation has to hold before the rule can say
	// anything but hold.
	Bars() int
	Decide(ctx context.Context, obs agent.Observation) (agent.Decision, error)
}

// Standard are the baselines whose parameters do not depend on what they are
// compared with, in the order in which reports show them. [Random] is the other
// one: it takes its turnover from the agent.
func Standard() []Trader {
	return []Trader{
		BuyAndHold{},
		Flat{},
		Momentum{sessions: 20},
		SMACross{fast: 20, slow: 50},
		MACD{fast: 12, slow: 26, signal: 9},
		RSI{period: 14, low: 30, high: 70},
		Bollinger{period: 20, width: 2},
	}
}

// decide is a decision and its reason.
func decide(action agent.Action, format string, args ...any) (agent.Decision, error) {
	return agent.Decision{Action: action, Reason: fmt.Sprintf(format, args...)}, nil
}

// waiting is the decision of a rule whose indicator is n/a.
func waiting(t Trader, obs agent.Observation) (agent.Decision, error) {
	return decide(agent.Hold, "%s is n/a on %d bars", t.Name(), len(obs.Bars))
}

// follow is buy where x is above y, sell where it is below, and hold where they
// are the same, as they are on a price that stands still. Averages of equal
// prices differ by rounding, so a difference in the tenth digit is none.
func follow(x, y float64) agent.Action {
	noise := 1e-9 * max(math.Abs(x), math.Abs(y))
	switch {
	case x-y > noise:
		return agent.Buy
	case y-x > noise:
		return agent.Sell
	}
	return agent.Hold
}

// fade is the opposite bet: buy below low, sell above high, hold between them.
func fade(x, low, high float64) agent.Action {
	switch {
	case follow(x, low) == agent.Sell:
		return agent.Buy
	case follow(x, high) == agent.Buy:
		return agent.Sell
	}
	return agent.Hold
}

// closes are the closing prices of an observation, oldest first.
func closes(obs agent.Observation) []float64 {
	prices := make([]float64, len(obs.Bars))
	for i, b := range obs.Bars {
		prices[i] = b.Close
	}
	return prices
}
