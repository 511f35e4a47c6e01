package protocol

import "finmem/agent"

// FlatOnHold is the positions that decisions mean in the FinMem paper: +1 on
// buy, -1 on sell, and 0 on hold, which closes whatever was open. A session
// without a decision ("") is flat too.
func FlatOnHold(actions []agent.Action) []float64 {
	positions := make([]float64, len(actions))
	for i, a := range actions {
		switch a {
		case agent.Buy:
			positions[i] = 1
		case agent.Sell:
			positions[i] = -1
		}
	}
	return positions
}

// KeepOnHold is the positions of a trader who carries them: +1 from a buy on, 0
// from a sell on (-1 if short is set), and on hold what it was. It starts flat.
// A session without a decision ("") keeps the position too: nothing was ordered.
func KeepOnHold(actions []agent.Action, short bool) []float64 {
	positions := make([]float64, len(actions))
	held := 0.0
	for i, a := range actions {
		switch {
		case a == agent.Buy:
			held = 1
		case a == agent.Sell && short:
			held = -1
		case a == agent.Sell:
			held = 0
		}
		positions[i] = held
	}
	return positions
}

// AlwaysBuy is n decisions to buy: buy and hold under either meaning.
func AlwaysBuy(n int) []agent.Action {
	actions := make([]agent.Action, n)
	for i := range actions {
		actions[i] = agent.Buy
	}
	return actions
}
