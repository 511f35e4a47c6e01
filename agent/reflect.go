package agent

import (
	"fmt"
	"strings"

	"finmem/data"
	"finmem/internal/printable"
	"finmem/memory"
)

// Sources of the agent's own events.
const (
	sourceReflection = "reflection"
	sourceReview     = "extended reflection"
)

// lastReflection is the reflection of the session before as events, and the number
// of nights that they have missed: that session's, unless they are of a later one.
func (a *Agent) lastReflection() (events []memory.Event, nights int) {
	if len(a.past) == 0 {
		return nil, 0
	}
	last := a.past[len(a.past)-1]
	if last.Reflection.Known <= last.Session {
		nights = 1
	}
	return a.own(memory.Reflection, sourceReflection, last.Reflection.Known, last.Reflection.Text), nights
}

// decisionText is the immediate reflection on a decision: what was decided in
// which position, and why.
func decisionText(obs Observation, d Decision) string {
	return fmt.Sprintf("On %s I decided to %s while %s at a price of %s. My reason: %s",
		obs.Day.Session, d.Action, side(obs.Account.Shares), amount(lastClose(obs)), d.Reason)
}

// lastClose is the newest price that a decision rests on.
func lastClose(obs Observation) float64 {
	if obs.Day.HasBar || len(obs.Bars) == 0 {
		return obs.Day.Bar.Close
	}
	return obs.Bars[len(obs.Bars)-1].Close
}

// lessonText is the immediate reflection on a warm-up session, which tells the
// move and so becomes known only with it.
func lessonText(lesson Lesson, d Decision) string {
	return fmt.Sprintf("After %s the price moved %s by the close of %s, so the right decision was to %s. What pointed to it: %s",
		lesson.Day.Session, percent(lesson.Return), lesson.Known, d.Action, d.Reason)
}

// reviewText is the extended reflection: what each of several decisions was,
// what it earned and why it was taken, under a line that counts. It is put
// together from recorded facts; no model words it. Reasons share the space of
// one passage evenly.
func reviewText(set []outcome, cfg Config) string {
	earned, lost, open := 0, 0, 0
	for _, o := range set {
		switch o.points() {
		case 1:
			earned++
		case -1:
			lost++
		default:
			open++
		}
	}
	first, last := set[0].past.Session, set[len(set)-1].past.Session
	lines := []string{fmt.Sprintf("My last %s, %s to %s: %d earned, %d lost, %d neither.",
		counted(len(set), "decision"), first, last, earned, lost, open)}
	const overhead = 100 // characters of a line without its reason
	room := max((cfg.PassageChars-overhead)/len(set)-overhead, overhead)
	for _, o := range set {
		lines = append(lines, fmt.Sprintf("%s: %s, %s over %s. Reason: %s", o.past.Session, o.past.Action,
			earnedText(o), counted(o.past.wait(cfg), "session"), printable.Cut(printable.Line(o.past.Reason), room)))
	}
	return strings.Join(lines, "\n")
}

// earnedText says what a decision earned; for a hold, which earns nothing of its
// own, what the price did.
func earnedText(o outcome) string {
	switch {
	case o.past.Action == Hold:
		return "price " + percent(o.move)
	case o.earned() < 0:
		return "lost " + plain(-100*o.earned()) + " %"
	}
	return "earned " + plain(100*o.earned()) + " %"
}

// own is an event of the agent's own words, in as many passages as they need,
// known from session on.
func (a *Agent) own(layer memory.Layer, source string, session data.Session, text string) []memory.Event {
	var events []memory.Event
	parts := passages(printable.Text(text), a.cfg.PassageChars)
	for i, part := range parts {
		e := memory.Event{
			ID:      memory.NewID(a.profile.Symbol, source, string(session), part),
			Symbol:  a.profile.Symbol,
			Layer:   layer,
			Source:  source,
			Session: string(session),
			Text:    part,
			Copies:  1,
		}
		if len(parts) > 1 {
			e.Part = fmt.Sprintf("%d/%d", i+1, len(parts))
		}
		events = append(events, e)
	}
	return events
}
