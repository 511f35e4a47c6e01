package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"finmem/backtest"
	"finmem/backtest/metrics"
	"finmem/backtest/significance"
)

// printCertainty says in words how far the agent's result may be luck.
func printCertainty(w io.Writer, a backtest.Result) {
	s, c := a.Significance, a.Relative
	if s == nil || c == nil {
		return
	}
	fmt.Fprintf(w, "\nHow sure is this: %s on %s (%g %% intervals of %d resamples, seed %d)\n", a.Trader, a.Symbol, 100*s.Level, s.Resamples, s.Seed)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-12s  %s\n", name, fmt.Sprintf(format, args...))
	}
	line("return", "%s to %s %%%s", percent(s.ReturnLow), percent(s.ReturnHigh), open(s.ReturnLow, s.ReturnHigh))
	line("Sharpe ratio", "%s to %s; truly above 0 with a probability of %s", ratio(s.SharpeLow), ratio(s.SharpeHigh), probability(s))
	line("record", "%s; %s", count(a.Sessions, "session"), needed(s))
	line(c.Benchmark, "%s points of return; alpha %s %% a year (p %s), beta %s, information ratio %s",
		points(c.ExcessReturn), percent(c.Alpha), number(c.AlphaP, 3), ratio(c.Beta), ratio(c.InformationRatio))
	line("days", "%s", days(s, c.Benchmark))
	line("timing", "%s", timing(s))
	line("costs", "%s", costs(s))
	line("best days", "%s", bestDays(s))
}

// likely is the p from which on finmem speaks of chance.
const likely = 0.05

// open adds to an interval that it holds zero.
func open(low, high metrics.Figure) string {
	if low > 0 || high < 0 || !low.Defined() || !high.Defined() {
		return ""
	}
	return ", which leaves open whether it gains"
}

// probability is that of a Sharpe ratio above zero, by itself and as the best of
// the variants tried.
func probability(s *significance.Summary) string {
	if s.Trials == 1 {
		return fmt.Sprintf("%s %%, if no other variant was tried", percent(s.PSR))
	}
	return fmt.Sprintf("%s %%, and of %s %% as the best of %d variants", percent(s.PSR), percent(s.DSR), s.Trials)
}

// longestRecord is where a number of sessions stops saying anything: 100 years.
const longestRecord = 25_200

// needed is how long a record would have to be.
func needed(s *significance.Summary) string {
	switch {
	case !s.TrackRecord.Defined():
		return fmt.Sprintf("no number would show a ratio above 0 at %g %%", 100*s.Level)
	case s.TrackRecord > longestRecord:
		return fmt.Sprintf("a ratio as small as this one would take more than %d to show at %g %%", longestRecord, 100*s.Level)
	}
	return fmt.Sprintf("%s would show a ratio like this one at %g %%", number(s.TrackRecord, 0), 100*s.Level)
}

// points is a difference of returns, with its sign.
func points(f metrics.Figure) string {
	if !f.Defined() {
		return "n/a"
	}
	return fmt.Sprintf("%+.2f", 100*float64(f))
}

// days says whether the agent's days are unlike the benchmark's.
func days(s *significance.Summary, benchmark string) string {
	switch {
	case !s.WilcoxonP.Defined():
		return "the same as those of " + benchmark
	case s.WilcoxonP < likely:
		return fmt.Sprintf("unlike those of %s by more than chance (Wilcoxon p %s)", benchmark, number(s.WilcoxonP, 3))
	}
	return fmt.Sprintf("unlike those of %s by no more than chance (Wilcoxon p %s)", benchmark, number(s.WilcoxonP, 3))
}

// timing says whether it mattered when the positions were held.
func timing(s *significance.Summary) string {
	if !s.ShiftP.Defined() {
		return "n/a"
	}
	verdict := "no skill shown"
	if s.ShiftP < likely {
		verdict = "more than chance"
	}
	return fmt.Sprintf("moved along the sessions, %s %% of the same positions earn as much: %s (p %s)", percent(s.ShiftP), verdict, number(s.ShiftP, 3))
}

func costs(s *significance.Summary) string {
	if !s.BreakEvenBps.Defined() {
		return "nothing gained that costs could take"
	}
	return fmt.Sprintf("%s bp a side would leave nothing", number(s.BreakEvenBps, 1))
}

// bestDays says what the result owes to a few days.
func bestDays(s *significance.Summary) string {
	if !s.Best5Share.Defined() {
		return fmt.Sprintf("log return %s %%; without the best 5 %s %%, without the best 10 %s %%",
			percent(s.LogReturn), percent(s.WithoutBest5), percent(s.WithoutBest10))
	}
	return fmt.Sprintf("log return %s %%; the best 5 made %s %% of it, without them %s %%; the best 10 %s %%, without them %s %%",
		percent(s.LogReturn), percent(s.Best5Share), percent(s.WithoutBest5), percent(s.Best10Share), percent(s.WithoutBest10))
}

// words are the limits that are on.
func (l limitsConfig) words() []string {
	var on []string
	add := func(set bool, format string, a ...any) {
		if set {
			on = append(on, fmt.Sprintf(format, a...))
		}
	}
	add(l.VolTarget > 0, "weight scaled to a volatility of %g %% a year", 100*l.VolTarget)
	add(l.MaxWeight > 0, "no position above %g of equity", l.MaxWeight)
	add(l.CoolDown > 0, "no buy for %s after a losing trade", count(l.CoolDown, "session"))
	add(l.DrawdownStop > 0, "flat for %s at a drawdown of %g %%", count(l.StopSessions, "session"), 100*l.DrawdownStop)
	return on
}

// printLimits says which limits were on and what they changed.
func printLimits(w io.Writer, r report) {
	on := r.Conventions.Limits.words()
	if len(on) == 0 {
		return
	}
	fmt.Fprintf(w, "Limits: %s.\n", strings.Join(on, "; "))
	for _, x := range slices.Concat(r.Agent, r.Baselines) {
		var changed []string
		for _, name := range slices.Sorted(maps.Keys(x.Limited)) {
			changed = append(changed, fmt.Sprintf("%s on %s", name, count(x.Limited[name], "session")))
		}
		if len(changed) > 0 {
			fmt.Fprintf(w, "Note: %s of %s was limited by %s.\n", x.Trader, x.Symbol, strings.Join(changed, ", "))
		}
	}
}
