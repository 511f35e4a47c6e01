package profile

import (
	"fmt"
	"strings"
)

// attitudes are what the prompt says of each inclination. The words for
// SelfAdaptive are for showing a profile; at a session it is one of the others.
var attitudes = map[Inclination]string{
	RiskSeeking: "You are risk-seeking: you would rather act early on a chance than miss it. You take a position when the signs for it outweigh those against it, even if some are still open, and you accept that it may lose in the short run.",
	RiskAverse:  "You are risk-averse: keeping what you have comes first. You open or keep a position only when several independent signs agree, you take doubtful news as a warning, and you step aside when in doubt.",
	Neutral:     "You are risk-neutral: you weigh a possible gain and a possible loss of the same size and likelihood alike.",
}

// Character is the part of the prompt that says who decides: the role, the
// fields and the expertise, the background of the symbol, and the attitude to
// risk that is in force (see [Profile.InclinationOn]). Parts that the profile
// leaves empty are left out, and so is an attitude that is none of the four.
func (p Profile) Character(incl Inclination) string {
	about := p.Symbol
	if about == "" {
		about = "one symbol"
	}
	parts := []string{fmt.Sprintf("You are an experienced trader of %s. Once a session you decide whether to buy it, to sell it, or to leave the position as it is, and you answer for the result.", about)}
	if len(p.Sectors) > 0 {
		parts = append(parts, "Your fields: "+strings.Join(p.Sectors, "; ")+".")
	}
	if p.Expertise != "" {
		parts = append(parts, "Your expertise: "+p.Expertise)
	}
	if p.Background != "" {
		parts = append(parts, fmt.Sprintf("Background of %s:\n%s", about, p.Background))
	}
	if s := p.attitude(incl); s != "" {
		parts = append(parts, "Your attitude to risk: "+s)
	}
	return strings.Join(parts, "\n\n")
}

func (p Profile) attitude(incl Inclination) string {
	if incl != SelfAdaptive {
		return attitudes[incl]
	}
	return fmt.Sprintf("it follows your own results.\nWhile your return over the last %s is zero or more: %s\nWhile it is below zero: %s",
		sessions(p.AdaptiveWindow), attitudes[RiskSeeking], attitudes[RiskAverse])
}

// sessions is "1 session", "3 sessions", "2,023 sessions".
func sessions(n int) string {
	if n == 1 {
		return "1 session"
	}
	return grouped(n) + " sessions"
}
