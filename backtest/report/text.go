package report

import (
	"slices"

	"finmem/internal/printable"
)

// shown is foreign text as it may be shown: on one line, without control and
// direction characters, and not longer than most.
func shown(s string, most int) string {
	return printable.Cut(printable.Line(s), most)
}

// printable is run with names and notes as they may be shown. Reasons are cut
// and cleaned where they are listed.
func (run Run) printable() Run {
	run.Name, run.Lead = printable.Line(run.Name), printable.Line(run.Lead)
	run.About, run.Conventions = facts(run.About), facts(run.Conventions)
	run.Warnings = slices.Clone(run.Warnings)
	for i, w := range run.Warnings {
		run.Warnings[i] = printable.Line(w)
	}
	run.Symbols = slices.Clone(run.Symbols)
	for i := range run.Symbols {
		s := &run.Symbols[i]
		s.Name, s.Traders = printable.Line(s.Name), slices.Clone(s.Traders)
		for k := range s.Traders {
			s.Traders[k].Name = printable.Line(s.Traders[k].Name)
		}
	}
	return run
}

func facts(list []Fact) []Fact {
	list = slices.Clone(list)
	for i, f := range list {
		list[i] = Fact{printable.Line(f.Name), printable.Line(f.Value)}
	}
	return list
}
