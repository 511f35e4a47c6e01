package main

import (
	"slices"

	"finmem/agent/llm"
	"finmem/backtest/audit"
	"finmem/data"
)

// training says whether the model can have learned of the test window in its
// training, going by its cut-off as the configuration has it.
func (p *plan) training() audit.Training {
	test := slices.DeleteFunc(slices.Clone(p.sessions), func(s data.Session) bool { return s < p.config.Window.From })
	if p.config.Model.Name == llm.Offline {
		return audit.Untrained(test)
	}
	return audit.NewTraining(p.config.Model.TrainingCutoff, test)
}
