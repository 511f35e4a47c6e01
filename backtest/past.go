package backtest

import "finmem/agent"

// Past is what an agent has to be told of the recorded sessions of its symbol to
// go on after them, see [agent.Agent.Restore].
func Past(records []Record) []agent.Past {
	past := make([]agent.Past, 0, len(records))
	for _, r := range records {
		x := agent.Past{Session: r.Session, Equity: r.Account.Equity, Shown: r.Status == StatusLearned, Unpriced: !r.HasBar}
		if r.Decision != nil {
			x.Action, x.Reason, x.Cited = r.Decision.Action, r.Decision.Reason, r.Decision.Cited
			x.Reflection = r.Decision.Trace.Reflection
		}
		past = append(past, x)
	}
	return past
}
