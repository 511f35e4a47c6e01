package main

import (
	"fmt"

	"finmem/agent/cost"
	"finmem/agent/summary"
)

// summarized takes in a text that is summarised, and is an error where the budget
// lets no other be begun.
func (s *spending) summarized(at summary.Progress) error {
	t := summaryTally(at.Last)
	s.total = s.total.Plus(t)
	s.budget.Spend("", t)
	if at.Done == at.Total {
		return nil
	}
	return s.budget.Check()
}

// soFar is what was spent in words, "" where nothing was asked.
func (s *spending) soFar() string {
	if s.total.Calls == 0 {
		return ""
	}
	return fmt.Sprintf("%d tokens  cost %s", s.total.Tokens(), shortDollars(s.rates.USD(s.total)))
}

// summaryTally is what summaries took, as a run counts it.
func summaryTally(t summary.Tally) cost.Tally {
	return cost.Tally{Calls: t.Calls, InputTokens: t.InputTokens, OutputTokens: t.OutputTokens, EstimatedCalls: t.EstimatedCalls}
}
