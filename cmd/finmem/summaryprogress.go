package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"finmem/agent/cost"
	"finmem/agent/summary"
)

// A summaryProgress follows what summaries take, stops them where the budget says
// so, and shows on a terminal how far they are; elsewhere it is silent.
type summaryProgress struct {
	w        io.Writer // nil when silent
	start    time.Time
	shown    time.Time
	spending *spending
}

func newSummaryProgress(w io.Writer, spending *spending) *summaryProgress {
	p := &summaryProgress{start: time.Now(), spending: spending}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.w = w
	}
	return p
}

// done takes in a text that is summarised.
func (p *summaryProgress) done(at summary.Progress) error {
	t := summaryTally(at.Last)
	p.spending.total = p.spending.total.Plus(t)
	p.spending.budget.Spend("", t)
	now := time.Now()
	if p.w != nil && (now.Sub(p.shown) >= 100*time.Millisecond || at.Done == at.Total) {
		p.shown = now
		fmt.Fprint(p.w, "\r\x1b[K"+p.spending.summaryLine(at, now.Sub(p.start)))
	}
	if at.Done == at.Total {
		return nil
	}
	return p.spending.budget.Check()
}

// summaryLine is how far summaries are after a time.
func (s *spending) summaryLine(at summary.Progress, spent time.Duration) string {
	left := spent / time.Duration(max(at.Done, 1)) * time.Duration(at.Total-at.Done)
	line := fmt.Sprintf("%d/%d texts", at.Done, at.Total)
	if s.total.Calls > 0 {
		line += fmt.Sprintf("  %d tokens  cost %s", s.total.Tokens(), shortDollars(s.rates.USD(s.total)))
	}
	return line + fmt.Sprintf("  %s left", left.Round(time.Second))
}

// end leaves the line.
func (p *summaryProgress) end() {
	if p.w != nil && !p.shown.IsZero() {
		fmt.Fprintln(p.w)
	}
}

// summaryTally is what summaries took, as a run counts it.
func summaryTally(t summary.Tally) cost.Tally {
	return cost.Tally{Calls: t.Calls, InputTokens: t.InputTokens, OutputTokens: t.OutputTokens, EstimatedCalls: t.EstimatedCalls}
}
