package data

import (
	"fmt"
	"strings"
)

// A findingKind says how bad a finding is.
type findingKind int

const (
	isNote findingKind = iota
	isWarning
	isError
)

func newFinding(kind findingKind, text string) Finding {
	return Finding{Warning: kind != isNote, Error: kind == isError, Text: text}
}

// metaFindings are what follows from the description of a dataset alone.
func metaFindings(m Meta) []Finding {
	findings := []Finding{}
	note := func(text string) { findings = append(findings, Finding{Text: text}) }
	if m.Synthetic {
		note("the data is made up; results on it say nothing about a market")
	}
	if m.PriceKind == CloseOnly {
		note("prices are closes only: an order decided after a close is filled at the next session's close")
	}
	switch m.Adjustment {
	case UnknownAdjustment:
		note("the source does not say whether prices contain splits and dividends; neither is applied again")
	case TotalReturn:
		note("prices contain splits and dividends; neither is applied again")
	case Raw, SplitAdjusted:
	}
	return findings
}

// findings puts the figures of a report into sentences.
func (r *SymbolReport) findings(m Meta) []Finding {
	findings := []Finding{}
	add := func(kind findingKind, format string, args ...any) {
		findings = append(findings, newFinding(kind, fmt.Sprintf(format, args...)))
	}
	if r.Bars == 0 {
		add(isError, "no prices")
	}
	if r.MissingCount > 0 {
		add(isWarning, "%d of %d sessions missing: %s", r.MissingCount, r.ExpectedSessions, listed(r.Missing, Gap.String))
	}
	if r.SessionsShort > 0 {
		add(isNote, "prices end %s, %d sessions before the last of the dataset (%s)", r.Last, r.SessionsShort, r.EndsBefore)
	}
	if n := len(r.NonSessions); n > 0 {
		add(isWarning, "%d bars on dates without a session, left out of every day: %s", n, listed(r.NonSessions, Session.String))
	}
	if r.OutsideCalendar > 0 {
		add(isNote, "%d bars outside the %s calendar (%s to %s)", r.OutsideCalendar, m.Calendar, calendarFirst, calendarLast)
	}
	for _, j := range r.Jumps {
		if !r.spiked(j.Session) && !r.spiked(j.Previous) {
			findings = append(findings, newFinding(j.finding(m)))
		}
	}
	r.breakFindings(add)
	if n := len(r.ZeroVolume); n > 0 {
		add(isNote, "%d bars with volume 0: %s", n, listed(r.ZeroVolume, Session.String))
	}
	if r.FlatTail > 0 {
		add(isWarning, "the last %d closes up to %s do not move: a halt or a stale source", r.FlatTail, r.Last)
	}
	if r.FoldedRows > 0 {
		add(isNote, "%d price rows repeat the one before and were folded", r.FoldedRows)
	}
	if m.Adjustment == Raw && r.Splits == 0 && r.Dividends == 0 && r.Bars > 0 {
		add(isNote, "prices are as traded and no splits or dividends are on file")
	}
	r.News.describe(add, "news items", "they count as known only after that date's close")
	r.Filings.describe(add, "filings", "each is visible from the session after its date")
	switch runs, months := r.silentMonths(); {
	case r.News.Items == 0:
		add(isNote, "no news")
	case months > 0:
		add(isNote, "no news in %d of %d months: %s", months, len(r.Coverage), listed(runs, func(run string) string { return run }))
	}
	if r.Filings.Items == 0 {
		add(isNote, "no filings")
	}
	return findings
}

// silentMonths are the months that have sessions and no news, in runs of such
// months, and how many they are.
func (r *SymbolReport) silentMonths() (runs []string, months int) {
	start, end := "", ""
	endRun := func() {
		switch start {
		case "":
		case end:
			runs = append(runs, start)
		default:
			runs = append(runs, start+" to "+end)
		}
		start = ""
	}
	for _, m := range r.Coverage {
		if m.Sessions == 0 || m.News > 0 {
			endRun()
			continue
		}
		if start == "" {
			start = m.Month
		}
		end = m.Month
		months++
	}
	endRun()
	return runs, months
}

// describe puts the counts of documents into sentences; rule says when one that
// has only a date becomes known.
func (d Documents) describe(add func(kind findingKind, format string, args ...any), what, rule string) {
	if d.DateOnly > 0 {
		add(isNote, "%d of %d %s carry a date and no time: %s", d.DateOnly, d.Items, what, rule)
	}
	if d.Duplicates > 0 {
		add(isNote, "%d of %d %s repeat another of the same session and are folded into it", d.Duplicates, d.Items, what)
	}
	if d.Blank > 0 {
		add(isWarning, "%d of %d %s are blank and are left out", d.Blank, d.Items, what)
	}
	if d.OutsideCalendar > 0 {
		add(isWarning, "%d of %d %s lie outside the calendar; no session can show them", d.OutsideCalendar, d.Items, what)
	}
}

// listed joins the first items of a list and counts the rest.
func listed[T any](items []T, text func(T) string) string {
	const most = 60
	var parts []string
	for _, item := range items[:min(len(items), most)] {
		parts = append(parts, text(item))
	}
	if n := len(items) - most; n > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(parts, ", ")
}
