package backtest

import "fmt"

// CoolDown lets no position be opened or enlarged for some sessions after a
// round trip has ended with a loss, fees and dividends included: the decisions
// of the session in which it ended and of the Sessions-1 sessions with a price
// after it. What is held may be kept or reduced. Another loss starts it anew.
type CoolDown struct {
	Sessions int // at least 1
}

func (CoolDown) Name() string { return "cool-down" }

func (l CoolDown) Apply(at Standing, memory *LimitMemory, wish float64) (allowed float64, reason string) {
	if at.Lost {
		memory.Left = l.Sessions
	}
	if memory.Left == 0 {
		return wish, ""
	}
	memory.Left--
	return toward(wish, at.Weight), fmt.Sprintf("a losing trade ended less than %d sessions ago; %d to go", l.Sessions, memory.Left)
}
