package backtest

import "fmt"

// DrawdownStop takes the account out of the market when its equity at a close is
// Depth or more below its peak, and keeps it out for Sessions decisions in a row,
// the one that stops it included; sessions without a price do not count. Then it
// may trade again, and the peak is counted anew from there: otherwise an account
// that is flat, and so cannot recover, would be stopped for good.
//
// The peak is the highest equity at a close of a scored session since the start
// or since the last stop. The position is sold at the open after the stop, so
// the loss can come out larger than Depth.
type DrawdownStop struct {
	Depth    float64 // above 0, below 1
	Sessions int     // at least 1
}

func (DrawdownStop) Name() string { return "drawdown-stop" }

func (l DrawdownStop) Apply(at Standing, memory *LimitMemory, wish float64) (allowed float64, reason string) {
	memory.Peak = max(memory.Peak, at.Equity)
	fall := 1 - at.Equity/memory.Peak
	if memory.Left == 0 {
		// 80 of 100 is a fall of 0.2, which binary fractions miss by a hair.
		if fall < l.Depth-1e-12 {
			return wish, ""
		}
		memory.Left = l.Sessions
	}
	reason = fmt.Sprintf("equity %.2f is %.2f %% below its peak of %.2f; flat for %d sessions", at.Equity, 100*fall, memory.Peak, memory.Left)
	memory.Left--
	if memory.Left == 0 {
		memory.Peak = 0
	}
	return 0, reason
}
